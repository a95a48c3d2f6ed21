"""``init``, ``serve``, ``migrate``, ``version``: a node's life on its own machine."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.ids import node_id
from node.cli.client import setup_url
from node.cli.composition import composition
from node.cli.home import (
    REQUEST_FILE,
    TOKEN_FILE,
    has_settings,
    render_settings,
    settings_file,
    settings_of,
    write_private,
)
from node.cli.session import Session, command
from node.cli.speech import Exit, Speech, Trouble

if TYPE_CHECKING:
    from hub.roster.keys import SignKey

group = typer.Typer()


@command(group, "init", "建立节点：密钥、设置、数据库，并显示一次访问令牌 (make a node)")
def init(
    session: Session,
    *,
    id_: Annotated[str, typer.Option(
        "--id", help="节点标识：区划代码或统一社会信用代码 (node id)")],
    name: Annotated[str, typer.Option(help="显示名称 (name on screens)")] = "",
    profile: Annotated[str, typer.Option(help="权限配置名称或路径 (profile)")] = "",
    parent: Annotated[str, typer.Option(help="上级节点标识；留空为根 (parent; empty = root)")] = "",
    http_port: Annotated[int, typer.Option(min=0, max=65535)] = 8080,
    grpc_port: Annotated[int, typer.Option(min=0, max=65535)] = 8443,
    nats_port: Annotated[int, typer.Option(min=0, max=65535)] = 4222,
    nats: Annotated[bool, typer.Option(
        "--nats", help="内嵌 nats-server (run a mailbox server for children)")] = False,
    database_url: Annotated[str, typer.Option(
        envvar="WANMI_DATABASE__URL", help="留空为 SQLite (empty = SQLite)")] = "",
    suite: Annotated[str, typer.Option(
        help="签名套件 ed25519（配 SHA-256）或 sm2（配 SM3） (crypto suite)")] = "ed25519",
    passphrase_file: Annotated[Path | None, typer.Option(
        help="用此文件中的口令加密私钥，权限 600 (seal the private keys under it)",
        dir_okay=False)] = None,
    sign_device: Annotated[str, typer.Option(
        help="签名密钥在密码设备中的地址 pkcs11:… (sign key in a device)")] = "",
    roster_device: Annotated[str, typer.Option(
        help="根节点名册密钥在密码设备中的地址 (roster key of a root, in a device)")] = "",
) -> None:
    """Make everything a node needs before its first start. Never overwrites a node."""
    speech = session.speech
    said = establish(
        session, id_=id_, name=name, profile=profile, parent=parent, http_port=http_port,
        grpc_port=grpc_port, nats_port=nats_port, nats=nats, database_url=database_url,
        suite=suite, passphrase_file=passphrase_file, sign_device=sign_device,
        roster_device=roster_device,
    )

    def draw() -> None:
        draw_made(speech, said)
        if parent:
            speech.say(speech.t("init.child", request=said["request"], parent=parent))
        else:
            speech.say(speech.t("root.fingerprint", fingerprint=said["root_fingerprint"]))
            speech.say(speech.t("init.root", home=session.home))
        draw_first(speech, said)

    speech.show(said, draw)


def draw_made(speech: Speech, said: Mapping[str, str]) -> None:
    """What was made, and the token that is shown once."""
    speech.say(speech.t("init.done", id=said["id"], name=said["name"], home=said["home"]))
    speech.say(speech.t("token.shown", token=said["token"]))


def draw_first(speech: Speech, said: Mapping[str, str]) -> None:
    """Where the first account is set up, if there is none yet."""
    if said["first_account"]:
        speech.say(speech.t("account.link.first", until=speech.time(said["first_until"])))
        speech.say(said["first_account"])


def establish(
    session: Session,
    *,
    id_: str,
    name: str,
    profile: str,
    parent: str,
    http_port: int,
    grpc_port: int,
    nats_port: int,
    nats: bool,
    database_url: str,
    suite: str,
    passphrase_file: Path | None,
    sign_device: str = "",
    roster_device: str = "",
) -> dict[str, str]:
    """Make a node; returns what is to be said of it. Raises ``Trouble``."""
    from hub.errors import Untrusted
    from hub.roster import join
    from hub.roster.identity import Identity
    from hub.suites.registry import suite_of

    speech, home = session.speech, session.home
    if has_settings(home):
        raise speech.trouble(
            Exit.HOME, "home.taken", home=home, id=settings_of(home, speech).node.id)
    try:
        node, above = node_id(id_), node_id(parent) if parent else None
    except ValueError as error:
        raise _no_node_id(speech, id_, parent) from error
    if parent == id_:
        raise speech.trouble(Exit.USAGE, "init.own_parent", id=id_)
    main = composition(speech)
    profile = profile or ("district" if parent else "city")
    try:
        main.check_profile(home, profile)
    except (OSError, ValueError) as error:
        raise speech.trouble(Exit.USAGE, "init.profile", profile=profile, reason=error) from error
    for folder in ("keys", "data", "blobs", "nats", "adapters"):
        (home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    now_us = time.time_ns() // 1000
    if passphrase_file is not None:
        _protect(home / "keys", passphrase_file, suite)
    sign, roster_sign = _in_device(sign_device), _in_device(roster_device)
    try:
        identity = Identity.create(
            home / "keys", node=node, name=name or id_, parent=above, now_us=now_us,
            suite=suite, sign=sign, roster_sign=roster_sign)
    except Untrusted:
        # An earlier run was cut short after the keys: go on with them, if they are for this node.
        identity = Identity.load(home / "keys")
        wanted = suite if sign is None else sign.alg
        if (identity.node, identity.parent, identity.sign.alg) != (node, above, wanted):
            raise
    if above is None:
        join.found(identity, now_us=now_us)
    # The settings come last but one: whoever finds them finds a node with keys.
    write_private(settings_file(home), render_settings(
        id_=id_, name=name or id_, profile=profile,
        parent=parent, http_port=http_port, grpc_port=grpc_port, nats_port=nats_port, nats=nats,
        database_url=database_url,
        passphrase_file=str(passphrase_file.absolute()) if passphrase_file is not None else "",
        audit_digest=suite_of(identity.sign.alg).digest.value,
    ))
    try:
        settings_of(home, speech)
        if above is not None:
            request = join.make_join_request(identity, now_us=now_us, **main.told(home)).to_json()
            (home / REQUEST_FILE).write_text(request, encoding="utf-8")
        main.migrate(home)
    except BaseException:
        # Without its database this is no node yet: the same line may be run again, corrected.
        settings_file(home).unlink()
        raise
    token = main.create_token(home, "init", "admin", ("*",))
    own = main.create_token(home, "cli", "admin", ("*",))
    write_private(home / "keys" / TOKEN_FILE, own + "\n")
    invited = main.first_link(home)
    return {"id": id_, "name": name or id_, "home": str(home), "token": token,
            "first_account": setup_url(settings_of(home, speech), invited) if invited else "",
            "first_until": str(invited.expires_at) if invited else "",
            "request": str(home / REQUEST_FILE) if parent else "",
            "root_fingerprint": "" if parent else join.fingerprint_of(identity.root_key())}


def _in_device(address: str) -> SignKey | None:
    """The key that a device holds, None where no address was given."""
    from hub.roster.keys import SignKey

    return SignKey.in_device(address) if address else None


def _protect(keys: Path, passphrase_file: Path, suite: str) -> None:
    """From now on private files are sealed as they are made: none lies open for a moment."""
    from hub.roster import vault
    from hub.suites.cipher import AES, SM4
    from hub.suites.registry import SM2

    vault.protect(keys, vault.passphrase_in(passphrase_file), cipher=SM4 if suite == SM2 else AES)


def _no_node_id(speech: Speech, *given: str) -> Trouble:
    """Which of the given ids is none; ids that are only too small in their letters are shown
    as they should be."""
    for text in filter(None, given):
        try:
            node_id(text)
        except ValueError:
            try:
                better = node_id(text.strip().upper())
            except ValueError:
                break
            return speech.trouble(Exit.USAGE, "init.letters", given=text, better=better)
    return speech.trouble(Exit.USAGE, "init.id", given=text)


@command(group, "serve", "运行节点，直到 Ctrl-C (run the node until a signal)")
def serve(session: Session) -> None:
    """Hand this process over to the node; its status is ours. The command line's own machinery
    does not stay, nor do the column tables of tracebacks: both would lie in the memory of every
    street for years. Its threads share one heap of the C library: a heap for each would stay half
    empty for ever."""
    session.settings()
    lean = (sys.executable, "-X", "no_debug_ranges", "-m", "node", str(session.home),
            session.speech.language)
    os.putenv("MALLOC_ARENA_MAX", "1")
    os.execv(sys.executable, lean)  # noqa: S606 - the interpreter we run on, no shell


@command(group, "migrate", "把数据库升级到本版本的结构 (bring the schema up to date)")
def migrate(session: Session) -> None:
    session.settings()
    composition(session.speech).migrate(session.home)
    session.speech.say(session.speech.t("migrate.done"))


@command(group, "version", "显示版本 (print the version)")
def version(session: Session) -> None:
    session.speech.show({"version": version_of("wanmi")},
                        lambda: session.speech.say(f"wanmi {version_of('wanmi')}"))

