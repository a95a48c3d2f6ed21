"""Phrases of responsibility lists that nobody has mapped to a class yet: a person does it here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.service.audit import AuditEntry, Recorder
from node.service.holdings import HoldingStore, put_responsibilities
from node.service.instants import to_time
from node.service.ports import Row
from node.service.views import Page, Responsibility


class PhraseStore(HoldingStore, Protocol):
    """What the unmapped phrases need from below."""

    def phrases(self, conn: Connection, after: int, limit: int) -> Sequence[Row]: ...

    def phrase_of(self, conn: Connection, phrase_id: int) -> Row | None: ...

    def settle_phrase(
        self, conn: Connection, phrase_id: int, actor: str, now_us: int
    ) -> int: ...


class Duties:
    """What lists of responsibility say in words."""

    def __init__(
        self, *, store: PhraseStore, writer: Writer, audit: Recorder, rows_max: int,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._writer = writer
        self._audit = audit
        self._rows_max = rows_max
        self._changed = changed

    async def unmapped(self, after: str, limit: int) -> Page:
        """One page of phrases that wait: id unit phrase area duty qualifier standard_ref kind
        code name note created_at. A code is what the list proposes, to be looked at."""
        if after and not after.isdecimal():
            raise Invalid("this is no cursor of a page", code="page.cursor")
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.phrases(conn, int(after or 0), limit)
        )
        items = tuple({**row, "created_at": to_time(row["created_at"])} for row in rows)
        return Page(items=items, next=str(rows[-1]["id"]) if len(rows) == limit else "")

    async def map_phrase(
        self, phrase_id: int, *, standard_ref: str, kind: str, code: str, actor: str
    ) -> bool:
        """Give the phrase a class: it becomes a row of the table. ``code`` "" = it is none of
        ours. False if it was settled, or never was."""

        if code and not (standard_ref and kind):
            raise Invalid(
                "a code means something only with its standard and kind", field="code",
                why="code_alone",
            )

        def settle(tx: Tx) -> bool:
            row = self._store.phrase_of(tx.conn, phrase_id)
            if row is None or not self._store.settle_phrase(tx.conn, phrase_id, actor, tx.now_us):
                return False
            if code:
                put_responsibilities(self._store, tx, [_mapped(row, standard_ref, kind, code)])
            self._audit.record(tx, AuditEntry(
                action="MapPhrase", actor=actor, subject=f"phrase:{phrase_id}",
                detail={"standard_ref": standard_ref, "kind": kind, "code": code}))
            return True

        done = await self._writer.write(settle, urgent=True)
        if done and code:
            await self._changed()
        return done


def _mapped(row: Row, standard_ref: str, kind: str, code: str) -> Responsibility:
    is_address = ":" in row["unit"]
    values: dict[str, Any] = {
        "assignee": row["unit"] if is_address else "", "unit": "" if is_address else row["unit"],
    }
    return Responsibility(
        standard_ref=standard_ref, kind=kind, code=code, area=row["area"], duty=row["duty"],
        qualifier=row["qualifier"], phrase=row["phrase"], note=row["note"], **values,
    )
