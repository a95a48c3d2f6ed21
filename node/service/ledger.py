"""The problem library (问题库): suspended and long overdue cases for whoever meets about them, and
the habits of units that return, do not sign, or are late (推诿、拖延).

Everything is computed from our own cases and journal. What happened below has come up as evidence
and shows in a case's timeline; the list here is what this office itself has to follow up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core import events as ev
from node.core.approvals import Thresholds
from node.core.case import Case
from node.core.errors import Invalid
from node.core.habits import Habits, Signed, person_over
from node.core.stock import holder_of, pause_of
from node.service.folding import CaseCache, read_event
from node.service.instants import to_time, to_us
from node.service.ports import Codec, Row
from node.service.surroundings import Surroundings
from node.service.unit_kinds import group_named
from node.service.views import Page

ROWS_MAX = 200
"""Rows of one page."""
BATCH = 2_000
"""Entries read at once while habits are counted."""
PAGES_MAX = 20
"""Pages looked through for one page of a group: a call that finds little ends, with a cursor."""
PERIOD_DAYS_MAX = 366
"""Longest period that is counted: a year."""
_CURSOR = re.compile(r"[0-9]{1,18}\.[0-9a-f-]{1,64}")
"""Microseconds that fit a column, and the id of a case."""


class LedgerStore(Protocol):
    """What is read for it."""

    def ledger(
        self, conn: Connection, *, overdue_before: int, area: str,
        after: tuple[int, str] | None, limit: int,
    ) -> Sequence[Row]: ...

    def last_entries(self, conn: Connection, case_ids: Collection[str]) -> Sequence[Row]: ...

    def watched_entries(
        self, conn: Connection, *, since: int, until: int, after: int, limit: int
    ) -> Sequence[Row]: ...

    def assignees(self, conn: Connection, ids: Collection[str]) -> Sequence[Row]: ...

    def signers(self, conn: Connection, case_ids: Collection[str]) -> Sequence[Row]: ...


class Ledger:
    """Lists and counts for the meeting."""

    def __init__(
        self,
        *,
        store: LedgerStore,
        codec: Codec,
        writer: Writer,
        surroundings: Surroundings,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._codec = codec
        self._writer = writer
        self._surroundings = surroundings
        self._now_us = now_us

    # --- the list -----------------------------------------------------------------------------

    async def rows(
        self, *, area: str = "", group: str = "", after: str = "", limit: int = 50
    ) -> Page:
        """One page, oldest case first. Items: case_id case_no status why(suspended|overdue) reason
        since until age_days days_late holder group finish_by area name owed(answers not given)
        owed_overdue last{event_type actor at}. ``group``: only what lies with units of it; such a
        page may hold less than ``limit`` and still have a next one. ``Invalid(page.cursor)`` for a
        foreign cursor, ``Invalid(unit.group)`` for a group that there is not."""
        wanted = group_named(group)
        limit = max(1, min(limit, ROWS_MAX))
        items: list[Mapping[str, Any]] = []
        for _ in range(PAGES_MAX):
            found, after = await self._page(area, wanted, after, limit - len(items))
            items += found
            if not after or len(items) == limit:
                break
        return Page(items=tuple(items), next=after)

    async def _page(
        self, area: str, group: str, after: str, limit: int
    ) -> tuple[list[Mapping[str, Any]], str]:
        """Up to ``limit`` items of one reading, and the cursor behind the last row looked at."""
        now = to_time(self._now_us())
        before = now - timedelta(days=self._long_overdue_days())
        many = ROWS_MAX if group else limit
        start = _cursor(after)

        def read(conn: Connection) -> tuple[Sequence[Row], Mapping[str, Any]]:
            found = self._store.ledger(
                conn, overdue_before=to_us(before), area=area, after=start, limit=many
            )
            last = self._store.last_entries(conn, [row["case_id"] for row in found])
            entries = [self._codec.read_entry(bytes(row["entry"])) for row in last]
            return found, {entry.case_id: entry for entry in entries}

        rows, last = await self._writer.read(read)
        cache = CaseCache(1)
        items: list[Mapping[str, Any]] = []
        for place, row in enumerate(rows, start=1):
            case = cache.read(row["case_id"], bytes(row["state"]))
            item = _item(case, row, now, last.get(row["case_id"]))
            of = self._surroundings.register.group_of(item["holder"])
            if not group or of == group:
                items.append({**item, "group": of})
            if len(items) == limit and (place < len(rows) or place == many):
                return items, f"{row['opened_at']}.{row['case_id']}"
        full = len(rows) == many
        return items, f"{rows[-1]['opened_at']}.{rows[-1]['case_id']}" if full else ""

    def _long_overdue_days(self) -> int:
        ladders = self._surroundings.ladders
        return ladders.thresholds.long_overdue_days if ladders is not None else 0

    async def summary(self, *, area: str = "", group: str = "") -> list[Mapping[str, Any]]:
        """How much lies with whom now: holder group suspended overdue oldest_days owed
        owed_overdue. ``Invalid(unit.group)``: there is no such group."""
        found: dict[str, dict[str, Any]] = {}
        after = ""
        while True:
            page = await self.rows(area=area, group=group, after=after, limit=ROWS_MAX)
            for item in page.items:
                line = found.setdefault(item["holder"], {
                    "holder": item["holder"], "group": item["group"], "suspended": 0,
                    "overdue": 0, "oldest_days": 0, "owed": 0, "owed_overdue": 0,
                })
                line[item["why"]] += 1
                line["oldest_days"] = max(line["oldest_days"], item["age_days"])
                line["owed"] += item["owed"]
                line["owed_overdue"] += item["owed_overdue"]
            after = page.next
            if not after:
                return [found[holder] for holder in sorted(found)]

    # --- habits -------------------------------------------------------------------------------

    async def habits(
        self, since: datetime, until: datetime, *, group: str = ""
    ) -> list[Mapping[str, Any]]:
        """What each unit (of the group) did in [since, until), with ``over``: the thresholds it
        reached. ``Invalid`` for a period that is empty or longer than ``PERIOD_DAYS_MAX``, or for
        a group that there is not (``unit.group``)."""
        wanted = group_named(group)
        if not timedelta(0) < until - since <= timedelta(days=PERIOD_DAYS_MAX):
            raise Invalid(
                f"a period is between a moment and {PERIOD_DAYS_MAX} days long", field="until",
                why="period"
            )
        found: dict[str, Habits] = {}
        after = 0
        while True:
            events, after = await self._watched(to_us(since), to_us(until), after)
            for unit, event, signed in events:
                found.setdefault(unit, Habits(unit)).count(event, signed)
            if not after:
                break
        told = [self._told(found[unit]) for unit in sorted(found)]
        return [one for one in told if not wanted or one["group"] == wanted]

    async def _watched(
        self, since: int, until: int, after: int
    ) -> tuple[list[tuple[str, ev.Event, Sequence[Signed]]], int]:
        """A batch with the unit of each, and who had taken the case there; the position goes on,
        0 = that was all."""

        def read(conn: Connection) -> tuple[Sequence[Row], list[Any], Any, Any]:
            rows = self._store.watched_entries(
                conn, since=since, until=until, after=after, limit=BATCH
            )
            events = []
            late = set()
            for row in rows:
                entry = self._codec.read_entry(bytes(row["entry"]))
                event = read_event(entry.event_type, entry.event)
                events.append((entry.case_id, event))
                if isinstance(event, ev.Overdue):
                    late.add(entry.case_id)
            ids = {one for _, event in events if (one := _assignment_of(event))}
            units = {
                one["assignment_id"]: one["assignee"]
                for one in self._store.assignees(conn, ids)
            }
            return rows, events, units, self._signed(conn, late)

        rows, events, units, signed = await self._writer.read(read)
        named = []
        for case_id, event in events:
            unit = units.get(_assignment_of(event))
            if unit is not None:
                took = signed.get((case_id, unit.removeprefix("node:")), ())
                named.append((unit, event, took))
        return named, int(rows[-1]["n"]) if len(rows) == BATCH else 0

    def _signed(
        self, conn: Connection, case_ids: Collection[str]
    ) -> Mapping[tuple[str, str], Sequence[Signed]]:
        """By case and node below: who took it there, in order."""
        found: dict[tuple[str, str], list[Signed]] = {}
        for row in self._store.signers(conn, case_ids):
            entry = self._codec.read_entry(bytes(row["entry"]))
            found.setdefault((entry.case_id, entry.node), []).append(
                Signed(at=to_time(entry.occurred_at_us), actor=entry.actor)
            )
        return found

    def _told(self, one: Habits) -> Mapping[str, Any]:
        ladders = self._surroundings.ladders
        limits = ladders.thresholds if ladders is not None else Thresholds()
        people = sorted(one.people.items())
        return {
            "unit": one.unit,
            "group": self._surroundings.register.group_of(one.unit),
            "returns_asked": one.returns_asked,
            "returns_granted": one.returns_granted,
            "extensions": one.extensions,
            "suspensions": one.suspensions,
            "resumed": one.resumed,
            "refused": one.refused,
            "unsigned": one.unsigned,
            "late": one.late,
            "over": one.over(limits),
            "askers": [
                {"asker": name, "returns_asked": counts.returns_asked}
                for name, counts in people if counts.returns_asked
            ],
            "people": [
                {"person": name, "returns_asked": counts.returns_asked,
                 "unsigned": counts.unsigned, "late": counts.late,
                 "over": person_over(counts, limits)}
                for name, counts in people
            ],
        }


def _assignment_of(event: ev.Event) -> str:
    """The handing-over that the event is about; "" = none of a unit's."""
    if isinstance(event, ev.Overdue):
        return "" if event.kind == "reply_by" else event.ref.partition("/")[0]
    if isinstance(event, ev.AssigneeAsked | ev.RequestDecided | ev.AssignmentResumed):
        return event.assignment_id
    return ""


