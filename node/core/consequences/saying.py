"""What several consequences share: words up and down, timers, items that no longer wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.context import PARENT
from node.core.effects import (
    CancelTimer,
    Effect,
    Say,
    SetTimer,
    SettleWork,
    TimerKind,
    WorkKind,
)
from node.core.facts import Rank

Effects = tuple[Effect, ...]
Follow = Mapping[type[ev.Event], Callable[[Case | None, Any, Case], Effects]]


def down(case: Case, live: Assignment, generation: int, act: w.DirectiveAct, text: str) -> Say:
    directive = w.Directive(
        case_id=case.case_id,
        assignment_id=live.assignment_id,
        generation=generation,
        act=act,
        text=text,
    )
    return Say(to=live.to, word=directive, overtake=isinstance(act, w.Withdraw))


def up(case: Case, act: w.ReportAct, text: str) -> Say:
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


def timers_of(live: Assignment) -> Effects:
    sign_by = live.limits.sign_by
    if sign_by is None or live.rank is not Rank.OFFERED:
        return finish_timer(live)
    sign = SetTimer(kind=TimerKind.SIGN_BY, ref=live.round_ref, due_at=sign_by)
    return (sign, *finish_timer(live))


def finish_timer(live: Assignment) -> Effects:
    """The timer of the deadline, while somebody works towards it."""
    finish_by = live.limits.finish_by
    if finish_by is None or live.rank is Rank.DONE:
        return ()
    return (SetTimer(kind=TimerKind.FINISH_BY, ref=live.timer_ref, due_at=finish_by),)


def settle_climb(live: Assignment) -> Effects:
    """It is nobody's turn any more on that rung."""
    if live.climbed is None or live.rank is not Rank.OFFERED:
        return ()
    return (SettleWork(kind=WorkKind.CLIMB, ref=live.climb_ref),)


def _stop_climbing(live: Assignment) -> Effects:
    climbed = live.climbed
    if climbed is None or live.rank is not Rank.OFFERED:
        return ()
    if climbed.next_at is None:
        return settle_climb(live)
    ref = f"{live.round_ref}/{climbed.step + 1}"
    return (*settle_climb(live), CancelTimer(kind=TimerKind.CLIMB, ref=ref))


def stop_timers(live: Assignment, *, finish: bool) -> Effects:
    """Cancel what still runs; what has fired already left an item that is settled instead."""
    stopped: Effects = _stop_climbing(live)
    if live.limits.sign_by is not None and live.rank is Rank.OFFERED:
        ref = live.round_ref
        if live.sign_overdue:
            item = f"{TimerKind.SIGN_BY}/{ref}"
            stopped = (*stopped, SettleWork(kind=WorkKind.PRESS, ref=item),)
        else:
            stopped = (*stopped, CancelTimer(kind=TimerKind.SIGN_BY, ref=ref))
    if not finish:
        return stopped
    if live.suspended_until is not None:
        stopped = (*stopped, CancelTimer(kind=TimerKind.RESUME_AT, ref=live.timer_ref))
    return (*stopped, *stop_finish(live))


def stop_finish(live: Assignment) -> Effects:
    """The same for the deadline alone."""
    if live.limits.finish_by is None or live.rank is Rank.DONE:
        return ()
    ref = live.timer_ref
    if live.finish_overdue:
        return (SettleWork(kind=WorkKind.OVERDUE, ref=f"{TimerKind.FINISH_BY}/{ref}"),)
    return (CancelTimer(kind=TimerKind.FINISH_BY, ref=ref),)


def settle_waiting(live: Assignment) -> Effects:
    """Settle what waited for a person about this assignment."""
    looked = (*settle_confirm(live), *settle_proofread(live))
    if live.request is None:
        return looked
    return (SettleWork(kind=WorkKind.REQUEST, ref=live.request.request_id), *looked)


def settle_proofread(live: Assignment) -> Effects:
    """Nobody need look any more at what its feedback lacks."""
    if not live.lacks:
        return ()
    return (SettleWork(kind=WorkKind.PROOFREAD, ref=live.assignment_id),)


def settle_confirm(live: Assignment) -> Effects:
    """Nobody's word is needed any more before its result goes up."""
    if not live.to_confirm:
        return ()
    return (SettleWork(kind=WorkKind.CONFIRM, ref=live.assignment_id),)


def live_before(before: Case | None) -> Assignment:
    assert before is not None, "only a known case has assignments"
    assert before.live is not None, "the event speaks of a live assignment"
    return before.live


def nothing_late(case: Case) -> Effects:
    """Nobody need look at late results of a case that is over."""
    if not any(not one.adopted for one in case.late):
        return ()
    return (SettleWork(kind=WorkKind.LATE_REPORT),)


def answered(supervision_id: str) -> Effects:
    """Nobody waits for that answer any more, nor minds that it was late."""
    return (
        SettleWork(kind=WorkKind.REPLY, ref=supervision_id),
        SettleWork(kind=WorkKind.OVERDUE, ref=f"{TimerKind.REPLY_BY}/{supervision_id}"),
        CancelTimer(kind=TimerKind.REPLY_BY, ref=supervision_id),
    )


def case_over(before: Case | None, after: Case) -> Effects:
    """Nothing of this case waits for anybody here any more; an appeal alone outlives its end."""
    if before is None:
        return ()
    settled: list[Effect] = list(nothing_late(after))
    if before.unrouted:
        settled.append(SettleWork(kind=WorkKind.ROUTE))
    if before.suspended_until is not None:
        settled.append(CancelTimer(kind=TimerKind.RESUME_AT, ref=before.wait_ref))
    for one in before.supervisions:
        if not one.replied:
            settled.extend(answered(one.supervision_id))
    return tuple(settled)
