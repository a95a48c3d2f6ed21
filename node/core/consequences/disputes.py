"""What follows when a contest is decided: whoever raised it is told, in whatever round they are."""

from __future__ import annotations

from typing import TypeGuard

from node.core import events as ev
from node.core import words as w
from node.core.case import Case
from node.core.consequences.saying import Effects, down
from node.core.effects import SettleWork, WorkKind
from node.core.facts import RequestKind


def is_settled(event: ev.Event) -> TypeGuard[ev.RequestDecided]:
    """The event decides a contest."""
    return isinstance(event, ev.RequestDecided) and event.kind is RequestKind.DISPUTE


def settled(before: Case | None, event: ev.RequestDecided, after: Case) -> Effects:
    """The decision goes to the assignment it was raised under, live or ended."""
    assert before is not None, "only a known case is contested"
    one = next(
        one
        for one in (before.live, *reversed(before.past))
        if one is not None and one.assignment_id == event.assignment_id
    )
    decision = w.Decision(
        request_id=event.request_id, granted=event.granted, decider=event.decider
    )
    return (
        down(after, one, event.generation, decision, event.text),
        SettleWork(kind=WorkKind.REQUEST, ref=event.request_id),
    )
