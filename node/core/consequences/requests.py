"""What follows from decided requests, pauses, and cases that leave the usual way."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    case_over,
    down,
    finish_timer,
    live_before,
    stop_finish,
)
from node.core.effects import CancelTimer, OpenWork, SetTimer, SettleWork, TimerKind, WorkKind
from node.core.facts import AssignmentId, RequestKind


def _request_decided(before: Case | None, event: ev.RequestDecided, after: Case) -> Effects:
    assert before is not None, "only a known case has requests"
    one = _named(before, event.assignment_id)
    decision = w.Decision(
        request_id=event.request_id,
        granted=event.granted,
        decider=event.decider,
        limits=event.limits,
        until=event.until,
    )
    return (
        down(after, one, event.generation, decision, event.text),
        SettleWork(kind=WorkKind.REQUEST, ref=event.request_id),
        *_clock_moved(one, event, after),
    )


def _clock_moved(one: Assignment, event: ev.RequestDecided, after: Case) -> Effects:
    live = after.live
    if not event.granted or live is None or live.assignment_id != event.assignment_id:
        return ()
    if event.kind is RequestKind.EXTENSION:
        return (*stop_finish(one), *finish_timer(live))
    if event.kind is not RequestKind.SUSPENSION:
        return ()
    assert event.until is not None, "a suspension has an end"
    # what was overdue before it was asked for stays on the list
    stopped = () if live.finish_overdue else stop_finish(one)
    if after.duty is not None and after.duty.paused_by:
        return stopped  # our assignor's clock is the one that counts
    ends = SetTimer(kind=TimerKind.RESUME_AT, ref=live.timer_ref, due_at=event.until)
    return (*stopped, ends)


def _request_reviewed(before: Case | None, event: ev.RequestReviewed, after: Case) -> Effects:  # noqa: ARG001
    """It waits for the next step: the same item, saying how far it has come."""
    detail = f"{event.kind} {event.step} {event.role}"
    return (OpenWork(kind=WorkKind.REQUEST, ref=event.request_id, detail=detail),)


def _request_passed_up(before: Case | None, event: ev.RequestPassedUp, after: Case) -> Effects:  # noqa: ARG001
    return (SettleWork(kind=WorkKind.REQUEST, ref=event.request_id),)


def _assignment_resumed(before: Case | None, event: ev.AssignmentResumed, after: Case) -> Effects:
    old, live = live_before(before), after.live
    assert live is not None, "only what is live runs again"
    effects: Effects = (*stop_finish(old), *finish_timer(live))
    if old.suspended_until is not None:
        effects = (CancelTimer(kind=TimerKind.RESUME_AT, ref=old.timer_ref), *effects)
    assert old.paused_by is not None, "it stood by somebody's request"
    act = w.Resume(request_id=old.paused_by, limits=event.limits, how=event.how)
    return (down(after, live, event.generation, act, event.text), *effects)


def _case_suspended(before: Case | None, event: ev.CaseSuspended, after: Case) -> Effects:  # noqa: ARG001
    return (SetTimer(kind=TimerKind.RESUME_AT, ref=after.wait_ref, due_at=event.until),)


def _case_resumed(before: Case | None, event: ev.CaseResumed, after: Case) -> Effects:  # noqa: ARG001
    return (CancelTimer(kind=TimerKind.RESUME_AT, ref=after.wait_ref),)


def _case_voided(before: Case | None, event: ev.CaseVoided, after: Case) -> Effects:  # noqa: ARG001
    return case_over(before, after)


def _named(case: Case, assignment_id: AssignmentId) -> Assignment:
    for one in (case.live, *reversed(case.past)):
        if one is not None and one.assignment_id == assignment_id:
            return one
    raise AssertionError("the event speaks of an assignment of this case")


FOLLOW: Final[Follow] = {
    ev.RequestDecided: _request_decided,
    ev.RequestReviewed: _request_reviewed,
    ev.RequestPassedUp: _request_passed_up,
    ev.AssignmentResumed: _assignment_resumed,
    ev.CaseSuspended: _case_suspended,
    ev.CaseResumed: _case_resumed,
    ev.CaseVoided: _case_voided,
}
