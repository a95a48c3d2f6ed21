"""Statements about where collectors were on duty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, tuple_

from hub.store.dialect import insert_ignore, upsert
from node.core.grids import GridKind
from node.store import collectors, evaluation, places
from node.store.rows import Row, all_rows
from node.store.tables import collector_shift, grid, grid_unit, track_point, track_result

_P, _R, _S = track_point.c, track_result.c, collector_shift.c
_ADD = insert_ignore(track_point, ["collector", "step_at", "x", "y"])
_PUT = upsert(
    track_result, ["collector", "begins_at"],
    [one.name for one in track_result.columns if one.name not in ("collector", "begins_at")])
STEP_US_MAX: Final = 3_600_000_000
"""The longest step that rules may have: so far before a shift its first one may begin."""

one_collector = collectors.one_collector
collectors_between = collectors.collectors_between
shifts_within = collectors.shifts_within
evaluation_groups = evaluation.evaluation_groups
newest_numbers = places.newest_numbers


def add_points(conn: Connection, rows: Sequence[Row]) -> int:
    """Insert those whose mark is not there yet; how many were new."""
    if not rows:
        return 0
    count = select(func.count()).select_from(track_point).where(
        _P.collector == rows[0]["collector"],
        _P.step_at.between(min(row["step_at"] for row in rows),
                           max(row["step_at"] for row in rows)))
    before = conn.execute(count).scalar_one()
    _ADD.run(conn, rows)
    return int(conn.execute(count).scalar_one() - before)


def points_of(conn: Connection, number: str, begins: int, ends: int) -> Sequence[Row]:
    """Every column of the points of one collector in [begins, ends) (µs), in order of time."""
    statement = select(track_point).where(_within(_P.collector == number, begins, ends))
    return all_rows(conn.execute(statement.order_by(_P.at, _P.x, _P.y)))


def _within(whose: ColumnElement[bool], begins: int, ends: int) -> ColumnElement[bool]:
    return and_(
        whose, _P.step_at > begins - STEP_US_MAX, _P.step_at < ends, _P.at >= begins, _P.at < ends)


def last_points(
    conn: Connection, numbers: Collection[str], since: int, until: int
) -> Sequence[Row]:
    """collector at lon lat of the newest point in [since, until) (µs) of each of these collectors
    who has one, by number."""
    whose = _within(_P.collector.in_(list(numbers)), since, until)
    newest = (
        select(_P.collector, func.max(_P.at).label("at")).where(whose)
        .group_by(_P.collector).subquery()
    )
    statement = (
        select(_P.collector, _P.at, _P.lon, _P.lat)
        .join(newest, and_(_P.collector == newest.c.collector, _P.at == newest.c.at))
        .where(whose).order_by(_P.collector, _P.step_at, _P.x, _P.y)
    )
    # Two phones of one number may have said something in the same instant: one place is shown.
    return list({row["collector"]: row for row in all_rows(conn.execute(statement))}.values())


def count_points(
    conn: Connection, begins: int, ends: int, *, of: str = ""
) -> Sequence[Row]:
    """collector begins_at points of the shifts that begin in [begins, ends) (µs), ``of`` one
    collector, "" = of all; shifts without points are left out."""
    statement = (
        select(_S.collector, _S.begins_at, func.count().label("points"))
        .join(track_point, and_(
            _P.collector == _S.collector, _P.step_at > _S.begins_at - STEP_US_MAX,
            _P.step_at < _S.ends_at, _P.at >= _S.begins_at, _P.at < _S.ends_at))
        .where(_S.begins_at >= begins, _S.begins_at < ends)
        .group_by(_S.collector, _S.begins_at)
    )
    if of:
        statement = statement.where(_S.collector == of)
    return all_rows(conn.execute(statement))


def forget_points(conn: Connection, before: int, limit: int) -> int:
    """Delete points from before an instant (µs), so many at most; how many went."""
    key = (_P.collector, _P.step_at, _P.x, _P.y)
    old = select(*key).where(_P.at < before).order_by(_P.at).limit(limit)
    return conn.execute(delete(track_point).where(tuple_(*key).in_(old))).rowcount


def unsettled(conn: Connection, since: int, before: int, limit: int) -> Sequence[Row]:
    """Shifts that begin at or after ``since`` and ended before ``before`` (µs) and have no settled
    result, the oldest first: every column of the shift."""
    statement = (
        select(collector_shift)
        .outerjoin(track_result, and_(
            _R.collector == _S.collector, _R.begins_at == _S.begins_at))
        .where(_S.begins_at >= since, _S.ends_at < before,
               or_(_R.settled.is_(None), ~_R.settled))
        .order_by(_S.begins_at, _S.collector).limit(limit)
    )
    return all_rows(conn.execute(statement))


def put_results(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert or replace by collector and begin."""
    if rows:
        _PUT.run(conn, rows)


def results(conn: Connection, begins: int, ends: int, *, of: str = "") -> Sequence[Row]:
    """What came out for shifts that begin in [begins, ends) (µs); ``of`` one collector, "" = of
    all."""
    statement = select(track_result).where(_R.begins_at >= begins, _R.begins_at < ends)
    if of:
        statement = statement.where(_R.collector == of)
    return all_rows(conn.execute(statement))


def beat_outlines(conn: Connection, beat: str) -> Sequence[Row]:
    """code outline of the unit grids of a beat by code, or of the beat itself where none of them
    is drawn; nothing where neither is."""
    units = (
        select(grid.c.code, grid.c.outline)
        .join(grid_unit, and_(grid_unit.c.unit == grid.c.code, grid_unit.c.kind == GridKind.BEAT))
        .where(grid.c.kind == GridKind.UNIT, grid_unit.c.code == beat)
    )
    itself = select(grid.c.code, grid.c.outline).where(
        grid.c.kind == GridKind.BEAT, grid.c.code == beat)
    for statement in (units, itself):
        found = all_rows(conn.execute(
            statement.where(~grid.c.void, grid.c.outline.is_not(None)).order_by(grid.c.code)))
        if found:
            return found
    return ()
