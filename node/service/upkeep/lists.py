"""Kinds of tables that go into an edition of a standard: classes, filing conditions, crosswalk.

They are taken into the open draft of their standard and wait there for another person's approval;
what was in force is put back by putting its edition in force again.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.revising import Change, Fields, counted, differences
from node.core.standards import Edition, day_of, in_force
from node.service.imports.table import Table
from node.service.instants import to_time
from node.service.ports import Row
from node.service.revising import held, seal_of
from node.service.standards.editing import edition_in
from node.service.standards.ports import StandardsStore
from node.service.standards.rows import edition_of
from node.service.upkeep.views import Given, Preview
from node.service.views import ImportResult

CLASS_KEY = ("standard_ref", "kind", "code")
CONDITION_KEY = (*CLASS_KEY, "condition_no", "area_class")
OLD = ("old_standard", "old_kind", "old_code")
UNTOLD = frozenset({"version"})

Taking = Callable[..., Awaitable[ImportResult]]
"""``Standards.import_…(rows, actor=…)``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ListTable:
    """One of them. ``takes``: the use case that writes it; ``now_us``: what the time is."""

    table: Table[Any]
    store: StandardsStore
    writer: Writer
    takes: Taking
    now_us: Callable[[], int]
    takes_whole: bool = False

    def rows(self, conn: Connection) -> Sequence[Row]:
        """Of the editions in force."""
        found: list[Row] = []
        for ref in dict.fromkeys(row["standard_ref"] for row in self.store.editions(conn)):
            edition = in_force(self._editions(conn, ref), self._today())
            if edition is not None:
                found.extend(self._content(conn, edition))
        return found

    def compare(self, conn: Connection, given: Given) -> tuple[Change, ...]:
        """With the edition that they would be written into: the open draft, or what it would be
        begun from."""
        there: dict[str, Fields] = {}
        for ref in dict.fromkeys(row.standard_ref for row in given.rows):
            edition = self._base(conn, ref)
            if edition is not None:
                there.update(self._keyed(self._content(conn, edition)))
        return differences(
            there, self._keyed(dataclasses.asdict(row) for row in given.rows))

    async def take(self, given: Given, *, actor: str, seen: str) -> ImportResult:
        now = await self.writer.read(lambda conn: self.compare(conn, given))
        held(seen, now)
        return await self.takes(given.rows, actor=actor)

    def against(self, conn: Connection, ref: str, version: int) -> tuple[Change, ...]:
        """What an edition changes in the one that was in force before it comes, or now."""
        known = self._editions(conn, ref)
        one = edition_in(known, ref, version)
        others = [other for other in known if other.version != version]
        base = in_force(others, one.effective_from or self._today())
        there = self._keyed(self._content(conn, base)) if base is not None else {}
        return differences(there, self._keyed(self._content(conn, one)), whole=True)

    def _keyed(self, rows: Iterable[Row]) -> dict[str, Fields]:
        key = CLASS_KEY if self.table.name == "classes" else CONDITION_KEY
        return {json.dumps([row[one] for one in key], ensure_ascii=False): _told(row)
                for row in rows}

    def _content(self, conn: Connection, edition: Edition) -> Sequence[Row]:
        read = (self.store.classes if self.table.name == "classes"
                else self.store.filing_conditions)
        return read(conn, edition.standard_ref, edition.version)

    def _base(self, conn: Connection, ref: str) -> Edition | None:
        known = self._editions(conn, ref)
        for one in known:
            if not one.approved:
                return one
        approved = [one for one in known if one.approved]
        return in_force(known, self._today()) or (approved[-1] if approved else None)

    def _editions(self, conn: Connection, ref: str) -> list[Edition]:
        return [edition_of(row) for row in self.store.editions(conn, ref)]

    def _today(self) -> date:
        return day_of(to_time(self.now_us()))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """What an edition would change: classes and conditions together, against what is in force."""

    parts: Sequence[ListTable]
    writer: Writer

    async def against_force(self, standard_ref: str, version: int) -> Preview:
        """Of an approved edition that is in force itself: against the one before it. ``Invalid``
        (``standard.unknown``) if there is none of that number."""
        changes = await self.writer.read(lambda conn: tuple(
            change for part in self.parts
            for change in part.against(conn, standard_ref, version)))
        return Preview(changes=changes, counts=counted(changes), seal=seal_of(changes))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WalkTable:
    """The crosswalk: a new decision stands above the older ones of its class."""

    table: Table[Any]
    store: StandardsStore
    writer: Writer
    takes: Taking
    takes_whole: bool = False

    def rows(self, conn: Connection) -> Sequence[Row]:
        """The newest decision of each class."""
        found: dict[tuple[str, ...], list[Row]] = {}
        for row in self.store.crossings(conn):
            some = found.setdefault(tuple(row[one] for one in OLD), [])
            if some and some[0]["version"] < row["version"]:
                some.clear()
            some.append(row)
        return [row for some in found.values() for row in some]

    def compare(self, conn: Connection, given: Given) -> tuple[Change, ...]:
        return differences(
            _decisions(self.rows(conn)),
            _decisions([dataclasses.asdict(row) for row in given.rows]))

    async def take(self, given: Given, *, actor: str, seen: str) -> ImportResult:
        held(seen, await self.writer.read(lambda conn: self.compare(conn, given)))
        return await self.takes(given.rows, actor=actor)


def _decisions(rows: Iterable[Row]) -> dict[str, Fields]:
    """By old class: the verdict, and everything that it leads to in one text."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(
            json.dumps([row[one] for one in OLD], ensure_ascii=False), []).append(row)
    return {key: {
        **{one: some[0][one] for one in OLD},
        "verdict": some[0]["verdict"], "note": some[0]["note"],
        "new": "、".join(sorted(
            f"{row['new_standard']} {row['new_kind']} {row['new_code']}"
            for row in some if row["new_code"])),
    } for key, some in found.items()}


def _told(row: Row) -> Fields:
    return {name: value for name, value in row.items() if name not in UNTOLD}
