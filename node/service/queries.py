"""What people look at: the case document, listings, journal and timeline, proposals, tables.

Queries run on reader connections and change nothing. What is shown comes from the folded case, the
journal and the stored traces; delivery is joined from the outbox and never mixed into a status.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.case import Assignment, Case, Duty, Request
from node.core.clock import TimeLimit, TimeUnit, leg_limits
from node.core.errors import Invalid, UnknownCase
from node.core.facts import Category, Facts, Limits, Photo, RequestKind
from node.core.handling import may_assign
from node.core.limits import Post, handling_limit
from node.core.offers import offered
from node.core.rights import ASSIGN_HANDLER
from node.core.routing import Asset, Qualifier, Routed
from node.core.stages import shown
from node.core.standards import Condition, day_of
from node.core.turns import Turn, turn_of
from node.service.flag_lines import flag_line
from node.service.folding import CaseCache, clock_columns, event_fields
from node.service.holdings import (
    Table,
    put_responsibilities,
    responsibility,
)
from node.service.instants import minute_in, to_time, to_us
from node.service.kin import Kin
from node.service.paper_words import said, step
from node.service.phrases import NOTHING, Phrase, joined, phrase
from node.service.ports import Codec, Row, Store
from node.service.standards.lookup import ConditionOf
from node.service.surroundings import Surroundings, uuid_bytes
from node.service.timing import light_of, overdue, timed
from node.service.views import (
    CaseFilter,
    ImportResult,
    Page,
    Proposal,
    Responsibility,
    WorkItemView,
)

DISPUTE = RequestKind.DISPUTE.value
"""Under what the file of approvals lists the reasons of a dispute."""
AMBER_AFTER_S, RED_AFTER_S = 120, 900
"""Age of the last contact from which a screen warns: what is shown may be old."""
TABLE_ROWS_READ = 5_000
"""Rows of the responsibility table read at a time when it is loaded."""

Contacts = Callable[[], Mapping[str, datetime | None]]
"""Last contact per child."""

OWN = "own"
"""The origin of what was opened here; anything else came down from whoever it names."""


class Queries:
    """Read side of one office, and the responsibility table."""

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
        self._condition_of = condition_of
        self._now_us = now_us
        self._rows_max = rows_max
        self._timeline_max = timeline_max
        self._kin = kin

    # --- one case -----------------------------------------------------------------------------

    async def case(self, case_id: str) -> Mapping[str, Any]:
        """The whole document; see ``Office.case``."""
        return await self._writer.read(lambda conn: self.document(conn, case_id))

    def document(self, conn: Connection, case_id: str) -> dict[str, Any]:
        """The document on an open connection. ``UnknownCase`` if there is none."""
        case, opened_us = self._load(conn, case_id)
        now_us = self._now_us()
        live = case.live
        here = self._surroundings
        columns = clock_columns(case, calendar=here.calendar, limits=here.limits)
        light = light_of(columns, now_us)
        items = self._store.work_items(conn, case_id=case_id, limit=self._rows_max)
        return {
            "case_id": case.case_id,
            "case_no": case.facts.case_no if case.facts is not None else "",
            "node": self._surroundings.node,
            "status": case.status.value,
            "version": case.version,
            "own": case.duty is None,
            "facts": _facts(case.facts),
            "duty": _duty(case.duty),
            "assignment": _assignment(live),
            "assignments": [
                _assignment(one) for one in (*case.past, live) if one is not None
            ],
            "result": _plain(case.result),
            "requests": self._requests(case),
            "late": [_plain(one) for one in case.late],
            "supervisions": [_plain(one) for one in case.supervisions],
            "press_count": case.press_count,
            "return_count": case.return_count,
            "stage": self._stage(case),
            "flags": [{**_plain(one), "sentence": flag_line(one)} for one in case.flags],
            "no_owner": case.no_owner,
            "contested": case.contested,
            "coordinations": [
                {**_plain(one), "open": one.is_open} for one in case.coordinations
            ],
            "disputes": [
                {**_plain(one), **self._reason(DISPUTE, one.reason_code)}
                for one in case.disputes
            ],
            "repairs": [
                {**_plain(one), "outstanding_fen": one.outstanding_fen} for one in case.repairs
            ],
            "rework_count": case.rework_count,
            "extension_count": case.extension_count,
            "suspension_count": case.suspension_count,
            "appeal_count": case.appeal_count,
            "refusal_count": case.refusal_count,
            "exempt": case.exempt,
            "suspended_until": _plain(case.suspended_until),
            "transfer": _plain(case.transfer),
            "closed_how": case.closed_how,
            "bonds": self._bonds(conn, case),
            "photos": _photos(case),
            "work_items": [_plain(_item(one)) for one in items],
            "verbs": self._verbs(case),
            "clocks": self._clocks(conn, case_id, now_us),
            "light": light.value,
            "overdue": overdue(columns, now_us),
            "opened_at": to_time(opened_us).isoformat(),
            "updated_at": case.updated_at.isoformat(),
            **(self._kin.of(conn, case, opened_us=opened_us) if self._kin is not None else {}),
        }

    def _stage(self, case: Case) -> dict[str, Any] | None:
        """Where it stands among the stages that this office shows."""
        arrangement = self._surroundings.arrangement
        if arrangement is None:
            return None
        found = shown(arrangement.stages, case.status)
        return {"zh": found.stage.zh, "en": found.stage.en, "position": found.position,
                "of": found.of}

    def _clocks(self, conn: Connection, case_id: str, now_us: int) -> list[dict[str, Any]]:
        here = self._surroundings
        rows = (
            *self._store.case_journal(conn, case_id, 0, self._timeline_max),
            *self._store.case_traces(conn, case_id, self._timeline_max),
        )
        return timed(
            (self._codec.read_entry(bytes(row["entry"])) for row in rows),
            calendar=here.calendar,
            limits=here.limits,
            now=to_time(now_us),
        )

    def _load(self, conn: Connection, case_id: str) -> tuple[Case, int]:
        try:
            uuid_bytes(case_id)
        except ValueError as err:
            raise UnknownCase(f"{case_id!r} is no case id", case_id=case_id) from err
        row = self._store.load_cases(conn, (case_id,)).get(case_id)
        if row is None:
            raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
        return CaseCache(1).read(case_id, bytes(row.state)), row.opened_at

    def _bonds(self, conn: Connection, case: Case) -> list[dict[str, Any]]:
        """How far what we said has come, per neighbour."""
        bonds = []
        for row in self._store.bonds(conn, uuid_bytes(case.case_id)):
            waiting = row["drafts"] + row["unacked"]
            state = "queued" if row["drafts"] else "sent" if row["unacked"] else "delivered"
            since = to_time(row["oldest_at"]) if waiting and row["oldest_at"] else None
            peer = row["link"].removeprefix(f"{self._surroundings.node}-")
            if row["link"] == self._surroundings.parent_link:
                peer = self._surroundings.parent
            sentence = phrase("bond.delivered", peer=peer)
            if since is not None:
                sentence = phrase(f"bond.{state}", peer=peer, since=since)
            bonds.append(
                {
                    "neighbour": f"node:{peer}",
                    "state": state,
                    "queued": row["drafts"],
                    "unacked": row["unacked"],
                    "since": since.isoformat() if since is not None else None,
                    "sentence": sentence,
                }
            )
        for one in (*case.past, case.live):
            if one is not None and one.to.kind.value == "adapter":
                bonds.extend(self._job_bond(conn, one))
        return bonds

    def _job_bond(self, conn: Connection, one: Assignment) -> list[dict[str, Any]]:
        row = self._store.adapter_job(conn, one.to.id, one.assignment_id, one.generation)
        if row is None:
            return []
        waiting = row["next_try_at"] is not None
        outcome = (row["outcome"] or "").lower()
        if not waiting:
            # Nothing to do without a yes or a no: it was parked for a person.
            state = outcome if outcome in ("accepted", "rejected") else "parked"
        else:
            state = "unknown" if outcome == "unknown" else "queued"
        since = to_time(row["created_at"])
        peer, wish, stands = one.to.id, phrase(f"wish.{row['wish']}"), phrase(f"job.{state}")
        sentence = phrase("bond.job", peer=peer, wish=wish, state=stands)
        if waiting:
            sentence = phrase(
                "bond.job_waiting",
                peer=peer, wish=wish, state=stands, since=since, tries=row["tries"],
            )
        return [
            {
                "neighbour": str(one.to),
                "state": state,
                "queued": int(waiting),
                "unacked": 0,
                "since": since.isoformat() if waiting else None,
                "unit_reference": row["unit_reference"],
                "sentence": sentence,
            }
        ]

    def _verbs(self, case: Case) -> list[str]:
        """Commands that may be tried from here with our capabilities: what the case itself speaks
        and this office's own rules speak against is left out."""
        here = self._surroundings
        rights = here.arrangement.rights if here.arrangement is not None else None
        at_desk = rights.at_desk(ASSIGN_HANDLER) if rights is not None else None
        desk = [ASSIGN_HANDLER] if may_assign(case, here.capabilities, at_desk) else []
        office = here.context(now_us=self._now_us(), actor="", cause="")
        if rights is None:
            return sorted([*offered(case, here.capabilities, office=office), *desk])
        return sorted([*offered(case, here.capabilities, rights.needed, office), *desk])

    # --- listings -----------------------------------------------------------------------------

    async def cases(self, which: CaseFilter, after: str, limit: int) -> Page:
        """One page; see ``Office.cases``."""
        now_us = self._now_us()
        where: dict[str, Any] = {
            name: value
            for name in (
                "status", "area", "code", "text", "assignee", "source", "task_for", "flag",
                "handler")
            if (value := getattr(which, name))
        }
        if which.overdue:
            where["overdue_at"] = now_us
        if which.no_owner:
            where["no_owner"] = True
        if which.contested:
            where["contested"] = True
        if which.origin:
            where["own"] = which.origin == OWN
        if which.light:
            where["light"] = (which.light, now_us)
        if which.opened_from is not None:
            where["opened_from"] = to_us(which.opened_from)
        if which.opened_to is not None:
            where["opened_to"] = to_us(which.opened_to)
        before = _cursor(after)
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.list_cases(conn, where, before=before, limit=limit)
        )
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_listed(row, now_us) for row in rows),
            next=f"{last['opened_at']}.{last['case_id']}" if last is not None else "",
        )

    async def journal(self, case_id: str, after: int, limit: int) -> Page:
        """Our own entries by version."""
        limit = max(1, min(limit, self._rows_max))

        def read(conn: Connection) -> Sequence[Row]:
            self._load(conn, case_id)
            return self._store.case_journal(conn, case_id, after, limit)

        rows = await self._writer.read(read)
        items = tuple(self._entry(bytes(row["entry"]), own=True) for row in rows)
        return Page(items=items, next=str(items[-1]["version"]) if len(items) == limit else "")

    async def timeline(self, case_id: str) -> Mapping[str, Any]:
        """Own journal and traces by hybrid clock; see ``Office.timeline``."""

        def merged(conn: Connection) -> tuple[Sequence[Row], Sequence[Row]]:
            self._load(conn, case_id)
            return (
                self._store.case_journal(conn, case_id, 0, self._timeline_max),
                self._store.case_traces(conn, case_id, self._timeline_max),
            )

        own, below = await self._writer.read(merged)
        entries = [self._entry(bytes(row["entry"]), own=True) for row in own]
        entries += [self._entry(bytes(row["entry"]), own=False) for row in below]
        entries.sort(key=lambda entry: (entry["hlc"], entry["node"], entry["version"]))
        for entry in entries:
            entry |= self._in_words(entry)  # noqa: PLW2901 -- the entry itself is told more
        return {"case_id": case_id, "entries": entries, "as_of": self._as_of()}

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

    def _requests(self, case: Case) -> list[dict[str, Any]]:
        """Open requests: what our assignee asked of us, with whose turn it is, and what we asked of
        our assignor."""
        found = []
        ladders = self._surroundings.ladders
        for one in (case.live, *case.past):
            if one is not None and one.request is not None:
                turn = turn_of(case, one, one.request, ladders)
                found.append(self._request(one.request, "in", str(one.to), turn))
        duty = case.duty
        if duty is not None and duty.request is not None:
            found.append(self._request(duty.request, "out", f"node:{duty.assignor}", None))
        return found

    def _request(
        self, request: Request, direction: str, neighbour: str, turn: Turn | None
    ) -> dict[str, Any]:
        plain: dict[str, Any] = _plain(request)
        return {
            **plain,
            **self._reason(request.kind.value, request.reason_code),
            "direction": direction,
            "neighbour": neighbour,
            "turn": _plain(turn),
        }

    def _reason(self, verb: str, code: str) -> dict[str, str]:
        """The name of a reason code in our lists, in both languages; "" = it is in none."""
        ladders = self._surroundings.ladders
        found = ladders.reasons.find(verb, code) if ladders is not None else None
        return {
            "reason_zh": found.zh if found is not None else "",
            "reason_en": found.en if found is not None else "",
        }

    # --- proposals ----------------------------------------------------------------------------

    async def propose(self, case_id: str) -> Proposal:
        """Whom the responsibility table names, and limits from the filing condition."""

        now = to_time(self._now_us())

        def look(conn: Connection) -> tuple[Case, Condition | None, Asset | None]:
            case, _ = self._load(conn, case_id)
            if case.facts is None:
                return case, None, None
            asset = None
            if case.facts.component:
                bodies = self._store.component_bodies(conn, case.facts.component)
                asset = self._surroundings.asset(bodies)
            day, edition = _edition_of(case, now)
            return case, self._condition_of(conn, case.facts, day, edition), asset

        case, condition, asset = await self._writer.read(look)
        if case.facts is None:
            return Proposal(
                assignee="", duty="", limits=None, reason="unknown",
                sentence=phrase("routed.unknown"),
            )
        routed = self._surroundings.propose(case, now, lambda _: asset)
        handling = self._handling(case, condition)
        return self._proposal(routed, self._limits(case, handling, now), handling)

    async def part_handling(self, case_id: str, category: Category | None) -> TimeLimit | None:
        """The limit of a part of this case when it is handed over: that of the lead's condition if
        it is classed as the lead (``category`` None), else of today's, else the office's own."""
        now = to_time(self._now_us())

        def look(conn: Connection) -> TimeLimit | None:
            lead, _ = self._load(conn, case_id)
            if lead.facts is None:
                return None
            part = replace(
                lead, duty=None,
                facts=replace(lead.facts, category=category or lead.facts.category),
                condition=lead.condition if category is None else None,
            )
            assert part.facts is not None, "just made"
            day, edition = _edition_of(part, now)
            return self._handling(part, self._condition_of(conn, part.facts, day, edition))

        return await self._writer.read(look)

    def _proposal(
        self, routed: Routed, limits: Limits, handling: TimeLimit | None
    ) -> Proposal:
        register = self._surroundings.register
        names = tuple(register.called(one.unit) for one in routed.named)
        over = tuple(register.called(one.unit) for one in routed.over)
        return Proposal(
            assignee=str(routed.to) if routed.to is not None else "",
            duty="lead" if routed.to is not None else "",
            limits=limits,
            handling=handling,
            candidates=tuple(str(one) for one in routed.candidates),
            reason=routed.reason,
            sentence=_why(routed, names, over),
            unit=names[0] if routed.to is not None else "",
            units=names,
            over=over,
            assistants=tuple(register.called(one.unit) for one in routed.assistants),
        )

    def _handling(self, case: Case, condition: Condition | None) -> TimeLimit | None:
        """The limit of a new leg: what it was filed under, else today's filing condition, else the
        office's own. None for a duty without either: it has what the leg above leaves."""
        filed = None
        if case.condition is not None and case.condition.limit_count:
            filed = TimeLimit(
                value=case.condition.limit_count, unit=TimeUnit(case.condition.limit_unit)
            )
        elif condition is not None:
            filed = condition.limit
        if case.duty is not None and filed is None:
            return None
        urgent = case.facts is not None and case.facts.urgent
        return handling_limit(filed, self._surroundings.limits, urgent=urgent)

    def _limits(self, case: Case, handling: TimeLimit | None, now: datetime) -> Limits:
        here = self._surroundings
        own = Limits()
        if handling is not None:
            own = Limits(count=handling.value, unit=handling.unit)
        return leg_limits(
            here.calendar,
            now,
            own,
            outer=case.duty.limits if case.duty is not None else None,
            reserve=here.limits.reserve,
            sign=here.limits.steps.get(Post.SIGN),
        )

    # --- work items, directory ----------------------------------------------------------------

    async def work_items(self, *, settled: bool, limit: int) -> list[WorkItemView]:
        """What waits for a person."""
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.work_items(conn, settled=settled, limit=limit)
        )
        return [_item(row) for row in rows]

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

    # --- the city's tables --------------------------------------------------------------------

    async def import_responsibilities(self, rows: Sequence[Responsibility]) -> ImportResult:
        """Add or replace rows, and route by them from now on."""
        result = await self._writer.write(
            lambda tx: put_responsibilities(self._store, tx, rows), urgent=True
        )
        await self.reload_table()
        return result

    async def responsibilities(self, after: str, limit: int) -> Page:
        """One page of the responsibility table."""
        return await self._table("responsibility", after, limit)

    async def _table(self, table: str, after: str, limit: int) -> Page:
        if after and not after.isdecimal():
            raise Invalid("this is no cursor of a page", code="page.cursor")
        start = int(after or 0)
        limit = max(1, min(limit, self._rows_max))
        rows = await self._writer.read(
            lambda conn: self._store.list_rows(conn, table, start, limit)
        )
        items = tuple({**row, **_instants(row)} for row in rows)
        return Page(items=items, next=str(start + limit) if len(rows) == limit else "")

    async def reload_table(self) -> None:
        """Read the responsibility table anew for routing."""

        def read(conn: Connection) -> list[Row]:
            found: list[Row] = []
            while True:
                rows = self._store.list_rows(conn, "responsibility", len(found), TABLE_ROWS_READ)
                found.extend(rows)
                if len(rows) < TABLE_ROWS_READ:
                    return found

        rows = await self._writer.read(read)
        register = self._surroundings.register
        self._surroundings.table = Table(responsibility(row, register) for row in rows)


