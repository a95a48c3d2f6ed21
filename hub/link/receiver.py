"""Takes frames in order: verify on a worker, accept in one transaction, then acknowledge.

Frames are verified one after another and written in the order of their arrival, while the next
is verified. What cannot go on yet (a gap, an unknown key, a full disk) is held, bounded, and
asked for again. Nothing is acknowledged that is not committed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from hub.envelope import WINDOW_ENVELOPES_MAX
from hub.ids import START, ZERO_CHAIN, Chain, Position
from hub.link.messages import Frame
from hub.link.steps import (
    Accept,
    Accepted,
    Action,
    Checked,
    Count,
    Finish,
    Taken,
    Ticket,
    Verified,
    Verify,
    Write,
)

QUEUE_FRAMES_MAX = 16
"""Frames waiting to be verified: twice what a peer may have in flight; more are dropped and come
again after a Pull."""
HELD_FRAMES_MAX = 8
"""Verified frames waiting behind a gap."""
WRITING_FRAMES_MAX = 8
"""Frames in the writer's queue at once; those behind them wait unverified, so that a peer that
ignores its credit fills neither this queue nor the writer's."""
GAP_US = 2_000_000
"""A gap this old is asked for with a Pull."""
KEY_RETRY_US, KEY_PATIENCE_US = 5_000_000, 60_000_000
"""How often a frame with an unknown key is tried again, and when we give up."""
TROUBLE_US = 1_000_000
"""After a failed transaction (lock, full disk): credit 0 and another try this much later."""
STRIKES_MAX = 3
"""Broken seals at one position before the link is quarantined: damage heals, malice repeats."""


class Waiting(NamedTuple):
    """A frame as it came."""

    token: int
    frame: Frame


class Held(NamedTuple):
    """A verified frame that could not be taken yet."""

    token: int
    envelopes: tuple[Checked, ...]
    n: int = 0
    """Names the transaction that is to take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """``inn`` and ``in_head`` are committed."""

    inn: Position = START
    in_head: Chain = ZERO_CHAIN
    queue: tuple[Waiting, ...] = ()
    verifying: bool = False
    writing: tuple[Held, ...] = ()
    held: tuple[Held, ...] = ()
    gap_since: int = 0
    key_since: int = 0
    key_retry: int = 0
    trouble_until: int = 0
    strikes: int = 0
    broken: bytes = b""
    """What came broken last in this contact: a mailbox that gives out its one copy again and again
    tells nothing new about the peer."""
    room: int = WINDOW_ENVELOPES_MAX
    shut: bool = False
    """The peer has had its share: what comes nevertheless waits unverified, the rest is dropped."""
    writes: int = 0
    lifting: bytes = b""
    """The Hello of a peer that is being recovered in this contact."""
    fresh: int = 0
    """Envelopes taken since the last countersign."""


Step = tuple[Receiver, tuple[Action, ...]]
VERIFY = Ticket("verify")


def credit(state: Receiver, now: int) -> int:
    """Envelopes beyond ``inn`` that we take now."""
    if state.shut or now < state.trouble_until:
        return 0
    return min(state.room, WINDOW_ENVELOPES_MAX)


def room(state: Receiver, places: int, *, shut: bool) -> Step:
    """How much this node takes now; opening again goes on with what waits."""
    return _verify_next(replace(state, room=places, shut=shut))


def arrived(state: Receiver, token: int, frame: Frame) -> Step:
    """A frame came in, from whichever carrier."""
    if len(state.queue) >= QUEUE_FRAMES_MAX:
        return state, (Finish(token=token), Count(metric="frames_dropped"))
    return _verify_next(replace(state, queue=(*state.queue, Waiting(token, frame))))


def verified(state: Receiver, result: Verified, *, offset_ms: int) -> Step:
    """The frame at the head of the queue was opened as far as it is sound; write that much. What
    the flaw means for the link is the session's to say, which calls ``again`` or ``drop_head``."""
    head = state.queue[0]
    state = replace(state, verifying=False)
    if result.flaw is None:
        state = replace(state, queue=state.queue[1:], key_since=0)
        state, actions = _write(state, Held(head.token, result.envelopes), offset_ms)
    elif result.envelopes:
        # The sound part is progress; the parcel itself is not finished with it.
        state, actions = _write(state, Held(0, result.envelopes), offset_ms)
    else:
        actions = ()
    if result.flaw is not None:
        return state, actions
    state, more = _verify_next(state)
    return state, actions + more


def drop_head(state: Receiver) -> Step:
    """The frame just verified is beyond use."""
    head = state.queue[0]
    state, actions = _verify_next(replace(state, queue=state.queue[1:], key_since=0))
    return state, (Finish(token=head.token), *actions)


