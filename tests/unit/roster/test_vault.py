"""Private files at rest: sealed under a passphrase, opened once per process."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.carriers.tls import TlsFiles
from hub.errors import Malformed, Untrusted
from hub.roster import vault
from hub.roster.identity import Identity
from hub.roster.keys import NatsKey, SignKey, TlsKey, read_secret
from hub.suites.cipher import AES, ALGORITHMS
from hub.suites.registry import ED25519, SM2
from node.main.secrets import REPORTER_FILE, secret
from tests.trees import CITY, NOW, newcomer

WORDS, OTHER = b"correct horse battery", b"another passphrase 22"
COST = 1, 8192
"""Of Argon2id in these tests: what is proven does not depend on it."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "OPS", COST[0])
    monkeypatch.setattr(vault, "MEMORY_BYTES", COST[1])


def forgotten(directory: Path) -> None:
    """As in another process."""
    vault._opened.pop(directory.absolute(), None)
    vault._offered.pop(directory.absolute(), None)


def given(words: bytes) -> Callable[[], bytes]:
    return lambda: words


@pytest.mark.parametrize("cipher", ALGORITHMS)
@pytest.mark.parametrize("suite", [ED25519, SM2])
def test_every_private_file_is_sealed_and_opens_again(
    tmp_path: Path, suite: str, cipher: str
) -> None:
    city = newcomer(tmp_path, CITY, None, suite=suite)
    keys = city.directory
    authority, own = city.authority(now_us=NOW), secret(keys / REPORTER_FILE)
    before = {path.name: path.read_bytes() for path in vault.private_files(keys)}
    assert set(before) == {"sign.key", "tls.key", "nats.seed", "roster.key", "ca.key",
                           "reporter.key"}
    done = vault.protect(keys, WORDS, cipher=cipher)
    assert {path.name for path in done} == set(before)
    for path in vault.private_files(keys):
        assert path.stat().st_mode & 0o777 == 0o600
        for line in before[path.name].splitlines():
            assert line.startswith(b"-----") or line not in path.read_bytes()
    forgotten(keys)
    vault.offer(keys, given(WORDS))
    again = Identity.load(keys)
    assert again.sign.public == city.sign.public
    assert again.tls.spki_digest() == city.tls.spki_digest()
    assert again.nats.public == city.nats.public
    assert again.roster_signer().public == city.roster_signer().public
    assert again.authority(now_us=NOW).fingerprint() == authority.fingerprint()
    assert secret(keys / REPORTER_FILE) == own
    assert {path.name for path in vault.unprotect(keys)} == set(before)
    assert {path.name: path.read_bytes() for path in vault.private_files(keys)} == before
    assert not (keys / "vault.json").exists()
    Identity.load(keys)


def test_without_the_passphrase_it_says_so_and_shows_nothing(tmp_path: Path) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    vault.protect(keys, WORDS)
    forgotten(keys)
    with pytest.raises(Untrusted) as nobody:
        Identity.load(keys)
    vault.offer(keys, given(OTHER))
    with pytest.raises(Untrusted) as wrong:
        Identity.load(keys)
    for refused in (nobody, wrong):
        assert refused.value.code == "keys.passphrase"
        assert str(keys) in str(refused.value)
        assert WORDS.decode() not in str(refused.value)
        assert OTHER.decode() not in str(refused.value)
    with pytest.raises(Untrusted) as again:
        vault.protect(keys, OTHER)
    assert again.value.code == "keys.passphrase"


def test_the_dear_derivation_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    vault.protect(keys, WORDS)
    forgotten(keys)
    asked: list[int] = []

    def words() -> bytes:
        asked.append(1)
        return WORDS

    vault.offer(keys, words)
    assert asked == []
    for _ in range(3):
        Identity.load(keys)
    assert asked == [1]


