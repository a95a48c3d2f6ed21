"""SM2 by the OpenSSL of this machine, through ctypes: what the ``cryptography`` package lacks.

The library is the one that Python's own ``hashlib`` is linked with, so no second copy is loaded;
where that one hides its functions, the system's ``libcrypto.so.3``. Nothing is loaded before the
first use of an SM2 key. Every call lets other threads run meanwhile, and one handle may be used by
several of them; an error is read from the calling thread's own queue.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import cache
from typing import Any, Final

from hub.errors import Incompatible

SYSTEM_LIBRARY: Final = "libcrypto.so.3"
OLDEST: Final = 0x30000000
"""OpenSSL 3.0: earlier ones have no ``EVP_PKEY_CTX_set1_id`` as a function."""
SIGNATURE_BYTES_MAX: Final = 72
"""DER of two integers below the order of the curve."""
POINT_BYTES: Final = 65
"""04 ‖ X ‖ Y."""
SPKI_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""SubjectPublicKeyInfo of a key on sm2p256v1, up to its point."""
USER_ID: Final = b"1234567812345678"
"""The default distinguishing identifier of GM/T 0009 (GB/T 35276)."""

_P = c_void_p
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "OpenSSL_version_num": (c_ulong, ()),
    "ERR_get_error": (c_ulong, ()),
    "ERR_clear_error": (None, ()),
    "ERR_error_string_n": (None, (c_ulong, c_char_p, c_size_t)),
    "EVP_sm3": (_P, ()),
    "EVP_PKEY_CTX_new_from_name": (_P, (_P, c_char_p, c_char_p)),
    "EVP_PKEY_CTX_new_from_pkey": (_P, (_P, _P, c_char_p)),
    "EVP_PKEY_CTX_free": (None, (_P,)),
    "EVP_PKEY_CTX_set1_id": (c_int, (_P, c_char_p, c_int)),
    "EVP_PKEY_keygen_init": (c_int, (_P,)),
    "EVP_PKEY_generate": (c_int, (_P, POINTER(_P))),
    "EVP_PKEY_is_a": (c_int, (_P, c_char_p)),
    "EVP_PKEY_free": (None, (_P,)),
    "d2i_PUBKEY": (_P, (_P, POINTER(c_char_p), c_long)),
    "i2d_PUBKEY": (c_int, (_P, POINTER(_P))),
    "d2i_AutoPrivateKey": (_P, (_P, POINTER(c_char_p), c_long)),
    "EVP_PKEY2PKCS8": (_P, (_P,)),
    "i2d_PKCS8_PRIV_KEY_INFO": (c_int, (_P, POINTER(_P))),
    "PKCS8_PRIV_KEY_INFO_free": (None, (_P,)),
    "EVP_MD_CTX_new": (_P, ()),
    "EVP_MD_CTX_free": (None, (_P,)),
    "EVP_MD_CTX_set_pkey_ctx": (None, (_P, _P)),
    "EVP_DigestSignInit": (c_int, (_P, _P, _P, _P, _P)),
    "EVP_DigestSign": (c_int, (_P, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_DigestVerifyInit": (c_int, (_P, _P, _P, _P, _P)),
    "EVP_DigestVerify": (c_int, (_P, c_char_p, c_size_t, c_char_p, c_size_t)),
}


class Pkey:
    """An ``EVP_PKEY`` that is freed with this object; it does not leave the process."""

    __slots__ = ("_free", "address")

    def __init__(self, address: int, free: Callable[[int], None]) -> None:
        self.address = address
        self._free = free

    def __del__(self) -> None:
        self._free(self.address)

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a key handle does not leave the process")


class OpenSsl:
    """The functions of one loaded library. Raises ``Incompatible`` (``suite.missing``) where it has
    no SM2; ``ValueError`` for bytes that are no key."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._call: dict[str, Any] = {}
        for name, (result, arguments) in _FUNCTIONS.items():
            try:
                function = getattr(library, name)
            except AttributeError as err:
                raise _missing(f"its OpenSSL has no {name}") from err
            function.restype, function.argtypes = result, arguments
            self._call[name] = function
        version: int = self._call["OpenSSL_version_num"]()
        if version < OLDEST:
            raise _missing(f"its OpenSSL is {version:#x}, older than 3.0")
        self._sm3 = self._call["EVP_sm3"]()
        if not self._sm3:
            raise _missing("its OpenSSL was built without SM3")
        self.generate()  # the only honest way to know: some systems take SM2 out of a whole version

    def generate(self) -> Pkey:
        """A fresh private key from the library's random source."""
        call = self._call
        call["ERR_clear_error"]()
        context = call["EVP_PKEY_CTX_new_from_name"](None, b"SM2", None)
        if not context:
            raise _missing(f"its OpenSSL was built without SM2 ({self._reason()})")
        made = c_void_p()
        try:
            if (call["EVP_PKEY_keygen_init"](context) <= 0
                    or call["EVP_PKEY_generate"](context, byref(made)) <= 0):
                raise _missing(f"its OpenSSL makes no SM2 key ({self._reason()})")
        finally:
            call["EVP_PKEY_CTX_free"](context)
        return self._owned(made.value)

    def public(self, point: bytes) -> Pkey:
        """A public key of its 65 byte point; ``ValueError`` when it is not on the curve."""
        if len(point) != POINT_BYTES or point[0] != 4:
            raise ValueError(f"an SM2 key is a point of {POINT_BYTES} bytes that begins with 04")
        return self._read("d2i_PUBKEY", SPKI_PREFIX + point)

    def private(self, pkcs8: bytes) -> Pkey:
        """A private key of its DER form; ``ValueError`` for anything else."""
        return self._read("d2i_AutoPrivateKey", pkcs8)

    def point(self, key: Pkey) -> bytes:
        """The public half as 04 ‖ X ‖ Y."""
        spki = self._written("i2d_PUBKEY", key.address)
        if not spki.startswith(SPKI_PREFIX) or len(spki) != len(SPKI_PREFIX) + POINT_BYTES:
            raise ValueError("the public key is not an uncompressed point of sm2p256v1")
        return spki[len(SPKI_PREFIX):]

    def pkcs8(self, key: Pkey) -> bytes:
        """The private key as an unencrypted PKCS#8 ``PrivateKeyInfo``, DER."""
        info = self._call["EVP_PKEY2PKCS8"](key.address)
        if not info:
            raise ValueError("there is no private half")
        try:
            return self._written("i2d_PKCS8_PRIV_KEY_INFO", info)
        finally:
            self._call["PKCS8_PRIV_KEY_INFO_free"](info)

    def sign(self, key: Pkey, data: bytes, *, user_id: bytes = USER_ID) -> bytes:
        """The DER signature over ``data``, with SM3 and the identifier of its owner."""
        value = ctypes.create_string_buffer(SIGNATURE_BYTES_MAX)
        length = c_size_t(SIGNATURE_BYTES_MAX)
        with self._digesting("EVP_DigestSignInit", key, user_id) as context:
            if self._call["EVP_DigestSign"](context, value, byref(length), data, len(data)) != 1:
                raise Incompatible(f"signing with SM2: {self._reason()}", code="suite.failed")
        return value.raw[: length.value]

    def holds(
        self, key: Pkey, data: bytes, signature: bytes, *, user_id: bytes = USER_ID
    ) -> bool:
        """Whether the signature is one over ``data``; bytes that are none are not."""
        if len(signature) > SIGNATURE_BYTES_MAX:
            return False
        with self._digesting("EVP_DigestVerifyInit", key, user_id) as context:
            held: int = self._call["EVP_DigestVerify"](
                context, signature, len(signature), data, len(data))
            if held != 1:
                self._call["ERR_clear_error"]()
        return held == 1

    @contextmanager
    def _digesting(self, init: str, key: Pkey, user_id: bytes) -> Iterator[int]:
        call = self._call
        call["ERR_clear_error"]()
        context = call["EVP_MD_CTX_new"]()
        settings = call["EVP_PKEY_CTX_new_from_pkey"](None, key.address, None)
        try:
            if not (context and settings):
                raise MemoryError("OpenSSL has no memory for a signature")
            # The identifier goes into the digest, so it must be there before the digest begins.
            call["EVP_MD_CTX_set_pkey_ctx"](context, settings)
            if (call["EVP_PKEY_CTX_set1_id"](settings, user_id, len(user_id)) <= 0
                    or call[init](context, None, self._sm3, None, key.address) <= 0):
                raise Incompatible(f"beginning with SM2: {self._reason()}", code="suite.failed")
            yield context
        finally:
            call["EVP_MD_CTX_free"](context)
            call["EVP_PKEY_CTX_free"](settings)

    def _read(self, reader: str, data: bytes) -> Pkey:
        self._call["ERR_clear_error"]()
        at = c_char_p(data)
        address = self._call[reader](None, byref(at), len(data))
        if not address:
            self._call["ERR_clear_error"]()  # its text may quote the input
            raise ValueError("these bytes are no SM2 key")
        key = self._owned(address)
        if self._call["EVP_PKEY_is_a"](key.address, b"SM2") != 1:
            raise ValueError("this is a key of another algorithm")
        return key

    def _written(self, writer: str, address: int) -> bytes:
        size: int = self._call[writer](address, None)
        if size <= 0:
            raise ValueError(f"writing a key: {self._reason()}")
        buffer = ctypes.create_string_buffer(size)
        at = c_void_p(ctypes.addressof(buffer))
        if self._call[writer](address, byref(at)) != size:
            raise ValueError(f"writing a key: {self._reason()}")
        return buffer.raw

    def _owned(self, address: int | None) -> Pkey:
        assert address, "the library said it made one"
        return Pkey(address, self._call["EVP_PKEY_free"])

    def _reason(self) -> str:
        """The oldest error of this thread; the queue is empty afterwards."""
        code: int = self._call["ERR_get_error"]()
        text = ctypes.create_string_buffer(256)
        self._call["ERR_error_string_n"](code, text, len(text))
        self._call["ERR_clear_error"]()
        return text.value.decode(errors="replace") if code else "no reason given"


@cache
def openssl() -> OpenSsl:
    """The library, loaded at the first call. Raises ``Incompatible`` (``suite.missing``), every
    time anew, where this machine has none with SM2."""
    reasons: list[str] = []
    for name in _candidates():
        try:
            return OpenSsl(ctypes.CDLL(name))
        except OSError as err:
            reasons.append(str(err))
        except Incompatible as err:
            reasons.append(str(err))
    raise _missing("; ".join(reasons))


def _candidates() -> tuple[str, ...]:
    try:
        import _hashlib
    except ImportError:
        return (SYSTEM_LIBRARY,)
    return (_hashlib.__file__, SYSTEM_LIBRARY)


def _missing(reason: str) -> Incompatible:
    return Incompatible(f"this machine has no SM2: {reason}", code="suite.missing")
