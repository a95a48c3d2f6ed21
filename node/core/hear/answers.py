"""Answers from above, and the end of a suspension: what they mean for whoever has it from us.

An inner request that was passed up is answered by the answer to our own, in the same breath; an
inner clock that stands because ours stands runs again when ours does.
"""

from __future__ import annotations

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case, Duty
from node.core.context import Context
from node.core.facts import Ending, RequestKind
from node.core.granting import ABOVE, lengthened_within, run_again
from node.core.handover import end_live
from node.core.hear import fences
from node.core.hear.heard import Events, Heard, late_word


def answer_inner(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Events:
    """The answer to whoever asked us, if what was answered is their request, passed up."""
    act = word.act
    assert isinstance(act, w.Decision), "only a decision answers"
    live = case.live
    request = live.request if live is not None else None
    if live is None or request is None or request.passed_up != act.request_id:
        return ()
    limits = None
    if act.granted and request.kind is RequestKind.EXTENSION:
        limits = lengthened_within(live.limits, act.limits or duty.limits, ctx)
    decided = ev.RequestDecided(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        request_id=request.request_id,
        kind=request.kind,
        granted=act.granted,
        decider=act.decider,
        text=word.text,
        limits=limits,
        until=act.until if request.kind is RequestKind.SUSPENSION else None,
    )
    if not (act.granted and request.kind is RequestKind.VOID):
        return (decided,)
    return (decided, end_live(live, Ending.VOIDED, text=word.text, ctx=ctx))


def appealed_before(case: Case | None, word: w.Directive, ctx: Context) -> Heard | None:
    """The answer to an appeal about a handing-over that a newer order took the place of: it is
    about the case, so it counts, once. None = the word is about something else."""
    act = word.act
    if case is None or not isinstance(act, w.Decision) or act.lead:
        return None
    if act.request_id not in case.appeals:
        return None
    answered = ev.RequestAnswered(
        at=ctx.now,
        request_id=act.request_id,
        kind=RequestKind.APPEAL,
        granted=act.granted,
        decider=act.decider,
        text=word.text,
    )
    return Heard(events=(answered,))


def resume(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:
    """The suspension is over, once: whatever it stopped below goes on under the new deadline."""
    act = word.act
    assert isinstance(act, w.Resume), "dispatched by type"
    if not fences.ends_pause(duty, act.request_id):
        return late_word(word, ctx)
    ours = ev.DutyResumed(at=ctx.now, limits=act.limits, how=act.how, text=word.text)
    return Heard(events=(ours, *_inner_clock(case.live, word, act, ctx)))


def _inner_clock(
    live: Assignment | None, word: w.Directive, act: w.Resume, ctx: Context
) -> Events:
    if live is None or live.paused_at is None:
        return ()
    at = live.result.said_at if live.result is not None else ctx.now
    return (run_again(live, at=at, outer=act.limits, how=ABOVE, text=word.text, ctx=ctx),)

