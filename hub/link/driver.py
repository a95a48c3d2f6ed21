"""Runs the session machine of one link on asyncio: the only part of it that touches the world.

It feeds inputs, carries actions out and never decides. Signing and verifying happen on worker
threads (one call per frame), SQL in the writer's thread or on its readers, talking in one task per
contact. An error it does not know ends the request, is logged once, and the link goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog

from hub import wire
from hub.application import Application
from hub.carriers.port import Contact, Dialer, Parcel
from hub.errors import FabricError, Fenced, UnknownPeer, Unreachable
from hub.ids import IdSource, LinkId, NodeId, Position
from hub.link import messages as msg
from hub.link import reconcile as rec
from hub.link import session as machine
from hub.link import steps
from hub.link.applying import Applier, Became
from hub.link.metrics import LinkMetrics
from hub.link.operations import LinkOperations
from hub.link.sealing import Sealing
from hub.link.settling import Settler, release_link
from hub.link.status import LinkStatus
from hub.seal import KeyRing, Signer
from hub.store import inbox, links, outbox, quarantine
from hub.store.tx import Tx, Writer

LEASE_US = 30_000_000
RENEW_S = 10.0
"""How often the lease is renewed; it lapses after three missed renewals."""
ROOM_S = 1.0
"""How often free places (writer, disk) are looked at."""
DIAL_S = 15.0
"""Patience for one dial."""
SAY_S = 30.0
"""Patience for one message; a carrier that takes longer is not moving."""
OUTGOING_MAX = 64
"""Messages waiting on one contact: eight frames in flight, heartbeats, anti-entropy."""
RECONCILE_S = 120.0
RESTART_S = 5.0
"""After a bug in the machine: how long the link rests before it is taken again."""
TRIM_ROUNDS = 3_600
"""Rounds of ``ROOM_S`` between two looks at what may be forgotten."""
KEEP_BYTES_US = 30 * 86_400 * 1_000_000
"""Sealed bytes of delivered words: what a peer restored from a backup may ask for again."""
KEEP_ROWS_US = 90 * 86_400 * 1_000_000
GOODBYE_S = 1.0
"""How long an ending driver waits for its last words to go out."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


class RosterPort(Protocol):
    """Whoever keeps rosters."""

    def newest_serial(self) -> int: ...

    def newest_signed(self) -> bytes:
        """The newest valid roster as signed, b"" without one."""
        ...

    async def offer(self, signed: bytes) -> bool:
        """A peer offers a roster; True if it was newer, valid, and is kept now."""
        ...


class NoRosters:
    """For links without a roster keeper (tests, benchmarks)."""

    def newest_serial(self) -> int:
        return 0

    def newest_signed(self) -> bytes:
        return b""

    async def offer(self, signed: bytes) -> bool:
        del signed
        return False


@dataclass(slots=True, eq=False)
class _Talk:
    """One contact: the carrier's object, what is to be said on it, who says it."""

    contact: Contact
    outgoing: asyncio.Queue[tuple[bytes, bool, str] | None] = field(
        default_factory=lambda: asyncio.Queue(OUTGOING_MAX)
    )
    closing: bool = False
    speaker: asyncio.Task[None] | None = None


