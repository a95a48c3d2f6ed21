"""One link as one machine: contacts, and what may flow inside them.

``step(state, input, now)`` gives the next state and what to do. It composes the sequencer, the
sender, the receiver and anti-entropy, and owns what they share: which contact is spoken on, the
Hello at its beginning, heartbeats, the watchdog, retry, and the decision to stand still. The
child dials, the parent answers; apart from that both ends are the same machine.

A contact is *up* from a Hello that the judge passed to the loss of its carrier. Frames are taken
from any carrier at any time; everything else only on the contact that is up.

This module must never read a clock, a random source or a database: see ``hub.link.steps``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from hub.carriers.failover import Failover
from hub.carriers.port import Kind
from hub.envelope import Opened
from hub.ids import START, LinkId, NodeId, Position
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link import reconcile, sender, sequencer
from hub.link.checkpoint import FLOWING, Checkpoint, LinkState
from hub.link.steps import (
    Accepted,
    Acked,
    Action,
    Alarm,
    Arrived,
    Closed,
    ComparedCounts,
    Count,
    Dial,
    Digested,
    Done,
    Drop,
    Failed,
    Finish,
    Flaw,
    Got,
    Greet,
    Input,
    Judged,
    Keep,
    Now,
    OfferRoster,
    Postpone,
    Read,
    Ready,
    Room,
    Rostered,
    Say,
    Started,
    Steered,
    Stop,
    Strange,
    Survey,
    Taken,
    TakeRoster,
    Tick,
    Ticket,
    Verified,
    Woken,
    Write,
)

SECOND = 1_000_000
HEARTBEAT_US = 10 * SECOND
SILENCE_US = 30 * SECOND
"""Nothing heard for this long: the carrier is dropped, whatever it claims."""
GREETING_US = 10 * SECOND
"""Patience for the peer's Hello after ours."""
RETRY_FIRST_US, RETRY_LAST_US = 1 * SECOND, 300 * SECOND
RETRY_DOUBLINGS_MAX = 9
COUNTERSIGN_ENVELOPES = 1_000
COUNTERSIGN_US = 60 * SECOND
OFFSET_ALARM_US = 30 * SECOND
CONTACTS_MAX = 8
"""Contacts a child may have open at once; beyond them the oldest that is not spoken on ends."""
STEADY_US = 30 * SECOND
"""A contact with nothing to acknowledge proves itself by lasting this long; only then do waiting
times begin at the bottom again, so that a link that falls down after every hello backs off."""
RECONCILE_EVERY_US = 3_600 * SECOND
RECONCILE_BACK_US = 24 * 3_600 * SECOND
NIGHTLY_EVERY = 24
"""Every so many hourly rounds one looks at everything instead of the last day."""
PREFIX_BYTES = 3
STOPPED = "link.stopped"
"""What an operation says that found the link standing still."""


