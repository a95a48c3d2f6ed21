"""A contest runs beside the handling: it is about an assignment, whatever round that is in, and
neither its asking nor its answer moves anything but its own record."""

from __future__ import annotations

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.context import Context
from node.core.coordination import DISPUTES_KEPT_MAX
from node.core.escalating import escalated
from node.core.facts import RequestKind
from node.core.hear.heard import Heard, late_word


def is_one(word: w.Report) -> bool:
    """The report raises a contest."""
    return isinstance(word.act, w.RequestReport) and word.act.kind is RequestKind.DISPUTE


def asked(case: Case, one: Assignment, word: w.Report, ctx: Context) -> Heard | None:
    """Our assignee contests. None = it said so before, or too often."""
    act = word.act
    assert isinstance(act, w.RequestReport), "a contest is a request"
    known = any(kept.dispute_id == act.request_id for kept in case.disputes)
    if known or len(case.disputes) >= DISPUTES_KEPT_MAX:
        return None
    contest = ev.AssigneeAsked(
        at=ctx.now,
        assignment_id=one.assignment_id,
        generation=one.generation,
        said_at=ctx.said_at or ctx.now,
        request_id=act.request_id,
        kind=RequestKind.DISPUTE,
        reason_code=act.reason_code,
        asker=act.asker,
        text=word.text,
    )
    return Heard(events=(contest, *escalated(case, contest, ctx)))


def answered(case: Case | None, word: w.Directive, ctx: Context) -> Heard | None:
    """The decision of our own contest, once; None = the word is about something else."""
    act = word.act
    if case is None or not isinstance(act, w.Decision) or act.lead:
        return None
    ours = [
        one for one in case.disputes
        if one.dispute_id == act.request_id and one.assignment_id is None
    ]
    if not ours:
        return None
    if ours[-1].upheld is not None:
        return late_word(word, ctx)  # an answer counts once, however often it is said
    answer = ev.RequestAnswered(
        at=ctx.now,
        request_id=act.request_id,
        kind=RequestKind.DISPUTE,
        granted=act.granted,
        decider=act.decider,
        text=word.text,
    )
    return Heard(events=(answer,))
