"""Layers of places: what they hold now, what they held before, and how an import is carried out.

Rows come in and go out as dictionaries of columns. Which table a layer lies in is said here; what
a row means is the service's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)

from hub.store.dialect import PerDialect, insert_ignore, upsert
from node.store import generations
from node.store.generations import coming, in_force
from node.store.rows import Row, all_rows, one_row
from node.store.tables import (
    address,
    component,
    coverage,
    grid,
    grid_unit,
    layer_version,
    organisation,
    place_change,
    place_import,
    place_staged,
    region,
)

IN_MAX = 500
"""Values of one IN list: far below what either database takes."""

_TABLES: Mapping[str, tuple[Table, str]] = MappingProxyType({
    "region": (region, ""),
    "grid.unit": (grid, "unit"),
    "grid.beat": (grid, "beat"),
    "grid.responsibility": (grid, "responsibility"),
    "coverage": (coverage, ""),
    "component": (component, ""),
    "address": (address, ""),
    "organisation": (organisation, ""),
})
"""Layer → table and, where several layers share it, their kind."""


def _saving(table: Table) -> PerDialect:
    keys = [column.name for column in table.primary_key]
    return upsert(table, keys, [c.name for c in table.columns if c.name not in keys])


_SAVE = {
    table.name: _saving(table)
    for table in (region, grid, coverage, component, address, organisation)
}
_ADD_UNITS = insert_ignore(grid_unit)


def _mine(layer: str) -> tuple[Table, ColumnElement[bool]]:
    table, kind = _TABLES[layer]
    return table, table.c.kind == kind if kind else true()


# --- what is there now ----------------------------------------------------------------------------


def digests(conn: Connection, layer: str, keys: Collection[str]) -> dict[str, bytes]:
    """Key → digest of those rows that exist, with what an import under way has written."""
    table, mine = _mine(layer)
    found: dict[str, bytes] = {}
    for part in _parts(keys):
        rows = conn.execute(
            select(table.c.code, table.c.digest).where(
                mine, coming(table), table.c.code.in_(part))
        )
        found.update((code, bytes(digest)) for code, digest in rows)
    return found


def rows_of(conn: Connection, layer: str, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """Key → every column of those rows that are in force; grids with their ``units``."""
    table, mine = _mine(layer)
    found: dict[str, dict[str, Any]] = {}
    for part in _parts(keys):
        statement = _columns(table).where(mine, in_force(table), table.c.code.in_(part))
        for row in all_rows(conn.execute(statement)):
            found[row["code"]] = dict(row)
    if table is grid:
        _join_units(conn, _TABLES[layer][1], found)
    return found


def _columns(table: Table) -> Select[Any]:
    """What a row says; not by which versions it lives."""
    return select(*(column for column in table.columns if column.name not in {"born", "died"}))


def _join_units(conn: Connection, kind: str, rows: Mapping[str, dict[str, Any]]) -> None:
    for row in rows.values():
        row["units"] = []
    for part in _parts(rows):
        statement = (
            select(grid_unit.c.code, grid_unit.c.unit)
            .where(grid_unit.c.kind == kind, grid_unit.c.code.in_(part))
            .order_by(grid_unit.c.unit)
        )
        for code, unit in conn.execute(statement):
            rows[code]["units"].append(unit)


def page(
    conn: Connection, layer: str, *, after: str = "", limit: int, area: str = ""
) -> Sequence[Row]:
    """Rows with a key above ``after`` in key order; ``area`` is a beginning of the key (regions,
    unit grids, components) or of the row's area."""
    table, mine = _mine(layer)
    where = [mine, in_force(table), table.c.code > after]
    if area:
        column = table.c.area if "area" in table.c else table.c.code
        where.append(begins(column, area))
    statement = _columns(table).where(*where).order_by(table.c.code).limit(limit)
    rows = [dict(row) for row in all_rows(conn.execute(statement))]
    if table is grid:
        _join_units(conn, _TABLES[layer][1], {row["code"]: row for row in rows})
    return rows


