"""Whom this node invites, and whom it lets in: invitations, nodes that wait, claims at the root."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import asked, given, reasoned, several
from node.edge.console.frame import moment, tabs
from node.edge.console.links import words
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.routes.invitations import HOURS_MAX, InvitationIn
from node.edge.http.routes.members import NodePath, ReasonIn
from node.service.invitations import InvitationView
from node.service.membership import ClaimView

router = APIRouter(
    prefix="/console/links", include_in_schema=False, route_class=PageRoute)
HERE = "/console/links/invitations"
_LIVE = frozenset({"OPEN", "WAITING", "APPROVED"})


def _invitation(visit: Visit, one: InvitationView) -> dict[str, Any]:
    look, said = words.INVITES[one.state]
    say, by_me = visit.say, one.created_by == visit.caller.name
    return {
        "node": one.node, "name": one.name, "look": look, "said": say(said), "by": one.created_by,
        "made": moment(one.created_at), "ends": moment(one.expires_at), "rekey": one.rekey,
        "reason": one.reason, "approved_by": one.approved_by,
        "used": moment(one.used_at) if one.used_at is not None else "",
        "withdraws": one.state in _LIVE and visit.may("withdrawInvitation"),
        "decides": one.needs_approval and not one.approved_by and one.state in ("OPEN", "WAITING")
        and not by_me and visit.may("approveInvitation"),
        "other": one.needs_approval and not one.approved_by and by_me and one.state in _LIVE,
    }


def _claim(visit: Visit, one: ClaimView, names: Mapping[str, str]) -> dict[str, Any]:
    look, said = words.CLAIMS[one.state]
    return {
        "node": one.node, "name": one.name, "look": look, "said": visit.say(said),
        "parent": names.get(one.parent, one.parent), "heard": moment(one.heard_at),
        "by": one.decided_by, "reason": one.reason,
        "decides": one.state == "WAITING" and visit.may("approveClaim"),
    }


async def _listed(visit: Visit) -> dict[str, Any]:
    desk = visit.desk
    claims = await desk.membership.claims() if visit.may("listClaims") else []
    names = {one.node: one.name for one in (await desk.membership.roster()).members}
    invited = await desk.invitations.all()
    listed = {
        "invitations": [_invitation(visit, one) for one in invited],
        "claims": [_claim(visit, one, names) for one in claims],
    }
    moving = any(one.state in _LIVE for one in invited) or any(
        one.state == "APPROVED" for one in claims)
    # Not while a reason may be half written in the list itself.
    asked_here = any(one["decides"] for each in listed.values() for one in each)
    return {**listed, "moving": moving and not asked_here}


@router.get("/invitations", operation_id="listInvitations")
async def every(visit: Here, said: Said = "", what: What = "") -> Response:
    """Every invitation, the form for a new one, and who waits; to a script, the part that moves."""
    listed = await _listed(visit)
    if visit.is_fragment:
        return visit.part("links/invitations_list.html", **listed)
    return await visit.page(
        "links/invitations.html", **listed, tabs=tabs(visit, words.TABS), hours=HOURS_MAX,
        invites=visit.may("createInvitation"), notice=notice(visit, words.SAID, said, what))


@router.post("/invitations", operation_id="createInvitation")
async def create(visit: Here) -> Response:
    """Invite a node: its text is on the page that follows, this once."""
    body = asked(InvitationIn, _shape(await form_of(visit.request)))
    made = await visit.desk.invitations.create(
        body.node, name=body.name, life=timedelta(hours=body.valid_h), approve=body.approve,
        rekey=body.rekey, at=body.at, grpc=body.grpc, nats=body.nats, actor=visit.caller.name)
    shown: dict[str, Any] = {
        "text": made.text, "at": visit.say("、").join(made.at),
        "made": _invitation(visit, made.view),
    }
    if visit.is_fragment:
        return visit.part("links/invited_part.html", **shown, **await _listed(visit))
    return await visit.page("links/invited.html", **shown)


def _shape(fields: FormData) -> dict[str, Any]:
    hours = given(fields, "valid_h")
    data: dict[str, Any] = {
        "node": given(fields, "node"), "name": given(fields, "name"),
        "approve": given(fields, "approve") == "yes", "rekey": given(fields, "rekey") == "yes",
        **{name: several(fields, name) for name in ("at", "grpc", "nats")},
    }
    return data | ({"valid_h": hours} if hours else {})


@router.post("/invitations/{node}/withdraw", operation_id="withdrawInvitation")
async def withdraw(node: NodePath, visit: Here) -> Response:
    """Nobody comes in with it any more."""
    await visit.desk.invitations.withdraw(node, actor=visit.caller.name)
    return done(visit, HERE, "withdrawn", node)


@router.post("/invitations/{node}/approve", operation_id="approveInvitation")
async def approve(node: NodePath, visit: Here) -> Response:
    """Let it in; by another administrator than the one who invited."""
    await visit.desk.invitations.approve(node, actor=visit.caller.name)
    return done(visit, HERE, "approved", node)


@router.post("/invitations/{node}/refuse", operation_id="refuseInvitation")
async def refuse(node: NodePath, visit: Here) -> Response:
    """Do not let it in; it hears why."""
    body = await reasoned(visit.request, ReasonIn)
    await visit.desk.invitations.refuse(node, actor=visit.caller.name, reason=body.reason)
    return done(visit, HERE, "refused", node)


@router.post("/claims/{node}/approve", operation_id="approveClaim")
async def approve_claim(node: NodePath, visit: Here) -> Response:
    """Name this member in the next roster."""
    await visit.desk.membership.approve(node, actor=visit.caller.name)
    return done(visit, HERE, "approved", node)


@router.post("/claims/{node}/refuse", operation_id="refuseClaim")
async def refuse_claim(node: NodePath, visit: Here) -> Response:
    """Do not name it."""
    body = await reasoned(visit.request, ReasonIn)
    await visit.desk.membership.refuse(node, actor=visit.caller.name, reason=body.reason)
    return done(visit, HERE, "refused", node)
