"""Claims in a running node: made for our children, heard from below, handed up, signed at the root.

What is to be said to the parent is derived from the papers of our children and the roster; what
comes from below is remembered only until it is said or shown, for whoever made it says it again.
The root signs the next roster by itself, or lets claims of new members wait for a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from hub.errors import FabricError, UnknownPeer
from hub.ids import NodeId
from hub.roster import join
from hub.roster.claims import (
    Claim,
    ClaimKind,
    judge,
    of_children,
    of_own_keys,
    open_claim,
    seal_claim,
)
from hub.roster.identity import Identity
from hub.roster.keeper import Alarm, RosterKeeper
from hub.store import claims as waiting
from hub.store.claims import ClaimRow, ClaimState
from hub.store.tx import Tx, Writer
from hub.wire import CLAIMS_MAX

RELAYED_MAX = 2_000
"""Claims from below that are remembered while they cannot be said; more are said again later."""
RELAYED_BYTES_MAX = 8 * 1024 * 1024
"""And their size: so many of the usual size, whatever a child makes of its own."""
MESSAGE_BYTES_MAX = 192 * 1024
"""Claims of one message; link messages stay under 256 KiB."""
TOPIC = "claim"
"""Woken when a person decided on a claim: the process that owns the links signs."""

log = structlog.get_logger(__name__)


class Claims:
    """One per node, beside its keeper (``hub.link.rosters.ClaimPort``). ``approve``: at the root a
    person looks at every new member before it is named."""

    def __init__(
        self,
        *,
        identity: Identity,
        keeper: RosterKeeper,
        writer: Writer,
        now_us: Callable[[], int],
        alarm: Alarm,
        approve: bool = False,
    ) -> None:
        self._identity = identity
        self._keeper = keeper
        self._writer = writer
        self._now_us = now_us
        self._alarm = alarm
        self._approve = approve
        self._own: dict[tuple[NodeId, ClaimKind], bytes] = {}
        self._relayed: dict[tuple[NodeId, ClaimKind], tuple[Claim, bytes]] = {}
        self._working = asyncio.Lock()
        self._on_news: Callable[[], None] = _nothing

    def listen(self, news: Callable[[], None]) -> Callable[[], None]:
        """Call ``news`` when there is something new to say upward. Returns what ends that."""
        self._on_news = news

        def end() -> None:
            self._on_news = _nothing

        return end

    def pending(self) -> Sequence[tuple[bytes, ...]]:
        """What is to be said to the parent, message by message."""
        roster = self._keeper.roster
        said = [*self._own.values(), *(
            signed for claim, signed in self._relayed.values() if not claim.is_shown(roster)
        )]
        messages: list[tuple[bytes, ...]] = []
        batch: list[bytes] = []
        for one in said:
            if batch and (
                len(batch) >= CLAIMS_MAX or sum(map(len, batch)) + len(one) > MESSAGE_BYTES_MAX
            ):
                messages.append(tuple(batch))
                batch = []
            batch.append(one)
        return [*messages, tuple(batch)] if batch else messages

    async def propose(self, signed: bytes) -> None:
        """Hand up a claim of our own (``join.make_key_claim``) until the roster shows it; at the
        root it is signed at once. To be said again after a restart, if the roster does not show
        it. Raises what ``open_claim`` raises."""
        claim = open_claim(signed, keys=self._keeper.keys, at_us=self._now_us())
        async with self._working:
            if claim.is_shown(self._keeper.roster):
                return
            if self._identity.is_root:
                await self._sign([claim])
                return
            self._relayed[claim.node, claim.kind] = (claim, signed)
        self._on_news()

    async def refresh(self) -> None:
        """Look at our children and the roster anew: at start, when either changed, and now and
        then. At the root what is missing is signed at once: it was this office's own doing."""
        async with self._working:
            roster, me = self._keeper.roster, self._identity.node
            self._relayed = {
                key: one for key, one in self._relayed.items() if not one[0].is_shown(roster)
            }
            missing = of_children(me, self._keeper.children, roster, now_us=self._now_us())
            if self._identity.is_root:
                # Whatever waits below may have become known with this roster, or been approved.
                await self._sign([*missing, *await self._approved()])
                return
            before, signers = set(self._own), self._identity.signers
            missing = (*missing, *of_own_keys(
                me, self._identity.public_keys(), roster, now_us=self._now_us()))
            self._own = await asyncio.to_thread(
                lambda: {(one.node, one.kind): seal_claim(one, signers) for one in missing}
            )
        if set(self._own) - before or self._relayed:
            self._on_news()

    async def hear(self, sender: NodeId, signed: tuple[bytes, ...]) -> None:
        """A child claims about its subtree. What we refuse is an alarm; what we cannot judge yet
        (a key that a later roster lists) is left to be said again."""
        async with self._working:
            fresh = await asyncio.to_thread(self._judged, sender, signed)
            if not fresh:
                return
            if self._identity.is_root:
                await self._decide([claim for claim, _ in fresh], {
                    (claim.node, claim.kind): one for claim, one in fresh
                })
                return
            size = sum(len(one) for _, one in self._relayed.values())
            for claim, one in fresh:
                key = (claim.node, claim.kind)
                known = self._relayed.get(key)
                grown = size + len(one) - (len(known[1]) if known is not None else 0)
                if grown <= RELAYED_BYTES_MAX and (
                    known is not None or len(self._relayed) < RELAYED_MAX
                ):
                    self._relayed[key], size = (claim, one), grown
        self._on_news()

    def _judged(
        self, sender: NodeId, signed: tuple[bytes, ...]
    ) -> list[tuple[Claim, bytes]]:
        found = []
        keys, roster, now_us = self._keeper.keys, self._keeper.roster, self._now_us()
        for one in signed:
            try:
                claim = open_claim(one, keys=keys, at_us=now_us)
                judge(claim, sender=sender, tree=keys)
            except UnknownPeer as err:
                log.info("claim_waits", sender=sender, code=err.code, why=str(err))
            except FabricError as err:
                self._refuse(err)
            else:
                if not claim.is_shown(roster):
                    found.append((claim, one))
        return found

    # --- at the root ------------------------------------------------------------------------------

    async def _decide(
        self, claims: list[Claim], signed: dict[tuple[NodeId, ClaimKind], bytes]
    ) -> None:
        """Sign what needs nobody's consent; let new members wait where a person wants to look."""
        if not self._approve:
            await self._sign(claims)
            return
        asked = [
            one for one in claims
            if one.kind is ClaimKind.ADD and not self._is_known(one.node)
        ]
        await self._sign([one for one in claims if one not in asked])
        if not asked:
            return

        def wait(tx: Tx) -> None:
            for one in asked:
                waiting.put(
                    tx.conn,
                    ClaimRow(
                        node=one.node, by=one.by,
                        name=one.request.name if one.request is not None else "",
                        signed=signed[one.node, one.kind], heard_at_us=tx.now_us,
                    ),
                )

        await self._writer.write(wait)

    def _is_known(self, node: NodeId) -> bool:
        return self._keeper.roster is not None and self._keeper.roster.member(node) is not None

    async def _approved(self) -> list[Claim]:
        """Claims a person said yes to; their seal held when they were heard."""
        rows = await self._writer.read(waiting.rows)
        found = []
        for row in rows:
            if row.state is ClaimState.APPROVED:
                try:
                    found.append(
                        open_claim(row.signed, keys=self._keeper.keys, at_us=self._now_us())
                    )
                except FabricError as err:
                    self._refuse(err)
        return found

    async def _sign(self, claims: Sequence[Claim]) -> None:
        roster = self._keeper.roster
        claims = [one for one in claims if not one.is_shown(roster)]
        if claims:
            refused = await asyncio.to_thread(
                join.take_claims, self._identity, claims, now_us=self._now_us()
            )
            for _, err in refused:
                self._refuse(err)
            await self._keeper.refresh()
            log.info("roster_signed", serial=self._keeper.newest_serial(), claims=len(claims))
        if self._approve:
            roster = self._keeper.roster
            shown = [
                row.node for row in await self._writer.read(waiting.rows)
                if roster is not None and roster.member(row.node) is not None
            ]
            if shown:
                await self._writer.write(lambda tx: waiting.forget(tx.conn, shown))

    def _refuse(self, err: FabricError) -> None:
        log.warning("claim_refused", code=err.code, why=str(err))
        self._alarm(err.code, f"refusing a claim: {err}")


def _nothing() -> None:
    """Before links run there is nobody to say anything to."""
