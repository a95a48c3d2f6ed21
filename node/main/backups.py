"""Backup of a running node, and the proof that it is whole.

A backup is a folder. It is written under a name that begins with a dot and ends in ``.part``, every
file and folder of it is fsynced, and the last step is its rename: what bears its final name is
whole. ``manifest.json`` lists every file with size and SHA-256, ``manifest.sha256`` the manifest
itself.

Private keys are left out. With a passphrase they come along as one sealed file (argon2id and
XSalsa20-Poly1305); nothing private is ever written in the clear. Mailboxes hold nothing that is
only there and are left out too.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Final

from hub.errors import Fenced, Malformed, Unsealed
from hub.roster.holding import NATS_FILE, SIGN_FILE, TLS_FILE
from hub.roster.identity import ROOT_KEY_FILE
from node.main.secrets import DATA_FILE, REPORTER_FILE
from node.main.strongbox import passphrase_of, seal_files
from node.settings import FILE_NAME, Settings, load
from node.store import snapshot

MANIFEST, MANIFEST_DIGEST = "manifest.json", "manifest.sha256"
FORMAT: Final = 1
DATABASE, HOME, PHOTOS, KEYS_FILE = "database", "home", "photos", "keys.sealed"
SETTINGS_COPY = "settings.toml"
"""Under a name of its own: a folder with ``wanmi.toml`` in it would pass for a node's home."""
PRIVATE_FILES = frozenset(
    {SIGN_FILE, TLS_FILE, NATS_FILE, ROOT_KEY_FILE, "ca.key", "cli.token", REPORTER_FILE, DATA_FILE,
     "factors.key"}
)
"""Of ``keys/``; whatever else only its owner may read is private too."""
UNDER_WAY: Final = ".part"
"""How the name of a backup ends before it is whole."""
_PASSWORD = re.compile(r"^(\s*url\s*=.*://[^:/@\s\"']*):[^@\s\"']*@", re.MULTILINE)
_HIDDEN = r"\1:***@"

Progress = Callable[[str, int, int], None]
"""Told ``(step, done, total)``; steps are database, photos, digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One whole backup."""

    path: Path
    manifest: Mapping[str, Any]
    files: int
    size: int

    def document(self) -> dict[str, Any]:
        """For ``--json`` and tables."""
        return {
            "path": str(self.path),
            "node": self.manifest["node"],
            "taken_at": self.manifest["taken_at"],
            "schema": self.manifest["database"]["schema"],
            "files": self.files,
            "bytes": self.size,
            "keys": self.manifest["keys"],
            "missing_photos": len(self.manifest["missing_photos"]),
            "removed": list(self.manifest.get("removed", ())),
        }


def backup(
    home: Path, to: Path | None, *, keep: int, passphrase_file: Path | None, progress: Progress
) -> Backup:
    """Take a backup below ``to`` (default: ``backups`` in the home), then drop the oldest ones of
    this node beyond ``keep`` (0 = keep all). Raises ``Fenced`` while another one is being taken,
    or a recovery is under way."""
    settings = load(home)
    passphrase = passphrase_of(passphrase_file) if passphrase_file is not None else None
    where = to or home / "backups"
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    node = settings.node.id
    with _alone(where):
        for left in where.glob(f".{node}-*{UNDER_WAY}"):  # of one that was cut short
            shutil.rmtree(left)
        now = datetime.now(UTC)
        name = f"{node}-{now:%Y%m%dT%H%M%S}Z"
        final = where / name
        if final.exists():
            raise Malformed(f"backing up: {final} is there already", code="backup.exists")
        folder = where / f".{name}{UNDER_WAY}"
        try:
            manifest = _fill(settings, folder, passphrase, progress)
            _settle(folder)
            folder.rename(final)
            _sync(where)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        removed = _drop_old(where, node, keep)
    files, size = _measure(manifest)
    manifest = {**manifest, "removed": removed}
    return Backup(path=final, manifest=manifest, files=files, size=size)


