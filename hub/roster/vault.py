"""Private files at rest: sealed under a passphrase that lies elsewhere.

``vault.json`` in the directory of the keys holds a random master key, sealed under the passphrase
(Argon2id makes a key of it); every private file is sealed under the master key. One derivation
opens them all, and a new passphrase rewrites one small file. A private file that is written later
is sealed as well, because everything private goes through ``read_secret`` and ``write_secret``.

The process is told once where the passphrase of a directory comes from (``offer``); it is asked
for it when the first sealed file is read, and only then.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hub.errors import Malformed, Unsealed, Untrusted

if TYPE_CHECKING:  # loaded by whoever has a vault to open
    from hub.suites.cipher import CipherKey

VAULT_FILE: Final = "vault.json"
MARK: Final = b"wanmi-sealed-file/1\n"
"""First line of a sealed file; the rest is base64."""
PRIVATE_SUFFIXES: Final = (".key", ".seed", ".key.alone")
"""Of the files that are sealed; papers beside them are public, and ``cli.token`` can be revoked."""
PASSPHRASE_CHARS_MIN: Final = 12
PASSPHRASE_BYTES_MAX: Final = 1024
MASTER_CONTEXT, FILE_CONTEXT = b"wanmi/vault/master/1", b"wanmi/vault/file/1"
OPS, MEMORY_BYTES = 4, 64 * 1024 * 1024
"""Cost of Argon2id: about a fifth of a second, and 64 MiB for that long, which the smallest node
can spare at its start."""
OPS_MAX, MEMORY_BYTES_MAX = 16, 1024 * 1024 * 1024
"""What a vault file may ask of us: it is not sealed itself."""
DEPTH_MAX: Final = 3
"""Folders between a private file and its vault: ``keys/mailboxes/<server>/``."""

Passphrase = Callable[[], bytes]
"""Where a passphrase comes from; raises ``Untrusted`` (``keys.passphrase``) if there is none."""

_lock = threading.Lock()
_offered: dict[Path, Passphrase] = {}
_opened: dict[Path, tuple[bytes, Vault]] = {}


class Vault:
    """The opened vault of one directory."""

    __slots__ = ("_master", "directory")

    def __init__(self, directory: Path, master: CipherKey) -> None:
        self.directory = directory
        self._master = master

    def seal(self, data: bytes) -> bytes:
        """The sealed form of a private file."""
        return MARK + base64.b64encode(self._master.seal(data, FILE_CONTEXT)) + b"\n"

    def open(self, data: bytes, *, name: str) -> bytes:
        """What a sealed file holds; ``Malformed`` (``keys.malformed``) if it was damaged."""
        try:
            return self._master.open(
                base64.b64decode(data.removeprefix(MARK).strip(), validate=True), FILE_CONTEXT)
        except (ValueError, Unsealed) as err:
            raise Malformed(
                f"reading {name}: it is damaged, or was sealed in another vault",
                code="keys.malformed",
            ) from err

    def __repr__(self) -> str:
        return f"Vault({self.directory})"


# --- who may open -------------------------------------------------------------------------------


def offer(directory: Path, passphrase: Passphrase) -> None:
    """From now on this process may open the private files below ``directory``."""
    with _lock:
        _offered[directory.absolute()] = passphrase


def is_sealed(data: bytes) -> bool:
    """Whether this is a private file in its sealed form."""
    return data.startswith(MARK)


def home_of(path: Path) -> Path | None:
    """The directory whose vault a private file belongs to, None where there is none."""
    for folder in list(path.absolute().parents)[:DEPTH_MAX]:
        if (folder / VAULT_FILE).exists():
            return folder
    return None


def vault_of(path: Path) -> Vault | None:
    """The opened vault of a private file, None where there is none. Raises ``Untrusted``
    (``keys.passphrase``) when it does not open."""
    directory = home_of(path)
    if directory is None:
        return None
    raw = (directory / VAULT_FILE).read_bytes()
    with _lock:  # the derivation is dear: one thread pays, the others wait for it
        held = _opened.get(directory)
        if held is not None and held[0] == raw:
            return held[1]
        source = _offered.get(directory)
        if source is None:
            raise _closed(directory, "nobody said where its passphrase is")
        vault = Vault(directory, _master_of(directory, raw, source()))
        _opened[directory] = raw, vault
        return vault


def opened(data: bytes, path: Path) -> bytes:
    """The bytes of a private file, sealed or not."""
    if not is_sealed(data):
        return data
    vault = vault_of(path)
    if vault is None:
        raise Malformed(
            f"reading {path.name}: it is sealed, and its {VAULT_FILE} is not there",
            code="keys.malformed",
        )
    return vault.open(data, name=path.name)


def closed(data: bytes, path: Path) -> bytes:
    """The form in which a private file is to be written here."""
    vault = vault_of(path) if is_private(path) else None
    return data if vault is None else vault.seal(data)


def is_private(path: Path) -> bool:
    """Whether a file of this name is sealed where there is a vault."""
    return path.name.endswith(PRIVATE_SUFFIXES)


# --- by a person, at a stopped node -------------------------------------------------------------


def protect(directory: Path, passphrase: bytes, *, cipher: str = "aes-256-gcm") -> list[Path]:
    """Seal every private file below ``directory``; returns those that were sealed now. Repeating
    it goes on with what a power cut left. ``cipher``: one of ``hub.suites.cipher.ALGORITHMS``.
    Raises ``Untrusted`` (``keys.passphrase``) where a vault has another passphrase."""
    _long_enough(passphrase)
    offer(directory, lambda: passphrase)
    if not (directory / VAULT_FILE).exists():
        from hub.suites.cipher import SECRET_BYTES

        secret = os.urandom(SECRET_BYTES)
        replace_private(directory / VAULT_FILE, _wrapped(secret, passphrase, cipher))
    vault = _fresh(directory)
    done = []
    for path in private_files(directory):
        data = path.read_bytes()
        if not is_sealed(data):
            replace_private(path, vault.seal(data))
            done.append(path)
    return done


def unprotect(directory: Path) -> list[Path]:
    """Open every private file for good, then end the vault; returns the files."""
    if not (directory / VAULT_FILE).exists():
        return []
    vault = _fresh(directory)
    done = []
    for path in private_files(directory):
        data = path.read_bytes()
        if is_sealed(data):
            replace_private(path, vault.open(data, name=path.name))
            done.append(path)
    (directory / VAULT_FILE).unlink()
    _settle(directory)
    return done


def change_passphrase(directory: Path, new: bytes) -> None:
    """Put the same master key under another passphrase; no private file is touched."""
    _long_enough(new)
    if not (directory / VAULT_FILE).exists():
        raise Untrusted(f"{directory} is not protected", code="keys.unprotected")
    source = _offered.get(directory.absolute())
    old = source() if source is not None else b""
    cipher, secret = _secret_of(directory, (directory / VAULT_FILE).read_bytes(), old)
    replace_private(directory / VAULT_FILE, _wrapped(secret, new, cipher))
    offer(directory, lambda: new)


def private_files(directory: Path) -> Iterator[Path]:
    """Every private file below a directory of keys."""
    for path in sorted(directory.rglob("*")):
        if path.is_file() and is_private(path):
            yield path


def passphrase_in(file: Path, *, family: str = "keys") -> bytes:
    """The passphrase in a file. Raises ``Untrusted`` if others may read it or it is not there,
    ``Malformed`` if it is too short; ``family`` begins the codes."""
    try:
        if file.stat().st_mode & 0o077:
            raise Untrusted(
                f"reading {file}: others may read it", code=f"{family}.passphrase_exposed")
        with file.open("rb") as reading:
            text = reading.read(PASSPHRASE_BYTES_MAX + 1).strip()
    except OSError as err:
        raise Untrusted(
            f"reading the passphrase in {file}: {err.strerror}", code=f"{family}.passphrase"
        ) from err
    _long_enough(text, what=f"reading {file}", family=family)
    return text


# --- the file -----------------------------------------------------------------------------------


def _fresh(directory: Path) -> Vault:
    """The vault, opened with the passphrase that is offered now."""
    with _lock:
        _opened.pop(directory.absolute(), None)
    found = vault_of(directory / VAULT_FILE)
    assert found is not None, "its file is there"
    return found


def _wrapped(secret: bytes, passphrase: bytes, cipher: str) -> bytes:
    salt = os.urandom(16)
    key = _derived(cipher, passphrase, salt, OPS, MEMORY_BYTES)
    sealed = key.seal(secret, MASTER_CONTEXT)
    document = {
        "version": 1,
        "cipher": cipher,
        "kdf": {"name": "argon2id", "salt": salt.hex(), "ops": OPS, "memory_bytes": MEMORY_BYTES},
        "master": base64.b64encode(sealed).decode(),
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _master_of(directory: Path, raw: bytes, passphrase: bytes) -> CipherKey:
    from hub.suites.cipher import CipherKey

    return CipherKey(*_secret_of(directory, raw, passphrase))


def _secret_of(directory: Path, raw: bytes, passphrase: bytes) -> tuple[str, bytes]:
    """The cipher of a vault and its master secret."""

    try:
        document: dict[str, Any] = json.loads(raw)
        cipher, kdf = str(document["cipher"]), document["kdf"]
        salt, ops, memory = bytes.fromhex(kdf["salt"]), int(kdf["ops"]), int(kdf["memory_bytes"])
        sealed = base64.b64decode(document["master"], validate=True)
        ours = document["version"] == 1 and kdf["name"] == "argon2id" and len(salt) == 16
    except (ValueError, KeyError, TypeError) as err:
        raise Malformed(f"reading {VAULT_FILE}: {err}", code="keys.malformed") from err
    if not (ours and 1 <= ops <= OPS_MAX and 8192 <= memory <= MEMORY_BYTES_MAX):
        raise Malformed(f"reading {VAULT_FILE}: another kind of vault, or out of all bounds",
                        code="keys.malformed")
    try:
        return cipher, _derived(cipher, passphrase, salt, ops, memory).open(sealed, MASTER_CONTEXT)
    except Unsealed as err:
        raise _closed(directory, "the passphrase is another one") from err


def _derived(cipher: str, passphrase: bytes, salt: bytes, ops: int, memory: int) -> CipherKey:
    from nacl.pwhash import argon2id

    from hub.suites.cipher import SECRET_BYTES, CipherKey

    return CipherKey(
        cipher, argon2id.kdf(SECRET_BYTES, passphrase, salt, opslimit=ops, memlimit=memory))


def _closed(directory: Path, why: str) -> Untrusted:
    return Untrusted(f"opening the private keys in {directory}: {why}", code="keys.passphrase")


def _long_enough(text: bytes, *, what: str = "protecting keys", family: str = "keys") -> None:
    if not PASSPHRASE_CHARS_MIN <= len(text) <= PASSPHRASE_BYTES_MAX:
        raise Malformed(
            f"{what}: a passphrase has {PASSPHRASE_CHARS_MIN} to {PASSPHRASE_BYTES_MAX} characters",
            code=f"{family}.passphrase_short",
        )


def replace_private(path: Path, data: bytes) -> None:
    """Put these very bytes in place of a private file: whole or not at all, its owner's alone."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _settle(path.parent)


def _settle(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
