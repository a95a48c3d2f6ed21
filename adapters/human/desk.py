"""The small work-order system that a node lends to a unit without one: a file, four verbs.

Orders come in, people's answers come in, a withdrawal leaves a tombstone, and the history is read
by cursor. Every change is committed before the caller hears of it. Link tokens are stored as
digests only: who reads this file cannot open a form.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.contract import PhotoRef, UnitAct, UnitPhoto, WorkOrder

ONCE = frozenset({UnitAct.SIGNED, UnitAct.DONE, UnitAct.RETURN})
"""Acts that count once per work order; progress may be told any number of times."""
FINAL = frozenset({UnitAct.DONE, UnitAct.RETURN})
SAID_MAX = 200
"""Answers one work order takes; beyond this somebody is playing with the form."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS work(
  key TEXT PRIMARY KEY, body TEXT, token BLOB UNIQUE, serial INTEGER NOT NULL,
  expires_at REAL NOT NULL, withdrawn TEXT);
CREATE TABLE IF NOT EXISTS said(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, act TEXT NOT NULL,
  ticket TEXT NOT NULL, text TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL,
  closing_met INTEGER NOT NULL DEFAULT 0, UNIQUE(key, ticket));
CREATE INDEX IF NOT EXISTS said_key ON said(key, seq);
CREATE TABLE IF NOT EXISTS photo(
  seq INTEGER NOT NULL, n INTEGER NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(seq, n));
