"""The supervisor's desk: lights, what is late with whom, supervisions without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.core.effects import WorkKind
from node.core.errors import UnknownCase
from node.edge.console.cases.acting import Offer, titles
from node.edge.console.cases.supervised import Owed, owed_answers
from node.edge.console.frame import shown
from node.edge.console.visit import Here, PageRoute
from node.edge.console.work.queues import PATH as WORK
from node.edge.console.work.rows import LIGHTS, Row, row_of, short
from node.edge.http.desk import After
from node.service.views import CaseFilter, Page

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PATH: Final = "/console/supervise"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 30
ANSWERS: Final = 20
"""Cases with owed answers on one page: each is read whole."""
HURRYING: Final = ("press", "supervise")
LIBRARY: Final = "/console/library"
"""The problem library has a room of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """One row of what is late. ``supervised``: what became of the supervision that stands, "" =
    there is none; ``owed``: it waits for its answer; ``moved``: it is late no longer."""

    row: Row
    hurries: list[Offer]
    supervised: str
    owed: bool
    moved: bool = False


def _hurries(visit: Visit, case_id: str) -> list[Offer]:
    """The two verbs of this desk, for those who hold them; whether the case takes them, it says."""
    if visit.caller.scope == "read":
        return []
    return [Offer(word=word, name=name, path=f"/console/cases/{case_id}/verbs/{word}")
            for word, name in titles(visit, HURRYING)]


async def _tabs(visit: Visit) -> list[tuple[str, str, int | None, str]]:
    """The parts of the desk: key, title, count, address."""
    scope = visit.caller.person.scope
    late, owed = await visit.desk.queries.counts([
        CaseFilter(overdue=True, scope=scope),
        CaseFilter(waits=WorkKind.REPLY.value, scope=scope)])
    tabs: list[tuple[str, str, int | None, str]] = [
        ("late", visit.say("处置超期"), late, PATH),
        ("owed", visit.say("督办待复"), owed, f"{PATH}/owed")]
    if visit.may("listLedger"):
        tabs.append(("library", visit.say("问题库"), None, LIBRARY))
    return tabs


@router.get("", operation_id="superviseAssignee")
async def late(visit: Here, after: After = "") -> Response:
    """What is late, the longest first, and how the lights stand."""
    await visit.admit("listCases")
    scope = visit.caller.person.scope
    page = await visit.desk.queries.supervised(
        await visit.desk.cases(CaseFilter(overdue=True, scope=scope), after, ROWS, "limit"))
    values: dict[str, Any] = {
        "rows": [_late(visit, item) for item in page.items],
        "more": f"{PATH}?{urlencode({'after': page.next})}" if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("supervise/rows.html", **values)
    counts = await visit.desk.queries.counts(
        [CaseFilter(light=one, scope=scope) for one in LIGHTS])
    return await visit.page(
        "supervise/late.html", **values, tab="late", tabs=await _tabs(visit), shown=shown,
        lights=[(key, visit.say(LIGHTS[key]), count, f"{WORK}?{urlencode({'light': key})}")
                for key, count in zip(LIGHTS, counts, strict=True) if key != "grey"])


def _late(visit: Visit, item: Mapping[str, Any]) -> Late:
    row, one = row_of(visit, item), item["supervised"]
    said = "" if one is None else visit.say("督办已回复") if one["replied"] else visit.say(
        "已督办，限 %(at)s 回复", at=short(one["reply_by"]))
    return Late(row=row, hurries=_hurries(visit, row.case_id), supervised=said,
                owed=one is not None and not one["replied"])


@router.get("/row/{case_id}", operation_id="superviseAssignee")
async def row(case_id: UUID, visit: Here) -> Response:
    """One row as it stands now."""
    await visit.admit("listCases")
    which = CaseFilter(overdue=True, scope=visit.caller.person.scope)
    found = await visit.desk.queries.listed(str(case_id), which)
    if found is None:
        raise UnknownCase(f"there is no case {case_id} here", case_id=str(case_id))
    item, fits = found
    (item,) = (await visit.desk.queries.supervised(Page(items=(item,), next=""))).items
    return visit.part(
        "supervise/rows.html", rows=[replace(_late(visit, item), moved=not fits)], more="")


@router.get("/tabs", operation_id="superviseAssignee")
async def counts(visit: Here, tab: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The tabs with their counts as they are now."""
    await visit.admit("listCases")
    return visit.part("supervise/nav.html", tab=tab, tabs=await _tabs(visit), shown=shown)


@router.get("/owed", operation_id="superviseAssignee")
async def owed(visit: Here, after: After = "") -> Response:
    """Supervisions without an answer."""
    await visit.admit("listCases")
    which = CaseFilter(waits=WorkKind.REPLY.value, scope=visit.caller.person.scope)
    page = await visit.desk.cases(which, after, ANSWERS, "opened")
    found: list[tuple[Row, Owed]] = []
    for item in page.items:
        document = await visit.desk.case(item["case_id"])
        found += [(row_of(visit, item), one) for one in owed_answers(visit, document)]
    found.sort(key=lambda pair: pair[1].due)
    return await visit.page(
        "supervise/owed.html", tab="owed", tabs=await _tabs(visit), shown=shown,
        found=found,
        more=f"{PATH}/owed?{urlencode({'after': page.next})}" if page.next else "")
