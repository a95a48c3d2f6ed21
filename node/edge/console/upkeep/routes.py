"""The first page of maintenance, and what the responsibility table leaves open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from node.edge.console.upkeep import cells
from node.edge.console.upkeep.sections import PATH, TABLES, tabs
from node.edge.console.upkeep.tables import opened
from node.edge.console.visit import Here, PageRoute, Visit
from node.service.instants import to_minute
from node.service.upkeep.views import VersionView

if TYPE_CHECKING:
    from node.core.routing import Responsibility

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One table on the first page."""

    path: str
    title: str
    lead: str
    count: int
    version: str
    waiting: int


@router.get("", operation_id="importUnits")
async def home(visit: Here) -> Response:
    """Which tables there are, how full they are, what is missing."""
    upkeep, cards = visit.desk.upkeep, []
    for section in TABLES.values():
        if not visit.may(section.reads):
            continue
        newest: list[VersionView] = []
        if upkeep.is_versioned(section.name):
            newest = (await upkeep.versions(section.name))[:1]
        cards.append(Card(
            path=section.path, title=visit.say(section.title), lead=visit.say(section.lead),
            count=len(await upkeep.rows(section.name)),
            version=visit.say("第 %(number)s 版，%(at)s", number=newest[0].number,
                              at=to_minute(newest[0].at)) if newest else "",
            waiting=len(await upkeep.drafts(section.name))))
    gaps = await asyncio.to_thread(upkeep.gaps.look)
    steps = await visit.desk.cards.checklist()
    return await visit.page(
        "upkeep/home.html", tabs=tabs(visit), cards=cards, gaps=gaps.count,
        steps=[(one.complete, one.sentence.say(visit.language)) for one in steps])


@router.get("/gaps", operation_id="listResponsibilities")
async def gaps(visit: Here) -> Response:
    """Classes without a unit, rows that contradict one another, units that no order reaches."""
    section = await opened(visit, "responsibilities")
    # Some thousand rows against some hundred classes: others are served meanwhile.
    found = await asyncio.to_thread(visit.desk.upkeep.gaps.look)
    return await visit.page(
        "upkeep/gaps.html", tabs=tabs(visit, section.path), section=section, gaps=found,
        open=[(visit.say(cells.WORDS[one.entry.key.kind]), one.entry.key.code, one.entry.name,
               one.entry.key.standard_ref, visit.say("、").join(one.areas)) for one in found.open],
        clashes=[(_row(visit, one.row), visit.say("、").join(one.units)) for one in found.clashes],
        strange=[(_row(visit, one), visit.desk.queries.called(one.who)) for one in found.strange],
        ending=[(_row(visit, one), visit.desk.queries.called(one.who),
                 to_minute(one.valid_to) if one.valid_to else "") for one in found.ending],
        cards=[(one.unit_id, one.name, one.refused, one.sentence.say(visit.language))
               for one in await visit.desk.cards.gaps()])


def _row(visit: Visit, row: Responsibility) -> str:
    said = cells.listed(
        visit, {"kind": row.kind, "code": row.code, "area": row.area}, ("kind", "code", "area"))
    return " ".join(said)
