"""Sign keys that live in a device: a smart card, a network HSM, whatever speaks PKCS#11.

In the place of the private key lies its address, a URI after RFC 7512:

    pkcs11:token=wanmi;object=sign?module-path=/usr/lib/…/vendor.so&pin-source=file:/etc/wanmi/pin

The PIN lies in a file of mode 0600; an address that carries it itself is refused. The device makes
Ed25519 signatures (CKM_EDDSA). For SM2 the standard has no mechanism: every vendor has its own.

The package ``python-pkcs11`` is an extra of ours (``pip install wanmi[hsm]``), loaded when a key
file holds such an address.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from hub.errors import Malformed, Unreachable, Untrusted
from hub.seal import ED25519
from hub.suites.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEME: Final = b"pkcs11:"
PUBLIC_BYTES: Final = 32
POINT_PREFIX: Final = b"\x04\x20"
"""DER of an octet string of 32 bytes: how CKA_EC_POINT wraps an Edwards point."""
PIN_BYTES_MAX: Final = 256
_WANTED: Final = ("token", "object", "module-path", "pin-source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a key lives. ``text`` is the URI as it was given; there is no secret in it."""

    text: str
    token: str
    label: str
    module: Path
    pin_file: Path

    @classmethod
    def of(cls, text: str) -> Address:
        """Read a URI; ``Malformed`` (``keys.address``) says what is wrong with it."""
        uri = text.strip()
        path, _, query = uri.removeprefix("pkcs11:").partition("?")
        found: dict[str, str] = {}
        for part in (*path.split(";"), *query.split("&")):
            name, _, value = part.partition("=")
            found[name.strip()] = unquote(value)
        if "pin-value" in found:
            raise _wrong("a PIN does not belong into it; name its file with pin-source=file:/…")
        missing = [name for name in _WANTED if not found.get(name)]
        if not uri.startswith("pkcs11:") or missing:
            raise _wrong(f"it lacks {', '.join(missing) or 'pkcs11: in front'}")
        module = Path(found["module-path"])
        pin_file = Path(found["pin-source"].removeprefix("file:"))
        if not (module.is_absolute() and pin_file.is_absolute()):
            raise _wrong("module-path and pin-source are absolute paths")
        return cls(text=uri, token=found["token"], label=found["object"], module=module,
                   pin_file=pin_file)


class DeviceKey(Secret):
    """An Ed25519 key in a device, over one session that is opened again when it was lost. Calls of
    several threads follow one another: sessions of PKCS#11 do one thing at a time."""

    __slots__ = ("_address", "_key", "_lock", "_open", "_session", "public")

    alg = ED25519

    def __init__(
        self, address: Address, open_session: Callable[[Address], tuple[Any, Any, bytes]]
    ) -> None:
        self._address = address
        self._open = open_session
        self._lock = threading.Lock()
        self._session, self._key, self.public = open_session(address)

    @classmethod
    def of_file(cls, data: bytes) -> DeviceKey:
        """The key that a file with an address means; one object and one session for each address,
        however often its file is read: a device has few sessions. Raises ``Malformed``
        (``keys.address``, ``keys.malformed``), ``Untrusted`` (``keys.device``, ``keys.pin``) if it
        cannot be had."""
        address = Address.of(data.decode("utf-8", "replace"))
        with _holding:
            if address.text not in _held:
                _held[address.text] = cls(address, opened)
            return _held[address.text]

    def sign(self, data: bytes) -> bytes:
        """The 64 byte signature over ``data``. ``Unreachable`` (``keys.device``) when the device
        does not give it, also in a fresh session."""
        from pkcs11 import Mechanism
        from pkcs11.exceptions import PKCS11Error

        with self._lock:
            try:
                return bytes(self._key.sign(data, mechanism=Mechanism.EDDSA))
            except PKCS11Error:
                try:
                    self._again()
                    return bytes(self._key.sign(data, mechanism=Mechanism.EDDSA))
                except (PKCS11Error, Untrusted) as err:
                    raise Unreachable(
                        f"signing with {self._address.label} in {self._address.token}: "
                        f"{type(err).__name__}",
                        code="keys.device",
                    ) from err

    def _again(self) -> None:
        session, key, public = self._open(self._address)
        if public != self.public:
            raise Untrusted("the device holds another key under this name", code="keys.device")
        self._session, self._key = session, key

    def to_file(self) -> bytes:
        """Its address: the key itself does not leave the device."""
        return self._address.text.encode() + b"\n"


_holding: Final = threading.Lock()
_held: Final[dict[str, DeviceKey]] = {}
"""The keys of this process by their address, as long as it runs."""


def opened(address: Address) -> tuple[Any, Any, bytes]:
    """A session, the private key in it, and the public key's 32 bytes."""
    try:
        import pkcs11
        from pkcs11.exceptions import PinIncorrect, PKCS11Error
    except ImportError as err:
        raise Untrusted(
            "a key lies in a device, and python-pkcs11 is not installed: pip install wanmi[hsm]",
            code="keys.device",
        ) from err
    pin = pin_in(address.pin_file)
    where = f"the key {address.label} in the token {address.token}"
    try:
        token = pkcs11.lib(str(address.module)).get_token(token_label=address.token)
        session = _session(token, pin)
        try:
            private = session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=address.label)
            public = session.get_key(
                object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=address.label)
            kind = private.key_type
            point = bytes(public[pkcs11.Attribute.EC_POINT])
        except PKCS11Error:
            session.close()
            raise
    except PinIncorrect as err:
        raise Untrusted(f"opening {where}: the PIN is another one", code="keys.pin") from err
    except (PKCS11Error, RuntimeError, OSError) as err:
        raise Untrusted(
            f"opening {where} by {address.module}: {type(err).__name__} {err}".rstrip(),
            code="keys.device",
        ) from err
    raw = point.removeprefix(POINT_PREFIX)
    if kind != pkcs11.KeyType.EC_EDWARDS or len(raw) != PUBLIC_BYTES:
        raise Malformed(f"opening {where}: it is no Ed25519 key", code="keys.malformed")
    return session, private, raw


def _session(token: Any, pin: str) -> Any:
    """A session of a logged-in user. Logging in counts for the whole process: a second key of the
    same token finds it done."""
    from pkcs11.exceptions import UserAlreadyLoggedIn

    try:
        return token.open(user_pin=pin)
    except UserAlreadyLoggedIn:
        return token.open()


def pin_in(file: Path) -> str:
    """The PIN in a file that is its owner's alone."""
    try:
        if file.stat().st_mode & 0o077:
            raise Untrusted(f"reading {file}: others may read it", code="keys.pin")
        with file.open("rb") as reading:
            return reading.read(PIN_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError) as err:
        raise Untrusted(
            f"reading the PIN in {file}: {type(err).__name__}", code="keys.pin") from err


def is_address(data: bytes) -> bool:
    """Whether a key file holds the address of a key in a device."""
    return data.lstrip().startswith(SCHEME)


def _wrong(what: str) -> Malformed:
    return Malformed(f"reading the address of a key in a device: {what}", code="keys.address")
