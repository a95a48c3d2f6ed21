"""Who belongs to the tree: what the roster says, new members that wait at the root, children ended.

The roster is signed by the fabric; here people look at it and decide what it asks them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.enrol.deed import Deed, Note
from hub.errors import UnknownPeer, Untrusted
from hub.ids import NodeId
from hub.roster import join
from hub.roster.claiming import TOPIC
from hub.roster.identity import Identity
from hub.roster.roster import Roster
from hub.store import claims
from hub.store.claims import ClaimState
from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.service.instants import to_time


class Kept(Protocol):
    """Whoever keeps the roster in use."""

    roster: Roster | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """One node of the tree. ``revoked_from``: since when every key of it is revoked."""

    node: str
    name: str
    parent: str
    keys: int
    endpoints: tuple[str, ...]
    capabilities: tuple[str, ...]
    revoked_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterView:
    """The roster in use. ``serial`` 0: none yet."""

    serial: int
    min_proto: int
    issued_at: datetime | None
    expires_at: datetime | None
    members: tuple[MemberView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """A child this node has taken in: its name as it said it, and until when the certificate is
    good that it was given."""

    node: str
    name: str
    papers_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A new member that its parent claims and a person has to look at. ``state``: WAITING,
    APPROVED (until the roster names it) or REFUSED."""

    node: str
    name: str
    parent: str
    state: str
    heard_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str


class Membership:
    """Views and decisions. ``look``: take over what changed at once, links included."""

    def __init__(
        self,
        *,
        identity: Identity,
        keeper: Kept,
        writer: Writer,
        now_us: Callable[[], int],
        look: Callable[[], Awaitable[None]],
        note: Note,
    ) -> None:
        self._identity = identity
        self._keeper = keeper
        self._writer = writer
        self._now_us = now_us
        self._look = look
        self._note = note

    async def roster(self) -> RosterView:
        """Who exists, as this node knows it."""
        roster = self._keeper.roster
        if roster is None:
            return RosterView(serial=0, min_proto=1, issued_at=None, expires_at=None, members=())
        return RosterView(
            serial=roster.serial,
            min_proto=roster.min_proto,
            issued_at=to_time(roster.issued_at_us),
            expires_at=to_time(roster.expires_at_us),
            members=tuple(
                MemberView(
                    node=one.id,
                    name=one.name,
                    parent=one.parent or "",
                    keys=sum(key.revoked_from_us is None for key in one.sign_keys),
                    endpoints=one.endpoints,
                    capabilities=one.capabilities,
                    revoked_from=_ended(
                        [key.revoked_from_us for key in one.sign_keys]
                    ),
                )
                for one in roster.members
            ),
        )

    async def children(self) -> list[ChildView]:
        """Those that were not ended, by their ids."""
        found = await asyncio.to_thread(self._identity.children)
        return [
            ChildView(
                node=one.node, name=one.request.name,
                papers_end=to_time(one.certificate.not_after_us))
            for one in sorted(found, key=lambda one: one.node) if one.retired_at_us is None
        ]

    async def claims(self) -> list[ClaimView]:
        """New members that wait for a person here, or were refused; oldest first."""
        return [
            ClaimView(
                node=row.node,
                name=row.name,
                parent=row.by,
                state=row.state.value,
                heard_at=to_time(row.heard_at_us),
                decided_by=row.decided_by,
                decided_at=to_time(row.decided_at_us) if row.decided_at_us else None,
                reason=row.reason,
            )
            for row in await self._writer.read(claims.rows)
        ]

    async def approve(self, node: str, *, actor: str) -> None:
        """Let the root name this member; it does so at once."""
        await self._decide(node, ClaimState.APPROVED, actor=actor, reason="")
        await self._look()

    async def refuse(self, node: str, *, actor: str, reason: str) -> None:
        """The root does not name this member, however often it is claimed by the same parent."""
        if not reason.strip():
            raise Invalid("a refusal takes a reason", code="claim.reason_missing")
        await self._decide(node, ClaimState.REFUSED, actor=actor, reason=reason)

    async def _decide(self, node: str, state: ClaimState, *, actor: str, reason: str) -> None:
        def write(tx: Tx) -> bool:
            tx.wake(TOPIC)
            self._note(tx, Deed(
                action="AnswerClaim", actor=actor, node=NodeId(node), outcome=state.lower(),
                reason=reason,
            ))
            return claims.decide(
                tx.conn, NodeId(node), state=state, by=actor, at_us=tx.now_us, reason=reason
            )

        if not await self._writer.write(write, urgent=True):
            raise UnknownPeer(f"no claim of {node} waits here", code="claim.unknown")

    async def retire(self, node: str, *, actor: str, reason: str) -> None:
        """End a child for good: its link, its certificate and its mailbox at once, its keys with
        the next roster. It comes back with new keys only."""
        if not reason.strip():
            raise Invalid("ending a child takes a reason", code="retire.reason_missing")
        if await asyncio.to_thread(self._identity.child, NodeId(node)) is None:
            raise UnknownPeer(f"{node} is no child of this node", code="child.unknown")
        await asyncio.to_thread(
            join.retire, self._identity, NodeId(node), now_us=self._now_us()
        )
        deed = Deed(
            action="RetireChild", actor=actor, node=NodeId(node), outcome="ended", reason=reason
        )
        await self._writer.write(lambda tx: self._note(tx, deed), urgent=True)
        await self._look()

    async def revoke(self, node: str, *, actor: str, reason: str) -> None:
        """The root ends every key of a node, wherever it sits in the tree, with the next roster;
        its parent cuts it off when that comes. Raises ``Untrusted`` (``roster.not_root``,
        ``revoke.self``), ``UnknownPeer`` (``roster.stranger``)."""
        if not reason.strip():
            raise Invalid("ending a node takes a reason", code="retire.reason_missing")
        if node == self._identity.node:
            raise Untrusted("the root does not end itself", code="revoke.self")
        now_us = self._now_us()
        await asyncio.to_thread(
            join.revoke_in_roster, self._identity, NodeId(node), from_us=now_us, now_us=now_us
        )
        deed = Deed(
            action="RevokeNode", actor=actor, node=NodeId(node), outcome="ended", reason=reason
        )

        await self._writer.write(lambda tx: self._note(tx, deed), urgent=True)
        await self._look()


def _ended(times: list[int | None]) -> datetime | None:
    ended = [at for at in times if at is not None]
    return to_time(max(ended)) if ended and len(ended) == len(times) else None
