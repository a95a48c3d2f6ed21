"""The one writer of a node: whatever waits goes into one transaction, so that many callers share
one fsync.

One thread takes operations from a bounded queue (people's commands before frames), runs each in
its own savepoint and commits once. Callers hear of their result only after COMMIT has returned;
nothing is woken before it. An operation that raises is rolled back alone; a COMMIT that fails
fails the whole batch, and each caller gets ``Overloaded`` (retry LATER).

When the connection breaks during COMMIT nobody can know whether it took place. Callers repeat
with the same command or message id, which is harmless either way.

On PostgreSQL several processes may have a writer each. They take turns: a batch begins with the
lock on the row of ``ownership``, so operations run one after another as they do here, and what a
batch wakes is told to the other processes with its commit.

Readers have connections of their own, on a few threads, in read-only transactions.

This module must never know what an operation does.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from hub.errors import Overloaded
from hub.store import ownership
from hub.store.engine import DAMAGED, checkpoint, connect, open_engine, sole_process, transient
from hub.store.metrics import WriterMetrics
from hub.store.tx import Tx

T = TypeVar("T")
Operation = Callable[[Tx], Any]

BATCH_OPERATIONS_MAX = 256
"""Operations per commit. More saves little (the fsync is already shared) and makes everybody wait
for the slowest."""
BATCH_SECONDS_MAX = 0.020
"""No further operation joins a batch that has run this long: the first caller is waiting."""
QUEUE_OPERATIONS_MAX = 4096
"""Waiting operations; beyond it callers get ``Overloaded`` instead of an ever longer wait."""
URGENT_RUN_MAX = 7
"""Urgent operations taken in a row while others wait: one place in eight is theirs, so that a
flood of commands cannot stop the links."""
READERS = 4
"""Reader threads, each with a connection: enough to keep a slow listing from blocking a screen."""
READS_WAITING_MAX = 512
"""Reads under way or waiting; beyond it callers get ``Overloaded``."""
CHANNEL = "wanmi"
"""Of PostgreSQL's notifications: ``<process> <topic> <topic> …`` after each commit that wakes."""
NOTICE_BYTES_MAX = 7_900
"""PostgreSQL carries 8,000; longer lists become ``EVERYTHING``."""
EVERYTHING = "*"
IDLE_SECONDS = 2.0
"""After this long without work the write-ahead log is folded into the database file."""

log = structlog.get_logger(__name__)


class _News(Enum):
    """Why the writer thread woke up."""

    WORK = auto()
    IDLE = auto()
    STOP = auto()