def test_a_key_that_is_made_later_is_sealed_as_it_is_made(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    vault.protect(keys, WORDS)
    deep = keys / "mailboxes" / "one"
    deep.mkdir(parents=True)
    for kind, path in ((SignKey, keys / "sign.key"), (TlsKey, deep / "server.key"),
                       (NatsKey, keys / "nats.seed")):
        kind.generate().save(path)
        assert vault.is_sealed(path.read_bytes())
        kind.load(path)
    assert secret(keys / REPORTER_FILE) == secret(keys / REPORTER_FILE)
    assert vault.is_sealed((keys / REPORTER_FILE).read_bytes())


def test_what_a_power_cut_left_half_done_is_read_and_gone_on_with(tmp_path: Path) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    plain = (keys / "tls.key").read_bytes()
    vault.protect(keys, WORDS)
    (keys / "tls.key").write_bytes(plain)
    Identity.load(keys)
    assert [path.name for path in vault.protect(keys, WORDS)] == ["tls.key"]


def test_another_passphrase_touches_no_key(tmp_path: Path) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    vault.protect(keys, WORDS)
    before = {path.name: path.read_bytes() for path in vault.private_files(keys)}
    vault.change_passphrase(keys, OTHER)
    assert {path.name: path.read_bytes() for path in vault.private_files(keys)} == before
    forgotten(keys)
    vault.offer(keys, given(WORDS))
    with pytest.raises(Untrusted):
        Identity.load(keys)
    vault.offer(keys, given(OTHER))
    Identity.load(keys)


@pytest.mark.parametrize("field", ["salt", "master", "ops"])
def test_a_damaged_vault_is_refused(tmp_path: Path, field: str) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    vault.protect(keys, WORDS)
    forgotten(keys)
    file = keys / "vault.json"
    document = json.loads(file.read_bytes())
    if field == "ops":
        document["kdf"]["ops"] = 10**9  # it would not end in this life
    elif field == "salt":
        document["kdf"]["salt"] = secrets.token_hex(16)
    else:
        document["master"] = document["master"][:-8] + "AAAAAAA="
    file.write_text(json.dumps(document))
    vault.offer(keys, given(WORDS))
    with pytest.raises((Untrusted, Malformed)) as refused:
        Identity.load(keys)
    assert refused.value.code in {"keys.passphrase", "keys.malformed"}


def test_a_sealed_file_without_its_vault_or_of_another_one_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        vault.protect(folder, WORDS)
        SignKey.generate().save(folder / "sign.key")
    (one / "sign.key").write_bytes((other / "sign.key").read_bytes())
    with pytest.raises(Malformed):
        SignKey.load(one / "sign.key")
    (other / "vault.json").unlink()
    with pytest.raises(Malformed) as refused:
        SignKey.load(other / "sign.key")
    assert "vault.json" in str(refused.value)


def test_a_passphrase_file_is_its_owners_alone_and_long_enough(tmp_path: Path) -> None:
    file = tmp_path / "words"
    with pytest.raises(Untrusted) as absent:
        vault.passphrase_in(file)
    assert absent.value.code == "keys.passphrase"
    file.write_bytes(b" " + WORDS + b"\n")
    file.chmod(0o640)
    with pytest.raises(Untrusted) as exposed:
        vault.passphrase_in(file)
    assert exposed.value.code == "keys.passphrase_exposed"
    file.chmod(0o400)
    assert vault.passphrase_in(file) == WORDS
    file.chmod(0o600)
    for words in (b"short", b"x" * 2000):
        file.write_bytes(words)
        with pytest.raises(Malformed) as short:
            vault.passphrase_in(file)
        assert short.value.code == "keys.passphrase_short"


def test_a_library_that_reads_files_gets_one_that_exists_in_memory_alone(tmp_path: Path) -> None:
    keys = newcomer(tmp_path, CITY, None).directory
    plain = read_secret(keys / "tls.key")
    files = TlsFiles(ca=keys / "x", certificate=keys / "x", key=keys / "tls.key")
    assert not files.sealed
    with files.key_file() as path:
        assert path == keys / "tls.key"
    vault.protect(keys, WORDS, cipher=AES)
    assert files.sealed
    assert files.private_key() == plain
    with files.key_file() as path:
        assert path.read_bytes() == path.read_bytes() == plain
        assert os.readlink(path).startswith("/memfd:")
    assert not path.exists()
