"""Links: the tree with live state, one link with what waits on it, and what may be done there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import reasoned
from node.edge.console.frame import tabs
from node.edge.console.links import view, words
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.rows import short
from node.edge.http.desk import LinkPath, PositionPath
from node.edge.http.routes.links import DiscardIn, one_link
from node.service.federation import FederationView, NodeView

if TYPE_CHECKING:
    from node.edge.adapter_host import AdapterHost

router = APIRouter(prefix="/console/links", include_in_schema=False, route_class=PageRoute)


# --- the tree -------------------------------------------------------------------------------------


@router.get("", operation_id="getFederation")
async def overview(visit: Here, said: Said = "", what: What = "") -> Response:
    """Every node; to a script, the part that moves."""
    from importlib.metadata import version

    federation = await visit.desk.federation.view()
    shown: dict[str, Any] = {
        "branches": view.branches(visit, federation), "federation": federation,
        "program": version("wanmi"),
        "roster_left": view.days_left(visit, federation.expires_at)[0],
    }
    if visit.is_fragment:
        return visit.part("links/tree.html", **shown)
    doctor = visit.may("listFindings")
    return await visit.page(
        "links/overview.html", **shown, doctor=doctor,
        troubles=await _troubles(visit, federation) if doctor else [], tabs=tabs(visit, words.TABS),
        notice=notice(visit, words.SAID, said, what))


def _names(visit: Visit, federation: FederationView) -> dict[str, str]:
    """Names of neighbours by their link, and of adapters by their id."""
    found = {one.link.link: one.name for one in federation.nodes if one.link is not None}
    host: AdapterHost | None = visit.request.app.state.adapters
    return found | {one.id: one.name for one in (host.standings() if host is not None else ())}


async def _found(visit: Visit, federation: FederationView) -> list[view.Said]:
    """What the doctor says."""
    return view.findings(visit, await visit.desk.findings(), _names(visit, federation))


async def _troubles(visit: Visit, federation: FederationView) -> list[view.Said]:
    """What the doctor says beside the links, which the tree itself shows. It looks at everything,
    so it is asked far more seldom than the tree moves."""
    return [one for one in await _found(visit, federation)
            if one.state != "ok" and not one.subject.startswith("link ")]


@router.get("/troubles", operation_id="listFindings")
async def troubles(visit: Here) -> Response:
    """The same as a part of the overview."""
    return visit.part("links/troubles.html", troubles=await _troubles(
        visit, await visit.desk.federation.view()))


@router.get("/doctor", operation_id="listFindings")
async def doctor(visit: Here) -> Response:
    """What the doctor says."""
    found = await _found(visit, await visit.desk.federation.view())
    return await visit.page("links/doctor.html", findings=found, tabs=tabs(visit, words.TABS))


# --- one link -------------------------------------------------------------------------------------


async def _node_of(visit: Visit, peer: str) -> NodeView | None:
    federation = await visit.desk.federation.view()
    return next((one for one in federation.nodes if one.node == peer), None)


@router.get("/{link}", operation_id="getLink")
async def one(link: LinkPath, visit: Here, said: Said = "", what: What = "") -> Response:
    """One link; to a script, the part that moves."""
    desk = visit.desk
    found = await one_link(desk, link)
    node = await _node_of(visit, found.peer)
    state, state_said = view.light(visit, found)
    unread = await desk.quarantined(link) if visit.may("listQuarantine") else []
    shown: dict[str, Any] = {
        "link": found, "name": node.name if node is not None else found.peer,
        "place": visit.say(words.PLACES[found.peer_is]), "state": state, "state_said": state_said,
        "sentence": found.sentence.say(visit.language),
        "remedy": view.remedy_of(visit, found),
        "facts": view.facts(visit, found, node), "rounds": view.compared(visit, found.rounds),
        "parked": view.waiting(visit, await desk.parked(link)) if visit.may("listParked") else [],
        "unread": [(one, short(one.at.isoformat()), view.size(one.size)) for one in unread],
        "asks": found.connected and found.peer_is == "CHILD" and visit.may("reconcileLink"),
        "offers": offers(visit),
        "retires": found.peer_is == "CHILD" and visit.may("retireChild"),
    }
    if visit.is_fragment:
        return visit.part("links/link_body.html", **shown)
    return await visit.page(
        "links/link.html", **shown, notice=notice(visit, words.SAID, said, what))


def offers(visit: Visit) -> dict[str, bool]:
    """Which acts on links this person is offered."""
    operations = {
        "pause": "pauseLink", "resume": "resumeLink", "release": "releaseLink",
        "replay_all": "replayAllParked", "replay": "replayParked", "discard": "discardParked",
        "inspect": "getParked",
    }
    return {name: visit.may(operation) for name, operation in operations.items()}


async def _steered(
    visit: Visit, link: str, act: Callable[..., Awaitable[None]], said: str
) -> Response:
    """Do this to a link that there is, and say so on its page."""
    await one_link(visit.desk, link)
    await act(link, actor=visit.caller.name)
    return done(visit, f"/console/links/{link}", said)


@router.post("/{link}/pause", operation_id="pauseLink")
async def pause(link: LinkPath, visit: Here) -> Response:
    """Stop talking; words wait."""
    return await _steered(visit, link, visit.desk.pause_link, "paused")


@router.post("/{link}/resume", operation_id="resumeLink")
async def resume(link: LinkPath, visit: Here) -> Response:
    """Talk again."""
    return await _steered(visit, link, visit.desk.resume_link, "resumed")


@router.post("/{link}/release", operation_id="releaseLink")
async def release(link: LinkPath, visit: Here) -> Response:
    """Let a link speak again that stands still because of broken seals."""
    return await _steered(visit, link, visit.desk.release_link, "released")


@router.post("/{link}/reconcile", operation_id="reconcileLink")
async def reconcile(link: LinkPath, visit: Here) -> Response:
    """Compare both ends now; what is missing is said again."""
    await one_link(visit.desk, link)
    found = await visit.desk.reconcile(link)
    what = visit.say("；").join(
        f"{visit.say(words.SCOPES.get(one.scope, one.scope))} {view.counted(visit, one)}"
        for one in found)
    return done(visit, f"/console/links/{link}", "reconciled", what)


# --- what is parked on it -------------------------------------------------------------------------


@router.post("/{link}/parked/replay", operation_id="replayAllParked")
async def replay_all(link: LinkPath, visit: Here) -> Response:
    """Try every parked word again."""
    await one_link(visit.desk, link)
    count = await visit.desk.replay_all(link, actor=visit.caller.name)
    return done(visit, f"/console/links/{link}", "replayed_all", str(count))


@router.get("/{link}/parked/{position}", operation_id="getParked")
async def word(link: LinkPath, position: PositionPath, visit: Here) -> Response:
    """One parked word, opened: as a dialog, or as a page of its own."""
    await one_link(visit.desk, link)
    found = await visit.desk.neighbours.word(link, position)
    names = {one.node: one.name for one in (await visit.desk.membership.roster()).members}
    shown: dict[str, Any] = {
        "link": link, "position": position, "header": view.header(visit, found, names),
        "contents": list(view.contents(visit, found.said)),
        "why": found.item.sentence.say(visit.language),
        "waits": visit.say(words.WAITS[found.item.waits_for]),
        "held": found.item.waits_for == "lane", "offers": offers(visit),
    }
    if visit.is_fragment:
        return visit.part("links/word_dialog.html", **shown)
    return await visit.page("links/word.html", **shown)


@router.post("/{link}/parked/{position}/replay", operation_id="replayParked")
async def replay(link: LinkPath, position: PositionPath, visit: Here) -> Response:
    """Try it again."""
    await one_link(visit.desk, link)
    outcome = await visit.desk.replay(link, position, actor=visit.caller.name)
    return done(visit, f"/console/links/{link}", "replayed",
                visit.say(words.OUTCOMES.get(outcome, outcome)))


@router.post("/{link}/parked/{position}/discard", operation_id="discardParked")
async def discard(link: LinkPath, position: PositionPath, visit: Here) -> Response:
    """Give it up, with a reason that stays."""
    body = await reasoned(visit.request, DiscardIn)
    await one_link(visit.desk, link)
    await visit.desk.discard(link, position, reason=body.reason, actor=visit.caller.name)
    return done(visit, f"/console/links/{link}", "discarded", position)
