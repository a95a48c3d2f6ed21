"""``wanmi init --suite``, ``wanmi keys``: what is said, what lies on the disk."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hub.roster import vault
from hub.roster.documents import JoinRequest
from hub.roster.identity import Identity
from hub.suites.registry import SM2
from node.cli import app
from node.cli.speech import Exit
from node.main import offline
from node.settings import load

WORDS, OTHER = "correct horse battery", "another passphrase 22"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "OPS", 1)
    monkeypatch.setattr(vault, "MEMORY_BYTES", 8192)


def run(home: Path, *args: str, lang: str = "en", **env: str) -> Result:
    """Each command as a process of its own would see it: nothing is open from before."""
    vault._opened.clear()
    vault._offered.clear()
    return CliRunner().invoke(app, [*args, "--home", str(home), "--lang", lang], env={
        "WANMI_TOKEN": "", "WANMI_URL": "", "WANMI_HOME": "", "COLUMNS": "80", **env})


def words(folder: Path, text: str = WORDS) -> Path:
    file = folder / f"words-{len(text)}"
    file.write_text(text + "\n")
    file.chmod(0o600)
    return file


def made(folder: Path, *more: str) -> Path:
    home = folder / "home"
    result = run(home, "init", "--id", "420203", "--parent", "420200", "--http-port", "1", *more)
    assert result.exit_code == 0, result.output
    return home


def status(home: Path, **env: str) -> dict[str, object]:
    result = run(home, "keys", "status", "--json", **env)
    assert result.exit_code == 0, result.output
    said: dict[str, object] = json.loads(result.stdout)
    return said


def test_a_node_on_sm2_asks_to_join_with_an_sm2_key(tmp_path: Path) -> None:
    home = made(tmp_path, "--suite", SM2)
    request = JoinRequest.from_json((home / "join-request.json").read_text())
    request.verify(now_us=request.made_at_us)
    assert [key.alg for key in request.sign_keys] == [SM2]
    assert json.loads((home / "keys/identity.json").read_text())["suite"] == SM2
    assert status(home)["suite"] == SM2


def test_a_suite_that_does_not_exist_leaves_no_node_behind(tmp_path: Path) -> None:
    for lang, said in (("en", "the suites are"), ("zh", "套件只有")):
        result = run(tmp_path / "home", "init", "--id", "420200", "--suite", "rsa", lang=lang)
        assert result.exit_code == Exit.REFUSED
        assert "suite.unknown" in result.stderr
        assert said in result.stderr
    assert not (tmp_path / "home/keys/sign.key").exists()


def test_keys_are_sealed_from_the_first_moment(tmp_path: Path) -> None:
    home = made(tmp_path, "--suite", SM2, "--passphrase-file", str(words(tmp_path)))
    for path in vault.private_files(home / "keys"):
        assert vault.is_sealed(path.read_bytes()), path
    assert json.loads((home / "keys/vault.json").read_text())["cipher"] == "sm4-gcm"
    said = status(home)
    assert (said["protected"], said["opens"], said["suite"]) == (True, True, SM2)


def test_protect_change_and_unprotect(tmp_path: Path) -> None:
    home = made(tmp_path)
    before = (home / "keys/sign.key").read_bytes()
    assert not status(home)["protected"]
    file = words(tmp_path)
    result = run(home, "keys", "protect", "--passphrase-file", str(file))
    assert result.exit_code == 0, result.output
    for name in ("sign.key", "tls.key", "nats.seed"):
        assert name in result.stdout
    assert load(home).keyring.passphrase_file == str(file)
    assert status(home)["opens"]
    new = words(tmp_path, OTHER + "!")
    assert run(home, "keys", "passphrase", str(new)).exit_code == 0
    assert load(home).keyring.passphrase_file == str(new)
    assert status(home)["opens"]
    assert run(home, "keys", "unprotect").exit_code == 0
    assert (home / "keys/sign.key").read_bytes() == before
    assert not status(home)["protected"]


def test_the_passphrase_comes_from_the_environment_or_the_service_manager(tmp_path: Path) -> None:
    home = made(tmp_path)
    assert run(home, "keys", "protect", WANMI_KEYRING__PASSPHRASE=WORDS).exit_code == 0
    said = status(home)
    assert (said["opens"], said["code"]) == (False, "keys.passphrase")
    assert status(home, WANMI_KEYRING__PASSPHRASE=WORDS)["opens"]
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "wanmi.passphrase").write_text(WORDS)
    (folder / "wanmi.passphrase").chmod(0o400)
    assert status(home, CREDENTIALS_DIRECTORY=str(folder))["opens"]
    assert not status(home, WANMI_KEYRING__PASSPHRASE=OTHER)["opens"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_node_that_cannot_open_its_keys_says_why_and_what_to_do(
    tmp_path: Path, lang: str
) -> None:
    home = made(tmp_path, "--passphrase-file", str(words(tmp_path)))
    (home / "wanmi.toml").write_text(
        (home / "wanmi.toml").read_text().replace("passphrase_file = ", "# "))
    for env in ({}, {"WANMI_KEYRING__PASSPHRASE": OTHER}):
        result = run(home, "link", "request", lang=lang, **env)
        assert result.exit_code == Exit.REFUSED
        assert "keys.passphrase" in result.stderr
        assert "passphrase_file" in result.stderr
        assert "LoadCredential" in result.stderr
        assert WORDS not in result.output
        assert OTHER not in result.output


def test_a_home_without_a_passphrase_needs_none(tmp_path: Path) -> None:
    home = made(tmp_path)
    assert Identity.load(load(home).keys).node == "420203"
    assert offline.offline_findings(home) is not None


def test_going_over_to_another_suite_is_said_step_by_step(tmp_path: Path) -> None:
    home = made(tmp_path)
    assert run(home, "keys", "change", "--suite", SM2, "--end").exit_code == Exit.USAGE
    begun = run(home, "keys", "change", "--suite", SM2)
    assert begun.exit_code == 0, begun.output
    for step in ("start the node", "roster add", "keys change --end"):
        assert step in begun.stdout
    request = JoinRequest.from_json((home / "join-request.json").read_text())
    request.verify(now_us=request.made_at_us)
    assert [key.alg for key in request.sign_keys] == ["ed25519", SM2]
    assert (home / "keys/sign-next.key").stat().st_mode & 0o777 == 0o600
    twice = run(home, "keys", "change", "--suite", SM2, lang="zh")
    assert twice.exit_code == Exit.REFUSED
    assert "正在更换签名密钥" in twice.stderr
    ended = run(home, "keys", "change", "--end", lang="zh")
    assert ended.exit_code == 0
    assert request.sign_keys[1].key_id in ended.stdout
    assert status(home)["suite"] == SM2
    assert run(home, "keys", "change", "--end").exit_code == Exit.REFUSED


def test_what_is_done_to_keys_is_in_the_audit_log(tmp_path: Path) -> None:
    home = made(tmp_path)
    for step in (("protect", "--passphrase-file", str(words(tmp_path))),
                 ("passphrase", str(words(tmp_path, OTHER + "!"))),
                 ("change", "--suite", SM2), ("change", "--end"), ("data", "--renew"),
                 ("unprotect",)):
        assert run(home, "keys", *step).exit_code == 0, step
    with closing(sqlite3.connect(home / "data/wanmi.db")) as conn:
        rows = conn.execute("SELECT action, subject, detail FROM audit_log ORDER BY n").fetchall()
    done = [action for action, subject, _ in rows if subject in ("keys:", "personal:")]
    assert done == ["SealKeys", "ChangePassphrase", "AddSignKey", "EndSignKey", "RenewDataKey",
                    "ResealPersonal", "UnsealKeys"]
    text = repr(rows)
    assert WORDS not in text
    assert OTHER not in text


def test_to_a_key_of_the_same_suite_it_goes_over_by_itself(tmp_path: Path) -> None:
    home = made(tmp_path)
    begun = run(home, "keys", "change")
    assert begun.exit_code == 0, begun.output
    assert "goes over by itself" in begun.stdout
    identity = Identity.load(home / "keys")
    assert identity.held.keys.beside_ends
    assert identity.signers[1].alg == identity.signers[0].alg
