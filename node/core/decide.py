"""May this be done, and what happens then: a command and a case in, events out.

The transition table says from where and with which capability; a guard says what else must be
true; the verb's function makes the events. Nothing is changed here: ``evolve`` folds the events,
``consequences`` says what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case, CaseStatus, LateResult
from node.core.context import Context
from node.core.effects import TimerKind
from node.core.errors import (
    Invalid,
    NoRoute,
    NotPermitted,
    UnknownCase,
    VersionConflict,
    WrongStatus,
)
from node.core.facts import Address, AddressKind, Ending, Facts, Rank, RequestKind
from node.core.handover import end_live, hand_over, send_round_again
from node.core.transitions import COMMANDS

Events = tuple[ev.Event, ...]


def decide(case: Case | None, command: cmd.Command, ctx: Context) -> Events:
    """The events of ``command``, at least one; only a timer may mean nothing any more.

    Raises ``Refused``: unknown case, version conflict, wrong status, not permitted, no route,
    invalid.
    """
    if isinstance(command, cmd.TimerFired):
        return () if case is None else _timer_fired(case, command, ctx)
    if case is None and not isinstance(command, cmd.OpenCase):
        raise UnknownCase(f"there is no case {command.case_id} here", case_id=command.case_id)
    status = None if case is None else case.status
    if case is not None and command.expected_version not in (None, case.version):
        raise VersionConflict(
            f"the case is at version {case.version}, the command was made for "
            f"{command.expected_version}",
            version=str(case.version),
        )
    verb = type(command).__name__
    row = COMMANDS.get((status, verb))
    if row is None:
        raise WrongStatus(
            f"{verb} does not start from {status or 'nothing'}", verb=verb, status=status or ""
        )
    if row.capability is not None and row.capability not in ctx.capabilities:
        raise NotPermitted(
            f"{verb} needs the capability {row.capability}", capability=row.capability, verb=verb
        )
    for guard in row.guards:
        assert case is not None, "guards look at a case"
        GUARDS[guard](case, command, ctx)
    return _MAKE[type(command)](case, command, ctx)


# --- guards: true, or Refused with what to do


def _reachable(case: Case, command: cmd.Dispatch, ctx: Context) -> None:  # noqa: ARG001
    to = command.to
    if to == Address(kind=AddressKind.NODE, id=ctx.node):
        raise Invalid("an office does not dispatch to itself", to=str(to))
    if ctx.reachable is not None and not ctx.reachable(to):
        raise NoRoute(f"{to} is neither a child nor an adapter of this office", to=str(to))


def _handed_on(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is None:
        raise WrongStatus("nobody has been handed this case", status=case.status)


def _in_own_hands(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is not None:
        raise WrongStatus(
            f"{case.live.to} has it; withdraw it or let them return it first",
            status=case.status,
            assignee=str(case.live.to),
        )


def _not_at_work_below(case: Case, command: cmd.Command, ctx: Context) -> None:
    if case.live is not None and case.live.rank is not Rank.DONE:
        _in_own_hands(case, command, ctx)


def _done_below(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.live is None or case.live.rank is not Rank.DONE:
        raise WrongStatus("no assignee has said that it is done", status=case.status)


def _unsigned(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.duty is not None and case.duty.rank is not Rank.OFFERED:
        raise WrongStatus("it is signed for already", status=case.status)


def _nothing_asked(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    if case.duty is not None and case.duty.request is not None:
        raise WrongStatus(
            "an earlier request waits for its answer", request_id=case.duty.request.request_id
        )


def _not_being_returned(case: Case, command: cmd.Command, ctx: Context) -> None:  # noqa: ARG001
    request = case.duty.request if case.duty is not None else None
    if request is not None and request.kind in (RequestKind.RETURN, RequestKind.VOID):
        raise WrongStatus(
            "our own request to give it back waits for its answer", request_id=request.request_id
        )


def _return_asked(case: Case, command: cmd.DecideReturn, ctx: Context) -> None:  # noqa: ARG001
    request = case.live.request if case.live is not None else None
    if request is None or request.request_id != command.request_id:
        raise WrongStatus("there is no such open request", request_id=command.request_id)
    if request.kind is not RequestKind.RETURN:
        raise Invalid(f"the open request asks for {request.kind}, not for a return")


def _late_result(case: Case, command: cmd.AdoptLate, ctx: Context) -> None:  # noqa: ARG001
    _late(case, command.cause)


def _late(case: Case, cause: str) -> LateResult:
    for late in case.late:
        if late.cause == cause and not late.adopted:
            return late
    raise Invalid("there is no late result of that cause to adopt", cause=cause)


GUARDS: Mapping[str, Callable[[Case, Any, Context], None]] = {
    "reachable": _reachable,
    "handed_on": _handed_on,
    "in_own_hands": _in_own_hands,
    "not_at_work_below": _not_at_work_below,
    "done_below": _done_below,
    "unsigned": _unsigned,
    "nothing_asked": _nothing_asked,
    "not_being_returned": _not_being_returned,
    "return_asked": _return_asked,
    "late_result": _late_result,
}


def _words(text: str, *, of: str) -> str:
    """``text``, which must say something."""
    if not text.strip():
        raise Invalid(f"{of} must be given in words", field=of)
    return text


# --- verbs on an own case


def _open_case(case: Case | None, command: cmd.OpenCase, ctx: Context) -> Events:  # noqa: ARG001
    category = command.category
    if category.kind not in ("component", "matter"):
        raise Invalid("a category is a component or a matter", field="category.kind")
    _words(category.code, of="category.code")
    _words(category.standard_ref, of="category.standard_ref")
    _words(command.place.area, of="place.area")
    _words(command.case_no, of="case_no")
    facts = Facts(
        case_no=command.case_no,
        filing_node=ctx.node,
        category=category,
        place=command.place,
        text=_words(command.text, of="text"),
        source=command.source,
        reported_at=ctx.said_at or ctx.now,
        urgent=command.urgent,
        photos=command.photos,
        component=command.component,
    )
    return (ev.CaseOpened(at=ctx.now, case_id=command.case_id, facts=facts),)


def _file(case: Case, command: cmd.File, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseFiled(at=ctx.now, text=command.text),)


def _decline(case: Case, command: cmd.Decline, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseDeclined(at=ctx.now, reason=_words(command.reason, of="reason")),)


def _start_check(case: Case, command: cmd.StartCheck, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CheckStarted(at=ctx.now, text=command.text),)


def _pass_check(case: Case, command: cmd.PassCheck, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CheckPassed(at=ctx.now, text=command.text, photos=command.photos),)


# --- verbs on what we handed on


def _dispatch(case: Case, command: cmd.Dispatch, ctx: Context) -> Events:
    outer = case.duty.limits if case.duty is not None else None
    return (
        hand_over(
            case, to=command.to, limits=command.limits, outer=outer, text=command.text, ctx=ctx
        ),
    )


def _decide_return(case: Case, command: cmd.DecideReturn, ctx: Context) -> Events:
    live = case.live
    assert live is not None, "guarded"
    decided = ev.RequestDecided(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        request_id=command.request_id,
        kind=RequestKind.RETURN,
        granted=command.granted,
        decider=command.actor,
        text=command.text,
    )
    if not command.granted:
        return (decided,)
    return (decided, end_live(live, Ending.RETURNED, text=command.text, ctx=ctx))


def _withdraw(case: Case, command: cmd.WithdrawAssignment, ctx: Context) -> Events:
    assert case.live is not None, "guarded"
    reason = _words(command.reason, of="reason")
    return (end_live(case.live, Ending.WITHDRAWN, text=reason, ctx=ctx),)


def _fail_check(case: Case, command: cmd.FailCheck, ctx: Context) -> Events:
    text = _words(command.text, of="text")
    failed = ev.CheckFailed(at=ctx.now, text=text, photos=command.photos)
    if case.live is None:
        # an adopted late result has nobody to send it back to: dispatch anew
        return (failed,)
    outer = case.duty.limits if case.duty is not None else None
    again = send_round_again(
        case, case.live, limits=command.limits, outer=outer, text=text, ctx=ctx
    )
    return (failed, again)


def _close(case: Case, command: cmd.Close, ctx: Context) -> Events:
    text = _words(command.text, of="text")
    ended: Events = ()
    if case.live is not None:
        ended = (end_live(case.live, Ending.CLOSED, text=text, ctx=ctx),)
    if case.status is not CaseStatus.PENDING_CLOSE:
        return ended  # a duty: our leg below is closed, the case itself is our assignor's to close
    return (*ended, ev.CaseClosed(at=ctx.now, text=text))


def _adopt_late(case: Case, command: cmd.AdoptLate, ctx: Context) -> Events:
    late = _late(case, command.cause)
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


# --- verbs on a duty


def _sign(case: Case, command: cmd.Sign, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.DutySigned(at=ctx.now, unit_reference=command.unit_reference),)


def _progress(case: Case, command: cmd.Progress, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.DutyProgressed(at=ctx.now, text=_words(command.text, of="text")),)


def _feed_back(case: Case, command: cmd.FeedBack, ctx: Context) -> Events:  # noqa: ARG001
    return (
        ev.DutyDone(
            at=ctx.now,
            result=_words(command.result, of="result"),
            photos=command.photos,
            said_at=ctx.said_at or ctx.now,
        ),
    )


def _ask_return(case: Case, command: cmd.AskReturn, ctx: Context) -> Events:  # noqa: ARG001
    return (
        ev.RequestRaised(
            at=ctx.now,
            request_id=command.request_id,
            kind=RequestKind.RETURN,
            reason_code=_words(command.reason_code, of="reason_code"),
            asker=command.actor,
            text=_words(command.text, of="text"),
        ),
    )


# --- the clock


def _timer_fired(case: Case, command: cmd.TimerFired, ctx: Context) -> Events:
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


_MAKE: Mapping[type[cmd.Command], Callable[[Any, Any, Context], Events]] = {
    cmd.OpenCase: _open_case,
    cmd.File: _file,
    cmd.Decline: _decline,
    cmd.Dispatch: _dispatch,
    cmd.DecideReturn: _decide_return,
    cmd.WithdrawAssignment: _withdraw,
    cmd.StartCheck: _start_check,
    cmd.PassCheck: _pass_check,
    cmd.FailCheck: _fail_check,
    cmd.Close: _close,
    cmd.AdoptLate: _adopt_late,
    cmd.Sign: _sign,
    cmd.Progress: _progress,
    cmd.FeedBack: _feed_back,
    cmd.AskReturn: _ask_return,
}