def _item(case: Case, row: Row, now: datetime, last: Any) -> dict[str, Any]:
    live, duty = case.live, case.duty
    pause = pause_of(case)
    finish_by = to_time(row["finish_by"]) if row["finish_by"] is not None else None
    since = pause[0] if pause is not None else finish_by
    owed = [one for one in case.supervisions if not one.replied]
    return {
        "case_id": case.case_id,
        "case_no": row["case_no"],
        "status": row["status"],
        "area": row["area"],
        "name": row["name"],
        "why": "suspended" if pause is not None else "overdue",
        "reason": pause[2] if pause is not None else (live.text if live is not None else ""),
        "since": since.isoformat() if since is not None else None,
        "until": pause[1].isoformat() if pause is not None else None,
        "age_days": max(0, (now - to_time(row["opened_at"])).days),
        "days_late": max(0, (now - finish_by).days) if pause is None and finish_by else 0,
        "holder": holder_of(case),
        "assignor": duty.assignor if duty is not None else "",
        "finish_by": finish_by.isoformat() if finish_by is not None else None,
        "owed": len(owed),
        "owed_overdue": sum(one.overdue for one in owed),
        "last": None if last is None else {
            "event_type": last.event_type,
            "actor": last.actor,
            "at": to_time(last.occurred_at_us).isoformat(),
        },
    }


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    if not _CURSOR.fullmatch(after):
        raise Invalid("this is no cursor of a page", code="page.cursor")
    opened, _, case_id = after.partition(".")
    return int(opened), case_id


def by_group(
    lines: Sequence[Mapping[str, Any]], *, summed: Sequence[str], greatest: Sequence[str] = ()
) -> list[tuple[str, Mapping[str, Any]]]:
    """What the lines of each group come to together, by group: the columns ``summed`` added up,
    of ``greatest`` the highest. The group of a line stands under ``group``."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        sums = found.setdefault(line["group"], dict.fromkeys((*summed, *greatest), 0))
        for name in summed:
            sums[name] += line[name]
        for name in greatest:
            sums[name] = max(sums[name], line[name])
    return sorted(found.items())
