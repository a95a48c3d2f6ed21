"""The calendar as a kind of table: days and hours, every version kept by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.revising import Change, Fields, counted, differences
from node.service.audit import IMPORTED, AuditEntry, Recorder
from node.service.calendars import (
    OWN,
    Calendars,
    CalendarStore,
    merged,
    newest,
    put_calendar,
    put_calendar_back,
    restored,
)
from node.service.imports.table import Table
from node.service.instants import to_time
from node.service.ports import Row
from node.service.revising import held
from node.service.upkeep.kept import PUT_BACK
from node.service.upkeep.views import Given, VersionView
from node.service.views import ImportResult


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTable:
    """The calendar of this office."""

    table: Table[Any]
    store: CalendarStore
    writer: Writer
    audit: Recorder
    calendars: Calendars
    takes_whole: bool = False

    def rows(self, conn: Connection) -> Sequence[Row]:
        """Hours, and the office's own days."""
        _, hours, days = newest(self.store, conn)
        return [*hours, *(one for one in days if one["origin"] == "local")]

    def compare(self, conn: Connection, given: Given) -> tuple[Change, ...]:
        _, hours, days = newest(self.store, conn)
        spans, exceptions, _ = merged(hours, days, given.rows)
        return differences(_keyed(hours, days), _keyed(spans.values(), exceptions.values()))

    async def take(self, given: Given, *, actor: str, seen: str) -> ImportResult:
        def write(tx: Tx) -> ImportResult:
            held(seen, self.compare(tx.conn, given))
            done = put_calendar(
                self.store, tx, given.rows, actor=actor, now_us=tx.now_us)
            self.audit.record(tx, AuditEntry(
                action=IMPORTED, actor=actor, subject=f"table:{self.table.name}",
                detail={"added": done.added, "replaced": done.replaced}))
            return done

        done = await self.writer.write(write, urgent=True)
        await self.calendars.use_newest()
        return done

    def versions(self, conn: Connection, before: int, limit: int) -> list[VersionView]:
        rows = self.store.calendar_versions(conn, OWN, before, limit)
        numbers = {number for row in rows for number in (row["version"] - 1, row["version"])}
        held_in = {number: self._held_in(conn, number) for number in numbers}
        return [VersionView(
            number=row["version"], at=to_time(row["made_at"]), actor=row["made_by"],
            source=row["source"], counts=counted(differences(
                held_in[row["version"] - 1], held_in[row["version"]], whole=True)),
        ) for row in rows]

    def changed(self, conn: Connection, number: int) -> tuple[Change, ...] | None:
        if self.store.calendar_version(conn, OWN, number) is None:
            return None
        return differences(
            self._held_in(conn, number - 1), self._held_in(conn, number), whole=True)

    def back(self, conn: Connection, number: int) -> tuple[Change, ...]:
        _, hours, days = newest(self.store, conn)
        return differences(
            _keyed(hours, days), _keyed(*restored(self.store, conn, number)), whole=True)

    def _held_in(self, conn: Connection, number: int) -> dict[str, Fields]:
        """What a version says; of none (0), nothing."""
        return _keyed(*self.store.calendar_rules(conn, OWN, number)) if number else {}

    async def put_back(self, number: int, *, actor: str, seen: str) -> None:
        def write(tx: Tx) -> None:
            held(seen, self.back(tx.conn, number))
            put_calendar_back(self.store, tx, number, actor=actor, now_us=tx.now_us)
            self.audit.record(tx, AuditEntry(
                action=PUT_BACK, actor=actor, subject=f"table:{self.table.name}",
                detail={"back_to": number}))

        await self.writer.write(write, urgent=True)
        await self.calendars.use_newest()


def _keyed(hours: Any, days: Any) -> dict[str, Fields]:
    found: dict[str, Fields] = {
        json.dumps(["hours", row["valid_from"], row["valid_to"]]): {**row, "kind": "hours"}
        for row in hours
    }
    found.update((json.dumps(["day", row["day"]]), row) for row in days)
    return found
