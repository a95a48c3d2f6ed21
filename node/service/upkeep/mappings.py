"""Versions of the mappings of adapters: how each unit's system was spoken to, and since when."""

from __future__ import annotations

import json
from typing import Final

from hub.store.tx import Tx, Writer
from node.core.revising import Change
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time
from node.service.revising import RevisionStore, write_down
from node.service.upkeep.views import VersionView

PREFIX: Final = "mapping:"
FILE: Final = "mapping.toml"
SHOWN: Final = 50


class Mappings:
    """The texts themselves lie in the node's home, where the adapters read them; here is what they
    were."""

    def __init__(self, *, store: RevisionStore, writer: Writer, audit: Recorder) -> None:
        self._store, self._writer, self._audit = store, writer, audit

    async def keep(self, adapter: str, before: str, after: str, *, actor: str) -> int:
        """Write down that a text takes the place of another; returns the number of the version."""

        def write(tx: Tx) -> int:
            change = Change(key=FILE, before={"text": before}, after={"text": after})
            number = write_down(
                self._store, tx, PREFIX + adapter, [change], actor=actor, source=FILE)
            self._audit.record(tx, AuditEntry(
                action="ChangeMapping", actor=actor, subject=f"adapter:{adapter}",
                detail={"version": number}))
            return number

        return await self._writer.write(write, urgent=True)

    async def versions(self, adapter: str) -> list[VersionView]:
        """Newest first."""
        rows = await self._writer.read(
            lambda conn: self._store.list_revisions(conn, PREFIX + adapter, 0, SHOWN))
        return [VersionView(number=row["number"], at=to_time(row["at"]), actor=row["actor"],
                            source=row["source"]) for row in rows]

    async def text(self, adapter: str, number: int) -> str | None:
        """The text as of a version; 0 = as it was before the first. None: there is none."""
        side, of = ("after", number) if number else ("before", 1)
        rows = await self._writer.read(
            lambda conn: self._store.revision_changes(conn, PREFIX + adapter, of, 0, 1))
        return str(json.loads(rows[0][side])["text"]) if rows else None
