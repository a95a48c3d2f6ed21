"""What the store promises about handlers inside an office, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.store.engine import connect, open_engine
from node.store import handlers
from tests.contract.test_store import STORE, case_row, column, ident, journal_row


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def duty(n: int, **changed: Any) -> dict[str, Any]:
    return case_row(n, assignor="420200", assignment_id=ident(1_000 + n), **{
        "duty": "held", **changed})


def named(n: int, name: str, **changed: Any) -> dict[str, Any]:
    return {"case_id": ident(n), "assignment_id": ident(1_000 + n), "generation": 1, "name": name,
            "note": "", "given_by": "clerk", "since": 100 + n, **changed}


def listed(conn: Connection, name: str, **where: Any) -> list[str]:
    return column(STORE.list_cases(
        conn, {"handler": name, **where}, before=None, limit=10), "case_id")


def test_one_handler_at_a_time_and_everybody_is_remembered(conn: Connection) -> None:
    STORE.save_cases(conn, [duty(1)])
    handlers.add(conn, named(1, "甲班"))
    assert handlers.end(conn, ident(1), 200, "chief") == 1
    assert handlers.end(conn, ident(1), 300, "chief") == 0
    assert handlers.current(conn, [ident(1)]) == {}
    handlers.add(conn, named(1, "乙班"))
    found = handlers.current(conn, [ident(1), ident(9)])
    assert [(row["name"], row["duty"]) for row in found.values()] == [("乙班", "held")]
    assert [(row["name"], row["until"], row["until_by"])
            for row in handlers.history(conn, ident(1), 9)] == [
        ("乙班", None, ""), ("甲班", 200, "chief")]
    assert len(handlers.history(conn, ident(1), 1)) == 1
    assert handlers.current(conn, []) == {}
    with pytest.raises(IntegrityError):
        handlers.add(conn, named(1, "丙班"))


def test_whoever_handled_an_earlier_duty_does_not_handle_the_next(conn: Connection) -> None:
    STORE.save_cases(conn, [duty(1), duty(2)])
    handlers.add(conn, named(1, "甲班"))
    handlers.add(conn, named(2, "甲班", assignment_id=ident(77)))
    assert list(handlers.current(conn, [ident(1), ident(2)])) == [ident(1)]
    assert listed(conn, "甲班") == [ident(1)]


def test_the_worklist_is_narrowed_by_the_whole_name(conn: Connection) -> None:
    STORE.save_cases(conn, [
        duty(1, opened_at=5), duty(2, opened_at=7, status="done"), duty(3, opened_at=6), duty(4)])
    for n, name in ((1, "甲班"), (2, "甲班"), (3, "甲")):
        handlers.add(conn, named(n, name))
    assert listed(conn, "甲班") == [ident(2), ident(1)]
    assert listed(conn, "甲班", status="done") == [ident(2)]
    assert listed(conn, "甲") == [ident(3)]
    assert listed(conn, "班") == []
    assert column(STORE.list_cases(
        conn, {"handler": "甲班"}, before=(7, ident(2)), limit=10), "case_id") == [ident(1)]


def test_each_name_is_counted_with_what_it_has_and_had(conn: Connection) -> None:
    STORE.save_cases(conn, [
        duty(1, finish_by=499),
        duty(2, finish_by=499, paused=True),
        duty(3, duty="done", finish_by=499, done_at=450),
        duty(4, duty="ended", live=False),
        duty(5, finish_by=900),
        duty(6),
    ])
    for n in range(1, 6):
        handlers.add(conn, named(n, "乙班" if n == 5 else "甲班"))
    handlers.add(conn, named(6, "乙班"))
    handlers.end(conn, ident(6), 300, "chief")
    STORE.add_journal(conn, [
        journal_row(4, 1, event_type="Overdue"), journal_row(3, 1, event_type="DutyReworked"),
        journal_row(5, 1, event_type="Assigned")])
    rows = [dict(row) for row in handlers.counts(conn, 500, None, None, 9)]
    assert rows == [
        {"name": "甲班", "given": 4, "held": 2, "overdue": 1, "done": 1, "ended": 1, "late": 2,
         "reworked": 1},
        {"name": "乙班", "given": 1, "held": 1, "overdue": 0, "done": 0, "ended": 0, "late": 0,
         "reworked": 0},
    ]
    assert [row["given"] for row in handlers.counts(conn, 500, 102, 105, 9)] == [3]
    assert len(handlers.counts(conn, 500, None, None, 1)) == 1
