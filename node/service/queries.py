"""What people look at: listings, journal and timeline; the document of a case
(``node.service.documents``) and proposals (``node.service.proposals``) through rooms of their own.

Queries run on reader connections and change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.capability import Capability
from node.core.case import CaseStatus
from node.core.clock import TimeLimit, TimeUnit, elapsed
from node.core.errors import Invalid
from node.core.facts import Category
from node.core.roles import WHOLE, Scope
from node.core.sources import ClassRule, Source
from node.core.stages import Stage
from node.service.case_lists import (
    NEWEST,
    SORTS,
    TEXT_SORTS,
    asked_for,
    cursor,
    item_of,
    sorted_cursor,
    stands,
    supervised,
)
from node.service.documents import Documents, item_view, load_case
from node.service.folding import event_fields
from node.service.instants import minute_in, to_time
from node.service.kin import Kin
from node.service.paper_words import said, step
from node.service.ports import Codec, Row, Store
from node.service.proposals import Proposals
from node.service.standards.lookup import ConditionOf
from node.service.surroundings import Surroundings
from node.service.views import CaseFilter, Page, Proposal, WorkItemView

AMBER_AFTER_S, RED_AFTER_S = 120, 900
"""Age of the last contact from which a screen warns: what is shown may be old."""
COUNT_MAX = 1_000
"""How far a queue is counted."""

Contacts = Callable[[], Mapping[str, datetime | None]]
"""Last contact per child."""


class Queries:
    """Read side of one office."""

    def __init__(
        self,
        *,
        store: Store,
        codec: Codec,
        writer: Writer,
        surroundings: Surroundings,
        contacts: Contacts,
        condition_of: ConditionOf,
        now_us: Callable[[], int],
        rows_max: int,
        timeline_max: int,
        kin: Kin | None = None,
    ) -> None:
        self._store = store
        self._codec = codec
        self._writer = writer
        self._surroundings = surroundings
        self._contacts = contacts
        self._now_us = now_us
        self._rows_max = rows_max
        self._timeline_max = timeline_max
        self._documents = Documents(
            store=store, codec=codec, surroundings=surroundings, now_us=now_us,
            rows_max=rows_max, timeline_max=timeline_max, kin=kin,
        )
        self._proposals = Proposals(
            store=store, writer=writer, surroundings=surroundings, condition_of=condition_of,
            now_us=now_us,
        )

    # --- one case -----------------------------------------------------------------------------

    async def case(self, case_id: str) -> Mapping[str, Any]:
        """The whole document; see ``Office.case``."""
        return await self._writer.read(lambda conn: self._documents.of(conn, case_id))

    # --- listings -----------------------------------------------------------------------------

    async def cases(self, which: CaseFilter, after: str, limit: int, sort: str = "") -> Page:
        """One page; see ``Office.cases``."""
        now_us = self._now_us()
        where = asked_for(which, now_us)
        limit = max(1, min(limit, self._rows_max))
        if sort and sort != NEWEST:
            return await self._sorted(where, after, limit, sort, now_us)
        before = cursor(after)
        rows = await self._writer.read(
            lambda conn: self._store.list_cases(conn, where, before=before, limit=limit)
        )
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(item_of(row, now_us) for row in rows),
            next=f"{last['opened_at']}.{last['case_id']}" if last is not None else "",
        )

    async def _sorted(
        self, where: Row, after: str, limit: int, sort: str, now_us: int
    ) -> Page:
        name, down = sort.removeprefix("-"), sort.startswith("-")
        if name not in SORTS:
            raise Invalid(f"the list is sorted by {', '.join(SORTS)}", why="sort")
        behind = sorted_cursor(after, of_text=name in TEXT_SORTS)
        rows = await self._writer.read(lambda conn: self._store.sorted_cases(
            conn, where, order=(name, down), behind=behind, limit=limit))
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(item_of(row, now_us) for row in rows),
            next=f"{last['case_id']}.{last['sort_key']}" if last is not None else "",
        )

    async def standing(self, page: Page) -> Page:
        """The page with ``standing`` in every item: of duties that we hold ``UNSIGNED`` or
        ``ASKING``, else ""."""
        held = [one["case_id"] for one in page.items if one["status"] == CaseStatus.HELD.value]
        found: dict[str, str] = {}
        if held:  # an office that holds nothing for others does not look
            found = await self._writer.read(lambda conn: {
                case_id: stands(bytes(row.state))
                for case_id, row in self._store.load_cases(conn, held).items()
            })
        return replace(page, items=tuple(
            {**one, "standing": found.get(one["case_id"], "")} for one in page.items))

    async def supervised(self, page: Page) -> Page:
        """The page with ``supervised`` in every item: of the supervision that stands, one without
        an answer before one with, the first that is due: ``{replied, reply_by}``; None = there is
        none."""
        found = await self._writer.read(lambda conn: {
            case_id: supervised(bytes(row.state))
            for case_id, row in self._store.load_cases(
                conn, [one["case_id"] for one in page.items]).items()
        }) if page.items else {}
        return replace(page, items=tuple(
            {**one, "supervised": found.get(one["case_id"])} for one in page.items))

    async def listed(
        self, case_id: str, which: CaseFilter
    ) -> tuple[Mapping[str, Any], bool] | None:
        """One case as the list has it, and whether it is among those of ``which``; None = there is
        none in the scope of whoever asks."""
        now_us = self._now_us()
        scope = {} if which.scope.is_whole else {"scope": which.scope}
        where = {**asked_for(which, now_us), "case_id": case_id}

        def look(conn: Connection) -> tuple[Sequence[Row], int]:
            return (
                self._store.list_cases(
                    conn, {"case_id": case_id, **scope}, before=None, limit=1),
                self._store.count_cases(conn, where, most=1),
            )

        rows, fitting = await self._writer.read(look)
        return (item_of(rows[0], now_us), bool(fitting)) if rows else None

    def called(self, who: str) -> str:
        """An address or an actor in words, as papers write it."""
        return self._surroundings.called(who)

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this office may do: granted and possible in its place."""
        return self._surroundings.capabilities

    @property
    def above(self) -> str:
        """The office above, "" = there is none."""
        return self._surroundings.parent

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that this office shows, in order."""
        arrangement = self._surroundings.arrangement
        return arrangement.stages if arrangement is not None else ()

    async def counts(self, filters: Sequence[CaseFilter]) -> list[int]:
        """How many cases each of these filters lists, counted no further than ``COUNT_MAX``: a
        queue of that length is long, whatever its length."""
        now_us = self._now_us()
        wheres = [asked_for(one, now_us) for one in filters]
        return await self._writer.read(
            lambda conn: [self._store.count_cases(conn, one, most=COUNT_MAX) for one in wheres]
        )

    async def lights(self, length: int) -> Mapping[str, Mapping[str, int]]:
        """Open cases by the first ``length`` characters of their area, by light; each counted
        whole, for whoever sees the whole office."""
        now_us = self._now_us()
        rows = await self._writer.read(
            lambda conn: self._store.count_lights(conn, now_us, length))
        found: dict[str, dict[str, int]] = {}
        for area, light, count in rows:
            found.setdefault(area, {})[light] = count
        return found

    async def journal(self, case_id: str, after: int, limit: int) -> Page:
        """Our own entries by version."""
        limit = max(1, min(limit, self._rows_max))

        def read(conn: Connection) -> Sequence[Row]:
            load_case(self._store, conn, case_id)
            return self._store.case_journal(conn, case_id, after, limit)

        rows = await self._writer.read(read)
        items = tuple(self._entry(bytes(row["entry"]), own=True) for row in rows)
        return Page(items=items, next=str(items[-1]["version"]) if len(items) == limit else "")

    async def timeline(self, case_id: str) -> Mapping[str, Any]:
        """Own journal and traces by hybrid clock; see ``Office.timeline``."""

        def merged(conn: Connection) -> tuple[Sequence[Row], Sequence[Row]]:
            load_case(self._store, conn, case_id)
            return (
                self._store.case_journal(conn, case_id, 0, self._timeline_max),
                self._store.case_traces(conn, case_id, self._timeline_max),
            )

        own, below = await self._writer.read(merged)
        entries = [self._entry(bytes(row["entry"]), own=True) for row in own]
        entries += [self._entry(bytes(row["entry"]), own=False) for row in below]
        entries.sort(key=lambda entry: (entry["hlc"], entry["node"], entry["version"]))
        before: datetime | None = None
        for entry in entries:
            at = datetime.fromisoformat(entry["occurred_at"])
            entry |= {
                **self._in_words(entry),
                "worked_minutes": self._worked(before, at) if before is not None else None,
            }
            before = at
        return {"case_id": case_id, "entries": entries, "as_of": self._as_of()}

    def _worked(self, start: datetime, until: datetime) -> int:
        """Minutes of this office's working time between two entries; 0 where the clocks of two
        nodes disagree about which was first."""
        worked = elapsed(self._surroundings.calendar, start, until, TimeUnit.WORK_HOUR)
        return worked // timedelta(minutes=1)

    def _in_words(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """Where, who, what and with which words, in Chinese as the printed record has them."""
        called = self._surroundings.called
        return {
            "office": called(f"node:{entry['node']}"),
            "who": called(entry["actor"]),
            "step": step(entry),
            "words": said(entry, called, minute_in),
        }

    def _as_of(self) -> dict[str, Any]:
        now = to_time(self._now_us())
        found = {}
        for peer, contact in self._contacts().items():
            age_s = (now - contact).total_seconds() if contact is not None else None
            level = "red"
            if age_s is not None and age_s < RED_AFTER_S:
                level = "ok" if age_s < AMBER_AFTER_S else "amber"
            found[peer] = {
                "last_contact": contact.isoformat() if contact is not None else None,
                "level": level,
            }
        return found

    def _entry(self, raw: bytes, *, own: bool) -> dict[str, Any]:
        entry = self._codec.read_entry(raw)
        return {
            "node": entry.node,
            "branch": entry.branch,
            "version": entry.version,
            "generation": entry.generation,
            "occurred_at": to_time(entry.occurred_at_us).isoformat(),
            "hlc": entry.hlc,
            "actor": entry.actor,
            "cause": entry.cause,
            "part": entry.part,
            "event_type": entry.event_type,
            "event": event_fields(entry.event),
            "own": own,
            # Our own entries we wrote; those from below were stored only after their maker's
            # seal had held.
            "verified": True,
            "late": entry.event_type in ("ReportLate", "WordLate", "ReportStale"),
        }

    # --- proposals ----------------------------------------------------------------------------

    async def propose(self, case_id: str) -> Proposal:
        """Whom the responsibility table names, and limits; see ``Office.propose``."""
        return await self._proposals.propose(case_id)

    async def part_handling(self, case_id: str, category: Category | None) -> TimeLimit | None:
        """The limit of a part of this case; see ``Proposals.part_handling``."""
        return await self._proposals.part_handling(case_id, category)

    # --- work items, directory ----------------------------------------------------------------

    async def work_items(
        self, *, settled: bool, limit: int, scope: Scope = WHOLE
    ) -> list[WorkItemView]:
        """What waits for a person."""
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.work_items(conn, settled=settled, limit=limit, scope=scope)
        )
        return [item_view(row) for row in rows]

    async def directory(self) -> Mapping[str, Any]:
        """Whom we may hand work to, and what we may do."""
        here = self._surroundings
        return {
            "node": here.node,
            "name": here.name,
            "parent": here.parent or None,
            "children": list(here.children),
            "adapters": list(here.adapters),
            "capabilities": sorted(capability.value for capability in here.capabilities),
            "profile": here.profile.title,
        }

    def sources(self) -> Mapping[str, Any]:
        """The sources of reports, with what each asks for, and the reasons that may be given."""
        found, ladders = self._surroundings.sources, self._surroundings.ladders
        reasons = [*(ladders.reasons.rows if ladders is not None else ())]
        if found is None:
            return {"version": "", "sources": [], "classes": [], "reasons": reasons}
        return {
            "version": found.version,
            "sources": list(found.rows.values()),
            "classes": list(found.classes),
            "reasons": [*found.reasons.rows, *reasons],
        }

    def asks(self, source: str, category: Category | None) -> tuple[Source | None, ClassRule]:
        """What a report of this source about this class must bring along: the source, None if the
        office has no such one, and what the class asks for besides."""
        found = self._surroundings.sources
        if found is None:
            return None, ClassRule()
        rule = found.of_class(category) if category is not None else ClassRule()
        return found.rows.get(source), rule
