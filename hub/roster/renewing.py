"""Papers in a running node: a child asks its parent for newer ones in time, a parent issues them.

At two thirds of their life, or when a person wants it, fresh keys are made and asked for over the
link, on whichever carrier is up. What is refused or not answered is asked again, later and later.
The parent keeps what the child used before as good until it hears it under the new ones, so an
answer that is lost on its way locks nobody out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from hub.errors import FabricError, Untrusted
from hub.ids import NodeId
from hub.link.messages import Renew
from hub.roster import renewal
from hub.roster.authority import Certificate, read_certificate
from hub.roster.documents import (
    ENDPOINT_CHARS_MAX,
    Endpoints,
    JoinRequest,
    Kit,
)
from hub.roster.identity import Child, Identity
from hub.roster.keeper import Note, RosterKeeper, unnoted

ASK_FIRST_US, ASK_LAST_US = 60_000_000, 3_600_000_000
"""First and longest pause before papers are asked for again; it doubles."""
WARN_US = 14 * 86_400_000_000
"""A certificate this near its end was not renewed for a week: a person must look."""
LATE_US = 14 * 86_400_000_000
"""For so long after its end a certificate may still be renewed, at the door for invited nodes."""
GRANT_PAUSE_US = 30_000_000
"""A child that asks for other papers more often than this hears that it is too soon."""

SAID_AT_THE_DOOR = frozenset({"renew.nkey", "renew.soon"})
"""Refusals that a child has to know to ask otherwise; both come after its proof."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """How the certificate from the parent stands. ``refused``: code and sentence of why the last
    request got nothing, ("", "") if there was none."""

    ends_at_us: int
    renew_at_us: int
    serial: str
    refused: tuple[str, str] = ("", "")


class Renewals:
    """One per node, beside its keeper (``hub.link.rosters.RenewPort``).

    ``issued``: a child's keys changed, so the doors and mailboxes have to know before it is told.
    ``told``: what a request says of us besides keys. ``fixed_nkeys``: the mailboxes of our children
    are on servers that we cannot tell of another user. ``call_door``: asks at the parent's door
    for invited nodes, once our certificate ran out. ``note`` writes down what was issued and taken.
    """

    def __init__(
        self,
        *,
        identity: Identity,
        keeper: RosterKeeper,
        now_us: Callable[[], int],
        issued: Callable[[], Awaitable[None]],
        told: Mapping[str, tuple[str, ...]],
        fixed_nkeys: bool = False,
        call_door: Callable[[Renew], Awaitable[Renew]] | None = None,
        note: Note = unnoted,
    ) -> None:
        self._identity = identity
        self._keeper = keeper
        self._now_us = now_us
        self._issued = issued
        self._told = told
        self._fixed_nkeys = fixed_nkeys
        self._call_door = call_door
        self._note = note
        self._working = asyncio.Lock()
        self._asking: Renew | None = None
        self._ask_at_us = 0
        self._pause_us = ASK_FIRST_US
        self._nkey = True
        self._wanted = False
        self._refused = ("", "")
        self._warned = ""
        self._papers: Papers | None = None
        self._renewed = False
        self._granted_us: dict[NodeId, int] = {}
        self._on_news: Callable[[], None] = _nothing
        self._on_renewed: Callable[[], Awaitable[None]] = _later

    def listen(
        self, *, news: Callable[[], None], renewed: Callable[[], Awaitable[None]]
    ) -> Callable[[], None]:
        """Call ``news`` when there is something to say to the parent, ``renewed`` once newer papers
        are in place. Returns what ends that."""
        self._on_news, self._on_renewed = news, renewed

        def end() -> None:
            self._on_news, self._on_renewed = _nothing, _later

        return end

    # --- at the child -----------------------------------------------------------------------------

    @property
    def papers(self) -> Papers | None:
        """Our certificate, as of the last look; None for a root, and before joining."""
        return self._papers

    async def want(self) -> None:
        """Renew now, whatever the age of what we have."""
        self._wanted = True
        self._ask_at_us, self._pause_us = 0, ASK_FIRST_US
        await self.tend()

    async def tend(self) -> None:
        """Look whether newer papers are due; called now and then."""
        async with self._working:
            present = await asyncio.to_thread(self._present)
            if present is None:
                self._papers = None
                return
            self._renewed = self._identity.held.keys.client_tls is not None
            now_us = self._now_us()
            self._papers = Papers(
                ends_at_us=present.not_after_us, renew_at_us=present.renew_at_us,
                serial=present.serial, refused=self._refused,
            )
            if not self._wanted and now_us < present.renew_at_us:
                self._asking = None
                return
            self._warn(present, now_us)
            if self._asking is None or now_us >= self._ask_at_us:
                self._asking = await asyncio.to_thread(self._request)
            over = 0 <= now_us - present.not_after_us <= LATE_US
        self._on_news()
        if over and self._call_door is not None:
            await self._ask_at_the_door(self._call_door)

    async def _ask_at_the_door(self, call: Callable[[Renew], Awaitable[Renew]]) -> None:
        """Over the link there may be no contact any more: gRPC takes no certificate that ended."""
        for renew in self.pending():
            if not renew.request:
                continue
            try:
                answer = await call(renew)
            except FabricError as err:
                log.warning("door_not_reached", code=err.code, why=str(err))
            else:
                await self._answered(answer)

    def pending(self) -> Sequence[Renew]:
        """What is to be said to the parent now: under which papers we speak, once they were
        renewed, and what we ask for, if it is time."""
        said = []
        if self._renewed and self._papers is not None:
            said.append(Renew(in_use=self._papers.serial))
        now_us = self._now_us()
        if self._asking is not None and now_us >= self._ask_at_us:
            self._ask_at_us = now_us + self._pause_us
            self._pause_us = min(self._pause_us * 2, ASK_LAST_US)
            said.append(self._asking)
        return said

    def _present(self) -> Certificate | None:
        kit = self._identity.kit() if not self._identity.is_root else None
        return read_certificate(kit.certificate) if kit is not None else None

    def _request(self) -> Renew:
        kit = self._identity.kit()
        request = renewal.ask(
            self._identity, now_us=self._now_us(), nkey=self._nkey,
            doors=self._told.get("doors", ()), capabilities=self._told.get("capabilities", ()),
        )
        reached = kit.endpoints if kit is not None else Endpoints()
        return Renew(
            request=request.to_json().encode(), grpc=reached.grpc, nats=reached.nats
        )

    def _warn(self, present: Certificate, now_us: int) -> None:
        if present.not_after_us - now_us <= WARN_US and self._warned != present.serial:
            self._warned = present.serial
            log.error("renewal_late", parent=self._identity.parent, refused=self._refused[0])

    async def _answered(self, renew: Renew) -> None:
        async with self._working:
            if self._asking is None:
                return  # an answer to what we asked before: we have papers
            if renew.code:
                log.warning("renewal_refused", code=renew.code, why=renew.detail)
                self._refused = (renew.code, renew.detail)
                if renew.code == "renew.nkey" and self._nkey:
                    self._nkey, self._asking, self._ask_at_us = False, None, 0
                    again = True
                else:
                    again = False
            else:
                certificate = await asyncio.to_thread(
                    lambda: renewal.take(
                        self._identity, Kit.from_json(renew.kit), roster=self._keeper.roster,
                        now_us=self._now_us(),
                    )
                )
                log.info("papers_renewed", serial=certificate.serial)
                self._asking, self._wanted, self._refused = None, False, ("", "")
                self._ask_at_us, self._pause_us, again = 0, ASK_FIRST_US, False
        await self.tend()
        if not renew.code:
            await self._on_renewed()
            if self._papers is not None:
                await self._note("RenewPapers", {"serial": self._papers.serial})
        elif again:
            self._on_news()

    # --- at the parent ----------------------------------------------------------------------------

    async def hear(self, sender: NodeId, renew: Renew) -> Renew | None:
        """What a neighbour says about papers: our parent answers, a child asks. What a child is
        refused it hears; what we refuse of our parent raises, and is asked again."""
        if sender == self._identity.parent:
            await self._answered(renew)
            return None
        if renew.in_use:
            async with self._working:
                used = await asyncio.to_thread(
                    renewal.confirm, self._identity, sender, renew.in_use
                )
            if used:
                log.info("old_papers_ended", child=sender)
                await self._issued()
            return None
        try:
            kit = await self._grant(sender, renew)
        except FabricError as err:
            log.warning("renewal_not_granted", child=sender, code=err.code, why=str(err))
            return Renew(code=err.code, detail=str(err))
        return Renew(kit=kit.to_json().encode())

    def any_lapsed(self) -> bool:
        """Whether a child may come to the door for invited nodes."""
        now_us = self._now_us()
        return any(
            child.retired_at_us is None and 0 <= now_us - child.certificate.not_after_us <= LATE_US
            for child in self._keeper.children
        )

    async def ask_lapsed(self, renew: Renew) -> Renew:
        """A child whose certificate ran out asks; nothing but its sign key proves who it is, so
        whoever does not prove that hears no more than a no."""
        try:
            sender = JoinRequest.from_json(renew.request).node
            child = await asyncio.to_thread(self._identity.child, sender)
            if child is None or self._now_us() > child.certificate.not_after_us + LATE_US:
                raise Untrusted(f"{sender} is no child, or comes too late", code="renew.late")
            kit = await self._grant(sender, renew)
        except FabricError as err:
            log.warning("renewal_not_granted", code=err.code, why=str(err), at="door")
            said = err.code if err.code in SAID_AT_THE_DOOR else "enrol.refused"
            return Renew(code=said, detail="this is not answered here")
        return Renew(kit=kit.to_json().encode())

    async def _grant(self, sender: NodeId, renew: Renew) -> Kit:
        async with self._working:
            request = JoinRequest.from_json(renew.request)
            if request.node != sender:
                raise Untrusted(
                    f"{sender} asks for papers of {request.node}", code="renew.not_yours"
                )
            now_us = self._now_us()
            if now_us - self._granted_us.get(sender, -GRANT_PAUSE_US) < GRANT_PAUSE_US:
                raise Untrusted(f"{sender} asks too often", code="renew.soon")
            child, kit = await asyncio.to_thread(self._issue, request, renew)
            await asyncio.to_thread(self._identity.keep_child, child)
            self._granted_us[sender] = now_us
        # The doors and the mailbox server know the new keys before the child does.
        await self._issued()
        log.info("papers_granted", child=sender, serial=child.certificate.serial)
        await self._note("IssuePapers", {"child": sender, "serial": child.certificate.serial})
        return kit

    def _issue(self, request: JoinRequest, renew: Renew) -> tuple[Child, Kit]:
        if any(len(one) > ENDPOINT_CHARS_MAX for one in (*renew.grpc, *renew.nats)):
            raise Untrusted("a renewal with an address that is none", code="request.malformed")
        return renewal.grant(
            self._identity, request, keys=self._keeper.keys,
            endpoints=Endpoints(grpc=renew.grpc, nats=renew.nats), now_us=self._now_us(),
            fixed_nkeys=self._fixed_nkeys,
        )


def _nothing() -> None:
    """Before links run there is nobody to say anything to."""


async def _later() -> None:
    """Before links run there is no contact to begin anew."""
