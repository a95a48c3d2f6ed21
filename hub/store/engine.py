"""Connections to the node's database, set up so that a commit means "on disk".

SQLite: WAL, ``synchronous=FULL`` (NORMAL may lose acknowledged commits on power loss), and
explicit ``BEGIN IMMEDIATE``, because the driver's own idea of when a transaction begins would let
a reader turn into a writer half way and fail. PostgreSQL: ``synchronous_commit=on``, whatever the
server's default is.

This module must never know which tables there are.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from hub.errors import Fenced, Malformed, Overloaded

BUSY_TIMEOUT_MS = 5000
"""How long a statement waits for another connection's lock before it fails as ``store.locked``."""
PAGE_CACHE_KIB = 32 * 1024
"""SQLite page cache per connection: holds the upper levels of the unique indexes of a few million
rows, whose keys arrive in no useful order."""
CHECKPOINT_PAGES = 4000
"""WAL pages (16 MiB) after which a commit also checkpoints; a rarer, longer pause was measured to
cost less than the default's 1,000."""
WAL_BYTES_KEPT = 64 * 1024 * 1024
"""What the WAL file is cut back to after a burst."""


CHECK_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock while it checks its pages."""
DAMAGED = "store.damaged"
"""Code of a database whose pages are not what they were."""
STALLED_MS = 7_000
"""PostgreSQL ends the session of a writer that stands still in the middle of a transaction for so
long (a stopped process, a machine without power): others wait for its turn to end."""
BEATS = " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""How soon the server notices a machine that is gone; and we, that the server is."""
READ_ONLY = "read_only"
"""Execution option of reader connections: a query that would lock rows must not on these."""


def database_url(text: str) -> URL:
    """Parse ``sqlite:///path`` or ``postgresql://…``; anything else is ``Malformed``."""
    url = make_url(text)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return url.set(drivername="sqlite+pysqlite")
    raise Malformed(
        f"reading the database URL: {url.get_backend_name()!r} is neither a SQLite file "
        "(sqlite:///path) nor PostgreSQL (postgresql://host/name)",
        code="store.url",
    )


def open_engine(text: str, *, read_only: bool = False, shares: bool = False) -> Engine:
    """An engine whose connections are never shared or pooled: the writer thread and each reader
    thread keep one for life. ``shares``: others wait while a transaction of it is open."""
    url = database_url(text)
    if url.get_backend_name() == "postgresql":
        options = f"-c synchronous_commit=on -c application_name=wanmi{BEATS}"
        if shares:
            options += f" -c idle_in_transaction_session_timeout={STALLED_MS}"
        if read_only:
            options += " -c default_transaction_read_only=on"
            options += r" -c default_transaction_isolation=repeatable\ read"
        arguments: dict[str, Any] = {
            "options": options, "keepalives_idle": 5, "keepalives_interval": 2,
            "keepalives_count": 3,
        }
    else:
        arguments = {"timeout": BUSY_TIMEOUT_MS / 1e3}
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args=arguments,
        execution_options={READ_ONLY: True} if read_only else {},
    )
    if url.get_backend_name() == "postgresql":
        return engine
    _prepare_sqlite(engine, read_only=read_only)
    return engine