def save_rows(
    conn: Connection, layer: str, rows: Sequence[dict[str, Any]], number: int
) -> None:
    """Insert or overwrite by key, as version ``number`` has them."""
    if not rows:
        return
    table, kind = _TABLES[layer]
    if layer in generations.LAYERS:
        for part in _parts([row["code"] for row in rows]):
            generations.end(conn, layer, number, part)
        _SAVE[table.name].run(conn, [{**row, "born": number, "died": None} for row in rows])
        return
    if table is not grid:
        _SAVE[table.name].run(conn, rows)
        return
    plain = [{name: value for name, value in row.items() if name != "units"} for row in rows]
    _SAVE["grid"].run(conn, plain)
    for part in _parts([row["code"] for row in rows]):
        conn.execute(delete(grid_unit).where(grid_unit.c.kind == kind, grid_unit.c.code.in_(part)))
    units = [
        {"kind": kind, "code": row["code"], "unit": unit} for row in rows for unit in row["units"]
    ]
    if units:
        _ADD_UNITS.run(conn, units)


def delete_rows(conn: Connection, layer: str, keys: Collection[str], number: int) -> None:
    """Delete by key, from version ``number`` on; only layers whose rows may go for good."""
    table, mine = _mine(layer)
    for part in _parts(keys):
        if layer in generations.LAYERS:
            generations.end(conn, layer, number, part)
            continue
        conn.execute(delete(table).where(mine, table.c.code.in_(part)))


def layer_digests(conn: Connection, layer: str, after: str, limit: int) -> Sequence[Row]:
    """code digest of every row in key order, page by page: what a layer's digest is made of once
    the import under way is finished."""
    table, mine = _mine(layer)
    statement = (
        select(table.c.code, table.c.digest)
        .where(mine, coming(table), table.c.code > after).order_by(table.c.code).limit(limit)
    )
    return all_rows(conn.execute(statement))


def count(conn: Connection, layer: str) -> int:
    """How many rows there are, retired ones too."""
    table, mine = _mine(layer)
    statement = select(func.count()).select_from(table).where(mine, in_force(table))
    return int(conn.execute(statement).scalar_one())


def unnamed_keys(
    conn: Connection, layer: str, import_id: str, *, area: str, after: str, limit: int
) -> list[str]:
    """Keys above ``after`` of rows in force that an import does not name, in key order."""
    table, mine = _mine(layer)
    named = exists().where(
        place_staged.c.import_id == import_id, place_staged.c.key == table.c.code
    )
    where = [mine, coming(table), ~named, table.c.code > after]
    if table is grid:
        where.append(~table.c.void)
    elif table is region or table is organisation:
        where.append(table.c.valid_to.is_(None))
    elif table is component:
        where.append(table.c.state != "removed")
    if area:
        column = table.c.area if "area" in table.c else table.c.code
        where.append(begins(column, area))
    statement = select(table.c.code).where(*where).order_by(table.c.code).limit(limit)
    return list(conn.execute(statement).scalars())


# --- an import under way --------------------------------------------------------------------------


def begin_import(conn: Connection, row: Row) -> None:
    """Insert the import; one of the same layer that never ended is dropped."""
    older = select(place_import.c.id).where(place_import.c.layer == row["layer"])
    conn.execute(delete(place_staged).where(place_staged.c.import_id.in_(older)))
    conn.execute(delete(place_import).where(place_import.c.layer == row["layer"]))
    conn.execute(insert(place_import), row)


def import_row(conn: Connection, import_id: str) -> Row | None:
    """The import, None if it ended or was dropped."""
    return one_row(conn.execute(select(place_import).where(place_import.c.id == import_id)))


def update_import(conn: Connection, import_id: str, **values: Any) -> None:
    """Set columns of an import."""
    conn.execute(update(place_import).where(place_import.c.id == import_id).values(**values))


def end_import(conn: Connection, import_id: str) -> None:
    """Forget the import and what was staged."""
    conn.execute(delete(place_staged).where(place_staged.c.import_id == import_id))
    conn.execute(delete(place_import).where(place_import.c.id == import_id))


