"""Runs the session machine of one link on asyncio: the only part of it that touches the world.

It feeds inputs, carries actions out and never decides. Signing and verifying happen on worker
threads (one call per frame), SQL in the writer's thread or on its readers, talking in one task per
contact. An error it does not know ends the request, is logged once, and the link goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

import structlog

from hub.application import Application
from hub.carriers.port import Contact, Dialer
from hub.errors import FabricError, Fenced, Unreachable
from hub.ids import IdSource, LinkId, NodeId, Position
from hub.link import messages as msg
from hub.link import reconcile as rec
from hub.link import session as machine
from hub.link import steps
from hub.link.applying import Applier, Became
from hub.link.metrics import LinkMetrics
from hub.link.operations import LinkOperations
from hub.link.quota import Quota
from hub.link.rosters import ClaimPort, NoRosters, RenewPort, RosterPort
from hub.link.sealing import Sealing
from hub.link.settling import Settler, release_link
from hub.link.status import LinkStatus, Round
from hub.link.talks import Talks
from hub.link.upkeep import LEASE_US, Upkeep
from hub.seal import KeyRing, Signer
from hub.store import inbox, links, quarantine
from hub.store.tx import Writer

RECONCILE_S = 120.0
CLAIMS_WAITING_MAX = 8
"""Messages of claims of one child that wait to be judged; further ones are dropped: whoever claims
says it again."""
RENEWALS_WAITING_MAX = 4
"""The same for what is said of papers."""
RESTART_S = 5.0
"""After a bug in the machine: how long the link rests before it is taken again."""
SHOW_ANYWAY_US, COUNT_ANYWAY_US = 10_000_000, 600_000_000
"""After this long a link's gauges are brought up to date, and its rows are counted for them,
although nothing moved."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


