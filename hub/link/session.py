"""One link as one machine: ``step(state, input, now)`` gives the next state and what to do.

It composes the sequencer, the sender, the receiver and anti-entropy with the parts that share a
contact: ``contacts``, ``greeting``, ``incoming``, ``outgoing``, ``acks``, ``standstill`` and
``answers``. What is left to this module is the order of things and time: the watchdog, heartbeats,
when anti-entropy runs, and when the next tick is wanted.

A contact is *up* from a Hello that the judge passed to the loss of its carrier. None of these
modules may read a clock, a random source or a database: see ``hub.link.steps``.
"""

from __future__ import annotations

from dataclasses import replace

from hub.link import (
    acks,
    answers,
    contacts,
    greeting,
    incoming,
    outgoing,
    reconcile,
    recovery,
    renewing,
    sender,
    sequencer,
    standstill,
)
from hub.link import messages as msg
from hub.link import receiver as rx
from hub.link.checkpoint import FLOWING
from hub.link.steps import (
    Action,
    Aged,
    Arrived,
    Claimed,
    Closed,
    Done,
    Failed,
    Got,
    Input,
    Now,
    Renewed,
    Room,
    Rostered,
    Started,
    Steered,
    Strange,
    Tick,
    Woken,
)
from hub.link.turn import SECOND, Phase, Session, Turn, begin, may_dial

__all__ = ["Phase", "Session", "begin", "due", "step", "want_reconcile"]

HEARTBEAT_US = 10 * SECOND
SILENCE_US = 30 * SECOND
"""Nothing heard for this long: the carrier is dropped, whatever it claims."""
GREETING_US = 10 * SECOND
"""Patience for the peer's Hello after ours."""
RECONCILE_EVERY_US = 3_600 * SECOND
RECONCILE_BACK_US = 24 * 3_600 * SECOND
NIGHTLY_EVERY = 24
"""Every so many hourly rounds one looks at everything instead of the last day."""
PREFIX_BYTES = 3


def step(state: Session, given: Input, now: Now) -> tuple[Session, tuple[Action, ...]]:
    """One input, the next state, and what to do."""
    turn = Turn(state, now)
    match given:
        case Started():
            contacts.started(turn, given)
        case Tick():
            pass
        case Woken():
            turn.set(seq=sequencer.woken(turn.s.seq))
        case Arrived():
            contacts.arrived(turn, given)
        case Closed():
            contacts.closed(turn, given)
        case Got():
            incoming.got(turn, given)
        case Done():
            answers.done(turn, given.ticket, given.result)
        case Failed():
            answers.failed(turn, given)
        case Steered():
            standstill.steered(turn, given.paused)
        case Rostered():
            greeting.rostered(turn, given.serial, given.min_proto)
        case Claimed():
            greeting.claimed(turn)
        case Aged():
            renewing.aged(turn)
        case Renewed():
            renewing.renewed(turn)
        case Strange():
            greeting.strange(turn, given)
        case Room():
            turn.receiving(rx.room(turn.s.rcv, given.credit, shut=given.shut))
    on_time(turn)
    outgoing.flow(turn)
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
    if state.phase is Phase.IDLE and may_dial(state):
        times.append(state.retry_at)
    if state.phase is Phase.GREETING:
        times.append(state.since + GREETING_US)
    if state.phase is Phase.ECHO:
        times.append(state.said_at + HEARTBEAT_US)
        times.append(state.heard_at + SILENCE_US)
        times.append(recovery.due(state.rcy))
    if state.phase is Phase.UP:
        times.append(state.said_at + HEARTBEAT_US)
        times.append(state.heard_at + SILENCE_US)
        times.append(sender.due(state.snd))
        times.append(state.rec.due_us or None)
        if not state.mark.peer_is_parent:
            times.append(state.reconciled_at + RECONCILE_EVERY_US)
    return min((at for at in times if at is not None), default=None)


