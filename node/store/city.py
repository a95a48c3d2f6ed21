"""The table a city brings along of who is responsible for what and where.

It is written with its versions (``node.store.revisions``).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from node.store.rows import Row, all_rows
from node.store.tables import responsibility

_ORDER = {
    "responsibility": [
        "standard_ref", "code", "kind", "area", "unit", "assignee", "qualifier", "zone", "phrase",
        "valid_from",
    ],
}
_TABLES = {table.name: table for table in (responsibility,)}


def list_rows(conn: Connection, table: str, after: int, limit: int) -> Sequence[Row]:
    """Rows in key order, skipping ``after`` of them."""
    order = [_TABLES[table].c[name] for name in _ORDER[table]]
    statement = select(_TABLES[table]).order_by(*order).offset(after).limit(limit)
    return all_rows(conn.execute(statement))


def responsibilities_for(conn: Connection, standard_ref: str, code: str) -> Sequence[Row]:
    """All rows of a category, of any area, kind and validity; the core chooses."""
    statement = (
        select(responsibility)
        .where(responsibility.c.standard_ref == standard_ref, responsibility.c.code == code)
        .order_by(responsibility.c.area, responsibility.c.assignee, responsibility.c.id)
    )
    return all_rows(conn.execute(statement))
