"""What the store promises the problem library and the lists of evidence, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from hub.store.engine import connect, open_engine
from node.store.ledger import WATCHED
from tests.contract.test_store import (
    STORE,
    assignment_row,
    case_row,
    column,
    ident,
    journal_row,
)


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def _ledger(conn: Connection, **where: Any) -> list[str]:
    asked = {"overdue_before": 500, "area": "", "after": None, "limit": 10, **where}
    return column(STORE.ledger(conn, **asked), "case_id")


def test_the_ledger_holds_what_waits_and_what_is_late_and_nothing_else(conn: Connection) -> None:
    STORE.save_cases(conn, [
        case_row(1, paused=True),
        case_row(2, finish_by=499),
        case_row(3, finish_by=500),
        case_row(4, finish_by=499, done_at=450),
        case_row(5, paused=True, live=False, status="voided"),
        case_row(6),
        case_row(7, paused=True, area="420204001"),
    ])
    assert [ident(1), ident(2), ident(7)] == _ledger(conn)
    assert [ident(1), ident(2)] == _ledger(conn, area="420203")
    assert [] == _ledger(conn, area="%")
    rows = STORE.ledger(conn, overdue_before=500, area="", after=None, limit=1)
    assert "private" not in rows[0]


def test_pages_of_cases_of_one_moment_neither_skip_nor_repeat(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(n, paused=True, opened_at=7) for n in (3, 1, 2)])
    assert [ident(1), ident(2)] == _ledger(conn, limit=2)
    assert [ident(3)] == _ledger(conn, limit=2, after=(7, ident(2)))
    assert [] == _ledger(conn, limit=2, after=(10**18 - 1, "f"))


def test_the_newest_entry_of_each_case_is_found(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(1, version) for version in (1, 2)])
    STORE.add_journal(conn, [journal_row(2, 5), journal_row(3, 1)])
    found = column(STORE.last_entries(conn, [ident(1), ident(2)]), "entry")
    assert [b"entry 2", b"entry 5"] == sorted(bytes(one) for one in found)
    assert () == STORE.last_entries(conn, [])


def test_watched_events_of_a_period_come_in_order_and_in_batches(conn: Connection) -> None:
    kinds = [*WATCHED, "Assigned"]
    STORE.add_journal(conn, [
        journal_row(1, version, event_type=kind, occurred_at=100 + version)
        for version, kind in enumerate(kinds, start=1)
    ])

    def watched(after: int, limit: int = 9, since: int = 101, until: int = 104) -> list[Any]:
        return list(STORE.watched_entries(
            conn, since=since, until=until, after=after, limit=limit))

    assert [b"entry 1", b"entry 2", b"entry 3"] == [bytes(one["entry"]) for one in watched(0)]
    first = watched(0, limit=2)
    assert [b"entry 3"] == [bytes(one["entry"]) for one in watched(first[-1]["n"])]
    assert len(WATCHED) == len(watched(0, until=999))
    assert [] == watched(0, since=-10**15, until=101)


def test_units_of_handings_over_are_found_whether_they_live_or_ended(conn: Connection) -> None:
    STORE.save_cases(conn, [case_row(1)])
    STORE.save_assignments(conn, [
        assignment_row(1, 1, ended="returned"), assignment_row(2, 1, assignee="adapter:power")])
    one, two = ident(1, start="02900000"), ident(2, start="02900000")
    assert {(one, "node:420203"), (two, "adapter:power")} == {
        (row["assignment_id"], row["assignee"])
        for row in STORE.assignees(conn, [one, two, ident(9)])}


def test_evidence_up_to_a_version_comes_with_its_entries(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(1, version) for version in (1, 2, 3)])
    rows = STORE.case_digests(conn, ident(1), 2, 10)
    assert [(1, b"digest 1", b"entry 1"), (2, b"digest 2", b"entry 2")] == [
        (row["version"], bytes(row["digest"]), bytes(row["entry"])) for row in rows]
    assert [1] == column(STORE.case_digests(conn, ident(1), 3, 1), "version")
