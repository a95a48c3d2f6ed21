"""SM2 keys (GB/T 32918) that sign with SM3 under the identifier ``1234567812345678``.

Encodings are those of GB/T 35276 (GM/T 0009), so that any tool of the trade can check a seal: a
signature is DER ``SEQUENCE {r INTEGER, s INTEGER}``, a public key the uncompressed point
04 ‖ X ‖ Y, a private key PKCS#8. OpenSSL takes a signature in its one shortest DER form only.
"""

from __future__ import annotations

from hub.suites.openssl import Pkey, openssl
from hub.suites.pem import der_of, pem_of
from hub.suites.registry import SM2
from hub.suites.secret import Secret


class Sm2Key:
    """Verifies; safe to use from several threads at once."""

    __slots__ = ("_key", "_library")

    alg = SM2

    def __init__(self, raw: bytes) -> None:
        self._library = openssl()
        self._key = self._library.public(raw)

    def holds(self, data: bytes, signature: bytes) -> bool:
        return self._library.holds(self._key, data, signature)


class Sm2Private(Secret):
    """Signs; safe to use from several threads at once."""

    __slots__ = ("_key", "_library", "public")

    alg = SM2

    def __init__(self, key: Pkey) -> None:
        self._library = openssl()
        self._key = key
        self.public = self._library.point(key)

    @classmethod
    def generate(cls) -> Sm2Private:
        """A fresh key from OpenSSL's random source."""
        return cls(openssl().generate())

    @classmethod
    def of_pem(cls, pem: bytes) -> Sm2Private:
        """Of PKCS#8 PEM; ``ValueError`` for anything else."""
        der = der_of(pem)
        if der is None:
            raise ValueError("not a private key in PEM form")
        return cls(openssl().private(der))

    def to_file(self) -> bytes:
        """The private key as PKCS#8 PEM. Never log what this returns."""
        return pem_of(self._library.pkcs8(self._key))

    def sign(self, data: bytes) -> bytes:
        """The DER signature over ``data``, 70 to 72 bytes as a rule."""
        return self._library.sign(self._key, data)
