"""Gives numbers late: plans a batch of drafts, has it sealed, makes the numbers durable.

Only inside a contact and only while the window has room. So a cut leaves drafts, not numbers; an
urgent word overtakes a backlog by all but one window; a number exists only after its commit, and
a crash before that costs nothing. One batch at a time: the next one's chain begins at its head.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from hub.envelope import FRAME_ENVELOPES_MAX, WINDOW_ENVELOPES_MAX
from hub.ids import START, ZERO_CHAIN, Chain, Position
from hub.link.steps import Action, Number, Plan, Read, Ready, Seal, SealedRow, Ticket, Write


class Stage(StrEnum):
    """What the one batch is waiting for."""

    IDLE = "idle"
    PLANNING = "planning"
    SEALING = "sealing"
    NUMBERING = "numbering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequencer:
    """``out`` and ``head`` are committed; ``hungry``: there may be drafts we have not seen."""

    out: Position = START
    head: Chain = ZERO_CHAIN
    stage: Stage = Stage.IDLE
    hungry: bool = True
    rows: tuple[SealedRow, ...] = ()
    types: tuple[tuple[str, int], ...] = ()


Step = tuple[Sequencer, tuple[Action, ...]]
PLAN, SEAL, NUMBER = Ticket("plan"), Ticket("seal"), Ticket("number")


def greeted(
    state: Sequencer, *, out: Position, head: Chain, types: tuple[tuple[str, int], ...]
) -> Sequencer:
    """A contact begins: the committed end of our chain, and what the peer can read."""
    return replace(state, out=max(out, state.out), head=head if out >= state.out else state.head,
                   hungry=True, types=types)


def woken(state: Sequencer) -> Sequencer:
    """There are new drafts."""
    return replace(state, hungry=True)


def start(state: Sequencer, *, unacked: int) -> Step:
    """Begin the next batch if there is something to number and room in the window."""
    room = min(FRAME_ENVELOPES_MAX, WINDOW_ENVELOPES_MAX - unacked)
    if state.stage is not Stage.IDLE or not state.hungry or room <= 0:
        return state, ()
    planning = replace(state, stage=Stage.PLANNING, hungry=False)
    return planning, (Read(operation=Plan(limit=room), ticket=PLAN),)


def planned(state: Sequencer, rows: tuple[object, ...], *, in_contact: bool) -> Step:
    """Seal what was planned; without a contact nothing gets a number."""
    if not rows:
        return replace(state, stage=Stage.IDLE), ()
    if not in_contact:
        return replace(state, stage=Stage.IDLE, hungry=True), ()
    action = Seal(rows=rows, base=state.out, head=state.head, types=state.types, ticket=SEAL)
    return replace(state, stage=Stage.SEALING), (action,)


def sealed(state: Sequencer, rows: tuple[SealedRow, ...], *, in_contact: bool) -> Step:
    """Make the numbers durable, or forget the batch if the contact ended meanwhile."""
    if not in_contact or not rows:
        return replace(state, stage=Stage.IDLE, hungry=True), ()
    action = Write(operation=Number(base=state.out, rows=rows), ticket=NUMBER)
    return replace(state, stage=Stage.NUMBERING, rows=rows), (action,)


def numbered(state: Sequencer) -> tuple[Sequencer, tuple[Ready, ...]]:
    """The batch is committed: what may now be sent."""
    last = state.rows[-1]
    ready = tuple(Ready(row.position, row.chain, row.sealed) for row in state.rows)
    moved = replace(
        state, out=last.position, head=last.chain, stage=Stage.IDLE, hungry=True, rows=()
    )
    return moved, ready


def failed(state: Sequencer) -> Sequencer:
    """The batch did not happen; the drafts are still there."""
    return replace(state, stage=Stage.IDLE, hungry=True, rows=())