# --- values as JSON -------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """A frozen value as JSON-ready data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def _listed_names(names: Sequence[str]) -> Phrase:
    return joined([phrase("verbatim", text=name) for name in names or ("—",)])


def _edition_of(case: Case, now: datetime) -> tuple[date, str]:
    """Day and edition by which the condition of a case is read: the edition it was filed under;
    for work that came from above what held on the day it was handed to us, so that a change of
    standards in between does not give it another condition; else what is in force now."""
    if case.condition is not None and case.condition.catalog_version:
        return day_of(now), case.condition.catalog_version
    return day_of(case.duty.taken_at if case.duty is not None else now), ""


def _why(routed: Routed, names: Sequence[str], over: Sequence[str]) -> Phrase:
    """Which row, thing or rule decided, or why nothing could."""
    row = routed.row
    said = phrase(
        f"routed.{routed.reason}", names=_listed_names(names), over=_listed_names(over)
    )
    if row is None:
        return said
    limit = NOTHING
    if row.qualifier is not Qualifier.NONE:
        limit = phrase(f"routed.limit.{row.qualifier}")
    deciding = phrase(
        "routed.by_row", standard=row.standard_ref or "—", code=row.code or "—",
        area=row.area or "—",
    )
    return joined([part for part in (said, deciding, limit) if part])


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {**_plain(facts), "source_details": dict(facts.source_details)}


