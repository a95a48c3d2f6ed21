"""Hear a word of a neighbour: fence it, then say what it means here.

Three outcomes. APPLIED: it means something, at least one event. LATE: it belongs to the past, it is
journalled and moves nothing. PARKED: it cannot be right now, nothing is journalled, it waits for a
person or a change under a stable code. Words are never refused and never lost.

The rules in one breath: only the assignor numbers; the assignee keeps the highest number it has
seen, and what was called back stays dead under it; a report counts only for the live assignment
and only forwards; what ends or reopens our duty does the same to what we handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from node.core import events as ev
from node.core import words as w
from node.core.capability import Capability
from node.core.case import Assignment, Case, Duty, Holding, Request
from node.core.context import Context, Neighbour, Parent, Relay
from node.core.facts import (
    Address,
    AddressKind,
    Ending,
    Facts,
    Limits,
    NodeId,
    Rank,
    RequestId,
    RequestKind,
)
from node.core.handover import end_live, hand_over, send_round_again

Events = tuple[ev.Event, ...]


class Standing(StrEnum):
    """How a word was taken."""

    APPLIED = "APPLIED"
    LATE = "LATE"
    PARKED = "PARKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a word did. ``events`` is empty iff PARKED; ``code`` is set iff PARKED."""

    events: Events
    standing: Standing = Standing.APPLIED
    code: str = ""


CONFLICT: Final = "assignment.conflict"
"""One number, two assignments: somebody broke a rule of numbering."""
UNKNOWN: Final = "assignment.unknown"
"""It speaks of a handing-over that never reached us."""
NOT_YOURS: Final = "word.not_yours"
"""The speaker has no right to this word about this case."""


def hear(case: Case | None, word: w.Word, frm: Neighbour, ctx: Context) -> Heard:
    """What ``word`` of ``frm`` means for ``case``. Never raises for anything a peer can say."""
    if isinstance(word, w.Report):
        return _NOT_YOURS if isinstance(frm, Parent) else _report(case, word, frm, ctx)
    if not isinstance(frm, Parent):
        return _NOT_YOURS
    if word.generation < 1:
        return _parked(UNKNOWN)  # numbers begin at 1: nobody ever handed this over
    if case is not None and case.duty is None:
        # our own case: nobody above can hand it to us or call it back
        return _parked(CONFLICT) if isinstance(word, w.Order) else _NOT_YOURS
    if isinstance(word, w.Order):
        return _order(case, word, ctx)
    return _directive(case, word, ctx)


def act_name(word: w.Word) -> str:
    """The word's act, as journal and transition table call it."""
    if isinstance(word, w.Order):
        return "order"
    return _ACTS[type(word.act)]


def _parked(code: str) -> Heard:
    return Heard(events=(), standing=Standing.PARKED, code=code)


_NOT_YOURS: Final = _parked(NOT_YOURS)


def _late_word(word: w.Order | w.Directive, ctx: Context) -> Heard:
    late = ev.WordLate(
        at=ctx.now,
        assignment_id=word.assignment_id,
        generation=word.generation,
        act=act_name(word),
        text=word.text,
    )
    return Heard(events=(late,), standing=Standing.LATE)


# --- the fences: four questions, each answered in one place


def is_older(generation: int, held: int) -> bool:
    """Behind what the assignee has seen: it belongs to the past."""
    return generation < held


def is_buried(duty: Duty) -> bool:
    """The held number is a tombstone: an order under it stays dead."""
    return duty.ended is not None


def speaks_for(live: Assignment | None, report: w.Report) -> bool:
    """The report is about the live assignment, in its present round."""
    return (
        live is not None
        and live.assignment_id == report.assignment_id
        and live.generation == report.generation
    )


def moves(rank: Rank, said: Rank) -> bool:
    """Reports move forwards only."""
    return said > rank


def _assignor(ctx: Context) -> NodeId:
    assert ctx.parent is not None, "a word of the parent was heard, so there is one"
    return ctx.parent


# --- orders


