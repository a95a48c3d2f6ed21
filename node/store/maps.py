"""What a map shows of the tables: points of cases, components of a box.

Grids are not here: the index of points (``node.service.places.atlas``) holds all of their outlines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from node.core.roles import Scope
from node.store.generations import in_force
from node.store.listing import LISTED, conditions
from node.store.places import begins
from node.store.rows import Row, all_rows
from node.store.scopes import inside
from node.store.tables import cases, component
from node.store.tables.casework import LIVE

Box = tuple[float, float, float, float]

_C, _P = cases.c, component.c
_POINT = (
    _C.case_id, _C.lon, _C.lat, _C.code, _C.name, _C.urgent, _C.live, _C.paused, _C.finish_by,
    _C.warn_at, _C.done_at, _C.step_by, _C.step_warn_at,
)


def case_points(
    conn: Connection, where: dict[str, Any], *, live: bool, limit: int
) -> Sequence[Row]:
    """case_id lon lat code name urgent and what a light is told by, of the cases with a point that
    the filters of the list let through, newest first; ``live``: only those not settled."""
    statement = (
        select(*_POINT)
        .where(_C.lon.is_not(None), _C.lat.is_not(None), *([LIVE] if live else []),
               *conditions(where))
        .order_by(_C.opened_at.desc(), _C.case_id.desc()).limit(limit)
    )
    return all_rows(conn.execute(statement))


def cases_near(
    conn: Connection, cells: Collection[int], scope: Scope, limit: int
) -> Sequence[Row]:
    """The same of the open cases in coarse cells (``node.core.similar``) that a scope takes in."""
    statement = (
        select(*_POINT).where(_C.cell.in_(list(cells)), LIVE, inside(scope))
        .order_by(_C.opened_at.desc(), _C.case_id.desc()).limit(limit)
    )
    return all_rows(conn.execute(statement))


def cases_listed(conn: Connection, case_ids: Collection[str], scope: Scope) -> Sequence[Row]:
    """Those of these cases that a scope takes in, as the list has them, in no order."""
    statement = select(*LISTED).where(_C.case_id.in_(list(case_ids)), inside(scope))
    return all_rows(conn.execute(statement))


def components_drawn(
    conn: Connection, box: Box, type_code: str, limit: int
) -> Sequence[Row]:
    """code name type_code state lon lat of the components in a box that are still there, by code;
    ``type_code`` is a beginning."""
    west, south, east, north = box
    where = [in_force(component), _P.lat.between(south, north), _P.lon.between(west, east),
             _P.state != "removed"]
    if type_code:
        where.append(begins(_P.type_code, type_code))
    statement = (
        select(_P.code, _P.name, _P.type_code, _P.state, _P.lon, _P.lat)
        .where(*where).order_by(_P.code).limit(limit)
    )
    return all_rows(conn.execute(statement))
