"""The page of one case, and its verbs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.edge.console.cases import view
from node.edge.console.cases.acting import INVERSE, LEADING, all_verbs, do, titles
from node.edge.console.cases.fields import GRAVE, form_of_verb
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.problems import BadCall
from node.edge.http.routes.verbs import paths
from node.service.case_words import VERBS

router = APIRouter(
    prefix="/console/cases/{case_id}", include_in_schema=False, route_class=PageRoute)


async def _shown(visit: Visit, case_id: str, said: str = "") -> dict[str, Any]:
    """Everything of the page but its frame. ``said``: the verb that was carried out just now."""
    desk, person = visit.desk, visit.caller.person
    document = await desk.case(case_id)
    offered = paths(desk.access.may_see(person, document["verbs"]))
    if visit.caller.scope == "read":
        offered = []
    offers = titles(visit, offered)
    leading = sorted(
        (one for one in offers if one[0] in LEADING), key=lambda one: LEADING.index(one[0]))
    undo = INVERSE.get(said, "")
    return {
        "case": document, "facts": view.facts(visit, document), "bars": view.bars(visit, document),
        "stops": view.stops(visit, document), "head": view.head(visit, document),
        "moments": view.moments(await desk.timeline(case_id)),
        "deliveries": view.deliveries(visit, document),
        "handling": await desk.handlers.of(document),
        "next": leading[:1],
        "offers": [one for one in offers if one[0] not in GRAVE and one not in leading[:1]],
        "grave": [one for one in offers if one[0] in GRAVE],
        "said": visit.say(VERBS.get(said, said)) if said in all_verbs() else "",
        "undo": undo if undo in offered else "",
    }


@router.get("", operation_id="getCase")
async def case(
    case_id: UUID, visit: Here, said: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The page; to a script, the part that moves."""
    shown = await _shown(visit, str(case_id), said)
    if visit.is_fragment:
        return visit.part("cases/body.html", **shown)
    return await visit.page("cases/case.html", **shown)


@router.get("/verbs/{word}", operation_id="getCase")
async def form(case_id: UUID, word: str, visit: Here) -> Response:
    """The form of a verb: as a dialog, or as a page of its own."""
    if word not in all_verbs() or not visit.may(all_verbs()[word].operation):
        raise BadCall("http.not_found", f"there is no verb {word[:40]} for you")
    document = await visit.desk.case(str(case_id))
    made = await form_of_verb(visit, word, document)
    if visit.is_fragment:
        return visit.part("cases/form.html", case=document, form=made)
    return await visit.page("cases/form_page.html", case=document, form=made)


@router.post("/verbs/{word}", operation_id="getCase")
async def act(case_id: UUID, word: str, visit: Here) -> Response:
    """Carry a verb out and show the case as it stands then."""
    fields = await form_of(visit.request)
    await do(visit, str(case_id), word, fields, key=str(fields.get("key", ""))[:80])
    if visit.is_fragment:
        shown = await _shown(visit, str(case_id), word)
        # Beside the page: the news of one's own act would wipe it away.
        return visit.part("cases/acted.html", **{**shown, "done": shown["said"], "said": ""})
    return visit.goes(f"/console/cases/{case_id}?said={word}")