def _order(case: Case | None, word: w.Order, ctx: Context) -> Heard:
    if case is not None:
        duty = case.duty
        assert duty is not None, "own cases were turned away"
        if is_older(word.generation, case.held_generation):
            return _late_word(word, ctx)
        same = word.generation == case.held_generation
        if same and is_buried(duty):
            return _late_word(word, ctx)
        if same and duty.ended is None:
            if duty.assignment_id != word.assignment_id:
                return _parked(CONFLICT)
            return Heard(events=(ev.OrderRepeated(at=ctx.now, facts=word.facts),))
    inner_ended = _end_inner(case, Ending.WITHDRAWN, "a newer order took its place", ctx)
    taken = ev.OrderTaken(
        at=ctx.now,
        case_id=word.case_id,
        assignor=_assignor(ctx),
        assignment_id=word.assignment_id,
        generation=word.generation,
        limits=word.limits,
        facts=word.facts,
        text=word.text,
    )
    return Heard(
        events=(*inner_ended, taken, *_route_on(case, word.facts, word.limits, word.text, ctx))
    )


def _route_on(case: Case | None, facts: Facts, outer: Limits, text: str, ctx: Context) -> Events:
    """Hand it on at once where the table gives exactly one answer; otherwise a person's turn."""
    if ctx.route is None or Capability.DISPATCH not in ctx.capabilities:
        return ()
    routed = ctx.route(facts)
    to = routed.to
    here = Address(kind=AddressKind.NODE, id=ctx.node)
    if to is None or to == here or (ctx.reachable is not None and not ctx.reachable(to)):
        return (ev.RouteMissed(at=ctx.now, candidates=routed.candidates),)
    return (hand_over(case, to=to, limits=outer, outer=outer, text=text, ctx=ctx),)


# --- directives


def _directive(case: Case | None, word: w.Directive, ctx: Context) -> Heard:
    held = case.held_generation if case is not None else 0
    if is_older(word.generation, held):
        return _late_word(word, ctx)
    if word.generation > held:
        return _bury(case, word, ctx) if isinstance(word.act, w.Withdraw) else _parked(UNKNOWN)
    assert case is not None, "a number was held"
    duty = case.duty
    assert duty is not None, "own cases were turned away"
    if duty.assignment_id != word.assignment_id:
        return _parked(CONFLICT)
    if duty.ended is not None and not _answers_appeal(duty, word):
        return _late_word(word, ctx)
    return _DIRECTIVES[type(word.act)](case, duty, word, ctx)


def _bury(case: Case | None, word: w.Directive, ctx: Context) -> Heard:
    """A withdrawal that outran its order: the row remembers it, so the order stays dead."""
    buried = ev.DutyBuried(
        at=ctx.now,
        case_id=word.case_id,
        assignor=_assignor(ctx),
        assignment_id=word.assignment_id,
        generation=word.generation,
        text=_reason(word),
    )
    return Heard(events=(*_end_inner(case, Ending.WITHDRAWN, _reason(word), ctx), buried))


def _reason(word: w.Directive) -> str:
    return (word.act.reason if isinstance(word.act, w.Withdraw) else "") or word.text


def _answers_appeal(duty: Duty, word: w.Directive) -> bool:
    if not isinstance(word.act, w.Decision):
        return False
    request = _asked(duty, word.act.request_id)
    return request is not None and request.kind is RequestKind.APPEAL


def _end_duty(case: Case, ending: Ending, inner: Ending, text: str, ctx: Context) -> Events:
    """Our duty ends, and with it whatever we handed on."""
    return (*_end_inner(case, inner, text, ctx), ev.DutyEnded(at=ctx.now, ending=ending, text=text))


def _end_inner(case: Case | None, ending: Ending, text: str, ctx: Context) -> Events:
    if case is None or case.live is None:
        return ()
    return (end_live(case.live, ending, text=text, ctx=ctx),)


