"""Several processes on one PostgreSQL: one owner at a time; who was overtaken writes nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, pairwise
from typing import Any

import pytest
from sqlalchemy import text

from hub.errors import Overloaded
from hub.store import attendance as attending
from hub.store import ownership
from hub.store.attendance import HANDED_OVER, Attendance, Role
from hub.store.engine import open_engine
from hub.store.ownership import Process
from hub.store.tx import Tx
from hub.store.writer import BATCH_SECONDS_MAX, EVERYTHING, QUEUE_OPERATIONS_MAX, GroupWriter
from node.service.admission import TOPIC, Admission
from node.service.audit import AuditEntry
from node.service.audit_book import look_through
from node.store import audit
from node.store.access import meta, set_meta
from node.store.repository import NodeStore
from tests.audits import AUDIT, logged
from tests.databases import PostgresServer

pytestmark = pytest.mark.postgres
WAIT_S = 20.0
_names = count(1)


@pytest.fixture
def url(postgres_server: PostgresServer) -> Iterator[str]:
    name = f"several_{next(_names)}"
    yield postgres_server.create(name, template="template_wanmi")
    postgres_server.drop(name)


class Member:
    """One process as far as the store knows it: a writer and its attendance."""

    def __init__(self, url: str, name: str) -> None:
        self.topics: list[str] = []
        self.roles: list[Role] = []
        self.attendance = Attendance(
            url,
            me=Process(id=name, url=f"http://{name}", place=name),
            heard=self.topics.extend,
            changed=lambda stand: self.roles.append(stand.role),
        )
        self.writer = GroupWriter(url, process=name, admit=self.attendance.admit)

    @property
    def role(self) -> Role:
        return self.attendance.stand.role


@contextmanager
def members(url: str, *names: str) -> Iterator[list[Member]]:
    with ExitStack() as stack:
        found = []
        for name in names:
            one = Member(url, name)
            one.writer.start()
            stack.callback(one.writer.stop)
            one.attendance.start()
            stack.callback(one.attendance.stop)
            found.append(one)
        yield found


def until(what: str, holds: Callable[[], object], seconds: float = WAIT_S) -> float:
    """Seconds until it held."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"{what} did not come about"
        time.sleep(0.02)
    return time.monotonic() - began


def stall(one: Member) -> None:
    """As SIGSTOP does: its session stands, nothing of it runs."""
    one.attendance._stop.set()
    thread = one.attendance._thread
    assert thread is not None
    one.attendance._leave = lambda _conn: None  # type: ignore[method-assign]
    thread.join()


