"""Open requests of assignees (回退、延期、挂账、作废、申诉), each with what a grant does to the
clocks, and the buttons of whoever may decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.core.effects import WorkKind
from node.core.errors import UnknownCase
from node.edge.console.cases.acting import ASKED, offered_to
from node.edge.console.cases.view import Asking, asked
from node.edge.console.frame import shown
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.rows import Row, row_of
from node.edge.http.desk import After
from node.edge.http.routes.cases import Filtered
from node.service.case_words import REQUESTS
from node.service.views import CaseFilter

PATH: Final = "/console/requests"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 15
"""Cases of one page: each is read whole."""
Kind = Annotated[str, Query(pattern=f"^({'|'.join(ASKED)})?$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One case with what is asked of us about it."""

    row: Row
    asked: tuple[Asking, ...]


def _which(which: CaseFilter, kind: str) -> CaseFilter:
    waits = f"{WorkKind.REQUEST.value}/{kind}" if kind else WorkKind.REQUEST.value
    return replace(which, waits=waits)


async def _pending(visit: Visit, item: Mapping[str, Any]) -> Pending:
    row = row_of(visit, item)
    document = await visit.desk.case(row.case_id)
    found = await asked(visit, document, offered_to(visit, document))
    return Pending(row=row, asked=tuple(one for one in found if one.ours))


@router.get("", operation_id="decideRequest")
async def desk(visit: Here, which: Filtered, kind: Kind = "", after: After = "") -> Response:
    """The oldest case first; to a script that asks for more, what follows."""
    await visit.admit("listCases")
    page = await visit.desk.cases(_which(which, kind), after, ROWS, "opened")
    values: dict[str, Any] = {
        "found": [await _pending(visit, item) for item in page.items],
        "more": f"{PATH}?{urlencode({'kind': kind, 'after': page.next})}" if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("requests/cards.html", **values)
    counts = await visit.desk.queries.counts([
        _which(CaseFilter(scope=visit.caller.person.scope), one) for one in ("", *ASKED)])
    return await visit.page(
        "requests/desk.html", **values, kind=kind, shown=shown,
        tabs=[(one, visit.say(REQUESTS[one]) if one else visit.say("全部"), count,
               f"{PATH}?{urlencode({'kind': one})}" if one else PATH)
              for one, count in zip(("", *ASKED), counts, strict=True)])


@router.get("/card/{case_id}", operation_id="getCase")
async def card(case_id: UUID, visit: Here, which: Filtered) -> Response:
    """One case as it stands now."""
    found = await visit.desk.queries.listed(str(case_id), _which(which, ""))
    if found is None:
        raise UnknownCase(f"there is no case {case_id} here", case_id=str(case_id))
    return visit.part("requests/card.html", one=await _pending(visit, found[0]))
