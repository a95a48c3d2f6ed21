"""What the table of joint problems promises: one suite, both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from hub.store.engine import connect, open_engine
from node.store import problems
from tests.contract.test_store import ident


@pytest.fixture
def conn(database_url: str) -> Iterator[Connection]:
    with connect(open_engine(database_url)) as conn, conn.begin():
        yield conn


def row(problem: str, n: int, *, asked_at: int = 0, is_open: bool = True) -> dict[str, Any]:
    return {"problem_id": problem, "case_id": ident(n), "coordination_id": ident(1_000 + n),
            "open": is_open, "asked_at": asked_at or n}


def put(conn: Connection, *rows: dict[str, Any]) -> None:
    problems.put(conn, [one["case_id"] for one in rows], rows)


def names(rows: Any) -> list[str]:
    return [one["problem_id"] for one in rows]


def test_the_cases_of_a_problem_come_in_the_order_in_which_they_were_asked(
    conn: Connection
) -> None:
    put(conn, row("p", 3, asked_at=1), row("p", 1, asked_at=2), row("q", 2))
    assert [ident(3), ident(1)] == [one["case_id"] for one in problems.cases_of(conn, "p", 9)]
    assert [ident(3)] == [one["case_id"] for one in problems.cases_of(conn, "p", 1)]
    assert () == tuple(problems.cases_of(conn, "no such", 9))
    assert {ident(1), ident(2), ident(3)} == {
        one["case_id"] for one in problems.rows_of(conn, ["p", "q"])}
    assert () == problems.rows_of(conn, [])


def test_what_is_known_of_a_case_is_replaced_and_of_others_kept(conn: Connection) -> None:
    put(conn, row("p", 1), row("p", 2))
    put(conn, row("q", 1))
    assert [ident(2)] == [one["case_id"] for one in problems.cases_of(conn, "p", 9)]
    problems.put(conn, [ident(2)], [])  # taken out
    assert () == tuple(problems.cases_of(conn, "p", 9))
    assert ["q"] == names(problems.listed(conn, 9, only_open=True))
    problems.put(conn, [], [])
    with pytest.raises(IntegrityError):
        problems.put(conn, [], [row("q", 1)])


def test_siblings_are_all_cases_of_every_problem_of_a_case(conn: Connection) -> None:
    put(conn, row("p", 1), row("p", 2), row("r", 4))
    problems.put(conn, [], [{**row("q", 1), "coordination_id": ident(7)}, row("q", 3)])
    assert [("p", ident(1)), ("p", ident(2)), ("q", ident(1)), ("q", ident(3))] == [
        (one["problem_id"], one["case_id"]) for one in problems.siblings(conn, ident(1), 9)]
    assert () == tuple(problems.siblings(conn, ident(9), 9))


def test_open_ones_are_listed_oldest_first_and_all_newest_first(conn: Connection) -> None:
    put(conn, row("old", 1, asked_at=5), row("old", 2, asked_at=9, is_open=False),
        row("new", 3, asked_at=8), row("done", 4, asked_at=1, is_open=False))
    assert ["old", "new"] == names(problems.listed(conn, 9, only_open=True))
    assert ["new", "old", "done"] == names(problems.listed(conn, 9, only_open=False))
    assert ["old"] == names(problems.listed(conn, 1, only_open=True))