def staged_lines(conn: Connection, import_id: str, keys: Collection[str]) -> dict[str, int]:
    """Key → line of those keys that were staged already."""
    found: dict[str, int] = {}
    for part in _parts(keys):
        statement = select(place_staged.c.key, place_staged.c.n).where(
            place_staged.c.import_id == import_id, place_staged.c.key.in_(part)
        )
        found.update((key, n) for key, n in conn.execute(statement))
    return found


def stage(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert: import_id key n body."""
    conn.execute(insert(place_staged), rows)


def staged(conn: Connection, import_id: str, after: str, limit: int) -> Sequence[Row]:
    """key n body in key order."""
    statement = (
        select(place_staged.c.key, place_staged.c.n, place_staged.c.body)
        .where(place_staged.c.import_id == import_id, place_staged.c.key > after)
        .order_by(place_staged.c.key).limit(limit)
    )
    return all_rows(conn.execute(statement))


def staged_count(conn: Connection, import_id: str) -> int:
    """How many rows are staged."""
    statement = select(func.count()).where(place_staged.c.import_id == import_id)
    return int(conn.execute(statement).scalar_one())


# --- versions and what was before -----------------------------------------------------------------


def add_version(conn: Connection, row: Row) -> None:
    """Insert a layer version."""
    conn.execute(insert(layer_version), row)


def versions(conn: Connection, layer: str, limit: int) -> Sequence[Row]:
    """Versions of one layer ("" = of all), newest first."""
    statement = select(layer_version).order_by(
        layer_version.c.at.desc(), layer_version.c.layer, layer_version.c.number.desc()
    ).limit(limit)
    if layer:
        statement = statement.where(layer_version.c.layer == layer)
    return all_rows(conn.execute(statement))


def newest_numbers(conn: Connection) -> dict[str, int]:
    """Layer → number of its newest version."""
    statement = select(layer_version.c.layer, func.max(layer_version.c.number)).group_by(
        layer_version.c.layer
    )
    return dict(conn.execute(statement).all())


def add_changes(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert: layer number key what at before."""
    if rows:
        conn.execute(insert(place_change), rows)


def changes_of(
    conn: Connection, layer: str, number: int, after: int, limit: int
) -> Sequence[Row]:
    """What a version changed: id key what at before, by id."""
    statement = (
        select(place_change)
        .where(place_change.c.layer == layer, place_change.c.number == number,
               place_change.c.number <= generations.newest(layer), place_change.c.id > after)
        .order_by(place_change.c.id).limit(limit)
    )
    return all_rows(conn.execute(statement))


def history(conn: Connection, layer: str, key: str) -> Sequence[Row]:
    """What happened to one row: number what at before, newest first."""
    statement = (
        select(place_change)
        .where(place_change.c.layer == layer, place_change.c.key == key,
               place_change.c.number <= generations.newest(layer))
        .order_by(place_change.c.at.desc(), place_change.c.id.desc())
    )
    return all_rows(conn.execute(statement))


def next_change(
    conn: Connection, layer: str, keys: Collection[str], after_number: int
) -> dict[str, Row]:
    """Key → the first change after a version: its ``before`` is the row as that version left it."""
    found: dict[str, Row] = {}
    for part in _parts(keys):
        statement = (
            select(place_change)
            .where(place_change.c.layer == layer, place_change.c.key.in_(part),
                   place_change.c.number > after_number,
                   place_change.c.number <= generations.newest(layer))
            .order_by(place_change.c.number)
        )
        for row in all_rows(conn.execute(statement)):
            found.setdefault(row["key"], row)
    return found


def undo(conn: Connection, layer: str, limit: int) -> bool:
    """Take back what an import wrote that never became a version; True = there may be more."""
    return layer in generations.LAYERS and generations.undo(conn, layer, limit)


def sweep(conn: Connection, layer: str, after: int, limit: int) -> int:
    """Delete what ended with the version in force, piece by piece: where to go on, 0 = done."""
    return generations.sweep(conn, layer, after, limit) if layer in generations.LAYERS else 0


def begins(column: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """A beginning as a range, which an index serves on both databases."""
    return and_(column >= start, column < start + "\U0010ffff")


def _parts(keys: Collection[str]) -> list[list[str]]:
    every = list(keys)
    return [every[at : at + IN_MAX] for at in range(0, len(every), IN_MAX)]
