"""``office.privacy``: what is personal here, seen by role, shown once for a reason, erased in time.

Who reported and who called is read in ``node.service.reporters`` and ``node.service.calls``; what
of it somebody sees is decided here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core import privacy as core
from node.core.audit import Outcome
from node.core.errors import Refused
from node.core.privacy import Mask, PersonalField, PrivacyRules
from node.core.reporter import Reporter
from node.service.audit import NOBODY, AuditEntry, Recorder, note
from node.service.calls.ports import Caller
from node.service.instants import to_time, to_us
from node.service.ports import Row
from node.service.reporters import Reporters

UNMASKED, ERASED = "UnmaskField", "PurgePersonal"
"""Actions of the audit log."""
NAME, PHONE = "reporter.name", "reporter.phone"
BATCH: Final = 500
"""Rows erased in one transaction."""
COUNTED_MAX: Final = 1_000
PEOPLE_MAX: Final = 500


class PrivacyStore(Protocol):
    """What is asked of the tables (``node.store.privacy``)."""

    def reporters_due(self, conn: Connection, before: int, limit: int) -> Sequence[str]: ...

    def erase_reporters(self, conn: Connection, case_ids: Collection[str]) -> int: ...

    def alarms_due(self, conn: Connection, before: int, limit: int) -> Sequence[str]: ...

    def erase_alarms(self, conn: Connection, ids: Collection[str]) -> int: ...

    def handlers_due(self, conn: Connection, before: int, limit: int) -> Sequence[str]: ...

    def handlers(self, conn: Connection, numbers: Collection[str]) -> Sequence[Row]: ...

    def mask_handler(self, conn: Connection, number: int, name: str) -> None: ...

    def unmaskings(
        self, conn: Connection, action: str, since: int, limit: int
    ) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What was, or would be, erased of one field. ``more``: at least that many; the next run goes
    on."""

    field: str
    zh: str
    en: str
    before: datetime
    rows: int
    more: bool = False


