"""The databases of all nodes, read from outside: rows, and the journal as it was written.

Read-only SQLite connections of our own; no node is asked about itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node.v1 import words_pb2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One invariant with what was found. ``broken`` is empty when it holds."""

    name: str
    counted: str
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One link of the federation, by the databases of its two ends."""

    parent: str
    child: str

    @property
    def link(self) -> str:
        """The link's id."""
        return f"{self.parent}-{self.child}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One entry of a journal: what happened, with the fields of the event."""

    case_id: str
    event: str
    fields: Mapping[str, Any]


class Books:
    """The databases of all nodes; ``close`` them when done."""

    def __init__(self, databases: Mapping[str, Path]) -> None:
        self._db = {
            node: sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            for node, path in databases.items()
        }
        self.nodes = tuple(databases)

    def close(self) -> None:
        """Close every connection."""
        for db in self._db.values():
            db.close()

    def rows(self, node: str, sql: str, args: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
        """What a node's database answers."""
        with closing(self._db[node].execute(sql, args)) as cursor:
            return cursor.fetchall()

    def journal(self, node: str, *events: str) -> Iterator[Written]:
        """A node's journal in the order in which it was written; ``events`` none = all."""
        marks = ", ".join("?" * len(events))
        wanted = f"WHERE event_type IN ({marks}) " if events else ""
        for case_id, event, entry in self.rows(
                node, f"SELECT case_id, event_type, entry FROM journal {wanted}ORDER BY n",
                events):
            message = words_pb2.JournalEntry.FromString(entry)
            yield Written(case_id=case_id, event=event, fields=json.loads(message.event))
