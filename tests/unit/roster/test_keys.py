"""Private keys: only for their owner's eyes, and never in anything that is shown."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path

import pytest

from hub.errors import Malformed, Untrusted
from hub.roster.keys import NatsKey, SignKey, TlsKey
from hub.suites.registry import ED25519, SM2, key_id_of, verify
from tests.trees import NOW, grow


@pytest.mark.parametrize("kind", [SignKey, TlsKey, NatsKey])
def test_a_key_file_is_readable_by_its_owner_alone(
    tmp_path: Path, kind: type[SignKey] | type[TlsKey] | type[NatsKey]
) -> None:
    path = tmp_path / "one.key"
    kind.generate().save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    kind.load(path)
    path.chmod(0o640)
    with pytest.raises(Untrusted) as refused:
        kind.load(path)
    assert refused.value.code == "keys.exposed"


@pytest.mark.parametrize("kind", [SignKey, TlsKey, NatsKey])
def test_a_key_is_never_overwritten(
    tmp_path: Path, kind: type[SignKey] | type[TlsKey] | type[NatsKey]
) -> None:
    path = tmp_path / "one.key"
    kind.generate().save(path)
    before = path.read_bytes()
    with pytest.raises(Untrusted) as refused:
        kind.generate().save(path)
    assert refused.value.code == "keys.exist"
    assert path.read_bytes() == before


@pytest.mark.parametrize("suite", [ED25519, SM2])
def test_a_loaded_key_signs_like_the_one_that_was_saved(tmp_path: Path, suite: str) -> None:
    key = SignKey.generate(suite)
    key.save(tmp_path / "sign.key")
    again = SignKey.load(tmp_path / "sign.key")
    assert again.key_id == key.key_id == key_id_of(key.public, suite)
    assert verify(suite, key.public, again.sign(b"word"), b"word")
    assert not verify(suite, key.public, again.sign(b"word"), b"worD")
    assert not verify(suite, key.public, b"short", b"word")


def test_the_wrong_kind_of_file_is_refused_without_quoting_it(tmp_path: Path) -> None:
    TlsKey.generate().save(tmp_path / "tls.key")
    with pytest.raises(Malformed) as refused:
        SignKey.load(tmp_path / "tls.key")
    assert refused.value.code == "keys.malformed"
    with pytest.raises(Malformed):
        NatsKey.load(tmp_path / "tls.key")
    with pytest.raises(Untrusted) as refused_missing:
        SignKey.load(tmp_path / "absent.key")
    assert refused_missing.value.code == "keys.missing"


def test_a_damaged_key_file_is_not_quoted_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "sign.key"
    SignKey.generate().save(path)
    text = path.read_text()
    canary = text.splitlines()[1][:20]
    path.write_text(text.replace("-----END", "-----BROKEN"))
    with pytest.raises(Malformed) as refused:
        SignKey.load(path)
    assert canary not in str(refused.value)


def test_no_private_byte_shows_in_repr_str_log_or_pickle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tree = grow(tmp_path)
    canaries: list[str] = []
    for identity in (tree.city, tree.district, tree.street):
        for path in sorted(identity.directory.glob("*.key")):
            canaries += [line for line in path.read_text().splitlines() if "-----" not in line]
        canaries.append((identity.directory / "nats.seed").read_text().strip())
    assert len(canaries) > 10
    shown: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for identity in (tree.city, tree.district, tree.street):
            authority = identity.authority(now_us=NOW)
            for thing in (identity, identity.sign, identity.tls, identity.nats, authority):
                shown += [repr(thing), str(thing), f"{thing}"]
                logging.getLogger("canary").debug("%s %r", thing, thing)
            kit = identity.kit()
            shown += [repr(kit), kit.to_json() if kit else ""]
            for child in identity.children():
                shown += [repr(child), child.request.to_json()]
            for key in (identity.sign, identity.tls, identity.nats):
                with pytest.raises(TypeError):
                    pickle.dumps(key)
    text = "\n".join([*shown, caplog.text])
    assert [canary for canary in canaries if canary in text] == []
