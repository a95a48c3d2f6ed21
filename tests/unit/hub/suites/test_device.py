"""Keys in a device: their address, what is refused, and a session that was lost. The device itself
is tried by ``make hsm``."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pkcs11 import Mechanism
from pkcs11.exceptions import DeviceRemoved, SessionHandleInvalid

from hub.errors import Malformed, Unreachable, Untrusted
from hub.roster.keys import SignKey, write_secret
from hub.seal import ED25519
from hub.suites import device as devices
from hub.suites.device import Address, DeviceKey, is_address, pin_in
from hub.suites.registry import verify

URI = "pkcs11:token=wanmi%20one;object=sign?module-path=/usr/lib/vendor.so&pin-source=file:/etc/pin"


class Softly:
    """What a session offers of a key, in memory; ``breaks``: errors that come first."""

    def __init__(self, private: Ed25519PrivateKey, *breaks: Exception) -> None:
        self._private = private
        self._breaks = list(breaks)
        self._busy = threading.Lock()

    def sign(self, data: bytes, *, mechanism: Mechanism) -> bytes:
        assert mechanism is Mechanism.EDDSA
        assert self._busy.acquire(blocking=False), "two threads in one session"
        try:
            if self._breaks:
                raise self._breaks.pop(0)
            return self._private.sign(data)
        finally:
            self._busy.release()


def device(*sessions: Softly | Exception) -> DeviceKey:
    """A key whose sessions are opened one after another."""
    waiting = list(sessions)

    def opened(address: Address) -> tuple[Any, Any, bytes]:
        assert address.label == "sign"
        session = waiting.pop(0)
        if isinstance(session, Exception):
            raise session
        return None, session, session._private.public_key().public_bytes_raw()

    return DeviceKey(Address.of(URI), opened)


def test_an_address_says_token_key_module_and_where_the_pin_lies() -> None:
    found = Address.of(URI + "\n")
    assert (found.token, found.label) == ("wanmi one", "sign")
    assert (str(found.module), str(found.pin_file)) == ("/usr/lib/vendor.so", "/etc/pin")
    assert is_address(b" pkcs11:token=x")
    assert not is_address(b"-----BEGIN PRIVATE KEY-----")


@pytest.mark.parametrize(("uri", "said"), [
    ("pkcs11:token=a;object=b?module-path=/m", "pin-source"),
    ("pkcs11:object=b?module-path=/m&pin-source=file:/p", "token"),
    ("token=a;object=b?module-path=/m&pin-source=file:/p", "pkcs11:"),
    ("pkcs11:token=a;object=b?module-path=m.so&pin-source=file:/p", "absolute"),
    (URI + "&pin-value=123456", "pin-source"),
])
def test_a_wrong_address_is_refused_and_never_quoted(uri: str, said: str) -> None:
    with pytest.raises(Malformed) as refused:
        Address.of(uri)
    assert refused.value.code == "keys.address"
    assert said in str(refused.value)
    assert "123456" not in str(refused.value)


def test_a_pin_lies_in_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    for mode in (None, 0o640):
        if mode:
            file.write_text("123456\n")
            file.chmod(mode)
        with pytest.raises(Untrusted) as refused:
            pin_in(file)
        assert refused.value.code == "keys.pin"
    file.chmod(0o600)
    assert pin_in(file) == "123456"


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("123456")
    pin.chmod(0o600)
    uri = f"pkcs11:token=a;object=b?module-path={tmp_path}/none.so&pin-source=file:{pin}"
    write_secret(tmp_path / "sign.key", uri.encode())
    with pytest.raises(Untrusted) as refused:
        SignKey.load(tmp_path / "sign.key")
    assert refused.value.code == "keys.device"
    assert f"{tmp_path}/none.so" in str(refused.value)
    assert "123456" not in str(refused.value)


def test_a_key_in_a_device_seals_like_any_other(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    key = SignKey(device(Softly(private)))
    assert key.alg == ED25519
    assert verify(ED25519, key.public, key.sign(b"word"), b"word")
    key.save(tmp_path / "sign.key")
    assert (tmp_path / "sign.key").read_text().strip() == URI
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_key_that_is_read_again_and_again_has_one_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root reads its roster key whenever it looks at its papers, every half minute."""
    sessions: list[str] = []

    def opened(address: Address) -> tuple[Any, Any, bytes]:
        sessions.append(address.label)
        private = Ed25519PrivateKey.generate()
        return None, Softly(private), private.public_key().public_bytes_raw()

    monkeypatch.setattr(devices, "opened", opened)
    monkeypatch.setattr(devices, "_held", {})
    for name in ("sign", "roster"):
        write_secret(
            tmp_path / f"{name}.key", URI.replace("object=sign", f"object={name}").encode())
    keys = [SignKey.load(tmp_path / f"{name}.key") for name in ("sign", "roster") * 20]
    assert sessions == ["sign", "roster"]
    assert len({key.key_id for key in keys}) == 2
    assert verify(ED25519, keys[-1].public, keys[-1].sign(b"word"), b"word")


def test_threads_take_turns_in_one_session() -> None:
    key = device(Softly(Ed25519PrivateKey.generate()))
    with ThreadPoolExecutor(4) as pool:
        words = [str(n).encode() for n in range(200)]
        signed = list(pool.map(key.sign, words))
    assert all(verify(ED25519, key.public, s, w) for s, w in zip(signed, words, strict=True))


def test_a_lost_session_is_opened_again_once() -> None:
    private = Ed25519PrivateKey.generate()
    key = device(Softly(private, SessionHandleInvalid()), Softly(private))
    assert verify(ED25519, key.public, key.sign(b"word"), b"word")
    for gone in (Softly(private, DeviceRemoved()), Untrusted("away", code="keys.device")):
        dead = device(Softly(private, DeviceRemoved()), gone)
        with pytest.raises(Unreachable) as refused:
            dead.sign(b"word")
        assert refused.value.code == "keys.device"


def test_another_key_under_the_same_name_is_not_used() -> None:
    first, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    key = device(Softly(first, SessionHandleInvalid()), Softly(other))
    with pytest.raises(Unreachable):
        key.sign(b"word")