def _limits(limits: Limits) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(limits)
    return plain


def _duty(duty: Duty | None) -> dict[str, Any] | None:
    if duty is None:
        return None
    return {
        "assignor": f"node:{duty.assignor}",
        "assignment_id": duty.assignment_id,
        "generation": duty.generation,
        "state": "ended" if duty.ended is not None else duty.rank.name.lower(),
        "ended": duty.ended.value if duty.ended is not None else None,
        "limits": _limits(duty.limits),
        "text": duty.text,
        "suspended_until": _plain(duty.suspended_until),
        "extension_count": duty.extension_count,
        "suspension_count": duty.suspension_count,
    }


def _assignment(one: Assignment | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "assignment_id": one.assignment_id,
        "assignee": str(one.to),
        "generation": one.generation,
        "rank": one.rank.name.lower(),
        "limits": _limits(one.limits),
        "text": one.text,
        "unit_reference": one.unit_reference,
        "assigned_at": one.assigned_at.isoformat(),
        "signed_at": _plain(one.signed_at),
        "result": _plain(one.result),
        "ended": one.ended.value if one.ended is not None else None,
        "ended_at": _plain(one.ended_at),
        "climbed": _plain(one.climbed),
        "lacks": list(one.lacks),
        "returned_count": one.returned_count,
        "sign_overdue": one.sign_overdue,
        "finish_overdue": one.finish_overdue,
        "rework_count": one.rework_count,
        "suspended_until": _plain(one.suspended_until),
        "pause_reason": one.pause_reason,
        "extension_count": one.extension_count,
        "suspension_count": one.suspension_count,
    }


