"""``wanmi keys``: the private keys of this node, sealed under a passphrase or not."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.errors import FabricError
from node.cli.client import answers
from node.cli.composition import composition
from node.cli.home import REQUEST_FILE, settings_file, settings_of, with_values, write_private
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble

group = typer.Typer(no_args_is_help=True, help="本节点的私钥 (this node's private keys)")

FileOption = Annotated[Path | None, typer.Option(
    "--passphrase-file", help="口令文件，权限 600，放在节点目录之外；写入 wanmi.toml "
    "(file of mode 600 outside of the home; noted in wanmi.toml)", dir_okay=False)]


@command(group, "status", "用什么套件、私钥是否加密 (suites, and what is sealed)")
def status(session: Session) -> None:
    from hub.roster import vault

    speech, settings = session.speech, session.settings()
    files = [
        {"file": str(path.relative_to(settings.keys)),
         "sealed": vault.is_sealed(path.read_bytes())}
        for path in vault.private_files(settings.keys)
    ]
    protected = (settings.keys / vault.VAULT_FILE).exists()
    said: dict[str, Any] = {"protected": protected, "files": files, "suite": "", "key_id": ""}
    try:
        said |= _suite(settings.keys)
        said["opens"] = True
    except FabricError as error:
        said |= {"opens": False, "code": error.code, "why": str(error)}

    def draw() -> None:
        if said["opens"]:
            speech.say(speech.t("keys.suite", suite=said["suite"], key_id=said["key_id"]))
        else:
            speech.say(speech.t("keys.closed", why=said["why"]))
        speech.say(speech.t("keys.protected" if protected else "keys.bare"))
        for one in files:
            if one["sealed"] != protected:
                speech.say(speech.t("keys.unlike", file=one["file"]))

    speech.show(said, draw)


@command(group, "protect", "用口令加密全部私钥；节点须已停下 (seal the private keys)")
def protect(session: Session, passphrase_file: FileOption = None) -> None:
    """The passphrase is the one a start will use, so that what is sealed here opens there."""
    from hub.roster import vault
    from hub.suites.cipher import AES, SM4
    from hub.suites.registry import SM2

    speech = session.speech
    _stopped(session)
    if passphrase_file is not None:
        vault.passphrase_in(passphrase_file)
        _note(session, passphrase_file)
    settings = session.settings()
    passphrase = settings.passphrase()
    fresh = not (settings.keys / vault.VAULT_FILE).exists()
    cipher = SM4 if fresh and _suite(settings.keys)["suite"] == SM2 else AES
    done = vault.protect(settings.keys, passphrase, cipher=cipher)
    _record(session, "SealKeys", {"files": len(done)})
    _said(speech, "keys.sealed", settings.keys, done)


@command(group, "unprotect", "解除私钥加密；节点须已停下 (open the private keys for good)")
def unprotect(session: Session) -> None:
    from hub.roster import vault

    _stopped(session)
    settings = session.settings()
    done = vault.unprotect(settings.keys)
    _record(session, "UnsealKeys", {"files": len(done)})
    _said(session.speech, "keys.opened", settings.keys, done)


@command(group, "passphrase", "换口令；节点须已停下 (another passphrase)")
def passphrase(
    session: Session,
    new: Annotated[Path, typer.Argument(
        help="新口令文件，权限 600 (file with the new one)", dir_okay=False)],
) -> None:
    """The keys are not touched; the settings name the new file from now on."""
    from hub.roster import vault

    _stopped(session)
    settings = session.settings()
    vault.change_passphrase(settings.keys, vault.passphrase_in(new))
    _note(session, new)
    _record(session, "ChangePassphrase", {})
    session.speech.show({"passphrase_file": str(new.absolute())},
                        lambda: session.speech.say(session.speech.t("keys.changed")))


@command(group, "change", "更换签名密钥（可换套件），收发不中断 (go over to another sign key)")
def change(
    session: Session, *,
    suite: Annotated[str, typer.Option(
        help="ed25519 或 sm2，默认不换套件 (suite; default: as today)")] = "",
    device: Annotated[str, typer.Option(
        help="新密钥在密码设备中，写地址 pkcs11:…；须停机 (the new key lives in a device)")] = "",
    end: Annotated[bool, typer.Option(
        "--end", help="只用新密钥 (the new key alone from now on)")] = False,
) -> None:
    """To a new key of the same suite the node goes over by itself, once its roster lists it. To
    another suite, or to a key in a device, both seal until ``--end``. At a running node at once,
    else from its next start on."""
    speech = session.speech
    if [bool(suite), bool(device), end].count(True) > 1:
        raise speech.trouble(Exit.USAGE, "keys.change.how")
    if device:
        _stopped(session)
    if not session.online():
        _change_stopped(session, suite=suite, device=device, end=end)
        return
    with session.api() as api:
        said = api.post("/keys/change/end" if end else "/keys/change",
                        {} if end else {"suite": suite})
    speech.show(said, lambda: speech.say(_standing(speech, said)))


@command(group, "renew", "立即向上级换发证书和邮箱密钥 (a newer certificate from the parent, now)")
def renew(session: Session) -> None:
    """The running node does so by itself at two thirds of a certificate's life."""
    with session.api() as api:
        said = api.post("/keys/renew")
    session.speech.show(said, lambda: session.speech.say(session.speech.t("keys.renewing")))


