"""What the tables of an office promise its use cases: one suite, both databases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from hub.store import tables as hub_tables
from hub.store.dialect import insert_ignore
from hub.store.engine import connect, open_engine
from node.core.clock import Light
from node.core.grams import line_of
from node.core.similar import cell_of
from node.service.timing import light_of
from node.store import listing
from node.store.repository import NodeStore
from node.store.tables import cases, journal, trace

Row = dict[str, Any]
STORE = NodeStore()
PARENT, CHILD, GRANDCHILD = "420200", "420203", "420203001"
UP, DOWN = "420200-420203", "420203-420203001"

_messages = itertools.count(1)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def ident(n: int, *, start: str = "01900000") -> str:
    """A UUID text that sorts by ``n`` within its start."""
    return f"{start}-0000-7000-8000-{n:012x}"


def case_row(n: int, **changes: Any) -> Row:
    row: Row = {
        "case_id": ident(n),
        "assignor": None,
        "assignment_id": None,
        "held_generation": 0,
        "issued_generation": 0,
        "duty": "own",
        "status": "pending_dispatch",
        "live": True,
        "version": 1,
        "state": b"{}",
        "private": None,
        "case_no": f"42020020261123{n:04}",
        "area": "420203001",
        "address": f"杭州东路{n}号",
        "words": "",
        "standard_ref": "GB/T 47678.5-2026",
        "kind": "component",
        "code": "0405",
        "name": "井盖",
        "lon": 115.09,
        "lat": 30.2,
        "component": "",
        "urgent": False,
        "assignee": None,
        "finish_by": None,
        "warn_at": None,
        "done_at": None,
        "paused": False,
        "step_by": None,
        "step_warn_at": None,
        "no_owner": False,
        "contested": False,
        "source": "collector",
        "cell": cell_of(115.09, 30.2),
        "task_for": None,
        "flags": None,
        "duplicate_of": None,
        "opened_at": n * 1000,
        "updated_at": n * 1000,
    }
    assert row.keys() == {column.name for column in cases.columns}
    row |= changes
    return row | {"words": line_of(row["case_no"], row["address"])}


def assignment_row(n: int, case: int, **changes: Any) -> Row:
    return {
        "assignment_id": ident(n, start="02900000"),
        "case_id": ident(case),
        "assignee": "node:420203",
        "generation": 1,
        "rank": 0,
        "ended": None,
        "limits": b"{}",
    } | changes


def journal_row(case: int, version: int, **changes: Any) -> Row:
    row: Row = {
        "case_id": ident(case),
        "branch": 0,
        "version": version,
        "entry": b"entry %d" % version,
        "digest": b"digest %d" % version,
        "cause": ident(version, start=f"{case:08x}"),
        "part": 0,
        "event_type": "Assigned",
        "occurred_at": version,
        "hlc": version,
        "trace_msg": None,
    }
    assert row.keys() == {column.name for column in journal.columns} - {"n"}
    return row | changes


def trace_row(case: int, version: int, **changes: Any) -> Row:
    row: Row = {
        "case_id": ident(case),
        "node": GRANDCHILD,
        "branch": 0,
        "version": version,
        "via": CHILD,
        "entry": b"entry %d" % version,
        "digest": b"digest %d" % version,
        "event_type": "Assigned",
        "occurred_at": version,
        "hlc": version,
        "sealed": b"sealed %d" % version,
        "received_at": version + 5,
        "relay_msg": None,
    }
    assert row.keys() == {column.name for column in trace.columns}
    return row | changes


def post(
    conn: Connection, *, link: str = UP, lane: bytes = b"", acked: bool = False, seq: int | None = 1
) -> bytes:
    """An outbox row; its message id."""
    n = next(_messages)
    conn.execute(
        insert(hub_tables.outbox),
        {
            "link": link,
            "msg_id": n.to_bytes(16, "big"),
            "lane": lane,
            "type": "node.v1.Report",
            "prio": 0,
            "draft": b"draft" if seq is None else None,
            "epoch": None if seq is None else 1,
            "seq": None if seq is None else n,
            "created_at": n,
            "acked_at": n if acked else None,
        },
    )
    return n.to_bytes(16, "big")


def column(rows: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


# Cases


def test_saved_cases_are_loaded_by_many_ids(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(n, state=b"{%d}" % n) for n in range(1, 6)])
    found = STORE.load_cases(conn, [ident(2), ident(5), ident(99)])
    assert sorted(found) == [ident(2), ident(5)]
    row = found[ident(5)]
    assert (row.case_id, row.version, row.assignor) == (ident(5), 1, None)
    assert (row.state, row.private, row.opened_at) == (b"{5}", None, 5000)
    assert STORE.load_cases(conn, []) == {}


def test_saving_again_overwrites_every_column(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(1), case_row(2)])
    changed = case_row(
        1, version=2, status="closed", live=False, private=b"phone", urgent=True, lon=None
    )
    STORE.save_cases(conn, [changed])
    assert conn.execute(select(cases).order_by("case_id")).mappings().first() == changed


def test_case_row_never_goes_back(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(1, version=7), case_row(2)])
    with pytest.raises(AssertionError, match="1 of 2"):
        STORE.save_cases(conn, [case_row(1, version=6), case_row(2, version=2)])


def test_reader_loads_cases_without_locking_them(database_url: str) -> None:
    with connect(open_engine(database_url)) as conn, conn.begin():
        STORE.save_cases(conn, [case_row(1)])
    with connect(open_engine(database_url, read_only=True)) as conn, conn.begin():
        assert list(STORE.load_cases(conn, [ident(1)])) == [ident(1)]


@pytest.mark.postgres
def test_writer_locks_the_cases_it_loads(postgres_server: Any) -> None:
    url = postgres_server.create("locked", template="template_wanmi")
    try:
        engine = open_engine(url)
        with connect(engine) as one, one.begin():
            STORE.save_cases(one, [case_row(1)])
        with connect(engine) as one, one.begin(), connect(engine) as other, other.begin():
            STORE.load_cases(one, [ident(1)])
            free = select(cases.c.case_id).with_for_update(skip_locked=True)
            assert other.execute(free).all() == []
    finally:
        postgres_server.drop("locked")


# Assignments


def test_case_has_one_live_assignment_at_a_time(conn: Connection) -> None:
    STORE.save_assignments(conn, [assignment_row(1, 1)])
    with pytest.raises(IntegrityError), conn.begin_nested():
        STORE.save_assignments(conn, [assignment_row(2, 1, generation=2)])
    # One call may end the old and begin the new, in whatever order they are given.
    STORE.save_assignments(
        conn, [assignment_row(2, 1, generation=2), assignment_row(1, 1, ended="returned")]
    )
    rows = STORE.case_assignments(conn, ident(1))
    assert column(rows, "ended") == ["returned", None]
    assert column(rows, "generation") == [1, 2]
    found = STORE.assignments(conn, [rows[0]["assignment_id"], ident(99)])
    assert [dict(row) for row in found] == [assignment_row(1, 1, ended="returned")]


def test_live_assignments_are_found_by_assignee_and_prefix(conn: Connection) -> None:
    STORE.save_assignments(
        conn,
        [
            assignment_row(2, 2),
            assignment_row(1, 1),
            assignment_row(3, 3, ended="closed"),
            assignment_row(4, 4, assignee="adapter:water"),
            assignment_row(5, 5, assignment_id=ident(5, start="03ffffff")),
        ],
    )
    everything = STORE.assignments_on(conn, "node:420203", "")
    assert column(everything, "case_id") == [ident(1), ident(2), ident(5)]
    assert column(STORE.assignments_on(conn, "node:420203", "02"), "case_id") == [
        ident(1),
        ident(2),
    ]
    assert column(STORE.assignments_on(conn, "node:420203", "03ffff"), "case_id") == [ident(5)]
    whole = STORE.assignments_on(conn, "node:420203", ident(2, start="02900000"))
    assert column(whole, "case_id") == [ident(2)]


def test_duties_are_those_held_or_done(conn: Connection) -> None:
    def duty(n: int, duty: str, assignor: str = PARENT) -> Row:
        assignment = ident(n, start="02900000")
        return case_row(
            n, duty=duty, assignor=assignor, assignment_id=assignment, held_generation=n
        )

    STORE.save_cases(
        conn,
        [
            duty(2, "done"),
            duty(1, "held"),
            duty(3, "ended"),
            duty(4, "held", "429999"),
            case_row(5),
        ],
    )
    rows = STORE.duties_from(conn, PARENT, "")
    assert column(rows, "case_id") == [ident(1), ident(2)]
    assert column(rows, "held_generation") == [1, 2]
    assert STORE.duties_from(conn, PARENT, "03") == []


# Journal and changes


def test_journal_is_appended_in_order_and_read_by_version(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(1, version) for version in (1, 2, 3)])
    STORE.add_journal(conn, [journal_row(2, 1)])
    rows = STORE.case_journal(conn, ident(1), 1, 10)
    assert column(rows, "version") == [2, 3]
    assert column(rows, "entry") == [b"entry 2", b"entry 3"]
    assert column(STORE.case_journal(conn, ident(1), 0, 2), "version") == [1, 2]
    numbers = conn.execute(select(journal.c.n).order_by(journal.c.n)).scalars().all()
    assert len(set(numbers)) == 4


@pytest.mark.parametrize(
    "repeated", [{"cause": ident(1, start="00000001")}, {"version": 1}], ids=["cause", "version"]
)
def test_one_cause_and_one_version_is_one_entry(conn: Connection, repeated: dict[str, Any]) -> None:
    STORE.add_journal(conn, [journal_row(1, 1)])
    with pytest.raises(IntegrityError), conn.begin_nested():
        STORE.add_journal(conn, [journal_row(1, 2) | repeated])
    # Several entries of one cause are its parts.
    STORE.add_journal(conn, [journal_row(1, 2, cause=ident(1, start="00000001"), part=1)])


def test_known_causes_are_told_from_new_ones(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(1, 1), journal_row(1, 2)])
    known, new = ident(2, start="00000001"), ident(9)
    assert STORE.known_causes(conn, [known, new]) == {known}
    assert STORE.known_causes(conn, []) == set()


def test_changes_are_read_from_where_one_stopped(conn: Connection) -> None:
    assert STORE.latest_change(conn) == 0
    STORE.add_changes(
        conn,
        [{"case_id": ident(n), "version": n, "kind": "Assigned", "at": n} for n in (1, 2, 3)],
    )
    rows = STORE.changes(conn, 0, 2)
    assert column(rows, "case_id") == [ident(1), ident(2)]
    rest = STORE.changes(conn, rows[-1]["n"], 10)
    assert column(rest, "case_id") == [ident(3)]
    assert STORE.latest_change(conn) == rest[-1]["n"]


# Timers


def timer_row(n: int, due_at: int, kind: str = "finish_by") -> Row:
    return {"case_id": ident(n), "kind": kind, "ref": "", "due_at": due_at}


def test_timers_fire_once_in_the_order_they_are_due(conn: Connection) -> None:
    STORE.save_timers(conn, [timer_row(1, 300), timer_row(2, 100), timer_row(3, 200)])
    assert STORE.next_timer(conn) == 100
    due = STORE.due_timers(conn, 250, 10)
    assert column(due, "case_id") == [ident(2), ident(3)]
    assert STORE.due_timers(conn, 250, 1) == due[:1]
    STORE.fire_timers(conn, due, 251)
    assert STORE.due_timers(conn, 250, 10) == []
    assert STORE.next_timer(conn) == 300


def test_timer_that_is_set_again_counts_anew(conn: Connection) -> None:
    STORE.save_timers(conn, [timer_row(1, 100)])
    STORE.save_timers(conn, [timer_row(1, 400)])
    assert STORE.due_timers(conn, 399, 10) == []
    STORE.fire_timers(conn, STORE.due_timers(conn, 400, 10), 400)
    STORE.save_timers(conn, [timer_row(1, 900)])
    assert STORE.next_timer(conn) == 900


def test_cancelled_timer_is_gone_and_a_fired_one_stays_fired(conn: Connection) -> None:
    STORE.save_timers(conn, [timer_row(1, 100), timer_row(1, 100, "sign_by"), timer_row(2, 100)])
    STORE.fire_timers(conn, [timer_row(2, 100)], 100)
    STORE.cancel_timers(conn, [timer_row(1, 100), timer_row(2, 100)])
    assert column(STORE.due_timers(conn, 100, 10), "kind") == ["sign_by"]


# Commands, numbers, work items


def test_answer_of_a_command_is_kept_once_and_forgotten_by_age(conn: Connection) -> None:
    row = {"command_id": "c1", "reply": b"{}", "fingerprint": b"f", "at": 100}
    assert STORE.command(conn, "c1") is None
    STORE.save_command(conn, row)
    assert STORE.command(conn, "c1") == row
    with pytest.raises(IntegrityError), conn.begin_nested():
        STORE.save_command(conn, row)
    assert STORE.forget_commands(conn, 100) == 0
    assert STORE.forget_commands(conn, 101) == 1
    assert STORE.command(conn, "c1") is None


def test_case_numbers_count_up_per_day(conn: Connection) -> None:
    assert [STORE.next_case_no(conn, "20261123") for _ in range(3)] == [1, 2, 3]
    assert STORE.next_case_no(conn, "20261124") == 1


def work_row(n: int, case: int | None = 1, kind: str = "no_route") -> Row:
    return {
        "id": ident(n, start="04900000"),
        "case_id": None if case is None else ident(case),
        "kind": kind,
        "detail": "两个单位都负责",
        "created_at": n,
    }


def test_work_items_are_listed_oldest_first_until_settled(conn: Connection) -> None:
    STORE.add_work_items(conn, [work_row(2), work_row(1, case=2), work_row(3, case=None)])
    ids = [work_row(n)["id"] for n in (1, 2, 3)]
    assert column(STORE.work_items(conn, limit=10), "id") == ids
    assert column(STORE.work_items(conn, case_id=ident(1), limit=10), "id") == ids[1:2]
    assert STORE.settle_work_items(conn, 50, item=ids[0]) == 1
    assert STORE.settle_work_items(conn, 51, item=ids[0]) == 0
    assert column(STORE.work_items(conn, limit=10), "id") == ids[1:]
    settled = STORE.work_items(conn, settled=True, limit=10)
    assert column(settled, "settled_at") == [50, None, None]


def test_work_items_of_a_case_are_settled_by_kind_and_open_again_by_id(conn: Connection) -> None:
    STORE.add_work_items(conn, [work_row(1), work_row(2, kind="late"), work_row(3, case=2)])
    assert STORE.settle_work_items(conn, 50, case_id=ident(1), kind="late") == 1
    assert STORE.settle_work_items(conn, 50, case_id=ident(1)) == 1
    assert len(STORE.work_items(conn, limit=10)) == 1
    STORE.add_work_items(conn, [work_row(1)])
    assert len(STORE.work_items(conn, limit=10)) == 2
    with pytest.raises(ValueError, match="an id or a case"):
        STORE.settle_work_items(conn, 50, kind="late")


# Adapters


def job_row(case: int, generation: int = 1, **changes: Any) -> Row:
    return {
        "adapter": "water",
        "assignment_id": ident(case, start="02900000"),
        "generation": generation,
        "case_id": ident(case),
        "wish": "SUBMIT",
        "text": "请处理",
        "next_try_at": 100,
        "created_at": 90,
    } | changes


def test_due_jobs_are_claimed_withdrawals_first(conn: Connection) -> None:
    STORE.save_adapter_jobs(
        conn,
        [
            job_row(1),
            job_row(2, wish="WITHDRAW", next_try_at=150),
            job_row(3, next_try_at=300),
            job_row(4, next_try_at=None),
            job_row(5, adapter="light"),
        ],
    )
    due = STORE.due_adapter_jobs(conn, "water", 200, 10)
    assert column(due, "case_id") == [ident(2), ident(1)]
    assert (due[1]["outcome"], due[1]["tries"], due[1]["unit_reference"]) == (None, 0, "")
    assert len(STORE.due_adapter_jobs(conn, "water", 200, 1)) == 1


def test_later_round_of_a_case_waits_for_the_earlier_one(conn: Connection) -> None:
    earlier = job_row(1, 1, wish="WITHDRAW", next_try_at=900)
    STORE.save_adapter_jobs(conn, [earlier, job_row(1, 2), job_row(2, 2)])
    assert column(STORE.due_adapter_jobs(conn, "water", 200, 10), "case_id") == [ident(2)]
    settled = {"outcome": "ACCEPTED", "unit_reference": "W-1", "tries": 1, "next_try_at": None}
    STORE.update_adapter_job(conn, earlier | settled)
    assert column(STORE.due_adapter_jobs(conn, "water", 200, 10), "case_id") == [
        ident(1),
        ident(2),
    ]


def test_new_wish_keeps_what_is_known_of_the_old_one(conn: Connection) -> None:
    STORE.save_adapter_jobs(conn, [job_row(1)])
    known = {"outcome": "UNKNOWN", "unit_reference": "W-7", "tries": 4, "next_try_at": 500}
    STORE.update_adapter_job(conn, job_row(1) | known)
    STORE.save_adapter_jobs(conn, [job_row(1, wish="WITHDRAW", text="撤回", next_try_at=200)])
    job = STORE.adapter_job(conn, "water", job_row(1)["assignment_id"], 1)
    assert job is not None
    assert (job["wish"], job["text"], job["next_try_at"]) == ("WITHDRAW", "撤回", 200)
    assert (job["outcome"], job["unit_reference"], job["tries"]) == ("UNKNOWN", "W-7", 0)
    assert STORE.adapter_job(conn, "water", job_row(1)["assignment_id"], 2) is None


def test_cursor_and_heard_events_are_kept_per_adapter(conn: Connection) -> None:
    assert STORE.adapter_cursor(conn, "water") is None
    for cursor in ("a", "b"):
        STORE.save_adapter_cursor(conn, {"adapter": "water", "cursor": cursor, "at": 7})
    assert STORE.adapter_cursor(conn, "water") == {"adapter": "water", "cursor": "b", "at": 7}
    event = {"adapter": "water", "event_id": "e1", "cause": ident(1), "at": 7}
    STORE.add_adapter_events(conn, [event])
    STORE.add_adapter_events(conn, [event, event | {"event_id": "e2"}])
    assert STORE.known_adapter_events(conn, "water", ["e1", "e2", "e3"]) == {"e1", "e2"}
    assert STORE.known_adapter_events(conn, "light", ["e1"]) == set()
    assert STORE.known_adapter_events(conn, "light", []) == set()


def unread(adapter: str, at: int) -> Row:
    return {
        "adapter": adapter,
        "source": "out/1.csv",
        "code": "adapter.unit_unreadable",
        "detail": "status 17",
        "bytes": b"\x00\xff",
        "at": at,
    }


def test_unread_bytes_wait_until_somebody_settles_them(conn: Connection) -> None:
    STORE.add_adapter_quarantine(conn, [unread("water", 1), unread("water", 2), unread("light", 3)])
    items = STORE.adapter_quarantine(conn, "water", 10)
    assert column(items, "at") == [1, 2]
    assert items[0]["bytes"] == b"\x00\xff"
    assert (2, 0) == tuple(
        STORE.adapter_quarantine_count(conn, name) for name in ("water", "none")
    )
    assert column(STORE.adapter_quarantine(conn, "water", 1), "at") == [1]
    found = STORE.adapter_quarantine_item(conn, "water", items[1]["id"])
    assert found is not None
    assert found["at"] == 2
    assert STORE.adapter_quarantine_item(conn, "light", items[1]["id"]) is None
    assert STORE.settle_adapter_quarantine(conn, items[0]["id"], 50) == 1
    assert STORE.settle_adapter_quarantine(conn, items[0]["id"], 51) == 0
    assert column(STORE.adapter_quarantine(conn, "water", 10), "at") == [2]


def test_adapters_are_counted_from_whatever_they_left(conn: Connection) -> None:
    jobs = [job_row(1), job_row(2, created_at=80), job_row(3, next_try_at=None)]
    STORE.save_adapter_jobs(conn, jobs)
    unknown = {"outcome": "UNKNOWN", "unit_reference": "", "tries": 1, "next_try_at": 100}
    rejected = {"outcome": "REJECTED", "unit_reference": "", "tries": 1, "next_try_at": None}
    STORE.update_adapter_job(conn, jobs[0] | unknown)
    STORE.update_adapter_job(conn, jobs[2] | rejected)
    STORE.add_adapter_quarantine(conn, [unread("human", 1)])
    STORE.save_adapter_cursor(conn, {"adapter": "light", "cursor": "c", "at": 5})
    human, light, water = STORE.adapter_counts(conn)
    assert column([human, light, water], "adapter") == ["human", "light", "water"]
    assert (human["quarantined"], human["waiting"], human["oldest_waiting_at"]) == (1, 0, None)
    assert (light["cursor"], light["cursor_at"]) == ("c", 5)
    assert water == {
        "adapter": "water",
        "waiting": 2,
        "unknown": 1,
        "parked": 0,
        "rejected": 1,
        "quarantined": 0,
        "cursor": "",
        "cursor_at": None,
        "oldest_waiting_at": 80,
    }


# Evidence and the sets neighbours compare


def test_traces_are_a_set(conn: Connection) -> None:
    STORE.add_traces(conn, [trace_row(1, 1), trace_row(1, 2)])
    STORE.add_traces(conn, [trace_row(1, 2, sealed=b"another"), trace_row(1, 3)])
    rows = STORE.case_traces(conn, ident(1), 10)
    assert column(rows, "sealed") == [b"sealed 1", b"sealed 2", b"sealed 3"]
    known = STORE.known_traces(
        conn, [(ident(1), GRANDCHILD, 0, 3), (ident(1), GRANDCHILD, 0, 4), (ident(2), "X", 0, 1)]
    )
    assert known == {(ident(1), GRANDCHILD, 0, 3)}


def test_traces_of_a_case_are_read_by_their_makers_clocks(conn: Connection) -> None:
    STORE.add_traces(
        conn, [trace_row(1, 1, hlc=30), trace_row(1, 2, hlc=10), trace_row(1, 9, node="X", hlc=20)]
    )
    assert column(STORE.case_traces(conn, ident(1), 10), "hlc") == [10, 20, 30]
    assert len(STORE.case_traces(conn, ident(1), 2)) == 2


def test_set_below_is_what_the_assignor_should_have(conn: Connection) -> None:
    STORE.save_cases(
        conn,
        [
            case_row(1, assignor=PARENT, duty="held"),
            case_row(2),  # our own: not pushed
            case_row(3, assignor=PARENT, duty="ended"),
        ],
    )
    STORE.add_journal(
        conn,
        [
            journal_row(1, 1, trace_msg=post(conn, acked=True)),
            journal_row(1, 2, trace_msg=post(conn)),  # under way
            journal_row(1, 3, trace_msg=post(conn, seq=None)),  # not even numbered
            journal_row(1, 4),  # never enqueued: a loss that must show
            journal_row(2, 1),
            journal_row(3, 1, trace_msg=post(conn, acked=True)),
        ],
    )
    STORE.add_traces(
        conn,
        [
            trace_row(1, 1, relay_msg=post(conn, acked=True)),
            trace_row(1, 2, relay_msg=post(conn)),
            trace_row(2, 1),
        ],
    )

    def below(prefix: str = "", after: Any = None, limit: int = 100) -> list[Any]:
        rows = STORE.trace_set_below(conn, assignor=PARENT, prefix=prefix, after=after, limit=limit)
        return [(row["case_id"], row["node"], row["branch"], row["version"]) for row in rows]

    everything = [
        (ident(1), "", 0, 1),
        (ident(1), "", 0, 4),
        (ident(1), GRANDCHILD, 0, 1),
        (ident(3), "", 0, 1),
    ]
    assert below() == everything
    paged: list[Any] = []
    while page := below(after=paged[-1] if paged else None, limit=1):
        paged += page
    assert paged == everything
    assert below(prefix=ident(3)) == everything[3:]
    assert below(prefix="02") == []
    rows = STORE.trace_set_below(conn, assignor=PARENT, prefix=ident(3), after=None, limit=1)
    assert rows[0]["digest"] == b"digest 1"
    assert STORE.unacked_traces(conn, UP, "") == {
        (ident(1), "", 0, 2),
        (ident(1), "", 0, 3),
        (ident(1), GRANDCHILD, 0, 2),
    }
    assert STORE.unacked_traces(conn, DOWN, "") == set()
    assert STORE.unacked_traces(conn, UP, "02") == set()


def test_sets_are_ordered_by_bytes_whatever_the_locale(conn: Connection) -> None:
    nodes = ["9", "420203", "42020A", "Z1", "A", "42", "420203001"]
    STORE.add_traces(conn, [trace_row(1, 1, node=node) for node in nodes])
    STORE.add_traces(conn, [trace_row(1, 2, node="A", branch=5), trace_row(1, 9, node="A")])
    rows = STORE.trace_set_above(conn, via=CHILD, prefix="", after=None, limit=100)
    keys = [(row["node"], row["branch"], row["version"]) for row in rows]
    assert keys == sorted(keys)
    assert column(rows, "node")[:3] == ["42", "420203", "420203001"]


def test_set_above_is_what_one_neighbour_handed_up(conn: Connection) -> None:
    STORE.add_traces(
        conn,
        [trace_row(1, 1), trace_row(1, 2, via="420204"), trace_row(2, 1), trace_row(2, 2)],
    )

    def above(**given: Any) -> list[Any]:
        asked = {"via": CHILD, "prefix": "", "after": None, "limit": 10} | given
        rows = STORE.trace_set_above(conn, **asked)
        return [(row["case_id"], row["version"]) for row in rows]

    assert above() == [(ident(1), 1), (ident(2), 1), (ident(2), 2)]
    assert above(prefix=ident(2)) == [(ident(2), 1), (ident(2), 2)]
    assert above(after=(ident(2), GRANDCHILD, 0, 1)) == [(ident(2), 2)]
    assert above(limit=1) == [(ident(1), 1)]


def test_evidence_is_fetched_by_key_and_marked_with_its_envelope(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(1, 1), journal_row(1, 2)])
    STORE.add_traces(conn, [trace_row(1, 1), trace_row(1, 2)])
    ours, below = (ident(1), "", 0, 2), (ident(1), GRANDCHILD, 0, 1)
    rows = STORE.evidence(conn, [below, ours, (ident(9), "", 0, 1)])
    assert {(row["node"], row["version"], row["entry"], row["sealed"]) for row in rows} == {
        ("", 2, b"entry 2", None),
        (GRANDCHILD, 1, b"entry 1", b"sealed 1"),
    }
    names = ("case_id", "node", "branch", "version")
    one, two = post(conn), post(conn)
    marks = zip((ours, below), (one, two), strict=True)
    STORE.mark_trace_msg(
        conn, [dict(zip(names, key, strict=True)) | {"msg": msg} for key, msg in marks]
    )
    assert STORE.unacked_traces(conn, UP, "") == {ours, below}


def test_more_keys_than_a_statement_takes(conn: Connection) -> None:
    STORE.add_traces(conn, [trace_row(1, n) for n in range(1, 1202)])
    keys = [(ident(1), GRANDCHILD, 0, n) for n in range(1, 1301)]
    assert len(STORE.known_traces(conn, keys)) == 1201
    assert len(STORE.evidence(conn, keys)) == 1201


# Listing


def listed(conn: Connection, **where: Any) -> list[int]:
    rows = STORE.list_cases(conn, where, before=None, limit=100)
    assert len(rows) == STORE.count_cases(conn, where, most=100)
    return [int(row["case_no"][-4:]) for row in rows]


def test_lights_are_counted_by_place_as_the_list_has_them(conn: Connection) -> None:
    STORE.save_cases(conn, [
        case_row(1, finish_by=20, warn_at=10),
        case_row(2, finish_by=40, warn_at=25),
        case_row(3, finish_by=90, warn_at=80, area="420204001"),
        case_row(4, step_by=20, area="420204001"),
        case_row(5, finish_by=20, paused=True),
        case_row(6, finish_by=20, live=False, status="closed"),
        case_row(7, finish_by=20, done_at=15),
        case_row(8, area="42"),
    ])
    found = {(area, light): count for area, light, count in STORE.count_lights(conn, 30, 6)}
    assert found == {
        ("420203", "red"): 1, ("420203", "yellow"): 1, ("420203", "green"): 1,
        ("420203", "grey"): 1, ("420204", "green"): 1, ("420204", "red"): 1, ("42", "grey"): 1}
    for light in ("red", "yellow", "green"):
        whole = sum(count for (_, one), count in found.items() if one == light)
        assert STORE.count_cases(conn, {"light": (light, 30)}, most=100) == whole, light


def test_cases_are_listed_newest_first_by_filter(conn: Connection) -> None:
    STORE.save_cases(
        conn,
        [
            case_row(1, status="closed", live=False, finish_by=10),
            case_row(2, area="420204", finish_by=20),
            case_row(3, code="0101", assignee="node:420203", finish_by=30),
            case_row(4, address="人民路100%号", case_no="4202002026112Z0004"),
        ],
    )
    assert listed(conn) == [4, 3, 2, 1]
    assert STORE.count_cases(conn, {}, most=3) == 3
    assert listed(conn, status="closed") == [1]
    assert listed(conn, case_id=case_row(2)["case_id"]) == [2]
    assert listed(conn, area="420203") == [4, 3, 1]
    assert listed(conn, code="0101", assignee="node:420203") == [3]
    assert listed(conn, overdue_at=30) == [2]
    assert listed(conn, light=("red", 30)) == [2]
    assert listed(conn, opened_from=2000, opened_to=4000) == [3, 2]
    assert listed(conn, text="112z") == [4]
    assert listed(conn, text="人民路") == [4]
    assert listed(conn, text="0%") == [4]
    assert listed(conn, area="4202_") == []
    with pytest.raises(KeyError):
        listed(conn, colour="red")
    row = STORE.list_cases(conn, {"code": "0101"}, before=None, limit=1)[0]
    assert "state" not in row
    assert "private" not in row
    assert (row["urgent"], row["lon"], row["name"]) == (False, 115.09, "井盖")


SOUGHT: list[dict[str, Any]] = [
    {},
    {"status": "closed"},
    {"status": "handling", "area": "420203"},
    {"code": "0405", "status": "closed"},
    {"area": "420203002"},
    {"area": "4202"},
    {"source": "video"},
    {"source": "nobody"},
    {"assignee": "node:420203"},
    {"no_owner": True},
    {"no_owner": False, "code": "0101"},
    {"contested": True, "area": "420203"},
    {"contested": False, "source": "video"},
    {"overdue_at": 50},
    {"light": ("red", 50), "area": "420203"},
    {"light": ("grey", 50), "status": "closed"},
    {"light": ("grey", 50), "no_owner": False, "area": "420203001"},
    {"text": "颐阳路7号"},
    {"text": "路"},
    {"text": "铁山小学"},
    {"text": "铁山小学", "area": "420203001", "status": "handling"},
    {"text": "杭州东路", "code": "0101"},
    {"text": "1123"},
    {"text": "不在这里"},
    {"task_for": "wang", "opened_from": 20_000, "opened_to": 90_000},
]


def _wanted(row: Row, where: dict[str, Any]) -> bool:
    runs = row["live"] and not row["paused"] and row["finish_by"] is not None
    light = light_of(row, where["light"][1]).value if "light" in where else ""
    tests = {
        "text": lambda value: value in row["case_no"] or value in row["address"],
        "area": row["area"].startswith,
        "overdue_at": lambda value: runs and row["finish_by"] < value,
        "light": lambda value: light == value[0],
        "opened_from": lambda value: row["opened_at"] >= value,
        "opened_to": lambda value: row["opened_at"] < value,
    }
    return all(
        tests[key](value) if key in tests else row[key] == value for key, value in where.items()
    )


@pytest.mark.parametrize("few", [0, 1_000])
def test_what_is_rare_is_found_page_by_page_as_if_all_were_read(
    conn: Connection, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows of a few rows, so that every page is looked for both ways."""
    monkeypatch.setattr(listing, "NEWEST_ROWS", 6)
    monkeypatch.setattr(listing, "NEWEST_TEXTS", 4)
    monkeypatch.setattr(listing, "TEXTS_MAX", few)
    monkeypatch.setattr(listing, "LEADS_MAX", few)
    dice = Random(few)
    rows = [
        case_row(
            n, status=dice.choice(("closed", "handling")), live=dice.random() < 0.3,
            area=f"42020300{dice.randrange(3)}", code=dice.choice(("0405", "0101")),
            source=dice.choice(("collector", "video")), paused=dice.random() < 0.2,
            assignee=dice.choice((None, None, "node:420203")), no_owner=dice.random() < 0.1,
            contested=dice.random() < 0.1,
            finish_by=dice.choice((None, 40, 60)), warn_at=dice.choice((None, 30)),
            task_for=dice.choice((None, "wang")), opened_at=n // 2 * 1_000,
            address=dice.choice(("杭州东路", "颐阳路", "颐阳路7号铁山小学")) + f"{n}号",
        )
        for n in range(1, 121)
    ]
    STORE.save_cases(conn, [row | {"words": "旧址"} for row in rows])
    STORE.save_cases(conn, rows)
    rows.sort(key=lambda row: (row["opened_at"], row["case_id"]), reverse=True)
    for where in SOUGHT:
        seen: list[str] = []
        before = None
        while page := STORE.list_cases(conn, where, before=before, limit=7):
            seen += column(page, "case_id")
            before = (page[-1]["opened_at"], page[-1]["case_id"])
        assert seen == [row["case_id"] for row in rows if _wanted(row, where)], where


