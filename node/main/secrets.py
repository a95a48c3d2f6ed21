"""Secrets that a node makes for itself, beside its keys: one file each, its owner's alone."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from hub.roster.keys import read_secret
from hub.roster.vault import closed

REPORTER_FILE: Final = "reporter.key"
"""Hashes phones and follow-up codes. It lies outside of the database, so that a copy of the
database alone finds nobody; a node restored without it finds no earlier caller by phone, and codes
given out before open nothing."""
DATA_FILE: Final = "data.key"
"""Seals names and phones, where the office wants that (``node.main.data_keys``). A node restored
without it reads none of them."""
SECRET_BYTES: Final = 32


def secret(path: Path) -> bytes:
    """The secret in this file, made now if there is none. ``ValueError`` if it was cut short,
    ``Untrusted`` if others may read it or it does not open."""
    if not path.exists():
        make(path, secrets.token_hex(SECRET_BYTES))
    kept = bytes.fromhex(read_secret(path).decode("ascii").strip())
    if len(kept) != SECRET_BYTES:
        raise ValueError(f"{path} is no secret of {SECRET_BYTES} bytes")
    return kept


def make(path: Path, content: str) -> None:
    """Write a secret file: whole or not at all, and of two processes that start together one alone
    makes it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    text = closed(content.encode() + b"\n", path)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(fresh)
    fresh.unlink()
