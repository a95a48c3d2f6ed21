"""Encryption of small things at rest: private files, fields of personal data.

AES-256-GCM, or SM4-GCM (GB/T 32907 in the mode of GB/T 36624); both by the ``cryptography``
package. Every sealed text names its key, so that keys can be changed without touching what lies
there: the first key of a cipher seals, all of them open.

    01 ‖ algorithm (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)

``context`` says what the text is for (a table's column, a row): a text moved elsewhere does not
open. Nonces are random, so one key seals at most 2^32 texts: a city's reports of centuries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import Incompatible, Malformed, Unsealed, Untrusted
from hub.suites.secret import Secret

AES: Final = "aes-256-gcm"
SM4: Final = "sm4-gcm"
SECRET_BYTES: Final = 32
"""Of the secret from which a key is made, whatever the algorithm."""
KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES = 4, 12, 16
VERSION: Final = b"\x01"
OVERHEAD_BYTES: Final = 2 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES


class _Kind(NamedTuple):
    number: int
    key_bytes: int
    block: Callable[[bytes], Any]
    hash: Callable[[], hashes.HashAlgorithm]


_KINDS: Final = MappingProxyType({
    AES: _Kind(1, 32, algorithms.AES, hashes.SHA256),
    SM4: _Kind(2, 16, algorithms.SM4, hashes.SM3),
})
ALGORITHMS: Final = tuple(_KINDS)


class CipherKey(Secret):
    """One key. Its id is made from the same secret and tells nothing of it."""

    __slots__ = ("_block", "alg", "key_id", "number")

    def __init__(self, alg: str, secret: bytes) -> None:
        """Raises ``Incompatible`` (``suite.unknown``, ``suite.missing``), ``ValueError`` for a
        secret of another length."""
        kind = _KINDS.get(alg)
        if kind is None:
            raise Incompatible(
                f"{alg!r} is no cipher of ours: {', '.join(_KINDS)}", code="suite.unknown")
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes")
        self.alg, self.number = alg, kind.number
        info = b"wanmi/cipher/1\0" + alg.encode()
        try:
            made = HKDF(kind.hash(), kind.key_bytes + KEY_ID_BYTES, salt=None, info=info).derive(
                secret)
            self._block = kind.block(made[:kind.key_bytes])
            self.key_id = made[kind.key_bytes:]
            self.seal(b"", b"")
        except UnsupportedAlgorithm as err:
            raise Incompatible(f"this machine has no {alg}", code="suite.missing") from err

    @classmethod
    def generate(cls, alg: str) -> CipherKey:
        """A key that lasts as long as this object: for tests."""
        return cls(alg, os.urandom(SECRET_BYTES))

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """``plain`` sealed under this key."""
        nonce = os.urandom(NONCE_BYTES)
        work = Block(self._block, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(context)
        text = work.update(plain) + work.finalize()
        return b"".join((VERSION, bytes([self.number]), self.key_id, nonce, text, work.tag))

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed; ``Unsealed`` (``cipher.broken``) if it is not as it was."""
        nonce_at = 2 + KEY_ID_BYTES
        text_at = nonce_at + NONCE_BYTES
        work = Block(
            self._block, modes.GCM(sealed[nonce_at:text_at], sealed[-TAG_BYTES:])
        ).decryptor()
        work.authenticate_additional_data(context)
        try:
            return work.update(sealed[text_at:-TAG_BYTES]) + work.finalize()
        except InvalidTag as err:
            raise Unsealed("opening a sealed text: it was changed, or lay elsewhere",
                           code="cipher.broken") from err


class Cipher(Secret):
    """Keys, one or more, the newest first: that one seals, all of them open. Safe to use from
    threads."""

    __slots__ = ("_by_id", "_keys")

    def __init__(self, keys: Sequence[CipherKey]) -> None:
        self._keys = tuple(keys)
        self._by_id = {(key.number, key.key_id): key for key in keys}

    @property
    def alg(self) -> str:
        """Of what is sealed from now on."""
        return self._keys[0].alg

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """``plain`` sealed under the newest key."""
        return self._keys[0].seal(plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. Raises ``Malformed`` (``cipher.malformed``) for what is no sealed text,
        ``Untrusted`` (``cipher.key``) where its key is not among ours, ``Unsealed``."""
        if len(sealed) < OVERHEAD_BYTES or not is_sealed(sealed):
            raise Malformed("opening a sealed text: it is none", code="cipher.malformed")
        key = self._by_id.get((sealed[1], sealed[2 : 2 + KEY_ID_BYTES]))
        if key is None:
            raise Untrusted(
                f"opening a sealed text: key {sealed[2:2 + KEY_ID_BYTES].hex()} is not here",
                code="cipher.key",
            )
        return key.open(sealed, context)

    def is_newest(self, sealed: bytes) -> bool:
        """Whether it lies under the key that seals now; what does not is sealed anew some day."""
        first = self._keys[0]
        return sealed[1:2 + KEY_ID_BYTES] == bytes([first.number]) + first.key_id


def is_sealed(data: bytes) -> bool:
    """Whether these bytes begin like a sealed text; JSON and PEM never do."""
    return data[:1] == VERSION