def _photos(case: Case) -> list[dict[str, Any]]:
    photos: dict[tuple[str, str], Photo] = {}
    results = [one.result for one in (*case.past, case.live) if one is not None]
    if case.duty is not None:
        results.append(case.duty.result)
    results.append(case.adopted)
    for photo in case.facts.photos if case.facts is not None else ():
        photos[photo.digest, photo.role.value] = photo
    for result in results:
        for photo in result.photos if result is not None else ():
            photos[photo.digest, photo.role.value] = photo
    return [_plain(photo) for photo in photos.values()]


def _listed(row: Row, now_us: int) -> dict[str, Any]:
    finish_by = row["finish_by"]
    light = light_of(row, now_us)
    return {
        "case_id": row["case_id"],
        "case_no": row["case_no"],
        "status": row["status"],
        "area": row["area"],
        "address": row["address"],
        "code": row["code"],
        "standard_ref": row["standard_ref"],
        "kind": row["kind"],
        "name": row["name"],
        "urgent": bool(row["urgent"]),
        "source": row["source"],
        "task_for": row["task_for"],
        "duplicate_of": row["duplicate_of"],
        "assignee": row["assignee"],
        "own": row["assignor"] is None,
        "origin": OWN if row["assignor"] is None else f"node:{row['assignor']}",
        "lon": row["lon"],
        "lat": row["lat"],
        "finish_by": to_time(finish_by).isoformat() if finish_by is not None else None,
        "opened_at": to_time(row["opened_at"]).isoformat(),
        "updated_at": to_time(row["updated_at"]).isoformat(),
        "version": row["version"],
        "overdue": overdue(row, now_us),
        "light": light.value,
    }


def _item(row: Row) -> WorkItemView:
    settled = row["settled_at"]
    return WorkItemView(
        id=row["id"],
        case_id=row["case_id"] or "",
        kind=row["kind"],
        detail=row["detail"],
        created_at=to_time(row["created_at"]),
        settled_at=to_time(settled) if settled is not None else None,
    )


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    opened, dot, case_id = after.partition(".")
    if not dot or not opened.isdecimal():
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(opened), case_id


def _instants(row: Row) -> dict[str, Any]:
    return {
        name: to_time(row[name]).isoformat() if row[name] else None
        for name in ("valid_from", "valid_to")
        if name in row
    }
