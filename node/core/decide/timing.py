"""The clock speaks: never refused, may mean nothing any more."""

from __future__ import annotations

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events
from node.core.effects import TimerKind
from node.core.facts import Rank


def timer_fired(case: Case, command: cmd.TimerFired, ctx: Context) -> Events:
    overdue = ev.Overdue(at=ctx.now, kind=command.kind, ref=command.ref, due_at=command.due_at)
    if command.kind == TimerKind.REPLY_BY:
        owed = any(
            one.supervision_id == command.ref and not one.replied and not one.overdue
            for one in case.supervisions
        )
        return (overdue,) if owed else ()
    live = case.live
    if live is None or live.timer_ref != command.ref or live.suspended_until is not None:
        return ()
    if command.kind == TimerKind.SIGN_BY:
        missed = live.rank is Rank.OFFERED and not live.sign_overdue
    else:
        missed = live.rank is not Rank.DONE and not live.finish_overdue
    return (overdue,) if missed else ()
