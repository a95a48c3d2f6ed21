"""What may be asked of an assignor, when, and how often.

A node judges by what it knows; the assignor judges again when it decides, by the time at which the
request was signed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.approvals import Rule, rule_of
from node.core.case import Assignment, Case, Duty
from node.core.clock import due
from node.core.context import Context
from node.core.decide.disputes import refuse_giving_back
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid, WrongStatus
from node.core.facts import Limits, Rank, RequestKind
from node.core.granting import granted_before, ordinal_of

REASON_CODE_MAX: Final = 40
"""Characters of a reason code: a word of a list, not the reason itself."""
_OF_THEIR_OWN: Final = frozenset({RequestKind.DISPUTE, RequestKind.COORDINATION})
"""They run beside the handling, so they take no place of an open request."""
_IN_OWN_HANDS: Final = frozenset({RequestKind.RETURN, RequestKind.SUSPENSION})
"""Asked only for what nobody has from us: their own request would be passed up."""


def _ask(case: Case, command: cmd.AskRequest, ctx: Context) -> Events:
    duty = case.duty
    assert duty is not None, "only duties have somebody to ask"
    kind = command.kind
    if len(command.reason_code) > REASON_CODE_MAX:
        raise Invalid(
            f"a reason code has {REASON_CODE_MAX} characters at most", field="reason_code",
            why="reason_code"
        )
    open_to(case, duty, kind, ctx)
    _ends(kind, command.wanted_until, ctx)
    reason_listed(kind, command.reason_code, command.text, ctx)
    return (
        ev.RequestRaised(
            at=ctx.now,
            request_id=command.request_id,
            kind=kind,
            reason_code=in_words(command.reason_code, of="reason_code"),
            asker=command.actor,
            text=in_words(command.text, of="text"),
            wanted_until=command.wanted_until,
            photos=command.photos,
            ordinal=ordinal_of(duty, kind),
        ),
    )


def open_to(case: Case, duty: Duty, kind: RequestKind, ctx: Context) -> None:
    """Raises ``Refused`` if a request of this kind cannot be made now, whatever it would say: a
    screen does not offer it."""
    if kind is not RequestKind.APPEAL and (duty.ended is not None or duty.rank is Rank.DONE):
        raise WrongStatus(
            f"{kind} is asked for while the case is held", status=case.status, kind=kind,
            why="while_held"
        )
    if kind in _OF_THEIR_OWN:
        raise Invalid(f"a {kind} has a verb of its own", code="approval.other_verb", kind=kind)
    if kind is RequestKind.RETURN:
        refuse_giving_back(case, ctx)
    if kind in _IN_OWN_HANDS and case.live is not None:
        raise WrongStatus(
            f"{case.live.to} has it; withdraw it, or pass up what they ask",
            status=case.status,
            assignee=str(case.live.to),
            why="pass_up",
        )
    _within_rules(case, duty, kind, ctx)


def reason_listed(kind: RequestKind, code: str, text: str, ctx: Context) -> None:
    """``Invalid`` (``reason.unknown``, ``reason.text``) for a code that our lists do not have."""
    if ctx.ladders is not None:
        ctx.ladders.reasons.check(kind.value, code, text)


def may_ask(
    case: Case, duty: Duty, kind: RequestKind, wanted_until: datetime | None, ctx: Context
) -> None:
    """Raises ``Refused`` if the rules of its kind do not allow this request at this time."""
    _within_rules(case, duty, kind, ctx)
    _ends(kind, wanted_until, ctx)


def _ends(kind: RequestKind, wanted_until: datetime | None, ctx: Context) -> None:
    if kind is RequestKind.SUSPENSION:
        wait(rule_of(ctx.ladders, kind), since=ctx.said_at or ctx.now, until=wanted_until, ctx=ctx)


def _within_rules(case: Case, duty: Duty, kind: RequestKind, ctx: Context) -> None:
    """What its rules say before anybody names an end."""
    rule = rule_of(ctx.ladders, kind)
    at = ctx.said_at or ctx.now
    not_too_often(rule, kind, duty)
    if rule.before_deadline:
        in_time(duty.limits, at)
    if kind is RequestKind.EXTENSION:
        if duty.limits.finish_by is None:
            raise Invalid("there is no deadline to move", code="approval.no_deadline")
        if duty.paused_by:
            raise WrongStatus(
                "the clock stands still: there is nothing to extend",
                code="approval.suspended",
                status=case.status,
            )
    elif kind is RequestKind.SUSPENSION:
        if duty.paused_by:
            raise WrongStatus(
                "it is suspended already", code="approval.suspended", status=case.status
            )
    elif kind is RequestKind.APPEAL:
        _overdue_here(case, duty, rule, ctx)


def _overdue_here(case: Case, duty: Duty, rule: Rule, ctx: Context) -> None:
    """An appeal is against an overdue mark: as far as can be told here, there is one."""
    if case.exempt:
        raise WrongStatus("the mark is lifted already", code="approval.exempt", status=case.status)
    said_at = duty.result.said_at if duty.result is not None else duty.ended_at or ctx.now
    deadline = duty.limits.finish_by
    if deadline is None or said_at <= deadline:
        raise WrongStatus(
            "it is not overdue: there is no mark to appeal against",
            code="approval.not_overdue",
            status=case.status,
        )
    if duty.ended_at is None:
        return
    if rule.after_end is None:
        if ctx.ladders is not None:
            raise WrongStatus(
                "after the end nothing is asked for any more",
                code="approval.too_late",
                status=case.status,
            )
        return
    last = due(ctx.calendar, duty.ended_at, rule.after_end)
    if (ctx.said_at or ctx.now) > last:
        raise WrongStatus(
            f"it could be appealed against until {last.isoformat()}",
            code="approval.too_late",
            until=last.isoformat(),
        )


def not_too_often(rule: Rule, kind: RequestKind, of: Duty | Assignment | Case) -> None:
    if rule.times_max and granted_before(of, kind) >= rule.times_max:
        raise WrongStatus(
            f"{kind} was granted {rule.times_max} time(s), that is the most",
            code="approval.too_many",
            kind=kind,
            times=str(rule.times_max),
        )


def in_time(limits: Limits, asked_at: datetime) -> None:
    if limits.finish_by is not None and asked_at > limits.finish_by:
        raise WrongStatus(
            f"it had to be asked before the deadline, {limits.finish_by.isoformat()}",
            code="approval.too_late",
            deadline=limits.finish_by.isoformat(),
        )


def wait(rule: Rule, *, since: datetime, until: datetime | None, ctx: Context) -> datetime:
    """The end of a suspension: later than now, and no later than the rules allow."""
    if until is None:
        raise Invalid("say until when it is to wait", code="approval.no_end")
    if until <= ctx.now:
        raise Invalid("its end is past already", code="approval.end_past", until=until.isoformat())
    if rule.days_max and until > since + timedelta(days=rule.days_max):
        raise Invalid(
            f"it may wait {rule.days_max} days at most",
            code="approval.too_long",
            days=str(rule.days_max),
        )
    return until


MAKE: Final[Make] = {
    cmd.AskRequest: _ask,
}
