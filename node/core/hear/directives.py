"""Directives: our assignor binds what it handed over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case, Duty, Request
from node.core.context import Context
from node.core.facts import Ending, RequestId, RequestKind
from node.core.hear import answers, coordination, disputes, endings, fences
from node.core.hear.heard import CONFLICT, UNKNOWN, Heard, assignor, late_word, parked


def directive(case: Case | None, word: w.Directive, ctx: Context) -> Heard:
    contested = disputes.answered(case, word, ctx)
    if contested is not None:
        return contested
    appealed = answers.appealed_before(case, word, ctx)
    if appealed is not None:
        return appealed
    held = case.held_generation if case is not None else 0
    if fences.is_older(word.generation, held):
        return late_word(word, ctx)
    if word.generation > held:
        return bury(case, word, ctx) if isinstance(word.act, w.Withdraw) else parked(UNKNOWN)
    assert case is not None, "a number was held"
    duty = case.duty
    assert duty is not None, "own cases were turned away"
    if duty.assignment_id != word.assignment_id:
        return parked(CONFLICT)
    if duty.ended is not None and not _answers_appeal(duty, word):
        return late_word(word, ctx)
    return _DIRECTIVES[type(word.act)](case, duty, word, ctx)


def bury(case: Case | None, word: w.Directive, ctx: Context) -> Heard:
    """A withdrawal that outran its order: the row remembers it, so the order stays dead."""
    buried = ev.DutyBuried(
        at=ctx.now,
        case_id=word.case_id,
        assignor=assignor(ctx),
        assignment_id=word.assignment_id,
        generation=word.generation,
        text=_reason(word),
    )
    return Heard(events=(*endings.end_inner(case, Ending.WITHDRAWN, _reason(word), ctx), buried))


def _reason(word: w.Directive) -> str:
    return (word.act.reason if isinstance(word.act, w.Withdraw) else "") or word.text


def _answers_appeal(duty: Duty, word: w.Directive) -> bool:
    if not isinstance(word.act, w.Decision):
        return False
    request = _asked(duty, word.act.request_id)
    return request is not None and request.kind is RequestKind.APPEAL


def _withdraw(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    reason = _reason(word)
    return Heard(events=endings.end_duty(case, Ending.WITHDRAWN, Ending.WITHDRAWN, reason, ctx))


def _closed(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    return Heard(events=endings.end_duty(case, Ending.CLOSED, Ending.CLOSED, word.text, ctx))


def _rework(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.ReworkVerdict), "dispatched by type"
    if act.next_generation <= case.held_generation:
        return parked(CONFLICT)
    reworked = ev.DutyReworked(
        at=ctx.now, generation=act.next_generation, limits=act.limits, text=word.text
    )
    return Heard(events=(reworked, *endings.inner_round(case, duty, act.limits, word.text, ctx)))


def _press(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    return Heard(events=(ev.Pressed(at=ctx.now, text=word.text),))


def _supervise(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    act = word.act
    assert isinstance(act, w.Supervise), "dispatched by type"
    if any(one.supervision_id == act.supervision_id for one in case.supervisions):
        return late_word(word, ctx)
    supervised = ev.Supervised(
        at=ctx.now,
        supervision_id=act.supervision_id,
        reply_by=act.reply_by,
        text=word.text,
        kind=act.kind,
    )
    return Heard(events=(supervised,))


def _decision(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.Decision), "dispatched by type"
    if act.lead:
        return coordination.decided(case, word, act, ctx)
    request = _asked(duty, act.request_id)
    if request is None:
        # a refusal of what we do not remember asking changes nothing; a grant must not be guessed
        return parked(UNKNOWN) if act.granted else late_word(word, ctx)
    if fences.is_answered(request):
        return late_word(word, ctx)
    answered = ev.RequestAnswered(
        at=ctx.now,
        request_id=act.request_id,
        kind=request.kind,
        granted=act.granted,
        decider=act.decider,
        limits=act.limits,
        until=act.until,
        text=word.text,
    )
    inner = answers.answer_inner(case, duty, word, ctx)
    ending = _ENDING_OF_GRANT.get(request.kind) if act.granted else None
    if ending is None:
        return Heard(events=(answered, *inner))
    # even if moot for us by now: the assignor's word about its own assignment wins
    if inner:  # what we hold ends as what we handed on did
        over = ev.DutyEnded(at=ctx.now, ending=ending, text=word.text)
        return Heard(events=(answered, *inner, over))
    ended = endings.end_duty(case, ending, Ending.WITHDRAWN, word.text, ctx)
    return Heard(events=(answered, *ended))


def _asked(duty: Duty, request_id: RequestId) -> Request | None:
    if duty.request is not None and duty.request.request_id == request_id:
        return duty.request
    return next((one for one in duty.settled_requests if one.request_id == request_id), None)


_ENDING_OF_GRANT: Final[Mapping[RequestKind, Ending]] = {
    RequestKind.RETURN: Ending.RETURNED,
    RequestKind.VOID: Ending.VOIDED,
}
_DIRECTIVES: Final[Mapping[type[Any], Callable[[Case, Duty, w.Directive, Context], Heard]]] = {
    w.Withdraw: _withdraw,
    w.ClosedVerdict: _closed,
    w.ReworkVerdict: _rework,
    w.Press: _press,
    w.Supervise: _supervise,
    w.Decision: _decision,
    w.Resume: answers.resume,
}
