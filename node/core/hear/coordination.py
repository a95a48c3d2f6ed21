"""What no rule solves travels up as a question and comes down as a decision that binds."""

from __future__ import annotations

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.context import Context
from node.core.coordination import CoordinationKind, Size
from node.core.hear.heard import Heard, late_word, parked

UNREADABLE = "coordination.unreadable"
"""A kind or size that this program does not know: it waits for a newer one."""


def asked(
    case: Case, live: Assignment, word: w.Report, act: w.RequestReport, ctx: Context
) -> Heard | None:
    """Our assignee asks: ours to decide, or ours to pass up. None = it asked before."""
    if any(one.coordination_id == act.request_id for one in case.coordinations):
        return None
    try:
        kind, size = CoordinationKind(act.reason_code), Size(act.size or Size.ORDINARY)
    except ValueError:
        return parked(UNREADABLE)
    rules = ctx.coordination
    ours = rules is not None and act.level in rules.decides
    question = ev.CoordinationAsked(
        at=ctx.now,
        coordination_id=act.request_id,
        level=act.level,
        kind=kind,
        text=word.text,
        asker=act.asker,
        size=size,
        upward=not ours and case.duty is not None and case.duty.ended is None,
        assignment_id=live.assignment_id,
        generation=live.generation,
        said_at=ctx.said_at or ctx.now,
        problem_id=act.problem_id,
        rule=act.rule,
    )
    return Heard(events=(question,))


def decided(case: Case, word: w.Directive, act: w.Decision, ctx: Context) -> Heard:
    """It was decided above: it binds us, whether we asked or not."""
    known = next((one for one in case.coordinations if one.coordination_id == act.request_id), None)
    if known is not None and not known.is_open:
        return late_word(word, ctx)
    decision = ev.CoordinationDecided(
        at=ctx.now,
        coordination_id=act.request_id,
        lead=act.lead,
        assistants=act.assistants,
        decider=act.decider,
        text=word.text,
        problem_id=act.problem_id,
    )
    return Heard(events=(decision,))
