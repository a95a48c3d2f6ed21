"""Sends numbered envelopes in frames and believes nothing but committed Acks.

Frames in flight grow by one per frame acknowledged within ``FAST_US`` and are halved beyond
``SLOW_US``; at one in flight the frame shrinks. Credit of the peer bounds envelopes beyond its
``in``. Other than for a Pull, a resend follows a Hello: ``begin`` starts again after ``acked``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from hub.envelope import FRAME_BYTES_MAX, FRAME_ENVELOPES_MAX, WINDOW_ENVELOPES_MAX
from hub.ids import START, ZERO_CHAIN, Chain, Position
from hub.link.messages import Ack
from hub.link.steps import Acked, Acknowledge, Action, Load, Read, Ready, Ticket, Write

FLIGHTS_MAX = 8
"""Frames in flight: half a megabyte to two, enough for 500 ms at 5,000 envelopes a second."""
FLIGHTS_START = 2
FAST_US, SLOW_US = 500_000, 2_000_000
NARROW_BYTES = 32 * 1024
"""Frame size while only one may fly: a thin line is not blocked for seconds by one frame."""
LINGER_US = 10_000
"""How long a frame that is not full waits for company while others fly."""
LOAD_BYTES_MAX = 4 * FRAME_BYTES_MAX
"""Sealed bytes read from the store at once during a resend."""
STALL_US = 30_000_000
"""In flight, with credit, and no progress for this long: the carrier is not to be trusted."""

ACK = Ticket("ack")


class Flight(NamedTuple):
    """One frame under way."""

    upto: Position
    envelopes: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """``ready`` follows ``sent`` without a hole. ``credit`` counts beyond ``acked``."""

    acked: Position = START
    acked_head: Chain = ZERO_CHAIN
    out: Position = START
    unacked: int = 0
    sent: Position = START
    ready: tuple[Ready, ...] = ()
    ready_since: int = 0
    flights: tuple[Flight, ...] = ()
    width: int = FLIGHTS_START
    credit: int = 0
    round: int = 0
    """Counts rewinds, so that a Load asked for before one is recognised."""
    loading: bool = False
    asking: Ack | None = None
    waiting: Ack | None = None
    progress: int = 0
    rtt_us: int = 0


Step = tuple[Sender, tuple[Action, ...]]


class Batch(NamedTuple):
    """Envelopes of one frame, in order."""

    rows: tuple[Ready, ...]

    @property
    def name(self) -> str:
        """Names the frame for carriers that drop doubled publishes."""
        first, last = self.rows[0], self.rows[-1]
        return (
            f"{first.position.epoch}:{first.position.seq}-{last.position.seq}:"
            f"{last.chain[:8].hex()}"
        )


def begin(
    state: Sender, *, acked: Position, acked_head: Chain, out: Position, unacked: int,
    credit: int, now: int
) -> Sender:
    """A contact begins: everything after ``acked`` is sent (again)."""
    return replace(
        state, acked=acked, acked_head=acked_head, out=max(out, state.out), unacked=unacked,
        sent=acked, ready=(), flights=(), width=FLIGHTS_START, credit=credit,
        round=state.round + 1, loading=False, waiting=None, progress=now,
    )


def offered(state: Sender, rows: tuple[Ready, ...], now: int) -> Sender:
    """Rows that just got their numbers: kept for sending if they join on without a hole."""
    out = rows[-1].position
    state = replace(state, out=out, unacked=state.unacked + len(rows))
    tail = state.ready[-1].position if state.ready else state.sent
    first = rows[0].position
    joins = (first.epoch == tail.epoch and first.seq == tail.seq + 1) and not state.loading
    if not joins or len(state.ready) + len(rows) > WINDOW_ENVELOPES_MAX:
        return state
    since = state.ready_since if state.ready else now
    return replace(state, ready=state.ready + rows, ready_since=since)


def loaded(state: Sender, rows: tuple[Ready, ...], *, round_: int, now: int) -> Sender:
    """Rows read from the store for a resend."""
    if round_ != state.round:
        return state
    kept = tuple(row for row in rows if row.position > state.sent)
    return replace(state, loading=False, ready=kept, ready_since=now)


def load_failed(state: Sender, *, round_: int) -> Sender:
    """The read did not happen; ``send`` asks again."""
    return replace(state, loading=False) if round_ == state.round else state


def send(state: Sender, now: int) -> tuple[Sender, tuple[Batch, ...], tuple[Action, ...]]:
    """As many frames as width and credit allow, and a Load if we ran dry."""
    batches: list[Batch] = []
    flying = sum(flight.envelopes for flight in state.flights)
    while state.ready and len(state.flights) < state.width:
        rows = _frame(state, credit=state.credit - flying)
        if not rows or _lingers(state, rows, now):
            break
        batches.append(Batch(rows))
        flying += len(rows)
        progress = state.progress if state.flights else now
        state = replace(
            state,
            sent=rows[-1].position,
            ready=state.ready[len(rows):],
            flights=(*state.flights, Flight(rows[-1].position, len(rows), now)),
            progress=progress,
        )
    if not state.ready and state.sent < state.out and not state.loading:
        load = Read(
            operation=Load(
                after=state.sent, limit=WINDOW_ENVELOPES_MAX, bytes_max=LOAD_BYTES_MAX
            ),
            ticket=Ticket("load", state.round),
        )
        return replace(state, loading=True), tuple(batches), (load,)
    return state, tuple(batches), ()


def due(state: Sender) -> int | None:
    """When a lingering frame must go, or a stall must be noticed."""
    times = []
    flying = sum(flight.envelopes for flight in state.flights)
    free = len(state.flights) < state.width and state.credit > flying
    if state.ready and state.flights and free:
        times.append(state.ready_since + LINGER_US)
    if state.flights and state.credit > 0:
        times.append(state.progress + STALL_US)
    return min(times, default=None)


def stalled(state: Sender, now: int) -> bool:
    """Frames fly, the peer has credit, and nothing moves."""
    return bool(state.flights) and state.credit > 0 and now - state.progress >= STALL_US


def heard(state: Sender, ack: Ack) -> Step:
    """An Ack arrived: credit counts at once where it says nothing new, otherwise its position is
    checked and committed first. A countersign is always news: it is evidence to be kept."""
    if ack.inn == state.acked and ack.in_head == state.acked_head and ack.countersign is None:
        return replace(state, credit=ack.credit), ()
    if state.asking is not None:
        return replace(state, waiting=_newer(state.waiting, ack)), ()
    return replace(state, asking=ack), (Write(operation=Acknowledge(ack=ack), ticket=ACK),)


def acked(state: Sender, result: Acked, now: int) -> Step:
    """The position of an Ack is committed: rows are delivered, the window moves."""
    ack = state.asking
    state = replace(state, asking=None)
    if result.acked >= state.acked:
        state = _advance(state, result, now)
        if ack is not None and ack.inn == result.acked:
            state = replace(state, credit=ack.credit)
    return _next_ack(state)


def ack_failed(state: Sender) -> Step:
    """The commit did not happen; a later Ack says the same again."""
    return _next_ack(replace(state, asking=None))


def rewind(state: Sender, after: Position) -> Sender:
    """The peer lacks what follows ``after`` (a Pull): send it again."""
    return replace(
        state, sent=max(after, state.acked), ready=(), flights=(), round=state.round + 1,
        loading=False,
    )


def _advance(state: Sender, result: Acked, now: int) -> Sender:
    width, rtt = state.width, state.rtt_us
    flights = []
    for flight in state.flights:
        if flight.upto > result.acked:
            flights.append(flight)
            continue
        rtt = now - flight.at
        if rtt < FAST_US:
            width = min(FLIGHTS_MAX, width + 1)
        elif rtt > SLOW_US:
            width = max(1, width // 2)
    sent = max(state.sent, result.acked)
    return replace(
        state,
        acked=result.acked,
        acked_head=result.acked_head,
        unacked=max(0, state.unacked - result.count),
        sent=sent,
        ready=tuple(row for row in state.ready if row.position > sent),
        flights=tuple(flights),
        width=width,
        rtt_us=rtt,
        progress=now if result.count else state.progress,
    )


def _newer(waiting: Ack | None, ack: Ack) -> Ack:
    """Which of two Acks to look at next; a countersign is not lost with the one left out."""
    if waiting is None:
        return ack
    newest, older = (ack, waiting) if ack.inn >= waiting.inn else (waiting, ack)
    if newest.countersign is None and older.countersign is not None:
        return replace(newest, countersign=older.countersign)
    return newest


def _next_ack(state: Sender) -> Step:
    if state.waiting is None:
        return state, ()
    return heard(replace(state, waiting=None), state.waiting)


def _frame(state: Sender, *, credit: int) -> tuple[Ready, ...]:
    """The next frame: bounded by count, bytes and credit; an epoch start needs no credit."""
    limit = NARROW_BYTES if state.width == 1 else FRAME_BYTES_MAX
    size = 0
    rows: list[Ready] = []
    for row in state.ready[:FRAME_ENVELOPES_MAX]:
        size += len(row.sealed)
        starts = row.position.seq == 1 and row.position.epoch > 1
        if (rows and size > limit) or (len(rows) >= credit and not starts):
            break
        rows.append(row)
    return tuple(rows)


def _lingers(state: Sender, rows: tuple[Ready, ...], now: int) -> bool:
    """A frame that could still grow waits a moment while others fly."""
    return (
        bool(state.flights)
        and len(rows) == len(state.ready)
        and len(rows) < FRAME_ENVELOPES_MAX
        and now - state.ready_since < LINGER_US
    )
