"""Invitations of new nodes, as the parent's administrators make, approve and withdraw them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.enrol.desk import EnrolDesk
from hub.enrol.invitation import Invite
from hub.errors import Untrusted
from hub.ids import NodeId
from hub.roster.documents import Endpoints
from node.core.errors import Invalid
from node.service.instants import to_time


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """One invitation; its token is shown to nobody any more. ``state``: OPEN, WAITING (for another
    administrator), APPROVED, USED, EXPIRED, WITHDRAWN, REFUSED or SPOILT."""

    node: str
    name: str
    rekey: bool
    state: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    needs_approval: bool
    approved_by: str
    submitted_at: datetime | None
    used_at: datetime | None
    ended_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationMade:
    """A fresh invitation with its text, which is shown this once."""

    text: str
    at: tuple[str, ...]
    view: InvitationView


class Invitations:
    """``open_door`` has the door open and says its port; ``follow`` opens or shuts it as the
    invitations want. ``host`` and ``endpoints`` are how this node is reached by its settings;
    ``second_approver``: every invitation needs another administrator."""

    def __init__(
        self,
        *,
        desk: EnrolDesk,
        open_door: Callable[[], Awaitable[int]],
        follow: Callable[[], Awaitable[None]],
        host: str,
        endpoints: Endpoints,
        second_approver: bool,
        now_us: Callable[[], int],
    ) -> None:
        self._desk = desk
        self._open_door = open_door
        self._follow = follow
        self._host = host
        self._endpoints = endpoints
        self._second = second_approver
        self._now_us = now_us

    async def create(
        self,
        node: str,
        *,
        name: str,
        life: timedelta,
        approve: bool,
        rekey: bool,
        at: Sequence[str],
        grpc: Sequence[str],
        nats: Sequence[str],
        actor: str,
    ) -> InvitationMade:
        """Invite a node. ``at``, ``grpc`` and ``nats`` say how it reaches this one; empty: as the
        settings say. Raises what ``EnrolDesk.invite`` raises, ``Unreachable`` (``enrol.port``)
        where the door's port is taken."""
        endpoints = Endpoints(
            grpc=tuple(grpc) or self._endpoints.grpc, nats=tuple(nats) or self._endpoints.nats
        )
        try:
            # First the door: an invitation to a shut one would be worth nothing.
            port = await self._open_door()
            made = await self._desk.invite(
                NodeId(node), name=name, actor=actor, life=life,
                needs_approval=approve or self._second, rekey=rekey,
                at=tuple(at) or (f"{self._host}:{port}",), endpoints=endpoints,
            )
        except Untrusted:
            await self._follow()
            raise
        view = next(one for one in await self.all() if one.node == node)
        return InvitationMade(text=made.to_text(), at=made.at, view=view)

    async def all(self) -> list[InvitationView]:
        """Every invitation, newest first."""
        now_us = self._now_us()
        return [_view(one, now_us) for one in await self._desk.invitations()]

    async def withdraw(self, node: str, *, actor: str) -> None:
        """Nobody comes in with it any more."""
        await self._desk.withdraw(NodeId(node), actor=actor)
        await self._follow()

    async def approve(self, node: str, *, actor: str) -> None:
        """Another administrator says yes; a node that waits is taken in at once."""
        await self._desk.approve(NodeId(node), actor=actor)

    async def refuse(self, node: str, *, actor: str, reason: str) -> None:
        """Another administrator says no."""
        if not reason.strip():
            raise Invalid("a refusal takes a reason", code="invite.reason_missing")
        await self._desk.refuse(NodeId(node), actor=actor, reason=reason)
        await self._follow()


def _view(one: Invite, now_us: int) -> InvitationView:
    return InvitationView(
        node=one.node,
        name=one.name,
        rekey=one.rekey,
        state=one.state(now_us).value,
        created_by=one.created_by,
        created_at=to_time(one.created_at_us),
        expires_at=to_time(one.expires_at_us),
        needs_approval=one.needs_approval,
        approved_by=one.approved_by,
        submitted_at=_when(one.submitted_at_us),
        used_at=_when(one.used_at_us),
        ended_by=one.ended_by,
        reason=one.reason,
    )


def _when(us: int) -> datetime | None:
    return to_time(us) if us else None
