"""Requests: by whose agreement they are granted, and what is passed up.

Three questions, in this order: may it be decided here at all, is what it grants ours to give, and
may this person take this step. A return or an appeal ends here; what goes beyond our own limits
and every void is asked further up (``PassUpRequest``), and the answer from above answers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from node.core import commands as cmd
from node.core import events as ev
from node.core.approvals import Ladder, Per, Rule, role_for, rule_of
from node.core.case import Assignment, Case, Request
from node.core.clock import resumed
from node.core.context import Context
from node.core.decide.asking import in_time, may_ask, not_too_often, wait
from node.core.decide.disputes import refuse_giving_back
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import AddressKind, Ending, Limits, RequestId, RequestKind
from node.core.granting import PASSED_UP, PERSON, extension_of, ordinal_of, outlasts, run_again
from node.core.handover import end_live
from node.core.turns import ladder_for

# --- deciding -------------------------------------------------------------------------------------


def _decide(case: Case, command: cmd.DecideRequest, ctx: Context) -> Events:
    one, request = asked(case, command.request_id)
    _ours_to_decide(case, one, request, ctx)
    limits, until = None, None
    if command.granted and request.kind is RequestKind.RETURN:
        refuse_giving_back(case, ctx)
    if command.granted:
        limits, until = _given(case, one, request, command.until, ctx)
    end = limits.finish_by if limits is not None else until
    steps = _steps(case, one, request, command, end=end, ctx=ctx)
    decided = ev.RequestDecided(
        at=ctx.now,
        assignment_id=one.assignment_id,
        generation=one.generation,
        request_id=request.request_id,
        kind=request.kind,
        granted=command.granted,
        decider=command.actor,
        text=command.text,
        limits=limits,
        until=until,
        role=steps[-1].role if steps else "",
        step=steps[-1].number if steps else 0,
    )
    if not command.granted:
        return (decided,)
    if steps and steps[-1].left:
        return tuple(step.event(one, request, command, ctx) for step in steps)
    earlier = tuple(step.event(one, request, command, ctx) for step in steps[:-1])
    return (*earlier, decided, *_ends(one, request, command, decided.role, ctx))


def _ends(
    one: Assignment, request: Request, command: cmd.DecideRequest, role: str, ctx: Context
) -> Events:
    """What a grant ends."""
    if request.kind is RequestKind.RETURN:
        return (end_live(one, Ending.RETURNED, text=command.text, ctx=ctx),)
    if request.kind is not RequestKind.VOID:
        return ()
    voided = ev.CaseVoided(
        at=ctx.now,
        reason=command.text or request.text,
        reason_code=request.reason_code,
        decider=command.actor,
        role=role,
    )
    return (end_live(one, Ending.VOIDED, text=command.text or request.text, ctx=ctx), voided)


def asked(case: Case, request_id: RequestId) -> tuple[Assignment, Request]:
    """The open request and the handing-over it is about; an appeal may be about an ended one."""
    for one in (case.live, *reversed(case.past)):
        if one is not None and one.request is not None and one.request.request_id == request_id:
            return one, one.request
    raise WrongStatus(
        "there is no such open request", request_id=request_id, status=case.status, why="no_request"
    )


def _ours_to_decide(case: Case, one: Assignment, request: Request, ctx: Context) -> None:
    if request.passed_up:
        raise WrongStatus(
            "it was passed up: the answer from above answers it",
            code="approval.passed_up",
            status=case.status,
            request_id=request.passed_up,
        )
    if request.kind is RequestKind.VOID and case.duty is not None:
        raise NotPermitted(
            "only the office that filed the case may void it: pass it up",
            code="approval.filing_office",
        )
    if one.to.kind is AddressKind.ADAPTER and request.asker == ctx.actor:
        raise NotPermitted("nobody decides what they asked for themselves", code="approval.own")


def _given(
    case: Case, one: Assignment, request: Request, until: datetime | None, ctx: Context
) -> tuple[Limits | None, datetime | None]:
    """New limits and end of what is granted, if it is ours to give."""
    rule = _allowed(case, one, request, ctx)
    outer = case.duty.limits if case.duty is not None else None
    if request.kind is RequestKind.EXTENSION:
        limits = extension_of(one.limits, request, ctx, until=until)
        was = one.limits.finish_by
        if was is not None and limits.finish_by is not None and limits.finish_by <= was:
            raise Invalid("an extension makes a deadline later", code="approval.no_later")
        _within(limits, outer)
        return limits, None
    if request.kind is RequestKind.SUSPENSION:
        end = wait(rule, since=request.asked_at, until=until or request.wanted_until, ctx=ctx)
        if outer is not None and outer.finish_by is not None and end > outer.finish_by:
            _beyond(outer.finish_by)
        _within(resumed(ctx.calendar, one.limits, request.asked_at, end), outer)
        return None, end
    return None, None


def _allowed(case: Case, one: Assignment, request: Request, ctx: Context) -> Rule:
    """The rule of its kind, which allows it, whoever grants it in the end: what may not be granted
    here is not passed up either."""
    rule = rule_of(ctx.ladders, request.kind)
    not_too_often(rule, request.kind, case if rule.per is Per.CASE else one)
    if rule.before_deadline:
        in_time(one.limits, request.asked_at)
    if request.kind is RequestKind.EXTENSION and one.paused_by:
        raise WrongStatus(
            "the clock stands still: there is nothing to extend",
            code="approval.suspended",
            status=case.status,
        )
    if request.kind is RequestKind.SUSPENSION and one.paused_by:
        raise WrongStatus(
            "it is suspended already", code="approval.suspended", status=case.status
        )
    return rule


def _within(limits: Limits, outer: Limits | None) -> None:
    if outer is not None and outlasts(limits, outer):
        assert outer.finish_by is not None, "something was outlasted"
        _beyond(outer.finish_by)


def _beyond(deadline: datetime) -> NoReturn:
    raise WrongStatus(
        f"our own deadline is {deadline.isoformat()}: pass the request up",
        code="approval.beyond_limits",
        deadline=deadline.isoformat(),
    )


# --- the ladder -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step that this person takes now. ``left`` = how many are left after it."""

    number: int
    role: str
    left: int

    def event(
        self, one: Assignment, request: Request, command: cmd.DecideRequest, ctx: Context
    ) -> ev.RequestReviewed:
        """What is written down of it."""
        return ev.RequestReviewed(
            at=ctx.now,
            assignment_id=one.assignment_id,
            generation=one.generation,
            request_id=request.request_id,
            kind=request.kind,
            step=self.number,
            role=self.role,
            reviewer=command.actor,
            text=command.text,
        )