def _standing(speech: Speech, said: dict[str, Any]) -> str:
    if not said["beside"]:
        return speech.t("keys.now", **said)
    return speech.t("keys.by_itself" if said["by_itself"] else "keys.by_hand", **said)


def _change_stopped(session: Session, *, suite: str, device: str, end: bool) -> None:
    from hub.roster import join
    from hub.roster.identity import Identity
    from hub.roster.keys import SignKey

    speech = session.speech
    identity = Identity.load(session.settings().keys)
    now_us = time.time_ns() // 1_000
    if end:
        gone = identity.gone_over()
        _record(session, "EndSignKey", {"suite": gone.sign.alg, "key_id": gone.sign.key_id,
                                        "before": identity.sign.key_id})
        speech.show({"suite": gone.sign.alg, "key_id": gone.sign.key_id},
                    lambda: speech.say(speech.t("keys.gone_over", suite=gone.sign.alg,
                                                key_id=gone.sign.key_id)))
        return
    same = not device and suite in ("", identity.sign.alg)
    grown = identity.going_over(
        suite or identity.sign.alg, now_us=now_us, ends=same,
        made=SignKey.in_device(device) if device else None)
    assert grown.beside is not None, "it has a second key now"
    said = {"suite": grown.beside.alg, "key_id": grown.beside.key_id, "request": ""}
    _record(session, "AddSignKey", {"suite": grown.beside.alg, "key_id": grown.beside.key_id,
                                    "device": bool(device)})
    if grown.is_root:
        join.list_own_keys(grown, now_us=now_us)
    else:
        file = session.home / REQUEST_FILE
        told = composition(speech).told(session.home)
        write_private(file, join.make_join_request(grown, now_us=now_us, **told).to_json())
        said["request"] = str(file)

    def draw() -> None:
        speech.say(speech.t("keys.going_over", **said))
        if same:
            speech.say(speech.t("keys.going_over.same"))
        else:
            speech.say(speech.t(
                "keys.going_over.root" if grown.is_root else "keys.going_over.child", **said))

    speech.show(said, draw)


@command(group, "data", "姓名电话的密钥：换新、重写已有数据 (key of names and phones)")
def data(
    session: Session, *,
    renew: Annotated[bool, typer.Option(
        "--renew", help="换新密钥，旧的仍能解密 (a new key; old ones still open)")] = False,
    cipher: Annotated[str, typer.Option(
        help="aes-256-gcm 或 sm4-gcm，默认随签名套件 (cipher; default: as the suite)")] = "",
) -> None:
    """Bring what lies in the database to what the settings say: sealed under the newest key where
    ``[personal] sealed`` is true, else open."""
    speech, main = session.speech, composition(session.speech)
    _stopped(session)
    settings = session.settings()
    suite = _suite(settings.keys)["suite"]
    if renew:
        key = main.renew_data_key(session.home, suite=suite, cipher=cipher)
        _record(session, "RenewDataKey", {"cipher": key.alg, "key_id": key.key_id.hex()})
        speech.note(speech.t("keys.data.renewed", cipher=key.alg, key_id=key.key_id.hex()))
    done = main.reseal(session.home, suite=suite, progress=lambda _count: None)
    said = {**done, "sealed": settings.personal.sealed}
    speech.show(said, lambda: speech.say(speech.t(
        "keys.data.sealed" if said["sealed"] else "keys.data.open", **done)))


def _stopped(session: Session) -> None:
    """A running node reads some of these files again, by the passphrase of its start."""
    if answers(session.settings()):
        raise session.speech.trouble(Exit.REFUSED, "keys.running")


def _record(session: Session, action: str, detail: Mapping[str, str | int | bool]) -> None:
    """Have it written into the audit log. What was done stands, even if nobody could write it
    down; then that is said."""
    try:
        composition(session.speech).note(session.home, action, "keys:", detail)
    except (Trouble, FabricError) as error:
        session.speech.note(session.speech.t("backup.unrecorded", reason=error))


def _note(session: Session, file: Path) -> None:
    toml = settings_file(session.home)
    write_private(toml, with_values(toml.read_text(encoding="utf-8"), "keyring", {
        "passphrase_file": str(file.absolute())}))
    settings_of(session.home, session.speech)  # what was written can be read


def _suite(keys: Path) -> dict[str, str]:
    from hub.roster.holding import SIGN_FILE
    from hub.roster.keys import SignKey

    key = SignKey.load(keys / SIGN_FILE)
    return {"suite": key.alg, "key_id": key.key_id}


def _said(speech: Speech, text: str, keys: Path, done: list[Path]) -> None:
    names = [str(path.relative_to(keys)) for path in done]

    def draw() -> None:
        speech.say(speech.t(text, count=len(names)))
        for name in names:
            speech.say(f"  {name}")

    speech.show({"files": names}, draw)