class LinkDriver:
    """One link of this node. The child's side gets ``dialers``, the parent's hands ``accept`` to
    its listeners. ``clock`` is wall time, ``monotonic`` interval time, both in µs; ``jitter``
    draws from 0.8 to 1.4; ``credit`` says how many envelopes this node takes now, ``full`` that
    its disk has no place even for those of a peer without manners; ``quota``: what the peer may
    cost."""

    def __init__(
        self,
        *,
        link: LinkId,
        me: NodeId,
        writer: Writer,
        application: Application,
        signers: Sequence[Signer],
        keys: KeyRing,
        ids: IdSource,
        clock: Callable[[], int],
        monotonic: Callable[[], int],
        jitter: Callable[[], float],
        workers: Executor,
        dialers: Sequence[Dialer] = (),
        roster: RosterPort | None = None,
        claims: ClaimPort | None = None,
        renewals: RenewPort | None = None,
        credit: Callable[[], int] | None = None,
        full: Callable[[], bool] = lambda: False,
        quota: Quota | None = None,
        alarm: Callable[[LinkId, str, str], None] | None = None,
        metrics: LinkMetrics | None = None,
    ) -> None:
        self.link = link
        self.me = me
        self._writer = writer
        self._application = application
        self._signers = signers
        self._keys = keys
        self._ids = ids
        self._clock = clock
        self._monotonic = monotonic
        self._jitter = jitter
        self._workers = workers
        self._dialers = {dialer.kind: dialer for dialer in dialers}
        self._roster = roster or NoRosters()
        self._claims = claims
        self._claims_waiting = 0
        self._renewals = renewals
        self._renewals_waiting = 0
        self._credit = credit
        self._full = full
        self._quota = quota
        self._alarm = alarm or (lambda _link, _code, _detail: None)
        self._metrics = metrics
        self._session: machine.Session | None = None
        self._ops: LinkOperations | None = None
        self._sealing: Sealing | None = None
        self._settler: Settler | None = None
        self._talks: Talks | None = None
        self._accepted = 0
        self._inputs: deque[steps.Input] = deque()
        self._stepping = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unlisten: Callable[[], None] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._rounds: dict[str, list[asyncio.Future[steps.Report]]] = {}
        self._ended: dict[str, Round] = {}
        self._up_since_us: int | None = None
        self._heard_us: int | None = None
        self._moved = True
        self._stirred = asyncio.Event()
        self._counted_us = 0
        self._shown_us = 0
        self.oldest_us: int | None = None
        """When the oldest word that is not acknowledged was enqueued, at the last ``show``."""

    # -- life ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Take the link and begin. Raises ``UnknownPeer`` for a link this node does not have."""
        holder_id = self._ids.uuid7()
        self._claims_waiting = 0
        checkpoint = await self._writer.write(
            lambda tx: links.take(
                tx, self.link, holder_id=holder_id, lease_until_us=tx.now_us + LEASE_US
            )
        )
        applier = Applier(
            link=self.link,
            me=self.me,
            peer=checkpoint.peer,
            peer_is_parent=checkpoint.peer_is_parent,
            application=self._application,
            ids=self._ids,
            report=self._handler_failed,
        )
        self._ops = LinkOperations(
            applier=applier, holder_no=checkpoint.holder_no, signers=self._signers
        )
        self._settler = Settler(applier=applier, keys=self._keys)
        self._sealing = Sealing(
            link=self.link,
            me=self.me,
            peer=checkpoint.peer,
            signers=self._signers,
            keys=self._keys,
            lower=self._application.lower,
            dual=checkpoint.dual_seal,
        )
        self._talks = Talks(
            link=self.link,
            sealing=self._sealing,
            writer=self._writer,
            clock=self._clock,
            feed=self.feed,
            spawn=self._spawn,
            metrics=self._metrics,
        )
        self._session = machine.begin(
            checkpoint=checkpoint,
            me=self.me,
            kinds=tuple(self._dialers),
            types=tuple(sorted(applier.types.items())),
            roster_serial=self._roster.newest_serial(),
            min_proto=self._roster.min_proto(),
            claims=self._claims is not None,
            renews=self._renewals is not None,
        )
        self._heard_us = checkpoint.last_contact_at_us or None
        self._unlisten = self._writer.listen(f"link:{self.link}", self._woken)
        upkeep = Upkeep(
            link=self.link,
            holder_no=checkpoint.holder_no,
            writer=self._writer,
            credit=self._credit,
            full=self._full,
            quota=self._quota,
            told=self._reached,
            clock=self._clock,
            feed=self.feed,
            stirred=self._stirred,
        )
        self._stirred.set()
        self._spawn(upkeep.run())
        self.feed(steps.Started(checkpoint=checkpoint))

    async def stop(self) -> None:
        """Say goodbye and end; idempotent. Nothing is lost: whatever is under way is resent."""
        if self._restart is not None:
            self._restart.cancel()
        if self._session is None:
            return
        self._session = None
        await self._wind_up()

    async def _wind_up(self) -> None:
        """End contacts and tasks; what waits for an answer hears that there is none."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._timer is not None:
            self._timer.cancel()
        if self._talks is not None:
            await self._talks.goodbye()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for waiting in self._rounds.values():
            for future in waiting:
                if not future.done():
                    future.set_exception(Unreachable("reconciling: this node stops"))
        self._rounds.clear()

    async def accept(self, contact: Contact) -> None:
        """Parent's side: own an arrived contact until it ends. Its Hello decides what becomes
        of it."""
        talks = self._talks
        if self._session is None or talks is None:
            await contact.close()
            return
        self._accepted += 1
        number = self._accepted
        await talks.own(number, contact)

    # -- what others ask -----------------------------------------------------------------

    async def pause(self) -> None:
        """A person stops the flow; kept over restarts."""
        await self._steer(True)

    async def resume(self) -> None:
        """A person lets it flow again, at once."""
        await self._steer(False)

    async def release(self, *, actor: str) -> None:
        """Lift a quarantine for broken seals. Raises ``NotSettled`` for other standstills."""
        await self._writer.write(
            lambda tx: release_link(tx, self.link, actor=actor), urgent=True
        )
        await self.stop()
        await self.start()

    async def replay(self, position: Position, *, actor: str) -> Became:
        """Offer a parked word to the application again."""
        settler = self._running(self._settler)
        return await self._writer.write(
            lambda tx: settler.replay(tx, position, actor=actor), urgent=True
        )

    async def discard(self, position: Position, *, reason: str, actor: str) -> None:
        """Give a parked word up, with a reason."""
        settler = self._running(self._settler)
        await self._writer.write(
            lambda tx: settler.discard(tx, position, reason=reason, actor=actor), urgent=True
        )

    async def release_parked(self, codes: Sequence[str], *, actor: str) -> int:
        """After an upgrade, a roster or a code table: offer again what waited for it."""
        settler = self._running(self._settler)
        return await self._writer.write(
            lambda tx: settler.release(tx, codes, actor=actor), urgent=True
        )

    async def reconcile(self, scope: str | None = None) -> tuple[steps.Report, ...]:
        """Compare both sides now (at the parent). Raises ``Unreachable`` without a contact."""
        session = self._running(self._session)
        if session.phase is not machine.Phase.UP:
            raise Unreachable(f"reconciling {self.link}: no contact with {session.peer}")
        loop = asyncio.get_running_loop()
        scopes = (scope,) if scope else rec.SCOPES
        waiting = []
        for name in scopes:
            future: asyncio.Future[steps.Report] = loop.create_future()
            self._rounds.setdefault(name, []).append(future)
            waiting.append(future)
            self._session = machine.want_reconcile(self._running(self._session), name)
        self.feed(steps.Tick())
        try:
            async with asyncio.timeout(RECONCILE_S):
                return tuple([await future for future in waiting])
        except TimeoutError as err:
            raise Unreachable(f"reconciling {self.link}: no answer in time") from err

    def roster_changed(self) -> None:
        """A newer roster is kept now: say so, and look at unknown keys again."""
        self._rostered()

    def claims_changed(self) -> None:
        """There is something new to claim from the parent."""
        self.feed(steps.Claimed())

    def papers_aged(self) -> None:
        """There is something to say to the parent about our papers."""
        self.feed(steps.Aged())

    def papers_renewed(self) -> None:
        """Newer papers are in place: a new contact under them, at once."""
        self.feed(steps.Renewed())

    def status(self) -> LinkStatus:
        """How the link is doing. Raises ``Unreachable`` before ``start``."""
        s = self._running(self._session)
        up = s.phase is machine.Phase.UP
        waits = s.dials and s.phase is machine.Phase.IDLE and not s.mark.paused
        return LinkStatus(
            link=s.link,
            peer=s.peer,
            peer_is_parent=s.mark.peer_is_parent,
            state=s.mark.state,
            reason=s.mark.reason,
            paused=s.mark.paused,
            up=up,
            in_echo=s.phase is machine.Phase.ECHO,
            carrier=s.kind.value if up and s.kind else "",
            contact_since_us=self._up_since_us if up else None,
            last_contact_us=self._heard_us,
            credit=s.snd.credit,
            rtt_s=s.rtt_us / 1e6,
            offset_s=s.offset_us / 1e6,
            out=s.seq.out,
            acked=s.snd.acked,
            inn=s.rcv.inn,
            drafts=s.backlog,
            unacked=s.snd.unacked,
            peer_backlog=_backlog(s),
            retries=s.retry_n,
            next_dial_s=max(0, s.retry_at - self._monotonic()) / 1e6 if waits else None,
            rounds=tuple(self._ended.values()),
        )

    async def show(self) -> None:
        """Bring the gauges of this link up to date; called every few seconds. The database is
        asked only if something moved since, so that many idle links cost next to nothing."""
        if self._metrics is None or self._session is None:
            return
        now = self._clock()
        if not self._moved and now - self._shown_us < SHOW_ANYWAY_US:
            return
        self._shown_us = now
        self._metrics.show(self.status(), now_us=now)
        if not self._moved and now - self._counted_us < COUNT_ANYWAY_US:
            return
        self._moved, self._counted_us = False, now
        link = self.link
        found = await self._writer.read(
            lambda conn: (
                links.counts(conn, link),
                links.oldest_undelivered_us(conn, link),
                inbox.parked_counts(conn, link),
                quarantine.counts(conn, link),
            )
        )
        (drafts, unacked), self.oldest_us, parked, quarantined = found
        # What waits grows older by itself.
        self._moved = self._moved or self.oldest_us is not None
        self._metrics.show_store(
            link, now_us=now, drafts=drafts, unacked=unacked, oldest_us=self.oldest_us,
            parked=parked, quarantined=quarantined,
        )

    # -- the machine ---------------------------------------------------------------------

    def feed(self, given: steps.Input) -> None:
        """Give the machine an input; actions are carried out before this returns, in order."""
        self._inputs.append(given)
        if self._stepping:
            return
        self._stepping = True
        try:
            while self._inputs and self._session is not None:
                self._step(self._inputs.popleft())
        except Exception as err:
            log.exception("link.machine_broke", link=self.link)
            self._alarm(self.link, "link.machine_broke", f"{type(err).__name__}: {err}")
            self._session = None
            self._restart = asyncio.get_running_loop().create_task(self._begin_again())
        finally:
            self._stepping = False
            self._inputs.clear()
        self._arm()

    async def _begin_again(self) -> None:
        """A bug ended the machine; its state is nothing but a copy of what is committed."""
        await self._wind_up()
        await asyncio.sleep(RESTART_S)
        await self.start()

    def _step(self, given: steps.Input) -> None:
        before = self._running(self._session)
        now = steps.Now(self._monotonic(), self._clock(), self._jitter())
        session, actions = machine.step(before, given, now)
        self._session = session
        if session.phase is machine.Phase.UP and (
            before.phase is not machine.Phase.UP or before.contact != session.contact
        ):
            self._up_since_us = now.wall
            log.info("link.up", link=self.link, carrier=session.kind)
        elif before.phase is machine.Phase.UP and session.phase is not machine.Phase.UP:
            log.info("link.down", link=self.link)
        if session.heard_at != before.heard_at:
            self._heard_us = now.wall
        if session.phase is not before.phase or session.mark is not before.mark:
            self._moved = True
        for action in actions:
            self._perform(action)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._session is None:
            return
        at = machine.due(self._session)
        if at is not None:
            delay = max(0.001, (at - self._monotonic()) / 1e6)
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.feed(steps.Tick())

    def _woken(self, topic: str) -> None:
        if topic == f"link:{self.link}":
            self._stir()
            self.feed(steps.Woken())

    def _stir(self) -> None:
        """Something moves: gauges count again, upkeep looks at free places."""
        self._moved = True
        self._stirred.set()

    def _perform(self, action: steps.Action) -> None:
        match action:
            case steps.Say():
                self._running(self._talks).say(action)
            case steps.Write():
                self._spawn(self._write(action))
            case steps.Read():
                self._spawn(self._read(action))
            case steps.Seal():
                self._spawn(self._seal(action))
            case steps.Verify():
                self._spawn(self._verify(action))
            case steps.Finish():
                self._running(self._talks).finish(action.token)
            case steps.Count():
                if self._metrics is not None:
                    self._metrics.count(self.link, action)
            case steps.Dial():
                dialer = self._dialers[action.kind]
                self._spawn(self._running(self._talks).dial(action, dialer))
            case steps.Drop():
                self._running(self._talks).close(action.contact)
            case steps.Alarm():
                log.warning("link.alarm", link=self.link, code=action.code, detail=action.detail)
                self._alarm(self.link, action.code, action.detail)
            case steps.OfferRoster():
                self._offer_roster(action)
            case steps.TakeRoster():
                self._spawn(self._take_roster(action))
            case steps.OfferClaims():
                self._offer_claims(action)
            case steps.TakeClaims():
                if self._claims_waiting < CLAIMS_WAITING_MAX:
                    self._claims_waiting += 1
                    self._spawn(self._take_claims(action))
            case steps.OfferRenewal():
                self._offer_renewal(action)
            case steps.TakeRenewal():
                if self._renewals_waiting < RENEWALS_WAITING_MAX:
                    self._renewals_waiting += 1
                    self._spawn(self._take_renewal(action))
            case steps.Report():
                self._reported(action)

    # -- work ----------------------------------------------------------------------------

    async def _write(self, action: steps.Write) -> None:
        ops = self._running(self._ops)
        self._stir()
        await self._answer(
            action.ticket, self._writer.write(lambda tx: ops.write(tx, action.operation))
        )

    async def _read(self, action: steps.Read) -> None:
        ops = self._running(self._ops)
        now = self._clock()
        await self._answer(
            action.ticket,
            self._writer.read(lambda conn: ops.read(conn, action.operation, now_us=now)),
        )

    async def _seal(self, action: steps.Seal) -> None:
        sealing = self._running(self._sealing)
        await self._answer(action.ticket, self._work(lambda: sealing.seal(action)))

    async def _verify(self, action: steps.Verify) -> None:
        sealing, now = self._running(self._sealing), self._clock()
        await self._answer(
            action.ticket, self._work(lambda: sealing.verify(action.frame, now))
        )

    async def _work(self, call: Callable[[], object]) -> object:
        return await asyncio.get_running_loop().run_in_executor(self._workers, call)

    async def _answer(self, ticket: steps.Ticket, work: Coroutine[Any, Any, object]) -> None:
        """Run one request and tell the machine how it ended."""
        try:
            result = await work
        except FabricError as err:
            fenced = isinstance(err, Fenced) and err.code == Fenced.family
            log.warning("link.operation_failed", link=self.link, what=ticket.kind, code=err.code)
            self.feed(steps.Failed(ticket=ticket, code=err.code, fenced=fenced))
        except Exception:
            log.exception("link.operation_broke", link=self.link, what=ticket.kind)
            self.feed(steps.Failed(ticket=ticket, code="link.operation_broke"))
        else:
            self.feed(steps.Done(ticket=ticket, result=result))

    # -- rosters, claims, anti-entropy, people ---------------------------------------------------

    def _offer_roster(self, action: steps.OfferRoster) -> None:
        if self._roster.newest_serial() < action.serial:
            return
        signed = self._roster.newest_signed()
        if signed:
            self._running(self._talks).say(
                steps.Say(contact=action.contact, message=msg.RosterOffer(signed=signed))
            )

    async def _take_roster(self, action: steps.TakeRoster) -> None:
        try:
            await self._roster.offer(action.signed)
        except FabricError as err:
            log.warning("link.roster_refused", link=self.link, code=err.code, why=str(err))
        self._rostered()

    def _rostered(self) -> None:
        self.feed(
            steps.Rostered(
                serial=self._roster.newest_serial(), min_proto=self._roster.min_proto()
            )
        )

    def _offer_claims(self, action: steps.OfferClaims) -> None:
        for signed in self._claims.pending() if self._claims is not None else ():
            self._running(self._talks).say(
                steps.Say(contact=action.contact, message=msg.Claims(signed=signed))
            )

    async def _take_claims(self, action: steps.TakeClaims) -> None:
        try:
            if self._claims is not None and self._session is not None:
                await self._claims.hear(self._session.peer, action.signed)
        except FabricError as err:
            log.warning("link.claims_refused", link=self.link, code=err.code, why=str(err))
        finally:
            self._claims_waiting -= 1

    def _offer_renewal(self, action: steps.OfferRenewal) -> None:
        for renew in self._renewals.pending() if self._renewals is not None else ():
            self._running(self._talks).say(steps.Say(contact=action.contact, message=renew))

    async def _take_renewal(self, action: steps.TakeRenewal) -> None:
        try:
            if self._renewals is None or self._session is None:
                return
            answer = await self._renewals.hear(self._session.peer, action.renew)
        except FabricError as err:
            log.warning("link.renewal_failed", link=self.link, code=err.code, why=str(err))
            return
        finally:
            self._renewals_waiting -= 1
        if answer is not None:
            self._running(self._talks).say(steps.Say(contact=action.contact, message=answer))

    def _reached(self, bounds: tuple[str, ...]) -> None:
        """The peer has had its share of these, or (nothing) of none any more."""
        say = log.error if bounds else log.info
        say("link.quota", link=self.link, reached=list(bounds))
        if self._metrics is not None:
            self._metrics.reached(self.link, bounds)

    def _reported(self, report: steps.Report) -> None:
        self._ended[report.scope] = Round(
            scope=report.scope, at_us=self._clock(), missing=report.missing,
            pending=report.pending, surplus=report.surplus, differ=report.differ,
            error=report.error,
        )
        if not report.error:
            log.info(
                "reconciled",
                link=self.link,
                scope=report.scope,
                missing=report.missing,
                pending=report.pending,
                surplus=report.surplus,
                differ=report.differ,
            )
            if self._metrics is not None:
                self._metrics.reconciled(self.link, report)
        for future in self._rounds.pop(report.scope, []):
            if not future.done():
                future.set_result(report)

    async def _steer(self, paused: bool) -> None:
        await self._writer.write(
            lambda tx: links.set_paused(tx, self.link, paused), urgent=True
        )
        self.feed(steps.Steered(paused=paused))

    def _handler_failed(self, type_: str, err: Exception) -> None:
        log.error("link.handler_failed", link=self.link, type=type_, exc_info=err)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _running(self, part: T | None) -> T:
        if part is None:
            raise Unreachable(f"link {self.link} is not running")
        return part


def _backlog(s: machine.Session) -> int:
    """What the peer still has for us, as far as it told."""
    ahead = s.peer_out.seq - s.rcv.inn.seq if s.peer_out.epoch == s.rcv.inn.epoch else 0
    return max(0, ahead) + s.peer_backlog
