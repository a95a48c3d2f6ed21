"""Layers too large for one transaction: the next version is written beside the one in force.

A row lives from the version that brought it (``born``) up to the one that ended it (``died``, NULL
= none yet). What an import under way writes is born in a version that does not exist yet, and what
it replaces dies in it, so no reader sees either; the insert of that version into ``layer_version``
is the switch, for all rows at once. Rows that died in a version in force are swept away after it:
what they held lies in ``place_change``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from node.store.tables import address, component, layer_version, place_change

LAYERS: Mapping[str, Table] = MappingProxyType({"component": component, "address": address})
"""Layers that are switched by their version; a table is one layer here."""
_NAMES = {table.name: layer for layer, table in LAYERS.items()}


def newest(layer: str) -> ScalarSelect[int]:
    """Number of the version in force, 0 before the first."""
    return (
        select(func.coalesce(func.max(layer_version.c.number), 0))
        .where(layer_version.c.layer == layer).scalar_subquery()
    )


def in_force(table: Table) -> ColumnElement[bool]:
    """The rows of the version in force; of a table without versions in its rows, all."""
    if table.name not in _NAMES:
        return table.c.code == table.c.code  # every code is there
    number = newest(_NAMES[table.name])
    return and_(table.c.born <= number, or_(table.c.died.is_(None), table.c.died > number))


def coming(table: Table) -> ColumnElement[bool]:
    """The rows as they are once the import under way is finished."""
    return table.c.died.is_(None) if table.name in _NAMES else table.c.code == table.c.code


def end(conn: Connection, layer: str, number: int, keys: Collection[str]) -> None:
    """The rows of these keys end with version ``number``; what it brought itself is gone at
    once."""
    table = LAYERS[layer]
    mine = table.c.code.in_(list(keys))
    conn.execute(delete(table).where(mine, table.c.born >= number))
    conn.execute(
        update(table).where(mine, table.c.died.is_(None)).values(died=number)
    )


def undo(conn: Connection, layer: str, limit: int) -> bool:
    """Take back what an import wrote that never became a version, some of it at a time; True =
    there may be more."""
    table, change = LAYERS[layer], place_change.c
    found = conn.execute(
        select(change.id, change.key)
        .where(change.layer == layer, change.number > newest(layer))
        .order_by(change.id).limit(limit)
    ).all()
    keys = [row.key for row in found]
    conn.execute(delete(table).where(table.c.code.in_(keys), table.c.born > newest(layer)))
    conn.execute(
        update(table).where(table.c.code.in_(keys), table.c.died > newest(layer))
        .values(died=None)
    )
    conn.execute(delete(place_change).where(change.id.in_([row.id for row in found])))
    return len(found) == limit


def sweep(conn: Connection, layer: str, after: int, limit: int) -> int:
    """Delete what ended with the version in force, from change ``after`` on; the id to go on
    after, 0 = all is done."""
    table, change = LAYERS[layer], place_change.c
    found: Sequence[Any] = conn.execute(
        select(change.id, change.key)
        .where(change.layer == layer, change.number == newest(layer), change.id > after,
               change.what != "added")
        .order_by(change.id).limit(limit)
    ).all()
    conn.execute(delete(table).where(
        table.c.code.in_([row.key for row in found]), table.c.died <= newest(layer)))
    return found[-1].id if len(found) == limit else 0
