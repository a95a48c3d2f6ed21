"""The way of every table: a file is checked and waits; what it would change is shown; it is taken;
an earlier version is put back.

Doors reach it as ``office.upkeep``. Who may do what is asked by the door: it is whoever may import
that table over the API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.errors import Invalid
from node.core.revising import counted
from node.service.configuration import Configurations
from node.service.holdings import TABLE as RESPONSIBILITIES
from node.service.imports.report import Parsed, rejects, written
from node.service.imports.table import CALL_ROWS_MAX
from node.service.instants import to_time
from node.service.ports import Row
from node.service.revising import keyed, seal_of
from node.service.upkeep.gaps import Coverage, Gaps
from node.service.upkeep.kinds import Kind, VersionedKind
from node.service.upkeep.layers import LayerDesk
from node.service.upkeep.lists import Editions
from node.service.upkeep.mappings import Mappings
from node.service.upkeep.rulebook import Rulebook
from node.service.upkeep.views import Draft, File, Given, Preview, Report, VersionView, told
from node.service.views import ImportResult

if TYPE_CHECKING:
    from node.service.places.room import Places

DRAFTS_KEPT: Final = 20
"""Sheets of one table that wait; the oldest goes when one more comes."""
VERSIONS_SHOWN: Final = 50
ROWS_MAX: Final = 4 * CALL_ROWS_MAX
"""Rows of one sheet in a browser: it is taken in one transaction. The command line cuts longer ones
into pieces."""


class DraftStore(Protocol):
    """What waiting sheets need from below (``node.store.revisions``)."""

    def add_draft(self, conn: Connection, row: Row, kept: int) -> None: ...

    def draft(self, conn: Connection, draft_id: str) -> Row | None: ...

    def drafts(self, conn: Connection, name: str) -> Sequence[Row]: ...

    def drop_draft(self, conn: Connection, draft_id: str) -> int: ...


class Upkeep:
    """Maintenance of one office's tables, by the name of the table."""

    def __init__(
        self, *, kinds: Mapping[str, Kind], versioned: Mapping[str, VersionedKind],
        gaps: Coverage, editions: Editions, rules: Rulebook, places: Places, mappings: Mappings,
        configurations: Configurations, store: DraftStore, writer: Writer,
        fresh_id: Callable[[], str],
    ) -> None:
        self.gaps = gaps
        self.editions = editions
        self.rules = rules
        self.mappings = mappings
        self.configurations = configurations
        self.layers = LayerDesk(places=places, upkeep=self)
        self._kinds: Mapping[str, Kind] = {**kinds, **versioned}
        self._versioned = versioned
        self._store = store
        self._writer = writer
        self._fresh_id = fresh_id

    def kind(self, name: str) -> Kind:
        """``Invalid`` (``upkeep.unknown``) if no table of that name is maintained here."""
        if name not in self._kinds:
            raise _unknown(f"table {name[:40]!r}")
        return self._kinds[name]

    def is_versioned(self, name: str) -> bool:
        """Whether earlier versions can be put back."""
        return name in self._versioned

    async def rows(self, name: str) -> Sequence[Row]:
        """What holds now."""
        kind = self.kind(name)
        return await self._writer.read(kind.rows)

    # --- a sheet that waits ---------------------------------------------------------------------

    async def check(self, name: str, file: File, *, actor: str) -> Draft:
        """Read a file and keep it until it is taken or thrown away. What cannot be read at all is
        kept as well, with what is wrong with it: its report says so."""
        kind = self.kind(name)
        # A workbook takes its time: others are served meanwhile.
        sheet, parsed = await asyncio.to_thread(
            kind.table.parse, file.data, encoding=file.encoding, sheet=file.sheet,
            given=file.given, rows_max=ROWS_MAX)
        body = written([parsed.names, *parsed.lines]) if parsed.lines else ""
        bad = rejects(sheet, parsed, file.language) if parsed.faults and sheet.lines else ""
        return await self.keep(
            name, file, body=body, report=_report(parsed), rejected=bad, actor=actor,
            whole=file.whole and kind.takes_whole)

    async def keep(
        self, name: str, file: File, *, body: str, report: Report, rejected: str, actor: str,
        whole: bool,
    ) -> Draft:
        """Let what was read wait."""
        draft_id = self._fresh_id()
        row = {
            "id": draft_id, "name": name, "actor": actor, "source": file.name[:200],
            "whole": whole, "body": body, "report": report.written(), "rejects": rejected,
        }
        await self._writer.write(lambda tx: self._store.add_draft(
            tx.conn, {**row, "at": tx.now_us}, DRAFTS_KEPT))
        return await self.draft(draft_id)

    async def draft(self, draft_id: str) -> Draft:
        """A sheet that waits. ``Invalid`` (``upkeep.unknown``)."""
        row = await self._row(draft_id)
        return Draft(
            id=row["id"], kind=row["name"], at=to_time(row["at"]), actor=row["actor"],
            source=row["source"], whole=row["whole"], report=Report.read(row["report"]),
            rejects=row["rejects"])

    async def body(self, draft_id: str) -> str:
        """Its sound lines as CSV."""
        return str((await self._row(draft_id))["body"])

    async def drafts(self, name: str) -> Sequence[Row]:
        """id at actor source of the sheets of a table that wait, newest first."""
        return await self._writer.read(lambda conn: self._store.drafts(conn, name))

    async def preview(self, draft: Draft) -> Preview:
        """What its sound lines would change. ``Invalid`` for a row that cannot be stored."""
        kind, given = self.kind(draft.kind), await self._given(draft)
        changes = await self._writer.read(lambda conn: kind.compare(conn, given))
        return Preview(changes=changes, seal=seal_of(changes),
                       counts=counted(changes, named=len(given.rows)))

    async def consequences(self, name: str, preview: Preview) -> tuple[Gaps, Gaps] | None:
        """What the responsibility table leaves open now, and what it would after the changes; None
        for other tables."""
        if name != RESPONSIBILITIES:
            return None
        rows = keyed(name, await self.rows(name))
        for one in preview.changes:
            if one.after is None:
                rows.pop(one.key, None)
            else:
                rows[one.key] = one.after
        # Some thousand rows against some hundred classes: others are served meanwhile.
        return await asyncio.to_thread(
            lambda: (self.gaps.look(), self.gaps.after(rows.values())))

    async def take(
        self, draft_id: str, *, seen: str, skip_bad: bool, actor: str
    ) -> ImportResult:
        """Take it over. ``Invalid`` (``table.invalid``): it has wrong lines and they are not to be
        left out; ``WrongStatus`` (``upkeep.moved``): it would change something else by now."""
        draft = await self.draft(draft_id)
        self._may(draft, skip_bad=skip_bad)
        done = await self.kind(draft.kind).take(
            await self._given(draft), actor=actor, seen=seen)
        await self.drop(draft_id)
        return done

    async def drop(self, draft_id: str) -> None:
        """Throw it away."""
        await self._writer.write(lambda tx: self._store.drop_draft(tx.conn, draft_id))

    def _may(self, draft: Draft, *, skip_bad: bool) -> None:
        if draft.report.hopeless or (draft.report.bad and not skip_bad):
            raise Invalid(
                f"{draft.report.bad} row(s) cannot be imported; nothing was stored",
                code="table.invalid")

    async def _given(self, draft: Draft) -> Given:
        table = self.kind(draft.kind).table
        body = await self.body(draft.id)
        if not body:
            return Given(rows=(), whole=draft.whole)
        _, parsed = await asyncio.to_thread(table.parse, body.encode(), rows_max=ROWS_MAX)
        return Given(rows=parsed.rows, whole=draft.whole, source=draft.source)

    async def _row(self, draft_id: str) -> Row:
        row = await self._writer.read(lambda conn: self._store.draft(conn, draft_id))
        if row is None:
            raise _unknown("such sheet: it was taken or thrown away")
        return row

    # --- versions -------------------------------------------------------------------------------

    async def versions(self, name: str, before: int = 0) -> list[VersionView]:
        """Newest first, those below ``before``; a page at a time."""
        kind = self._with_versions(name)
        return await self._writer.read(
            lambda conn: kind.versions(conn, before, VERSIONS_SHOWN))

    async def version(self, name: str, number: int) -> tuple[VersionView, Preview]:
        """One version and what it changed. ``Invalid`` (``upkeep.unknown``)."""
        kind = self._with_versions(name)

        def read(conn: Connection) -> tuple[VersionView, Preview] | None:
            changes = kind.changed(conn, number)
            found = kind.versions(conn, number + 1, 1)
            if changes is None or not found:
                return None
            return found[0], Preview(
                changes=changes, counts=counted(changes), seal=seal_of(changes))

        read_now = await self._writer.read(read)
        if read_now is None:
            raise _unknown(f"version {number} of {name}")
        return read_now

    async def back(self, name: str, number: int) -> Preview:
        """What putting a version back would change."""
        kind = self._with_versions(name)
        changes = await self._writer.read(lambda conn: kind.back(conn, number))
        return Preview(changes=changes, counts=counted(changes), seal=seal_of(changes))

    async def put_back(self, name: str, number: int, *, seen: str, actor: str) -> None:
        """Put it back. ``WrongStatus`` (``upkeep.moved``): that would change something else by
        now."""
        await self._with_versions(name).put_back(number, actor=actor, seen=seen)

    def _with_versions(self, name: str) -> VersionedKind:
        if name not in self._versioned:
            raise _unknown(f"table {name[:40]!r} with versions")
        return self._versioned[name]


def _report(parsed: Parsed[Any]) -> Report:
    return Report(
        rows=len(parsed.rows), bad=len({fault.row for fault in parsed.faults}),
        hopeless=parsed.hopeless, faults=told(parsed.faults), warnings=told(parsed.warnings))


def _unknown(what: str) -> Invalid:
    return Invalid(f"there is no {what} here", code="upkeep.unknown")
