"""Counts of an acceptance run: base data, people, cases of the trial run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Connection, Table, and_, case, func, or_, select

from node.core.grids import GridKind
from node.store.generations import in_force
from node.store.tables import account, api_token, cases, component, coverage, grid


def grids(conn: Connection, day: date) -> tuple[int, float]:
    """Number and square metres of the unit grids in force on a day."""
    statement = select(func.count(), func.coalesce(func.sum(grid.c.area_m2), 0.0)).where(
        grid.c.kind == GridKind.UNIT, grid.c.void.is_(False), _on(grid, day))
    count, area = conn.execute(statement).one()
    return int(count), float(area)


def covered_m2(conn: Connection, day: date) -> float:
    """Square metres of the coverages in force on a day."""
    statement = select(func.coalesce(func.sum(coverage.c.area_m2), 0.0)).where(
        _on(coverage, day))
    return float(conn.execute(statement).scalar_one())


def components(conn: Connection) -> tuple[int, int]:
    """Components that are registered, and those of which somebody is said to own or maintain
    them."""
    known = or_(*(component.c[name] != "" for name in (
        "owner_code", "owner_name", "maintainer_code", "maintainer_name")))
    statement = select(func.count(), func.count(case((known, 1)))).where(in_force(component))
    count, owned = conn.execute(statement).one()
    return int(count), int(owned)


def live_roles(conn: Connection) -> Collection[str]:
    """Roles, joined by commas, of each live account and token."""
    tokens = select(api_token.c.roles).where(api_token.c.revoked_at.is_(None))
    people = select(account.c.roles).where(account.c.state == "active")
    return [*conn.execute(tokens).scalars(), *conn.execute(people).scalars()]


def first_case(conn: Connection) -> int | None:
    """When the first case came to be here, µs."""
    found: int | None = conn.execute(select(func.min(cases.c.opened_at))).scalar()
    return found


def count_cases(conn: Connection, begins: int, ends: int) -> int:
    """Cases that came to be here in [begins, ends)."""
    statement = select(func.count()).select_from(cases).where(
        cases.c.opened_at >= begins, cases.c.opened_at < ends)
    return int(conn.execute(statement).scalar_one())


def _on(table: Table, day: date) -> ColumnElement[bool]:
    return and_(
        or_(table.c.valid_from.is_(None), table.c.valid_from <= day),
        or_(table.c.valid_to.is_(None), table.c.valid_to >= day),
    )
