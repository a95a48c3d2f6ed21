"""Our own words, heard again: what a neighbour gives back after our history was lost.

Journal entries come back as they were and need no rule. Words do: an order says that a case was
handed over, a directive that it ended or went another round, a report how far a duty was. Where the
journal shows the same, nothing happens; otherwise the fewest events that make it so. What a word
does not say (a press, a supervision, who decided) stays lost, and is no worse for it.

Repeating is harmless: every rule looks at the case first.
"""

from __future__ import annotations

from dataclasses import replace

from node.core import events as ev
from node.core import words as w
from node.core.case import Assignment, Case, Condition, Duty, Stage
from node.core.context import Context
from node.core.facts import Address, CaseId, Ending, Rank, RequestKind
from node.core.handover import end_live
from node.core.hear import fences

Events = tuple[ev.Event, ...]
BASIS = "readopted"
"""Why an assignee was chosen: it was said before, and is known from the neighbour who heard it."""
LOST = "known from the neighbour's copy after a lost history"
"""The text of events that stand in for lost ones."""
_OVER = frozenset({Stage.CLOSED, Stage.VOIDED, Stage.NOT_ACCEPTED, Stage.NOT_FILED})
"""No order follows these: what is done again is a case of its own."""
_ENDS = {RequestKind.RETURN: Ending.RETURNED, RequestKind.VOID: Ending.VOIDED}


def our_case(word: w.Word) -> CaseId:
    """The case of ours that our word is about: a report that goes up is called by the name that it
    gets above."""
    act = word.act if isinstance(word, w.Report) else None
    if isinstance(act, w.SubmittedReport) and act.facts.origin is not None:
        return act.facts.origin.case_id
    return word.case_id


def readopt(case: Case | None, word: w.Word, to: Address | None, ctx: Context) -> Events:
    """The events that are lacking in ``our_case(word)``. ``to``: whom the word was said to, None =
    our assignor."""
    if isinstance(word, w.Report) and isinstance(word.act, w.SubmittedReport):
        return _submitted(case, word, word.act, ctx) if to is None else ()
    if isinstance(word, w.Report):
        return _report(case, word, ctx) if to is None else ()
    if to is None:
        return ()
    if isinstance(word, w.Order):
        return _order(case, word, to, ctx)
    return _directive(case, word, ctx)


def adopt(
    case: Case | None, order: w.Order, to: Address, ctx: Context
) -> Events:
    """An operator takes an assignment over that a neighbour works for and nobody here knows."""
    return _order(case, order, to, ctx)


# -- what we said down -------------------------------------------------------------------------


def _order(case: Case | None, word: w.Order, to: Address, ctx: Context) -> Events:
    if case is None:
        if word.facts.filing_node != ctx.node:
            return ()  # our assignor hands it to us again, then it is known
        opened = ev.CaseOpened(at=ctx.now, case_id=word.case_id, facts=word.facts, text=LOST)
        return (opened, _filed(None, word, ctx), _assigned(word, to, ctx))
    if _known(case, word) or word.generation <= case.issued_generation:
        return ()
    if case.duty is not None and case.duty.ended is not None:
        return ()
    if case.duty is None and case.stage in _OVER:
        return ()
    ended: Events = ()
    if case.live is not None:
        # Nothing is handed over twice at one time: whatever ended it is lost, its end is not.
        ended = (end_live(case.live, Ending.WITHDRAWN, text=LOST, ctx=ctx),)
    if case.duty is None and case.stage is not Stage.FILED:
        # What led to the order is lost: a filing, a check that failed, a taking back.
        ended = (*ended, _filed(case.condition, word, ctx))
    return (*ended, _assigned(word, to, ctx))


def _filed(present: Condition | None, word: w.Order, ctx: Context) -> ev.CaseFiled:
    """``present``: the condition that the case was filed under before, if it was."""
    number = word.facts.category.condition_no
    filed = ev.CaseFiled(
        at=ctx.now, text=LOST, category=word.facts.category, wanted=word.facts.wanted,
        closing=word.facts.closing, condition_no=number,
    )
    if present is None or present.condition_no != number:
        return filed
    return replace(
        filed, filing=present.filing, limit_count=present.limit_count,
        limit_unit=present.limit_unit, catalog_version=present.catalog_version,
    )


def _assigned(word: w.Order, to: Address, ctx: Context) -> ev.Assigned:
    return ev.Assigned(
        at=ctx.now,
        assignment_id=word.assignment_id,
        to=to,
        generation=word.generation,
        limits=word.limits,
        text=word.text,
        basis=BASIS,
    )


