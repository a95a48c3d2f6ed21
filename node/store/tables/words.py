"""The index over the pieces of texts. It is the database's own, of another kind on each, so it is
told in its own language; SQLite keeps it in a table beside ``cases``, filled by triggers.

A piece that a case no longer has stays there: finding too much is mended by looking, and taking
it out would read the whole index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, event, text

from node.store.tables.casework import cases

INDEX_OF_WORDS: Mapping[str, Sequence[str]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE case_words USING fts5(case_id UNINDEXED, words, detail=none)",
        "CREATE TRIGGER case_words_new AFTER INSERT ON cases WHEN new.words <> '' BEGIN "
        "INSERT INTO case_words (case_id, words) VALUES (new.case_id, new.words); END",
        "CREATE TRIGGER case_words_changed AFTER UPDATE OF words ON cases "
        "WHEN new.words <> old.words BEGIN "
        "INSERT INTO case_words (case_id, words) VALUES (new.case_id, new.words); END",
    ),
    "postgresql": (
        "CREATE INDEX ix_cases_words ON cases USING gin (string_to_array(words, ' '))",
    ),
}
FORGET: Mapping[str, Sequence[str]] = {"sqlite": ("DROP TABLE IF EXISTS case_words",)}


@event.listens_for(cases, "after_create")
def _index(_target: Any, conn: Connection, **_: Any) -> None:
    for statement in INDEX_OF_WORDS[conn.dialect.name]:
        conn.execute(text(statement))


@event.listens_for(cases, "before_drop")
def _forget(_target: Any, conn: Connection, **_: Any) -> None:
    for statement in FORGET.get(conn.dialect.name, ()):
        conn.execute(text(statement))
