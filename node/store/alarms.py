"""Statements about calls for help of collectors."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, tuple_, update

from node.store.rows import Row, all_rows, one_row
from node.store.tables import alarm

_A = alarm.c
_OPEN = _A.settled_at.is_(None)
CHANGING = (
    "version", "taken_by", "taken_at", "settled_by", "settled_at", "outcome", "report",
    "reference",
)
"""What a person adds to an alarm."""


def add_alarm(conn: Connection, row: Row) -> None:
    """Insert: id version collector raised_by kind text at received_at lon lat x y crs
    accuracy_m."""
    conn.execute(insert(alarm), row)


def one_alarm(conn: Connection, alarm_id: str) -> Row | None:
    """Every column of one."""
    return one_row(conn.execute(select(alarm).where(_A.id == alarm_id)))


def change_alarm(conn: Connection, row: Row) -> None:
    """Replace by ``id`` what is in ``CHANGING``."""
    conn.execute(
        update(alarm).where(_A.id == row["id"]).values({name: row[name] for name in CHANGING})
    )


def alarms(
    conn: Connection, *, settled: bool, before: tuple[int, str] | None, limit: int
) -> Sequence[Row]:
    """Open or settled ones, the newest first, from behind (received_at, id)."""
    statement = select(alarm).where(_OPEN if not settled else ~_OPEN)
    if before is not None:
        statement = statement.where(tuple_(_A.received_at, _A.id) < before)
    return all_rows(conn.execute(
        statement.order_by(_A.received_at.desc(), _A.id.desc()).limit(limit)
    ))
