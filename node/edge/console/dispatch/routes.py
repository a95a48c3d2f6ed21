"""The dispatcher's desk: suggestions by the responsibility table, one or many handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from hub.errors import FabricError
from node.core.errors import Refused, UnknownCase
from node.edge.console.cases.acting import INVERSE, do
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import Row, row_of
from node.edge.http.desk import After
from node.edge.http.problems import on_screen, said_in
from node.edge.http.routes.cases import Filtered
from node.service.case_words import UNITS, VERBS
from node.service.views import CaseFilter, Proposal

PATH: Final = "/console/dispatch"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 20
"""Rows of one page: for each the tables are asked."""
DISPATCH: Final = "dispatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One case with whom the tables name. ``to`` "" = nobody or several: ``why`` says it, a person
    chooses. ``moved``: it waits here no longer."""

    row: Row
    to: str
    who: str
    why: str
    limit: str
    moved: bool = False


async def _suggested(visit: Visit, item: Mapping[str, Any]) -> Suggestion:
    proposal = await visit.desk.propose(item["case_id"])
    called = visit.desk.queries.called
    return Suggestion(
        row=row_of(visit, item), to=proposal.assignee,
        who=called(proposal.unit or proposal.assignee) if proposal.assignee else "",
        why=proposal.sentence.say(visit.language), limit=_limit(visit, proposal))


def _limit(visit: Visit, proposal: Proposal) -> str:
    if proposal.handling is None:
        return ""
    unit = visit.say(UNITS[proposal.handling.unit.value])
    return f"{proposal.handling.value} {unit}"


def _waiting(which: CaseFilter) -> CaseFilter:
    return replace(which, undispatched=True)


@router.get("", operation_id="dispatchCase")
async def desk(visit: Here, which: Filtered, after: After = "") -> Response:
    """What is due first stands first; to a script that asks for more, the rows that follow."""
    await visit.admit("listCases")
    page = await visit.desk.cases(_waiting(which), after, ROWS, "limit")
    values: dict[str, Any] = {
        "found": [await _suggested(visit, item) for item in page.items],
        "more": f"{PATH}?{urlencode({'after': page.next})}" if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("dispatch/rows.html", **values)
    return await visit.page("dispatch/desk.html", **values, key=visit.desk.fresh_id())


@router.get("/row/{case_id}", operation_id="getCase")
async def row(case_id: UUID, visit: Here, which: Filtered) -> Response:
    """One row as it stands now; what is handed over turns grey."""
    found = await visit.desk.queries.listed(str(case_id), _waiting(which))
    if found is None:
        raise UnknownCase(f"there is no case {case_id} here", case_id=str(case_id))
    item, fits = found
    one = await _suggested(visit, item)
    return visit.part("dispatch/row.html", one=replace(one, moved=not fits))


@router.post("", operation_id="dispatchCase")
async def hand_over(visit: Here) -> Response:
    """Hand the chosen cases to whom the page suggested, or the only one whose button was pressed.
    Each is asked for by itself: what is refused is said, the rest is done."""
    fields = await form_of(visit.request)
    only = str(fields.get("only", ""))
    chosen = [only] if only else list(dict.fromkeys(
        str(one) for one in fields.getlist("case")))[:ROWS * 10]
    key = str(fields.get("key", ""))[:60]
    done: list[str] = []
    refused: list[tuple[str, str]] = []
    for case_id in chosen:
        order = FormData([
            (name, str(fields.get(given, ""))) for name, given in (
                ("to", f"to.{case_id}"), ("expected_version", f"version.{case_id}"),
                ("text", "text"))])
        try:
            await do(visit, case_id, DISPATCH, order, key=f"{key}.{case_id}")
            done.append(case_id)
        except (Refused, FabricError) as error:
            refused.append((case_id, on_screen(said_in(error, visit.language))))
    values: dict[str, Any] = {
        "verb": visit.say(VERBS[DISPATCH]), "done": len(done), "refused": refused,
        "key": visit.desk.fresh_id(), "back": PATH,
        "undo": f"/console/cases/{done[0]}/verbs/{INVERSE[DISPATCH]}"
        if len(done) == 1 and visit.may("withdrawAssignment") else "",
    }
    if visit.is_fragment:
        return visit.part("work/batched.html", **values)
    return await visit.page("work/batch_done.html", **values)
