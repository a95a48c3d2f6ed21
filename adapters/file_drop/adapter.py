"""Hands orders over as CSV files in a shared folder and reads result files from it.

    orders/       ours: one file per order or withdrawal; appears whole, by rename
    results/      theirs: result files, with photos/ beside them
    receipts.csv  theirs: our key and their number, one line per order they have taken
    staging/ outstanding/        ours: what is about to be dropped, what has been
    archive/ rejected/           ours: result files that were read, or were not, with the reason

The rename from staging to orders is the moment an order is handed over. Because a record in
outstanding is written before it, what staging still holds afterwards tells, after any crash,
whether it happened; so an order is dropped exactly once without any help from the unit.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.contract import (
    Adapter,
    Health,
    MappingError,
    OutcomeUnknown,
    Page,
    PhotoRef,
    Receipt,
    Setup,
    UnitEvent,
    UnitPhoto,
    UnitRejected,
    UnitUnavailable,
    UnitUnreadable,
    Unreadable,
    WorkOrder,
)
from adapters.file_drop.sheets import (
    Dialect,
    Sheet,
    Unfinished,
    Unfit,
    decode,
    ignored,
    read_sheet,
    write_sheet,
)
from adapters.mapping import (
    ID_MAX,
    Heard,
    image_type,
    plain,
    unreadable,
)
from adapters.mapping_file import load_mapping
from adapters.remarks import Remark

FILES_PER_PAGE_MAX = 50
"""Files read in one poll; the cursor names them all, so it stays under 8 KiB."""
ROWS_PER_PAGE_MAX = 200
"""Rows of one poll: they are applied in one transaction."""
PHOTO_BYTES_MAX = 10 * 1024 * 1024
"""One photo, in or out."""
LISTED_MAX = 10_000
"""Names looked at in results/; more means that nobody archives, and the oldest go first anyway."""
RECEIPTS_BYTES_MAX = 64 * 1024 * 1024
"""The receipts file; a million orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a cursor says: files that were read whole (name → digest, and whether they were fit),
    and how far a long file has been read. The node has committed all of it."""

    done: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    part: tuple[str, str, int] = ("", "", 0)

    @classmethod
    def read(cls, cursor: str) -> Mark:
        """``""`` is the beginning."""
        if not cursor:
            return cls()
        raw = json.loads(cursor)
        name, digest, row = raw["part"]
        return cls(
            done={name: (digest, note) for name, (digest, note) in raw["done"].items()},
            part=(name, digest, row),
        )

    def __str__(self) -> str:
        return json.dumps(
            {"done": self.done, "part": self.part}, ensure_ascii=False, separators=(",", ":")
        )


def create(setup: Setup) -> Adapter:
    """Make the adapter. The folder need not be there yet: shares come and go."""
    return FileDropAdapter(setup)


class FileDropAdapter:
    """One shared folder. Blocking file work runs on worker threads."""

    def __init__(self, setup: Setup) -> None:
        config = setup.config
        self._id = setup.id
        self._now = setup.now
        self._map = load_mapping(setup.mapping)
        self._root = Path(config["folder"])
        self._dialect = Dialect(
            encoding=config["encoding_in"],
            delimiter=config["delimiter"],
            complete=config["complete"],
            end_marker=config["end_marker"],
        )
        self._out = Dialect(
            encoding=config["encoding_out"],
            delimiter=config["delimiter"],
            complete=config["complete"],
            end_marker=config["end_marker"],
        )
        self._still_s = float(config["still_s"])
        self._give_up_s = float(config["give_up_s"])
        self._seen: dict[str, tuple[int, int, float]] = {}
        receipts = self._map.extra.get("receipts", {})
        self._receipts = self._root / str(receipts.get("file", "receipts.csv"))
        self._columns = (str(receipts.get("key", "")), str(receipts.get("reference", "")))
        if not all(self._columns):
            raise MappingError([Remark("receipts", "receipts")])
        self._photo_column = str(self._map.extra.get("photos", {}).get("column", ""))

    def __repr__(self) -> str:
        return f"<file_drop adapter {self._id} at {self._root}>"

    async def probe(self) -> Health:
        """Look whether both folders are there and writable; writes nothing."""
        return await asyncio.to_thread(self._probe)

    async def submit(self, order: WorkOrder) -> Receipt:
        """Drop the order's file, once for ever."""
        return await asyncio.to_thread(self._submit, order)

    async def lookup(self, key: str) -> Receipt | None:
        """In the unit's receipts, else in our own record of what was dropped."""
        return await asyncio.to_thread(self._lookup, key)

    async def withdraw(self, key: str, unit_reference: str, reason: str) -> None:
        """Take the file back if it still lies there, and drop a withdrawal."""
        await asyncio.to_thread(self._withdraw, key, unit_reference, reason)

    async def poll(self, cursor: str) -> Page:
        """Read result files that are whole and not yet in the cursor. Moves nothing."""
        return await asyncio.to_thread(self._poll, Mark.read(cursor), cursor)

    async def settle(self, cursor: str) -> None:
        """Move what the node has committed to archive/ or rejected/."""
        await asyncio.to_thread(self._settle, Mark.read(cursor))

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Page:  # noqa: ARG002
        """A folder pushes nothing."""
        raise UnitRejected("a shared folder sends no notifications")

    async def reread(self, evidence: bytes) -> UnitEvent:
        """One row; its photos still lie beside the result files, or are gone."""
        return await asyncio.to_thread(self._reread, evidence)

    async def close(self) -> None:
        """Nothing is held open."""

    # --- out ------------------------------------------------------------------------------------

    def _probe(self) -> Health:
        try:
            self._need()
        except UnitUnavailable as err:
            return Health(ok=False, detail=err.remark)
        for name in ("orders", "results"):
            if not os.access(self._root / name, os.R_OK | os.W_OK | os.X_OK):
                return Health(ok=False, detail=Remark(
                    "", "folder_readonly", folder=str(self._root / name)))
        return Health(ok=True, detail=Remark("", "folder", folder=str(self._root)))

    def _submit(self, order: WorkOrder) -> Receipt:
        self._need()
        if self._place("outstanding", f"{_stem(order.key)}.withdrawn").exists():
            raise UnitRejected("this order was withdrawn before it was handed over")
        known = self._lookup(order.key)
        if known is not None:
            return known
        row = self._map.row(order, act="submit", now=self._now())
        with self._reaching("handing the photos over"):
            names = [self._photo_out(one) for one in order.photos if one.path]
        if self._photo_column:
            row[self._photo_column] = ";".join(names)
        self._drop(f"{_stem(order.key)}.csv", row)
        return Receipt(unit_reference="")

    def _lookup(self, key: str) -> Receipt | None:
        self._need()
        reference = self._receipt(key)
        if reference is not None:
            return Receipt(unit_reference=reference)
        name = f"{_stem(key)}.csv"
        dropped = self._place("outstanding", name).exists()
        staged = self._place("staging", name).exists()
        return Receipt(unit_reference="") if dropped and not staged else None

    def _withdraw(self, key: str, unit_reference: str, reason: str) -> None:
        self._need()
        name = f"{_stem(key)}.csv"
        with self._reaching("withdrawing"):
            _write(self._place("outstanding", f"{_stem(key)}.withdrawn"), reason.encode())
            self._place("staging", name).unlink(missing_ok=True)
        if not self._place("outstanding", name).exists() and self._receipt(key) is None:
            return
        try:
            os.replace(self._root / "orders" / name, self._place("archive", f"withdrawn-{name}"))
        except FileNotFoundError:
            pass  # taken already: the withdrawal below says so to the unit
        except OSError as err:
            raise UnitUnavailable(f"taking {name} back: {err.strerror}") from err
        row = self._map.withdrawal(
            key,
            now=self._now(),
            reason=reason,
            unit_reference=unit_reference or self._receipt(key) or "",
        )
        self._drop(f"{_stem(key)}-withdraw.csv", row)

    def _drop(self, name: str, row: Mapping[str, object]) -> None:
        """Put one file into orders/, exactly once."""
        record, staged = self._place("outstanding", name), self._place("staging", name)
        final = self._root / "orders" / name
        with self._reaching(f"writing {name}"):
            if not record.exists():
                data = write_sheet(row, self._out)
                if self._out.complete == "sidecar":
                    proof = hashlib.sha256(data).hexdigest().encode()
                    _write(final.with_name(f"{name}.sha256"), proof)
                _write(staged, data)
                _write(record, data)
            elif not staged.exists():
                return
        try:
            os.replace(staged, final)
            _sync(final.parent)
        except OSError as err:
            raise OutcomeUnknown(f"handing {name} over: {err.strerror}") from err

    def _photo_out(self, photo: PhotoRef) -> str:
        ending = {"image/png": "png", "image/webp": "webp"}.get(photo.media_type, "jpg")
        name = f"{photo.role}-{photo.digest[:16]}.{ending}"
        folder = self._root / "orders" / "photos"
        folder.mkdir(exist_ok=True)
        if not (folder / name).exists():
            shutil.copyfile(photo.path, folder / f"{name}.part")
            os.replace(folder / f"{name}.part", folder / name)
        return name

    def _receipt(self, key: str) -> str | None:
        """The unit's number from its receipts file; a line still being written does not count."""
        try:
            if self._receipts.stat().st_size > RECEIPTS_BYTES_MAX:
                raise UnitUnavailable(f"{self._receipts.name} is larger than we read")
            data = self._receipts.read_bytes()
            text = decode(data[: data.rfind(b"\n") + 1], self._dialect.encoding)
        except FileNotFoundError:
            return None
        except OSError as err:
            raise UnitUnavailable(f"reading {self._receipts.name}: {err.strerror}") from err
        except Unfit as err:
            raise UnitUnavailable(f"{self._receipts.name}: {err}") from err
        column, reference = self._columns
        for row in csv.DictReader(text.splitlines(), delimiter=self._dialect.delimiter):
            if (row.get(column) or "").strip() == key:
                return plain(row.get(reference) or "", most=ID_MAX)
        return None

    # --- in -------------------------------------------------------------------------------------

    def _poll(self, mark: Mark, cursor: str) -> Page:
        self._need()
        events: list[UnitEvent] = []
        unread: list[Unreadable] = []
        done: dict[str, tuple[str, str]] = {}
        kept: dict[str, tuple[str, str]] = {}
        part, more = ("", "", 0), False
        for path in self._waiting():
            room = ROWS_PER_PAGE_MAX - len(events)
            if room <= 0 or len(done) >= FILES_PER_PAGE_MAX:
                more = True
                break
            try:
                sheet = self._sheet(path)
            except (Unfinished, FileNotFoundError):
                continue
            except OSError as err:
                raise UnitUnavailable(f"reading {path.name}: {err.strerror}") from err
            except Unfit as err:
                digest = _digest(path)
                if mark.done.get(path.name, ("",))[0] == digest:
                    kept[path.name] = mark.done[path.name]
                    continue
                done[path.name] = (digest, str(err))
                unread.append(_whole_file(path, str(err)))
                continue
            if mark.done.get(path.name, ("",))[0] == sheet.digest:
                kept[path.name] = mark.done[path.name]
                continue
            first = mark.part[2] if mark.part[:2] == (sheet.name, sheet.digest) else 0
            self._take(sheet, first, first + room, events, unread)
            if first + room < len(sheet.rows):
                part, more = (sheet.name, sheet.digest, first + room), True
                break
            done[sheet.name] = (sheet.digest, "")
        if not done and not part[0]:
            return Page(events=(), cursor=cursor)
        return Page(
            events=tuple(sorted(events, key=lambda one: (one.key, one.order))),
            cursor=str(Mark(done=kept | done, part=part)),
            unreadable=tuple(unread),
            more=more,
        )

    def _take(
        self,
        sheet: Sheet,
        first: int,
        end: int,
        events: list[UnitEvent],
        unread: list[Unreadable],
    ) -> None:
        """Rows ``first`` to ``end``; one that cannot be read leaves the others alone."""
        heard, bad = self._map.read_all(sheet.rows[first:end], source=sheet.name)
        unread.extend(bad)
        known = {one.event_id for one in events}
        events.extend(
            self._with_photos(one, unread) for one in heard if one.event.event_id not in known
        )

    def _reread(self, evidence: bytes) -> UnitEvent:
        unread: list[Unreadable] = []
        event = self._with_photos(self._map.reread(evidence), unread)
        if unread:
            raise UnitUnreadable(unread[0].detail)
        return event

    def _sheet(self, path: Path) -> Sheet:
        """The file if it is whole and its photos are there. ``Unfit`` also after waiting too
        long."""
        status = path.stat()
        size, changed, since = self._seen.get(path.name, (-1, -1, 0.0))
        now = time.monotonic()
        if (size, changed) != (status.st_size, status.st_mtime_ns):
            since = now
            self._seen[path.name] = (status.st_size, status.st_mtime_ns, now)
        waited = now - since
        try:
            return self._whole(path, waited)
        except Unfinished as err:
            if waited < self._give_up_s:
                raise
            raise Unfit(f"等待 {self._give_up_s:.0f} 秒后文件仍不完整：{err}") from err

    def _whole(self, path: Path, waited: float) -> Sheet:
        if self._dialect.complete == "still" and waited < self._still_s:
            raise Unfinished("文件可能还在写入")
        sheet = read_sheet(path, self._dialect)
        if waited < self._give_up_s:
            self._need_photos(sheet)
        return sheet

    def _need_photos(self, sheet: Sheet) -> None:
        for row in sheet.rows:
            try:
                photos = self._map.read(row).photos
            except UnitUnreadable:
                continue
            for photo in photos:
                path = self._photo_path(photo.href)
                if path is not None and not path.exists():
                    raise Unfinished(f"照片 {photo.href} 还没有送到")

    def _photo_path(self, name: str) -> Path | None:
        """Where a named photo lies; None for a name that leads out of the folder."""
        if Path(name).name != name or name.startswith("."):
            return None
        return self._root / "results" / "photos" / name

    def _with_photos(self, one: Heard, unread: list[Unreadable]) -> UnitEvent:
        photos = []
        for remote in one.photos:
            try:
                photos.append(self._photo_in(remote.href))
            except UnitUnreadable as err:
                unread.append(unreadable(err, source=remote.href, evidence=err.evidence))
        return one.with_photos(tuple(photos))

    def _photo_in(self, name: str) -> UnitPhoto:
        path = self._photo_path(name)
        try:
            if path is None or not _own_file(path) or path.stat().st_size > PHOTO_BYTES_MAX:
                raise UnitUnreadable(f"照片 {name} 的名称或大小不合规定")
            data = path.read_bytes()
        except OSError as err:
            raise UnitUnreadable(f"照片 {name}: {err.strerror}") from err
        media_type = image_type(data)
        if not media_type:
            raise UnitUnreadable(f"照片 {name} 不是图片", evidence=data[:64])
        return UnitPhoto(data=data, media_type=media_type)

    def _waiting(self) -> list[Path]:
        """Result files by name, which carries the date where a unit cares about order."""
        with self._reaching("listing results"), os.scandir(self._root / "results") as entries:
            # The share belongs to the unit: a link in it could lead to any file of ours.
            names = [
                entry.name
                for entry in entries
                if entry.is_file(follow_symlinks=False) and not ignored(entry.name)
            ]
        self._seen = {name: seen for name, seen in self._seen.items() if name in set(names)}
        return [self._root / "results" / name for name in sorted(names)[:LISTED_MAX]]

    def _settle(self, mark: Mark) -> None:
        if not mark.done:
            return
        self._need()
        for name, (digest, note) in mark.done.items():
            path = self._root / "results" / name
            with self._reaching(f"archiving {name}"):
                if not path.exists() or _digest(path) != digest:
                    continue
                reasons = [note] if note else self._bad_rows(path)
                if reasons:
                    where = self._free("rejected", f"{name}.原因.txt")
                    _write(where, ("\r\n".join(reasons) + "\r\n").encode("utf-8-sig"))
                os.replace(path, self._free("rejected" if note else "archive", name))
                path.with_name(f"{name}.sha256").unlink(missing_ok=True)

    def _bad_rows(self, path: Path) -> list[str]:
        """One readable line per row that could not be read; the others have been applied."""
        reasons = []
        for number, row in enumerate(read_sheet(path, self._dialect).rows, start=2):
            try:
                self._map.read(row)
            except UnitUnreadable as err:
                reasons.append(f"第 {number} 行未能读取：{err}；内容：{'|'.join(row.values())}")
        return reasons

    # --- the folder -----------------------------------------------------------------------------

    def _need(self) -> None:
        """``UnitUnavailable`` unless the share is really there. We never make orders/ or results/
        ourselves: on an unmounted share that would swallow orders into a local folder."""
        for name in ("orders", "results"):
            if not (self._root / name).is_dir():
                raise UnitUnavailable(Remark("", "folder_missing", folder=str(self._root / name)))

    def _place(self, folder: str, name: str) -> Path:
        with self._reaching(f"opening {folder}"):
            (self._root / folder).mkdir(exist_ok=True)
        return self._root / folder / name

    def _free(self, folder: str, name: str) -> Path:
        """A name in the folder that nothing has yet."""
        path = self._place(folder, name)
        count = 1
        while path.exists():
            count += 1
            path = self._place(folder, f"{count}-{name}")
        return path

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as err:
            raise UnitUnavailable(f"{what}: {err.strerror or err}") from err


def _own_file(path: Path) -> bool:
    """Whether a regular file lies there: no link out of the share, no pipe that never ends."""
    return stat.S_ISREG(path.lstat().st_mode)


def _stem(key: str) -> str:
    """A file name for a key: readable, the same every time, no path in it."""
    safe = "".join(one if one.isalnum() else "-" for one in key)
    return f"{safe[:60]}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def _whole_file(path: Path, reason: str) -> Unreadable:
    with path.open("rb") as file:
        evidence = file.read(65_536)
    return unreadable(UnitUnreadable(reason), source=path.name, evidence=evidence)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Durably: whole file or none."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make a rename durable where the file system knows how."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # network shares refuse to sync a directory; the rename itself is all they offer
    finally:
        os.close(handle)