def _steps(
    case: Case,
    one: Assignment,
    request: Request,
    command: cmd.DecideRequest,
    *,
    end: datetime | None,
    ctx: Context,
) -> tuple[Step, ...]:
    """The steps this person may take now, at least one; none if there is no ladder here. Whoever
    holds the roles of the steps after it takes them as well, unless they must be others."""
    if ctx.ladders is None:
        return ()
    ladder = ladder_for(ctx.ladders, case.facts, one, request, end=end)
    done = len(request.reviews)
    if ladder.distinct and any(one.reviewer == command.actor for one in request.reviews):
        raise NotPermitted(
            "somebody else takes the next step of this request", code="approval.same_reviewer"
        )
    taken: list[Step] = []
    for number, roles in enumerate(ladder.steps[done:], start=done + 1):
        role = role_for(ctx.roles, roles)
        if not role:
            break
        taken.append(Step(number=number, role=role, left=len(ladder.steps) - number))
        if ladder.distinct or not command.granted:
            break
    if not taken:
        _missing(ladder.steps[min(done, len(ladder.steps) - 1)], ctx)
    return tuple(taken)


def approver(case: Case, verb: str, ctx: Context, *, wait: timedelta = timedelta(0)) -> str:
    """The role in which the actor may decide at once what nobody asked for by a request: that of
    the last step. "" if there is no ladder here."""
    if ctx.ladders is None:
        return ""
    ladder: Ladder = ctx.ladders.ladder(verb, case.facts, wait=wait)
    role = role_for(ctx.roles, ladder.steps[-1])
    if not role:
        _missing(ladder.steps[-1], ctx)
    return role


def _missing(roles: tuple[str, ...], ctx: Context) -> NoReturn:
    """Say which role it takes, and which the actor has."""
    raise NotPermitted(
        f"this step takes the role {' or '.join(roles)}",
        code="approval.role_missing",
        needed=", ".join(roles),
        held=", ".join(sorted(ctx.roles)),
    )


# --- upward, and on again -------------------------------------------------------------------------


def _pass_up(case: Case, command: cmd.PassUpRequest, ctx: Context) -> Events:
    duty, live = case.duty, case.live
    assert duty is not None, "only duties have somebody to ask"
    one, request = asked(case, command.request_id)
    if live is None or one is not live or request.kind not in PASSED_UP:
        raise Invalid(f"{request.kind} is decided here", code="approval.decided_here")
    if request.passed_up:
        raise WrongStatus(
            "it was passed up already", code="approval.passed_up", status=case.status
        )
    _allowed(case, one, request, ctx)
    may_ask(case, duty, request.kind, request.wanted_until, ctx)
    own_request_id = RequestId(ctx.fresh_id())
    passed = ev.RequestPassedUp(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        request_id=request.request_id,
        own_request_id=own_request_id,
    )
    raised = ev.RequestRaised(
        at=ctx.now,
        request_id=own_request_id,
        kind=request.kind,
        reason_code=request.reason_code,
        asker=command.actor,
        text=command.text or request.text,
        wanted_until=request.wanted_until,
        photos=request.photos,
        ordinal=ordinal_of(duty, request.kind),
    )
    return (passed, raised)


def _resume(case: Case, command: cmd.ResumeAssignment, ctx: Context) -> Events:
    live = case.live
    assert live is not None, "guarded"
    outer = case.duty.limits if case.duty is not None else None
    text = in_words(command.text, of="text")
    return (run_again(live, at=ctx.now, outer=outer, how=PERSON, text=text, ctx=ctx),)


MAKE: Final[Make] = {
    cmd.DecideRequest: _decide,
    cmd.PassUpRequest: _pass_up,
    cmd.ResumeAssignment: _resume,
}
