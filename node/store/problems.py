"""Joint problems: which cases are treated as one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text

from node.store.rows import Row, all_rows
from node.store.tables.problems import OPEN, problem_case

_P = problem_case.c
_FORGET = delete(problem_case).where(_P.case_id.in_(bindparam("ids", expanding=True)))
_ADD = insert(problem_case)
_CASES = (
    select(problem_case)
    .where(_P.problem_id == bindparam("of"))
    .order_by(_P.asked_at, _P.case_id, _P.coordination_id)
    .limit(bindparam("count"))
)
_SIBLINGS = (
    select(_P.problem_id, _P.case_id)
    .where(_P.problem_id.in_(
        select(_P.problem_id).where(_P.case_id == bindparam("of")).scalar_subquery()))
    .distinct()
    .order_by(_P.problem_id, _P.case_id)
    .limit(bindparam("count"))
)
_OPEN = (
    select(_P.problem_id, func.min(_P.asked_at).label("asked_at"))
    .where(text(OPEN))
    .group_by(_P.problem_id)
    .order_by(func.min(_P.asked_at), _P.problem_id)
    .limit(bindparam("count"))
)
_ALL = (
    select(_P.problem_id, func.min(_P.asked_at).label("asked_at"))
    .group_by(_P.problem_id)
    .order_by(func.min(_P.asked_at).desc(), _P.problem_id)
    .limit(bindparam("count"))
)
_OF = (
    select(problem_case)
    .where(_P.problem_id.in_(bindparam("problems", expanding=True)))
    .order_by(_P.problem_id, _P.asked_at, _P.case_id)
)


def put(conn: Connection, case_ids: Collection[str], rows: Sequence[Row]) -> None:
    """Instead of whatever was known of these cases: problem_id case_id coordination_id open
    asked_at."""
    if case_ids:
        conn.execute(_FORGET, {"ids": list(case_ids)})
    if rows:
        conn.execute(_ADD, rows)


def cases_of(conn: Connection, problem_id: str, limit: int) -> Sequence[Row]:
    """Every column, the question asked first coming first."""
    return all_rows(conn.execute(_CASES, {"of": problem_id, "count": limit}))


def siblings(conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
    """problem_id case_id of every case in the problems of this one, itself among them."""
    return all_rows(conn.execute(_SIBLINGS, {"of": case_id, "count": limit}))


def listed(conn: Connection, limit: int, *, only_open: bool) -> Sequence[Row]:
    """problem_id asked_at: those with an open question, oldest first, or all, newest first."""
    return all_rows(conn.execute(_OPEN if only_open else _ALL, {"count": limit}))


def rows_of(conn: Connection, problem_ids: Collection[str]) -> Sequence[Row]:
    """Every column, of several problems."""
    if not problem_ids:
        return ()
    return all_rows(conn.execute(_OF, {"problems": list(problem_ids)}))