def _known(case: Case, word: w.Order | w.Directive) -> Assignment | None:
    return next(
        (
            one
            for one in (case.live, *case.past)
            if one is not None and one.assignment_id == word.assignment_id
        ),
        None,
    )


def _directive(case: Case | None, word: w.Directive, ctx: Context) -> Events:
    live = case.live if case is not None else None
    if case is None or live is None or live.assignment_id != word.assignment_id:
        return ()
    if live.generation != word.generation:
        return ()
    act = word.act
    if isinstance(act, w.ReworkVerdict):
        if act.next_generation <= case.issued_generation:
            return ()
        return (
            ev.AssignmentReworked(
                at=ctx.now,
                assignment_id=live.assignment_id,
                previous_generation=live.generation,
                generation=act.next_generation,
                limits=act.limits,
                text=word.text,
            ),
        )
    if isinstance(act, w.Withdraw):
        return (end_live(live, Ending.WITHDRAWN, text=act.reason, ctx=ctx),)
    if isinstance(act, w.ClosedVerdict):
        return _closed(case, live, word, ctx)
    if isinstance(act, w.Decision):
        return _decision(live, act, word, ctx)
    return ()


def _closed(case: Case, live: Assignment, word: w.Directive, ctx: Context) -> Events:
    ended = end_live(live, Ending.CLOSED, text=word.text, ctx=ctx)
    if case.duty is not None:
        return (ended,)
    return (ended, ev.CaseClosed(at=ctx.now, text=word.text or LOST))


def _decision(
    live: Assignment, act: w.Decision, word: w.Directive, ctx: Context
) -> Events:
    request = live.request
    if request is None or request.request_id != act.request_id:
        return ()  # it is told again by whoever asked; then the answer is found
    decided = ev.RequestDecided(
        at=ctx.now,
        assignment_id=live.assignment_id,
        generation=live.generation,
        request_id=request.request_id,
        kind=request.kind,
        granted=act.granted,
        decider=act.decider,
        text=word.text,
        limits=act.limits,
        until=act.until,
    )
    ending = _ENDS.get(request.kind)
    if not act.granted or ending is None:
        return (decided,)
    return (decided, end_live(live, ending, text=word.text, ctx=ctx))


# -- what we said up ---------------------------------------------------------------------------


def _report(case: Case | None, word: w.Report, ctx: Context) -> Events:
    duty = case.duty if case is not None else None
    if duty is None or duty.ended is not None or not _speaks_for(duty, word):
        return ()
    act = word.act
    if isinstance(act, w.SignedReport) and fences.moves(duty.rank, Rank.SIGNED):
        return (ev.DutySigned(at=ctx.now, unit_reference=act.unit_reference, text=word.text),)
    if isinstance(act, w.ProgressReport) and fences.moves(duty.rank, Rank.HANDLING):
        return (ev.DutyProgressed(at=ctx.now, text=word.text),)
    if isinstance(act, w.DoneReport) and fences.moves(duty.rank, Rank.DONE):
        return (
            ev.DutyDone(
                at=ctx.now, result=act.result, photos=act.photos, said_at=ctx.said_at or ctx.now,
                text=word.text, closing=act.closing,
            ),
        )
    if isinstance(act, w.RequestReport) and _is_new(duty, act):
        return (
            ev.RequestRaised(
                at=ctx.now,
                request_id=act.request_id,
                kind=act.kind,
                reason_code=act.reason_code,
                asker=act.asker,
                text=word.text,
                wanted_until=act.wanted_until,
                photos=act.photos,
                ordinal=act.ordinal,
            ),
        )
    return ()


def _submitted(
    case: Case | None, word: w.Report, act: w.SubmittedReport, ctx: Context
) -> Events:
    origin = act.facts.origin
    if origin is None or origin.node != ctx.node:
        return ()
    passed = ev.CasePassedUp(at=ctx.now, as_case=word.case_id, text=word.text)
    if case is not None:
        return (passed,) if case.stage is Stage.REPORTED and case.passing is None else ()
    if origin.registered_by != ctx.node:
        return ()  # the office below says it to us again, then it is known
    facts = replace(act.facts, origin=None)
    return (ev.CaseOpened(at=ctx.now, case_id=origin.case_id, facts=facts, text=LOST), passed)


def _speaks_for(duty: Duty, word: w.Report) -> bool:
    return (
        duty.assignment_id == word.assignment_id and duty.generation == word.generation
    )


def _is_new(duty: Duty, act: w.RequestReport) -> bool:
    if act.kind is RequestKind.COORDINATION or duty.request is not None:
        return False
    return all(one.request_id != act.request_id for one in duty.settled_requests)
