"""The one place where SQLite and PostgreSQL say the same thing differently: upserts.

Both speak ``INSERT … ON CONFLICT``, but SQLAlchemy keeps two constructs for it. Statements are
built once at import for both dialects and picked per connection, so that a hot path pays a
dictionary look-up and no construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PerDialect:
    """One statement in both dialects."""

    statements: Mapping[str, Executable]

    def on(self, conn: Connection) -> Executable:
        """The statement for this connection's database."""
        return self.statements[conn.dialect.name]

    def run(self, conn: Connection, rows: Sequence[Row] | Row) -> CursorResult[Any]:
        """Execute with one row, or with many by executemany."""
        return conn.execute(self.on(conn), rows)


def insert_ignore(table: Table, keys: Sequence[str] | None = None) -> PerDialect:
    """``INSERT … ON CONFLICT DO NOTHING``. ``keys`` None: a conflict with any unique index is
    ignored; otherwise only with the one over these columns. ``rowcount`` says how many rows were
    new."""
    return _counted(
        sqlite.insert(table).on_conflict_do_nothing(index_elements=keys),
        postgresql.insert(table).on_conflict_do_nothing(index_elements=keys),
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
    lite = sqlite.insert(table)
    post = postgresql.insert(table)
    return _counted(
        lite.on_conflict_do_update(
            index_elements=list(keys),
            set_={name: lite.excluded[name] for name in set_},
            where=guard(lite.excluded) if guard else None,
        ),
        post.on_conflict_do_update(
            index_elements=list(keys),
            set_={name: post.excluded[name] for name in set_},
            where=guard(post.excluded) if guard else None,
        ),
    )


def _counted(lite: Executable, post: Executable) -> PerDialect:
    # By default SQLAlchemy lets go of the row count of an INSERT, on PostgreSQL before we see it.
    return PerDialect(
        {
            "sqlite": lite.execution_options(preserve_rowcount=True),
            "postgresql": post.execution_options(preserve_rowcount=True),
        }
    )