def wait_for_key(state: Receiver, now: int) -> Receiver:
    """The head of the queue needs a key we do not have: keep it."""
    since = state.key_since or now
    return replace(state, key_since=since, key_retry=now + KEY_RETRY_US)


def try_key_again(state: Receiver) -> Step:
    """A roster arrived, or it is time for another look."""
    return _verify_next(replace(state, key_retry=0))


def accepted(state: Receiver, n: int, result: Accepted, now: int) -> Step:
    """A frame's transaction committed."""
    done, rest = _take(state, n)
    moved = result.inn > state.inn
    state = replace(
        state,
        inn=max(result.inn, state.inn),
        in_head=result.in_head if result.inn >= state.inn else state.in_head,
        writing=rest,
        fresh=state.fresh + result.fresh,
    )
    if moved:
        state = replace(state, strikes=0, broken=b"", gap_since=now if state.held else 0)
    finished = _finish(done)
    if result.taken is Taken.GAP:
        state = replace(state, gap_since=state.gap_since or now)
        if len(state.held) < HELD_FRAMES_MAX:
            state, finished = replace(state, held=(*state.held, done)), ()
    state, more = _verify_next(state)
    return state, finished + more


def not_accepted(state: Receiver, n: int, now: int) -> Step:
    """The transaction failed and was rolled back: no ack, no credit, the frame waits."""
    done, rest = _take(state, n)
    return _verify_next(
        replace(
            state,
            writing=rest,
            held=(*state.held, done),
            trouble_until=now + TROUBLE_US,
            gap_since=state.gap_since or now,
        )
    )


def forgotten(state: Receiver, n: int) -> Step:
    """The link stands still: a frame under way is let go, it will be sent again."""
    done, rest = _take(state, n)
    return replace(state, writing=rest), _finish(done)


def try_held(state: Receiver, *, offset_ms: int) -> Step:
    """Progress was made, or trouble is over: offer the held frames again, in order."""
    held = sorted(state.held, key=_first)
    state = replace(state, held=())
    actions: tuple[Action, ...] = ()
    for frame in held:
        state, more = _write(state, frame, offset_ms)
        actions += more
    return state, actions


def pulled(state: Receiver, now: int) -> Receiver:
    """We asked for the gap; ask again after another ``GAP_US``."""
    return replace(state, gap_since=now)


def gap_is_old(state: Receiver, now: int) -> bool:
    return bool(state.gap_since) and now - state.gap_since >= GAP_US


def stopped(state: Receiver) -> Step:
    """The link stands still: let every parcel go and forget what is held."""
    held = (*state.held,)
    kept = state.queue[:1] if state.verifying else ()
    tokens = [frame.token for frame in held] + [w.token for w in state.queue[len(kept):]]
    state = replace(
        state, queue=kept, held=(), gap_since=0, key_since=0, key_retry=0, trouble_until=0
    )
    return state, tuple(Finish(token=token) for token in tokens if token)


def due(state: Receiver, *, in_contact: bool) -> int | None:
    """When something here wants another look; a gap can be asked for in a contact only."""
    times = []
    if state.gap_since and in_contact:
        times.append(state.gap_since + GAP_US)
    if state.key_retry:
        times.append(state.key_retry)
    if state.trouble_until and state.held:
        times.append(state.trouble_until)
    return min(times, default=None)


def _verify_next(state: Receiver) -> Step:
    busy = state.verifying or len(state.writing) >= WRITING_FRAMES_MAX
    if busy or state.shut or state.key_retry or not state.queue:
        return state, ()
    action = Verify(frame=state.queue[0].frame, ticket=VERIFY)
    return replace(state, verifying=True), (action,)


def _write(state: Receiver, frame: Held, offset_ms: int) -> Step:
    n = state.writes + 1
    action = Write(
        operation=Accept(
            envelopes=frame.envelopes, offset_ms=offset_ms, lifting=state.lifting
        ),
        ticket=Ticket("accept", n),
    )
    named = frame._replace(n=n)
    return replace(state, writes=n, writing=(*state.writing, named)), (action,)


def _take(state: Receiver, n: int) -> tuple[Held, tuple[Held, ...]]:
    done = next(frame for frame in state.writing if frame.n == n)
    return done, tuple(frame for frame in state.writing if frame.n != n)


def _finish(frame: Held) -> tuple[Action, ...]:
    return (Finish(token=frame.token),) if frame.token else ()


def _first(frame: Held) -> Position:
    return frame.envelopes[0].opened.header.position
