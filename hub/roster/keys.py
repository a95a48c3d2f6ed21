"""The three private keys of a node: sign key, TLS key, NATS nkey.

Two keys for two dangers: whoever breaks the TLS front end can disturb a link but cannot forge
history, because words are sealed by the sign key alone. The nkey only opens a mailbox.

Private material stays inside these objects: they show an id in ``repr``, refuse to be pickled,
and live in files that only their owner may read.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import nkeys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import Malformed, Untrusted
from hub.roster import vault
from hub.seal import ED25519
from hub.suites.device import Address, DeviceKey
from hub.suites.ed25519 import Ed25519Private
from hub.suites.registry import (
    KEY_ID_HEX,
    SUITES,
    PrivateKey,
    key_id_of,
    of_file,
    suite_of,
)
from hub.suites.secret import Secret

SECRET_FILE_BYTES_MAX = 16 * 1024
"""A key file larger than this is none of ours."""


class SignKey(Secret):
    """Key that seals words, Hellos, countersigns, rosters and join documents (a
    ``hub.seal.Signer``), of any suite."""

    __slots__ = ("_private", "alg", "key_id", "public", "sign")

    def __init__(self, private: Ed25519PrivateKey | PrivateKey) -> None:
        held: PrivateKey = (
            Ed25519Private(private) if isinstance(private, Ed25519PrivateKey) else private
        )
        self._private = held
        self.alg = held.alg
        self.public = held.public
        self.key_id = key_id_of(held.public, held.alg)
        # The suite's own function: sealing an envelope makes no detour through this object.
        self.sign = held.sign

    @classmethod
    def generate(cls, suite: str = ED25519) -> SignKey:
        """A fresh key from the system's random source. Raises ``Incompatible`` (``suite.unknown``,
        ``suite.missing``)."""
        return cls(suite_of(suite).generate())

    @classmethod
    def in_device(cls, address: str) -> SignKey:
        """The key in a device that a ``pkcs11:`` URI names (``hub.suites.device``)."""
        return cls(of_file(Address.of(address).text.encode()))

    @classmethod
    def load(cls, path: Path) -> SignKey:
        """Read a key written by ``save``; ``Untrusted`` when others may read the file too,
        ``Incompatible`` when this machine lacks its suite."""
        data = read_secret(path)
        try:
            return cls(of_file(data))
        except (ValueError, TypeError) as err:
            # the library's text may quote the input: say the file's name only
            raise Malformed(
                f"reading {path.name}: no sign key of {' or '.join(SUITES)}",
                code="keys.malformed",
            ) from err

    @property
    def in_a_device(self) -> bool:
        """Whether the private key is somewhere else, and cannot be made here."""
        return isinstance(self._private, DeviceKey)

    def save(self, path: Path) -> None:
        """Write the key for its owner alone; refuses to overwrite."""
        write_secret(path, self._private.to_file())

    def __repr__(self) -> str:
        return f"SignKey({self.key_id})"


class TlsKey(Secret):
    """P-256 key of the node's certificates; ``pem`` is what gRPC and TLS contexts take."""

    __slots__ = ("private",)

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self.private = private

    @classmethod
    def generate(cls) -> TlsKey:
        """A fresh key from the operating system's random source."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, path: Path) -> TlsKey:
        """Read a key written by ``save``; ``Untrusted`` when others may read the file too."""
        key = _load_pem(path)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise Malformed(f"reading {path.name}: not an EC key", code="keys.malformed")
        return cls(key)

    def save(self, path: Path) -> None:
        """Write the key for its owner alone; refuses to overwrite."""
        write_secret(path, _pem(self.private))

    def pem(self) -> bytes:
        """The private key itself, for the TLS library. Never log what this returns."""
        return _pem(self.private)

    def spki_digest(self) -> bytes:
        """SHA-256 of the public key info: how a certificate row names this key."""
        return spki_digest(self.private.public_key())

    def __repr__(self) -> str:
        return f"TlsKey({self.spki_digest().hex()[:KEY_ID_HEX]})"


class NatsKey(Secret):
    """The nkey user that opens this node's mailbox at its parent's NATS server."""

    __slots__ = ("_seed", "public")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        try:
            pair = nkeys.from_seed(bytearray(seed))
            self.public = bytes(pair.public_key).decode()
        except Exception as err:  # nkeys and nacl have no common base
            raise Malformed("reading a NATS seed: not an nkey", code="keys.malformed") from err

    @classmethod
    def generate(cls) -> NatsKey:
        """A fresh user nkey from the operating system's random source."""
        return cls(bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)))

    def derived(self, purpose: str) -> NatsKey:
        """Another user nkey that only the owner of this one can make, always the same for the same
        purpose: nothing more to keep, to back up or to hand to a second process."""
        raw = nkeys.decode_seed(self._seed)[1]
        made = HKDF(hashes.SHA256(), 32, salt=None, info=f"wanmi/nkey/1\0{purpose}".encode())
        return NatsKey(bytes(nkeys.encode_seed(made.derive(bytes(raw)),
                                               nkeys.PREFIX_BYTE_USER)))

    @classmethod
    def load(cls, path: Path) -> NatsKey:
        """Read a seed written by ``save``; ``Untrusted`` when others may read the file too."""
        return cls(read_secret(path).strip())

    def save(self, path: Path) -> None:
        """Write the seed for its owner alone; refuses to overwrite."""
        write_secret(path, self._seed + b"\n")

    def sign(self, nonce: bytes) -> bytes:
        """The raw signature over a NATS server's nonce."""
        return bytes(nkeys.from_seed(bytearray(self._seed)).sign(nonce))

    def __repr__(self) -> str:
        return f"NatsKey({self.public})"


def spki_digest(public: ec.EllipticCurvePublicKey) -> bytes:
    """SHA-256 of a public key's SubjectPublicKeyInfo."""
    return hashlib.sha256(
        public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).digest()


def write_secret(path: Path, data: bytes) -> None:
    """Create ``path`` readable by its owner alone, durable when this returns; sealed where its
    directory has a vault.

    Never overwrites: a lost sign key cannot be made again, so replacing one is not a write.
    """
    data = vault.closed(data, path)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as err:
        raise Untrusted(f"writing {path.name}: there is one already", code="keys.exist") from err
    try:
        os.fchmod(handle, 0o600)  # the umask may have taken bits, a default ACL may have added some
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync_directory(path.parent)


def read_secret(path: Path) -> bytes:
    """The bytes of a private file, opened if it is sealed; refuses one that group or others may
    read, and (``keys.passphrase``) a sealed one that does not open."""
    try:
        mode = path.stat().st_mode
        if mode & 0o077:
            raise Untrusted(
                f"reading {path.name}: its mode {mode & 0o777:o} lets others read it; set 600",
                code="keys.exposed",
            )
        with path.open("rb") as file:
            return vault.opened(file.read(SECRET_FILE_BYTES_MAX), path)
    except OSError as err:
        raise Untrusted(f"reading {path.name}: {err.strerror}", code="keys.missing") from err


def write_public(path: Path, data: bytes) -> None:
    """Replace a public file of the identity atomically and durably."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pem(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load_pem(path: Path) -> object:
    data = read_secret(path)
    try:
        return serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as err:
        # the library's text may quote the input: say the file's name only
        raise Malformed(f"reading {path.name}: no private key", code="keys.malformed") from err
