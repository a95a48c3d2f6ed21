"""Own cases that leave the usual way: they wait, are voided, closed by force, or handed outside."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.approvals import FORCED_CLOSE, rule_of
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.decide.intake import listed_reason, original
from node.core.decide.requests import approver
from node.core.errors import Invalid, WrongStatus
from node.core.facts import Ending, RequestKind
from node.core.granting import PERSON
from node.core.handover import end_live
from node.core.reasons import VOID_CASE

NAME_MAX: Final = 200
"""Characters of a receiver's name and of its own number: a line of a form."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def _suspend(case: Case, command: cmd.SuspendCase, ctx: Context) -> Events:
    rule = rule_of(ctx.ladders, RequestKind.SUSPENSION)
    if rule.times_max and case.suspension_count >= rule.times_max:
        raise WrongStatus(
            f"it was suspended {rule.times_max} time(s), that is the most",
            code="approval.too_many",
            status=case.status,
        )
    if command.until <= ctx.now:
        raise Invalid("its end is past already", code="approval.end_past")
    wait = command.until - ctx.now
    if rule.days_max and wait > timedelta(days=rule.days_max):
        raise Invalid(
            f"it may wait {rule.days_max} days at most",
            code="approval.too_long",
            days=str(rule.days_max),
        )
    return (
        ev.CaseSuspended(
            at=ctx.now,
            until=command.until,
            reason=in_words(command.reason, of="reason"),
            decider=command.actor,
            role=approver(case, RequestKind.SUSPENSION, ctx, wait=wait),
        ),
    )


def _resume(case: Case, command: cmd.ResumeCase, ctx: Context) -> Events:  # noqa: ARG001
    text = in_words(command.text, of="text")
    return (ev.CaseResumed(at=ctx.now, how=PERSON, text=text),)


def _void(case: Case, command: cmd.VoidCase, ctx: Context) -> Events:
    reason = in_words(command.reason, of="reason")
    if command.duplicate_of == case.case_id:
        raise Invalid("a case is no duplicate of itself", field="duplicate_of", why="itself")
    original(case, command.duplicate_of, ctx)
    listed_reason(VOID_CASE, command.reason_code, reason, ctx)
    voided = ev.CaseVoided(
        at=ctx.now,
        reason=reason,
        reason_code=command.reason_code,
        duplicate_of=command.duplicate_of,
        decider=command.actor,
        role=approver(case, RequestKind.VOID, ctx),
    )
    if case.live is None:
        return (voided,)
    # nobody asked for it below, so they are told by the word that calls back
    return (end_live(case.live, Ending.WITHDRAWN, text=reason, ctx=ctx), voided)


def _force_close(case: Case, command: cmd.ForceClose, ctx: Context) -> Events:
    text = in_words(command.text, of="text")
    closed = ev.CaseClosed(
        at=ctx.now,
        text=text,
        how="forced",
        approver=command.actor,
        role=approver(case, FORCED_CLOSE, ctx),
    )
    if case.live is None:
        return (closed,)
    return (end_live(case.live, Ending.CLOSED, text=text, ctx=ctx), closed)


def _transfer(case: Case, command: cmd.Transfer, ctx: Context) -> Events:  # noqa: ARG001
    if not _DIGEST.fullmatch(command.digest):
        raise Invalid("the digest is 64 hexadecimal digits (SHA-256)", field="digest", why="digest")
    for name, given in (("receiver", command.receiver), ("reference", command.reference)):
        if len(given) > NAME_MAX:
            raise Invalid(f"{name} has {NAME_MAX} characters at most", field=name, why="name")
    return (
        ev.CaseTransferred(
            at=ctx.now,
            receiver=in_words(command.receiver, of="receiver"),
            reference=command.reference,
            reason=in_words(command.reason, of="reason"),
            digest=command.digest,
        ),
    )


def _take_back(case: Case, command: cmd.TakeBack, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseTakenBack(at=ctx.now, text=in_words(command.text, of="text")),)


MAKE: Final[Make] = {
    cmd.SuspendCase: _suspend,
    cmd.ResumeCase: _resume,
    cmd.VoidCase: _void,
    cmd.ForceClose: _force_close,
    cmd.Transfer: _transfer,
    cmd.TakeBack: _take_back,
}
