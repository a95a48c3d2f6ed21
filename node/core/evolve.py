"""Fold events into a case: total, silent, and never a judge.

Whether something may happen is decided in ``decide`` and ``hear``; here it has happened. Every
event raises ``version`` by one. One function per event, found by type: the hot path copies only
what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, TypeVar

from node.core import events as ev
from node.core.case import (
    LATE_KEPT_MAX,
    PAST_KEPT_MAX,
    REQUESTS_KEPT_MAX,
    SUPERVISIONS_KEPT_MAX,
    Assignment,
    Case,
    Duty,
    LateResult,
    Request,
    Result,
    Stage,
    Supervision,
)
from node.core.facts import Ending, Limits, Rank, RequestId, RequestKind


def evolve(case: Case | None, event: ev.Event) -> Case:
    """The case after ``event``. ``case`` None is right only for the three events that open one."""
    if case is None:
        return _OPENING[type(event)](event)
    return _APPLY[type(event)](case, event)


def fold(events: Iterable[ev.Event], case: Case | None = None) -> Case:
    """The case after all of them; ``events`` must not be empty if ``case`` is None."""
    for event in events:
        case = evolve(case, event)
    assert case is not None, "a case begins with an event"
    return case


_NO_LIMITS: Final = Limits()


# --- copying with changes: the hot path, where dataclasses.replace costs several times as much

_T = TypeVar("_T", Case, Assignment, Duty)


def _copier(cls: type[_T]) -> Callable[[_T, dict[str, Any]], _T]:
    """A function that copies a frozen, slotted value with some fields changed. It fills the slots
    of the copy directly, before anybody has seen it; from then on it is as frozen as any."""
    names = tuple(one.name for one in fields(cls))
    index = {name: position for position, name in enumerate(names)}
    values_of = attrgetter(*names)
    setters = tuple(getattr(cls, name).__set__ for name in names)

    def copy(one: _T, changes: dict[str, Any]) -> _T:
        values = list(values_of(one))
        for name, value in changes.items():
            values[index[name]] = value
        made = object.__new__(cls)
        for fill, value in zip(setters, values, strict=True):
            fill(made, value)
        return made

    return copy


_copy_case: Final = _copier(Case)
_copy_live: Final = _copier(Assignment)
_copy_duty: Final = _copier(Duty)


def _next(case: Case, event: ev.Event, **changes: Any) -> Case:
    changes["version"] = case.version + 1
    changes["updated_at"] = event.at
    return _copy_case(case, changes)


def _but_live(live: Assignment, **changes: Any) -> Assignment:
    return _copy_live(live, changes)


def _but_duty(duty: Duty, **changes: Any) -> Duty:
    return _copy_duty(duty, changes)


def _live(case: Case) -> Assignment:
    assert case.live is not None, "the event speaks of a live assignment"
    return case.live


def _duty(case: Case) -> Duty:
    assert case.duty is not None, "the event speaks of a duty"
    return case.duty


def _settle(live: Assignment) -> tuple[RequestId, ...]:
    if live.request is None:
        return live.settled_requests
    return (*live.settled_requests, live.request.request_id)[-REQUESTS_KEPT_MAX:]


def _settle_own(duty: Duty) -> tuple[Request, ...]:
    if duty.request is None:
        return duty.settled_requests
    return (*duty.settled_requests, duty.request)[-REQUESTS_KEPT_MAX:]


# --- the case at the node that opened it


def _case_opened(event: ev.CaseOpened) -> Case:
    return Case(
        case_id=event.case_id,
        version=1,
        facts=event.facts,
        stage=Stage.REPORTED,
        updated_at=event.at,
    )


def _case_filed(case: Case, event: ev.CaseFiled) -> Case:
    return _next(case, event, stage=Stage.FILED)


def _case_declined(case: Case, event: ev.CaseDeclined) -> Case:
    return _next(case, event, stage=Stage.NOT_FILED)


def _check_started(case: Case, event: ev.CheckStarted) -> Case:
    return _next(case, event, stage=Stage.CHECKING)


def _check_passed(case: Case, event: ev.CheckPassed) -> Case:
    return _next(case, event, stage=Stage.CHECKED)


def _check_failed(case: Case, event: ev.CheckFailed) -> Case:
    stage = Stage.FILED if case.duty is None else None
    return _next(case, event, stage=stage, adopted=None)


def _case_closed(case: Case, event: ev.CaseClosed) -> Case:
    return _next(case, event, stage=Stage.CLOSED)


# --- what we handed on


def _assigned(case: Case, event: ev.Assigned) -> Case:
    live = Assignment(
        assignment_id=event.assignment_id,
        to=event.to,
        generation=event.generation,
        limits=event.limits,
        assigned_at=event.at,
        text=event.text,
    )
    return _next(
        case,
        event,
        live=live,
        issued_generation=event.generation,
        adopted=None,
        unrouted=False,
    )


def _assignee_signed(case: Case, event: ev.AssigneeSigned) -> Case:
    live = _live(case)
    return _next(
        case,
        event,
        live=_but_live(
            live,
            rank=Rank.SIGNED,
            signed_at=event.said_at,
            unit_reference=event.unit_reference or live.unit_reference,
            sign_overdue=live.sign_overdue and _past(live.limits.sign_by, event.said_at),
        ),
    )


def _assignee_progressed(case: Case, event: ev.AssigneeProgressed) -> Case:
    live = _live(case)
    if live.rank is Rank.HANDLING:
        return _next(case, event)
    return _next(
        case,
        event,
        live=_but_live(live, rank=Rank.HANDLING, signed_at=live.signed_at or event.said_at),
    )


def _assignee_done(case: Case, event: ev.AssigneeDone) -> Case:
    live = _live(case)
    return _next(
        case,
        event,
        live=_but_live(
            live,
            rank=Rank.DONE,
            signed_at=live.signed_at or event.said_at,
            result=Result(result=event.result, photos=event.photos, said_at=event.said_at),
            to_confirm=event.to_confirm,
            request=None,
            settled_requests=_settle(live),
            suspended_until=None,
            # what was said in time was in time, however late the line brought it
            finish_overdue=live.finish_overdue and _past(live.limits.finish_by, event.said_at),
        ),
    )


def _past(limit: datetime | None, at: datetime) -> bool:
    return limit is not None and at > limit


def _assignee_asked(case: Case, event: ev.AssigneeAsked) -> Case:
    request = Request(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        text=event.text,
        asked_at=event.said_at,
        wanted_until=event.wanted_until,
    )
    live = case.live
    if live is not None and live.assignment_id == event.assignment_id:
        asked = _but_live(live, request=request, settled_requests=_settle(live))
        return _next(case, event, live=asked)
    # an appeal is also heard after the end
    past = tuple(
        _but_live(one, request=request, settled_requests=_settle(one))
        if one.assignment_id == event.assignment_id
        else one
        for one in case.past
    )
    return _next(case, event, past=past)


def _request_decided(case: Case, event: ev.RequestDecided) -> Case:
    live = _live(case)
    decided = _but_live(live, request=None, settled_requests=_settle(live))
    returned = event.granted and event.kind is RequestKind.RETURN
    return _next(case, event, live=decided, return_count=case.return_count + returned)


def _assignee_replied(case: Case, event: ev.AssigneeReplied) -> Case:
    return _next(case, event, supervisions=_replied(case, event.supervision_id, event.text))


def _replied(case: Case, supervision_id: str, text: str) -> tuple[Supervision, ...]:
    return tuple(
        replace(one, replied=True, reply=text) if one.supervision_id == supervision_id else one
        for one in case.supervisions
    )


def _assignment_reworked(case: Case, event: ev.AssignmentReworked) -> Case:
    live = _live(case)
    again = _but_live(
        live,
        generation=event.generation,
        limits=event.limits,
        text=event.text,
        rank=Rank.SIGNED,
        result=None,
        to_confirm=False,
        request=None,
        settled_requests=_settle(live),
        suspended_until=None,
        finish_overdue=False,
        rework_count=live.rework_count + 1,
    )
    return _next(
        case,
        event,
        live=again,
        issued_generation=event.generation,
        rework_count=case.rework_count + 1,
    )


def _assignment_ended(case: Case, event: ev.AssignmentEnded) -> Case:
    live = _live(case)
    ended = _but_live(
        live,
        to_confirm=False,
        request=None,
        settled_requests=_settle(live),
        suspended_until=None,
        ended=event.ending,
        ended_at=event.at,
    )
    # a result under check is no longer anybody's result once its assignment is called back
    stage = Stage.FILED if case.stage is Stage.CHECKING else case.stage
    return _next(case, event, stage=stage, live=None, past=(*case.past, ended)[-PAST_KEPT_MAX:])


def _report_late(case: Case, event: ev.ReportLate) -> Case:
    if not event.result:
        return _next(case, event)
    late = LateResult(
        cause=event.cause,
        assignment_id=event.assignment_id,
        generation=event.generation,
        frm=event.frm,
        result=Result(result=event.result, photos=event.photos, said_at=event.said_at),
    )
    return _next(case, event, late=(*case.late, late)[-LATE_KEPT_MAX:])


def _noted(case: Case, event: ev.Event) -> Case:
    return _next(case, event)


def _route_missed(case: Case, event: ev.RouteMissed) -> Case:
    return _next(case, event, unrouted=True)


def _late_result_adopted(case: Case, event: ev.LateResultAdopted) -> Case:
    late = tuple(
        replace(one, adopted=True) if one.cause == event.cause else one for one in case.late
    )
    result = Result(result=event.result, photos=event.photos, said_at=event.said_at)
    return _next(case, event, late=late, adopted=result)


# --- what we hold for our assignor


def _new_duty(event: ev.OrderTaken) -> Duty:
    return Duty(
        assignor=event.assignor,
        assignment_id=event.assignment_id,
        generation=event.generation,
        limits=event.limits,
        taken_at=event.at,
        text=event.text,
    )


def _order_opened(event: ev.OrderTaken) -> Case:
    return Case(
        case_id=event.case_id,
        version=1,
        facts=event.facts,
        duty=_new_duty(event),
        held_generation=event.generation,
        updated_at=event.at,
    )


def _order_taken(case: Case, event: ev.OrderTaken) -> Case:
    return _next(
        case,
        event,
        facts=event.facts,
        duty=_new_duty(event),
        held_generation=event.generation,
        adopted=None,
    )


def _order_repeated(case: Case, event: ev.OrderRepeated) -> Case:
    return _next(case, event, facts=event.facts)


def _duty_signed(case: Case, event: ev.DutySigned) -> Case:
    duty = _duty(case)
    return _next(
        case,
        event,
        duty=_but_duty(
            duty,
            rank=Rank.SIGNED,
            unit_reference=event.unit_reference or duty.unit_reference,
        ),
    )


def _duty_progressed(case: Case, event: ev.DutyProgressed) -> Case:
    duty = _duty(case)
    if duty.rank is Rank.HANDLING:
        return _next(case, event)
    return _next(case, event, duty=_but_duty(duty, rank=Rank.HANDLING))


def _duty_done(case: Case, event: ev.DutyDone) -> Case:
    duty = _duty(case)
    live = case.live
    if live is not None and live.to_confirm:
        live = _but_live(live, to_confirm=False)
    return _next(
        case,
        event,
        live=live,
        duty=_but_duty(
            duty,
            rank=Rank.DONE,
            result=Result(result=event.result, photos=event.photos, said_at=event.said_at),
            request=None,
            settled_requests=_settle_own(duty),
            suspended_until=None,
        ),
    )


def _request_raised(case: Case, event: ev.RequestRaised) -> Case:
    duty = _duty(case)
    request = Request(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        text=event.text,
        asked_at=event.at,
        wanted_until=event.wanted_until,
    )
    return _next(
        case,
        event,
        duty=_but_duty(duty, request=request, settled_requests=_settle_own(duty)),
    )


def _request_answered(case: Case, event: ev.RequestAnswered) -> Case:
    duty = _duty(case)
    if event.kind is RequestKind.APPEAL:
        return _next(
            case,
            event,
            exempt=case.exempt or event.granted,
            duty=_but_duty(duty, **_answered(duty, event)),
        )
    changes = _answered(duty, event)
    if event.granted and event.limits is not None:
        changes["limits"] = event.limits
    if event.granted and event.kind is RequestKind.SUSPENSION:
        changes["suspended_until"] = event.until
    return _next(case, event, duty=_but_duty(duty, **changes))


def _answered(duty: Duty, event: ev.RequestAnswered) -> dict[str, Any]:
    """Out of the open place, into the settled ones, marked so that an echo moves nothing."""
    is_open = duty.request is not None and duty.request.request_id == event.request_id
    settled = tuple(
        replace(one, answered=True) if one.request_id == event.request_id else one
        for one in (_settle_own(duty) if is_open else duty.settled_requests)
    )
    return {"request": None if is_open else duty.request, "settled_requests": settled}


def _duty_reworked(case: Case, event: ev.DutyReworked) -> Case:
    duty = _duty(case)
    again = _but_duty(
        duty,
        generation=event.generation,
        limits=event.limits,
        text=event.text,
        rank=Rank.SIGNED,
        result=None,
        request=None,
        settled_requests=_settle_own(duty),
        suspended_until=None,
        rework_count=duty.rework_count + 1,
    )
    return _next(
        case,
        event,
        duty=again,
        held_generation=event.generation,
        adopted=None,
        rework_count=case.rework_count + 1,
    )


def _duty_ended(case: Case, event: ev.DutyEnded) -> Case:
    duty = _duty(case)
    ended = _but_duty(
        duty,
        request=None,
        settled_requests=_settle_own(duty),
        suspended_until=None,
        ended=event.ending,
        ended_at=event.at,
    )
    return _next(case, event, duty=ended, unrouted=False)


def _tombstone(event: ev.DutyBuried) -> Duty:
    return Duty(
        assignor=event.assignor,
        assignment_id=event.assignment_id,
        generation=event.generation,
        limits=_NO_LIMITS,
        taken_at=event.at,
        text=event.text,
        ended=Ending.WITHDRAWN,
        ended_at=event.at,
    )


def _buried_unseen(event: ev.DutyBuried) -> Case:
    return Case(
        case_id=event.case_id,
        version=1,
        facts=None,
        duty=_tombstone(event),
        held_generation=event.generation,
        updated_at=event.at,
    )


def _buried(case: Case, event: ev.DutyBuried) -> Case:
    return _next(case, event, duty=_tombstone(event), held_generation=event.generation)


# --- marks


def _pressed(case: Case, event: ev.Pressed) -> Case:
    return _next(case, event, press_count=case.press_count + 1, press_text=event.text)


def _supervised(case: Case, event: ev.Supervised) -> Case:
    one = Supervision(supervision_id=event.supervision_id, reply_by=event.reply_by, text=event.text)
    kept = (*case.supervisions, one)[-SUPERVISIONS_KEPT_MAX:]
    return _next(case, event, supervisions=kept)


def _supervision_answered(case: Case, event: ev.SupervisionAnswered) -> Case:
    return _next(case, event, supervisions=_replied(case, event.supervision_id, event.text))


def _overdue(case: Case, event: ev.Overdue) -> Case:
    if event.kind == "reply_by":
        marked = tuple(
            replace(one, overdue=True) if one.supervision_id == event.ref else one
            for one in case.supervisions
        )
        return _next(case, event, supervisions=marked)
    mark = {"sign_overdue": True} if event.kind == "sign_by" else {"finish_overdue": True}
    return _next(case, event, live=_but_live(_live(case), **mark))


_OPENING: Mapping[type[ev.Event], Callable[[Any], Case]] = {
    ev.CaseOpened: _case_opened,
    ev.OrderTaken: _order_opened,
    ev.DutyBuried: _buried_unseen,
}
_APPLY: Mapping[type[ev.Event], Callable[[Case, Any], Case]] = {
    ev.CaseFiled: _case_filed,
    ev.CaseDeclined: _case_declined,
    ev.CheckStarted: _check_started,
    ev.CheckPassed: _check_passed,
    ev.CheckFailed: _check_failed,
    ev.CaseClosed: _case_closed,
    ev.Assigned: _assigned,
    ev.AssigneeSigned: _assignee_signed,
    ev.AssigneeProgressed: _assignee_progressed,
    ev.AssigneeDone: _assignee_done,
    ev.AssigneeAsked: _assignee_asked,
    ev.RequestDecided: _request_decided,
    ev.AssigneeReplied: _assignee_replied,
    ev.AssignmentReworked: _assignment_reworked,
    ev.AssignmentEnded: _assignment_ended,
    ev.ReportLate: _report_late,
    ev.ReportStale: _noted,
    ev.LateResultAdopted: _late_result_adopted,
    ev.RouteMissed: _route_missed,
    ev.OrderTaken: _order_taken,
    ev.OrderRepeated: _order_repeated,
    ev.DutySigned: _duty_signed,
    ev.DutyProgressed: _duty_progressed,
    ev.DutyDone: _duty_done,
    ev.RequestRaised: _request_raised,
    ev.RequestAnswered: _request_answered,
    ev.DutyReworked: _duty_reworked,
    ev.DutyEnded: _duty_ended,
    ev.DutyBuried: _buried,
    ev.WordLate: _noted,
    ev.Pressed: _pressed,
    ev.Supervised: _supervised,
    ev.SupervisionAnswered: _supervision_answered,
    ev.Overdue: _overdue,
}
