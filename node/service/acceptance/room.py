"""``office.acceptance``: an acceptance run over this node's own state, as one document.

Nothing is typed in and nothing is kept: whoever asks again gets what is true then. Cases of the
trial run are those of the last whole months; rates are those of the evaluation, over our own rows,
also where our rules say that we are on trial and count for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.acceptance import (
    Criterion,
    Judged,
    Measured,
    Verdict,
    judge,
    passed,
    share,
    whole_months,
)
from node.core.approvals import Ladders, role_for
from node.core.calls import CallCount
from node.core.clock import BEIJING, missing_years
from node.core.errors import Invalid
from node.core.indicators import Shown
from node.core.periods import Period, Span, before, last_finished
from node.core.scoring import total
from node.service.acceptance.criteria import RATE, Criteria
from node.service.calls.figures import count_of
from node.service.cards import Cards
from node.service.collectors import Collectors
from node.service.evaluation.room import Ask, Evaluation
from node.service.instants import to_time, to_us
from node.service.neighbours import Neighbours
from node.service.ports import Row
from node.service.surroundings import Surroundings

KIND: Final = "wanmi.acceptance/1"
KM2: Final = 1_000_000
UP: Final = "UP"
"""State of a link that works."""


class AcceptanceStore(Protocol):
    """What it asks of the tables (``node.store.acceptance``)."""

    def grids(self, conn: Connection, day: date) -> tuple[int, float]: ...

    def covered_m2(self, conn: Connection, day: date) -> float: ...

    def components(self, conn: Connection) -> tuple[int, int]: ...

    def live_roles(self, conn: Connection) -> Collection[str]: ...

    def first_case(self, conn: Connection) -> int | None: ...

    def count_cases(self, conn: Connection, begins: int, ends: int) -> int: ...


class CallCounts(Protocol):
    """Calls of a time (``node.store.calls``)."""

    def count_calls(
        self, conn: Connection, *, begins: int, ends: int, now: int, by: str
    ) -> Sequence[Row]: ...


class Acceptance:
    """Measures this node and judges it."""

    def __init__(
        self,
        *,
        criteria: Criteria,
        store: AcceptanceStore,
        calls: CallCounts,
        writer: Writer,
        surroundings: Surroundings,
        cards: Cards,
        collectors: Collectors,
        neighbours: Neighbours,
        evaluation: Callable[[], Evaluation],
        newest_backup: Callable[[], datetime | None],
        now_us: Callable[[], int],
    ) -> None:
        self.criteria = criteria
        self._store = store
        self._calls = calls
        self._writer = writer
        self._here = surroundings
        self._cards = cards
        self._collectors = collectors
        self._neighbours = neighbours
        self._evaluation = evaluation
        self._newest_backup = newest_backup
        self._now_us = now_us

    async def run(self) -> dict[str, Any]:
        """The run of this instant::

            kind node node_name profile as_of title version digest source rights[…]
            months[…] begins ends            the window of the trial run, null before the first
            passed counts{pass fail not_applicable}
            checks [ {code zh en measure of unit value counted out_of at_least at_most verdict
                     source mend_zh mend_en} ]
        """
        now = to_time(self._now_us())
        window = self._window(now)
        judged = []
        for criterion in self.criteria.checks:
            measured = await self._measure(criterion, now, window)
            judged.append(judge(criterion, measured, self._here.capabilities))
        verdicts = [one.verdict for one in judged]
        return {
            "kind": KIND,
            "node": self._here.node,
            "node_name": self._here.name,
            "profile": self._here.profile.title,
            "as_of": now,
            "title": self.criteria.title,
            "version": self.criteria.version,
            "digest": self.criteria.digest,
            "source": self.criteria.source,
            "rights": sorted(self._here.capabilities),
            "months": [one.name for one in window],
            "begins": window[0].begins,
            "ends": window[-1].ends,
            "passed": passed(judged),
            "counts": {one.value: verdicts.count(one) for one in Verdict},
            "checks": [_told(one) for one in judged],
        }

    def _window(self, now: datetime) -> list[Period]:
        """The last whole months, oldest first."""
        found = [last_finished(Span.MONTH, now)]
        while len(found) < self.criteria.months:
            found.append(before(found[-1]))
        return found[::-1]

    async def _measure(
        self, criterion: Criterion, now: datetime, window: Sequence[Period]
    ) -> Measured:
        if criterion.measure == RATE:
            return await self._rate(criterion.of, window)
        measures: Mapping[str, Callable[[], Awaitable[Measured]]] = {
            "grids": self._grids,
            "grid_cover": self._grid_cover,
            "component_density": self._component_density,
            "components_owned": self._components_owned,
            "conditions": self._conditions,
            "calendar_missing": self._calendar_missing,
            "classes_assigned": self._classes_assigned,
            "phrases_unmapped": self._phrases_unmapped,
            "units_reachable": self._units_reachable,
            "roles_staffed": self._roles_staffed,
            "admins_merged": self._admins_merged,
            "beats_unstaffed": self._beats_unstaffed,
            "trial_months": self._trial_months,
            "trial_cases": lambda: self._trial_cases(window),
            "calls_in_time": lambda: self._calls_in_time(window),
            "links_up": self._links_up,
            "parked": self._parked,
            "backup_age": lambda: self._backup_age(now),
        }
        return await measures[criterion.measure]()

    # --- base data ----------------------------------------------------------------------------

    @property
    def _today(self) -> date:
        return to_time(self._now_us()).astimezone(BEIJING).date()

    async def _area(self) -> tuple[int, float, float]:
        """Number and square metres of unit grids, square metres of the coverage."""
        day = self._today
        count, grids = await self._writer.read(lambda conn: self._store.grids(conn, day))
        covered = await self._writer.read(lambda conn: self._store.covered_m2(conn, day))
        return count, grids, covered

    async def _grids(self) -> Measured:
        count, _, _ = await self._area()
        return _count(count)

    async def _grid_cover(self) -> Measured:
        _, grids, covered = await self._area()
        return share(round(grids), round(covered))

    async def _component_density(self) -> Measured:
        _, grids, _ = await self._area()
        count, _ = await self._writer.read(self._store.components)
        area = round(grids)
        return Measured(value=Fraction(count * KM2, area) if area else None, of=count)

    async def _components_owned(self) -> Measured:
        count, owned = await self._writer.read(self._store.components)
        return share(owned, count)

    async def _step(self, subject: str) -> tuple[int, int]:
        """There and missing, of the checklist of the set-up."""
        steps = {one.subject: one for one in await self._cards.checklist()}
        return steps[subject].there, steps[subject].missing

    async def _conditions(self) -> Measured:
        there, _ = await self._step("limits")
        return _count(there)

    async def _calendar_missing(self) -> Measured:
        now = to_time(self._now_us())
        return _count(len(missing_years(self._here.calendar, now, now)))

    # --- units and people ---------------------------------------------------------------------

    async def _classes_assigned(self) -> Measured:
        catalog, day = self._here.catalog, self._today
        if catalog is None:
            return Measured(value=None)
        keys = [
            entry.key for edition in catalog.standards(day) for kind in ("component", "matter")
            for entry in catalog.classes(edition.standard_ref, kind, day)]
        assigned = sum(
            self._here.table.covers(one.standard_ref, one.kind, one.code) for one in keys)
        return share(assigned, len(keys))

    async def _phrases_unmapped(self) -> Measured:
        _, missing = await self._step("responsibilities")
        return _count(missing)

    async def _units_reachable(self) -> Measured:
        units = self._here.register.units
        there = sum(
            one.address is not None and self._here.reachable(one.address)
            and not self._here.register.unanswerable(one.address) for one in units)
        return share(there, len(units))

    async def _roles_staffed(self) -> Measured:
        ladders: Ladders | None = self._here.ladders
        wanted = {
            role for ladder in (ladders.ladders if ladders is not None else ())
            for step in ladder.steps for role in step}
        if not wanted:
            return Measured(value=None, applies=False)
        rows = await self._writer.read(self._store.live_roles)
        held = frozenset(role for row in rows for role in row.split(","))
        return share(sum(bool(role_for(held, (role,))) for role in wanted), len(wanted))

    async def _admins_merged(self) -> Measured:
        merged = not self._here.profile.separated_admins
        return Measured(value=Fraction(merged), out_of=1, of=int(merged))

    async def _beats_unstaffed(self) -> Measured:
        found = await self._collectors.beats()
        return Measured(
            value=Fraction(found["unstaffed"]) if found["beats"] else None,
            out_of=len(found["beats"]), of=found["unstaffed"])

    # --- the trial run ------------------------------------------------------------------------

    async def _trial_months(self) -> Measured:
        first = await self._writer.read(self._store.first_case)
        return _count(whole_months(to_time(first), to_time(self._now_us()))
                      if first is not None else 0)

    async def _trial_cases(self, window: Sequence[Period]) -> Measured:
        begins, ends = to_us(window[0].begins), to_us(window[-1].ends)
        return _count(await self._writer.read(
            lambda conn: self._store.count_cases(conn, begins, ends)))

    async def _rate(self, of: tuple[str, str, str], window: Sequence[Period]) -> Measured:
        subject, name, column = of
        above = below = 0
        for period in window:
            try:
                sheet = await self._evaluation().sheet(Ask(
                    subject=subject, period=period.name, where={column: (self._here.node,)},
                    on_trial=True))
            except Invalid as error:
                if error.code == "evaluation.subject":  # a city's own rules may lack it
                    return Measured(value=None)
                raise
            rate = sheet.definition.rates.get(name)
            if rate is None or name not in sheet.subject.rates:
                return Measured(value=None)
            tally = total(sheet.lines)
            above += tally.get(Shown(counter=rate.numerator, window=rate.window), 0)
            below += tally.get(Shown(counter=rate.denominator, window=rate.window), 0)
        return share(above, below)

    async def _calls_in_time(self, window: Sequence[Period]) -> Measured:
        begins, ends = to_us(window[0].begins), to_us(window[-1].ends)
        now = self._now_us()
        rows = await self._writer.read(lambda conn: self._calls.count_calls(
            conn, begins=begins, ends=ends, now=now, by="kind"))
        count = sum((count_of(row) for row in rows), CallCount())
        if not count.judged:
            return Measured(value=None, applies=False)
        return share(count.in_time, count.judged)

    # --- the running node ---------------------------------------------------------------------

    async def _links_up(self) -> Measured:
        views = [one for one in await self._neighbours.links() if not one.retired]
        if not views:
            return Measured(value=None, applies=False)
        up = sum(one.connected and one.state == UP and not one.paused for one in views)
        return share(up, len(views))

    async def _parked(self) -> Measured:
        views = await self._neighbours.links()
        return _count(sum(one.parked for one in views))

    async def _backup_age(self, now: datetime) -> Measured:
        taken = await asyncio.to_thread(self._newest_backup)
        if taken is None:
            return Measured(value=None)
        return Measured(value=Fraction(max(0, int((now - taken).total_seconds())), 3600))


def _count(number: int) -> Measured:
    return Measured(value=Fraction(number), of=number)


def _told(one: Judged) -> dict[str, Any]:
    criterion, measured = one.criterion, one.measured
    return {
        "code": criterion.code, "zh": criterion.zh, "en": criterion.en,
        "measure": criterion.measure, "of": [name for name in criterion.of if name],
        "unit": criterion.unit.value,
        "value": float(measured.value) if measured.value is not None else None,
        "counted": measured.of, "out_of": measured.out_of,
        "at_least": _number(criterion.at_least), "at_most": _number(criterion.at_most),
        "verdict": one.verdict.value, "source": criterion.source,
        "mend_zh": criterion.mend_zh, "mend_en": criterion.mend_en,
    }


def _number(value: Fraction | None) -> float | None:
    return float(value) if value is not None else None
