"""Orders: the case is handed to us."""

from __future__ import annotations

from node.core import events as ev
from node.core import words as w
from node.core.capability import Capability
from node.core.case import Case
from node.core.context import Context
from node.core.facts import Address, AddressKind, Ending, Facts, Limits
from node.core.handover import hand_over
from node.core.hear import endings, fences
from node.core.hear.heard import CONFLICT, Events, Heard, assignor, late_word, parked


def order(case: Case | None, word: w.Order, ctx: Context) -> Heard:
    if case is not None:
        duty = case.duty
        assert duty is not None, "own cases were turned away"
        if fences.is_older(word.generation, case.held_generation):
            return late_word(word, ctx)
        same = word.generation == case.held_generation
        if same and fences.is_buried(duty):
            return late_word(word, ctx)
        if same and duty.ended is None:
            if duty.assignment_id != word.assignment_id:
                return parked(CONFLICT)
            return Heard(events=(ev.OrderRepeated(at=ctx.now, facts=word.facts),))
    inner_ended = endings.end_inner(case, Ending.WITHDRAWN, "a newer order took its place", ctx)
    taken = ev.OrderTaken(
        at=ctx.now,
        case_id=word.case_id,
        assignor=assignor(ctx),
        assignment_id=word.assignment_id,
        generation=word.generation,
        limits=word.limits,
        facts=word.facts,
        text=word.text,
    )
    return Heard(
        events=(*inner_ended, taken, *_route_on(case, word.facts, word.limits, word.text, ctx))
    )


def _route_on(case: Case | None, facts: Facts, outer: Limits, text: str, ctx: Context) -> Events:
    """Hand it on at once where the table gives exactly one answer; otherwise a person's turn."""
    if ctx.route is None or Capability.DISPATCH not in ctx.capabilities:
        return ()
    routed = ctx.route(facts)
    to = routed.to
    here = Address(kind=AddressKind.NODE, id=ctx.node)
    if to is None or to == here or (ctx.reachable is not None and not ctx.reachable(to)):
        return (ev.RouteMissed(at=ctx.now, candidates=routed.candidates),)
    return (
        hand_over(case, to=to, limits=Limits(), outer=outer, text=text, ctx=ctx, routed=routed),
    )
