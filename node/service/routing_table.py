"""The responsibility table of an office: imported, listed, and routed by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.service.audit import Recorder, imported
from node.service.holdings import HoldingStore, Table, put_responsibilities, responsibility
from node.service.instants import to_time
from node.service.ports import Row
from node.service.surroundings import Surroundings
from node.service.views import ImportResult, Page, Responsibility

NAME: Final = "responsibility"
ROWS_READ: Final = 5_000
"""Rows read at a time when it is loaded."""


class RoutingTable:
    """Who answers for what."""

    def __init__(
        self, *, store: HoldingStore, writer: Writer, audit: Recorder, surroundings: Surroundings,
        rows_max: int,
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._rows_max = rows_max

    async def take(self, rows: Sequence[Responsibility]) -> ImportResult:
        """Add or replace rows, and route by them from now on."""

        def write(tx: Tx) -> ImportResult:
            done = put_responsibilities(self._store, tx, rows)
            self._audit.record(tx, imported("responsibilities", done))
            return done

        result = await self._writer.write(write, urgent=True)
        await self.reload()
        return result

    async def page(self, after: str, limit: int) -> Page:
        """One page of it. ``Invalid`` (``page.cursor``)."""
        if after and not after.isdecimal():
            raise Invalid("this is no cursor of a page", code="page.cursor")
        start = int(after or 0)
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.list_rows(conn, NAME, start, limit)
        )
        items = tuple({**row, **_instants(row)} for row in rows)
        return Page(items=items, next=str(start + limit) if len(rows) == limit else "")

    async def reload(self) -> None:
        """Read it anew for routing."""

        def read(conn: Connection) -> list[Row]:
            found: list[Row] = []
            while True:
                rows = self._store.list_rows(conn, NAME, len(found), ROWS_READ)
                found.extend(rows)
                if len(rows) < ROWS_READ:
                    return found

        rows = await self._writer.read(read)
        register = self._surroundings.register
        self._surroundings.table = Table(responsibility(row, register) for row in rows)


def _instants(row: Row) -> dict[str, Any]:
    return {
        name: to_time(row[name]).isoformat() if row[name] else None
        for name in ("valid_from", "valid_to")
        if name in row
    }
