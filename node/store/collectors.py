"""Statements about collectors, their shifts and their training."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection, func, or_, select

from hub.store.dialect import upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import (
    collector,
    collector_shift,
    collector_training,
    evaluation_group,
    grid,
)

_C, _S, _T = collector.c, collector_shift.c, collector_training.c
_PUT = upsert(
    collector, ["collector"], [one.name for one in collector.columns if one.name != "collector"])
_PUT_SHIFT = upsert(collector_shift, ["collector", "begins_at"], ["ends_at", "beat"])
_PUT_TRAINING = upsert(collector_training, ["collector", "day", "course"], ["hours", "result"])
_PUT_GROUP = upsert(
    evaluation_group, ["scheme", "key", "valid_from"], ["member_of", "valid_to"])
_BEATS = select(grid.c.code, grid.c.name).where(grid.c.kind == "beat", grid.c.void.is_(False))


def put_collectors(conn: Connection, rows: Sequence[Row]) -> int:
    """Insert or replace by ``collector``, every column; how many are new."""
    count = select(func.count()).select_from(collector)
    before = conn.execute(count).scalar_one()
    if rows:
        _PUT.run(conn, rows)
    return conn.execute(count).scalar_one() - before


def collectors(
    conn: Connection, *, team: str, beat: str, after: str, limit: int
) -> Sequence[Row]:
    """By number, those behind ``after``; ``team`` and ``beat`` "" = any."""
    statement = select(collector).where(_C.collector > after)
    if team:
        statement = statement.where(_C.team == team)
    if beat:
        statement = statement.where(_C.beat == beat)
    return all_rows(conn.execute(statement.order_by(_C.collector).limit(limit)))


def one_collector(conn: Connection, number: str) -> Row | None:
    """Every column of one."""
    return one_row(conn.execute(select(collector).where(_C.collector == number)))


def collectors_between(conn: Connection, begins: int, ends: int) -> Sequence[Row]:
    """Every column of those who have a shift that begins in [begins, ends) (µs)."""
    theirs = select(_S.collector).where(_S.begins_at >= begins, _S.begins_at < ends)
    return all_rows(conn.execute(select(collector).where(_C.collector.in_(theirs))))


def known_collectors(conn: Connection, numbers: Collection[str]) -> set[str]:
    """Which of these are registered."""
    asked = select(_C.collector).where(_C.collector.in_(list(numbers)))
    return set(conn.execute(asked).scalars())


def put_evaluation_groups(conn: Connection, rows: Sequence[Row]) -> None:
    """Say whose people they are, for the evaluation: scheme key member_of valid_from valid_to."""
    if rows:
        _PUT_GROUP.run(conn, rows)


def put_shifts(conn: Connection, rows: Sequence[Row]) -> int:
    """Insert or replace by collector and begin; how many are new."""
    count = select(func.count()).select_from(collector_shift)
    before = conn.execute(count).scalar_one()
    if rows:
        _PUT_SHIFT.run(conn, rows)
    return conn.execute(count).scalar_one() - before


def shifts_within(
    conn: Connection, begins: int, ends: int, *, of: Collection[str] = ()
) -> Sequence[Row]:
    """Shifts of which some lies in [begins, ends) (µs), by begin; ``of`` these collectors only,
    empty = of all: every column, and valid_from valid_to of the collector."""
    statement = (
        select(collector_shift, _C.valid_from, _C.valid_to)
        .join(collector, _C.collector == _S.collector)
        .where(_S.ends_at > begins, _S.begins_at < ends)
        .order_by(_S.begins_at, _S.collector)
    )
    if of:
        statement = statement.where(_S.collector.in_(list(of)))
    return all_rows(conn.execute(statement))


def put_training(conn: Connection, rows: Sequence[Row]) -> int:
    """Insert or replace by collector, day and course; how many are new."""
    count = select(func.count()).select_from(collector_training)
    before = conn.execute(count).scalar_one()
    if rows:
        _PUT_TRAINING.run(conn, rows)
    return conn.execute(count).scalar_one() - before


def training_of(conn: Connection, number: str) -> Sequence[Row]:
    """What one was taught, newest first."""
    statement = select(collector_training).where(_T.collector == number)
    return all_rows(conn.execute(statement.order_by(_T.day.desc(), _T.course)))


def beats_on(conn: Connection, day: date) -> Sequence[Row]:
    """code name of the beats in force on a day."""
    statement = _BEATS.where(
        or_(grid.c.valid_from.is_(None), grid.c.valid_from <= day),
        or_(grid.c.valid_to.is_(None), grid.c.valid_to >= day),
    )
    return all_rows(conn.execute(statement.order_by(grid.c.code)))


def usual_beats(conn: Connection, day: date) -> Sequence[str]:
    """Beats that are somebody's usual one on that day."""
    statement = select(_C.beat).distinct().where(
        _C.beat != "",
        or_(_C.valid_from.is_(None), _C.valid_from <= day),
        or_(_C.valid_to.is_(None), _C.valid_to >= day),
    )
    return list(conn.execute(statement).scalars())


def count_collectors(conn: Connection) -> int:
    """How many are registered."""
    return conn.execute(select(func.count()).select_from(collector)).scalar_one()
