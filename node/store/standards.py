"""Standards as rows: editions, their classes and conditions, classes of area, the crosswalk.

Content is only ever added to a draft; nothing here asks whether a row may be written, that is the
use case's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from hub.store.dialect import PerDialect, upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import area_class, class_code, crosswalk, edition, filing_condition

CLASS_KEY = ("standard_ref", "version", "kind", "code")
CONDITION_KEY = (*CLASS_KEY, "condition_no", "area_class")
AREA_KEY = ("dimension", "area")


def _put(table: Table, key: Sequence[str]) -> PerDialect:
    return upsert(table, key, [c.name for c in table.columns if c.name not in key])


_PUT = {
    class_code.name: (class_code, CLASS_KEY, _put(class_code, CLASS_KEY)),
    filing_condition.name: (filing_condition, CONDITION_KEY, _put(filing_condition, CONDITION_KEY)),
}


def editions(conn: Connection, standard_ref: str = "") -> Sequence[Row]:
    """Editions of a standard, or of all, by standard and version."""
    statement = select(edition).order_by(edition.c.standard_ref, edition.c.version)
    if standard_ref:
        statement = statement.where(edition.c.standard_ref == standard_ref)
    return all_rows(conn.execute(statement))


def add_edition(conn: Connection, row: Row) -> None:
    conn.execute(insert(edition), [dict(row)])


def update_edition(conn: Connection, standard_ref: str, version: int, values: Row) -> None:
    conn.execute(update(edition).where(_is(edition, standard_ref, version)).values(dict(values)))


def delete_edition(conn: Connection, standard_ref: str, version: int) -> None:
    """With its content."""
    for table in (filing_condition, class_code, edition):
        conn.execute(delete(table).where(_is(table, standard_ref, version)))


def copy_content(conn: Connection, standard_ref: str, version: int, to: int) -> None:
    """Classes and conditions of one edition once more under another number."""
    for table in (class_code, filing_condition):
        names = [column.name for column in table.columns]
        chosen = [literal(to) if name == "version" else table.c[name] for name in names]
        conn.execute(insert(table).from_select(
            names, select(*chosen).where(_is(table, standard_ref, version))))


def put(conn: Connection, table: str, rows: Sequence[Row]) -> tuple[int, int]:
    """Insert or replace by natural key into ``class_code`` or ``filing_condition``; (added,
    replaced). A key given twice counts once, the last row wins."""
    found, key, statement = _PUT[table]
    keyed = {tuple(row[name] for name in key): dict(row) for row in rows}
    if not keyed:
        return 0, 0
    before = conn.execute(select(func.count()).select_from(found)).scalar_one()
    statement.run(conn, list(keyed.values()))
    added = conn.execute(select(func.count()).select_from(found)).scalar_one() - before
    return added, len(keyed) - added


def dimensions(conn: Connection) -> Sequence[str]:
    """By what the filing conditions of any edition class areas, in order."""
    found = conn.execute(
        select(filing_condition.c.dimension).where(filing_condition.c.dimension != "").distinct()
        .order_by(filing_condition.c.dimension))
    return [str(row[0]) for row in found]


def classes(
    conn: Connection, standard_ref: str, version: int, *, kind: str = "", text: str = "",
    after: int = 0, limit: int | None = None,
) -> Sequence[Row]:
    """Classes by kind and code. ``text`` is looked for in the name, or is how the code begins."""
    statement = select(class_code).where(_is(class_code, standard_ref, version))
    if kind:
        statement = statement.where(class_code.c.kind == kind)
    if text:
        statement = statement.where(
            class_code.c.name.contains(text, autoescape=True)
            | class_code.c.code.startswith(text, autoescape=True))
    return all_rows(conn.execute(_paged(
        statement.order_by(class_code.c.kind, class_code.c.code), after, limit)))


def class_row(
    conn: Connection, standard_ref: str, version: int, kind: str, code: str
) -> Row | None:
    return one_row(conn.execute(select(class_code).where(and_(
        _is(class_code, standard_ref, version), class_code.c.kind == kind,
        class_code.c.code == code))))


def conditions(
    conn: Connection, standard_ref: str, version: int, *, kind: str = "", code: str = "",
    after: int = 0, limit: int | None = None,
) -> Sequence[Row]:
    """Filing conditions in key order."""
    table = filing_condition
    statement = select(table).where(_is(table, standard_ref, version))
    if kind:
        statement = statement.where(table.c.kind == kind)
    if code:
        statement = statement.where(table.c.code == code)
    order = [table.c[name] for name in CONDITION_KEY]
    return all_rows(conn.execute(_paged(statement.order_by(*order), after, limit)))


def list_conditions(
    conn: Connection, found: Sequence[tuple[str, int]], *, after: int, limit: int
) -> Sequence[Row]:
    """Filing conditions of several editions (standard, version) in key order."""
    table = filing_condition
    order = [table.c[name] for name in CONDITION_KEY]
    statement = select(table).where(tuple_(table.c.standard_ref, table.c.version).in_(found))
    return all_rows(conn.execute(_paged(statement.order_by(*order), after, limit)))


def count_conditions(conn: Connection, found: Sequence[tuple[str, int]]) -> int:
    """How many filing conditions these editions (standard, version) have."""
    table = filing_condition
    statement = select(func.count()).where(tuple_(table.c.standard_ref, table.c.version).in_(found))
    return int(conn.execute(statement).scalar_one())


def area_classes(conn: Connection) -> Sequence[Row]:
    order = [area_class.c[name] for name in AREA_KEY]
    return all_rows(conn.execute(select(area_class).order_by(*order)))


def crossings(
    conn: Connection, *, old: Sequence[tuple[str, str, str]] | None = None,
    new: Sequence[tuple[str, str, str]] | None = None, after: int = 0, limit: int | None = None,
) -> Sequence[Row]:
    """Crosswalk rows of every version: of these old classes, or leading to these new ones (each
    a triple), or all; by old class, version, new class."""
    table = crosswalk
    statement = select(table)
    if old is not None:
        statement = statement.where(
            tuple_(table.c.old_standard, table.c.old_kind, table.c.old_code).in_(old))
    if new is not None:
        statement = statement.where(
            tuple_(table.c.new_standard, table.c.new_kind, table.c.new_code).in_(new))
    order = list(table.primary_key.columns)
    return all_rows(conn.execute(_paged(statement.order_by(*order), after, limit)))


def add_crossings(conn: Connection, rows: Sequence[Row]) -> None:
    if rows:
        conn.execute(insert(crosswalk), [dict(row) for row in rows])


def _is(table: Table, standard_ref: str, version: int) -> ColumnElement[bool]:
    return and_(table.c.standard_ref == standard_ref, table.c.version == version)


def _paged(statement: Select[Any], after: int, limit: int | None) -> Select[Any]:
    statement = statement.offset(after) if after else statement
    return statement if limit is None else statement.limit(limit)
