"""Proposals (派遣建议): to whom a case may be handed, and within what limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.case import Case
from node.core.clock import TimeLimit, TimeUnit, leg_limits
from node.core.facts import Category, Limits
from node.core.limits import Post, handling_limit
from node.core.routing import Asset, Qualifier, Routed
from node.core.standards import Condition, day_of
from node.service.documents import load_case
from node.service.instants import to_time
from node.service.phrases import NOTHING, Phrase, joined, phrase
from node.service.ports import Store
from node.service.standards.lookup import ConditionOf
from node.service.surroundings import Surroundings
from node.service.views import Proposal


class Proposals:
    """Proposals of one office: they change nothing."""

    def __init__(
        self,
        *,
        store: Store,
        writer: Writer,
        surroundings: Surroundings,
        condition_of: ConditionOf,
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._writer = writer
        self._surroundings = surroundings
        self._condition_of = condition_of
        self._now_us = now_us

    async def propose(self, case_id: str) -> Proposal:
        """Whom the responsibility table names, and limits from the filing condition."""

        now = to_time(self._now_us())

        def look(conn: Connection) -> tuple[Case, Condition | None, Asset | None]:
            case, _ = load_case(self._store, conn, case_id)
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
            lead, _ = load_case(self._store, conn, case_id)
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
