"""Who belongs to the tree: the roster, new members that wait at the root, children that end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Words
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Admin, Reader
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1", tags=["members"], route_class=JsonRoute)

NodePath = Annotated[str, Path(
    description="Id of the node.", examples=["420203001"], pattern=r"^[0-9A-Z]{2,32}$",
)]


class MemberOut(Told):
    """One node of the tree."""

    node: str = Field(examples=["420203"])
    name: str
    parent: str = Field(description="Empty for the root.")
    keys: int = Field(description="Sign keys that are not revoked.")
    endpoints: list[str] = Field(description="Where its own children reach it.")
    capabilities: list[str]
    revoked_from: datetime | None = Field(
        default=None, description="Since when it has ended; what it said before stays valid.")


class RosterOut(Told):
    """The roster in use; serial 0 = none yet."""

    serial: int
    min_proto: int = Field(description="Protocol version that every member must speak.")
    issued_at: datetime | None
    expires_at: datetime | None
    members: list[MemberOut]


class ClaimOut(Told):
    """A new member that its parent claims."""

    node: str
    name: str
    parent: str
    state: str = Field(description="WAITING, APPROVED or REFUSED.")
    heard_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""


class ReasonIn(Asked):
    """Why; it is kept."""

    reason: Words = Field(examples=["单位已撤并"])


class EndedOut(Told):
    """What was ended."""

    node: str


@router.get("/roster", operation_id="getRoster", summary="Who exists, as this node knows it",
            response_model=RosterOut, responses=fails())
async def roster(desk: Desk, _caller: Reader) -> object:
    return await desk.membership.roster()


@router.get("/roster/claims", operation_id="listClaims",
            summary="New members that wait for the root's administrator, or were refused",
            response_model=list[ClaimOut], responses=fails())
async def claims(desk: Desk, _caller: Reader) -> object:
    return await desk.membership.claims()


@router.post("/roster/claims/{node}/approve", operation_id="approveClaim",
             summary="Name this member in the next roster", response_model=list[ClaimOut],
             responses=fails("claim.unknown"))
async def approve(node: NodePath, desk: Desk, caller: Admin) -> object:
    await desk.membership.approve(node, actor=caller.name)
    return await desk.membership.claims()


@router.post("/roster/claims/{node}/refuse", operation_id="refuseClaim",
             summary="Do not name this member", response_model=list[ClaimOut],
             responses=fails("claim.unknown", *BODY))
async def refuse(node: NodePath, body: ReasonIn, desk: Desk, caller: Admin) -> object:
    await desk.membership.refuse(node, actor=caller.name, reason=body.reason)
    return await desk.membership.claims()


@router.post("/children/{node}/retire", operation_id="retireChild",
             summary="End a child: link, certificate and mailbox at once, its keys with the roster",
             response_model=EndedOut, responses=fails("child.unknown", *BODY))
async def retire(node: NodePath, body: ReasonIn, desk: Desk, caller: Admin) -> object:
    await desk.membership.retire(node, actor=caller.name, reason=body.reason)
    return EndedOut(node=node)


@router.post("/roster/members/{node}/revoke", operation_id="revokeNode",
             summary="At the root: end every key of a node with the next roster",
             response_model=EndedOut,
             responses=fails("roster.not_root", "roster.stranger", "revoke.self", *BODY))
async def revoke(node: NodePath, body: ReasonIn, desk: Desk, caller: Admin) -> object:
    await desk.membership.revoke(node, actor=caller.name, reason=body.reason)
    return EndedOut(node=node)