class Phase(StrEnum):
    """What the link is doing; ``link.state`` says what it may do."""

    OFF = "off"
    IDLE = "idle"
    DIALING = "dialing"
    GREETING = "greeting"
    UP = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything one link remembers between two steps; monotonic times in µs."""

    link: LinkId
    me: NodeId
    peer: NodeId
    dials: bool
    types: tuple[tuple[str, int], ...] = ()
    kinds: tuple[Kind, ...] = ()
    mark: Checkpoint
    phase: Phase = Phase.OFF
    contact: int = 0
    kind: Kind | None = None
    contacts: tuple[tuple[int, Kind], ...] = ()
    """Contacts that exist; at most one of them is up."""
    dialed: int = 0
    since: int = 0
    """When the phase began."""
    asked: int = 0
    """The contact on which we asked for a roster, because its Hello has an unknown key."""
    greeted: bytes = b""
    """The signed Hello that opened the contact, to recognise its double."""
    seq: sequencer.Sequencer = field(default_factory=sequencer.Sequencer)
    snd: sender.Sender = field(default_factory=sender.Sender)
    rcv: rx.Receiver = field(default_factory=rx.Receiver)
    rec: reconcile.Reconciler = field(default_factory=reconcile.Reconciler)
    failover: Failover | None = None
    tries: int = 0
    retry_n: int = 0
    retry_at: int = 0
    heard_at: int = 0
    said_at: int = 0
    echo_stamp: int = 0
    echo_heard: int = 0
    rtt_us: int = 0
    offset_us: int = 0
    peer_out: Position = START
    peer_backlog: int = 0
    peer_serial: int = 0
    roster_serial: int = 0
    backlog: int = 0
    countersigned_at: int = 0
    committed_wall: int = 0
    """When the newest frame was committed, as its countersign will say."""
    reconciled_at: int = 0
    reconciles: int = 0
    scopes: tuple[tuple[str, bytes], ...] = ()
    """Rounds of anti-entropy that wait their turn: scope and the time prefix to begin at."""


def begin(
    *,
    checkpoint: Checkpoint,
    me: NodeId,
    kinds: tuple[Kind, ...],
    types: tuple[tuple[str, int], ...],
    roster_serial: int = 0,
) -> Session:
    """A session before its holder has been taken; ``kinds`` empty: the peer dials us."""
    return Session(
        link=checkpoint.link,
        me=me,
        peer=checkpoint.peer,
        dials=bool(kinds),
        kinds=kinds,
        types=types,
        mark=checkpoint,
        roster_serial=roster_serial,
    )


def step(state: Session, given: Input, now: Now) -> tuple[Session, tuple[Action, ...]]:
    """One input, the next state, and what to do."""
    turn = _Turn(state, now)
    match given:
        case Started():
            turn.started(given)
        case Tick():
            pass
        case Woken():
            turn.set(seq=sequencer.woken(turn.s.seq))
        case Arrived():
            turn.arrived(given)
        case Closed():
            turn.closed(given)
        case Got():
            turn.got(given)
        case Done():
            turn.done(given.ticket, given.result)
        case Failed():
            turn.failed(given)
        case Steered():
            turn.steered(given.paused)
        case Rostered():
            turn.rostered(given.serial)
        case Strange():
            turn.strange(given)
        case Room():
            turn.set(rcv=replace(turn.s.rcv, room=given.credit))
    turn.on_time()
    turn.flow()
    return turn.s, tuple(turn.actions)


def want_reconcile(state: Session, scope: str, since: bytes = b"") -> Session:
    """Ask for a round of anti-entropy as soon as the contact allows."""
    if any(scope == waiting for waiting, _ in state.scopes):
        return state
    return replace(state, scopes=(*state.scopes, (scope, since)))


def due(state: Session) -> int | None:
    """Monotonic time at which a ``Tick`` is wanted, None if only an input can change things."""
    up = state.phase is Phase.UP and state.mark.state in FLOWING
    times: list[int | None] = [rx.due(state.rcv, in_contact=up)]
    if state.phase is Phase.IDLE and _may_dial(state):
        times.append(state.retry_at)
    if state.phase is Phase.GREETING:
        times.append(state.since + GREETING_US)
    if state.phase is Phase.UP:
        times.append(state.said_at + HEARTBEAT_US)
        times.append(state.heard_at + SILENCE_US)
        times.append(sender.due(state.snd))
        times.append(state.rec.due_us or None)
        if not state.mark.peer_is_parent:
            times.append(state.reconciled_at + RECONCILE_EVERY_US)
    return min((at for at in times if at is not None), default=None)


def _may_dial(state: Session) -> bool:
    return state.dials and not state.mark.paused and state.mark.state in FLOWING


class _Turn:
    """The working copy of one step: made from the given state, frozen again for everybody else
    when the step returns."""

    __slots__ = ("actions", "now", "s")

    def __init__(self, state: Session, now: Now) -> None:
        self.s = replace(state)
        self.now = now
        self.actions: list[Action] = []

    def set(self, **changes: object) -> None:
        # The copy is ours until the step returns; a new one per change would be most of the
        # cost of a step.
        for name, value in changes.items():
            object.__setattr__(self.s, name, value)

    def do(self, *actions: Action) -> None:
        self.actions.extend(actions)

    # -- contacts ------------------------------------------------------------------------

    def started(self, given: Started) -> None:
        mark = given.checkpoint
        wait = max(0, min(mark.retry_at_us - self.now.wall, RETRY_LAST_US))
        failover = None
        if self.s.kinds:
            failover = Failover.begin(
                self.s.kinds,
                prefer=Kind(mark.prefer) if mark.prefer in Kind.__members__ else self.s.kinds[0],
                now_s=self.now.mono / SECOND,
                jitter=self.now.jitter,
            )
        self.set(
            mark=mark,
            phase=Phase.IDLE,
            since=self.now.mono,
            failover=failover,
            retry_n=mark.retry_n,
            retry_at=self.now.mono + wait,
            seq=replace(self.s.seq, out=mark.out, head=mark.out_head),
            snd=replace(self.s.snd, out=mark.out, acked=mark.acked, sent=mark.acked),
            rcv=replace(self.s.rcv, inn=mark.inn, in_head=mark.in_head),
            countersigned_at=self.now.mono,
            committed_wall=mark.last_contact_at_us,
            reconciled_at=self.now.mono,
        )

    def arrived(self, given: Arrived) -> None:
        if self.s.dials:
            if (
                self.s.phase is not Phase.DIALING
                or given.contact != self.s.dialed
                or not _may_dial(self.s)
            ):
                self.set(phase=Phase.IDLE)
                self.do(Drop(contact=given.contact, why="nobody waits for this contact"))
                return
            self.set(
                phase=Phase.GREETING, since=self.now.mono, contact=given.contact,
                kind=given.kind, contacts=((given.contact, given.kind),),
                failover=self._failover().opened(self.now.mono / SECOND),
            )
            self.do(Read(operation=Survey(), ticket=Ticket("survey", given.contact)))
            return
        self.set(contacts=(*self.s.contacts, (given.contact, given.kind)))
        spare = [one for one, _ in self.s.contacts if one != self.s.contact]
        if len(self.s.contacts) > CONTACTS_MAX:
            self._end_contact(spare[0], "too many contacts")

    def _end_contact(self, contact: int, why: str) -> None:
        self.do(Drop(contact=contact, why=why))
        self.set(contacts=tuple(one for one in self.s.contacts if one[0] != contact))

    def closed(self, given: Closed) -> None:
        known = tuple(one for one in self.s.contacts if one[0] != given.contact)
        self.set(contacts=known)
        if given.contact == self.s.asked:
            self.set(asked=0)
            self.do(Alarm(code="link.unknown_key", detail="the peer's key is in no roster here"))
        waited_for = self.s.dials and self.s.phase is Phase.DIALING
        if given.contact == (self.s.dialed if waited_for else self.s.contact):
            if given.refused:
                self.do(Alarm(code="link.refused", detail=given.why))
            # The other carrier's credentials may be good: it is asked before the long wait.
            last = (self.s.tries + 1) % max(1, len(self.s.kinds)) == 0
            self._lost(given.why, slow=given.refused and last)

    def drop(self, why: str, *, slow: bool = False) -> None:
        """Give the present contact up and, at the child, try again later."""
        if self.s.contact:
            self._end_contact(self.s.contact, why)
        self._lost(why, slow=slow)

    def _lost(self, why: str, *, slow: bool = False, soon: bool = False) -> None:
        """No contact any more: back to waiting. ``slow``: only a person can change the cause.
        ``soon``: we changed carriers of our own will."""
        if self._up():
            self._down(why)
        self.set(
            contact=0, kind=None, phase=Phase.IDLE, since=self.now.mono, greeted=b"",
        )
        rec, ended = reconcile.end(self.s.rec, "link.unreachable")
        self.set(rec=replace(rec, answering=()))
        self._utter(ended)
        if not self.s.dials:
            return
        delay = 0
        if not soon:
            failover = self._failover().failed(self.now.mono / SECOND, self.now.jitter)
            tries = self.s.tries + 1
            self.set(failover=failover, tries=tries)
            if slow:
                delay = int(RETRY_LAST_US * self.now.jitter)
            elif tries % len(self.s.kinds) == 0:
                n = min(self.s.retry_n, RETRY_DOUBLINGS_MAX)
                delay = int(
                    min(RETRY_FIRST_US << n, RETRY_LAST_US) * self.now.jitter
                )
                self.set(retry_n=self.s.retry_n + 1)
        self.set(retry_at=self.now.mono + delay)
        if delay:
            self.do(
                Write(
                    operation=Postpone(
                        n=self.s.retry_n, at_us=self.now.wall + delay,
                        reason=f"link.unreachable: {why}" if why else "link.unreachable",
                    ),
                    ticket=Ticket("postpone"),
                ),
                Count(metric="retries"),
            )

    def _down(self, why: str) -> None:
        reason = f"link.unreachable: {why}"
        self.do(
            Write(operation=Stop(state=LinkState.DOWN, reason=reason), ticket=Ticket("stop"))
        )
        self.set(mark=replace(self.s.mark, state=LinkState.DOWN))

    def _failover(self) -> Failover:
        assert self.s.failover is not None, "only the side that dials chooses carriers"
        return self.s.failover

    def dial(self) -> None:
        contact = self.s.dialed + 1
        kind = self._failover().current
        self.set(phase=Phase.DIALING, since=self.now.mono, dialed=contact)
        self.do(Dial(contact=contact, kind=kind))

    def say(self, message: msg.Message, *, name: str = "") -> None:
        if not self.s.contact:
            return
        self.do(Say(contact=self.s.contact, message=message, name=name))

    # -- hello ---------------------------------------------------------------------------

    def hello(self) -> None:
        mark = self.s.mark
        self.say(
            msg.Hello(
                link=self.s.link,
                sender=self.s.me,
                out=mark.out,
                inn=mark.inn,
                in_head=mark.in_head,
                holder_no=mark.holder_no,
                holder_id=mark.holder_id,
                backlog=mark.drafts,
                roster_serial=self.s.roster_serial,
                types=self.s.types,
                credit=rx.credit(self.s.rcv, self.now.mono),
                sent_at_us=self.now.wall,
            )
        )

    def judged(self, contact: int, result: Judged) -> None:
        hello = result.hello
        known = dict(self.s.contacts)
        self.set(mark=result.checkpoint)
        still = result.checkpoint.state not in FLOWING
        if contact not in known:
            if still:
                self._stand_still(result.detail)
            elif result.checkpoint.state is LinkState.UP and self.s.phase is not Phase.UP:
                self._down("the contact ended while its hello was judged")
            return
        if result.fault:
            fault = msg.Fault(
                code=result.fault, detail=result.detail, inn=result.checkpoint.inn,
                in_head=result.checkpoint.in_head, proof=result.proof,
            )
            self.do(Say(contact=contact, message=fault))
        if result.fault or still:
            self.do(Alarm(code=result.detail.split(":", 1)[0], detail=result.detail))
            if contact == self.s.contact:
                self.drop(result.detail, slow=result.fault == "INCOMPATIBLE")
            else:
                self._end_contact(contact, result.detail)
            if still:
                self._stand_still(result.detail)
            return
        if self.s.contact and self.s.contact != contact:
            # The peer says Hello on another carrier: that is where we speak from now on.
            self._end_contact(self.s.contact, "replaced by a newer contact")
        mark = result.checkpoint
        self.set(
            phase=Phase.UP, contact=contact, kind=known[contact], since=self.now.mono,
            greeted=hello.signed, heard_at=self.now.mono,
            echo_stamp=hello.sent_at_us, echo_heard=self.now.mono,
            peer_out=hello.out, peer_backlog=hello.backlog, peer_serial=hello.roster_serial,
            backlog=mark.drafts,
            seq=sequencer.greeted(
                self.s.seq, out=mark.out, head=mark.out_head, types=hello.types
            ),
            snd=sender.begin(
                self.s.snd, acked=mark.acked, acked_head=result.acked_head, out=mark.out,
                unacked=mark.unacked, credit=hello.credit, now=self.now.mono,
            ),
            rcv=replace(
                self.s.rcv,
                gap_since=self.now.mono if self.s.rcv.held else 0,
                # The last countersign may have been lost with the contact: it is said again.
                fresh=max(self.s.rcv.fresh, 1 if self.s.rcv.inn > START else 0),
            ),
        )
        offset = hello.sent_at_us - self.now.wall
        if abs(offset) > OFFSET_ALARM_US and not self.s.offset_us:
            # Rough, but the first words shall not pass for punctual until heartbeats tell.
            self._clocks_differ(offset)
        if not self.s.dials:
            self.hello()
        self.ack()
        if hello.roster_serial > self.s.roster_serial:
            self.say(msg.RosterOffer(want_serial=hello.roster_serial))

    def _stand_still(self, why: str) -> None:
        """The link may not flow any more: no contact is spoken on, what was held is let go."""
        if self.s.contact:
            self.drop(why)
        self._receive(rx.stopped(self.s.rcv))

    def stop(self, to: LinkState, reason: str, *, proof: Opened | None = None) -> None:
        """Stand still until a person acts. ``proof``: an envelope under our own seal; whether we
        hold it is known when the stop is committed."""
        self.do(
            Write(operation=Stop(state=to, reason=reason, proof=proof), ticket=Ticket("stop")),
            Alarm(code=reason.split(":", 1)[0], detail=reason),
        )
        self.set(mark=replace(self.s.mark, state=to, reason=reason))
        self._stand_still(reason)

    def copy_proven(self) -> None:
        """Something under our own seal that we did not make: we may not be the only copy."""
        self.do(Alarm(code="copy.proven", detail="another copy of this node spoke"))

    def strange(self, given: Strange) -> None:
        """A Hello under a key that we do not know. It may be newer than our roster, and the peer
        may have the roster that lists it: ask for it, once per contact."""
        if given.contact not in dict(self.s.contacts):
            return
        if given.contact in (self.s.asked, self.s.contact if self.s.phase is Phase.UP else 0):
            fault = msg.Fault(code="UNKNOWN_KEY", detail=given.why)
            self.do(
                Alarm(code="link.unknown_key", detail=given.why),
                Say(contact=given.contact, message=fault),
            )
            if given.contact == self.s.contact:
                self.drop(given.why, slow=True)
            else:
                self._end_contact(given.contact, given.why)
            return
        self.set(asked=given.contact)
        want = msg.RosterOffer(want_serial=self.s.roster_serial + 1)
        self.do(Say(contact=given.contact, message=want))

    # -- messages ------------------------------------------------------------------------

    def got(self, given: Got) -> None:
        message = given.message
        if isinstance(message, msg.Frame):
            if given.contact == self.s.contact:
                self.set(heard_at=self.now.mono)
            self.frame(given.token, message)
            return
        if isinstance(message, msg.Hello):
            self.got_hello(given.contact, message)
            return
        if isinstance(message, msg.Fault):
            if given.contact in dict(self.s.contacts):
                self.got_fault(given.contact, message, given.own)
            return
        if isinstance(message, msg.RosterOffer):
            # Also before the Hello is judged: perhaps it can only be read with this roster.
            if given.contact in dict(self.s.contacts):
                self.got_roster(given.contact, message)
            return
        if given.contact != self.s.contact or self.s.phase is not Phase.UP:
            if not self.s.dials and isinstance(message, msg.Ack):
                # A child that believes in a contact we do not know: it shall say Hello.
                self.do(
                    Say(contact=given.contact, message=msg.Fault(code="GOODBYE", detail="hello?"))
                )
            return
        self.set(heard_at=self.now.mono)
        match message:
            case msg.Ack():
                self.got_ack(message)
            case msg.Pull():
                self.got_pull(message)
            case msg.DigestAsk() | msg.List():
                self._reconcile(reconcile.asked(self.s.rec, message))
            case msg.Tell():
                self._reconcile(reconcile.told(self.s.rec, message))
            case msg.Result():
                self._reconcile(reconcile.resulted(self.s.rec, message, self.now.mono))

    def got_roster(self, contact: int, offer: msg.RosterOffer) -> None:
        if contact == self.s.contact:
            self.set(heard_at=self.now.mono)
        if offer.signed:
            self.do(TakeRoster(signed=offer.signed))
        else:
            self.do(OfferRoster(contact=contact, serial=offer.want_serial))

    def got_hello(self, contact: int, hello: msg.Hello) -> None:
        if contact not in dict(self.s.contacts):
            return
        if contact == self.s.contact and hello.signed == self.s.greeted:
            return
        if self.s.dials and self.s.phase not in (Phase.GREETING, Phase.UP):
            return
        if self.s.mark.paused:
            self.do(
                Say(
                    contact=contact,
                    message=msg.Fault(code="GOODBYE", detail="link.paused: paused by a person"),
                )
            )
            return
        self.do(Write(operation=Greet(hello=hello), ticket=Ticket("greet", contact)))

    def got_fault(
        self, contact: int, fault: msg.Fault, own: msg.Hello | Opened | None
    ) -> None:
        if contact != self.s.contact:
            return
        self.do(Count(metric="faults", label=fault.code))
        detail = fault.detail or fault.code
        foreign = isinstance(own, msg.Hello) and self._another_copy(own)
        if foreign:
            self.copy_proven()
        match fault.code:
            case "FENCED":
                if foreign or fault.inn.epoch > self.s.mark.out.epoch:
                    self.stop(
                        LinkState.FENCED,
                        f"link.fenced: the peer knows a newer copy of this node ({detail}). "
                        "Switch this copy off, or recover it.",
                    )
                    return
                # It answers an older Hello of ours, or what an older copy left in a mailbox.
                self.drop("the peer answered something older than we are")
            case "FORK":
                self.stop(
                    LinkState.QUARANTINED,
                    f"link.fork: the peer reports a fork ({detail})",
                    proof=own if isinstance(own, Opened) else None,
                )
            case "TWIN":
                self.stop(
                    LinkState.QUARANTINED,
                    f"link.twin: two running copies of one node speak on this link ({detail})",
                )
            case "CUT_MOVED":
                self.stop(
                    LinkState.RECOVERING,
                    f"link.cut_moved: the peer refused our new epoch ({detail})",
                )
            case "INCOMPATIBLE" | "UNKNOWN_KEY":
                self.do(Alarm(code=f"link.{fault.code.lower()}", detail=detail))
                self.drop(f"{fault.code}: {detail}", slow=True)
            case _:
                self.drop(f"{fault.code}: {detail}")

    def _another_copy(self, own: msg.Hello) -> bool:
        """A Hello under our seal by a holder that is neither this process nor one before it."""
        mark = self.s.mark
        return own.holder_no >= mark.holder_no and own.holder_id != mark.holder_id

    def got_ack(self, ack: msg.Ack) -> None:
        self._measure(ack)
        self.set(peer_out=ack.out, peer_backlog=ack.backlog)
        snd, actions = sender.heard(self.s.snd, ack)
        self.set(snd=snd)
        self.do(*actions)
        idle = not actions and snd.acked == snd.out and ack.inn == snd.acked
        if idle and self.now.mono - self.s.since >= STEADY_US:
            self._progress()

    def _progress(self) -> None:
        """The carrier is good, and the waiting times begin at the bottom."""
        if self.s.retry_n or self.s.tries:
            if self.s.retry_n:
                self.do(
                    Write(
                        operation=Postpone(n=0, at_us=0, reason=""), ticket=Ticket("postpone")
                    )
                )
            self.set(retry_n=0, tries=0)
        if self.s.failover is not None:
            self.set(failover=self.s.failover.progress(self.now.mono / SECOND))

    def _measure(self, ack: msg.Ack) -> None:
        """Round trip and clock offset from the stamps of the heartbeat."""
        self.set(echo_stamp=ack.sent_at_us, echo_heard=self.now.mono)
        if not ack.echo_at_us:
            return
        rtt = self.now.wall - ack.echo_at_us - ack.echo_held_us
        if rtt < 0:
            return
        offset = ack.sent_at_us - (self.now.wall - rtt // 2)
        self.set(rtt_us=rtt)
        self._clocks_differ(offset)

    def _clocks_differ(self, offset: int) -> None:
        if abs(offset) > OFFSET_ALARM_US >= abs(self.s.offset_us):
            self.do(Alarm(code="clock.offset", detail=f"clocks differ by {offset // SECOND} s"))
        self.set(offset_us=offset)

    def got_pull(self, pull: msg.Pull) -> None:
        if pull.echo:
            return
        if pull.after < self.s.snd.acked:
            self.drop("the peer asks for words it had acknowledged")
        elif pull.after <= self.s.snd.out:
            self.set(snd=sender.rewind(self.s.snd, pull.after))

    def ack(self) -> None:
        """Say what is committed here; at intervals with a countersign."""
        if self.s.phase is not Phase.UP:
            return
        rcv = self.s.rcv
        countersign = None
        waited = self.now.mono - self.s.countersigned_at
        if rcv.fresh and (rcv.fresh >= COUNTERSIGN_ENVELOPES or waited >= COUNTERSIGN_US):
            countersign = msg.Countersign(
                position=rcv.inn, head=rcv.in_head, signed=b"",
                committed_at_us=self.s.committed_wall or self.now.wall,
            )
            self.set(rcv=replace(rcv, fresh=0), countersigned_at=self.now.mono)
        self.say(
            msg.Ack(
                inn=rcv.inn,
                in_head=rcv.in_head,
                credit=rx.credit(rcv, self.now.mono),
                sent_at_us=self.now.wall,
                echo_at_us=self.s.echo_stamp,
                echo_held_us=self.now.mono - self.s.echo_heard if self.s.echo_stamp else 0,
                out=self.s.seq.out,
                backlog=self.s.backlog,
                countersign=countersign,
            )
        )
        self.set(said_at=self.now.mono)

    # -- frames --------------------------------------------------------------------------

    def frame(self, token: int, frame: msg.Frame) -> None:
        if self.s.mark.state not in FLOWING or self.s.mark.paused:
            self.do(Finish(token=token))
            return
        if frame.link != self.s.link or frame.origin != self.s.peer:
            self.do(
                Write(
                    operation=Keep(code="MALFORMED", evidence=frame.envelopes),
                    ticket=Ticket("keep"),
                ),
                Finish(token=token),
            )
            self._fault("MALFORMED", "a frame of another link or origin")
            return
        self._receive(rx.arrived(self.s.rcv, token, frame))

    def _receive(self, result: rx.Step) -> None:
        self.set(rcv=result[0])
        self.do(*result[1])

    def _offset_ms(self) -> int:
        return self.s.offset_us // 1_000

    def _fault(self, code: str, detail: str) -> None:
        """Say why, then drop: the next Hello starts cleanly. What only a change can heal is said
        to a person too, and waits."""
        patient = code in ("UNKNOWN_KEY", "INCOMPATIBLE")
        if patient:
            self.do(Alarm(code=f"link.{code.lower()}", detail=detail))
        self.say(
            msg.Fault(
                code=code, detail=detail, inn=self.s.rcv.inn, in_head=self.s.rcv.in_head
            )
        )
        self.drop(f"{code}: {detail}", slow=patient)

    def verified(self, result: Verified) -> None:
        if self.s.mark.state not in FLOWING:
            self._receive(rx.drop_head(replace(self.s.rcv, verifying=False)))
            return
        self._receive(rx.verified(self.s.rcv, result, offset_ms=self._offset_ms()))
        if result.flaw is None:
            return
        self.do(Count(metric="seal_failures", label=result.flaw.value))
        if result.flaw is Flaw.UNKNOWN_KEY:
            rcv = rx.wait_for_key(self.s.rcv, self.now.mono)
            if self.now.mono - rcv.key_since < rx.KEY_PATIENCE_US:
                self.set(rcv=rcv)
                self.say(msg.RosterOffer(want_serial=self.s.roster_serial + 1))
                return
            self._receive(rx.drop_head(replace(rcv, key_retry=0)))
            self._fault("UNKNOWN_KEY", result.detail)
            return
        if result.flaw is Flaw.INCOMPATIBLE:
            # Sound, but of a layout from the future: it comes again when this node is upgraded.
            self._receive(rx.drop_head(self.s.rcv))
            self._fault(result.flaw.value, result.detail)
            return
        self.do(
            Write(
                operation=Keep(code=result.flaw.value, evidence=(result.flawed,)),
                ticket=Ticket("keep"),
            )
        )
        strikes = self.s.rcv.strikes + (result.flaw is Flaw.UNSEALED)
        self.set(rcv=replace(self.s.rcv, strikes=strikes))
        self._receive(rx.drop_head(self.s.rcv))
        if strikes >= rx.STRIKES_MAX:
            self.say(msg.Fault(code="UNSEALED", detail=result.detail))
            after = self.s.rcv.inn
            self.stop(
                LinkState.QUARANTINED,
                f"link.unsealed: what follows {after} came broken {strikes} times "
                f"({result.detail}); look at the quarantine, then release the link",
            )
            return
        self._fault(result.flaw.value, result.detail)

    def accepted(self, n: int, result: Accepted) -> None:
        before = self.s.rcv.inn
        self._receive(rx.accepted(self.s.rcv, n, result, self.now.mono))
        self.set(mark=replace(self.s.mark, inn=self.s.rcv.inn, in_head=self.s.rcv.in_head))
        if result.fresh:
            self.set(committed_wall=self.now.wall)
        for outcome, count in result.outcomes:
            self.do(Count(metric="envelopes_in", n=count, label=outcome))
        match result.taken:
            case Taken.FORK:
                self.do(Count(metric="chain_failures"))
                self.say(msg.Fault(code="FORK", detail=f"at {result.inn}", proof=result.proof))
                reason = (
                    f"link.fork: the peer sealed two envelopes for one position near {result.inn};"
                    " both are kept in quarantine. Decide with the peer which copy shall live."
                )
                self.set(
                    mark=replace(self.s.mark, state=LinkState.QUARANTINED, reason=reason)
                )
                self.do(Alarm(code="link.fork", detail=reason))
                self._stand_still(reason)
                return
            case Taken.CUT_MOVED:
                self._fault("CUT_MOVED", f"we stand at {result.inn}")
                return
            case Taken.MALFORMED:
                self._fault("MALFORMED", "an envelope of another link")
                return
            case Taken.LEFTOVER:
                self.do(Count(metric="leftovers"))
                if self.s.peer_out.epoch < result.inn.epoch:
                    self._fault("FENCED", f"an epoch below {result.inn.epoch}")
                    return
                # Whoever speaks to us now is the living copy: it is not to blame for the mailbox.
            case Taken.WHOLE | Taken.GAP:
                pass
        if self.s.rcv.inn > before and self.s.rcv.held:
            self._receive(rx.try_held(self.s.rcv, offset_ms=self._offset_ms()))
        if result.taken in (Taken.WHOLE, Taken.LEFTOVER):
            self.ack()

    # -- answers -------------------------------------------------------------------------

    def done(self, ticket: Ticket, result: object) -> None:
        match ticket.kind:
            case "survey":
                assert isinstance(result, Checkpoint)
                if ticket.n == self.s.contact and self.s.phase is Phase.GREETING:
                    self.set(mark=result)
                    if result.state in FLOWING:
                        self.hello()
                    else:
                        self._stand_still(result.reason)
            case "greet":
                assert isinstance(result, Judged)
                self.judged(ticket.n, result)
            case "plan":
                self._sequence(
                    sequencer.planned(
                        self.s.seq, result, in_contact=self._up()  # type: ignore[arg-type]
                    )
                )
            case "seal":
                self._sequence(
                    sequencer.sealed(
                        self.s.seq, result, in_contact=self._up()  # type: ignore[arg-type]
                    )
                )
            case "number":
                seq, ready = sequencer.numbered(self.s.seq)
                self.set(
                    seq=seq,
                    snd=sender.offered(self.s.snd, ready, self.now.mono),
                    backlog=max(0, self.s.backlog - len(ready)),
                    mark=replace(self.s.mark, out=seq.out, out_head=seq.head),
                )
            case "load":
                self.loaded(ticket.n, result)  # type: ignore[arg-type]
            case "verify":
                assert isinstance(result, Verified)
                self.verified(result)
            case "accept":
                assert isinstance(result, Accepted)
                self.accepted(ticket.n, result)
            case "ack":
                assert isinstance(result, Acked)
                self.acked(result)
            case "own":
                assert isinstance(result, Digested)
                self._reconcile(reconcile.own(self.s.rec, result, self.now.mono))
            case "stop":
                if result is True:
                    self.copy_proven()
            case "repair":
                assert isinstance(result, int)
                self._reconcile(reconcile.repaired(self.s.rec, result, self.now.mono))
            case "tell" | "compare":
                assert isinstance(result, Digested | ComparedCounts)
                self._reconcile(reconcile.answered(self.s.rec, ticket.n, result))
            case _:
                pass

    def loaded(self, round_: int, rows: tuple[Ready, ...]) -> None:
        """Rows for a resend; none although there should be some means that history is gone."""
        current = round_ == self.s.snd.round and self._up()
        self.set(snd=sender.loaded(self.s.snd, rows, round_=round_, now=self.now.mono))
        if current and not rows and self.s.snd.sent < self.s.snd.out:
            self.stop(
                LinkState.RECOVERING,
                f"link.history_gone: what follows {self.s.snd.sent} is not kept here any more, and "
                "the peer needs it; the link needs a new epoch.",
            )

    def failed(self, given: Failed) -> None:
        """Nothing of it happened. Fenced at home: another process runs this link now."""
        if given.fenced:
            reason = "link.taken: another process of this node runs this link"
            self.set(mark=replace(self.s.mark, state=LinkState.FENCED, reason=reason))
            self.do(Alarm(code="link.taken", detail=reason))
        match given.ticket.kind:
            case "plan" | "seal" | "number":
                self.set(seq=sequencer.failed(self.s.seq))
                self.drop(f"{given.code}: numbering failed")
            case "load":
                self.drop(f"{given.code}: reading what to resend failed")
                self.set(snd=sender.load_failed(self.s.snd, round_=given.ticket.n))
            case "verify":
                self._receive(rx.drop_head(replace(self.s.rcv, verifying=False)))
            case "accept":
                if self.s.mark.state not in FLOWING or given.code == STOPPED:
                    self._receive(rx.forgotten(self.s.rcv, given.ticket.n))
                    self.drop(given.code)
                else:
                    self._receive(
                        rx.not_accepted(self.s.rcv, given.ticket.n, self.now.mono)
                    )
                    self.ack()
            case "ack":
                snd, actions = sender.ack_failed(self.s.snd)
                self.set(snd=snd)
                self.do(*actions)
            case "survey" | "greet":
                if given.ticket.n == self.s.contact:
                    self.drop(f"{given.code}: the hello could not be judged")
            case "own" | "repair":
                self._reconcile(reconcile.end(self.s.rec, given.code))
            case "tell" | "compare":
                self._reconcile(reconcile.answered(self.s.rec, given.ticket.n, None))
            case _:
                pass
        if given.fenced:
            self._stand_still("link.taken")

    def acked(self, result: Acked) -> None:
        snd, actions = sender.acked(self.s.snd, result, self.now.mono)
        self.set(snd=snd, mark=replace(self.s.mark, acked=snd.acked))
        self.do(*actions)
        if result.fork:
            self.set(
                mark=replace(
                    self.s.mark, state=LinkState.QUARANTINED, reason=result.reason
                )
            )
            self.do(
                Count(metric="chain_failures"), Alarm(code="link.fork", detail=result.reason)
            )
            self.say(msg.Fault(code="FORK", detail=result.reason))
            self._stand_still(result.reason)
        elif result.count:
            self.set(retry_n=0, tries=0)
            self.do(Count(metric="envelopes_out", n=result.count, label="ACKED"))
            if snd.rtt_us:
                self.do(Count(metric="frame_rtt", n=snd.rtt_us / SECOND))
            if self.s.failover is not None:
                self.set(failover=self.s.failover.progress(self.now.mono / SECOND))

    def _up(self) -> bool:
        return self.s.phase is Phase.UP and self.s.mark.state in FLOWING

    def _sequence(self, result: sequencer.Step) -> None:
        self.set(seq=result[0])
        self.do(*result[1])

    def _reconcile(self, result: reconcile.Step) -> None:
        self.set(rec=result[0])
        self._utter(result[1])

    def _utter(self, actions: tuple[Action | reconcile.Utter, ...]) -> None:
        for action in actions:
            if isinstance(action, reconcile.Utter):
                self.say(action.message)
            else:
                self.do(action)

    # -- people and rosters --------------------------------------------------------------

    def steered(self, paused: bool) -> None:
        self.set(mark=replace(self.s.mark, paused=paused), retry_n=0)
        if paused:
            if self.s.contact:
                self.say(msg.Fault(code="GOODBYE", detail="link.paused: paused by a person"))
                self.drop("link.paused: paused by a person")
        else:
            self.set(retry_at=self.now.mono)

    def rostered(self, serial: int) -> None:
        newer = serial > self.s.roster_serial
        self.set(roster_serial=max(serial, self.s.roster_serial))
        if newer and self.s.asked in dict(self.s.contacts):
            self._hello_again(self.s.asked)
        if self.s.rcv.key_retry:
            self._receive(rx.try_key_again(self.s.rcv))
        if self._up() and not self.s.mark.peer_is_parent and self.s.peer_serial < serial:
            self.do(OfferRoster(contact=self.s.contact, serial=serial))

    def _hello_again(self, contact: int) -> None:
        """A Hello could not be read before this roster came: begin anew, at once."""
        self.set(asked=0)
        if contact != self.s.contact:
            fault = msg.Fault(code="GOODBYE", detail="we have the roster now, say hello again")
            self.do(Say(contact=contact, message=fault))
            self._end_contact(contact, "a newer roster")
        elif self.s.phase is Phase.GREETING:
            self._end_contact(contact, "a newer roster")
            self._lost("a newer roster", soon=True)

    # -- time ----------------------------------------------------------------------------

    def on_time(self) -> None:
        """What is due now, whatever the input was."""
        now = self.now.mono
        s = self.s
        if s.phase is Phase.IDLE and _may_dial(s) and now >= s.retry_at:
            self.dial()
        elif s.phase is Phase.GREETING and now - s.since >= GREETING_US:
            if s.asked == s.contact:
                self._fault("UNKNOWN_KEY", "no roster of ours or of the peer lists its key")
            else:
                self.drop("no hello from the peer")
        elif s.phase is Phase.UP:
            self._watch()
        if self.s.rcv.key_retry and now >= self.s.rcv.key_retry:
            self._receive(rx.try_key_again(self.s.rcv))
        if self.s.rcv.held and self.s.rcv.trouble_until and now >= self.s.rcv.trouble_until:
            self.set(rcv=replace(self.s.rcv, trouble_until=0))
            self._receive(rx.try_held(self.s.rcv, offset_ms=self._offset_ms()))
        if self._up() and rx.gap_is_old(self.s.rcv, now):
            self.say(msg.Pull(after=self.s.rcv.inn))
            self.set(rcv=rx.pulled(self.s.rcv, now))

    def _watch(self) -> None:
        now = self.now.mono
        if now - self.s.heard_at >= SILENCE_US:
            self.drop("the peer is silent")
            return
        if sender.stalled(self.s.snd, now):
            self.drop("nothing is acknowledged")
            return
        if self.s.failover is not None:
            failover = self.s.failover
            if not self.s.snd.flights or self.s.snd.credit == 0:
                failover = failover.progress(now / SECOND)
            failover, switch = failover.tick(now / SECOND, self.now.jitter)
            self.set(failover=failover)
            if switch and len(self.s.kinds) > 1:
                self.say(msg.Fault(code="GOODBYE", detail="trying another carrier"))
                self._end_contact(self.s.contact, "trying another carrier")
                self._lost("trying another carrier", soon=True)
                return
        if now - self.s.said_at >= HEARTBEAT_US:
            self.ack()
        if not self.s.mark.peer_is_parent and now - self.s.reconciled_at >= RECONCILE_EVERY_US:
            everything = self.s.reconciles % NIGHTLY_EVERY == NIGHTLY_EVERY - 1
            since = b"" if everything else _prefix(self.now.wall - RECONCILE_BACK_US)
            for scope in reconcile.SCOPES:
                self.s = want_reconcile(self.s, scope, since)
            self.set(reconciled_at=now, reconciles=self.s.reconciles + 1)
        self._reconcile(reconcile.tick(self.s.rec, now))
        if self.s.scopes and not self.s.rec.round:
            (scope, since), rest = self.s.scopes[0], self.s.scopes[1:]
            round_ = self.now.wall.to_bytes(8, "big") + scope.encode()
            self.set(scopes=rest)
            self._reconcile(
                reconcile.begin(self.s.rec, scope=scope, round_=round_, since=since, now=now)
            )

    def flow(self) -> None:
        """Number and send what may go now."""
        if not self._up():
            return
        self._sequence(sequencer.start(self.s.seq, unacked=self.s.snd.unacked))
        snd, batches, actions = sender.send(self.s.snd, self.now.mono)
        self.set(snd=snd)
        self.do(*actions)
        for batch in batches:
            frame = msg.Frame(
                link=self.s.link,
                origin=self.s.me,
                envelopes=tuple(row.sealed for row in batch.rows),
            )
            # A carrier may drop a doubled publish, but never a resend: what was published on an
            # earlier contact may have been finished at the peer without being committed.
            attempt = f"{self.s.mark.holder_no}.{self.s.snd.round}"
            self.say(frame, name=f"{attempt}:{batch.name}")


def _prefix(wall_us: int) -> bytes:
    """The first bytes of ids made at a time: where a round over recent cases begins."""
    return max(0, wall_us // 1_000).to_bytes(6, "big")[:PREFIX_BYTES]
