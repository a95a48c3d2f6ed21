"""Fold what becomes of requests, pauses, and cases that leave the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    Assignment,
    Case,
    Request,
    Review,
    Stage,
    Transfer,
)
from node.core.evolve.copying import (
    but_duty,
    but_live,
    changed,
    duty_of,
    is_past,
    live_of,
    settle,
)
from node.core.facts import AssignmentId, Rank, RequestKind


def _request_reviewed(case: Case, event: ev.RequestReviewed) -> Case:
    def reviewed(one: Assignment) -> Assignment:
        review = Review(
            step=event.step, role=event.role, reviewer=event.reviewer, at=event.at)
        asked = _open(one)
        return but_live(one, request=replace(asked, reviews=(*asked.reviews, review)))

    return _but_assignment(case, event, event.assignment_id, reviewed)


def _request_decided(case: Case, event: ev.RequestDecided) -> Case:
    def decided(one: Assignment) -> Assignment:
        changes: dict[str, Any] = {"request": None, "settled_requests": settle(one)}
        if event.kind is RequestKind.APPEAL:
            changes["appeal_count"] = one.appeal_count + 1
        elif event.granted and event.kind is RequestKind.EXTENSION:
            changes["extension_count"] = one.extension_count + 1
            changes["limits"] = event.limits or one.limits
            changes["moved"] = one.moved + 1
            # the new deadline has a timer of its own, which fires at once if that is past too
            changes["finish_overdue"] = False
        elif event.granted and event.kind is RequestKind.SUSPENSION:
            # the clock stands since the asking: a grant acts backwards
            asked_at = _open(one).asked_at
            changes["suspension_count"] = one.suspension_count + 1
            changes["suspended_until"] = event.until
            changes["paused_at"] = asked_at
            changes["paused_by"] = event.request_id
            changes["pause_reason"] = _open(one).text
            changes["finish_overdue"] = one.finish_overdue and is_past(
                one.limits.finish_by, asked_at
            )
        return but_live(one, **changes)

    kind, granted = event.kind, event.granted
    return _but_assignment(
        case,
        event,
        event.assignment_id,
        decided,
        return_count=case.return_count + (granted and kind is RequestKind.RETURN),
        extension_count=case.extension_count + (granted and kind is RequestKind.EXTENSION),
        suspension_count=case.suspension_count + (granted and kind is RequestKind.SUSPENSION),
        appeal_count=case.appeal_count + (kind is RequestKind.APPEAL),
        refusal_count=case.refusal_count + (not granted),
        exempt=case.exempt or (granted and kind is RequestKind.APPEAL),
    )


def _request_passed_up(case: Case, event: ev.RequestPassedUp) -> Case:
    live = live_of(case)
    asked = replace(_open(live), passed_up=event.own_request_id)
    return changed(case, event, live=but_live(live, request=asked))


def _assignment_resumed(case: Case, event: ev.AssignmentResumed) -> Case:
    live = live_of(case)
    late = live.finish_overdue and live.rank is Rank.DONE and live.result is not None
    return changed(
        case,
        event,
        live=but_live(
            live,
            limits=event.limits,
            suspended_until=None,
            paused_at=None,
            paused_by=None,
            moved=live.moved + 1,
            finish_overdue=late
            and live.result is not None
            and is_past(event.limits.finish_by, live.result.said_at),
        ),
    )


def _duty_resumed(case: Case, event: ev.DutyResumed) -> Case:
    duty = but_duty(duty_of(case), limits=event.limits, suspended_until=None, paused_by=None)
    return changed(case, event, duty=duty)


def _case_suspended(case: Case, event: ev.CaseSuspended) -> Case:
    return changed(
        case,
        event,
        suspended_until=event.until,
        suspended_since=event.at,
        suspended_reason=event.reason,
        suspension_count=case.suspension_count + 1,
    )


def _case_resumed(case: Case, event: ev.CaseResumed) -> Case:
    return changed(case, event, suspended_until=None, suspended_since=None)


def _case_voided(case: Case, event: ev.CaseVoided) -> Case:
    return changed(
        case,
        event,
        stage=Stage.VOIDED,
        task=None,
        adopted=None,
        suspended_until=None,
        suspended_since=None,
        duplicate_of=event.duplicate_of,
    )


def _case_transferred(case: Case, event: ev.CaseTransferred) -> Case:
    transfer = Transfer(
        receiver=event.receiver,
        reference=event.reference,
        reason=event.reason,
        digest=event.digest,
        at=event.at,
    )
    return changed(
        case,
        event,
        stage=Stage.TRANSFERRED,
        transfer=transfer,
        suspended_until=None,
        suspended_since=None,
    )


def _case_taken_back(case: Case, event: ev.CaseTakenBack) -> Case:
    return changed(case, event, stage=Stage.FILED, transfer=None)


def _open(one: Assignment) -> Request:
    assert one.request is not None, "the event speaks of an open request"
    return one.request


def _but_assignment(
    case: Case,
    event: ev.Event,
    assignment_id: AssignmentId,
    change: Callable[[Assignment], Assignment],
    **changes: Any,
) -> Case:
    """The assignment is the live one, or (an appeal) one that has ended."""
    live = case.live
    if live is not None and live.assignment_id == assignment_id:
        return changed(case, event, live=change(live), **changes)
    past = tuple(
        change(one) if one.assignment_id == assignment_id else one for one in case.past
    )
    return changed(case, event, past=past, **changes)


APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.RequestReviewed: _request_reviewed,
    ev.RequestDecided: _request_decided,
    ev.RequestPassedUp: _request_passed_up,
    ev.AssignmentResumed: _assignment_resumed,
    ev.DutyResumed: _duty_resumed,
    ev.CaseSuspended: _case_suspended,
    ev.CaseResumed: _case_resumed,
    ev.CaseVoided: _case_voided,
    ev.CaseTransferred: _case_transferred,
    ev.CaseTakenBack: _case_taken_back,
}