def memory_engine() -> Engine:
    """A SQLite database in memory on one connection, with the same transactions as on disk: the
    twin for simulations, which bring their own idea of durability."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    _prepare_sqlite(engine, read_only=False)
    return engine


def _prepare_sqlite(engine: Engine, *, read_only: bool) -> None:
    pragmas = [
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        "PRAGMA foreign_keys=ON",
        "PRAGMA temp_store=MEMORY",
        f"PRAGMA cache_size=-{PAGE_CACHE_KIB}",
        f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
        f"PRAGMA journal_size_limit={WAL_BYTES_KEPT}",
    ]
    if read_only:
        pragmas.append("PRAGMA query_only=ON")
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def _begun(connection: Any) -> None:
        connection.execute(begin)

    # Not by the event "begin": an engine that has one asks for listeners at every statement.
    engine.dialect.do_begin = _begun  # type: ignore[assignment, method-assign]

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # no hidden BEGIN: we say when
        for pragma in pragmas:
            connection.execute(pragma)


def connect(engine: Engine) -> Connection:
    """Connect now; ``Overloaded`` (``store.unavailable``) if the database does not answer."""
    try:
        return engine.connect()
    except DBAPIError as err:
        trouble = transient(err)
        if trouble is None:
            raise
        raise trouble from err


def checkpoint(conn: Connection) -> None:
    """Move the WAL into the database file and empty it; outside a transaction, when idle. Readers
    may keep it from finishing; then the next one does. A no-op on PostgreSQL."""
    if conn.dialect.name == "sqlite":
        cursor = conn.connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.fetchall()
        cursor.close()


def transient(error: BaseException) -> Overloaded | None:
    """The same trouble as one of ours if it may pass by itself (lock, full disk, lost
    connection); None if the statement itself is wrong, which is a bug. A handler of words must
    not park a word for such an error."""
    if isinstance(error, Overloaded):
        return error
    # Savepoints are said straight to the driver, so its own errors come here as well.
    said: object = error
    lost = False
    if isinstance(error, DBAPIError):
        said, lost = error.orig, error.connection_invalidated
    code = _sqlite_code(said) or _postgres_code(said) or ("store.unavailable" if lost else None)
    if code is None:
        return None
    return Overloaded(f"talking to the database: {_TROUBLE[code]} ({said})", code=code)


_TROUBLE = {
    "store.locked": "somebody else holds a lock for too long",
    "store.disk_full": "the disk is full, or fails",
    "store.unavailable": "it does not answer",
    DAMAGED: "what the disk gives back is not what was written",
}
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: "store.locked",
    sqlite3.SQLITE_LOCKED: "store.locked",
    sqlite3.SQLITE_PROTOCOL: "store.locked",
    sqlite3.SQLITE_FULL: "store.disk_full",
    sqlite3.SQLITE_IOERR: "store.disk_full",
    sqlite3.SQLITE_CANTOPEN: "store.unavailable",
    sqlite3.SQLITE_NOMEM: "store.unavailable",
    # Does not pass by itself, but neither is it the statement's fault: a word that meets it must
    # wait for a sound database instead of being parked.
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
_POSTGRES_CLASSES = {
    "08": "store.unavailable",  # connection
    "40": "store.locked",  # serialisation, deadlock
    "53": "store.unavailable",  # resources
    "55": "store.locked",  # lock not available
    "57": "store.unavailable",  # shutdown, cancelled
    "58": "store.disk_full",  # system
}


def _sqlite_code(error: object) -> str | None:
    if not isinstance(error, sqlite3.Error):
        return None
    # The low byte is the kind of trouble, the rest its variety.
    return _SQLITE_CODES.get(getattr(error, "sqlite_errorcode", -1) & 0xFF)


def _postgres_code(error: object) -> str | None:
    # Told by its shape: an office on SQLite never loads the other driver (9 MiB).
    sqlstate = getattr(error, "sqlstate", "")
    if sqlstate == "":
        return None
    if sqlstate is None:
        # Said by the client library: it has no connection (any more).
        lost = any(one.__name__ == "OperationalError" for one in type(error).__mro__)
        return "store.unavailable" if lost else None
    if sqlstate == "53100":
        return "store.disk_full"
    if sqlstate in ("XX001", "XX002"):  # data_corrupted, index_corrupted
        return DAMAGED
    return _POSTGRES_CLASSES.get(sqlstate[:2])


def check_sound(text: str, *, seconds: float) -> bool:
    """Look through a SQLite database for pages that are not what they were; ``Malformed``
    (``store.damaged``) if there are any. False if ``seconds`` were not enough to see all of it.
    A PostgreSQL server checks its own pages when it reads them: True at once."""
    url = database_url(text)
    if url.get_backend_name() != "sqlite" or not Path(url.database or "").is_file():
        return True
    until = time.monotonic() + seconds
    conn = sqlite3.connect(f"file:{quote(str(url.database))}?mode=ro", uri=True,
                           timeout=BUSY_TIMEOUT_MS / 1e3)
    try:
        conn.set_progress_handler(lambda: int(time.monotonic() > until), CHECK_STEPS)
        found = conn.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as err:
        if getattr(err, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return False
        if _sqlite_code(err) != DAMAGED:
            raise _unsaid(err) from err
        found = (str(err),)
    finally:
        conn.close()
    if found[0] != "ok":
        raise Malformed(
            f"opening {url.database}: it is damaged ({found[0].splitlines()[-1]}). Keep the file, "
            "do not repair it by hand; restore the newest backup",
            code=DAMAGED,
        )
    return True


def _unsaid(err: sqlite3.Error) -> Overloaded:
    return Overloaded(f"opening the database: {err}", code=_sqlite_code(err) or "store.unavailable")


@contextmanager
def sole_process(text: str) -> Iterator[None]:
    """Hold the lock file beside a SQLite database; ``Fenced`` if another process has it. The lock
    is the kernel's, so it ends with the process however that dies; the file itself stays. With
    PostgreSQL several processes may serve one node, so nothing is locked."""
    url = database_url(text)
    if url.get_backend_name() != "sqlite" or url.database is None:
        yield
        return
    path = Path(url.database + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as err:
            if err.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise Fenced(
                f"opening {url.database}: process {holder} has it open; one process at a time "
                "may use this database. Stop that process first",
                code="store.in_use",
            ) from err
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
