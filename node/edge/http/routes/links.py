"""Links: how they stand, why, and what a person can do about it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from hub.errors import UnknownPeer
from node.edge.http.answers import BODY, LINK, fails
from node.edge.http.asked import Asked, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk, LinkPath, PositionPath, Tongue
from node.edge.http.gate import Admin, Operator, Reader
from node.edge.http.telling_links import (
    LinkOut,
    OutcomeOut,
    ParkedOut,
    QuarantinedOut,
    ReconciledOut,
    WhyOut,
    WordOut,
)
from node.edge.http.told import Counted, spoken
from node.service.link_views import LinkView
from node.service.office import Office

router = APIRouter(prefix="/api/v1", tags=["links"], route_class=JsonRoute)


class DiscardIn(Asked):
    """Give a parked word up for good."""

    reason: Words = Field(examples=["重复导入，已人工核对"])


async def one_link(desk: Office, link: str) -> LinkView:
    """The view of one link. Raises ``UnknownPeer``."""
    for view in await desk.links():
        if view.link == link:
            return view
    raise UnknownPeer(f"there is no link {link} at this node", code="link.unknown")


@router.get("/links", operation_id="listLinks", summary="Every link with one sentence of why",
            response_model=list[LinkOut], responses=fails())
async def links(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(view, tongue) for view in await desk.links()]


@router.get("/links/{link}", operation_id="getLink", summary="One link",
            response_model=LinkOut, responses=fails(*LINK))
async def link_view(link: LinkPath, desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return spoken(await one_link(desk, link), tongue)


@router.get("/links/{link}/why", operation_id="whyLink", summary="Why a link is behind",
            response_model=WhyOut, responses=fails(*LINK))
async def why(link: LinkPath, desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return spoken(await one_link(desk, link), tongue)


@router.post("/links/{link}/pause", operation_id="pauseLink",
             summary="Stop talking on this link; words wait", response_model=LinkOut,
             responses=fails(*LINK))
async def pause(link: LinkPath, desk: Desk, caller: Admin, tongue: Tongue) -> object:
    await one_link(desk, link)
    await desk.pause_link(link, actor=caller.name)
    return spoken(await one_link(desk, link), tongue)


@router.post("/links/{link}/resume", operation_id="resumeLink", summary="Talk again",
             response_model=LinkOut, responses=fails(*LINK))
async def resume(link: LinkPath, desk: Desk, caller: Admin, tongue: Tongue) -> object:
    await one_link(desk, link)
    await desk.resume_link(link, actor=caller.name)
    return spoken(await one_link(desk, link), tongue)


@router.post("/links/{link}/release", operation_id="releaseLink",
             summary="Let a link speak again that stands still because of broken seals",
             response_model=LinkOut, responses=fails(*LINK, "inbox.not_settled"))
async def release(link: LinkPath, desk: Desk, caller: Admin, tongue: Tongue) -> object:
    await one_link(desk, link)
    await desk.release_link(link, actor=caller.name)
    return spoken(await one_link(desk, link), tongue)


@router.get("/parked", operation_id="listAllParked", summary="Words that wait, on all links",
            response_model=list[ParkedOut], responses=fails())
async def all_parked(desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    return [spoken(item, tongue) for item in await desk.parked()]


@router.get("/links/{link}/parked", operation_id="listParked",
            summary="Words from the peer that wait for a person or a change",
            response_model=list[ParkedOut], responses=fails(*LINK))
async def parked(link: LinkPath, desk: Desk, _caller: Reader, tongue: Tongue) -> object:
    await one_link(desk, link)
    return [spoken(item, tongue) for item in await desk.parked(link)]


@router.get("/links/{link}/parked/{position}", operation_id="getParked",
            summary="One parked word, opened: who said it and what it says, long numbers masked",
            response_model=WordOut, responses=fails(*LINK, "word.unknown"))
async def word(
    link: LinkPath, position: PositionPath, desk: Desk, _caller: Reader, tongue: Tongue,
) -> object:
    await one_link(desk, link)
    found = await desk.neighbours.word(link, position)
    return {**spoken(found, tongue), "item": spoken(found.item, tongue)}


@router.post("/links/{link}/parked/replay", operation_id="replayAllParked",
             summary="Try every parked word of a link again; counts those that were settled",
             response_model=Counted, responses=fails(*LINK))
async def replay_all(link: LinkPath, desk: Desk, caller: Operator) -> object:
    await one_link(desk, link)
    return Counted(count=await desk.replay_all(link, actor=caller.name))


@router.post("/links/{link}/parked/{position}/replay", operation_id="replayParked",
             summary="Try a parked word again", response_model=OutcomeOut,
             responses=fails(*LINK, "inbox.not_settled"))
async def replay(link: LinkPath, position: PositionPath, desk: Desk, caller: Operator) -> object:
    await one_link(desk, link)
    outcome = await desk.replay(link, position, actor=caller.name)
    return OutcomeOut(link=link, position=position, outcome=outcome)


@router.post("/links/{link}/parked/{position}/discard", operation_id="discardParked",
             summary="Give a parked word up, with a reason that stays", response_model=OutcomeOut,
             responses=fails(*LINK, "inbox.not_settled", *BODY))
async def discard(
    link: LinkPath, position: PositionPath, body: DiscardIn, desk: Desk, caller: Admin,
) -> object:
    await one_link(desk, link)
    await desk.discard(link, position, reason=body.reason, actor=caller.name)
    return OutcomeOut(link=link, position=position, outcome="DISCARDED")


@router.get("/links/{link}/quarantine", operation_id="listQuarantine",
            summary="Bytes that were no acceptable envelope",
            response_model=list[QuarantinedOut], responses=fails(*LINK))
async def quarantine(link: LinkPath, desk: Desk, _caller: Reader) -> object:
    await one_link(desk, link)
    return await desk.quarantined(link)


@router.post("/links/{link}/reconcile", operation_id="reconcileLink",
             summary="Compare both ends now; what is missing is sent again",
             response_model=list[ReconciledOut],
             responses=fails(*LINK, "link.unreachable", "case.not_permitted"))
async def reconcile(link: LinkPath, desk: Desk, _caller: Operator) -> object:
    await one_link(desk, link)
    return await desk.reconcile(link)
