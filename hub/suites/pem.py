"""Which suite a private key file is of: told by its curve, before any library looks at it."""

from __future__ import annotations

import base64
import re
from typing import Final

SM2_CURVE: Final = bytes.fromhex("06082a811ccf5501822d")
"""1.2.156.10197.1.301 in DER: stands in the file of every SM2 key."""
_PKCS8 = re.compile(rb"-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----")


def der_of(pem: bytes) -> bytes | None:
    """What lies inside unencrypted PKCS#8 PEM, None if it is none."""
    found = _PKCS8.search(pem)
    if found is None:
        return None
    try:
        return base64.b64decode(b"".join(found[1].split()), validate=True)
    except ValueError:
        return None


def pem_of(der: bytes) -> bytes:
    """A PKCS#8 ``PrivateKeyInfo`` as PEM."""
    text = base64.b64encode(der)
    lines = (text[at : at + 64] for at in range(0, len(text), 64))
    return b"\n".join((b"-----BEGIN PRIVATE KEY-----", *lines, b"-----END PRIVATE KEY-----", b""))


def is_sm2(pem: bytes) -> bool:
    """Whether this is the file of an SM2 key."""
    der = der_of(pem)
    return der is not None and SM2_CURVE in der
