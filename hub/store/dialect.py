"""The one place where SQLite and PostgreSQL say the same thing differently: upserts, and indexes
over some rows.

Both speak ``INSERT … ON CONFLICT``, but SQLAlchemy keeps two constructs for it. A statement is
built once for each database it is executed on: a hot path pays a dictionary look-up and no
construction, and a node carries the statements of its own database alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Index,
    Table,
    event,
    text,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

Row = Mapping[str, Any]
InsertInto = Callable[[Table], Any]
"""``insert`` of a dialect: the construct that knows ON CONFLICT."""


class PerDialect:
    """One statement in both dialects, from ``build``, which gets the ``insert`` of one."""

    __slots__ = ("_build", "_built")

    def __init__(self, build: Callable[[InsertInto], Executable]) -> None:
        self._build = build
        self._built: dict[str, Executable] = {}

    def on(self, conn: Connection) -> Executable:
        """The statement for this connection's database."""
        name = conn.dialect.name
        built = self._built.get(name)
        if built is None:
            insert = import_module(f"sqlalchemy.dialects.{name}").insert
            built = self._built[name] = self._build(insert)
        return built

    def run(self, conn: Connection, rows: Sequence[Row] | Row) -> CursorResult[Any]:
        """Execute with one row, or with many by executemany."""
        return conn.execute(self.on(conn), rows)


def insert_ignore(table: Table, keys: Sequence[str] | None = None) -> PerDialect:
    """``INSERT … ON CONFLICT DO NOTHING``. ``keys`` None: a conflict with any unique index is
    ignored; otherwise only with the one over these columns. ``rowcount`` says how many rows were
    new."""
    return PerDialect(
        lambda insert: _counted(insert(table).on_conflict_do_nothing(index_elements=keys))
    )


def upsert(
    table: Table,
    keys: Sequence[str],
    set_: Sequence[str],
    guard: Callable[[ReadOnlyColumnCollection[str, Any]], ColumnElement[bool]] | None = None,
) -> PerDialect:
    """Insert, or overwrite the columns ``set_`` of the row with the same ``keys``. ``guard`` gets
    the columns of the row that was to be inserted; where it does not hold, the old row is left
    as it is and not counted in ``rowcount``."""

    def build(insert: InsertInto) -> Executable:
        statement = insert(table)
        return _counted(
            statement.on_conflict_do_update(
                index_elements=list(keys),
                set_={name: statement.excluded[name] for name in set_},
                where=guard(statement.excluded) if guard else None,
            )
        )

    return PerDialect(build)


def _counted(statement: Executable) -> Executable:
    # By default SQLAlchemy lets go of the row count of an INSERT, on PostgreSQL before we see it.
    return statement.execution_options(preserve_rowcount=True)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that fulfil ``where``. PostgreSQL is told when it creates the index:
    naming its option earlier would load its dialect on every node."""
    index = Index(name, *columns, unique=unique, sqlite_where=text(where))

    @event.listens_for(index, "before_create")
    def _told(target: Index, connection: Connection, **_: Any) -> None:
        if connection.dialect.name == "postgresql":
            target.dialect_options["postgresql"]["where"] = text(where)

    return index
