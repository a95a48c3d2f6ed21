"""The keys that seal personal data: one file beside the keys of the node, the newest key first.

A line is an algorithm and a secret in hexadecimal. Older lines open what was sealed under them, so
a line goes only when nothing lies under it any more.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from hub.errors import Malformed
from hub.roster.keys import read_secret
from hub.roster.vault import closed, replace_private
from hub.suites.cipher import AES, SECRET_BYTES, SM4, Cipher, CipherKey
from hub.suites.registry import SM2
from node.main.secrets import DATA_FILE, make
from node.service.personal import Personal
from node.settings import load

KEYS_MAX: Final = 64
"""Lines of the file; a key a year for longer than the program lives."""


def personal_of(path: Path, *, seals: bool, suite: str) -> Personal:
    """How this office keeps names and phones. ``seals``: what is written from now on is sealed; the
    file is made if there is none, with the cipher that goes with the suite. What was sealed before
    opens either way."""
    if seals and not path.exists():
        make(path, _line(cipher_of(suite)))
    if not path.exists():
        return Personal()
    return Personal(Cipher(keys_in(path)), seals=seals)


def cipher_of(suite: str) -> str:
    """The cipher that goes with a crypto suite."""
    return SM4 if suite == SM2 else AES


def keys_in(path: Path) -> list[CipherKey]:
    """Every key of the file, the newest first. Raises ``Malformed`` (``keys.malformed``)."""
    found = []
    lines = read_secret(path).decode("ascii", "replace").splitlines()
    try:
        for line in lines[:KEYS_MAX]:
            alg, secret = line.split()
            found.append(CipherKey(alg, bytes.fromhex(secret)))
    except ValueError as err:
        raise Malformed(f"reading {path.name}: line {len(found) + 1} is no key",
                        code="keys.malformed") from err
    if not found:
        raise Malformed(f"reading {path.name}: it is empty", code="keys.malformed")
    return found


def renew_data_key(home: Path, *, suite: str, cipher: str = "") -> CipherKey:
    """A new key in front of the others, at a stopped node: it seals from the next start on.
    ``cipher`` "" = the one that goes with the suite."""
    path = load(home).keys / DATA_FILE
    fresh = _line(CipherKey.generate(cipher or cipher_of(suite)).alg)
    present = read_secret(path).decode("ascii").splitlines() if path.exists() else []
    if len(present) >= KEYS_MAX:
        raise Malformed(f"{path.name} has {KEYS_MAX} keys already", code="keys.too_many")
    replace_private(path, closed("\n".join((fresh, *present, "")).encode(), path))
    return keys_in(path)[0]


def _line(alg: str) -> str:
    return f"{alg} {secrets.token_hex(SECRET_BYTES)}"
