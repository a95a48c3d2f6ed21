"""Timers, answered commands, work items, case numbers: what a node remembers to do or has done."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from hub.store.dialect import PerDialect, upsert
from node.core.effects import ALARM_WORK
from node.core.roles import WHOLE, Scope
from node.store.rows import Row, all_rows, one_row
from node.store.scopes import inside
from node.store.tables import cases, timer, work_item
from node.store.tables import command as command_table
from node.store.tables import meta as meta_table

_SAVE_TIMERS = upsert(timer, ["case_id", "kind", "ref"], ["due_at", "fired_at"])
_THIS_TIMER = (
    (timer.c.case_id == bindparam("of_case"))
    & (timer.c.kind == bindparam("of_kind"))
    & (timer.c.ref == bindparam("of_ref"))
    & timer.c.fired_at.is_(None)
)
_CANCEL_TIMERS = delete(timer).where(_THIS_TIMER)
_FIRE_TIMERS = update(timer).where(_THIS_TIMER).values(fired_at=bindparam("fired"))
_DUE_TIMERS = (
    select(timer)
    .where(timer.c.fired_at.is_(None), timer.c.due_at <= bindparam("now"))
    .order_by(timer.c.due_at, timer.c.case_id, timer.c.kind, timer.c.ref)
    .limit(bindparam("count"))
)
_NEXT_TIMER = select(func.min(timer.c.due_at)).where(timer.c.fired_at.is_(None))

_COMMAND = select(command_table).where(command_table.c.command_id == bindparam("id"))
_SAVE_COMMAND = insert(command_table)
_FORGET_COMMANDS = delete(command_table).where(command_table.c.at < bindparam("before"))

_ADD_WORK = upsert(work_item, ["id"], ["case_id", "kind", "detail", "created_at", "settled_at"])


def _count_up() -> PerDialect:
    one_more = cast(cast(meta_table.c.value, BigInteger) + 1, String)
    return PerDialect(
        lambda insert: insert(meta_table)
        .values(value="1")
        .on_conflict_do_update(index_elements=["key"], set_={"value": one_more})
        .returning(meta_table.c.value)
    )


_COUNT_UP = _count_up()


def save_timers(conn: Connection, rows: Sequence[Row]) -> None:
    """Set timers by (case_id, kind, ref): a timer that is set again counts anew, fired or not."""
    if rows:
        _SAVE_TIMERS.run(conn, [{"fired_at": None, **row} for row in rows])


def cancel_timers(conn: Connection, keys: Sequence[Row]) -> None:
    """Delete timers that have not fired; those that have stay as a record."""
    if keys:
        conn.execute(_CANCEL_TIMERS, [_timer_key(key) for key in keys])


def due_timers(conn: Connection, now_us: int, limit: int) -> Sequence[Row]:
    """Timers that are due and have not fired, oldest first."""
    return all_rows(conn.execute(_DUE_TIMERS, {"now": now_us, "count": limit}))


def fire_timers(conn: Connection, keys: Sequence[Row], now_us: int) -> None:
    """Note that these have fired; with the case's own writes in one transaction, so each fires
    once."""
    if keys:
        conn.execute(_FIRE_TIMERS, [{"fired": now_us, **_timer_key(key)} for key in keys])


def next_timer(conn: Connection) -> int | None:
    """When the next timer is due, None if none is set."""
    due: int | None = conn.execute(_NEXT_TIMER).scalar()
    return due


def command(conn: Connection, command_id: str) -> Row | None:
    """The stored answer: reply fingerprint at."""
    return one_row(conn.execute(_COMMAND, {"id": command_id}))


def save_command(conn: Connection, row: Row) -> None:
    """Keep an answer: command_id reply fingerprint at. A repeated id is an ``IntegrityError``."""
    conn.execute(_SAVE_COMMAND, row)


def forget_commands(conn: Connection, before_us: int) -> int:
    """Delete answers older than this; returns how many."""
    return conn.execute(_FORGET_COMMANDS, {"before": before_us}).rowcount


def next_case_no(conn: Connection, day: str) -> int:
    """Count up the case number of a day, from 1."""
    counted = conn.execute(_COUNT_UP.on(conn), {"key": f"case_no:{day}"})
    return int(counted.scalar_one())


def add_work_items(conn: Connection, rows: Sequence[Row]) -> None:
    """Put work on the list: id case_id kind detail created_at. An id that was settled opens
    again."""
    if rows:
        _ADD_WORK.run(conn, [{"settled_at": None, **row} for row in rows])


def settle_work_items(
    conn: Connection, now_us: int, *, item: str = "", case_id: str = "", kind: str = ""
) -> int:
    """Settle one by id, or all open ones of a case (and kind, "" = any); returns how many."""
    if not item and not case_id:
        raise ValueError("settling work items takes an id or a case")
    statement = update(work_item).where(work_item.c.settled_at.is_(None)).values(settled_at=now_us)
    for column, value in (
        (work_item.c.id, item),
        (work_item.c.case_id, case_id),
        (work_item.c.kind, kind),
    ):
        if value:
            statement = statement.where(column == value)
    return conn.execute(statement).rowcount


def work_items(
    conn: Connection, *, case_id: str = "", settled: bool = False, limit: int,
    scope: Scope = WHOLE,
) -> Sequence[Row]:
    """Somebody in danger first, then the oldest; ``settled`` True lists also what is done. What is
    about no case is for every scope."""
    statement = (
        select(work_item)
        .order_by(work_item.c.kind != ALARM_WORK, work_item.c.created_at, work_item.c.id)
        .limit(limit)
    )
    if case_id:
        statement = statement.where(work_item.c.case_id == case_id)
    if not scope.is_whole:
        of = work_item.c.case_id
        statement = statement.where(
            or_(of.is_(None), of.in_(select(cases.c.case_id).where(inside(scope)))))
    if not settled:
        statement = statement.where(work_item.c.settled_at.is_(None))
    return all_rows(conn.execute(statement))


def open_work_kind(conn: Connection, item: str) -> str:
    """Kind of an unsettled item, "" = it is settled, or there is none."""
    found: str | None = conn.execute(
        select(work_item.c.kind).where(
            work_item.c.id == item, work_item.c.settled_at.is_(None))
    ).scalar()
    return found or ""


def _timer_key(row: Row) -> Row:
    return {"of_case": row["case_id"], "of_kind": row["kind"], "of_ref": row["ref"]}
