"""Numbers of an office for its metrics, read when somebody scrapes: each from an index that holds
only what is open, so that a scrape does not grow with the history."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from node.store.tables import (
    alarm,
    assignment,
    cases,
    collector,
    handler,
    timer,
    track_point,
    work_item,
)

_GAUGES = select(
    select(func.count())
    .select_from(assignment)
    .where(assignment.c.ended.is_(None))
    .scalar_subquery()
    .label("assignments_live"),
    select(func.count())
    .select_from(work_item)
    .where(work_item.c.settled_at.is_(None))
    .scalar_subquery()
    .label("work_items_open"),
    select(func.min(timer.c.due_at))
    .where(timer.c.fired_at.is_(None))
    .scalar_subquery()
    .label("timer_next_due_at"),
)


def gauges(conn: Connection) -> Mapping[str, int | None]:
    """assignments_live work_items_open timer_next_due_at (None if no timer is set)."""
    return dict(conn.execute(_GAUGES).mappings().one())


def waiting_alarms(conn: Connection) -> tuple[int, int | None]:
    """How many calls for help nobody has taken, and when the first of them came (µs)."""
    found = conn.execute(
        select(func.count(), func.min(alarm.c.received_at))
        .where(alarm.c.settled_at.is_(None), alarm.c.taken_at.is_(None))
    ).one()
    return found[0], found[1]


def has_tracks(conn: Connection) -> bool:
    """Whether any point of a collector's track is kept here."""
    return conn.execute(select(track_point.c.at).limit(1)).first() is not None


def has_cases(conn: Connection) -> bool:
    """Whether there was ever a case here."""
    return conn.execute(select(cases.c.case_id).limit(1)).first() is not None


def has_people(conn: Connection) -> bool:
    """Whether anybody is known here whom time erases: handlers, who called for help, reporters.
    Asked once a day: an office that holds a million cases for others looks through all of them."""
    known = (
        select(handler.c.n), select(alarm.c.id),
        select(cases.c.case_id).where(cases.c.private.is_not(None)),
    )
    return any(conn.execute(one.limit(1)).first() is not None for one in known)


def has_collectors(conn: Connection) -> bool:
    """Whether anybody is registered who patrols for this office."""
    return conn.execute(select(collector.c.collector).limit(1)).first() is not None
