"""Numbers of an office for its metrics, read when somebody scrapes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from node.store.tables import assignment, cases, timer, trace, work_item

_GAUGES = select(
    select(func.count())
    .select_from(assignment)
    .where(assignment.c.ended.is_(None))
    .scalar_subquery()
    .label("assignments_live"),
    select(func.count())
    .select_from(cases)
    .where(cases.c.live)
    .scalar_subquery()
    .label("cases_live"),
    select(func.count())
    .select_from(work_item)
    .where(work_item.c.settled_at.is_(None))
    .scalar_subquery()
    .label("work_items_open"),
    select(func.min(timer.c.due_at))
    .where(timer.c.fired_at.is_(None))
    .scalar_subquery()
    .label("timer_next_due_at"),
    select(func.max(trace.c.occurred_at)).scalar_subquery().label("trace_newest_at"),
)


def gauges(conn: Connection) -> Mapping[str, int | None]:
    """assignments_live cases_live work_items_open timer_next_due_at trace_newest_at; times are
    None where there is nothing."""
    return dict(conn.execute(_GAUGES).mappings().one())
