"""Guards: true, or ``Refused`` with what to do. The transition table names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import PARTS_MAX, Case, LateResult
from node.core.context import Context
from node.core.coordination import COORDINATIONS_KEPT_MAX
from node.core.errors import (
    Invalid,
    NoRoute,
    NotPermitted,
    WrongStatus,
)
from node.core.facts import Address, AddressKind, Outcome, Rank, RequestKind
from node.core.rights import supervising

Events = tuple[ev.Event, ...]
Make = Mapping[type[cmd.Command], Callable[[Any, Any, Context], Events]]


def _reachable(case: Case, command: cmd.Dispatch, ctx: Context) -> None:  # noqa: ARG001
    to = command.to
    if to == Address(kind=AddressKind.NODE, id=ctx.node):
        raise Invalid("an office does not dispatch to itself", to=str(to), why="to_itself")
    if ctx.reachable is not None and not ctx.reachable(to):
        raise NoRoute(f"{to} is neither a child nor an adapter of this office", why="stranger",
                      to=str(to))
    why = ctx.unanswerable(to) if ctx.unanswerable is not None else ""
    if why:
        raise NoRoute(f"nobody at {to} would answer: {why}", code="unit.unanswerable", to=str(to),
                      gap=why)


def _handed_on(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is None:
        raise WrongStatus("nobody has been handed this case", why="not_handed_on",
                          status=case.status)


def _in_own_hands(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is not None:
        raise WrongStatus(
            f"{case.live.to} has it; withdraw it or let them return it first",
            why="handed_on",
            status=case.status,
            assignee=str(case.live.to),
        )


def _not_at_work_below(case: Case, command: cmd.Command, ctx: Context) -> None:
    if case.live is not None and case.live.rank is not Rank.DONE:
        _in_own_hands(case, command, ctx)


def _done_below(case: Case, command: cmd.Command, ctx: Context) -> None:
    if case.live is None and case.duty is not None and case.facts is not None:
        needed = supervising(type(command).__name__, ctx.rights)
        raise NotPermitted(
            f"nobody below has it, and judging the case itself is the right of "
            f"{case.facts.filing_node}, which filed it",
            capability=needed or "", verb=type(command).__name__,
            filing_node=case.facts.filing_node,
            why="judging",
        )
    if case.live is None or case.live.rank is not Rank.DONE:
        raise WrongStatus("no assignee has said that it is done", why="not_done",
                          status=case.status)


def _unsigned(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.duty is not None and case.duty.rank is not Rank.OFFERED:
        raise WrongStatus("it is signed for already", why="signed", status=case.status)


def _nothing_asked(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.duty is not None and case.duty.request is not None:
        raise WrongStatus(
            "an earlier request waits for its answer", why="asked",
            request_id=case.duty.request.request_id
        )


def _not_being_returned(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    request = case.duty.request if case.duty is not None else None
    if request is not None and request.kind in (RequestKind.RETURN, RequestKind.VOID):
        raise WrongStatus(
            "our own request to give it back waits for its answer", request_id=request.request_id,
            why="giving_back"
        )


def _not_to_wait(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    request = case.duty.request if case.duty is not None else None
    if request is not None and request.kind is RequestKind.SUSPENSION:
        raise WrongStatus(
            "our own request to let it wait has no answer yet: nobody begins under a clock that "
            "may stand", why="to_wait", request_id=request.request_id,
        )


def _return_answered(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    request = case.live.request if case.live is not None else None
    if request is not None and request.kind is RequestKind.RETURN:
        raise WrongStatus(
            f"{case.live and case.live.to} wants to give it back: answer that first",
            code="approval.return_open",
            status=case.status,
            request_id=request.request_id,
        )


def _clock_runs(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.duty is not None and case.duty.suspended_until is not None:
        raise WrongStatus(
            "our assignor suspended it: ask them to resume it first",
            why="above",
            code="approval.suspended",
            status=case.status,
            until=case.duty.suspended_until.isoformat(),
        )


def _paused_below(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is None or case.live.suspended_until is None:
        raise WrongStatus("nothing handed over is suspended", why="not_suspended",
                          status=case.status)


def _case_suspended(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.suspended_until is None:
        raise WrongStatus("it is what was handed over that is suspended",
                          why="suspended_below", status=case.status)


def _at_work_below(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is None or case.live.rank is Rank.DONE:
        raise WrongStatus("nobody below is at work on it", why="nobody_at_work",
                          status=case.status)


def _supervision_owed(case: Case, command: cmd.ReplySupervision, ctx: Context) -> None:  # noqa: ARG001
    owed = any(
        one.supervision_id == command.supervision_id and not one.replied
        for one in case.supervisions
    )
    if not owed:
        raise WrongStatus(
            "no answer is owed to that supervision",
            why="not_owed",
            status=case.status,
            supervision_id=command.supervision_id,
        )


def _late_result(case: Case, command: cmd.AdoptLate, ctx: Context) -> None:  # noqa: ARG001
    late_of(case, command.cause)


def _has_an_owner(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.no_owner:
        raise WrongStatus("it is marked already: nobody responsible can be named", why="marked")


def _right_level(case: Case, command: cmd.AskCoordination, ctx: Context) -> None:
    rules = ctx.coordination
    if rules is not None:
        rule = rules.rule_for(command.kind, command.size)
        if rule is None:
            raise Invalid(
                f"the profile does not say who decides {command.kind}, {command.size}",
                code="coordination.no_rule", kind=command.kind, size=command.size,
            )
        if rule.level != command.level:
            raise Invalid(
                f"{command.kind}, {command.size}, is decided by {rule.level}, not by "
                f"{command.level or 'nobody'} ({rule.source})",
                code="coordination.level", kind=command.kind, size=command.size,
                level=rule.level, rule=rule.source,
            )
        if command.level not in rules.decides and case.duty is None:
            raise NoRoute(
                f"neither this office nor anybody above it decides as {command.level}",
                code="coordination.no_body", level=command.level,
            )
    if len(case.coordinations) >= COORDINATIONS_KEPT_MAX:
        raise Invalid(
            f"this case was coordinated {COORDINATIONS_KEPT_MAX} times",
            code="coordination.too_many",
        )
    for one in case.coordinations:
        if one.is_open and one.kind is command.kind:
            raise WrongStatus(
                "an earlier question of this kind waits for its decision",
                coordination_id=one.coordination_id,
                why="coordination_asked",
            )
        if one.coordination_id == command.coordination_id:
            raise Invalid("this coordination was asked before",
                          coordination_id=one.coordination_id, why="coordination_known")


def _ours_to_decide(
    case: Case, command: cmd.DecideCoordination | cmd.JoinProblem | cmd.LeaveProblem, ctx: Context
) -> None:
    asked = next(
        (one for one in case.coordinations if one.coordination_id == command.coordination_id), None
    )
    if asked is None or not asked.is_open:
        raise WrongStatus(
            "there is no such open coordination", coordination_id=command.coordination_id,
            why="no_coordination"
        )
    rules = ctx.coordination
    # the topmost office decides whatever nobody above it could
    above = case.duty is not None and rules is not None and asked.level not in rules.decides
    theirs = asked.upward or above
    if theirs:
        raise NotPermitted(
            f"this is decided by {asked.level}, above this office", code="coordination.not_ours",
            level=asked.level, coordination_id=asked.coordination_id,
        )


def _owed(case: Case, command: cmd.RecordRecovery, ctx: Context) -> None:  # noqa: ARG001
    repair = next((one for one in case.repairs if one.repair_id == command.repair_id), None)
    if repair is None:
        raise Invalid(
            "there is no such repair by proxy", repair_id=command.repair_id, why="no_repair"
        )
    if command.amount_fen > repair.outstanding_fen:
        raise Invalid(
            f"{repair.outstanding_fen} fen are outstanding, not {command.amount_fen}",
            code="fund.too_much", repair_id=command.repair_id,
            outstanding=str(repair.outstanding_fen),
        )


def late_of(case: Case, cause: str) -> LateResult:
    for late in case.late:
        if late.cause == cause and not late.adopted:
            return late
    raise Invalid("there is no late result of that cause to adopt", cause=cause, why="no_late")


def _looked_at(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    facts = case.facts
    if facts is None or ctx.sources is None or case.verified:
        return
    if ctx.sources.must_verify(facts.source):
        raise WrongStatus(
            f"a report by {facts.source} is verified on site first",
            code="intake.unverified",
            status=case.status,
            **ctx.sources.named(facts.source),
        )


def _leads(case: Case, command: cmd.OpenPart, ctx: Context) -> None:  # noqa: ARG001
    if case.facts is None or case.facts.part_of:
        raise Invalid("a part has no parts of its own: open it beside its lead", why="part_of_part")
    if len(case.parts) >= PARTS_MAX:
        raise Invalid(f"a case has {PARTS_MAX} parts at most", why="parts")


def _closes_here(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    needed = supervising("Close", ctx.rights)
    if needed is not None and needed not in ctx.capabilities:
        raise NotPermitted(
            "nobody here could close what was put right at once: the office above takes the report",
            why="no_close", capability=needed, verb="SelfHandle",
        )


def _left_contact(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if not case.contact:
        raise WrongStatus(
            "nobody left a contact: there is nobody to ask",
            code="intake.no_contact",
            status=case.status,
        )


def _not_rated(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.satisfaction is not None:
        raise WrongStatus(
            "satisfaction was given already, once is all", code="intake.rated", status=case.status
        )


def _office_above(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if not ctx.parent:
        raise NoRoute("there is no office above this one", why="no_parent")


def _comes_back(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    passing = case.passing
    if passing is None or not passing.may_come_back:
        raise WrongStatus("the office above has filed it already", why="filed_above",
                          status=case.status)
    if passing.recalled:
        raise WrongStatus("it was asked back already and waits", why="recalled",
                          status=case.status)


def _ended_here(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    passing = case.passing
    if passing is not None and passing.outcome is Outcome.CLOSED:
        raise WrongStatus(
            f"{passing.said_by or 'the office above'} closed it as {passing.case_no}: ask them to "
            "take that case up again, or register what is wrong again and pass it up",
            code="intake.closed_above", status=case.status, office=passing.said_by,
            case_no=passing.case_no,
        )


def _not_reopening(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    asked = case.reopening
    if asked is not None and asked.granted is None:
        raise WrongStatus(
            "it was asked for already and waits", status=case.status, why="reopening_asked"
        )
    if asked is not None and asked.granted:
        raise WrongStatus(
            f"{asked.new_case_id} took it up already",
            status=case.status,
            new_case_id=asked.new_case_id,
            why="reopened",
        )


def _reopen_asked(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.reopening is None or case.reopening.granted is not None:
        raise WrongStatus("nobody waits for that decision", status=case.status, why="no_reopening")


def _doubted(case: Case, command: cmd.SettleDoubt, ctx: Context) -> None:  # noqa: ARG001
    if not any(one.ref == command.ref and one.waits for one in case.flags):
        raise WrongStatus(
            "no picture of that name waits for a look", why="not_doubted", status=case.status
        )


GUARDS: Mapping[str, Callable[[Case, Any, Context], None]] = {
    "reachable": _reachable,
    "handed_on": _handed_on,
    "in_own_hands": _in_own_hands,
    "not_at_work_below": _not_at_work_below,
    "done_below": _done_below,
    "unsigned": _unsigned,
    "nothing_asked": _nothing_asked,
    "not_being_returned": _not_being_returned,
    "not_to_wait": _not_to_wait,
    "return_answered": _return_answered,
    "clock_runs": _clock_runs,
    "paused_below": _paused_below,
    "case_suspended": _case_suspended,
    "at_work_below": _at_work_below,
    "supervision_owed": _supervision_owed,
    "late_result": _late_result,
    "has_an_owner": _has_an_owner,
    "right_level": _right_level,
    "ours_to_decide": _ours_to_decide,
    "owed": _owed,
    "looked_at": _looked_at,
    "leads": _leads,
    "closes_here": _closes_here,
    "left_contact": _left_contact,
    "not_rated": _not_rated,
    "not_reopening": _not_reopening,
    "reopen_asked": _reopen_asked,
    "doubted": _doubted,
    "office_above": _office_above,
    "comes_back": _comes_back,
    "ended_here": _ended_here,
}


def in_words(text: str, *, of: str) -> str:
    """``text``, which must say something."""
    if not text.strip():
        raise Invalid(f"{of} must be given in words", field=of, why="words")
    return text