def verify(folder: Path, *, progress: Progress) -> Backup:
    """Read every byte of a backup again. Raises ``Malformed`` for what is no backup, ``Unsealed``
    for one whose bytes are not what the manifest says, naming the first file."""
    manifest = _manifest(folder)
    listed = {one["path"]: one for one in manifest["files"]}
    present = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {MANIFEST, MANIFEST_DIGEST}
    }
    lost, strange = sorted(listed.keys() - present), sorted(present - listed.keys())
    if lost or strange:
        what = f"{lost[0]} is missing" if lost else f"{strange[0]} is not in the manifest"
        raise Unsealed(f"verifying {folder}: {what}", code="backup.damaged")
    for done, (name, one) in enumerate(listed.items()):
        progress("digests", done, len(listed))
        if _digest(folder / name) != one["sha256"]:
            raise Unsealed(f"verifying {folder}: {name} has changed", code="backup.damaged")
    progress("digests", len(listed), len(listed))
    snapshot.examine(folder / DATABASE)
    files, size = _measure(manifest)
    return Backup(path=folder, manifest=manifest, files=files, size=size)


# --- taking ---------------------------------------------------------------------------------------


def _fill(
    settings: Settings, folder: Path, passphrase: bytes | None, progress: Progress
) -> dict[str, Any]:
    """Everything of a backup, the manifest last."""
    home, now = settings.home, datetime.now(UTC)
    folder.mkdir(mode=0o700)
    (folder / DATABASE).mkdir(mode=0o700)
    facts = snapshot.take(
        settings.database_url, folder / DATABASE,
        lambda done, total: progress("database", done, total),
    )
    if facts.recovering:
        # Put back later, it would go on with the epoch of this recovery, and give numbers twice.
        raise Fenced(
            f"backing up {settings.node.id}: its recovery has not ended; end it with wanmi "
            "recover, then back up",
            code="backup.recovering",
        )
    # Photos after the database: then no row of the copy names a photo that is not in it.
    missing = _take_photos(settings.blobs, folder / PHOTOS, facts.photos, folder.parent, progress)
    private = _take_home(settings, folder / HOME)
    if passphrase is not None:
        (folder / KEYS_FILE).write_bytes(seal_files(home, private, passphrase))
    files = [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": _digest(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    manifest = {
        "format": FORMAT,
        "node": settings.node.id,
        "name": settings.node.name,
        "program": version_of("wanmi"),
        "taken_at": now.isoformat(timespec="seconds"),
        "keys": passphrase is not None,
        "database": facts.document(),
        "missing_photos": missing,
        "files": files,
    }
    raw = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    (folder / MANIFEST).write_bytes(raw)
    digest = hashlib.sha256(raw).hexdigest()
    (folder / MANIFEST_DIGEST).write_text(f"{digest}  {MANIFEST}\n", encoding="ascii")
    return manifest


def _take_photos(
    blobs: Path, target: Path, wanted: tuple[str, ...], where: Path, progress: Progress
) -> list[str]:
    """Copy photos; what an earlier backup in the same place holds is linked, for a photo is never
    changed. Returns the digests that the database names and the disk does not have."""
    target.mkdir(mode=0o700)
    earlier = [one.path / PHOTOS for one in whole_backups(where)]
    missing = []
    for done, digest in enumerate(wanted):
        progress("photos", done, len(wanted))
        inside = Path(digest[:2]) / digest
        source = blobs / inside
        if not source.is_file():
            missing.append(digest)
            continue
        (target / inside).parent.mkdir(mode=0o700, exist_ok=True)
        before = next((one / inside for one in earlier if (one / inside).is_file()), None)
        if before is None or not _linked(before, target / inside):
            copy(source, target / inside)
    progress("photos", len(wanted), len(wanted))
    return missing


def _linked(before: Path, here: Path) -> bool:
    try:
        here.hardlink_to(before)
    except OSError:
        return False
    return True