def test_lights_are_filtered_as_the_core_says_them(conn: Connection) -> None:
    """Every kind of row at instants around both borders; no row has two lights, or none."""
    rows = [
        case_row(1),
        case_row(2, finish_by=100),
        case_row(3, finish_by=100, warn_at=80),
        case_row(4, finish_by=100, warn_at=80, done_at=79),
        case_row(5, finish_by=100, warn_at=80, done_at=100),
        case_row(6, finish_by=100, warn_at=80, done_at=101),
        case_row(7, finish_by=100, warn_at=80, paused=True),
        case_row(8, finish_by=100, warn_at=80, live=False, status="closed"),
        case_row(9, step_by=100, step_warn_at=80),
        case_row(10, step_by=90, step_warn_at=80, finish_by=110, warn_at=105),
        case_row(11, step_by=100, step_warn_at=80, paused=True),
    ]
    STORE.save_cases(conn, rows)
    for now in (79, 80, 81, 99, 100, 101):
        found = {
            int(row["case_no"][-4:]): light_of(row, now).value
            for row in STORE.list_cases(conn, {}, before=None, limit=100)
        }
        for light in Light:
            expected = sorted((n for n, seen in found.items() if seen == light), reverse=True)
            assert expected == listed(conn, light=(light.value, now)), (now, light)
        late = sorted((n for n, seen in found.items() if seen == "red" and n != 9), reverse=True)
        assert late == listed(conn, overdue_at=now), "a late step of ours is no overdue case"
    assert found == {1: "grey", 2: "red", 3: "red", 4: "green", 5: "yellow", 6: "red",
                     7: "grey", 8: "grey", 9: "red", 10: "green", 11: "grey"}


