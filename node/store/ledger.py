"""The problem library (问题库): what stands still or is long overdue, and what is counted per unit.

Read by a committee now and then, so statements are built per call; the partial indexes keep them
off the many cases that are well.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, func, or_, select

from node.store.rows import Row, all_rows
from node.store.tables import assignment, cases, journal, trace
from node.store.tables.casework import LIVE

WATCHED = ("AssigneeAsked", "AssignmentResumed", "Overdue", "RequestDecided")
"""Events that the habits of units are counted by; the index of the journal names them too."""

_COLUMNS = [column for column in cases.columns if column.name not in ("private", "words")]


def ledger(
    conn: Connection, *, overdue_before: int, area: str, after: tuple[int, str] | None, limit: int
) -> Sequence[Row]:
    """Open cases whose clock stands, or whose deadline lies before ``overdue_before`` (µs), with
    their state; oldest opening first by (opened_at, case_id), behind ``after``."""
    late = and_(cases.c.finish_by < overdue_before, cases.c.done_at.is_(None))
    statement = select(*_COLUMNS).where(LIVE, or_(cases.c.paused, late))
    if area:
        statement = statement.where(cases.c.area.startswith(area, autoescape=True))
    if after is not None:
        opened_at, case_id = after
        behind = and_(cases.c.opened_at == opened_at, cases.c.case_id > case_id)
        statement = statement.where(or_(cases.c.opened_at > opened_at, behind))
    statement = statement.order_by(cases.c.opened_at, cases.c.case_id).limit(limit)
    return all_rows(conn.execute(statement))


def last_entries(conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
    """entry of our newest entry of each of these cases."""
    if not case_ids:
        return ()
    newest = (
        select(func.max(journal.c.n))
        .where(journal.c.case_id.in_(list(case_ids)))
        .group_by(journal.c.case_id)
    )
    return all_rows(conn.execute(select(journal.c.entry).where(journal.c.n.in_(newest))))


def watched_entries(
    conn: Connection, *, since: int, until: int, after: int, limit: int
) -> Sequence[Row]:
    """n entry of the watched events in [since, until) (µs), in order, behind ``after``."""
    statement = (
        select(journal.c.n, journal.c.entry)
        .where(
            journal.c.event_type.in_(WATCHED),
            journal.c.occurred_at >= since,
            journal.c.occurred_at < until,
            journal.c.n > after,
        )
        .order_by(journal.c.n)
        .limit(limit)
    )
    return all_rows(conn.execute(statement))


def assignees(conn: Connection, ids: Collection[str]) -> Sequence[Row]:
    """assignment_id assignee of these assignments."""
    if not ids:
        return ()
    statement = select(assignment.c.assignment_id, assignment.c.assignee).where(
        assignment.c.assignment_id.in_(list(ids))
    )
    return all_rows(conn.execute(statement))


def signers(conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
    """entry of every signing below in these cases, in the order of their makers' clocks."""
    if not case_ids:
        return ()
    statement = (
        select(trace.c.entry)
        .where(trace.c.case_id.in_(list(case_ids)), trace.c.event_type == "DutySigned")
        .order_by(trace.c.case_id, trace.c.hlc)
    )
    return all_rows(conn.execute(statement))
