"""The worklist: filters and pages over case rows, by keyset, so that the ten-thousandth page costs
what the first does and a case that is added meanwhile shifts nothing.

Statements are built per call here: a person asks for them, not a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from hub.store.tables import outbox
from node.store.rows import Row, all_rows
from node.store.tables import cases

_LISTED = [column for column in cases.columns if column.name not in ("state", "private")]
_FILTERS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "status": lambda value: cases.c.status == value,
    "area": lambda value: cases.c.area.startswith(value, autoescape=True),
    "code": lambda value: cases.c.code == value,
    "source": lambda value: cases.c.source == value,
    "task_for": lambda value: cases.c.task_for == value,
    "text": lambda value: or_(
        cases.c.case_no.icontains(value, autoescape=True),
        cases.c.address.icontains(value, autoescape=True),
    ),
    "assignee": lambda value: cases.c.assignee == value,
    "overdue_at": lambda value: and_(
        cases.c.live, not_(cases.c.paused), cases.c.finish_by < _stands(value)
    ),
    "light": lambda value: _light(*value),
    "no_owner": cases.c.no_owner.is_,
    "opened_from": lambda value: cases.c.opened_at >= value,
    "opened_to": lambda value: cases.c.opened_at < value,
}


def _stands(now_us: int) -> ColumnElement[int]:
    """Where the clock stands: work that is done is judged by when it was done."""
    return func.coalesce(cases.c.done_at, now_us)


def _light(light: str, now_us: int) -> ColumnElement[bool]:
    """Rows of a light, as ``node.core.clock.light_at`` says it."""
    late = cases.c.finish_by < _stands(now_us)
    yellow = and_(cases.c.warn_at.is_not(None), cases.c.warn_at <= _stands(now_us))
    runs = and_(cases.c.live, not_(cases.c.paused), cases.c.finish_by.is_not(None))
    return {
        "grey": not_(runs),
        "red": and_(runs, late),
        "yellow": and_(runs, not_(late), yellow),
        "green": and_(runs, not_(late), not_(yellow)),
    }[light]


_LANE_OF = select(outbox.c.lane).where(outbox.c.msg_id == bindparam("msg"))


def list_cases(
    conn: Connection, where: Row, *, before: tuple[int, str] | None, limit: int
) -> Sequence[Row]:
    """Newest first by (opened_at, case_id); ``before`` is that pair of the last row of the page
    above. ``where`` keys are those of the filters; an unknown one is a ``KeyError``."""
    statement = select(*_LISTED).where(*(_FILTERS[key](value) for key, value in where.items()))
    if before is not None:
        statement = statement.where(tuple_(cases.c.opened_at, cases.c.case_id) < before)
    statement = statement.order_by(cases.c.opened_at.desc(), cases.c.case_id.desc()).limit(limit)
    return all_rows(conn.execute(statement))


def lane_of(conn: Connection, msg_id: bytes) -> bytes | None:
    """The lane of an outbox row, None if there is no such row."""
    lane: bytes | None = conn.execute(_LANE_OF, {"msg": msg_id}).scalar()
    return lane


def bonds(conn: Connection, lane: bytes) -> Sequence[Row]:
    """Delivery record of a lane, per link: link drafts unacked acked oldest_at (None once all is
    acknowledged). The empty lane is nobody's and has none."""
    if not lane:
        return ()
    open_ = outbox.c.acked_at.is_(None)
    statement = (
        select(
            outbox.c.link,
            func.count(case((outbox.c.seq.is_(None), 1))).label("drafts"),
            func.count(case((and_(outbox.c.seq.is_not(None), open_), 1))).label("unacked"),
            func.count(outbox.c.acked_at).label("acked"),
            func.min(case((open_, outbox.c.created_at))).label("oldest_at"),
        )
        .where(outbox.c.lane == lane)
        .group_by(outbox.c.link)
        .order_by(outbox.c.link)
    )
    return all_rows(conn.execute(statement))
