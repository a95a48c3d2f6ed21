"""Ed25519 private keys (RFC 8032). The public half is ``hub.seal.Ed25519Key``."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign

from hub.seal import ED25519
from hub.suites.secret import Secret

SIGNATURE_BYTES = 64


class Ed25519Private(Secret):
    """Signs by libsodium, which needs two thirds of OpenSSL's time (measured); the signature is the
    same."""

    __slots__ = ("_private", "_secret", "public")

    alg = ED25519

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw()
        self._secret = private.private_bytes_raw() + self.public

    @classmethod
    def generate(cls) -> Ed25519Private:
        """A fresh key from the operating system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of_pem(cls, pem: bytes) -> Ed25519Private:
        """Of PKCS#8 PEM; ``ValueError`` for anything else."""
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")  # noqa: TRY004 - the input is wrong, not a type
        return cls(key)

    def to_file(self) -> bytes:
        """The private key as PKCS#8 PEM. Never log what this returns."""
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def sign(self, data: bytes) -> bytes:
        """The 64 byte signature over ``data``."""
        return crypto_sign(data, self._secret)[:SIGNATURE_BYTES]