def on_time(turn: Turn) -> None:
    """What is due now, whatever the input was."""
    now = turn.now.mono
    s = turn.s
    if s.phase is Phase.IDLE and may_dial(s) and now >= s.retry_at:
        contacts.dial(turn)
    elif s.phase is Phase.GREETING and now - s.since >= GREETING_US:
        if s.asked == s.contact:
            standstill.refuse(turn, "UNKNOWN_KEY", "no roster of ours or of the peer lists its key")
        else:
            contacts.drop(turn, "no hello from the peer")
    elif s.phase is Phase.UP:
        _watch(turn)
    elif s.phase is Phase.ECHO:
        _watch_echo(turn)
    if turn.s.rcv.key_retry and now >= turn.s.rcv.key_retry:
        turn.receiving(rx.try_key_again(turn.s.rcv))
    if turn.s.rcv.held and turn.s.rcv.trouble_until and now >= turn.s.rcv.trouble_until:
        turn.set(rcv=replace(turn.s.rcv, trouble_until=0))
        turn.receiving(rx.try_held(turn.s.rcv, offset_ms=turn.offset_ms()))
    if turn.up() and rx.gap_is_old(turn.s.rcv, now):
        turn.say(msg.Pull(after=turn.s.rcv.inn))
        turn.set(rcv=rx.pulled(turn.s.rcv, now))


def _watch(turn: Turn) -> None:
    now = turn.now.mono
    if now - turn.s.heard_at >= SILENCE_US:
        contacts.drop(turn, "the peer is silent")
        return
    if sender.stalled(turn.s.snd, now):
        contacts.drop(turn, "nothing is acknowledged")
        return
    if turn.s.failover is not None:
        failover = turn.s.failover
        if not turn.s.snd.flights or turn.s.snd.credit == 0:
            failover = failover.progress(now / SECOND)
        failover, switch = failover.tick(now / SECOND, turn.now.jitter)
        turn.set(failover=failover)
        if switch and len(turn.s.kinds) > 1:
            turn.say(msg.Fault(code="GOODBYE", detail="trying another carrier"))
            contacts.end(turn, turn.s.contact, "trying another carrier")
            contacts.lost(turn, "trying another carrier", soon=True)
            return
    if now - turn.s.said_at >= HEARTBEAT_US:
        acks.ack(turn)
    greeting.claim(turn)
    renewing.ask(turn)
    if not turn.s.mark.peer_is_parent and now - turn.s.reconciled_at >= RECONCILE_EVERY_US:
        everything = turn.s.reconciles % NIGHTLY_EVERY == NIGHTLY_EVERY - 1
        since = b"" if everything else _prefix(turn.now.wall - RECONCILE_BACK_US)
        for scope in reconcile.SCOPES:
            turn.s = want_reconcile(turn.s, scope, since)
        turn.set(reconciled_at=now, reconciles=turn.s.reconciles + 1)
    turn.reconciling(reconcile.tick(turn.s.rec, now))
    if turn.s.scopes and not turn.s.rec.round:
        (scope, since), rest = turn.s.scopes[0], turn.s.scopes[1:]
        round_ = turn.now.wall.to_bytes(8, "big") + scope.encode()
        turn.set(scopes=rest)
        turn.reconciling(
            reconcile.begin(turn.s.rec, scope=scope, round_=round_, since=since, now=now)
        )


def _watch_echo(turn: Turn) -> None:
    now = turn.now.mono
    if now - turn.s.heard_at >= SILENCE_US:
        contacts.drop(turn, "the peer is silent")
        return
    if now - turn.s.said_at >= HEARTBEAT_US:
        acks.ack(turn)
    recovery.on_time(turn)


def _prefix(wall_us: int) -> bytes:
    """The first bytes of ids made at a time: where a round over recent cases begins."""
    return max(0, wall_us // 1_000).to_bytes(6, "big")[:PREFIX_BYTES]
