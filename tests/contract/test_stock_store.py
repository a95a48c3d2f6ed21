"""What the store promises the sheets of the problem library, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.store.engine import connect, open_engine
from node.store import stock
from tests.contract.test_store import STORE, case_row, column, ident, journal_row


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def sheet(node: str, period: str, version: int = 1, **changed: Any) -> dict[str, Any]:
    return {
        "node": node, "period": period, "version": version, "span": "day", "begins_at": 100,
        "drawn_at": 200, "drawn_by": "clerk", "digest": f"{node}{period}{version}",
        "document": b"{}", "msg": None, "received_at": None, "sealed": None, **changed,
    }


def candidates(conn: Connection, **asked: Any) -> list[str]:
    given = {"begins": 100_000, "ends": 200_000, "overdue_before": 190_000, "after": "",
             "limit": 10}
    return column(stock.stock_candidates(conn, **{**given, **asked}), "case_id")


def test_only_cases_that_may_have_been_in_the_library_are_read(conn: Connection) -> None:
    STORE.save_cases(conn, [
        case_row(1, finish_by=189_999),
        case_row(2, finish_by=190_000),
        case_row(3, finish_by=189_999, live=False, updated_at=99_999),
        case_row(4, finish_by=189_999, live=False, updated_at=100_000),
        case_row(5, finish_by=189_999, opened_at=200_000),
        case_row(6),
        case_row(7),
        case_row(8, duty="ended", live=False, updated_at=150_000),
    ])
    STORE.add_journal(conn, [
        journal_row(6, 1, event_type="Overdue"), journal_row(7, 1, event_type="Assigned")])
    assert [ident(1), ident(4), ident(6), ident(8)] == candidates(conn)
    assert [ident(4), ident(6)] == candidates(conn, after=ident(1), limit=2)


def test_entries_come_case_by_case_in_their_order(conn: Connection) -> None:
    STORE.add_journal(conn, [journal_row(2, 1)])
    STORE.add_journal(conn, [journal_row(1, 1), journal_row(2, 2)])
    rows = stock.stock_entries(conn, [ident(1), ident(2), ident(9)])
    assert [(ident(1), b"entry 1"), (ident(2), b"entry 1"), (ident(2), b"entry 2")] == [
        (row["case_id"], bytes(row["entry"])) for row in rows]


def test_a_sheet_is_written_once_and_one_from_below_is_kept_as_it_first_came(
    conn: Connection,
) -> None:
    stock.add_sheet(conn, sheet("420200", "2026-03-01"))
    with pytest.raises(IntegrityError), conn.begin_nested():
        stock.add_sheet(conn, sheet("420200", "2026-03-01"))
    first = sheet("420203", "2026-03-01", received_at=5, document=b"first")
    assert first["digest"] == stock.keep_sheet(conn, first)
    other = {**first, "digest": "other", "document": b"second"}
    assert first["digest"] == stock.keep_sheet(conn, other)
    kept = stock.one_sheet(conn, "420203", "2026-03-01", 1)
    assert kept is not None
    assert b"first" == bytes(kept["document"])


def test_the_newest_version_is_found_for_one_and_for_many(conn: Connection) -> None:
    for node, version in (("420202", 1), ("420203", 1), ("420203", 2), ("420204", 1)):
        stock.add_sheet(conn, sheet(node, "2026-03", version))
    stock.add_sheet(conn, sheet("420203", "2026-04", 3))
    found = stock.one_sheet(conn, "420203", "2026-03", 0)
    assert found is not None
    assert 2 == found["version"]
    assert stock.one_sheet(conn, "420203", "2026-03", 9) is None
    rows = stock.newest_sheets(conn, ["420203", "420202", "420209"], "2026-03")
    assert [("420202", 1), ("420203", 2)] == [(row["node"], row["version"]) for row in rows]
    assert () == stock.newest_sheets(conn, [], "2026-03")


def test_pages_of_sheets_go_on_behind_the_last_one(conn: Connection) -> None:
    for begins in (1, 2):
        for node in ("420202", "420203"):
            stock.add_sheet(conn, sheet(node, f"2026-03-0{begins}", begins_at=begins))
    seen: list[tuple[str, str]] = []
    before = None
    while rows := stock.sheets(conn, node="", span="day", before=before, limit=3):
        seen += [(row["period"], row["node"]) for row in rows]
        before = tuple(rows[-1][name] for name in ("begins_at", "node", "period", "version"))
    assert sorted(seen, reverse=True) == seen
    assert 4 == len(set(seen)) == len(seen)
    assert [] == stock.sheets(conn, node="", span="week", before=None, limit=3)
    assert ["2026-03-02"] == stock.drawn_periods(conn, "420203", "day", 2)
