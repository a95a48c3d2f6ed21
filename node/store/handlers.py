"""Who handles a duty inside the office, now and before, and what each has in hand.

A row without an end counts for the duty it was written for and for no later one: whoever reads
compares its assignment with that of the case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from node.store.rows import Row, all_rows
from node.store.tables import cases, handler, journal

_H = handler.c
PRESENT = _H.until.is_(None)
_OF_THE_DUTY = and_(_H.case_id == cases.c.case_id, _H.assignment_id == cases.c.assignment_id)
_CURRENT = (
    select(handler, cases.c.duty)
    .join(cases, _OF_THE_DUTY)
    .where(PRESENT, _H.case_id.in_(bindparam("ids", expanding=True)))
)
_HISTORY = (
    select(handler)
    .where(_H.case_id == bindparam("of"))
    .order_by(_H.n.desc())
    .limit(bindparam("count"))
)
_END = update(handler).where(_H.case_id == bindparam("of"), PRESENT)
_ADD = insert(handler)


def current(conn: Connection, case_ids: Collection[str]) -> dict[str, Row]:
    """By case, who handles the duty it has now: every column of ``handler``, and ``duty`` (held,
    done or ended)."""
    if not case_ids:
        return {}
    rows = all_rows(conn.execute(_CURRENT, {"ids": list(case_ids)}))
    return {row["case_id"]: row for row in rows}


def history(conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
    """Everybody who was named for a case, the last one first."""
    return all_rows(conn.execute(_HISTORY, {"of": case_id, "count": limit}))


def end(conn: Connection, case_id: str, now_us: int, actor: str) -> int:
    """Nobody handles it any more; how many did (0 or 1)."""
    statement = _END.values(until=now_us, until_by=actor)
    return conn.execute(statement, {"of": case_id}).rowcount


def add(conn: Connection, row: Row) -> None:
    """Insert: case_id assignment_id generation name note given_by since. A second one at a time
    is an ``IntegrityError``."""
    conn.execute(_ADD, row)


def handled_by(name: str) -> ColumnElement[bool]:
    """Condition on ``cases``: the duty it has now is this name's."""
    theirs = select(_H.case_id, _H.assignment_id).where(_H.name == name, PRESENT)
    return tuple_(cases.c.case_id, cases.c.assignment_id).in_(theirs)


def counts(
    conn: Connection, now_us: int, since: int | None, until: int | None, limit: int
) -> Sequence[Row]:
    """By name, over what was given to them in a time: name given held overdue done ended late
    reworked. Whoever had a case last counts for it."""
    held = cases.c.duty == "held"

    def happened(event_type: str) -> ColumnElement[bool]:
        return exists().where(
            journal.c.case_id == cases.c.case_id, journal.c.event_type == event_type
        )

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    overdue = and_(held, ~cases.c.paused, cases.c.finish_by < now_us)
    statement = (
        select(
            _H.name,
            func.count().label("given"),
            how_many(held).label("held"),
            how_many(overdue).label("overdue"),
            how_many(cases.c.duty == "done").label("done"),
            how_many(cases.c.duty == "ended").label("ended"),
            how_many(or_(overdue, happened("Overdue"))).label("late"),
            how_many(happened("DutyReworked")).label("reworked"),
        )
        .select_from(handler)
        .join(cases, _OF_THE_DUTY)
        .where(PRESENT)
        .group_by(_H.name)
        .order_by(func.count().desc(), _H.name)
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(_H.since >= since)
    if until is not None:
        statement = statement.where(_H.since < until)
    return all_rows(conn.execute(statement))
