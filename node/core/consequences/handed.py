"""What follows from what happens to what we handed on."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    answered,
    down,
    live_before,
    settle_waiting,
    stop_timers,
    timers_of,
)
from node.core.effects import (
    OpenWork,
    Say,
    SettleWork,
    WorkKind,
)
from node.core.facts import AddressKind, Ending, Rank, RequestKind


def _assigned(before: Case | None, event: ev.Assigned, after: Case) -> Effects:
    live = after.live
    assert live is not None, "it was just handed over"
    assert after.facts is not None, "a tombstone is never handed over"
    order = w.Order(
        case_id=after.case_id,
        assignment_id=event.assignment_id,
        generation=event.generation,
        limits=event.limits,
        facts=after.facts,
        text=event.text,
    )
    settled: Effects = ()
    if before is not None and before.unrouted:
        settled = (SettleWork(kind=WorkKind.ROUTE),)
    return (Say(to=event.to, word=order), *timers_of(live), *settled)


def _assignee_signed(before: Case | None, event: ev.AssigneeSigned, after: Case) -> Effects:  # noqa: ARG001
    live = live_before(before)
    return stop_timers(live, finish=False)


def _assignee_done(before: Case | None, event: ev.AssigneeDone, after: Case) -> Effects:  # noqa: ARG001
    live = live_before(before)
    settled = (*stop_timers(live, finish=True), *settle_waiting(live))
    if not event.to_confirm:
        return settled
    return (*settled, OpenWork(kind=WorkKind.CONFIRM, ref=event.assignment_id))


def _feedback_lacking(before: Case | None, event: ev.FeedbackLacking, after: Case) -> Effects:  # noqa: ARG001
    if event.returned:
        return ()
    return (OpenWork(
        kind=WorkKind.PROOFREAD, ref=event.assignment_id, detail=" ".join(event.lacks)),)


def _assignee_asked(before: Case | None, event: ev.AssigneeAsked, after: Case) -> Effects:  # noqa: ARG001
    replaced: Effects = ()
    # a contest runs beside the open request: it takes nobody's place
    beside = event.kind is RequestKind.DISPUTE
    for one in (before.live, *before.past) if before is not None and not beside else ():
        if one is not None and one.assignment_id == event.assignment_id and one.request is not None:
            replaced = (SettleWork(kind=WorkKind.REQUEST, ref=one.request.request_id),)
    item = OpenWork(
        kind=WorkKind.REQUEST, ref=event.request_id, detail=f"{event.kind} {event.reason_code}"
    )
    return (*replaced, item)


def _assignment_reworked(before: Case | None, event: ev.AssignmentReworked, after: Case) -> Effects:
    old = live_before(before)
    live = after.live
    assert live is not None, "rework keeps the assignment"
    verdict = w.ReworkVerdict(next_generation=event.generation, limits=event.limits)
    return (
        down(after, old, event.previous_generation, verdict, event.text),
        *stop_timers(old, finish=True),
        *settle_waiting(old),
        *timers_of(live),
    )


def _assignment_ended(before: Case | None, event: ev.AssignmentEnded, after: Case) -> Effects:
    live = live_before(before)
    said: Effects = ()
    at_work = live.rank is not Rank.DONE and live.to.kind is AddressKind.ADAPTER
    if event.ending is Ending.WITHDRAWN or (at_work and event.ending in _NO_WORD_OF_A_UNIT):
        act = w.Withdraw(reason=event.text)
        said = (down(after, live, event.generation, act, ""),)
    elif event.ending is Ending.CLOSED:
        said = (down(after, live, event.generation, w.ClosedVerdict(), event.text),)
    return (
        *said,
        *stop_timers(live, finish=True),
        *settle_waiting(live),
    )


def _report_late(before: Case | None, event: ev.ReportLate, after: Case) -> Effects:  # noqa: ARG001
    if not event.result:
        return ()
    return (OpenWork(kind=WorkKind.LATE_REPORT, ref=event.cause, detail=event.result),)


def _late_result_adopted(before: Case | None, event: ev.LateResultAdopted, after: Case) -> Effects:  # noqa: ARG001
    return (SettleWork(kind=WorkKind.LATE_REPORT, ref=event.cause),)


def _route_missed(before: Case | None, event: ev.RouteMissed, after: Case) -> Effects:  # noqa: ARG001
    named = ", ".join(str(one) for one in event.candidates)
    return (OpenWork(kind=WorkKind.ROUTE, ref="", detail=named),)


def _assignee_replied(before: Case | None, event: ev.AssigneeReplied, after: Case) -> Effects:  # noqa: ARG001
    return answered(event.supervision_id)


_NO_WORD_OF_A_UNIT: Final = frozenset({Ending.CLOSED, Ending.VOIDED})
"""Ends that a unit's system has no word for: whoever is still at work there is called back."""
FOLLOW: Final[Follow] = {
    ev.Assigned: _assigned,
    ev.AssigneeSigned: _assignee_signed,
    ev.AssigneeProgressed: _assignee_signed,
    ev.AssigneeDone: _assignee_done,
    ev.FeedbackLacking: _feedback_lacking,
    ev.AssigneeAsked: _assignee_asked,
    ev.AssigneeReplied: _assignee_replied,
    ev.AssignmentReworked: _assignment_reworked,
    ev.AssignmentEnded: _assignment_ended,
    ev.ReportLate: _report_late,
    ev.LateResultAdopted: _late_result_adopted,
    ev.RouteMissed: _route_missed,
}
