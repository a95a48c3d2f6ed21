"""Fold what happens to what we handed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    LATE_KEPT_MAX,
    PAST_KEPT_MAX,
    Assignment,
    Case,
    LateResult,
    Request,
    Result,
    Stage,
)
from node.core.evolve.copying import (
    but_live,
    changed,
    is_past,
    live_of,
    replied,
    settle,
)
from node.core.facts import Rank, RequestKind


def _assigned(case: Case, event: ev.Assigned) -> Case:
    live = Assignment(
        assignment_id=event.assignment_id,
        to=event.to,
        generation=event.generation,
        limits=event.limits,
        assigned_at=event.at,
        text=event.text,
    )
    return changed(
        case,
        event,
        live=live,
        issued_generation=event.generation,
        adopted=None,
        unrouted=False,
    )


def _assignee_signed(case: Case, event: ev.AssigneeSigned) -> Case:
    live = live_of(case)
    return changed(
        case,
        event,
        live=but_live(
            live,
            rank=Rank.SIGNED,
            signed_at=event.said_at,
            unit_reference=event.unit_reference or live.unit_reference,
            sign_overdue=live.sign_overdue and is_past(live.limits.sign_by, event.said_at),
        ),
    )


def _assignee_progressed(case: Case, event: ev.AssigneeProgressed) -> Case:
    live = live_of(case)
    if live.rank is Rank.HANDLING:
        return changed(case, event)
    return changed(
        case,
        event,
        live=but_live(live, rank=Rank.HANDLING, signed_at=live.signed_at or event.said_at),
    )


def _assignee_done(case: Case, event: ev.AssigneeDone) -> Case:
    live = live_of(case)
    return changed(
        case,
        event,
        live=but_live(
            live,
            rank=Rank.DONE,
            signed_at=live.signed_at or event.said_at,
            result=Result(
                result=event.result, photos=event.photos, said_at=event.said_at,
                closing=event.closing,
            ),
            to_confirm=event.to_confirm,
            request=None,
            settled_requests=settle(live),
            suspended_until=None,
            # what was said in time was in time, however late the line brought it
            finish_overdue=live.finish_overdue and is_past(live.limits.finish_by, event.said_at),
        ),
    )


def _feedback_lacking(case: Case, event: ev.FeedbackLacking) -> Case:
    live = live_of(case)
    count = live.returned_count + event.returned
    return changed(
        case, event, live=but_live(live, lacks=event.lacks, returned_count=count)
    )


def _assignee_asked(case: Case, event: ev.AssigneeAsked) -> Case:
    request = Request(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        text=event.text,
        asked_at=event.said_at,
        wanted_until=event.wanted_until,
        photos=event.photos,
        ordinal=event.ordinal,
    )
    live = case.live
    if live is not None and live.assignment_id == event.assignment_id:
        changes: dict[str, Any] = {"request": request, "settled_requests": settle(live)}
        if event.kind is RequestKind.RETURN:
            changes["given_back_for"] = event.reason_code
        return changed(case, event, live=but_live(live, **changes))
    # an appeal is also heard after the end
    past = tuple(
        but_live(one, request=request, settled_requests=settle(one))
        if one.assignment_id == event.assignment_id
        else one
        for one in case.past
    )
    return changed(case, event, past=past)


def _assignee_replied(case: Case, event: ev.AssigneeReplied) -> Case:
    return changed(case, event, supervisions=replied(case, event.supervision_id, event.text))


def _assignment_reworked(case: Case, event: ev.AssignmentReworked) -> Case:
    live = live_of(case)
    again = but_live(
        live,
        generation=event.generation,
        limits=event.limits,
        text=event.text,
        rank=Rank.SIGNED,
        result=None,
        lacks=(),
        to_confirm=False,
        request=None,
        settled_requests=settle(live),
        suspended_until=None,
        paused_at=None,
        paused_by=None,
        moved=0,
        finish_overdue=False,
        rework_count=live.rework_count + 1,
    )
    return changed(
        case,
        event,
        live=again,
        issued_generation=event.generation,
        rework_count=case.rework_count + 1,
    )


def _assignment_ended(case: Case, event: ev.AssignmentEnded) -> Case:
    live = live_of(case)
    ended = but_live(
        live,
        to_confirm=False,
        request=None,
        settled_requests=settle(live),
        suspended_until=None,
        paused_at=None,
        paused_by=None,
        ended=event.ending,
        ended_at=event.at,
    )
    # a result under check is no longer anybody's result once its assignment is called back
    called_off = case.stage is Stage.CHECKING
    return changed(
        case,
        event,
        stage=Stage.FILED if called_off else case.stage,
        task=None if called_off else case.task,
        live=None,
        past=(*case.past, ended)[-PAST_KEPT_MAX:],
    )


def _report_late(case: Case, event: ev.ReportLate) -> Case:
    if not event.result:
        return changed(case, event)
    late = LateResult(
        cause=event.cause,
        assignment_id=event.assignment_id,
        generation=event.generation,
        frm=event.frm,
        result=Result(result=event.result, photos=event.photos, said_at=event.said_at),
    )
    return changed(case, event, late=(*case.late, late)[-LATE_KEPT_MAX:])


def _route_missed(case: Case, event: ev.RouteMissed) -> Case:
    return changed(case, event, unrouted=True)


def _late_result_adopted(case: Case, event: ev.LateResultAdopted) -> Case:
    late = tuple(
        replace(one, adopted=True) if one.cause == event.cause else one for one in case.late
    )
    result = Result(result=event.result, photos=event.photos, said_at=event.said_at)
    return changed(case, event, late=late, adopted=result)


APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.Assigned: _assigned,
    ev.AssigneeSigned: _assignee_signed,
    ev.AssigneeProgressed: _assignee_progressed,
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