@dataclass(slots=True, eq=False)
class _Waiting:
    """One operation in the queue, and who waits for it (``loop`` None: a thread). It runs in the
    ``context`` of its caller, as a call would: who is at the door is known inside."""

    operation: Operation
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    result: Any = None
    error: BaseException | None = None
    woken: Iterable[str] = ()

    def settle(self) -> None:
        """Hand the result over; in the loop (or, for a thread's future, anywhere)."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


Trouble = TypeVar("Trouble", bound=BaseException | None)


@dataclass(slots=True, eq=False)
class _Damage:
    """Keeps in mind that the database is damaged: that does not pass, whoever asks next."""

    said: str = ""

    def look(self, trouble: Trouble) -> Trouble:
        if isinstance(trouble, Overloaded) and trouble.code == DAMAGED:
            self.said = str(trouble)
        return trouble


Turn = tuple[int, str] | None
"""The term and the holder of the node that a batch begins under; None: no such row."""


def any_turn(turn: Turn) -> None:
    """Any turn is good for a process that stands alone."""
    del turn


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    prefix: str
    call: Callable[[str], None]
    loop: asyncio.AbstractEventLoop


class GroupWriter:
    """``Writer`` over one database. Use as a context manager, or ``start`` and ``stop``.

    ``clock`` returns wall time in nanoseconds; it is read once per transaction. ``process`` names
    this process to others on the same PostgreSQL; ``admit`` looks at the turn of each batch, in
    the writer's thread, and raises if this process must not write any more.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], int] = time.time_ns,
        metrics: WriterMetrics | None = None,
        queue_operations_max: int = QUEUE_OPERATIONS_MAX,
        process: str = "-",
        admit: Callable[[Turn], None] = any_turn,
    ) -> None:
        self._url = url
        self._process = process
        self._admit = admit
        self._clock = clock
        self._metrics = metrics or WriterMetrics(CollectorRegistry())
        self._queue_max = queue_operations_max
        self._urgent: deque[_Waiting] = deque()
        self._normal: deque[_Waiting] = deque()
        self._urgent_run = 0
        self._news = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._lock = contextlib.ExitStack()
        self._engine: Engine | None = None
        self._readers: _Readers | None = None
        self._listeners: tuple[_Listener, ...] = ()
        self._damage = _Damage()
        self._metrics.watch_queue(lambda: len(self._urgent) + len(self._normal))

    @property
    def damage(self) -> str:
        """What was met that the disk gave back otherwise than it was written; "" = nothing."""
        return self._damage.said

    # Life

    def start(self) -> None:
        """Take the lock file, connect, begin to write. ``Fenced`` if another process has the
        database; ``Overloaded`` (``store.unavailable``) if it cannot be reached."""
        if self._thread is not None or self._stopping:
            raise RuntimeError("a writer is started once")
        self._lock.enter_context(sole_process(self._url))
        try:
            self._engine = open_engine(self._url, shares=True)
            first = connect(self._engine)
        except BaseException:
            self._lock.close()
            raise
        self._readers = _Readers(self._url, self._damage)
        self._thread = threading.Thread(
            target=self._serve, args=(first,), name="wanmi-writer", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end; blocks until then. Safe to call twice. From the event loop
        use ``close``."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join()
        if self._readers is not None:
            self._readers.stop()
        self._lock.close()

    async def close(self) -> None:
        """``stop`` without blocking the event loop."""
        await asyncio.get_running_loop().run_in_executor(None, self.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # For callers

    async def write(self, operation: Callable[[Tx], T], *, urgent: bool = False) -> T:
        """Run ``operation`` in its own savepoint of the next group commit; see ``Writer``. A
        caller that is cancelled before its turn is not served; afterwards the commit stands."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Waiting(operation, future, loop), urgent=urgent)
        return await future

    def run(self, operation: Callable[[Tx], T]) -> T:
        """``write`` for threads without an event loop: command line, tests, start-up."""
        future: Future[T] = Future()
        self._put(_Waiting(operation, future, None), urgent=True)
        return future.result()

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a read-only query in one snapshot on a reader thread."""
        return await asyncio.wrap_future(self._reading().submit(query))

    def run_read(self, query: Callable[[Connection], T]) -> T:
        """``read`` for threads without an event loop."""
        return self._reading().submit(query).result()

    def listen(self, topic_prefix: str, listener: Callable[[str], None]) -> Callable[[], None]:
        """Call ``listener(topic)`` in the running event loop after each commit that woke a topic
        with this prefix; returns a function that ends it."""
        entry = _Listener(topic_prefix, listener, asyncio.get_running_loop())
        with self._news:
            self._listeners = (*self._listeners, entry)

        def end() -> None:
            with self._news:
                self._listeners = tuple(one for one in self._listeners if one is not entry)

        return end

    @property
    def free_places(self) -> int:
        """Operations the queue still takes; a link's credit leans on it."""
        return max(0, self._queue_max - len(self._urgent) - len(self._normal))

    def _reading(self) -> _Readers:
        if self._readers is None or self._stopping:
            raise Overloaded("reading from the database: the node is stopping", code="store.closed")
        return self._readers

    def _put(self, waiting: _Waiting, *, urgent: bool) -> None:
        with self._news:
            if self._stopping or self._thread is None:
                raise Overloaded("writing: the writer is not running", code="store.closed")
            if len(self._urgent) + len(self._normal) >= self._queue_max:
                raise Overloaded(
                    f"writing: {self._queue_max} operations are waiting already",
                    code="writer.queue_full",
                )
            (self._urgent if urgent else self._normal).append(waiting)
            self._news.notify()

    # The writer thread

    def _serve(self, first: Connection) -> None:
        """Commit batches until ``stop``. Should this thread die of a bug, whoever waits is told
        and nobody can queue behind it."""
        conn: Connection | None = first
        unfolded = False
        try:
            while (news := self._wait(unfolded=unfolded)) is not _News.STOP:
                unfolded = news is _News.WORK
                conn = self._commit_batch(conn) if unfolded else self._fold(conn)
            self._fold(conn)
            if conn is not None:
                conn.close()
        finally:
            with self._news:
                self._stopping = True
            self._refuse_all()

    def _wait(self, *, unfolded: bool) -> _News:
        """Sleep until there is something to do; IDLE only if there is something to fold."""
        with self._news:
            while not (self._urgent or self._normal):
                if self._stopping:
                    return _News.STOP
                if not self._news.wait(IDLE_SECONDS if unfolded else None) and unfolded:
                    return _News.IDLE
            return _News.WORK

    def _refuse_all(self) -> None:
        left: list[_Waiting] = []
        while (waiting := self._take()) is not None:
            waiting.error = Overloaded("writing: the writer has ended", code="store.closed")
            left.append(waiting)
        self._announce(left)

    def _fold(self, conn: Connection | None) -> Connection | None:
        """Checkpoint; a failure loses nothing, the next batch folds again."""
        try:
            if conn is not None:
                checkpoint(conn)
        except Exception as err:  # noqa: BLE001  # an outer loop: count, log, go on
            log.warning("store.checkpoint_failed", error=str(err))
            _discard(conn)
            return None
        return conn

    def _take(self) -> _Waiting | None:
        """The next operation somebody still waits for, urgent ones first but for one in eight."""
        with self._news:
            while self._urgent or self._normal:
                if self._urgent and (self._urgent_run < URGENT_RUN_MAX or not self._normal):
                    self._urgent_run += 1
                    waiting = self._urgent.popleft()
                else:
                    self._urgent_run = 0
                    waiting = self._normal.popleft()
                if not waiting.future.cancelled():
                    return waiting
            return None

    def _commit_batch(self, conn: Connection | None) -> Connection | None:
        """One transaction over what waits. Returns the connection to go on with, None if it broke
        (the next batch connects again)."""
        batch: list[_Waiting] = []
        began = time.monotonic()
        try:
            if conn is None:
                conn = self._reconnect()
            transaction = _Transaction(conn, self._take_turn)
            self._run_operations(transaction, batch)
            self._tell_others(conn, batch)
            transaction.commit()
        except Exception as err:  # noqa: BLE001  # handed to every caller of the batch
            self._fail(batch, err)
            _discard(conn)
            conn = None
        else:
            if batch:
                self._metrics.committed(time.monotonic() - began, len(batch))
        self._announce(batch)
        return conn

    def _take_turn(self, conn: Connection) -> None:
        if conn.dialect.name == "postgresql":
            self._admit(ownership.hold(conn))

    def _tell_others(self, conn: Connection, batch: list[_Waiting]) -> None:
        if conn.dialect.name != "postgresql":
            return
        topics = {topic for waiting in batch if waiting.error is None for topic in waiting.woken}
        if topics:
            notice = " ".join((self._process, *sorted(topics)))
            if len(notice.encode()) > NOTICE_BYTES_MAX:
                notice = f"{self._process} {EVERYTHING}"
            conn.execute(select(func.pg_notify(CHANNEL, notice)))

    def hear(self, topics: Iterable[str]) -> None:
        """Wake listeners: another process committed something. ``EVERYTHING`` wakes each by its
        own prefix. From any thread."""
        found = sorted(topics)
        for one in self._listeners:
            told = [one.prefix] if EVERYTHING in found else [
                topic for topic in found if topic.startswith(one.prefix)]
            if told:
                with contextlib.suppress(RuntimeError):  # its loop has ended
                    one.loop.call_soon_threadsafe(_tell, (), [(one.call, topic) for topic in told])

    def _reconnect(self) -> Connection:
        if self._engine is None:
            raise RuntimeError("the writer was not started")
        return connect(self._engine)

    def _run_operations(self, transaction: _Transaction, batch: list[_Waiting]) -> None:
        """Run operations until the batch is full, old or nothing waits. The batch knows each
        operation before it runs, so that whatever happens its caller is answered."""
        # From here on: waiting for our turn is not running, and whoever waited brings more along.
        began = time.monotonic()
        now_us = self._clock() // 1000
        while len(batch) < BATCH_OPERATIONS_MAX:
            if batch and time.monotonic() - began > BATCH_SECONDS_MAX:
                break
            waiting = self._take()
            if waiting is None:
                break
            batch.append(waiting)
            transaction.enter()
            tx = Tx(transaction.conn, now_us)
            try:
                waiting.result = waiting.context.run(waiting.operation, tx)
                transaction.check()
            except BaseException as err:  # noqa: BLE001  # handed to this operation's caller
                waiting.error = _sayable(err)
                self._damage.look(waiting.error)
                transaction.undo(err)
            else:
                transaction.leave()
                waiting.woken = tx.woken

    def _fail(self, batch: list[_Waiting], err: Exception) -> None:
        """The transaction is gone: nobody's operation took place, nobody is woken."""
        trouble = self._damage.look(transient(err))
        if trouble is None:
            log.error("store.commit_failed", operations=len(batch), exc_info=err)
            trouble = Overloaded(f"committing: {err}", code="store.unavailable")
        else:
            log.warning("store.commit_failed", operations=len(batch), code=trouble.code)
        if not batch:
            # It broke before anything was taken (BEGIN, connect): whoever waits must hear of it.
            while len(batch) < BATCH_OPERATIONS_MAX and (waiting := self._take()) is not None:
                batch.append(waiting)
        for waiting in batch:
            if waiting.error is None:
                waiting.error = Overloaded(str(trouble), code=trouble.code)
                waiting.error.__cause__ = err
            waiting.woken = ()

    def _announce(self, batch: list[_Waiting]) -> None:
        """Resolve futures and wake listeners: one call into each event loop."""
        topics = sorted({topic for waiting in batch for topic in waiting.woken})
        loops: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
        for waiting in batch:
            if waiting.loop is None:
                waiting.settle()
            else:
                loops.setdefault(waiting.loop, []).append(waiting)
        listeners = self._listeners if topics else ()
        for listener in listeners:
            loops.setdefault(listener.loop, [])
        for loop, settled in loops.items():
            calls = [
                (one.call, topic)
                for one in listeners
                if one.loop is loop
                for topic in topics
                if topic.startswith(one.prefix)
            ]
            # A loop that has ended has nobody left to tell; the commit stands.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_tell, settled, calls)


class _Transaction:
    """The open transaction of one batch, undoing single operations.

    Savepoints are said straight to the driver: Core's bookkeeping for them costs more than the
    statements do. The first operation needs none, because undoing it is starting again; so a lone
    caller pays nothing. The savepoint of an operation that stays is replaced, not released: that
    is one round trip per operation on PostgreSQL, and COMMIT releases the last one anyway.
    """

    __slots__ = (
        "_begun", "_cursor", "_driver_error", "_marked", "_nested", "_raw", "_used", "_whole",
        "conn",
    )

    def __init__(self, conn: Connection, begun: Callable[[Connection], None]) -> None:
        """``begun`` is called whenever a transaction has begun, before any operation."""
        self.conn = conn
        self._begun = begun
        self._driver_error: type[Exception] = conn.dialect.loaded_dbapi.Error
        self._whole = conn.begin()
        self._raw = conn.connection.dbapi_connection
        self._cursor: Any = conn.connection.cursor()
        self._used = False  # something is in it that must be kept
        self._nested = False  # there is a savepoint
        self._marked = False  # and it stands right here
        begun(conn)

    def enter(self) -> None:
        """Before an operation."""
        if not self._used or self._marked:
            return
        if not self._nested:
            self._cursor.execute("SAVEPOINT operation")
        elif self.conn.dialect.name == "postgresql":
            # Two statements cannot be prepared as one.
            self._cursor.execute("RELEASE SAVEPOINT operation; SAVEPOINT operation", prepare=False)
        else:
            self._cursor.execute("RELEASE SAVEPOINT operation")
            self._cursor.execute("SAVEPOINT operation")
        self._nested = self._marked = True

    def leave(self) -> None:
        """The operation stays."""
        self._used = True
        self._marked = False

    def undo(self, why: BaseException) -> None:
        """The operation goes. Raises ``Overloaded`` if the database has thrown the whole
        transaction away meanwhile (disk full, lost connection)."""
        if not self._used:
            self._whole.rollback()
            self._whole = self.conn.begin()
            self._begun(self.conn)
            return
        try:
            self._cursor.execute("ROLLBACK TO SAVEPOINT operation")
        except self._driver_error as err:
            raise transient(why) or Overloaded(
                f"undoing an operation: {err}", code="store.unavailable"
            ) from err

    def check(self) -> None:
        """SQLite ends a transaction by itself when the disk is full; an operation that swallowed
        that error must not be taken for done."""
        if not getattr(self._raw, "in_transaction", True):
            raise Overloaded(
                "writing: the database gave the transaction up", code="store.disk_full"
            )

    def commit(self) -> None:
        """Returns when it is durable."""
        self._cursor.close()
        self._whole.commit()


class _Readers:
    """A few threads, each with one read-only connection."""

    def __init__(self, url: str, damage: _Damage) -> None:
        self._engine = open_engine(url, read_only=True)
        self._damage = damage
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="wanmi-reader")
        self._mine = threading.local()
        self._open: list[Connection] = []
        self._under_way = 0
        self._guard = threading.Lock()

    def submit(self, query: Callable[[Connection], T]) -> Future[T]:
        """Queue one query."""
        with self._guard:
            if self._under_way >= READS_WAITING_MAX:
                raise Overloaded(
                    f"reading: {READS_WAITING_MAX} queries are waiting already",
                    code="readers.queue_full",
                )
            self._under_way += 1
        try:
            future = self._pool.submit(self._read, query)
        except RuntimeError as err:
            self._done()
            raise Overloaded("reading: the node is stopping", code="store.closed") from err
        future.add_done_callback(lambda _future: self._done())
        return future

    def stop(self) -> None:
        """Finish what is under way and close the connections."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for conn in self._open:
            conn.close()
        self._open.clear()

    def _done(self) -> None:
        with self._guard:
            self._under_way -= 1

    def _read(self, query: Callable[[Connection], T]) -> T:
        conn: Connection | None = getattr(self._mine, "conn", None)
        try:
            if conn is None:
                conn = self._mine.conn = connect(self._engine)
                with self._guard:
                    self._open.append(conn)
            with conn.begin():
                return query(conn)
        except DBAPIError as err:
            if conn is not None and err.connection_invalidated:
                self._mine.conn = None
                with self._guard:
                    self._open.remove(conn)
                _discard(conn)
            trouble = self._damage.look(transient(err))
            if trouble is None:
                raise
            raise trouble from err


def _sayable(error: BaseException) -> BaseException:
    """What the caller gets to see of an operation's failure."""
    if isinstance(error, StopIteration):
        # A future refuses to carry it, and its caller would wait for ever.
        told = RuntimeError("writing: the operation let a StopIteration through")
        told.__cause__ = error
        return told
    return transient(error) or error


def _discard(conn: Connection | None) -> None:
    """Give up a connection whose state is unknown."""
    if conn is not None:
        with contextlib.suppress(Exception):
            conn.invalidate()
        with contextlib.suppress(Exception):
            conn.close()


def _tell(settled: Iterable[_Waiting], calls: list[tuple[Callable[[str], None], str]]) -> None:
    for waiting in settled:
        waiting.settle()
    for call, topic in calls:
        call(topic)
