"""The assignor's own acts, shared by ``decide`` (a person acts) and ``hear`` (a word compels).

Only here are generations made: an order and a rework verdict take a new one, nothing else does.
"""

from __future__ import annotations

from node.core.case import Assignment, Case
from node.core.clock import leg_limits
from node.core.context import Context
from node.core.events import Assigned, AssignmentEnded, AssignmentReworked
from node.core.facts import Address, AssignmentId, Ending, Limits
from node.core.routing import OWN_CHOICE, Routed


def next_generation(issued: int, branch: int) -> int:
    """The allocator. ``branch`` (0, or the time of a recovery in seconds) lifts the count above
    every number that a lost history may have given away."""
    return 1 + max(issued, branch)


def hand_over(
    case: Case | None,
    *,
    to: Address,
    limits: Limits,
    outer: Limits | None,
    text: str,
    ctx: Context,
    routed: Routed | None = None,
) -> Assigned:
    """A new assignment; its limits never outlast the duty it serves. ``routed`` is what the tables
    said: whether it was followed, and who gave way, is recorded with the act."""
    issued = case.issued_generation if case is not None else 0
    basis, over = _choice(to, routed)
    return Assigned(
        at=ctx.now,
        assignment_id=AssignmentId(ctx.fresh_id()),
        to=to,
        generation=next_generation(issued, ctx.branch),
        limits=leg_limits(
            ctx.calendar, ctx.now, limits, outer=outer, reserve=ctx.reserve, sign=ctx.sign
        ),
        text=text,
        basis=basis,
        over=over,
    )


def _choice(to: Address, routed: Routed | None) -> tuple[str, tuple[Address, ...]]:
    if routed is None:
        return "", ()
    others = tuple(
        one.address
        for one in (*routed.named, *routed.over)
        if one.address is not None and one.address != to
    )
    return (routed.reason if routed.to == to else OWN_CHOICE), others


def send_round_again(
    case: Case,
    live: Assignment,
    *,
    limits: Limits,
    outer: Limits | None,
    text: str,
    ctx: Context,
) -> AssignmentReworked:
    """The same assignment under a new number: what it said under the old one is late from now."""
    return AssignmentReworked(
        at=ctx.now,
        assignment_id=live.assignment_id,
        previous_generation=live.generation,
        generation=next_generation(case.issued_generation, ctx.branch),
        limits=leg_limits(ctx.calendar, ctx.now, limits, outer=outer, reserve=ctx.reserve),
        text=text,
    )


def end_live(live: Assignment, ending: Ending, *, text: str, ctx: Context) -> AssignmentEnded:
    """The end of a handing-over; the caller makes sure it happens once."""
    return AssignmentEnded(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        ending=ending,
        text=text,
    )
