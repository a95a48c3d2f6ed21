"""The page of one case, and its verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.edge.console.asked import asked, given
from node.edge.console.callbacks.routes import owed_for
from node.edge.console.cases import view
from node.edge.console.cases.acting import (
    GRAVE,
    INVERSE,
    LEADING,
    Offer,
    all_verbs,
    do,
    offered_to,
    offers_of,
)
from node.edge.console.cases.fields import form_of_verb
from node.edge.console.cases.photos import arrived
from node.edge.console.cases.supervised import owed_answers
from node.edge.console.map.view import around
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.problems import BadCall
from node.edge.http.routes.evidence import EvidenceIn
from node.edge.http.routes.evidence import evidence as bundle
from node.service.case_words import VERBS
from node.service.link_views import LinkView

router = APIRouter(
    prefix="/console/cases/{case_id}", include_in_schema=False, route_class=PageRoute)
At = Annotated[str, Query(pattern="^(list)?$")]
"""Where the form of a verb stands: on a list, or on the page of its case."""


async def _shown(visit: Visit, case_id: str, said: str = "") -> dict[str, Any]:
    """Everything of the page but its frame. ``said``: the verb that was carried out just now."""
    desk = visit.desk
    document = await desk.case(case_id)
    offered = offered_to(visit, document)
    links = await _links(visit, document)
    area = ((document["facts"] or {}).get("place") or {}).get("area", "")
    where = await desk.places.area_names(area) if area else ""
    return {
        "case": document, "kin": view.kin(visit, document),
        "facts": view.facts(visit, document, where),
        "bars": view.bars(visit, document),
        "stops": view.stops(visit, document), "head": view.head(visit, document),
        "moments": await view.moments(visit, await desk.timeline(case_id)),
        **_delivered(visit, document, links), **await _pictured(visit, document),
        "asked": await view.asked(visit, document, offered),
        "supervised": owed_answers(visit, document), "told": view.told(visit, document),
        "handling": await desk.handlers.of(document),
        "map": await around(visit, case_id, (document["facts"] or {}).get("place")),
        **_weighed(offers_of(visit, document)),
        "proves": visit.may("exportEvidence"), "kept": view.kept_here(visit, document, links),
        "calls_back": document.get("contact", False) and visit.may("readReporter"),
        "owed": await owed_for(visit, case_id),
        **_done(visit, said, offered),
    }


def _delivered(
    visit: Visit, document: Mapping[str, Any], links: Sequence[LinkView]
) -> dict[str, Any]:
    """How far words have come, and whether one is on its way."""
    found = view.deliveries(visit, document, links)
    return {"deliveries": found, "moving": any(one.moves for one in found)}


async def _pictured(visit: Visit, document: Mapping[str, Any]) -> dict[str, Any]:
    """Photos of both sides, and whether one is on its way."""
    found = await view.sides(visit, document)
    return {"sides": found, "coming": any(
        not one.here for _, pictures in found for one in pictures)}


def _weighed(found: Sequence[Offer]) -> dict[str, Any]:
    """What is offered as it is shown: what brings the case on, what else, what ends something."""
    leading = [one for one in found if one.word in LEADING][:1]
    return {
        "next": leading,
        "offers": [one for one in found if one.word not in GRAVE and one not in leading],
        "grave": [one for one in found if one.word in GRAVE],
    }


async def _links(visit: Visit, document: Mapping[str, Any]) -> Sequence[LinkView]:
    """The links that words of this case may wait for, where this process knows them."""
    return await visit.desk.links() if visit.knows_links and document["bonds"] else []


def _done(visit: Visit, word: str, offered: Sequence[str]) -> dict[str, str]:
    """What was carried out, and what takes it back where the rule allows it."""
    undo = INVERSE.get(word, "")
    return {
        "said": visit.say(VERBS.get(word, word)) if word in all_verbs() else "",
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


@router.get("/delivery", operation_id="getCase")
async def delivery(case_id: UUID, visit: Here) -> Response:
    """How far words have come, which the page asks while one is on its way."""
    document = await visit.desk.case(str(case_id))
    return visit.part("cases/delivery.html", case=document, **_delivered(
        visit, document, await _links(visit, document)))


@router.get("/photos", operation_id="getCase")
async def photos(case_id: UUID, visit: Here) -> Response:
    """The photos, which the page asks for while one is on its way."""
    document = await visit.desk.case(str(case_id))
    return visit.part("cases/photos.html", case=document, **await _pictured(visit, document))


@router.get("/offers", operation_id="getCase")
async def offers(case_id: UUID, visit: Here) -> Response:
    """What this person may do with the case, as a dialog on a list."""
    document = await visit.desk.case(str(case_id))
    return visit.part(
        "cases/offers.html", case=document, facts=view.facts(visit, document)[:3],
        **_weighed(offers_of(visit, document)))


@router.get("/next", operation_id="getCase")
async def next_form(case_id: UUID, visit: Here) -> Response:
    """The form of the verb that brings the case on, for one key on a list; what else may be done,
    where none does."""
    document = await visit.desk.case(str(case_id))
    words = [one.word for one in offers_of(visit, document) if one.word in LEADING]
    if not words or not visit.is_fragment:
        return await offers(case_id, visit)
    made = await form_of_verb(visit, words[0], await arrived(visit, document), {})
    return visit.part("cases/form.html", case=document, form=made, at="list")


@router.get("/verbs/{word}", operation_id="getCase")
async def form(case_id: UUID, word: str, visit: Here, at: At = "") -> Response:
    """The form of a verb: as a dialog, or as a page of its own. Fields that the address names are
    filled in."""
    if word not in all_verbs() or not visit.may(all_verbs()[word].operation):
        raise BadCall("http.not_found", f"there is no verb {word[:40]} for you")
    document = await visit.desk.case(str(case_id))
    made = await form_of_verb(
        visit, word, await arrived(visit, document), visit.request.query_params)
    if visit.is_fragment:
        return visit.part("cases/form.html", case=document, form=made, at=at)
    return await visit.page("cases/form_page.html", case=document, form=made)


@router.post("/verbs/{word}", operation_id="getCase")
async def act(case_id: UUID, word: str, visit: Here, at: At = "") -> Response:
    """Carry a verb out and show the case as it stands then; on a list, say that it is done."""
    fields = await form_of(visit.request)
    await do(visit, str(case_id), word, fields, key=str(fields.get("key", ""))[:80])
    if not visit.is_fragment:
        return visit.goes(f"/console/cases/{case_id}?said={word}")
    if at:
        document = await visit.desk.case(str(case_id))
        told = _done(visit, word, offered_to(visit, document))
        return visit.part(
            "cases/done.html", case=document, at=at, done=told["said"], undo=told["undo"],
            kept=view.kept_here(visit, document, await _links(visit, document)))
    shown = await _shown(visit, str(case_id), word)
    # Beside the page: the news of one's own act would wipe it away.
    return visit.part("cases/acted.html", **{**shown, "done": shown["said"], "said": "", "at": ""})


@router.get("/evidence", operation_id="exportEvidence")
async def evidence_form(case_id: UUID, visit: Here) -> Response:
    """What for: the reason is written into the audit log."""
    document = await visit.desk.case(str(case_id))
    if visit.is_fragment:
        return visit.part("cases/evidence.html", case=document)
    return await visit.page("cases/evidence_page.html", case=document)


@router.post("/evidence", operation_id="exportEvidence")
async def evidence(case_id: UUID, visit: Here) -> Response:
    """The bundle, as the API makes it."""
    fields = await form_of(visit.request)
    body = asked(EvidenceIn, {"reason": given(fields, "reason")})
    return await bundle(case_id=case_id, body=body, desk=visit.desk, caller=visit.caller)
