"""Fold what happens to what we hold for our assignor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    REQUESTS_KEPT_MAX,
    Case,
    Duty,
    Request,
    Result,
)
from node.core.evolve.copying import (
    but_duty,
    but_live,
    changed,
    duty_of,
    settle_own,
)
from node.core.facts import Ending, Limits, Rank, RequestId, RequestKind

_NO_LIMITS: Final = Limits()


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


def _open_appeals(case: Case) -> tuple[RequestId, ...]:
    """What was asked about the duty that ends here, and is answered even so."""
    duty = duty_of(case)
    asked = (*duty.settled_requests, *((duty.request,) if duty.request is not None else ()))
    ours = (one.request_id for one in asked if one.kind is RequestKind.APPEAL and not one.answered)
    return (*case.appeals, *ours)[-REQUESTS_KEPT_MAX:]


def _order_taken(case: Case, event: ev.OrderTaken) -> Case:
    return changed(
        case,
        event,
        facts=event.facts,
        duty=_new_duty(event),
        held_generation=event.generation,
        adopted=None,
        appeals=_open_appeals(case),
        # what was asked under the earlier duty ended unanswered with it
        coordinations=tuple(one for one in case.coordinations if not one.is_open),
        supervisions=tuple(one for one in case.supervisions if one.replied),
    )


def _order_repeated(case: Case, event: ev.OrderRepeated) -> Case:
    return changed(case, event, facts=event.facts)


def _duty_signed(case: Case, event: ev.DutySigned) -> Case:
    duty = duty_of(case)
    return changed(
        case,
        event,
        duty=but_duty(
            duty,
            rank=Rank.SIGNED,
            unit_reference=event.unit_reference or duty.unit_reference,
        ),
    )


def _duty_progressed(case: Case, event: ev.DutyProgressed) -> Case:
    duty = duty_of(case)
    if duty.rank is Rank.HANDLING:
        return changed(case, event)
    return changed(case, event, duty=but_duty(duty, rank=Rank.HANDLING))


def _duty_done(case: Case, event: ev.DutyDone) -> Case:
    duty = duty_of(case)
    live = case.live
    if live is not None and live.to_confirm:
        live = but_live(live, to_confirm=False)
    return changed(
        case,
        event,
        live=live,
        unrouted=False,
        duty=but_duty(
            duty,
            rank=Rank.DONE,
            result=Result(
                result=event.result, photos=event.photos, said_at=event.said_at,
                closing=event.closing,
            ),
            request=None,
            settled_requests=settle_own(duty),
            suspended_until=None,
        ),
    )


def _request_raised(case: Case, event: ev.RequestRaised) -> Case:
    duty = duty_of(case)
    request = Request(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        text=event.text,
        asked_at=event.at,
        wanted_until=event.wanted_until,
        photos=event.photos,
        ordinal=event.ordinal,
    )
    return changed(
        case,
        event,
        duty=but_duty(duty, request=request, settled_requests=settle_own(duty)),
    )


def _request_answered(case: Case, event: ev.RequestAnswered) -> Case:
    if event.request_id in case.appeals:
        left = tuple(one for one in case.appeals if one != event.request_id)
        return changed(case, event, appeals=left, exempt=case.exempt or event.granted)
    duty = duty_of(case)
    changes = _answered(duty, event)
    if event.kind is RequestKind.APPEAL:
        changes["appeal_count"] = duty.appeal_count + 1
        exempt = case.exempt or event.granted
        return changed(case, event, exempt=exempt, duty=but_duty(duty, **changes))
    if event.granted and event.limits is not None:
        changes["limits"] = event.limits
    if event.granted and event.kind is RequestKind.EXTENSION:
        changes["extension_count"] = duty.extension_count + 1
    if event.granted and event.kind is RequestKind.SUSPENSION:
        changes["suspension_count"] = duty.suspension_count + 1
        # what was handled meanwhile waits for nothing any more
        changes["suspended_until"] = None if duty.rank is Rank.DONE else event.until
        changes["paused_by"] = event.request_id
    return changed(case, event, duty=but_duty(duty, **changes))


def _answered(duty: Duty, event: ev.RequestAnswered) -> dict[str, Any]:
    """Out of the open place, into the settled ones, marked so that an echo moves nothing."""
    is_open = duty.request is not None and duty.request.request_id == event.request_id
    settled = tuple(
        replace(one, answered=True) if one.request_id == event.request_id else one
        for one in (settle_own(duty) if is_open else duty.settled_requests)
    )
    return {"request": None if is_open else duty.request, "settled_requests": settled}


def _duty_reworked(case: Case, event: ev.DutyReworked) -> Case:
    duty = duty_of(case)
    again = but_duty(
        duty,
        generation=event.generation,
        limits=event.limits,
        text=event.text,
        rank=Rank.SIGNED,
        result=None,
        request=None,
        settled_requests=settle_own(duty),
        suspended_until=None,
        paused_by=None,
        rework_count=duty.rework_count + 1,
    )
    return changed(
        case,
        event,
        duty=again,
        held_generation=event.generation,
        adopted=None,
        rework_count=case.rework_count + 1,
    )


def _duty_ended(case: Case, event: ev.DutyEnded) -> Case:
    duty = duty_of(case)
    ended = but_duty(
        duty,
        request=None,
        settled_requests=settle_own(duty),
        suspended_until=None,
        paused_by=None,
        ended=event.ending,
        ended_at=event.at,
    )
    return changed(case, event, duty=ended, unrouted=False)


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
    return changed(
        case,
        event,
        duty=_tombstone(event),
        held_generation=event.generation,
        appeals=_open_appeals(case),
        unrouted=False,
    )


OPENING: Final[Mapping[type[ev.Event], Callable[[Any], Case]]] = {
    ev.OrderTaken: _order_opened,
    ev.DutyBuried: _buried_unseen,
}
APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
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
}
