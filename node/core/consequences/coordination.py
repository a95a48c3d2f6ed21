"""What follows from what no rule solves: a question goes up or waits here, a decision goes down."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case
from node.core.consequences.saying import Effects, Follow, down, up
from node.core.effects import OpenWork, SettleWork, WorkKind
from node.core.facts import RequestKind


def _asked(before: Case | None, event: ev.CoordinationAsked, after: Case) -> Effects:  # noqa: ARG001
    if event.upward:
        question = w.RequestReport(
            request_id=event.coordination_id,
            kind=RequestKind.COORDINATION,
            reason_code=event.kind,
            asker=event.asker,
            level=event.level,
            size=event.size,
            problem_id=event.problem_id,
            rule=event.rule,
        )
        return (up(after, question, event.text),)
    return (
        OpenWork(
            kind=WorkKind.COORDINATION,
            ref=event.coordination_id,
            detail=f"{event.kind} {event.size} {event.level}",
        ),
    )


def _decided(before: Case | None, event: ev.CoordinationDecided, after: Case) -> Effects:  # noqa: ARG001
    settled = SettleWork(kind=WorkKind.COORDINATION, ref=event.coordination_id)
    live = after.live
    if live is None:
        return (settled,)
    decision = w.Decision(
        request_id=event.coordination_id,
        granted=True,
        decider=event.decider,
        lead=event.lead,
        assistants=event.assistants,
        problem_id=event.problem_id,
    )
    return (down(after, live, live.generation, decision, event.text), settled)


def nothing_to_coordinate(before: Case | None) -> Effects:
    """A case that is over leaves no question on the desk."""
    if before is None or not any(one.is_open and not one.upward for one in before.coordinations):
        return ()
    return (SettleWork(kind=WorkKind.COORDINATION),)


def _over(before: Case | None, event: ev.Event, after: Case) -> Effects:  # noqa: ARG001
    return nothing_to_coordinate(before)


FOLLOW: Final[Follow] = {
    ev.CoordinationAsked: _asked,
    ev.CoordinationDecided: _decided,
}
OVER: Final[Follow] = {
    ev.CaseClosed: _over,
    ev.CaseVoided: _over,
    ev.DutyEnded: _over,
    ev.DutyBuried: _over,
    ev.OrderTaken: _over,
}
"""Beside whatever else follows from an end; a newer order ends what an earlier one began."""
