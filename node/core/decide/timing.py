"""The clock speaks: never refused, may mean nothing any more."""

from __future__ import annotations

from datetime import datetime

from node.core import commands as cmd
from node.core import events as ev
from node.core.calendar import BEIJING
from node.core.case import Assignment, Case
from node.core.clock import due
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
    if command.kind == TimerKind.CLIMB:
        return _climb(live, command, ctx)
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
    if not missed:
        return ()
    if command.kind == TimerKind.SIGN_BY:
        return (overdue, *_begin_to_climb(live, command.due_at, ctx))
    return (overdue,)


def _begin_to_climb(live: Assignment, due_at: datetime, ctx: Context) -> Events:
    """The first rung, as soon as the time to sign has passed."""
    if ctx.chain is None or not ctx.chain.steps:
        return ()
    return (_rung(live, 0, due_at, ctx),)


def _climb(live: Assignment, command: cmd.TimerFired, ctx: Context) -> Events:
    climbed, since = live.climbed, live.limits.sign_by
    if climbed is None or since is None or live.rank is not Rank.OFFERED:
        return ()
    if command.ref != f"{live.round_ref}/{climbed.step + 1}" or ctx.chain is None:
        return ()
    if climbed.step >= len(ctx.chain.steps):
        return ()  # the data has fewer rungs now
    return (_rung(live, climbed.step, since, ctx),)


def _rung(live: Assignment, index: int, since: datetime, ctx: Context) -> ev.OrderClimbed:
    chain = ctx.chain
    assert chain is not None, "by its rungs"
    step = chain.steps[index]
    name = ctx.named_at(live.to, step.to) if ctx.named_at is not None else ""
    beyond = chain.steps[index + 1] if index + 1 < len(chain.steps) else None
    return ev.OrderClimbed(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        step=index + 1,
        post=step.to.value,
        name=name,
        since=since,
        next_at=due(ctx.calendar, since, beyond.after) if beyond is not None else None,
        text=chain.say(step.to, name, since.astimezone(BEIJING).strftime("%m-%d %H:%M")),
    )


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
