"""Where a piece of a text is looked up: SQLite's full-text index, PostgreSQL's over arrays.

Both hold the pieces that ``node.core.grams`` makes of number and address, kept in ``cases.words``
and indexed by the database itself, so that no writer can forget to.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, Select, column, func, select, table

from node.core.grams import SEPARATOR
from node.store.tables import cases

_CASE_WORDS = table("case_words", column("case_id"), column("case_words"))


def having(conn: Connection, pieces: Collection[str]) -> Select[tuple[str]]:
    """case_id of the cases that have all these pieces, and of some that had them once."""
    if conn.dialect.name == "sqlite":
        wanted = SEPARATOR.join(f'"{piece}"' for piece in sorted(pieces))
        return select(_CASE_WORDS.c.case_id).where(_CASE_WORDS.c.case_words.op("MATCH")(wanted))
    return select(cases.c.case_id).where(_array().op("@>")(
        func.string_to_array(SEPARATOR.join(sorted(pieces)), SEPARATOR)))


def _array() -> ColumnElement[object]:
    return func.string_to_array(cases.c.words, SEPARATOR)