class LinkDriver:
    """One link of this node. The child's side gets ``dialers``, the parent's hands ``accept`` to
    its listeners. ``clock`` is wall time, ``monotonic`` interval time, both in µs; ``jitter``
    draws from 0.8 to 1.4; ``credit`` says how many envelopes this node takes now."""

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
        credit: Callable[[], int] | None = None,
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
        self._credit = credit
        self._alarm = alarm or (lambda _link, _code, _detail: None)
        self._metrics = metrics
        self._session: machine.Session | None = None
        self._ops: LinkOperations | None = None
        self._sealing: Sealing | None = None
        self._settler: Settler | None = None
        self._talks: dict[int, _Talk] = {}
        self._accepted = 0
        self._inputs: deque[steps.Input] = deque()
        self._stepping = False
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._parcels: dict[int, Parcel] = {}
        self._token = 0
        self._unlisten: Callable[[], None] | None = None
        self._restart: asyncio.Task[None] | None = None
        self._rounds: dict[str, list[asyncio.Future[steps.Report]]] = {}
        self._up_since_us: int | None = None
        self._heard_us: int | None = None

    # -- life ----------------------------------------------------------------------------

    async def start(self) -> None:
        """Take the link and begin. Raises ``UnknownPeer`` for a link this node does not have."""
        holder_id = self._ids.uuid7()
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
        self._ops = LinkOperations(applier=applier, holder_no=checkpoint.holder_no)
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
        self._session = machine.begin(
            checkpoint=checkpoint,
            me=self.me,
            kinds=tuple(self._dialers),
            types=tuple(sorted(applier.types.items())),
            roster_serial=self._roster.newest_serial(),
        )
        self._heard_us = checkpoint.last_contact_at_us or None
        self._unlisten = self._writer.listen(f"link:{self.link}", self._woken)
        self._spawn(self._keep_lease())
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
        for number, talk in list(self._talks.items()):
            goodbye = wire.message_bytes(msg.Fault(code="GOODBYE", detail="this node stops"))
            self._put(number, talk, (goodbye, False, ""))
            self._close(number)
        speakers = [talk.speaker for talk in self._talks.values() if talk.speaker]
        if speakers:
            await asyncio.wait(speakers, timeout=GOODBYE_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for waiting in self._rounds.values():
            for future in waiting:
                if not future.done():
                    future.set_exception(Unreachable("reconciling: this node stops"))
        self._rounds.clear()
        self._parcels.clear()

    async def accept(self, contact: Contact) -> None:
        """Parent's side: own an arrived contact until it ends. Its Hello decides what becomes
        of it."""
        if self._session is None:
            await contact.close()
            return
        self._accepted += 1
        number = self._accepted
        talk = self._open(number, contact)
        self.feed(steps.Arrived(contact=number, kind=contact.kind))
        await self._listen(number, talk)

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
        self.feed(steps.Rostered(serial=self._roster.newest_serial()))

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
        )

    async def show(self) -> None:
        """Bring the gauges of this link up to date; called before a scrape."""
        if self._metrics is None or self._session is None:
            return
        now = self._clock()
        self._metrics.show(self.status(), now_us=now)
        link = self.link
        found = await self._writer.read(
            lambda conn: (
                links.counts(conn, link),
                links.oldest_undelivered_us(conn, link),
                inbox.parked_counts(conn, link),
                quarantine.counts(conn, link),
            )
        )
        (drafts, unacked), oldest, parked, quarantined = found
        self._metrics.show_store(
            link, now_us=now, drafts=drafts, unacked=unacked, oldest_us=oldest, parked=parked,
            quarantined=quarantined,
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
            self.feed(steps.Woken())

    def _perform(self, action: steps.Action) -> None:
        match action:
            case steps.Say():
                self._say(action)
            case steps.Write():
                self._spawn(self._write(action))
            case steps.Read():
                self._spawn(self._read(action))
            case steps.Seal():
                self._spawn(self._seal(action))
            case steps.Verify():
                self._spawn(self._verify(action))
            case steps.Finish():
                self._finish(action.token)
            case steps.Count():
                if self._metrics is not None:
                    self._metrics.count(self.link, action)
            case steps.Dial():
                self._spawn(self._dial(action))
            case steps.Drop():
                self._close(action.contact)
            case steps.Alarm():
                log.warning("link.alarm", link=self.link, code=action.code, detail=action.detail)
                self._alarm(self.link, action.code, action.detail)
            case steps.OfferRoster():
                self._offer_roster(action)
            case steps.TakeRoster():
                self._spawn(self._take_roster(action))
            case steps.Report():
                self._reported(action)

    # -- work ----------------------------------------------------------------------------

    async def _write(self, action: steps.Write) -> None:
        ops = self._running(self._ops)
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

    async def _keep_lease(self) -> None:
        """Renew the lease and look at free places, for as long as the link runs."""
        ops = self._running(self._ops)
        rounds = 0
        room: int | None = None
        while True:
            await asyncio.sleep(ROOM_S)
            if self._credit is not None and (credit := self._credit()) != room:
                room = credit
                self.feed(steps.Room(credit=credit))
            rounds += 1
            if rounds % TRIM_ROUNDS == 0:
                await self._trim()
            if rounds % int(RENEW_S / ROOM_S):
                continue
            try:
                await self._writer.write(
                    lambda tx: links.renew(
                        tx, self.link, holder_no=ops.holder_no,
                        lease_until_us=tx.now_us + LEASE_US,
                    )
                )
            except Fenced as err:
                self.feed(steps.Failed(ticket=steps.Ticket("lease"), code=err.code, fenced=True))
                return
            except FabricError as err:
                log.warning("link.lease_not_renewed", link=self.link, code=err.code)

    async def _trim(self) -> None:
        """Forget bytes and rows of words that were delivered or settled long ago."""
        now, session = self._clock(), self._running(self._session)
        acked, inn = session.snd.acked, session.rcv.inn

        def trim(tx: Tx) -> None:
            ages = {"bytes_before_us": now - KEEP_BYTES_US, "rows_before_us": now - KEEP_ROWS_US}
            outbox.trim(tx, self.link, acked=acked, **ages)
            inbox.trim(tx, self.link, inn=inn, **ages)

        try:
            await self._writer.write(trim)
        except FabricError as err:
            log.warning("link.not_trimmed", link=self.link, code=err.code)

    # -- contacts ------------------------------------------------------------------------

    async def _dial(self, action: steps.Dial) -> None:
        dialer = self._dialers[action.kind]
        try:
            async with asyncio.timeout(DIAL_S):
                contact = await dialer.dial()
        except UnknownPeer as err:
            self.feed(steps.Closed(contact=action.contact, why=str(err), refused=True))
            return
        except (FabricError, TimeoutError) as err:
            why = str(err) or "no answer in time"
            self.feed(steps.Closed(contact=action.contact, why=why))
            return
        except Exception as err:
            log.exception("link.dial_broke", link=self.link, carrier=action.kind)
            self.feed(steps.Closed(contact=action.contact, why=f"the carrier broke: {err}"))
            return
        talk = self._open(action.contact, contact)
        self.feed(steps.Arrived(contact=action.contact, kind=contact.kind))
        await self._listen(action.contact, talk)

    def _open(self, number: int, contact: Contact) -> _Talk:
        talk = _Talk(contact)
        self._talks[number] = talk
        talk.speaker = self._spawn(self._speak(number, talk))
        return talk

    async def _listen(self, number: int, talk: _Talk) -> None:
        """Messages of one contact, until it ends."""
        why = "the peer closed the contact"
        try:
            async for parcel in talk.contact.parcels():
                if not await self._hear(number, talk, parcel):
                    why = "an unreadable message"
                    break
        except FabricError as err:
            why = str(err)
        except Exception:
            log.exception("link.listen_broke", link=self.link)
            why = "the carrier broke"
        finally:
            self._close(number)
        self.feed(steps.Closed(contact=number, why=why))

    async def _hear(self, number: int, talk: _Talk, parcel: Parcel) -> bool:
        """One message; False if its contact is not worth keeping."""
        if self._metrics is not None:
            self._metrics.moved_bytes(
                self.link, direction="in", carrier=talk.contact.kind.value,
                count=len(parcel.data),
            )
        sealing = self._sealing
        if sealing is None or self._session is None:
            return False
        self._token += 1
        token = self._token
        try:
            message = wire.message_from(parcel.data)
            given = sealing.check(
                message, contact=number, token=token, now_us=self._clock()
            )
        except UnknownPeer as err:
            log.warning("link.key_unknown", link=self.link, why=str(err))
            await parcel.done()
            self.feed(steps.Strange(contact=number, why=str(err)))
            return True
        except FabricError as err:
            log.warning("link.message_refused", link=self.link, code=err.code, why=str(err))
            said = wire.message_bytes(msg.Fault(code="UNSEALED", detail=str(err)))
            self._put(number, talk, (said, False, ""))
            await self._quarantine(err.code, parcel)
            return False
        if isinstance(message, msg.Frame):
            self._parcels[token] = parcel
        else:
            await parcel.done()
        self.feed(given)
        return True

    async def _quarantine(self, code: str, parcel: Parcel) -> None:
        """Bytes that are no message of the peer: kept, then forgotten by the carrier."""
        with contextlib.suppress(FabricError):
            await self._writer.write(
                lambda tx: quarantine.put(tx, self.link, code, parcel.data)
            )
            await parcel.done()

    async def _speak(self, number: int, talk: _Talk) -> None:
        """Say what waits on one contact, in order; ends with it."""
        why = ""
        try:
            while (one := await talk.outgoing.get()) is not None:
                data, frame, name = one
                async with asyncio.timeout(SAY_S):
                    await talk.contact.say(data, frame=frame, msg_id=name)
                if self._metrics is not None:
                    self._metrics.moved_bytes(
                        self.link, direction="out", carrier=talk.contact.kind.value,
                        count=len(data),
                    )
        except (FabricError, TimeoutError) as err:
            why = str(err) or "the carrier does not take messages"
        except Exception as err:
            log.exception("link.speak_broke", link=self.link)
            why = f"the carrier broke: {err}"
        finally:
            self._talks.pop(number, None)
            with contextlib.suppress(FabricError, OSError):
                await talk.contact.close()
        if why:
            self.feed(steps.Closed(contact=number, why=why))

    def _say(self, action: steps.Say) -> None:
        talk = self._talks.get(action.contact)
        if talk is None or talk.closing:
            return
        message = self._running(self._sealing).sign(action.message)
        data = wire.message_bytes(message)
        self._put(action.contact, talk, (data, isinstance(message, msg.Frame), action.name))

    def _put(self, number: int, talk: _Talk, one: tuple[bytes, bool, str]) -> None:
        try:
            talk.outgoing.put_nowait(one)
        except asyncio.QueueFull:
            # The carrier does not move: what we could not say is resent on the next contact.
            self._close(number)
            self._inputs.append(
                steps.Closed(contact=number, why="the carrier does not take messages")
            )

    def _close(self, number: int) -> None:
        """End a contact once what waits on it is said."""
        talk = self._talks.get(number)
        if talk is None or talk.closing:
            return
        talk.closing = True
        try:
            talk.outgoing.put_nowait(None)
        except asyncio.QueueFull:
            self._spawn(talk.contact.close())

    def _finish(self, token: int) -> None:
        parcel = self._parcels.pop(token, None)
        if parcel is not None and parcel.stored:
            self._spawn(self._done_with(parcel))

    async def _done_with(self, parcel: Parcel) -> None:
        with contextlib.suppress(FabricError):
            await parcel.done()

    # -- rosters, anti-entropy, people ---------------------------------------------------

    def _offer_roster(self, action: steps.OfferRoster) -> None:
        if self._roster.newest_serial() < action.serial:
            return
        signed = self._roster.newest_signed()
        if signed:
            self._say(
                steps.Say(contact=action.contact, message=msg.RosterOffer(signed=signed))
            )

    async def _take_roster(self, action: steps.TakeRoster) -> None:
        try:
            await self._roster.offer(action.signed)
        except FabricError as err:
            log.warning("link.roster_refused", link=self.link, code=err.code, why=str(err))
        self.feed(steps.Rostered(serial=self._roster.newest_serial()))

    def _reported(self, report: steps.Report) -> None:
        if self._metrics is not None and not report.error:
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
