"""A node's database: SQLite in memory, with images that can be taken and put back.

What is committed survives a crash of the process; what is synced survives the power. ``image`` is
a backup, ``put_back`` a restore.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool, StaticPool

from hub.store import engine
from hub.store.tables import metadata as hub_metadata
from hub.store.tx import Tx
from tests.sim.fabric.office import metadata as office_metadata

T = TypeVar("T")


_NEXT: list[sqlite3.Connection] = []
_ENGINE = create_engine("sqlite://", creator=_NEXT.pop, poolclass=NullPool)
"""One engine for all disks: what it compiles, it compiles once for a whole run."""


@event.listens_for(_ENGINE, "begin")
def _begin(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute("BEGIN")  # through the library it is a twentieth of a seed


class Disk:
    """One database; ``now_us`` is read at each transaction."""

    def __init__(self, now_us: Callable[[], int], *, unique_inbox: bool = True) -> None:
        self._now_us = now_us
        self._raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._raw.deserialize(_template(unique_inbox))
        _NEXT.append(self._raw)
        self._conn = _ENGINE.connect()
        self._durable = syncs_at_commit()
        self._synced = b""
        self._unsynced = 0
        self.sync()

    def write(self, operation: Callable[[Tx], T]) -> tuple[T, set[str]]:
        """One durable transaction; what it wants to wake."""
        with self._conn.begin():
            tx = Tx(self._conn, self._now_us())
            result = operation(tx)
        if not self._durable:
            self._unsynced += 1
            if self._unsynced >= CHECKPOINT_COMMITS:
                self.sync()
        return result, tx.woken

    def sync(self) -> None:
        """Everything so far is safe."""
        if not self._durable:
            self._unsynced, self._synced = 0, self.image()

    def power_fails(self) -> None:
        """What is synced is left. With the settings of the product that is every commit."""
        if not self._durable:
            self._raw.deserialize(self._synced)

    def read(self, query: Callable[[Connection], T]) -> T:
        with self._conn.begin():
            return query(self._conn)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """For the observer: committed rows."""
        return self._raw.execute(sql, values).fetchall()

    def image(self) -> bytes:
        return self._raw.serialize()

    def put_back(self, image: bytes) -> None:
        self._raw.deserialize(image)

    def close(self) -> None:
        self._conn.close()
        self._raw.close()


CHECKPOINT_COMMITS = 40
"""Without a sync at each commit the log is synced when it is checkpointed, some commits later."""
FULL = 2
_SYNCED: dict[object, bool] = {}


def syncs_at_commit() -> bool:
    """Whether a commit survives the power: asked of a connection as the product prepares it."""
    prepare = engine._prepare_sqlite
    if prepare not in _SYNCED:
        made = engine.memory_engine()
        with made.connect() as conn:
            _SYNCED[prepare] = conn.exec_driver_sql("PRAGMA synchronous").scalar_one() >= FULL
        made.dispose()
    return _SYNCED[prepare]


_TEMPLATES: dict[bool, bytes] = {}


def _template(unique_inbox: bool) -> bytes:
    """An empty database, made once: creating tables costs more than a whole short seed."""
    if unique_inbox not in _TEMPLATES:
        made = create_engine("sqlite://", poolclass=StaticPool)
        hub_metadata.create_all(made)
        office_metadata.create_all(made)
        with made.connect() as conn:
            raw = conn.connection.dbapi_connection
            assert isinstance(raw, sqlite3.Connection)
            if not unique_inbox:
                raw.execute("DROP INDEX uq_inbox_msg_id")
            raw.commit()
            _TEMPLATES[unique_inbox] = raw.serialize()
        made.dispose()
    return _TEMPLATES[unique_inbox]