def test_the_first_owns_the_node_and_a_second_stands_by(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        assert (Role.OWNER, Role.STANDBY) == (a.role, b.role)
        assert ("http://a", 1) == (b.attendance.stand.owner_url, b.attendance.stand.term)
        assert ["a", "b"] == [one.id for one in b.attendance.stand.processes]
        for one, value in ((a, "1"), (b, "2")):
            one.writer.run(lambda tx, value=value: set_meta(tx.conn, "by", value))
        assert "2" == a.writer.run_read(lambda conn: meta(conn, "by"))


def test_an_owner_that_ends_in_order_hands_over_at_once(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        a.attendance.stop()
        assert until("the takeover", lambda: b.role is Role.OWNER) < 2.0
        assert 2 == b.attendance.stand.term


def test_a_stalled_owner_is_overtaken_and_writes_nothing_when_it_wakes(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        a.writer.run(lambda tx: set_meta(tx.conn, "by", "a"))
        stall(a)
        took = until("the takeover", lambda: b.role is Role.OWNER)
        assert attending.ENDED_S < took < 10.0
        with pytest.raises(Overloaded) as refusal:
            a.writer.run(lambda tx: set_meta(tx.conn, "by", "a again"))
        assert HANDED_OVER == refusal.value.code
        assert [Role.OWNER, Role.LOST] == a.roles
        b.writer.run(lambda tx: set_meta(tx.conn, "seen", "b"))
        assert "a" == b.writer.run_read(lambda conn: meta(conn, "by"))
        with pytest.raises(Overloaded):  # and never again
            a.writer.run(lambda tx: set_meta(tx.conn, "by", "a again"))


def test_an_owner_that_stalls_inside_a_transaction_is_ended_by_the_server(url: str) -> None:
    """Its turn would never end by itself; what it had written is rolled back."""
    with members(url, "a", "b") as (a, b):
        woken = threading.Event()

        def stand_still(tx: Tx) -> None:
            set_meta(tx.conn, "by", "a")
            assert woken.wait(WAIT_S)

        done = threading.Thread(target=lambda: _swallow(lambda: a.writer.run(stand_still)))
        done.start()
        stall(a)
        took = until("the takeover", lambda: b.role is Role.OWNER)
        assert took < 12.0
        b.writer.run(lambda tx: set_meta(tx.conn, "seen", "b"))
        woken.set()
        done.join()
        assert b.writer.run_read(lambda conn: meta(conn, "by")) is None
        with pytest.raises(Overloaded) as refusal:
            a.writer.run(lambda tx: set_meta(tx.conn, "by", "a"))
        assert HANDED_OVER == refusal.value.code


def test_an_owner_that_lost_its_session_only_stays_the_owner(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        _say(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE pid <> pg_backend_pid() AND datname = current_database()")
        time.sleep(2 * attending.BEAT_S)
        until("both back", lambda: _seen(url) == {"a", "b"})
        time.sleep(2 * attending.BEAT_S)
        assert (Role.OWNER, Role.STANDBY) == (a.role, b.role)
        until("a writes", lambda: _swallow(
            lambda: a.writer.run(lambda tx: set_meta(tx.conn, "by", "a"))) is None)
        assert EVERYTHING in b.topics  # something may have been missed meanwhile


def test_nobody_takes_over_because_the_database_itself_stood_still(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        with open_engine(url).connect() as conn, conn.begin():
            conn.execute(text("LOCK TABLE process IN ACCESS EXCLUSIVE MODE"))
            time.sleep(attending.SILENT_S + 2.0)
        time.sleep(3 * attending.BEAT_S)
        assert (Role.OWNER, Role.STANDBY) == (a.role, b.role)


def test_of_many_that_stand_by_one_takes_over(url: str) -> None:
    with members(url, "a", "b", "c", "d") as (a, *others):
        a.attendance.stop()
        until("a takeover", lambda: any(one.role is Role.OWNER for one in others))
        time.sleep(2 * attending.BEAT_S)
        assert 1 == sum(one.role is Role.OWNER for one in others)
        assert 2 == others[0].attendance.stand.term


def test_what_one_wakes_is_heard_by_the_others_after_its_commit(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        def write(tx: Tx) -> None:
            set_meta(tx.conn, "x", "y")
            tx.wake("case")
            tx.wake("link:1-2")

        def fail(tx: Tx) -> None:
            tx.wake("never")
            raise LookupError

        a.writer.run(write)
        _swallow(lambda: a.writer.run(fail))
        assert until("the news", lambda: {"case", "link:1-2"} <= set(b.topics)) < 1.0
        a.writer.run(lambda tx: [tx.wake(f"link:{n:060}") for n in range(200)] and None)
        until("too many topics", lambda: EVERYTHING in b.topics)
        assert "never" not in b.topics
        assert not {"case", EVERYTHING} & set(a.topics)


def test_a_listener_hears_the_other_process(url: str) -> None:
    async def story() -> None:
        heard: list[str] = []
        writer = GroupWriter(url)
        writer.start()
        try:
            end = writer.listen("link:1-2", heard.append)
            writer.hear({"link:1-2", "link:3-4", "case"})
            writer.hear({EVERYTHING})
            await asyncio.sleep(0.05)
            end()
            writer.hear({"link:1-2"})
            await asyncio.sleep(0.05)
        finally:
            await writer.close()
        assert ["link:1-2", "link:1-2"] == heard

    asyncio.run(story())


def test_processes_write_one_after_another(url: str) -> None:
    """A read and a write in one operation are never overtaken, as with one writer."""
    with members(url, "a", "b") as both:
        def add(tx: Tx) -> None:
            before = int(meta(tx.conn, "sum") or 0)
            set_meta(tx.conn, "sum", str(before + 1))

        def refused(tx: Tx) -> None:
            set_meta(tx.conn, "sum", "0")
            raise LookupError  # the first of a batch: its transaction begins anew

        def work(one: Member) -> None:
            for _ in range(100):
                _swallow(lambda: one.writer.run(refused))
                one.writer.run(add)

        threads = [threading.Thread(target=work, args=(one,)) for one in both for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert "400" == both[0].writer.run_read(lambda conn: meta(conn, "sum"))


def test_whoever_waited_for_a_turn_commits_everything_that_waits(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        began, woken = threading.Event(), threading.Event()

        def hold_on(tx: Tx) -> None:
            began.set()
            assert woken.wait(WAIT_S)

        holder = threading.Thread(target=lambda: a.writer.run(hold_on))
        holder.start()
        assert began.wait(WAIT_S)
        waiting = [threading.Thread(target=lambda n=n: b.writer.run(
            lambda tx: set_meta(tx.conn, f"row {n}", _transaction(tx)))) for n in range(5)]
        for one in waiting:
            one.start()
        until("the queue", lambda: b.writer.free_places == QUEUE_OPERATIONS_MAX - len(waiting))
        time.sleep(2 * BATCH_SECONDS_MAX)
        woken.set()
        for one in (holder, *waiting):
            one.join()
        rows = [b.writer.run_read(lambda conn, n=n: meta(conn, f"row {n}")) for n in range(5)]
        # A machine that stalls may end the first batch early, but not after a single one.
        assert rows.count(min(rows, key=int)) > 1, rows


def _transaction(tx: Tx) -> str:
    return str(tx.conn.execute(text("SELECT pg_current_xact_id()")).scalar_one())


def _swallow(call: Callable[[], Any]) -> Exception | None:
    try:
        call()
    except (Overloaded, LookupError) as err:
        return err
    return None


def _say(url: str, statement: str) -> None:
    with open_engine(url).connect() as conn, conn.begin():
        conn.execute(text(statement))


def _seen(url: str) -> set[str]:
    with open_engine(url).connect() as conn, conn.begin():
        return {one.id for one in ownership.living(conn, within_us=1_500_000)}


def test_a_token_that_is_locked_in_one_process_ends_sessions_in_the_others(url: str) -> None:
    with members(url, "a", "b") as (a, b):
        door = Admission(store=NodeStore(), writer=a.writer, audit=AUDIT, now_us=lambda: 0)
        asyncio.run(door.create("C017", "operate"))
        asyncio.run(door.lock("C017", reason="lost", actor="leader", also_admin=False))
        until("word of it", lambda: TOPIC in b.topics)
        assert not asyncio.run(Admission(
            store=NodeStore(), writer=b.writer, audit=AUDIT, now_us=lambda: 0).stands("C017"))


def test_two_processes_write_one_audit_log_without_a_gap_or_a_fork(url: str) -> None:
    with members(url, "a", "b") as both:
        async def many(one: Member) -> None:
            await asyncio.gather(*(
                one.writer.write(lambda tx, n=n: AUDIT.record(  # type: ignore[misc]
                    tx, AuditEntry(action="Do", subject=f"{one.writer._process}:{n}")))
                for n in range(200)))

        threads = [threading.Thread(target=asyncio.run, args=(many(one),)) for one in both]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        rows = logged(both[0].writer)
        assert [row["n"] for row in rows] == list(range(1, 401))
        found = both[1].writer.run_read(lambda conn: look_through(
            conn, audit, keys=None, node="420200", branch=0))
    assert (found.rows, found.flaws) == (400, ())
    turns = sum(one["subject"][0] != two["subject"][0]
                for one, two in pairwise(rows))
    assert turns > 1, "they did not write at the same time"