def _take_home(settings: Settings, target: Path) -> list[Path]:
    """Settings, papers and adapters; returns the private files, which are left out here."""
    home = settings.home
    target.mkdir(mode=0o700)
    text = (home / FILE_NAME).read_text(encoding="utf-8")
    write_private(target / SETTINGS_COPY, _PASSWORD.sub(_HIDDEN, text).encode())
    private: list[Path] = []
    secrets = _adapter_secrets(settings.adapters_home)
    for folder in (settings.keys, settings.adapters_home):
        if not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.name.endswith((".new", "-wal", "-shm")):
                continue
            inside = path.relative_to(home)
            hidden = folder == settings.keys and (
                path.name in PRIVATE_FILES or not path.stat().st_mode & 0o077
            )
            if hidden or path.resolve() in secrets:
                private.append(inside)
            elif path.suffix == ".db":
                _copy_database(path, target / inside)
            else:
                copy(path, target / inside)
    return private


def _adapter_secrets(adapters: Path) -> set[Path]:
    """Files that manifests of adapters name as secrets."""
    found: set[Path] = set()
    for manifest in adapters.glob("*/manifest.toml"):
        try:
            config = tomllib.loads(manifest.read_text(encoding="utf-8")).get("config", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            continue
        found |= {
            (manifest.parent / str(value)).resolve()
            for name, value in config.items()
            if name.endswith("secret_file")
        }
    return found


def _copy_database(source: Path, target: Path) -> None:
    """An adapter's own SQLite file, while it is in use."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


# --- what lies there ------------------------------------------------------------------------------


def whole_backups(where: Path, node: str = "") -> list[Backup]:
    """Backups below a folder, oldest first; what cannot be read is left out."""
    found = []
    for path in where.glob("*/"):
        try:
            manifest = _manifest(path)
        except (Malformed, Unsealed, OSError):
            continue
        if not node or manifest["node"] == node:
            files, size = _measure(manifest)
            found.append(Backup(path=path, manifest=manifest, files=files, size=size))
    return sorted(found, key=lambda one: str(one.manifest["taken_at"]))


def _drop_old(where: Path, node: str, keep: int) -> list[str]:
    if keep <= 0:
        return []
    gone = whole_backups(where, node)[:-keep]
    for one in gone:
        # Renamed first: half a removed backup does not look like a whole one either.
        dying = where / f".{one.path.name}{UNDER_WAY}"
        one.path.rename(dying)
        shutil.rmtree(dying)
    return [one.path.name for one in gone]


def _manifest(folder: Path) -> dict[str, Any]:
    if folder.name.endswith(UNDER_WAY):
        raise Malformed(f"reading {folder}: it was cut short", code="backup.none")
    try:
        raw = (folder / MANIFEST).read_bytes()
        said = (folder / MANIFEST_DIGEST).read_text(encoding="ascii").split()[0]
        manifest: dict[str, Any] = json.loads(raw)
    except (OSError, ValueError, IndexError) as err:
        raise Malformed(f"reading {folder}: it is no whole backup", code="backup.none") from err
    if hashlib.sha256(raw).hexdigest() != said:
        raise Unsealed(f"reading {folder}: the manifest has changed", code="backup.damaged")
    if manifest.get("format") != FORMAT:
        raise Malformed(f"reading {folder}: a newer kind of backup", code="backup.format")
    return manifest


def _measure(manifest: Mapping[str, Any]) -> tuple[int, int]:
    files = manifest["files"]
    return len(files), sum(one["bytes"] for one in files)


# --- the disk -------------------------------------------------------------------------------------


@contextmanager
def _alone(where: Path) -> Iterator[None]:
    handle = os.open(where / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            raise Fenced(
                f"backing up: another backup into {where} is under way", code="backup.busy"
            ) from err
        yield
    finally:
        os.close(handle)


def copy(source: Path, target: Path) -> None:
    """One file with its permissions; its folder is made."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(source.stat().st_mode & 0o777)


def write_private(path: Path, data: bytes) -> None:
    """A new file that only its owner may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    """Every byte and every name below a folder is on the disk."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
