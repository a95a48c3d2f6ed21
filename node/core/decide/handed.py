"""Verbs on what we handed on."""

from __future__ import annotations

from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case, CaseStatus
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words, late_of
from node.core.facts import Ending
from node.core.handover import end_live, hand_over, send_round_again


def _dispatch(case: Case, command: cmd.Dispatch, ctx: Context) -> Events:
    outer = case.duty.limits if case.duty is not None else None
    return (
        hand_over(
            case,
            to=command.to,
            limits=command.limits,
            outer=outer,
            text=command.text,
            ctx=ctx,
            routed=ctx.propose(case) if ctx.propose is not None else None,
        ),
    )


def _withdraw(case: Case, command: cmd.WithdrawAssignment, ctx: Context) -> Events:
    assert case.live is not None, "guarded"
    reason = in_words(command.reason, of="reason")
    return (end_live(case.live, Ending.WITHDRAWN, text=reason, ctx=ctx),)


def _fail_check(case: Case, command: cmd.FailCheck, ctx: Context) -> Events:
    text = in_words(command.text, of="text")
    failed = ev.CheckFailed(at=ctx.now, text=text, photos=command.photos, by=command.actor)
    if case.live is None:
        # an adopted late result has nobody to send it back to: dispatch anew
        return (failed,)
    outer = case.duty.limits if case.duty is not None else None
    again = send_round_again(
        case, case.live, limits=command.limits, outer=outer, text=text, ctx=ctx
    )
    return (failed, again)


def _close(case: Case, command: cmd.Close, ctx: Context) -> Events:
    text = in_words(command.text, of="text")
    ended: Events = ()
    if case.live is not None:
        ended = (end_live(case.live, Ending.CLOSED, text=text, ctx=ctx),)
    if case.status is CaseStatus.TRANSFERRED:
        # what was handed outside is not repaired as far as we can see: that we were told ends it
        return (ev.CaseClosed(at=ctx.now, text=text, how="informational"),)
    if case.status is not CaseStatus.PENDING_CLOSE:
        return ended  # a duty: our leg below is closed, the case itself is our assignor's to close
    return (*ended, ev.CaseClosed(at=ctx.now, text=text, by=command.actor))


def _adopt_late(case: Case, command: cmd.AdoptLate, ctx: Context) -> Events:
    late = late_of(case, command.cause)
    adopted = ev.LateResultAdopted(
        at=ctx.now,
        cause=late.cause,
        result=late.result.result,
        photos=late.result.photos,
        said_at=late.result.said_at,
        text=command.text,
    )
    if case.duty is None:
        return (adopted,)
    done = ev.DutyDone(
        at=ctx.now,
        result=late.result.result,
        photos=late.result.photos,
        said_at=ctx.said_at or ctx.now,
        text=command.text,
    )
    return (adopted, done)


MAKE: Final[Make] = {
    cmd.Dispatch: _dispatch,
    cmd.WithdrawAssignment: _withdraw,
    cmd.FailCheck: _fail_check,
    cmd.Close: _close,
    cmd.AdoptLate: _adopt_late,
}
