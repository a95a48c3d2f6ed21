"""Where a case lies, as scopes of people are compared with it; and the same as a filter of lists.

A case is of a unit while an assignment to it is live, or was closed: what was called back or
returned is not its own any more. A unit is named by its address, or by the id on its card.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, or_, select, true

from node.core.roles import CaseAt, Scope
from node.store.tables import assignment, cases, unit

_HELD = or_(assignment.c.ended.is_(None), assignment.c.ended == "closed")
_AT = select(cases.c.area, cases.c.code).where(cases.c.case_id == bindparam("of"))
_UNITS = (
    select(assignment.c.assignee, unit.c.unit_id)
    .outerjoin(unit, unit.c.address == assignment.c.assignee)
    .where(assignment.c.case_id == bindparam("of"), _HELD)
)


def case_at(conn: Connection, case_id: str) -> CaseAt | None:
    """Where it lies, None = there is no such case."""
    row = conn.execute(_AT, {"of": case_id}).first()
    if row is None:
        return None
    found = conn.execute(_UNITS, {"of": case_id}).all()
    return CaseAt(
        area=row.area, code=row.code,
        units=frozenset(one for pair in found for one in pair if one),
    )


def cases_inside(conn: Connection, case_ids: Collection[str], scope: Scope) -> set[str]:
    """Which of these cases a scope takes in."""
    return set(conn.execute(
        select(cases.c.case_id).where(cases.c.case_id.in_(case_ids), inside(scope))
    ).scalars())


def inside(scope: Scope) -> ColumnElement[bool]:
    """Rows of ``cases`` that a scope takes in, all of them for the whole office; the same rule as
    ``node.core.roles.covers``."""
    parts: list[ColumnElement[bool]] = []
    if scope.areas:
        parts.append(or_(*(cases.c.area.startswith(one, autoescape=True) for one in scope.areas)))
    if scope.codes:
        parts.append(or_(*(cases.c.code.startswith(one, autoescape=True) for one in scope.codes)))
    if scope.units:
        carded = select(unit.c.address).where(unit.c.unit_id.in_(scope.units))
        parts.append(exists().where(
            assignment.c.case_id == cases.c.case_id, _HELD,
            or_(assignment.c.assignee.in_(scope.units), assignment.c.assignee.in_(carded)),
        ))
    return and_(true(), *parts)
