"""Puts a verified backup into an empty home.

The node in it does not serve before it has been recovered: its neighbours have heard things that
this copy does not know (``RESTORED_FILE`` beside the database says so).
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tarfile
from pathlib import Path

from hub.errors import Malformed
from node.main.backups import (
    DATABASE,
    HOME,
    KEYS_FILE,
    PHOTOS,
    SETTINGS_COPY,
    Backup,
    Progress,
    copy,
    verify,
    write_private,
)
from node.main.marks import RESTORED_FILE
from node.main.strongbox import open_files, passphrase_of
from node.settings import FILE_NAME, load
from node.store import snapshot


def restore(
    folder: Path, home: Path, *, passphrase_file: Path | None, database_url: str,
    progress: Progress,
) -> Backup:
    """Put a verified backup into an empty home. The node in it does not serve before it has been
    recovered: its neighbours have heard things that this copy does not know."""
    found = verify(folder, progress=progress)
    if home.exists() and any(home.iterdir()):
        raise Malformed(f"restoring: {home} is not empty", code="backup.not_empty")
    sealed = folder / KEYS_FILE
    keys = b""
    if passphrase_file is not None and sealed.is_file():
        keys = open_files(sealed.read_bytes(), passphrase_of(passphrase_file))
    settings_text = _with_url(
        (folder / HOME / SETTINGS_COPY).read_text(encoding="utf-8"), database_url
    )
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for name in ("keys", "data", "blobs", "nats", "adapters"):
            (home / name).mkdir(mode=0o700)
        for path in sorted((folder / HOME).rglob("*")):
            inside = path.relative_to(folder / HOME)
            if path.is_file() and inside.as_posix() != SETTINGS_COPY:
                copy(path, home / inside)
        photos = sorted(path for path in (folder / PHOTOS).rglob("*") if path.is_file())
        for done, path in enumerate(photos):
            progress("photos", done, len(photos))
            copy(path, home / "blobs" / path.relative_to(folder / PHOTOS))
        if keys:
            with tarfile.open(fileobj=io.BytesIO(keys)) as tar:
                tar.extractall(home, filter="data")
        write_private(home / "data" / RESTORED_FILE, json.dumps(
            {"from": str(folder), "taken_at": found.manifest["taken_at"]}).encode())
        write_private(home / FILE_NAME, settings_text.encode())
        snapshot.put_back(
            folder / DATABASE,
            load(home).database_url,
            int(found.manifest["database"]["schema"]),
            lambda done, total: progress("database", done, total),
        )
    except BaseException:
        # Half a home must not look like one; what was there before was empty.
        shutil.rmtree(home, ignore_errors=True)
        raise
    return found


def _with_url(text: str, url: str) -> str:
    """The settings with the database to restore into; a hidden password must be given anew."""
    if url:
        lines, inside = text.splitlines(), False
        for n, line in enumerate(lines):
            if line.strip().startswith("["):
                inside = line.strip() == "[database]"
            elif inside and re.match(r"\s*url\s*=", line):
                lines[n] = f"url = {json.dumps(url)}"
        return "\n".join(lines) + "\n"
    if re.search(r"^\s*url\s*=.*:\*\*\*@", text, re.MULTILINE):
        raise Malformed(
            "restoring: the password of the database is in no backup; name the empty database "
            "with --database-url",
            code="backup.database_url",
        )
    return text
