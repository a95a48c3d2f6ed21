"""What ends or reopens our duty does the same to what we handed on, in the same breath.

Called through this module, as the fences are.
"""

from __future__ import annotations

from node.core import events as ev
from node.core.case import Case, Duty
from node.core.context import Context
from node.core.facts import Ending, Limits
from node.core.handover import end_live, hand_over, send_round_again
from node.core.hear.heard import Events


def end_duty(case: Case, ending: Ending, inner: Ending, text: str, ctx: Context) -> Events:
    """Our duty ends, and with it whatever we handed on."""
    return (*end_inner(case, inner, text, ctx), ev.DutyEnded(at=ctx.now, ending=ending, text=text))


def end_inner(case: Case | None, ending: Ending, text: str, ctx: Context) -> Events:
    if case is None or case.live is None:
        return ()
    return (end_live(case.live, ending, text=text, ctx=ctx),)


def inner_round(case: Case, duty: Duty, outer: Limits, text: str, ctx: Context) -> Events:
    """Whoever did the work does it again, within the new limits: by verdict while their assignment
    lives, by a new order once it is closed. Work of our own hands is ours to redo."""
    inner = Limits()  # what the outer ones leave
    live = case.live
    if live is not None:
        again = send_round_again(case, live, limits=inner, outer=outer, text=text, ctx=ctx)
        return (again,)
    last = case.past[-1] if case.past else None
    if last is None or last.ended is not Ending.CLOSED or last.assigned_at < duty.taken_at:
        return ()
    return (hand_over(case, to=last.to, limits=inner, outer=outer, text=text, ctx=ctx),)