def test_pages_neither_skip_nor_repeat_while_cases_are_added(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(n, opened_at=n // 3) for n in range(1, 20)])
    seen: list[str] = []
    before = None
    while page := STORE.list_cases(conn, {}, before=before, limit=4):
        seen += column(page, "case_id")
        before = (page[-1]["opened_at"], page[-1]["case_id"])
        STORE.save_cases(conn, [case_row(1000 + len(seen), opened_at=1000)])
    assert seen == [ident(n) for n in range(19, 0, -1)]


SIFTED: tuple[Row, ...] = (
    {}, {"status": "handling"}, {"area": "420203001", "code": "0405"}, {"text": "颐阳路7号"},
    {"waits": ("request", "extension")}, {"overdue_at": 50}, {"source": "video"},
)


def test_a_sorted_list_has_every_row_once_page_by_page(conn: Connection) -> None:
    rows = [
        case_row(
            n, status=("closed", "handling", "checking")[n % 3], live=n % 3 > 0,
            area=f"42020300{n % 2}", code=("0405", "0101")[n % 4 // 2],
            source=("collector", "video")[n % 5 // 3], opened_at=n // 2 * 1_000,
            finish_by=(None, 40, 60)[n % 7 % 3], step_by=(None, 55)[n % 2],
            address=("杭州东路", "颐阳路7号铁山小学")[n % 2] + f"{n}号",
        )
        for n in range(1, 61)
    ]
    STORE.save_cases(conn, rows)
    STORE.add_work_items(conn, [
        {"id": ident(500 + n), "case_id": ident(n), "kind": "request", "created_at": n,
         "detail": ("extension engineering", "return not_ours")[n % 2]} for n in range(1, 20)])
    for name, down, where in itertools.product(listing.SORTS, (False, True), SIFTED):
        seen: list[Row] = []
        behind = None
        while page := STORE.sorted_cases(
            conn, where, order=(name, down), behind=behind, limit=7
        ):
            seen += page
            behind = (page[-1]["sort_key"], page[-1]["case_id"])
        pairs = [(row["sort_key"], row["case_id"]) for row in seen]
        assert pairs == sorted(pairs, reverse=down), (name, down, where)
        found = {row["case_id"] for row in STORE.list_cases(conn, where, before=None, limit=100)
                 if name != "limit" or row["live"]}
        assert sorted(found) == sorted(row["case_id"] for row in seen), (name, down, where)
        assert found


def test_what_is_to_be_dispatched_is_listed_until_somebody_below_has_it(conn: Connection) -> None:
    STORE.save_cases(conn, [
        case_row(1), case_row(2, status="held"),
        case_row(3, status="held", assignee="node:420203"),
        case_row(4, status="handling", assignee="node:420203"),
        case_row(5, live=False),
    ])
    assert listed(conn, undispatched=True) == [2, 1]
    assert listed(conn, undispatched=True, status="held") == [2]
    assert listed(conn, handed=True) == [4, 3]
    assert listed(conn, handed=False) == [5, 2, 1]
    for where, wanted in (({"undispatched": True}, [1, 2]), ({"handed": True}, [3, 4])):
        rows = STORE.sorted_cases(conn, where, order=("no", False), behind=None, limit=9)
        assert [int(row["case_no"][-4:]) for row in rows] == wanted


def test_what_waits_is_listed_by_its_kind_until_it_is_settled(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(n) for n in range(1, 5)])
    STORE.add_work_items(conn, [
        {"id": ident(900 + n), "case_id": ident(n), "kind": kind, "detail": detail,
         "created_at": n}
        for n, kind, detail in (
            (1, "request", "extension engineering"), (2, "request", "return not_ours"),
            (3, "reply", "请说明"), (4, "request", "extension 2 科长"))])
    assert listed(conn, waits=("request", "")) == [4, 2, 1]
    assert listed(conn, waits=("request", "extension")) == [4, 1]
    assert listed(conn, waits=("reply", "")) == [3]
    STORE.settle_work_items(conn, 99, item=ident(901))
    assert listed(conn, waits=("request", "extension")) == [4]


def test_bond_is_the_delivery_of_one_lane(conn: Connection) -> None:
    lane = bytes(range(16))
    post(conn, lane=lane, acked=True)
    unacked = post(conn, lane=lane)
    post(conn, lane=lane, seq=None)
    post(conn, lane=lane, link=DOWN, acked=True)
    post(conn, lane=b"another", seq=None)
    post(conn, seq=None)
    up, down = STORE.bonds(conn, lane)
    oldest = int.from_bytes(unacked, "big")
    assert up == {"link": UP, "drafts": 1, "unacked": 1, "acked": 1, "oldest_at": oldest}
    assert down == {"link": DOWN, "drafts": 0, "unacked": 0, "acked": 1, "oldest_at": None}
    assert STORE.bonds(conn, b"") == ()
    assert STORE.lane_of(conn, unacked) == lane
    assert STORE.lane_of(conn, b"unknown") is None


# Tables of the city


def duty_row(area: str, assignee: str, **changes: Any) -> Row:
    return {
        "standard_ref": "GB/T 47678.5-2026",
        "kind": "component",
        "code": "0405",
        "area": area,
        "unit": "",
        "assignee": assignee,
        "duty": "rectify",
        "qualifier": "",
        "zone": "",
        "phrase": "",
        "note": "",
        "valid_from": 0,
        "valid_to": None,
    } | changes


def test_responsibilities_are_kept_by_their_key(conn: Connection) -> None:
    def put(*rows: Row) -> int:
        STORE.put_kept_rows(conn, "responsibilities", rows, 1)
        return len(STORE.kept_rows(conn, "responsibilities"))

    assert put(duty_row("420203", "node:420203"), duty_row("420204", "node:420204")) == 2
    later = duty_row("420203", "node:420203", valid_from=9)
    assert put(later) == 3
    assert put(later) == 3
    STORE.drop_kept_rows(conn, "responsibilities", [later])
    assert put(duty_row("420203", "node:420203", valid_to=9), duty_row("42", "adapter:water")) == 3
    assert put() == 3
    found = STORE.responsibilities_for(conn, "GB/T 47678.5-2026", "0405")
    assert column(found, "area") == ["42", "420203", "420204"]
    assert column(found, "valid_to") == [None, 9, None]
    assert STORE.responsibilities_for(conn, "CJ/T 214-2007", "0405") == []
    assert column(STORE.list_rows(conn, "responsibility", 1, 1), "area") == ["420203"]


# Access


def test_tokens_are_known_by_hash_and_revoked_by_name(conn: Connection) -> None:
    row = {
        "token_hash": b"h1", "name": "console", "scope": "operate", "created_at": 1,
        "roles": "dispatcher,shift_leader",
    }
    STORE.save_token(conn, row)
    with pytest.raises(IntegrityError), conn.begin_nested():
        STORE.save_token(conn, row | {"token_hash": b"h2"})
    open_to_all = {"locked_at": None, "locked_by": "", "lock_reason": "", "revoked_at": None,
                   "expires_at": None, "by_roles": False}
    unbounded = dict.fromkeys(("addresses", "acts", "areas", "codes", "units"), "")
    nobodys = dict.fromkeys(("account", *(f"account_{part}" for part in (
        "login", "state", "roles", "areas", "codes", "units"))))
    assert STORE.token(conn, b"h1") == row | open_to_all | unbounded | nobodys
    assert STORE.token(conn, b"h2") is None
    assert STORE.revoke_tokens(conn, "console", 5) == 1
    assert STORE.revoke_tokens(conn, "console", 6) == 0
    STORE.save_token(conn, row | {"token_hash": b"h2", "created_at": 7})
    assert column(STORE.tokens(conn), "revoked_at") == [5, None]


def test_what_a_node_keeps_about_itself(conn: Connection) -> None:
    assert STORE.meta(conn, "branch") is None
    STORE.set_meta(conn, "branch", "0")
    STORE.set_meta(conn, "branch", "1700000000")
    assert STORE.meta(conn, "branch") == "1700000000"


def test_gauges_of_an_empty_and_of_a_busy_office(conn: Connection) -> None:
    assert STORE.gauges(conn) == {
        "assignments_live": 0,
        "work_items_open": 0,
        "timer_next_due_at": None,
    }
    STORE.save_assignments(conn, [assignment_row(1, 1), assignment_row(2, 2, ended="closed")])
    STORE.add_work_items(conn, [work_row(1)])
    STORE.save_timers(conn, [timer_row(1, 700)])
    assert STORE.gauges(conn) == {
        "assignments_live": 1,
        "work_items_open": 1,
        "timer_next_due_at": 700,
    }


# The fabric's own rules


def test_outbox_row_is_a_draft_or_numbered_never_both(conn: Connection) -> None:
    message = post(conn, seq=None)
    outbox = hub_tables.outbox
    with pytest.raises(IntegrityError), conn.begin_nested():
        conn.execute(outbox.update().where(outbox.c.msg_id == message).values(epoch=1, seq=7))
    with pytest.raises(IntegrityError), conn.begin_nested():
        conn.execute(outbox.update().where(outbox.c.msg_id == message).values(draft=None))


def test_outbox_ids_are_never_given_twice(conn: Connection) -> None:
    outbox = hub_tables.outbox
    post(conn, seq=None)
    last = conn.execute(select(func.max(outbox.c.id))).scalar_one()
    conn.execute(outbox.delete())
    post(conn, seq=None)
    assert conn.execute(select(outbox.c.id)).scalar_one() > last


def test_inbox_takes_a_message_once_but_for_duplicates(conn: Connection) -> None:
    row = {
        "link": UP,
        "epoch": 1,
        "seq": 1,
        "msg_id": b"m",
        "lane": b"",
        "type": "node.v1.Order",
        "chain": b"c",
        "outcome": "APPLIED",
        "received_at": 1,
    }
    inbox = hub_tables.inbox
    conn.execute(insert(inbox), row)
    with pytest.raises(IntegrityError), conn.begin_nested():
        conn.execute(insert(inbox), row | {"seq": 2, "outcome": "PARKED"})
    conn.execute(insert(inbox), row | {"seq": 2, "outcome": "DUPLICATE"})
    conn.execute(insert(inbox), row | {"seq": 3, "outcome": "DUPLICATE"})


def test_ignoring_insert_says_whether_a_single_row_was_new(conn: Connection) -> None:
    statement = insert_ignore(hub_tables.blob_ref)
    row = {"link": UP, "digest": b"d", "msg_id": b"m"}
    assert statement.run(conn, row).rowcount == 1
    assert statement.run(conn, row).rowcount == 0
    assert statement.run(conn, [row, row | {"digest": b"e"}]).rowcount == 1
    count = select(func.count()).select_from(hub_tables.blob_ref)
    assert conn.execute(count).scalar_one() == 2
