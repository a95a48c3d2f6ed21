"""A unit's legacy work-order system, as the simulators of the kinds run it: a store, people who
work orders off, and faults that can be switched while it runs.

It behaves like the systems found in the field: it does not notice that two orders carry the same
external number (unless ``dedupe``), so whoever repeats a submission without looking it up first
leaves a duplicate that ``audit`` counts. It knows nothing of wanmi and imports nothing of it.
"""

from __future__ import annotations

import json
import random
import sqlite3
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

BEIJING = timezone(timedelta(hours=8))
WAITING, SIGNED, HANDLING, DONE, RETURNED, CANCELLED = "10", "20", "30", "40", "90", "99"
NAMES: Mapping[str, str] = {
    WAITING: "待接收",
    SIGNED: "已接收",
    HANDLING: "处理中",
    DONE: "已办结",
    RETURNED: "已退单",
    CANCELLED: "已撤销",
}
"""Statuses by number, as an interface shows them, and by name, as a file does."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS work_order(
  id INTEGER PRIMARY KEY AUTOINCREMENT, ext TEXT NOT NULL, status TEXT NOT NULL,
  body TEXT NOT NULL, photos INTEGER NOT NULL, taken_at REAL NOT NULL, next_at REAL);
CREATE INDEX IF NOT EXISTS work_order_ext ON work_order(ext);
CREATE TABLE IF NOT EXISTS tombstone(ext TEXT PRIMARY KEY, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ext TEXT NOT NULL, order_no TEXT NOT NULL,
  status TEXT NOT NULL, remark TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL,
  photos INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Cancelled(Exception):
    """The unit has struck this external number off; no work is taken for it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong and how often (probabilities 0 to 1; ``slow_s`` in seconds). ``outage``
    answers nothing at all. A slow answer comes after the commit."""

    lose_answer: float = 0.0
    error_after_commit: float = 0.0
    slow: float = 0.0
    slow_s: float = 2.0
    reorder: float = 0.0
    duplicate: float = 0.0
    garbage: float = 0.0
    outage: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Faults:
        """``lose_answer=0.2,duplicate=0.1``; ``ValueError`` names an unknown fault."""
        pairs = [part.partition("=") for part in text.split(",") if part.strip()]
        return cls.of({name.strip(): float(value) for name, _, value in pairs})

    @classmethod
    def of(cls, raw: Mapping[str, float]) -> Faults:
        """From a table of numbers."""
        known = {one.name for one in fields(cls)}
        unknown = set(raw) - known
        if unknown:
            raise ValueError(f"unknown faults {sorted(unknown)}; known: {sorted(known)}")
        return cls(**{name: float(value) for name, value in raw.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the unit's own history."""

    seq: int
    ext: str
    order_no: str
    status: str
    remark: str
    reason: str
    at: datetime
    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """How the unit works: seconds between steps (0 = nobody works by themselves), which share of
    orders goes back, seeded by order."""

    step_s: float = 0.0
    return_share: float = 0.0
    seed: int = 0


