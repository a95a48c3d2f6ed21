"""The table a city brings along of who is responsible for what and where.

It is imported as a whole, by natural key, as often as the city sends them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from hub.store.dialect import upsert
from node.store.rows import Row, all_rows
from node.store.tables import responsibility

_KEYS = {
    "responsibility": [
        "standard_ref", "code", "kind", "area", "unit", "assignee", "qualifier", "zone", "phrase",
        "valid_from",
    ],
}
_TABLES = {table.name: table for table in (responsibility,)}
_IMPORTS = {
    name: upsert(
        table,
        _KEYS[name],
        [c.name for c in table.columns if c.name != "id" and c.name not in _KEYS[name]],
    )
    for name, table in _TABLES.items()
}


def import_rows(conn: Connection, table: str, rows: Sequence[Row]) -> tuple[int, int]:
    """Insert or replace by natural key; (added, replaced). Every row carries every column but
    ``id``. A key given twice counts once, the last row wins."""
    keyed = {tuple(row[name] for name in _KEYS[table]): row for row in rows}
    if not keyed:
        return 0, 0
    count = select(func.count()).select_from(_TABLES[table])
    before = conn.execute(count).scalar_one()
    _IMPORTS[table].run(conn, list(keyed.values()))
    added = conn.execute(count).scalar_one() - before
    return added, len(keyed) - added


def list_rows(conn: Connection, table: str, after: int, limit: int) -> Sequence[Row]:
    """Rows in key order, skipping ``after`` of them."""
    order = [_TABLES[table].c[name] for name in _KEYS[table]]
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
