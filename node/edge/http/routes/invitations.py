"""Invitations of new nodes: made, listed, approved by another administrator, withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from node.edge.http.answers import BODY, fails
from node.edge.http.asked import Asked, Name, Short
from node.edge.http.bodies import JsonRoute
from node.edge.http.desk import Desk
from node.edge.http.gate import Admin
from node.edge.http.routes.members import NodePath, ReasonIn
from node.edge.http.told import Told

router = APIRouter(prefix="/api/v1/invitations", tags=["members"], route_class=JsonRoute)

NodeName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,32}$")]
HOURS_MAX = 24
MADE = ("invite.life", "invite.address", "invite.open", "invite.self", "invite.known",
        "roster.missing", "enrol.port")
ACTED = ("invite.unknown", "invite.expired", "invite.used", "invite.withdrawn", "invite.refused",
         "invite.spoilt")


class InvitationIn(Asked):
    """Whom to invite. The addresses are how the new node reaches this one; empty: as the settings
    say."""

    node: NodeName = Field(examples=["420203"])
    name: Name = Field(examples=["西塞山区"])
    valid_h: float = Field(default=24.0, gt=0, le=HOURS_MAX, description="Hours it is good for.")
    approve: bool = Field(
        default=False, description="Another administrator must approve before the node enters.")
    rekey: bool = Field(default=False, description="A child of ours comes with new keys.")
    at: tuple[Short, ...] = Field(
        default=(), max_length=8, description="`host:port` of the door for invited nodes.")
    grpc: tuple[Short, ...] = Field(default=(), max_length=8, description="`host:port` for links.")
    nats: tuple[Short, ...] = Field(
        default=(), max_length=8, description="`tls://host:port` of the mailboxes.")


class InvitationOut(Told):
    """One invitation; its token is shown to nobody any more."""

    node: str
    name: str
    rekey: bool
    state: str = Field(
        description="OPEN, WAITING, APPROVED, USED, EXPIRED, WITHDRAWN, REFUSED or SPOILT.")
    created_by: str
    created_at: datetime
    expires_at: datetime
    needs_approval: bool
    approved_by: str = ""
    submitted_at: datetime | None = None
    used_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""


class InvitationMadeOut(Told):
    """A fresh invitation. `text` is shown this once: hand it to whoever sets up the node, and to
    nobody else."""

    text: str
    at: list[str]
    view: InvitationOut


@router.post("", operation_id="createInvitation", summary="Invite a node; the text is shown once",
             response_model=InvitationMadeOut, status_code=201, responses=fails(*MADE, *BODY))
async def create(body: InvitationIn, desk: Desk, caller: Admin) -> object:
    return await desk.invitations.create(
        body.node, name=body.name, life=timedelta(hours=body.valid_h), approve=body.approve,
        rekey=body.rekey, at=body.at, grpc=body.grpc, nats=body.nats, actor=caller.name,
    )


@router.get("", operation_id="listInvitations", summary="Every invitation, newest first",
            response_model=list[InvitationOut], responses=fails())
async def every(desk: Desk, _caller: Admin) -> object:
    return await desk.invitations.all()


@router.post("/{node}/withdraw", operation_id="withdrawInvitation",
             summary="Nobody comes in with it any more", response_model=list[InvitationOut],
             responses=fails(*ACTED))
async def withdraw(node: NodePath, desk: Desk, caller: Admin) -> object:
    await desk.invitations.withdraw(node, actor=caller.name)
    return await desk.invitations.all()


@router.post("/{node}/approve", operation_id="approveInvitation",
             summary="Let an invited node in; by another administrator than the one who invited",
             response_model=list[InvitationOut],
             responses=fails(*ACTED, "invite.not_asked", "invite.same_person"))
async def approve(node: NodePath, desk: Desk, caller: Admin) -> object:
    await desk.invitations.approve(node, actor=caller.name)
    return await desk.invitations.all()


@router.post("/{node}/refuse", operation_id="refuseInvitation",
             summary="Do not let an invited node in; it hears why",
             response_model=list[InvitationOut], responses=fails(*ACTED, *BODY))
async def refuse(node: NodePath, body: ReasonIn, desk: Desk, caller: Admin) -> object:
    await desk.invitations.refuse(node, actor=caller.name, reason=body.reason)
    return await desk.invitations.all()
