"""Reports: our assignee speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case, Holding
from node.core.context import Context, Relay
from node.core.escalating import escalated
from node.core.facts import Address, Rank, RequestKind
from node.core.granting import DONE, ordinal_of, run_again
from node.core.hear import coordination, disputes, fences, proofreading
from node.core.hear.heard import NOT_THEIRS, UNKNOWN, Heard, Standing, act_name, parked


def report(case: Case | None, word: w.Report, frm: Address, ctx: Context) -> Heard:
    if case is None:
        return parked(UNKNOWN)
    live = case.live
    if disputes.is_one(word):
        one = _ours(case, word)
        if one is not None and one.to == frm:
            return disputes.asked(case, one, word, ctx) or _late_report(word, frm, ctx)
    if fences.speaks_for(live, word):
        assert live is not None, "it speaks for one"
        if live.to != frm:
            return NOT_THEIRS
        return _REPORTS[type(word.act)](case, live, word, ctx)
    spoken_of = _ours(case, word)
    if spoken_of is None:
        # not known any more, but somebody who had it: kept; a stranger: not their case
        return _late_report(word, frm, ctx) if _has_had(case, frm) else NOT_THEIRS
    if spoken_of.to != frm:
        return NOT_THEIRS
    if fences.outlives_round(live, word):
        assert live is not None, "it speaks of the live one"
        return _REPORTS[type(word.act)](case, live, word, ctx)
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
    if not fences.moves(live.rank, Rank.SIGNED):
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
    if duty is None or not _passes_up(case) or not fences.moves(duty.rank, Rank.SIGNED):
        return Heard(events=(signed,))
    ours = ev.DutySigned(at=ctx.now, unit_reference=act.unit_reference, text=word.text)
    return Heard(events=(signed, ours))


def _progress(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    # a second progress at the same rank is a further note, not old news; after done it is
    if not fences.moves(live.rank, Rank.HANDLING) and live.rank is not Rank.HANDLING:
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


def _stands(case: Case, live: Assignment) -> bool:
    """Its clock stands by our own word, so that being handled ends it; where ours stands too, our
    assignor says when."""
    return live.paused_at is not None and not (case.duty is not None and case.duty.paused_by)


def _done(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.DoneReport), "dispatched by type"
    if not fences.moves(live.rank, Rank.DONE):
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
        closing=act.closing,
    )
    again: tuple[ev.AssignmentResumed, ...] = ()
    if _stands(case, live):
        outer = case.duty.limits if case.duty is not None else None
        again = (run_again(live, at=said_at, outer=outer, how=DONE, text="", ctx=ctx),)
    lacking = proofreading.lacking(case, live, act, ctx)
    if lacking is not None and lacking.returned:
        limits = again[0].limits if again else live.limits
        back = proofreading.send_back(case, live, lacking, limits=limits, ctx=ctx)
        return Heard(events=(*again, replace(done, to_confirm=False), lacking, back))
    if not passes_up:
        return Heard(events=(*again, done, *((lacking,) if lacking is not None else ())))
    if confirm:
        return Heard(events=(*again, done))
    ours = ev.DutyDone(
        at=ctx.now, result=act.result, photos=act.photos, said_at=said_at, text=word.text,
        closing=act.closing,
    )
    return Heard(events=(*again, done, ours))


def _request(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.RequestReport), "dispatched by type"
    if act.kind is RequestKind.COORDINATION:
        return coordination.asked(case, live, word, act, ctx) or _stale(word, ctx)
    known = live.request is not None and live.request.request_id == act.request_id
    moot = live.rank is Rank.DONE and act.kind is not RequestKind.APPEAL
    if known or moot or act.request_id in live.settled_requests:
        return _stale(word, ctx)
    asked = _asked_event(live, word, act, ctx)
    return Heard(events=(asked, *escalated(case, asked, ctx)))


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
        photos=act.photos,
        ordinal=ordinal_of(one, act.kind),
    )


def _reply(case: Case, live: Assignment, word: w.Report, ctx: Context) -> Heard:
    act = word.act
    assert isinstance(act, w.ReplyReport), "dispatched by type"
    replied = ev.AssigneeReplied(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=word.generation,
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
