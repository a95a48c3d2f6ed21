"""Looking places up: what lies in a box, what an index of points is built from, names of divisions.

Only what is in force is found; what was before lies in the versions (``node.store.places``).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, or_, select

from node.core.roles import Scope
from node.store.generations import in_force
from node.store.places import begins
from node.store.rows import Row, all_rows
from node.store.scopes import inside
from node.store.tables import (
    address,
    cases,
    component,
    coverage,
    grid,
    grid_unit,
    organisation,
    region,
)

Box = tuple[float, float, float, float]


def components_in(
    conn: Connection, box: Box, limit: int, *, state: str = "", type_code: str = "",
    removed: bool = False,
) -> Sequence[Row]:
    """Components with a point in a box (west, south, east, north) in degrees; what was removed
    only if it is asked for, by ``removed`` or as the state."""
    where = [_inside(component, box)]
    if state:
        where.append(component.c.state == state)
    elif not removed:
        where.append(component.c.state != "removed")
    if type_code:
        where.append(begins(component.c.type_code, type_code))
    return all_rows(conn.execute(_some(component, where, limit)))


def addresses_in(conn: Connection, box: Box, limit: int) -> Sequence[Row]:
    """Address points in a box."""
    return all_rows(conn.execute(_some(address, [_inside(address, box)], limit)))


def grids_in(conn: Connection, kind: str, box: Box, limit: int) -> Sequence[Row]:
    """Grids in force whose own box meets a box."""
    west, south, east, north = box
    meets = and_(grid.c.west <= east, grid.c.east >= west,
                 grid.c.south <= north, grid.c.north >= south)
    where = [grid.c.kind == kind, ~grid.c.void, meets]
    return all_rows(conn.execute(_some(grid, where, limit)))


def organisations_in(conn: Connection, box: Box, limit: int, day: object) -> Sequence[Row]:
    """Organisations of a day whose point lies in a box, or whose ground meets it."""
    west, south, east, north = box
    o = organisation.c
    meets = and_(o.west <= east, o.east >= west, o.south <= north, o.north >= south)
    there = and_(or_(o.valid_from.is_(None), o.valid_from <= day),
                 or_(o.valid_to.is_(None), o.valid_to >= day))
    where = [there, or_(_inside(organisation, box), meets)]
    return all_rows(conn.execute(_some(organisation, where, limit)))


def components_like(
    conn: Connection, *, after: str, limit: int, grid_code: str = "", area: str = "",
    state: str = "", type_code: str = "", stale_on: object = None, owner_unknown: bool = False,
) -> Sequence[Row]:
    """Components in key order by the filters given. ``stale_on``: past their update date on that
    day. ``owner_unknown``: neither owner nor maintainer is named."""
    c = component.c
    where: list[ColumnElement[bool]] = [c.code > after]
    if grid_code:
        where.append(c.grid == grid_code)
    if area:
        where.append(or_(begins(c.code, area), begins(c.grid, area)))
    if state:
        where.append(c.state == state)
    if type_code:
        where.append(begins(c.type_code, type_code))
    if stale_on is not None:
        where += [c.update_due_on < stale_on, c.state != "removed"]
    if owner_unknown:
        where += [c.owner_code == "", c.owner_name == "",
                  c.maintainer_code == "", c.maintainer_name == ""]
    return all_rows(conn.execute(_some(component, where, limit)))


def stale_count(conn: Connection, day: object) -> int:
    """How many components in force are past their update date on a day."""
    c = component.c
    statement = select(func.count()).where(
        in_force(component), c.update_due_on < day, c.state != "removed")
    return int(conn.execute(statement).scalar_one())


def outlines(conn: Connection, after: tuple[str, str], limit: int) -> Sequence[Row]:
    """kind code area outline valid_from valid_to of grids that are not void and are drawn, by
    (kind, code): what the index of points is built from."""
    c = grid.c
    kind, code = after
    statement = (
        select(c.kind, c.code, c.area, c.outline, c.valid_from, c.valid_to)
        .where(~c.void, c.outline.is_not(None),
               or_(c.kind > kind, and_(c.kind == kind, c.code > code)))
        .order_by(c.kind, c.code).limit(limit)
    )
    return all_rows(conn.execute(statement))


def coverages(conn: Connection) -> Sequence[Row]:
    """Every coverage area."""
    return all_rows(conn.execute(select(coverage).order_by(coverage.c.code)))


def beats_of(conn: Connection, unit: str) -> Sequence[Row]:
    """kind code of the grids that a unit grid was put into by name."""
    statement = (
        select(grid_unit.c.kind, grid_unit.c.code)
        .join(grid, and_(grid.c.kind == grid_unit.c.kind, grid.c.code == grid_unit.c.code))
        .where(grid_unit.c.unit == unit, ~grid.c.void)
        .order_by(grid_unit.c.kind, grid_unit.c.code)
    )
    return all_rows(conn.execute(statement))


def region_names(conn: Connection, codes: Collection[str]) -> dict[str, str]:
    """Code → name of the divisions that are registered."""
    statement = select(region.c.code, region.c.name).where(region.c.code.in_(list(codes)))
    return dict(conn.execute(statement).all())


def regions_like(conn: Connection, prefix: str, limit: int) -> dict[str, str]:
    """Code → name of registered divisions with this beginning, in order."""
    statement = (
        select(region.c.code, region.c.name)
        .where(region.c.code.startswith(prefix, autoescape=True))
        .order_by(region.c.code)
        .limit(limit)
    )
    return dict(conn.execute(statement).all())


def has_grids(conn: Connection, kind: str) -> bool:
    """Whether any grid of a kind is registered."""
    found = select(grid.c.code).where(grid.c.kind == kind, ~grid.c.void).limit(1)
    return conn.execute(found).scalar() is not None


def _some(table: Table, where: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    return select(table).where(in_force(table), *where).order_by(table.c.code).limit(limit)


def _inside(table: Table, box: Box) -> ColumnElement[bool]:
    west, south, east, north = box
    return and_(table.c.lat.between(south, north), table.c.lon.between(west, east))


def cases_of(conn: Connection, component: str, limit: int) -> Sequence[Row]:
    """case_id case_no status code name opened_at of the cases about a component, newest first."""
    c = cases.c
    statement = (
        select(c.case_id, c.case_no, c.status, c.standard_ref, c.kind, c.code, c.name, c.opened_at)
        .where(c.component == component, c.component != "")
        .order_by(c.opened_at.desc(), c.case_id.desc()).limit(limit)
    )
    return all_rows(conn.execute(statement))


def cases_in(
    conn: Connection, box: Box, limit: int, *, scope: Scope, status: str = "", code: str = "",
    live_only: bool = True,
) -> Sequence[Row]:
    """Cases with a point in a box that a scope takes in, for a map; newest first."""
    c = cases.c
    where: list[ColumnElement[bool]] = [_inside(cases, box), inside(scope)]
    if live_only:
        where.append(c.live)
    if status:
        where.append(c.status == status)
    if code:
        where.append(begins(c.code, code))
    statement = (
        select(c.case_id, c.case_no, c.status, c.area, c.address, c.standard_ref, c.kind, c.code,
               c.name, c.urgent, c.lon, c.lat, c.component, c.opened_at)
        .where(*where).order_by(c.opened_at.desc(), c.case_id.desc()).limit(limit)
    )
    return all_rows(conn.execute(statement))
