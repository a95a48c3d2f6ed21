"""Kinds of tables whose versions are kept beside them: responsibilities, units, classes of area."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.revising import Change, Counts
from node.service.audit import IMPORTED, AuditEntry, Recorder
from node.service.imports.table import Table
from node.service.instants import to_time
from node.service.ports import Row
from node.service.revising import RevisionStore, change_of, compared, compared_back, revise
from node.service.upkeep.views import Given, VersionView
from node.service.views import ImportResult

PUT_BACK: Final = "PutBackTable"
CHANGES_READ: Final = 100_000
"""Changes of one version that are read: a sheet has fewer rows."""


class Put(Protocol):
    """Writes rows of a sheet in a transaction (``put_responsibilities``, ``put_cards``)."""

    def __call__(
        self, store: Any, tx: Tx, rows: Sequence[Any], /, *, whole: bool, source: str, seen: str
    ) -> ImportResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """One of them. ``plain`` makes rows of the table from rows of a sheet; ``topic`` is woken and
    ``changed`` awaited after something was written."""

    table: Table[Any]
    store: RevisionStore
    writer: Writer
    audit: Recorder
    plain: Callable[[Sequence[Any]], Sequence[Row]]
    put: Put
    topic: str
    changed_here: Callable[[], Awaitable[None]]
    takes_whole: bool = True

    def rows(self, conn: Connection) -> Sequence[Row]:
        return self.store.kept_rows(conn, self.table.name)

    def compare(self, conn: Connection, given: Given) -> tuple[Change, ...]:
        rows = self.plain(given.rows)
        return compared(self.store, conn, self.table.name, rows, whole=given.whole)

    async def take(self, given: Given, *, actor: str, seen: str) -> ImportResult:
        def write(tx: Tx) -> ImportResult:
            done = self.put(
                self.store, tx, given.rows, whole=given.whole, source=given.source, seen=seen)
            self.audit.record(tx, AuditEntry(
                action=IMPORTED, actor=actor, subject=f"table:{self.table.name}",
                detail={"added": done.added, "replaced": done.replaced, "whole": given.whole,
                        "version": self.store.newest_revision(tx.conn, self.table.name)}))
            return done

        done = await self.writer.write(write, urgent=True)
        await self.changed_here()
        return done

    def versions(self, conn: Connection, before: int, limit: int) -> list[VersionView]:
        rows = self.store.list_revisions(conn, self.table.name, before, limit)
        return [VersionView(
            number=row["number"], at=to_time(row["at"]), actor=row["actor"], source=row["source"],
            back_to=row["back_to"], counts=Counts(
                added=row["added"], changed=row["changed"], removed=row["removed"]),
        ) for row in rows]

    def changed(self, conn: Connection, number: int) -> tuple[Change, ...] | None:
        if self.store.revision_row(conn, self.table.name, number) is None:
            return None
        return tuple(change_of(row) for row in self.store.revision_changes(
            conn, self.table.name, number, 0, CHANGES_READ))

    def back(self, conn: Connection, number: int) -> tuple[Change, ...]:
        return compared_back(self.store, conn, self.table.name, number)

    async def put_back(self, number: int, *, actor: str, seen: str) -> None:
        def write(tx: Tx) -> None:
            name = self.table.name
            revise(self.store, tx, name, compared_back(self.store, tx.conn, name, number),
                   back_to=number, seen=seen)
            tx.wake(self.topic)
            self.audit.record(tx, AuditEntry(
                action=PUT_BACK, actor=actor, subject=f"table:{name}",
                detail={"back_to": number,
                        "version": self.store.newest_revision(tx.conn, name)}))

        await self.writer.write(write, urgent=True)
        await self.changed_here()
