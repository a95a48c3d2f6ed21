"""The clock speaks: never refused, may mean nothing any more."""

from __future__ import annotations

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events
from node.core.effects import TimerKind
from node.core.facts import Rank
from node.core.granting import DUE, run_again


def timer_fired(case: Case, command: cmd.TimerFired, ctx: Context) -> Events:
    overdue = ev.Overdue(at=ctx.now, kind=command.kind, ref=command.ref, due_at=command.due_at)
    if command.kind == TimerKind.REPLY_BY:
        owed = any(
            one.supervision_id == command.ref and not one.replied and not one.overdue
            for one in case.supervisions
        )
        return (overdue,) if owed else ()
    if command.kind == TimerKind.RESUME_AT:
        return _wait_over(case, command, ctx)
    live = case.live
    if live is None:
        return ()
    if command.kind == TimerKind.SIGN_BY:
        # signing is not moved by a suspension, so it is not forgotten for one either
        missed = (
            live.round_ref == command.ref
            and live.rank is Rank.OFFERED
            and not live.sign_overdue
        )
    else:
        missed = (
            live.timer_ref == command.ref
            and live.suspended_until is None
            and live.rank is not Rank.DONE
            and not live.finish_overdue
        )
    return (overdue,) if missed else ()


def _wait_over(case: Case, command: cmd.TimerFired, ctx: Context) -> Events:
    """The end of a suspension that this office granted. What stands because our own clock stands
    waits for our assignor."""
    if case.suspended_until is not None and command.ref == case.wait_ref:
        return (ev.CaseResumed(at=ctx.now, how=DUE),)
    live = case.live
    if live is None or live.suspended_until is None or live.timer_ref != command.ref:
        return ()
    duty = case.duty
    if duty is not None and duty.paused_by:
        return ()
    outer = duty.limits if duty is not None else None
    # the clock stood until the end that was granted, however late we look at it
    return (run_again(live, at=command.due_at, outer=outer, how=DUE, text="", ctx=ctx),)
