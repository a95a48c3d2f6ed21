"""The parent's side of joining over the network: invitations made, shown, approved, and kept.

What a stranger hears never depends on whether a token exists: form, nonce and proofs are judged
first, and then every token that is not right gets one and the same answer. Whoever holds the right
token and the right keys hears the truth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from hub.enrol import proof
from hub.enrol.deed import Deed, Note
from hub.enrol.invitation import (
    LIFE_MAX,
    LIVE,
    TRIES_MAX,
    EnrolState,
    Invitation,
    Invite,
    InviteState,
    fresh_token,
    may_approve,
    refuse_unless_live,
    split_address,
    token_hash,
)
from hub.enrol.proof import Nonces, Proof
from hub.errors import FabricError, Malformed, UnknownPeer, Untrusted
from hub.ids import NodeId
from hub.roster import join
from hub.roster.documents import Endpoints, JoinRequest, Kit
from hub.roster.identity import Child, Identity
from hub.roster.keeper import settle_child
from hub.store import invitations
from hub.store.invitations import TOPIC
from hub.store.tx import Tx, Writer

LIFE_MIN = timedelta(minutes=1)
REFUSED = "enrol.refused"
"""What every wrong token hears, whatever is wrong with it."""
UNLISTED = "kit.parent_unlisted"
"""The parent is not in the roster itself yet; the child waits until it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``kit`` with ACCEPTED; ``code`` says why otherwise. ``stranger``: it came with a token that
    is not right."""

    state: EnrolState
    kit: Kit | None = None
    code: str = ""
    detail: str = ""
    stranger: bool = False


STRANGER = Answer(
    state=EnrolState.REFUSED, code=REFUSED, detail="this invitation is not valid", stranger=True
)


class EnrolDesk:
    """One per node. ``taken``: called after a child was taken in, to run its link at once."""

    def __init__(
        self,
        *,
        identity: Identity,
        writer: Writer,
        now_us: Callable[[], int],
        taken: Callable[[], Awaitable[None]],
        note: Note,
    ) -> None:
        self._identity = identity
        self._writer = writer
        self._now_us = now_us
        self._taken = taken
        self._note = note
        self._nonces = Nonces()
        # Two that come with one token are judged one after the other.
        self._judging = asyncio.Lock()

    # --- what the parent's people do --------------------------------------------------------------

    async def invite(
        self,
        node: NodeId,
        *,
        name: str,
        actor: str,
        life: timedelta,
        needs_approval: bool,
        rekey: bool,
        at: Sequence[str],
        endpoints: Endpoints,
    ) -> Invitation:
        """Invite a node. ``Untrusted``: ``invite.life``, ``invite.address``, ``invite.open`` while
        there is one, ``invite.self``, ``invite.known`` for a living child without ``rekey``;
        ``roster.missing`` before this node has joined itself."""
        if not LIFE_MIN <= life <= LIFE_MAX:
            raise Untrusted(
                f"an invitation is good for {LIFE_MIN} to {LIFE_MAX}, not {life}",
                code="invite.life",
            )
        try:
            for one in (*at, *endpoints.grpc):
                split_address(one)
        except ValueError as err:
            raise Untrusted(f"inviting {node}: {err}", code="invite.address") from err
        if not at or not (endpoints.grpc or endpoints.nats):
            raise Untrusted(f"inviting {node}: no address of ours", code="invite.address")
        identity, now_us = self._identity, self._now_us()
        if node in (identity.node, identity.parent):
            raise Untrusted(f"{node} cannot become a child of {identity.node}", code="invite.self")
        known = await asyncio.to_thread(identity.child, node)
        if known is not None and known.retired_at_us is None and not rekey:
            raise Untrusted(
                f"{node} is a child already; with new keys it is invited anew as such",
                code="invite.known",
            )
        if await asyncio.to_thread(identity.signed_roster) is None:
            raise Untrusted(f"{identity.node} has not joined yet", code="roster.missing")
        authority = await asyncio.to_thread(lambda: identity.authority(now_us=now_us))
        root = await asyncio.to_thread(identity.root_key)
        token = fresh_token()
        made = Invite(
            token_hash=token_hash(token), node=node, name=name, rekey=known is not None,
            created_by=actor, created_at_us=now_us,
            expires_at_us=now_us + life // timedelta(microseconds=1),
            needs_approval=needs_approval, grpc=endpoints.grpc, nats=endpoints.nats,
        )

        def keep(tx: Tx) -> None:
            before = invitations.newest_of(tx.conn, node)
            if before is not None and before.state(tx.now_us) in LIVE:
                raise Untrusted(
                    f"{node} is invited already: withdraw that first", code="invite.open"
                )
            invitations.add(tx.conn, made)
            self._note(tx, Deed(action="InviteNode", actor=actor, node=node, outcome="made"))
            tx.wake(TOPIC)

        await self._writer.write(keep, urgent=True)
        return Invitation(
            parent=identity.node, parent_name=identity.name, at=tuple(at),
            authority=authority.fingerprint(), root=join.fingerprint_of(root), node=node,
            name=name, token=token,
        )

    async def invitations(self) -> tuple[Invite, ...]:
        """Every invitation, newest first."""
        return await self._writer.read(invitations.rows)

    async def withdraw(self, node: NodeId, *, actor: str) -> None:
        """Nobody comes in with it any more. A node that is a child already is retired instead."""
        await self._end(node, InviteState.WITHDRAWN, actor=actor, reason="")

    async def refuse(self, node: NodeId, *, actor: str, reason: str) -> None:
        """The second administrator says no; the node hears why."""
        await self._end(node, InviteState.REFUSED, actor=actor, reason=reason)

    async def _end(
        self, node: NodeId, state: InviteState, *, actor: str, reason: str
    ) -> None:
        def write(tx: Tx) -> None:
            one = _of(tx.conn, node)
            refuse_unless_live(one, now_us=tx.now_us)
            invitations.end(
                tx.conn, one.token_hash, state=state, by=actor, at_us=tx.now_us, reason=reason
            )
            self._note(tx, Deed(
                action="InviteNode", actor=actor, node=node, outcome=state.lower(), reason=reason
            ))
            tx.wake(TOPIC)

        async with self._judging:
            await self._writer.write(write, urgent=True)

    async def approve(self, node: NodeId, *, actor: str) -> None:
        """Another administrator than the one who invited says yes; a node that waits is taken in
        at once."""

        def write(tx: Tx) -> Invite:
            one = _of(tx.conn, node)
            may_approve(one, actor, now_us=tx.now_us)
            invitations.approve(tx.conn, one.token_hash, by=actor, at_us=tx.now_us)
            self._note(tx, Deed(action="InviteNode", actor=actor, node=node, outcome="approved"))
            tx.wake(TOPIC)
            return _of(tx.conn, node)

        async with self._judging:
            one = await self._writer.write(write, urgent=True)
            if one.submitted_at_us:
                await self._take_in(one, JoinRequest.from_json(one.request), "")

    async def door_until_us(self) -> int:
        """Until when somebody may come to the door; 0: nobody."""
        known = await self._writer.read(invitations.rows)
        return max((one.keeps_door_until_us() for one in known), default=0)

    # --- what a stranger asks ---------------------------------------------------------------------

    def challenge(self, node: NodeId) -> bytes:
        """A nonce for this node."""
        return self._nonces.make(node, now_s=self._now_us() / 1e6)

    async def submit(
        self, *, token: bytes, nonce: bytes, request: bytes, proofs: Sequence[Proof],
        origin: str = "",
    ) -> Answer:
        """A node shows its token and its papers. The same keys with the same token again get the
        same answer as before; other keys get nothing."""
        try:
            asked = JoinRequest.from_json(request)
            self._check(proof.SUBMIT_TAG, asked, nonce, proofs)
            asked.verify(now_us=self._now_us())
        except FabricError as err:
            return _refused(err)
        async with self._judging:
            hashed = token_hash(token)
            found = await self._writer.read(lambda conn: invitations.by_hash(conn, hashed))
            if found is None:
                return STRANGER
            if found.node != asked.node or (
                found.request and not _same_keys(found.request, asked)
            ):
                await self._spoil(found, origin)
                return STRANGER
            return await self._judge(found, asked, origin)

    async def status(
        self, *, node: NodeId, nonce: bytes, proofs: Sequence[Proof], origin: str = ""
    ) -> Answer:
        """What became of a node that has submitted; its keys, not its token, say that it is it."""
        async with self._judging:
            found = await self._writer.read(lambda conn: invitations.newest_of(conn, node))
            if found is None or not found.request:
                return STRANGER
            asked = JoinRequest.from_json(found.request)
            try:
                self._check(proof.STATUS_TAG, asked, nonce, proofs)
            except FabricError:
                return STRANGER
            return await self._judge(found, asked, origin)

    def _check(
        self, tag: bytes, asked: JoinRequest, nonce: bytes, proofs: Sequence[Proof]
    ) -> None:
        self._nonces.check(nonce, asked.node, now_s=self._now_us() / 1e6)
        proof.check(tag, proofs, asked, nonce=nonce)

    async def _judge(self, found: Invite, asked: JoinRequest, origin: str) -> Answer:
        try:
            if found.used_at_us and found.ended_as is None:
                return await self._kit(found, asked)
            refuse_unless_live(found, now_us=self._now_us())
            if not found.submitted_at_us:
                await self._bind(found, asked, origin)
            if not found.may_enter:
                return Answer(
                    state=EnrolState.WAITING, code="invite.waiting",
                    detail="another administrator must approve",
                )
            await self._take_in(found, asked, origin)
            return await self._kit(found, asked)
        except FabricError as err:
            return _refused(err, found.reason)

    async def _bind(self, found: Invite, asked: JoinRequest, origin: str) -> None:
        def write(tx: Tx) -> None:
            invitations.bind(
                tx.conn, found.token_hash, request=asked.to_json(), at_us=tx.now_us
            )
            self._note(tx, Deed(
                action="EnrolNode", actor=asked.node, node=asked.node, outcome="submitted",
                origin=origin,
            ))
            tx.wake(TOPIC)

        await self._writer.write(write, urgent=True)

    async def _take_in(self, found: Invite, asked: JoinRequest, origin: str) -> None:
        """In one transaction: the token is used, the child accepted, its keys and certificate are
        known. Then its link runs at once."""
        identity = self._identity
        child = await asyncio.to_thread(
            join.admit, identity, asked, now_us=self._now_us(), rekey=found.rekey
        )

        def take(tx: Tx) -> None:
            now = invitations.by_hash(tx.conn, found.token_hash)
            if now is None:
                raise UnknownPeer(f"the invitation of {asked.node} is gone", code="invite.unknown")
            refuse_unless_live(now, now_us=tx.now_us)
            invitations.use(tx.conn, found.token_hash, at_us=tx.now_us)
            settle_child(tx, identity.node, child)
            # The paper last: whoever finds it finds what the database says of it. Should the
            # commit fail after it, the node is a child and comes again with the same keys.
            identity.keep_child(child)
            self._note(tx, Deed(
                action="EnrolNode", actor=asked.node, node=asked.node, outcome="accepted",
                reason=f"invited by {found.created_by}", origin=origin,
            ))
            tx.wake(TOPIC)

        await self._writer.write(take, urgent=True)
        await self._taken()

    async def _kit(self, found: Invite, asked: JoinRequest) -> Answer:
        return await asyncio.to_thread(self._kit_now, found, asked)

    def _kit_now(self, found: Invite, asked: JoinRequest) -> Answer:
        identity, now_us = self._identity, self._now_us()
        child: Child | None = identity.child(asked.node)
        if child is None or not _same_keys(child.request.to_json(), asked):
            return STRANGER
        if child.retired_at_us is not None:
            raise Untrusted(f"{asked.node} was retired", code="request.retired")
        roster = identity.roster()
        me = roster.member(identity.node) if roster is not None else None
        if me is None or identity.sign.key_id not in {key.key_id for key in me.sign_keys}:
            return Answer(
                state=EnrolState.WAITING, code=UNLISTED,
                detail=f"the root has not named {identity.node} itself yet",
            )
        kit = join.kit_of(
            identity, child, endpoints=Endpoints(grpc=found.grpc, nats=found.nats), now_us=now_us
        )
        return Answer(state=EnrolState.ACCEPTED, kit=kit)

    async def _spoil(self, found: Invite, origin: str) -> None:
        """A right token in wrong hands: after some of it, it is worth nothing."""
        tries = found.tries + 1

        def write(tx: Tx) -> None:
            invitations.tried(tx.conn, found.token_hash, tries)
            if tries >= TRIES_MAX and found.state(tx.now_us) in LIVE:
                invitations.end(
                    tx.conn, found.token_hash, state=InviteState.SPOILT, by="", at_us=tx.now_us,
                    reason=f"its token was used wrongly {tries} times",
                )
                self._note(tx, Deed(
                    action="EnrolNode", actor="", node=found.node, outcome="spoilt",
                    reason=f"{tries} wrong uses", origin=origin,
                ))
                tx.wake(TOPIC)

        await self._writer.write(write, urgent=True)


def _of(conn: Connection, node: NodeId) -> Invite:
    found = invitations.newest_of(conn, node)
    if found is None:
        raise UnknownPeer(f"{node} was not invited", code="invite.unknown")
    return found


def _same_keys(paper: str, asked: JoinRequest) -> bool:
    """Whether two requests of one node are of the same keys; its other words may have changed."""
    try:
        return join.same_keys(JoinRequest.from_json(paper), asked)
    except Malformed:
        return False


def _refused(err: FabricError, reason: str = "") -> Answer:
    return Answer(
        state=EnrolState.REFUSED, code=err.code, detail=f"{err}: {reason}" if reason else str(err)
    )
