"""Feedback is proofread as it arrives (校核): does it show what the case wants?

Called through this module, as the fences are.
"""

from __future__ import annotations

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case
from node.core.context import Context
from node.core.facts import Limits
from node.core.feedback import CLOSING, lacks
from node.core.handover import next_generation


def lacking(
    case: Case, live: Assignment, act: w.DoneReport, ctx: Context
) -> ev.FeedbackLacking | None:
    """What it lacks, None = nothing. It is sent back by itself while the rules of this office say
    so and the clock above runs; a closing condition alone is no reason to, for a unit's own system
    has no word for it. An office in the middle that does not send it back says nothing: whoever
    filed the case looks at it too."""
    rules = ctx.feedback
    if rules is None:
        return None
    missing = lacks(case.facts, closing=act.closing, photos=act.photos)
    if not missing:
        return None
    duty = case.duty
    stands = duty is not None and (duty.ended is not None or bool(duty.paused_by))
    photos_lack = missing != (CLOSING,)
    returned = photos_lack and not stands and live.returned_count < rules.returns_max
    return ev.FeedbackLacking(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        lacks=missing,
        returned=returned,
    )


def send_back(
    case: Case, live: Assignment, said: ev.FeedbackLacking, *, limits: Limits, ctx: Context
) -> ev.AssignmentReworked:
    """Round again under a new number and under the very same deadline: words without evidence buy
    nobody time."""
    assert ctx.feedback is not None, "by its rules"
    return ev.AssignmentReworked(
        at=ctx.now,
        assignment_id=live.assignment_id,
        previous_generation=live.generation,
        generation=next_generation(case.issued_generation, ctx.branch),
        limits=limits,
        text=ctx.feedback.reason(said.lacks),
    )
