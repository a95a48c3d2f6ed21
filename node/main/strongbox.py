"""Private files of a home as one sealed file, for backups: nothing private in the clear.

The passphrase lies in a file that only its owner may read. Argon2id makes a key of it,
XSalsa20-Poly1305 seals; both by libsodium.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

from hub.errors import Untrusted
from hub.roster.vault import passphrase_in


def passphrase_of(file: Path) -> bytes:
    """The passphrase in a file; ``Untrusted`` if others may read it, ``Malformed`` if too short."""
    return passphrase_in(file, family="backup")


def seal_files(home: Path, private: Sequence[Path], passphrase: bytes) -> bytes:
    """Files, by their paths inside ``home``, sealed."""
    from nacl import pwhash, secret, utils

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for inside in private:
            tar.add(home / inside, arcname=inside.as_posix())
    salt = utils.random(pwhash.argon2id.SALTBYTES)
    key = pwhash.argon2id.kdf(secret.SecretBox.KEY_SIZE, passphrase, salt)
    return salt + bytes(secret.SecretBox(key).encrypt(packed.getvalue()))


def open_files(data: bytes, passphrase: bytes) -> bytes:
    """The tar archive inside; ``Untrusted`` under another passphrase."""
    from nacl import pwhash, secret
    from nacl.exceptions import CryptoError

    salt, sealed = data[: pwhash.argon2id.SALTBYTES], data[pwhash.argon2id.SALTBYTES :]
    key = pwhash.argon2id.kdf(secret.SecretBox.KEY_SIZE, passphrase, salt)
    try:
        return bytes(secret.SecretBox(key).decrypt(sealed))
    except CryptoError as err:
        raise Untrusted(
            "opening the keys of the backup: the passphrase is another one",
            code="backup.passphrase_wrong",
        ) from err