class Privacy:
    """Personal data of one office."""

    def __init__(
        self, *, rules: PrivacyRules, store: PrivacyStore, reporters: Reporters, writer: Writer,
        audit: Recorder, now_us: Callable[[], int],
    ) -> None:
        self._rules = rules
        self._store = store
        self._reporters = reporters
        self._writer = writer
        self._audit = audit
        self._now_us = now_us

    def table(self) -> dict[str, Any]:
        """``{version source fields[{name zh en kind where mask roles unmask legs keep_days
        kept_by}]}``."""
        return {
            "version": self._rules.version, "source": self._rules.source,
            "fields": [
                {**asdict(one), "keep_days": one.keep.days if one.keep is not None else 0}
                for one in self._rules.fields.values()
            ],
        }

    # --- seeing -------------------------------------------------------------------------------

    def sees(self, field: str, roles: frozenset[str]) -> bool:
        """Whether these roles see a field in the clear."""
        return self._rules.sees(field, roles)

    async def reporter(
        self, case_id: str, *, purpose: str, actor: str, roles: frozenset[str]
    ) -> Reporter | None:
        """Who reported a case, as far as these roles see it. Raises as ``Reporters.read``."""
        found = await self._reporters.read(case_id, purpose=purpose, actor=actor)
        if found is None:
            return None
        return replace(
            found, name=self._rules.shown(NAME, found.name, roles),
            phone=self._rules.shown(PHONE, found.phone, roles))

    def caller(self, found: Caller, roles: frozenset[str]) -> Caller:
        """Who called, as far as these roles see it."""
        return replace(
            found, name=self._rules.shown("caller.name", found.name, roles),
            phone=self._rules.shown("caller.phone", found.phone, roles))

    async def unmask(
        self, case_id: str, field: str, *, reason: str, actor: str, roles: frozenset[str]
    ) -> str:
        """One field of one case in the clear. It is in the audit log before it is answered, and so
        is a refusal. ``Invalid``: ``privacy.field``, ``reporter.purpose``; ``NotPermitted``
        (``privacy.role``); ``UnknownCase``."""
        try:
            self._rules.unmaskable(field, roles)
        except Refused as refused:
            await note(self._writer, self._audit, AuditEntry(
                action=UNMASKED, actor=actor, subject=f"case:{case_id}", reason=reason.strip(),
                outcome=Outcome.REFUSED, detail={"field": field, "code": refused.code}))
            raise
        found = await self._reporters.read(
            case_id, purpose=reason, actor=actor, action=UNMASKED, field=field)
        if found is None:
            return ""
        return found.name if field == NAME else found.phone

    async def unmaskings(self, since: datetime) -> list[dict[str, Any]]:
        """How often who saw masked fields since a time: actor count last."""
        rows = await self._writer.read(lambda conn: self._store.unmaskings(
            conn, UNMASKED, to_us(since), PEOPLE_MAX))
        return [{**row, "last": to_time(row["last"])} for row in rows]

    # --- erasing ------------------------------------------------------------------------------

    async def purge(self, *, dry_run: bool, actor: str = NOBODY) -> list[Purged]:
        """Erase what was kept long enough; ``dry_run`` only counts. Journals, their seals and
        chains are not touched: nothing of this is in them. Safe to call at any time."""
        done = []
        for field in self._rules.fields.values():
            before = core.due_before(field, self._now_us())
            if before is None:
                continue
            done.append(
                await self._count(field, before) if dry_run
                else await self._erase(field, before, actor))
        return [one for one in done if one is not None]

    async def _count(self, field: PersonalField, before: int) -> Purged:
        ids = await self._writer.read(
            lambda conn: self._due(conn, field.name, before, COUNTED_MAX + 1))
        return _purged(field, before, min(len(ids), COUNTED_MAX), more=len(ids) > COUNTED_MAX)

    async def _erase(self, field: PersonalField, before: int, actor: str) -> Purged:
        total = 0
        while True:
            ids = await self._writer.read(
                lambda conn: self._due(conn, field.name, before, BATCH))
            if not ids:
                break

            def erase(tx: Tx, ids: Sequence[str] = ids) -> int:
                rows = self._gone(tx.conn, field, ids)
                self._audit.record(tx, AuditEntry(
                    action=ERASED, actor=actor, subject=f"personal:{field.name}",
                    detail={"rows": rows, "before": to_time(before).isoformat()}))
                return rows

            rows = await self._writer.write(erase)
            total += rows
            if len(ids) < BATCH or not rows:
                break
            await asyncio.sleep(0)  # people come first
        return _purged(field, before, total)

    def _due(self, conn: Connection, name: str, before: int, limit: int) -> Sequence[str]:
        if name in (NAME, PHONE):
            return self._store.reporters_due(conn, self._both(before), limit)
        if name == "alarm.place":
            return self._store.alarms_due(conn, before, limit)
        return self._store.handlers_due(conn, before, limit)

    def _both(self, before: int) -> int:
        """Name and phone lie together and go together, at the later of their times."""
        times = [core.due_before(self._rules.field(one), self._now_us()) for one in (NAME, PHONE)]
        return min(before, *(at for at in times if at is not None))

    def _gone(self, conn: Connection, field: PersonalField, ids: Sequence[str]) -> int:
        if field.name in (NAME, PHONE):
            return self._store.erase_reporters(conn, ids)
        if field.name == "alarm.place":
            return self._store.erase_alarms(conn, ids)
        rows = self._store.handlers(conn, ids)
        for row in rows:
            # A crew of one letter would be due for ever: its mask ends with the sign as well.
            mask = core.masked(Mask.NAME, row["name"]).rstrip("*") + "**"
            self._store.mask_handler(conn, row["n"], mask)
        return len(rows)


def _purged(field: PersonalField, before: int, rows: int, *, more: bool = False) -> Purged:
    return Purged(
        field=field.name, zh=field.zh, en=field.en, before=to_time(before), rows=rows, more=more)