class UnitSystem:
    """The store of one simulated unit. Every method is its own committed transaction; several
    threads and processes may share the file."""

    def __init__(
        self,
        path: Path,
        *,
        prefix: str,
        crew: Crew,
        dedupe: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.prefix = prefix
        self.crew = crew
        self.dedupe = dedupe
        self.clock = clock
        self._random = random.Random(crew.seed)  # noqa: S311 - a seeded simulation
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the store."""
        self._db.close()

    def take(self, ext: str, body: Mapping[str, Any], *, photos: int = 0) -> str:
        """Write a new work order and return its number. ``Cancelled`` after a cancellation."""
        with self._write() as db:
            if db.execute("SELECT 1 FROM tombstone WHERE ext = ?", (ext,)).fetchone():
                raise Cancelled(ext)
            known = self.find(ext) if self.dedupe else None
            if known:
                return known
            now = self.clock()
            due = now + self.crew.step_s if self.crew.step_s else None
            made = db.execute(
                "INSERT INTO work_order(ext, status, body, photos, taken_at, next_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (ext, WAITING, json.dumps(body, ensure_ascii=False), photos, now, due),
            )
            return self._number(made.lastrowid or 0)

    def find(self, ext: str) -> str | None:
        """Number of the first work order with this external number."""
        row = self._db.execute(
            "SELECT id FROM work_order WHERE ext = ? ORDER BY id LIMIT 1", (ext,)
        ).fetchone()
        return self._number(row[0]) if row else None

    def cancel(self, ext: str, reason: str) -> None:
        """Strike all work for an external number off, also work that has not arrived yet."""
        with self._write() as db:
            db.execute("INSERT OR IGNORE INTO tombstone VALUES (?, ?)", (ext, reason))
            db.execute(
                "UPDATE work_order SET status = ?, next_at = NULL WHERE ext = ?"
                " AND status NOT IN (?, ?)",
                (CANCELLED, ext, DONE, RETURNED),
            )

    def say(self, ext: str, status: str, remark: str, *, reason: str = "", photos: int = 0) -> None:
        """Move the order and write the event, as a person at the unit does. The status is not
        checked: a test may say what nobody foresaw."""
        with self._write() as db:
            row = db.execute(
                "SELECT id FROM work_order WHERE ext = ? ORDER BY id LIMIT 1", (ext,)
            ).fetchone()
            number = self._number(row[0]) if row else ""
            self._event(db, ext, number, status=status, remark=remark, reason=reason, photos=photos)
            if row:
                db.execute(
                    "UPDATE work_order SET status = ?, next_at = NULL WHERE id = ?",
                    (status, row[0]),
                )

    def work(self) -> int:
        """Let the crew do what is due; returns how many steps they took."""
        now = self.clock()
        if not self._db.execute(
            "SELECT 1 FROM work_order WHERE next_at <= ? LIMIT 1", (now,)
        ).fetchone():
            return 0
        with self._write() as db:
            due = db.execute(
                "SELECT id, ext, status FROM work_order WHERE next_at <= ? ORDER BY next_at, id"
                " LIMIT 500",
                (now,),
            ).fetchall()
            for number, ext, status in due:
                self._step(db, number, ext, status, now)
        return len(due)

    def events(self, after: int, limit: int) -> list[Event]:
        """History after a line, oldest first."""
        rows = self._db.execute(
            "SELECT seq, ext, order_no, status, remark, reason, at, photos FROM event"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, limit),
        ).fetchall()
        return [
            Event(
                seq=row[0],
                ext=row[1],
                order_no=row[2],
                status=row[3],
                remark=row[4],
                reason=row[5],
                at=datetime.fromtimestamp(row[6], BEIJING),
                photos=row[7],
            )
            for row in rows
        ]

    def audit(self) -> dict[str, Any]:
        """Everything the unit holds, and how many orders are duplicates of another one."""
        rows = self._db.execute(
            "SELECT id, ext, status, photos, body FROM work_order ORDER BY id"
        ).fetchall()
        keys = [row[1] for row in rows]
        return {
            "work_orders": [
                {
                    "order_no": self._number(row[0]),
                    "ext": row[1],
                    "status": row[2],
                    "status_name": NAMES.get(row[2], row[2]),
                    "photos": row[3],
                    "body": json.loads(row[4]),
                }
                for row in rows
            ],
            "count": len(rows),
            "duplicates": len(keys) - len(set(keys)),
            "cancelled": [row[0] for row in self._db.execute("SELECT ext FROM tombstone")],
            "events": self._db.execute("SELECT count(*) FROM event").fetchone()[0],
        }

    def faults(self) -> Faults:
        """What goes wrong now; read from the store, so any process can switch it."""
        row = self._db.execute("SELECT value FROM setting WHERE name = 'faults'").fetchone()
        return Faults.of(json.loads(row[0])) if row else Faults()

    def set_faults(self, faults: Faults) -> None:
        """Switch faults on or off."""
        self.remember("faults", json.dumps(asdict(faults)))

    def happens(self, share: float) -> bool:
        """Draw one fault from the seed."""
        with self._lock:
            return share > 0 and self._random.random() < share

    def shuffle(self, items: list[Any]) -> None:
        """Put a list out of order, from the seed."""
        with self._lock:
            self._random.shuffle(items)

    def remember(self, name: str, value: str) -> None:
        """Keep a value across restarts."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def recall(self, name: str, default: str = "") -> str:
        """A value kept by ``remember``."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else default

    def _number(self, row: int) -> str:
        return f"{self.prefix}-{row:06d}"

    def _step(self, db: sqlite3.Connection, row: int, ext: str, status: str, now: float) -> None:
        goes_back = random.Random(f"{self.crew.seed}/{ext}").random() < self.crew.return_share  # noqa: S311
        after, remark, reason, photos = {
            WAITING: (SIGNED, "已接收工单", "", 0),
            SIGNED: (RETURNED, "经核实，不属于本单位职责范围", "not_ours", 0)
            if goes_back
            else (HANDLING, "抢修班组已到场", "", 0),
        }.get(status, (DONE, "已处置完毕，现场恢复", "", 1))
        self._event(
            db, ext, self._number(row), status=after, remark=remark, reason=reason, photos=photos
        )
        db.execute(
            "UPDATE work_order SET status = ?, next_at = ? WHERE id = ?",
            (after, None if after in {DONE, RETURNED} else now + self.crew.step_s, row),
        )

    def _event(
        self,
        db: sqlite3.Connection,
        ext: str,
        number: str,
        *,
        status: str,
        remark: str,
        reason: str,
        photos: int,
    ) -> None:
        db.execute(
            "INSERT INTO event(ext, order_no, status, remark, reason, at, photos)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ext, number, status, remark, reason, self.clock(), photos),
        )

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def picture(label: str) -> bytes:
    """A small, real PNG whose colour depends on the label: the photo of finished work."""
    red, green, blue = struct.unpack("3B", struct.pack(">I", zlib.crc32(label.encode()))[1:])
    row = b"\0" + bytes((red, green, blue)) * 16

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(row * 16))
        + chunk(b"IEND", b"")
    )