"""
_LATER = "ALTER TABLE said ADD COLUMN closing_met INTEGER NOT NULL DEFAULT 0"
"""A desk of before this was asked is brought up to date when it is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One order on the desk. ``order`` None: a tombstone for an order that never came."""

    key: str
    order: WorkOrder | None
    serial: int
    expires_at: datetime
    withdrawn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer of a person."""

    seq: int
    key: str
    act: UnitAct
    ticket: str
    text: str
    reason: str
    at: datetime
    closing_met: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person sends with the form, before it is taken."""

    act: UnitAct
    ticket: str
    text: str
    reason: str
    photos: tuple[UnitPhoto, ...]
    closing_met: bool = False


class Desk:
    """The file. Calls come from worker threads, one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        columns = {row[1] for row in self._db.execute("PRAGMA table_info(said)")}
        if "closing_met" not in columns:
            self._db.execute(_LATER)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def put(self, order: WorkOrder, *, token: bytes, expires_at: datetime) -> Work:
        """Lay an order on the desk; the one already there, or its tombstone, wins."""
        body = json.dumps(asdict(order), ensure_ascii=False, default=_plain)
        with self._write() as db:
            db.execute(
                "INSERT OR IGNORE INTO work VALUES (?, ?, ?, 1, ?, NULL)",
                (order.key, body, token, expires_at.timestamp()),
            )
            return self._work(db, "key = ?", order.key)

    def strike(self, key: str, reason: str) -> None:
        """Withdraw; for an unknown key a tombstone stays, so that a late order is dead."""
        with self._write() as db:
            db.execute(
                "INSERT INTO work VALUES (?, NULL, NULL, 0, 0, ?)"
                " ON CONFLICT(key) DO UPDATE"
                " SET withdrawn = coalesce(withdrawn, excluded.withdrawn)",
                (key, reason),
            )

    def renew(self, key: str, *, token: bytes, expires_at: datetime) -> None:
        """A new token; the old one opens nothing any more."""
        with self._write() as db:
            db.execute(
                "UPDATE work SET token = ?, serial = serial + 1, expires_at = ? WHERE key = ?",
                (token, expires_at.timestamp(), key),
            )

    def by_key(self, key: str) -> Work | None:
        """The order with this key."""
        with self._lock:
            return self._find("key = ?", key)

    def by_token(self, token: bytes) -> Work | None:
        """The order a token's digest opens."""
        with self._lock:
            return self._find("token = ?", token)

    def works(self) -> list[Work]:
        """Every order that came, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT key, body, serial, expires_at, withdrawn FROM work"
                " WHERE body IS NOT NULL ORDER BY rowid"
            ).fetchall()
        return [_as_work(row) for row in rows]

    def say(self, key: str, answer: Answer, *, at: datetime) -> None:
        """Take one answer. A ticket counts once; after a final act, or a withdrawal that came
        between showing the form and sending it, nothing counts any more."""
        with self._write() as db:
            work = self._work(db, "key = ?", key)
            said = [row[0] for row in db.execute("SELECT act FROM said WHERE key = ?", (key,))]
            over = work.withdrawn is not None or bool(FINAL & set(said)) or len(said) >= SAID_MAX
            if over or (answer.act in ONCE and answer.act in said):
                return
            made = db.execute(
                "INSERT OR IGNORE INTO said(key, act, ticket, text, reason, at, closing_met)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    key,
                    answer.act.value,
                    answer.ticket,
                    answer.text,
                    answer.reason,
                    at.timestamp(),
                    answer.closing_met,
                ),
            )
            if made.rowcount:
                db.executemany(
                    "INSERT INTO photo VALUES (?, ?, ?, ?)",
                    [
                        (made.lastrowid, n, photo.media_type, photo.data)
                        for n, photo in enumerate(answer.photos)
                    ],
                )

    def said(self, *, key: str = "", after: int = 0, limit: int = SAID_MAX) -> list[Said]:
        """Answers after a line, of one order or of all."""
        where, values = ("key = ? AND", [key]) if key else ("", [])
        with self._lock:
            rows = self._db.execute(
                "SELECT seq, key, act, ticket, text, reason, at, closing_met FROM said"  # noqa: S608
                f" WHERE {where} seq > ? ORDER BY seq LIMIT ?",
                (*values, after, limit),
            ).fetchall()
        return [
            Said(
                seq=row[0],
                key=row[1],
                act=UnitAct(row[2]),
                ticket=row[3],
                text=row[4],
                reason=row[5],
                at=datetime.fromtimestamp(row[6], UTC),
                closing_met=bool(row[7]),
            )
            for row in rows
        ]

    def photos(self, seq: int) -> tuple[UnitPhoto, ...]:
        """Photos of one answer."""
        with self._lock:
            rows = self._db.execute(
                "SELECT data, media_type FROM photo WHERE seq = ? ORDER BY n", (seq,)
            ).fetchall()
        return tuple(UnitPhoto(data=row[0], media_type=row[1]) for row in rows)

    def forget_photos(self, until: int) -> None:
        """The node holds what it has committed; two copies of every photo are one too many."""
        with self._write() as db:
            db.execute("DELETE FROM photo WHERE seq <= ?", (until,))

    def _find(self, where: str, value: object) -> Work | None:
        row = self._db.execute(
            f"SELECT key, body, serial, expires_at, withdrawn FROM work WHERE {where}",  # noqa: S608
            (value,),
        ).fetchone()
        return _as_work(row) if row else None

    def _work(self, db: sqlite3.Connection, where: str, value: object) -> Work:
        work = self._find(where, value)
        assert work is not None, "an order that was just written is there"
        assert db.in_transaction
        return work

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


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an order")


def _as_work(row: tuple[Any, ...]) -> Work:
    key, body, serial, expires_at, withdrawn = row
    return Work(
        key=key,
        order=_as_order(json.loads(body)) if body else None,
        serial=serial,
        expires_at=datetime.fromtimestamp(expires_at, UTC),
        withdrawn=withdrawn,
    )


def _as_order(raw: dict[str, Any]) -> WorkOrder:
    finish_by = raw.pop("finish_by")
    photos = tuple(PhotoRef(**one) for one in raw.pop("photos"))
    return WorkOrder(
        **raw,
        photos=photos,
        finish_by=datetime.fromisoformat(finish_by) if finish_by else None,
    )
