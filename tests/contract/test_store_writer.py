"""What the group writer promises its callers, on both databases."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.errors import Fenced, Overloaded, Retry
from hub.store.engine import connect, open_engine, transient
from hub.store.metrics import WriterMetrics
from hub.store.tx import Tx
from hub.store.writer import BATCH_OPERATIONS_MAX, GroupWriter
from node.core.errors import WrongStatus
from node.store.access import meta, set_meta
from node.store.tables import meta as meta_table

DEADLINE_S = 20.0
ROOT = Path(__file__).parents[2]


@pytest.fixture
def writer(database_url: str) -> Iterator[GroupWriter]:
    with GroupWriter(database_url) as writer:
        yield writer


def put(key: str, value: str = "x") -> Callable[[Tx], str]:
    """An operation that stores a value and returns it."""

    def operation(tx: Tx) -> str:
        set_meta(tx.conn, key, value)
        return value

    return operation


def keys(conn: Connection) -> set[str]:
    """Every key that is committed."""
    return set(conn.execute(select(meta_table.c.key)).scalars())


def hold(writer: GroupWriter) -> tuple[Callable[[], None], threading.Event]:
    """Keep the writer thread busy inside an operation until the returned function is called; the
    event says that it is."""
    entered, released = threading.Event(), threading.Event()

    def operation(_tx: Tx) -> None:
        entered.set()
        assert released.wait(DEADLINE_S)

    def holder() -> None:
        # It may be in a batch whose commit is made to fail.
        with contextlib.suppress(Overloaded):
            writer.run(operation)

    threading.Thread(target=holder, daemon=True).start()
    return released.set, entered


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, DEADLINE_S))


def test_write_returns_the_result_after_it_is_visible_to_others(writer: GroupWriter) -> None:
    async def main() -> None:
        assert await writer.write(put("a", "one")) == "one"
        assert await writer.read(lambda conn: meta(conn, "a")) == "one"

    run(main())


def test_operations_that_wait_together_share_one_commit(database_url: str) -> None:
    registry = CollectorRegistry()

    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        waiting = [asyncio.create_task(writer.write(put(f"k{n}"))) for n in range(40)]
        await asyncio.sleep(0)
        assert registry.get_sample_value("hub_writer_queue_operations") == 40
        release()
        assert await asyncio.gather(*waiting) == ["x"] * 40

    with GroupWriter(database_url, metrics=WriterMetrics(registry)) as writer:
        run(main())
    commits = registry.get_sample_value("hub_commit_batch_operations_count")
    assert registry.get_sample_value("hub_commit_batch_operations_sum") == 41
    assert commits is not None
    # The operation that held the writer is slower than a batch may be, so it commits alone.
    assert commits <= 3
    assert registry.get_sample_value("hub_commit_seconds_count") == commits


def test_operation_that_raises_is_undone_alone(writer: GroupWriter) -> None:
    def refused(tx: Tx) -> None:
        set_meta(tx.conn, "half", "x")
        tx.wake("case")
        raise WrongStatus("dispatching: the case is closed")

    def broken(tx: Tx) -> None:
        set_meta(tx.conn, "half too", "x")
        tx.conn.execute(text("INSERT INTO meta (key, value) VALUES ('half too', 'y')"))

    async def main() -> None:
        before = await writer.read(keys)
        woken: list[str] = []
        writer.listen("", woken.append)
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        first, a, second, third, b, fourth = await await_all(
            writer, [refused, put("a"), broken, refused, put("b"), broken], release
        )
        assert isinstance(first, WrongStatus)
        assert isinstance(third, WrongStatus)
        assert isinstance(second, IntegrityError)
        assert isinstance(fourth, IntegrityError)
        assert (a, b) == ("x", "x")
        assert await writer.read(keys) - before == {"a", "b"}
        assert woken == []

    run(main())


async def await_all(
    writer: GroupWriter, operations: list[Callable[[Tx], Any]], release: Callable[[], None]
) -> list[Any]:
    """Queue these together, let the writer go, and return what became of each."""
    tasks = [asyncio.create_task(writer.write(operation)) for operation in operations]
    await asyncio.sleep(0)
    release()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_lone_operation_that_raises_leaves_nothing_and_the_writer_goes_on(
    writer: GroupWriter,
) -> None:
    def refused(tx: Tx) -> None:
        set_meta(tx.conn, "half", "x")
        raise WrongStatus("closing: no check has passed")

    with pytest.raises(WrongStatus):
        writer.run(refused)
    writer.run(put("after"))
    found = writer.run_read(keys)
    assert "half" not in found
    assert "after" in found


@pytest.mark.parametrize("kind", [StopIteration, SystemExit, KeyboardInterrupt])
def test_whatever_an_operation_raises_its_caller_hears_of_it(
    writer: GroupWriter, kind: type[BaseException]
) -> None:
    def operation(tx: Tx) -> None:
        set_meta(tx.conn, "half", "x")
        raise kind

    with pytest.raises(RuntimeError if kind is StopIteration else kind):
        writer.run(operation)
    writer.run(put("after"))
    assert "half" not in writer.run_read(keys)


def test_listeners_hear_of_their_topics_after_the_commit_and_only_then(
    writer: GroupWriter,
) -> None:
    async def main() -> None:
        heard: list[tuple[str, set[str]]] = []
        done = asyncio.Event()

        def listener(topic: str) -> None:
            heard.append((topic, writer.run_read(keys)))
            done.set()

        end = writer.listen("link:", listener)

        def operation(tx: Tx) -> None:
            set_meta(tx.conn, "a", "x")
            tx.wake("link:420200-420203")
            tx.wake("case")

        await writer.write(operation)
        await done.wait()
        assert [topic for topic, _ in heard] == ["link:420200-420203"]
        assert "a" in heard[0][1]
        end()
        await writer.write(operation)
        await writer.write(put("b"))
        assert len(heard) == 1

    run(main())


def test_commit_that_fails_fails_the_whole_batch_with_retry_later_and_wakes_nobody(
    writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One batch, however slow the machine is.
    monkeypatch.setattr("hub.store.writer.BATCH_SECONDS_MAX", DEADLINE_S)

    def doomed(tx: Tx) -> None:
        # A constraint that is only looked at by COMMIT.
        name = tx.conn.dialect.name
        if name == "sqlite":
            tx.conn.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
            reference = "INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED"
        else:
            tx.conn.execute(text("CREATE TABLE parent (id BIGINT PRIMARY KEY)"))
            reference = "BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED"
        tx.conn.execute(text(f"CREATE TABLE child (parent {reference})"))
        tx.conn.execute(text("INSERT INTO child (parent) VALUES (7)"))
        tx.wake("case")

    async def main() -> None:
        before = await writer.read(keys)
        woken: list[str] = []
        writer.listen("", woken.append)
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        results = await await_all(writer, [put("a"), doomed, put("b")], release)
        for result in results:
            assert isinstance(result, Overloaded)
            assert result.retry is Retry.LATER
            assert result.code.startswith("store.")
        assert await writer.read(keys) == before
        assert await writer.write(put("c")) == "x"
        assert woken == []

    run(main())


def test_urgent_operations_go_first_but_do_not_starve_the_others(database_url: str) -> None:
    order: list[str] = []

    def noting(name: str) -> Callable[[Tx], None]:
        return lambda _tx: order.append(name)

    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        tasks = [asyncio.create_task(writer.write(noting("frame"))) for _ in range(4)]
        tasks += [
            asyncio.create_task(writer.write(noting("command"), urgent=True)) for _ in range(20)
        ]
        await asyncio.sleep(0)
        release()
        await asyncio.gather(*tasks)

    with GroupWriter(database_url) as writer:
        run(main())
    assert order[0] == "command"
    assert order.index("frame") <= 8
    assert sum(name == "frame" for name in order[:16]) == 2


def test_full_queue_refuses_at_once(database_url: str) -> None:
    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        assert writer.free_places == 5
        waiting = [asyncio.create_task(writer.write(put(f"k{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        assert writer.free_places == 0
        with pytest.raises(Overloaded) as refusal:
            await writer.write(put("too many"))
        assert refusal.value.code == "writer.queue_full"
        release()
        await asyncio.gather(*waiting)

    with GroupWriter(database_url, queue_operations_max=5) as writer:
        run(main())


def test_batch_is_bounded(database_url: str) -> None:
    registry = CollectorRegistry()
    count = BATCH_OPERATIONS_MAX + 10

    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        tasks = [asyncio.create_task(writer.write(lambda _tx: None)) for _ in range(count)]
        await asyncio.sleep(0)
        release()
        await asyncio.gather(*tasks)

    with GroupWriter(database_url, metrics=WriterMetrics(registry)) as writer:
        run(main())
    commits = registry.get_sample_value("hub_commit_batch_operations_count")
    assert commits is not None
    assert commits >= 2


def test_caller_that_gave_up_before_its_turn_is_not_served(writer: GroupWriter) -> None:
    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        task = asyncio.create_task(writer.write(put("unwanted")))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        release()
        await writer.write(put("wanted"))
        found = await writer.read(keys)
        assert "wanted" in found
        assert "unwanted" not in found

    run(main())


def test_stop_writes_what_waits_and_then_refuses(database_url: str) -> None:
    writer = GroupWriter(database_url)
    writer.start()

    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        waiting = [asyncio.create_task(writer.write(put(f"k{n}"))) for n in range(10)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(writer.close())
        await asyncio.sleep(0)
        release()
        await asyncio.gather(*waiting, closing)
        with pytest.raises(Overloaded) as refusal:
            await writer.write(put("late"))
        assert refusal.value.code == "store.closed"

    run(main())
    writer.stop()
    with connect(open_engine(database_url)) as conn:
        assert {f"k{n}" for n in range(10)} <= keys(conn)


def test_clock_is_read_once_per_transaction_in_microseconds(database_url: str) -> None:
    with GroupWriter(database_url, clock=lambda: 1_700_000_000_123_456_789) as writer:
        assert writer.run(lambda tx: tx.now_us) == 1_700_000_000_123_456


def test_readers_cannot_write(writer: GroupWriter) -> None:
    with pytest.raises(DBAPIError):
        writer.run_read(lambda conn: set_meta(conn, "a", "x"))
    assert "a" not in writer.run_read(keys)


def test_one_read_sees_one_moment(writer: GroupWriter) -> None:
    def twice(conn: Connection) -> tuple[set[str], set[str]]:
        before = keys(conn)
        writer.run(put("meanwhile"))
        return before, keys(conn)

    before, after = writer.run_read(twice)
    assert before == after
    assert "meanwhile" in writer.run_read(keys)


def test_reads_do_not_wait_for_the_writer(writer: GroupWriter) -> None:
    async def main() -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        assert "schema_version" in await writer.read(keys)
        release()

    run(main())


@pytest.mark.postgres
def test_lost_connection_is_trouble_for_one_batch_only(
    postgres_server: Any, request: pytest.FixtureRequest
) -> None:
    url = postgres_server.create("cut", template="template_wanmi")
    request.addfinalizer(lambda: postgres_server.drop("cut"))

    def cut(conn: Connection) -> None:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = 'cut' AND pid <> pg_backend_pid()"
            )
        )

    with GroupWriter(url) as writer:
        writer.run(put("before"))
        assert "before" in writer.run_read(keys)
        with connect(open_engine(url)) as conn:
            cut(conn)
        with pytest.raises(Overloaded) as refusal:
            writer.run(put("during"))
        assert refusal.value.code == "store.unavailable"
        writer.run(put("after"))
        found = _until(lambda: writer.run_read(keys))
        assert "after" in found
        assert "during" not in found


@pytest.mark.postgres
def test_connection_lost_between_two_operations_of_a_batch_is_no_bug(
    postgres_server: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The savepoint before the second is said to the driver itself."""
    monkeypatch.setattr("hub.store.writer.BATCH_SECONDS_MAX", DEADLINE_S)
    url = postgres_server.create("between", template="template_wanmi")
    request.addfinalizer(lambda: postgres_server.drop("between"))

    def cut(tx: Tx) -> None:
        own = tx.conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with connect(open_engine(url)) as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})

    async def main(writer: GroupWriter) -> None:
        release, entered = hold(writer)
        assert await asyncio.to_thread(entered.wait, DEADLINE_S)
        waiting = [asyncio.create_task(writer.write(one)) for one in (cut, put("during"))]
        await asyncio.sleep(0)
        release()
        for refused in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(refused, Overloaded)
            assert refused.code == "store.unavailable"

    with GroupWriter(url) as writer:
        writer.run(put("before"))
        run(main(writer))
        writer.run(put("after"))
        assert "during" not in _until(lambda: writer.run_read(keys))
    said = capsys.readouterr().out
    assert "store.commit_failed" in said
    assert "Traceback" not in said


