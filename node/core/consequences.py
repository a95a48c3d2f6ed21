"""What follows from what has happened: words to neighbours, timers, work for people.

Pure of the event and the case around it. Every event that a neighbour must know of says exactly
one word; which event says it is written here once (a granted return is said by the decision, not
by the ending).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.context import PARENT
from node.core.effects import (
    CancelTimer,
    Effect,
    OpenWork,
    Say,
    SetTimer,
    SettleWork,
    TimerKind,
    WorkKind,
)
from node.core.facts import Ending, Rank

Effects = tuple[Effect, ...]


def consequences(before: Case | None, event: ev.Event, after: Case) -> Effects:
    """The effects of ``event``, which took the case from ``before`` to ``after``."""
    follow = _FOLLOW.get(type(event))
    return () if follow is None else follow(before, event, after)


# --- words


def _down(case: Case, live: Assignment, generation: int, act: w.DirectiveAct, text: str) -> Say:
    directive = w.Directive(
        case_id=case.case_id,
        assignment_id=live.assignment_id,
        generation=generation,
        act=act,
        text=text,
    )
    return Say(to=live.to, word=directive, overtake=isinstance(act, w.Withdraw))


def _up(case: Case, act: w.ReportAct, text: str) -> Say:
    duty = case.duty
    assert duty is not None, "reports go to an assignor"
    report = w.Report(
        case_id=case.case_id,
        assignment_id=duty.assignment_id,
        generation=duty.generation,
        act=act,
        text=text,
    )
    return Say(to=PARENT, word=report)


# --- what we handed on


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
    return (Say(to=event.to, word=order), *_timers(live), *settled)


def _timers(live: Assignment) -> Effects:
    limits = live.limits
    timers: list[Effect] = []
    if limits.sign_by is not None and live.rank is Rank.OFFERED:
        timers.append(SetTimer(kind=TimerKind.SIGN_BY, ref=live.timer_ref, due_at=limits.sign_by))
    if limits.finish_by is not None:
        timers.append(
            SetTimer(kind=TimerKind.FINISH_BY, ref=live.timer_ref, due_at=limits.finish_by)
        )
    return tuple(timers)


def _stop(live: Assignment, *, finish: bool) -> Effects:
    """Cancel what still runs; what has fired already left an item that is settled instead."""
    stopped: list[Effect] = []
    ref = live.timer_ref
    if live.limits.sign_by is not None and live.rank is Rank.OFFERED:
        if live.sign_overdue:
            item = f"{TimerKind.SIGN_BY}/{ref}"
            stopped.append(SettleWork(kind=WorkKind.OVERDUE, ref=item))
        else:
            stopped.append(CancelTimer(kind=TimerKind.SIGN_BY, ref=ref))
    if finish and live.limits.finish_by is not None and live.rank is not Rank.DONE:
        if live.finish_overdue:
            item = f"{TimerKind.FINISH_BY}/{ref}"
            stopped.append(SettleWork(kind=WorkKind.OVERDUE, ref=item))
        else:
            stopped.append(CancelTimer(kind=TimerKind.FINISH_BY, ref=ref))
    return tuple(stopped)


def _waiting(live: Assignment) -> Effects:
    """Settle what waited for a person about this assignment."""
    settled: list[Effect] = []
    if live.request is not None:
        settled.append(SettleWork(kind=WorkKind.REQUEST, ref=live.request.request_id))
    if live.to_confirm:
        settled.append(SettleWork(kind=WorkKind.CONFIRM, ref=live.assignment_id))
    return tuple(settled)


def _live_before(before: Case | None) -> Assignment:
    assert before is not None, "only a known case has assignments"
    assert before.live is not None, "the event speaks of a live assignment"
    return before.live


def _assignee_signed(before: Case | None, event: ev.AssigneeSigned, after: Case) -> Effects:  # noqa: ARG001
    live = _live_before(before)
    return _stop(live, finish=False)


def _assignee_done(before: Case | None, event: ev.AssigneeDone, after: Case) -> Effects:  # noqa: ARG001
    live = _live_before(before)
    settled = (*_stop(live, finish=True), *_waiting(live))
    if not event.to_confirm:
        return settled
    return (*settled, OpenWork(kind=WorkKind.CONFIRM, ref=event.assignment_id))


def _assignee_asked(before: Case | None, event: ev.AssigneeAsked, after: Case) -> Effects:
    replaced: Effects = ()
    if before is not None and before.live is not None and after.live is not before.live:
        replaced = _waiting(before.live)
    item = OpenWork(
        kind=WorkKind.REQUEST, ref=event.request_id, detail=f"{event.kind} {event.reason_code}"
    )
    return (*replaced, item)


def _request_decided(before: Case | None, event: ev.RequestDecided, after: Case) -> Effects:
    live = _live_before(before)
    decision = w.Decision(request_id=event.request_id, granted=event.granted, decider=event.decider)
    return (
        _down(after, live, event.generation, decision, event.text),
        SettleWork(kind=WorkKind.REQUEST, ref=event.request_id),
    )


def _assignment_reworked(before: Case | None, event: ev.AssignmentReworked, after: Case) -> Effects:
    old = _live_before(before)
    live = after.live
    assert live is not None, "rework keeps the assignment"
    verdict = w.ReworkVerdict(next_generation=event.generation, limits=event.limits)
    return (
        _down(after, old, event.previous_generation, verdict, event.text),
        *_stop(old, finish=True),
        *_waiting(old),
        *_timers(live),
    )


def _assignment_ended(before: Case | None, event: ev.AssignmentEnded, after: Case) -> Effects:
    live = _live_before(before)
    said: Effects = ()
    if event.ending is Ending.WITHDRAWN:
        act = w.Withdraw(reason=event.text)
        said = (_down(after, live, event.generation, act, ""),)
    elif event.ending is Ending.CLOSED:
        said = (_down(after, live, event.generation, w.ClosedVerdict(), event.text),)
    return (*said, *_stop(live, finish=True), *_waiting(live))


def _report_late(before: Case | None, event: ev.ReportLate, after: Case) -> Effects:  # noqa: ARG001
    if not event.result:
        return ()
    return (OpenWork(kind=WorkKind.LATE_REPORT, ref=event.cause, detail=event.result),)


def _late_result_adopted(before: Case | None, event: ev.LateResultAdopted, after: Case) -> Effects:  # noqa: ARG001
    return (SettleWork(kind=WorkKind.LATE_REPORT, ref=event.cause),)


def _route_missed(before: Case | None, event: ev.RouteMissed, after: Case) -> Effects:  # noqa: ARG001
    named = ", ".join(str(one) for one in event.candidates)
    return (OpenWork(kind=WorkKind.ROUTE, ref="", detail=named),)


def _case_closed(before: Case | None, event: ev.CaseClosed, after: Case) -> Effects:  # noqa: ARG001
    return _nothing_late(after)


def _nothing_late(case: Case) -> Effects:
    """Nobody need look at late results of a case that is over."""
    if not any(not one.adopted for one in case.late):
        return ()
    return (SettleWork(kind=WorkKind.LATE_REPORT),)


# --- what we hold for our assignor


def _duty_signed(before: Case | None, event: ev.DutySigned, after: Case) -> Effects:  # noqa: ARG001
    return (_up(after, w.SignedReport(unit_reference=event.unit_reference), event.text),)


def _duty_progressed(before: Case | None, event: ev.DutyProgressed, after: Case) -> Effects:  # noqa: ARG001
    return (_up(after, w.ProgressReport(), event.text),)


def _duty_done(before: Case | None, event: ev.DutyDone, after: Case) -> Effects:
    said = _up(after, w.DoneReport(result=event.result, photos=event.photos), event.text)
    if before is None or before.live is None:
        return (said,)
    return (said, *_waiting(before.live))


def _request_raised(before: Case | None, event: ev.RequestRaised, after: Case) -> Effects:  # noqa: ARG001
    request = w.RequestReport(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        wanted_until=event.wanted_until,
    )
    return (_up(after, request, event.text),)


def _duty_ended(before: Case | None, event: ev.DutyEnded, after: Case) -> Effects:  # noqa: ARG001
    return _over(before, after)


def _duty_buried(before: Case | None, event: ev.DutyBuried, after: Case) -> Effects:  # noqa: ARG001
    return _over(before, after)


def _over(before: Case | None, after: Case) -> Effects:
    """Nothing of this case waits for anybody here any more."""
    if before is None:
        return ()
    settled: list[Effect] = list(_nothing_late(after))
    if before.unrouted:
        settled.append(SettleWork(kind=WorkKind.ROUTE))
    for one in before.supervisions:
        if not one.replied:
            settled.append(SettleWork(kind=WorkKind.REPLY, ref=one.supervision_id))
            settled.append(CancelTimer(kind=TimerKind.REPLY_BY, ref=one.supervision_id))
    return tuple(settled)


# --- marks


def _pressed(before: Case | None, event: ev.Pressed, after: Case) -> Effects:  # noqa: ARG001
    live = after.live
    if live is None or live.rank is Rank.DONE:
        return ()
    return (_down(after, live, live.generation, w.Press(), event.text),)


def _supervised(before: Case | None, event: ev.Supervised, after: Case) -> Effects:  # noqa: ARG001
    owed: Effects = (
        SetTimer(kind=TimerKind.REPLY_BY, ref=event.supervision_id, due_at=event.reply_by),
        OpenWork(kind=WorkKind.REPLY, ref=event.supervision_id, detail=event.text),
    )
    live = after.live
    if live is None:
        return owed
    act = w.Supervise(supervision_id=event.supervision_id, reply_by=event.reply_by)
    return (_down(after, live, live.generation, act, event.text), *owed)


def _answered(supervision_id: str) -> Effects:
    return (
        SettleWork(kind=WorkKind.REPLY, ref=supervision_id),
        CancelTimer(kind=TimerKind.REPLY_BY, ref=supervision_id),
    )


def _assignee_replied(before: Case | None, event: ev.AssigneeReplied, after: Case) -> Effects:  # noqa: ARG001
    return _answered(event.supervision_id)


def _supervision_answered(
    before: Case | None,  # noqa: ARG001
    event: ev.SupervisionAnswered,
    after: Case,
) -> Effects:
    reply = w.ReplyReport(supervision_id=event.supervision_id)
    return (_up(after, reply, event.text), *_answered(event.supervision_id))


def _overdue(before: Case | None, event: ev.Overdue, after: Case) -> Effects:  # noqa: ARG001
    item = f"{event.kind}/{event.ref}"
    return (OpenWork(kind=WorkKind.OVERDUE, ref=item, detail=event.due_at.isoformat()),)


_FOLLOW: Final[Mapping[type[ev.Event], Callable[[Case | None, Any, Case], Effects]]] = {
    ev.Assigned: _assigned,
    ev.AssigneeSigned: _assignee_signed,
    ev.AssigneeProgressed: _assignee_signed,
    ev.AssigneeDone: _assignee_done,
    ev.AssigneeAsked: _assignee_asked,
    ev.RequestDecided: _request_decided,
    ev.AssigneeReplied: _assignee_replied,
    ev.AssignmentReworked: _assignment_reworked,
    ev.AssignmentEnded: _assignment_ended,
    ev.ReportLate: _report_late,
    ev.LateResultAdopted: _late_result_adopted,
    ev.RouteMissed: _route_missed,
    ev.CaseClosed: _case_closed,
    ev.DutySigned: _duty_signed,
    ev.DutyProgressed: _duty_progressed,
    ev.DutyDone: _duty_done,
    ev.RequestRaised: _request_raised,
    ev.DutyEnded: _duty_ended,
    ev.DutyBuried: _duty_buried,
    ev.Pressed: _pressed,
    ev.Supervised: _supervised,
    ev.SupervisionAnswered: _supervision_answered,
    ev.Overdue: _overdue,
}