def _withdraw(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    reason = _reason(word)
    return Heard(events=_end_duty(case, Ending.WITHDRAWN, Ending.WITHDRAWN, reason, ctx))


def _closed(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    return Heard(events=_end_duty(case, Ending.CLOSED, Ending.CLOSED, word.text, ctx))


def _rework(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.ReworkVerdict), "dispatched by type"
    if act.next_generation <= case.held_generation:
        return _parked(CONFLICT)
    reworked = ev.DutyReworked(
        at=ctx.now, generation=act.next_generation, limits=act.limits, text=word.text
    )
    return Heard(events=(reworked, *_inner_round(case, duty, act.limits, word.text, ctx)))


def _inner_round(case: Case, duty: Duty, outer: Limits, text: str, ctx: Context) -> Events:
    """Whoever did the work does it again, within the new limits: by verdict while their assignment
    lives, by a new order once it is closed. Work of our own hands is ours to redo."""
    inner = Limits(finish_by=outer.finish_by, calendar=outer.calendar)
    live = case.live
    if live is not None:
        again = send_round_again(case, live, limits=inner, outer=outer, text=text, ctx=ctx)
        return (again,)
    last = case.past[-1] if case.past else None
    if last is None or last.ended is not Ending.CLOSED or last.assigned_at < duty.taken_at:
        return ()
    return (hand_over(case, to=last.to, limits=inner, outer=outer, text=text, ctx=ctx),)


def _press(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    return Heard(events=(ev.Pressed(at=ctx.now, text=word.text),))


def _supervise(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:  # noqa: ARG001
    act = word.act
    assert isinstance(act, w.Supervise), "dispatched by type"
    if any(one.supervision_id == act.supervision_id for one in case.supervisions):
        return _late_word(word, ctx)
    supervised = ev.Supervised(
        at=ctx.now, supervision_id=act.supervision_id, reply_by=act.reply_by, text=word.text
    )
    return Heard(events=(supervised,))


def _decision(case: Case, duty: Duty, word: w.Directive, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.Decision), "dispatched by type"
    request = _asked(duty, act.request_id)
    if request is None:
        # a refusal of what we do not remember asking changes nothing; a grant must not be guessed
        return _parked(UNKNOWN) if act.granted else _late_word(word, ctx)
    if request.answered:
        return _late_word(word, ctx)
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
    ending = _ENDING_OF_GRANT.get(request.kind) if act.granted else None
    if ending is None:
        return Heard(events=(answered,))
    # even if moot for us by now: the assignor's word about its own assignment wins
    return Heard(events=(answered, *_end_duty(case, ending, Ending.WITHDRAWN, word.text, ctx)))


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
}


# --- reports


def _report(case: Case | None, word: w.Report, frm: Address, ctx: Context) -> Heard:
    if case is None:
        return _parked(UNKNOWN)
    live = case.live
    if speaks_for(live, word):
        assert live is not None, "it speaks for one"
        if live.to != frm:
            return _NOT_YOURS
        return _REPORTS[type(word.act)](case, live, word, ctx)
    spoken_of = _ours(case, word)
    if spoken_of is None:
        # not known any more, but somebody who had it: kept; a stranger: not their case
        return _late_report(word, frm, ctx) if _has_had(case, frm) else _NOT_YOURS
    if spoken_of.to != frm:
        return _NOT_YOURS
    if isinstance(word.act, w.RequestReport) and word.act.kind is RequestKind.APPEAL:
        return _appeal_after_end(spoken_of, word, ctx) or _late_report(word, frm, ctx)
    return _late_report(word, frm, ctx)


def _ours(case: Case, word: w.Report) -> Assignment | None:
    """The assignment the report names, live or ended."""
    if case.live is not None and case.live.assignment_id == word.assignment_id:
        return case.live
    return next((one for one in case.past if one.assignment_id == word.assignment_id), None)


def _has_had(case: Case, frm: Address) -> bool:
    return any(one.to == frm for one in (case.live, *case.past) if one is not None)


def _late_report(word: w.Report, frm: Address, ctx: Context) -> Heard:
    act = word.act
    done = act if isinstance(act, w.DoneReport) else None
    late = ev.ReportLate(
        at=ctx.now,
        assignment_id=word.assignment_id,
        generation=word.generation,
        frm=frm,
        act=act_name(word),
        cause=ctx.cause,
        said_at=ctx.said_at or ctx.now,
        text=word.text,
        result=done.result if done is not None else "",
        photos=done.photos if done is not None else (),
    )
    return Heard(events=(late,), standing=Standing.LATE)


def _stale(word: w.Report, ctx: Context) -> Heard:
    stale = ev.ReportStale(
        at=ctx.now,
        assignment_id=word.assignment_id,
        generation=word.generation,
        act=act_name(word),
        text=word.text,
    )
    return Heard(events=(stale,), standing=Standing.LATE)


def _passes_up(case: Case) -> bool:
    """We hold a duty that our own word can still move."""
    return case.holding is Holding.HELD


def _signed(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.SignedReport), "dispatched by type"
    if not moves(live.rank, Rank.SIGNED):
        return _stale(word, ctx)
    signed = ev.AssigneeSigned(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        said_at=ctx.said_at or ctx.now,
        unit_reference=act.unit_reference,
        text=word.text,
    )
    duty = case.duty
    if duty is None or not _passes_up(case) or not moves(duty.rank, Rank.SIGNED):
        return Heard(events=(signed,))
    ours = ev.DutySigned(at=ctx.now, unit_reference=act.unit_reference, text=word.text)
    return Heard(events=(signed, ours))


def _progress(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    # a second progress at the same rank is a further note, not old news; after done it is
    if not moves(live.rank, Rank.HANDLING) and live.rank is not Rank.HANDLING:
        return _stale(word, ctx)
    progressed = ev.AssigneeProgressed(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        said_at=ctx.said_at or ctx.now,
        text=word.text,
    )
    if not _passes_up(case):
        return Heard(events=(progressed,))
    return Heard(events=(progressed, ev.DutyProgressed(at=ctx.now, text=word.text)))


def _done(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.DoneReport), "dispatched by type"
    if not moves(live.rank, Rank.DONE):
        return _stale(word, ctx)
    said_at = ctx.said_at or ctx.now
    passes_up = _passes_up(case)
    confirm = passes_up and ctx.relay_done is Relay.CONFIRM
    done = ev.AssigneeDone(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        said_at=said_at,
        result=act.result,
        photos=act.photos,
        text=word.text,
        to_confirm=confirm,
    )
    if not passes_up or confirm:
        return Heard(events=(done,))
    ours = ev.DutyDone(
        at=ctx.now, result=act.result, photos=act.photos, said_at=said_at, text=word.text
    )
    return Heard(events=(done, ours))


def _request(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:  # noqa: ARG001
    act = word.act
    assert isinstance(act, w.RequestReport), "dispatched by type"
    known = live.request is not None and live.request.request_id == act.request_id
    moot = live.rank is Rank.DONE and act.kind is not RequestKind.APPEAL
    if known or moot or act.request_id in live.settled_requests:
        return _stale(word, ctx)
    return Heard(events=(_asked_event(live, word, act, ctx),))


def _appeal_after_end(ended: Assignment, word: w.Report, ctx: Context) -> Heard | None:
    act = word.act
    assert isinstance(act, w.RequestReport), "an appeal is a request"
    if ended.ended is None or ended.generation != word.generation:
        return None
    known = ended.request is not None and ended.request.request_id == act.request_id
    if known or act.request_id in ended.settled_requests:
        return _stale(word, ctx)
    return Heard(events=(_asked_event(ended, word, act, ctx),))


def _asked_event(
    one: Assignment, word: w.Report, act: w.RequestReport, ctx: Context
) -> ev.AssigneeAsked:
    return ev.AssigneeAsked(
        at=ctx.now,
        assignment_id=one.assignment_id,
        generation=one.generation,
        said_at=ctx.said_at or ctx.now,
        request_id=act.request_id,
        kind=act.kind,
        reason_code=act.reason_code,
        asker=act.asker,
        text=word.text,
        wanted_until=act.wanted_until,
    )


def _reply(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.ReplyReport), "dispatched by type"
    replied = ev.AssigneeReplied(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        said_at=ctx.said_at or ctx.now,
        supervision_id=act.supervision_id,
        text=word.text,
    )
    owed = any(
        one.supervision_id == act.supervision_id and not one.replied for one in case.supervisions
    )
    if not owed:
        return _stale(word, ctx)
    if case.duty is None or case.duty.ended is not None:
        return Heard(events=(replied,))
    ours = ev.SupervisionAnswered(at=ctx.now, supervision_id=act.supervision_id, text=word.text)
    return Heard(events=(replied, ours))


_REPORTS: Final[Mapping[type[Any], Callable[[Case, Assignment, w.Report, Context], Heard]]] = {
    w.SignedReport: _signed,
    w.ProgressReport: _progress,
    w.DoneReport: _done,
    w.RequestReport: _request,
    w.ReplyReport: _reply,
}
_ACTS: Final[Mapping[type[Any], str]] = {
    w.Withdraw: "directive withdraw",
    w.Press: "directive press",
    w.Supervise: "directive supervise",
    w.Decision: "directive decision",
    w.ReworkVerdict: "directive rework",
    w.ClosedVerdict: "directive closed",
    w.SignedReport: "report signed",
    w.ProgressReport: "report progress",
    w.DoneReport: "report done",
    w.RequestReport: "report request",
    w.ReplyReport: "report reply",
}