def _until(ask: Callable[[], set[str]]) -> set[str]:
    """Reader connections were cut as well: each finds out once."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            return ask()
        except Overloaded:
            if time.monotonic() > deadline:
                raise


def test_full_disk_fails_the_batch_and_passes(tmp_path: Path) -> None:
    url = _sqlite(tmp_path)
    with GroupWriter(url) as writer:
        writer.run(put("before"))
        pages = writer.run(lambda tx: tx.conn.execute(text("PRAGMA page_count")).scalar_one())

        def limit(tx: Tx, pages: int) -> None:
            tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        writer.run(lambda tx: limit(tx, pages + 2))
        with pytest.raises(Overloaded) as refusal:
            writer.run(put("large", "x" * 1_000_000))
        assert refusal.value.code == "store.disk_full"
        assert refusal.value.retry is Retry.LATER
        writer.run(lambda tx: limit(tx, pages + 1000))
        writer.run(put("large", "x" * 1_000_000))
        assert {"before", "large"} <= writer.run_read(keys)


def test_database_locked_by_somebody_else_is_trouble_that_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.engine.BUSY_TIMEOUT_MS", 50)
    url = _sqlite(tmp_path)
    with GroupWriter(url) as writer:
        with connect(open_engine(url)) as other, other.begin():
            with pytest.raises(Overloaded) as refusal:
                writer.run(put("during"))
            assert refusal.value.code == "store.locked"
        writer.run(put("after"))
        assert "during" not in writer.run_read(keys)


def test_mistake_in_a_statement_is_not_called_transient(database_url: str) -> None:
    with connect(open_engine(database_url)) as conn:
        for wrong in ("SELECT nothing FROM nowhere", "INSERT INTO meta (key) VALUES ('a')"):
            with pytest.raises(DBAPIError) as err:
                conn.execute(text(wrong))
            conn.rollback()
            assert transient(err.value) is None


def test_second_writer_on_one_sqlite_file_is_refused_by_name(tmp_path: Path) -> None:
    url = _sqlite(tmp_path)
    with GroupWriter(url), pytest.raises(Fenced, match=str(os.getpid())) as refusal:
        GroupWriter(url).start()
    assert refusal.value.code == "store.in_use"
    with GroupWriter(url) as again:
        again.run(put("a"))


def test_lock_ends_with_the_process_that_held_it(tmp_path: Path) -> None:
    url = _sqlite(tmp_path)
    writing = _spawn(url)
    try:
        _acknowledged(writing, 1)
        with pytest.raises(Fenced, match=str(writing.pid)):
            GroupWriter(url).start()
    finally:
        _kill(writing)
    with GroupWriter(url) as writer:
        writer.run(put("mine now"))


def test_what_was_acknowledged_survives_kill_9(database_url: str) -> None:
    for _ in range(3):
        writing = _spawn(database_url)
        try:
            said = _acknowledged(writing, 200)
        finally:
            said += _kill(writing)
        with GroupWriter(database_url) as writer:
            found = writer.run_read(keys)
            assert {f"written:{n}" for n in said} <= found
            writer.run(lambda tx: tx.conn.execute(text("DELETE FROM meta WHERE key LIKE 'w%'")))


def _sqlite(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'plain.db'}"
    with connect(open_engine(url)) as conn, conn.begin():
        meta_table.create(conn)
    return url


def _spawn(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.writing", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def _acknowledged(process: subprocess.Popen[str], count: int) -> list[int]:
    assert process.stdout is not None
    lines = []
    for _ in range(count):
        line = process.stdout.readline()
        assert line, "the writing process ended by itself"
        lines.append(int(line))
    return lines


def _kill(process: subprocess.Popen[str]) -> list[int]:
    """Kill it; what it had said before it died."""
    process.send_signal(signal.SIGKILL)
    assert process.stdout is not None
    rest = process.stdout.read()
    process.stdout.close()
    process.wait(DEADLINE_S)
    # The last line may be cut short.
    return [int(line) for line in rest.split("\n")[:-1]]
