"""Reports that go up (上报): an office below submits one or asks for it back, the office above says
what has become of it.

The office above decides alone, so there is one outcome whatever crosses: a report that is asked
back is given back if nobody has filed it, else the question comes too late and moves nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.capability import Capability
from node.core.case import Case, Stage
from node.core.context import Context
from node.core.facts import Address, AddressKind, CaseId, Outcome
from node.core.hear.heard import (
    CONFLICT,
    NOT_THEIRS,
    UNKNOWN,
    Heard,
    Standing,
    act_name,
    late_word,
    parked,
)
from node.core.passing import RECALLED, is_news

NO_INTAKE: Final = "intake.none_here"
"""This office registers no reports: whoever wants to pass one up has the wrong office above."""
_UNFILED: Final = (Stage.REPORTED, Stage.VERIFYING, Stage.ACCEPTED)


def from_below(case: Case | None, word: w.Report, frm: Address, ctx: Context) -> Heard:
    """A report is submitted, or asked back, by the child ``frm``."""
    if frm.kind is not AddressKind.NODE:
        return NOT_THEIRS
    if isinstance(word.act, w.SubmittedReport):
        return _submitted(case, word, word.act, frm, ctx)
    return _recalled(case, word, frm, ctx)


def _submitted(
    case: Case | None, word: w.Report, act: w.SubmittedReport, frm: Address, ctx: Context
) -> Heard:
    origin = act.facts.origin
    if origin is None or origin.node != frm.id:
        return NOT_THEIRS
    if case is not None:
        return _stale(word, ctx) if _is_theirs(case, frm) else parked(CONFLICT)
    if Capability.INTAKE not in ctx.capabilities:
        return parked(NO_INTAKE)
    number = ctx.number() if ctx.number is not None else act.facts.case_no
    facts = replace(act.facts, case_no=number, filing_node=ctx.node)
    return Heard(events=(
        ev.CaseOpened(at=ctx.now, case_id=word.case_id, facts=facts, text=word.text),
    ))


def _recalled(case: Case | None, word: w.Report, frm: Address, ctx: Context) -> Heard:
    if case is None:
        return parked(UNKNOWN)
    if not _is_theirs(case, frm):
        return NOT_THEIRS
    if case.stage in _UNFILED:
        return Heard(events=(_given_back(word.text, ctx),))
    passing = case.passing
    if case.stage is Stage.PASSED_UP and passing is not None and passing.may_come_back:
        if passing.recalled_below:
            return _stale(word, ctx)
        return Heard(events=(
            ev.RecallAsked(at=ctx.now, as_case=passing.as_case, text=word.text, below=True),
        ))
    return _stale(word, ctx)


def told(case: Case, word: w.Directive, act: w.Told, ctx: Context) -> Heard:
    """The office above says what has become of our report."""
    passing = case.passing
    if passing is None:
        return NOT_THEIRS
    ours = CaseId(word.assignment_id) == passing.as_case
    if not ours or not passing.is_open or not is_news(passing, act.outcome):
        return late_word(word, ctx)
    answered = ev.PassedUpAnswered(
        at=ctx.now,
        as_case=passing.as_case,
        outcome=act.outcome,
        case_no=act.case_no,
        text=word.text,
        reason_code=act.reason_code,
        by=act.by,
    )
    if act.outcome is Outcome.TAKEN_BACK and passing.recalled_below:
        return Heard(events=(answered, _given_back(word.text, ctx)))
    return Heard(events=(answered,))


def _given_back(text: str, ctx: Context) -> ev.CaseNotAccepted:
    return ev.CaseNotAccepted(at=ctx.now, reason=text, reason_code=RECALLED)


def _is_theirs(case: Case, frm: Address) -> bool:
    """Our own case that this child passed up."""
    origin = case.facts.origin if case.facts is not None else None
    return case.duty is None and origin is not None and origin.node == frm.id


def _stale(word: w.Report, ctx: Context) -> Heard:
    stale = ev.ReportStale(
        at=ctx.now,
        assignment_id=word.assignment_id,
        generation=word.generation,
        act=act_name(word),
        text=word.text,
    )
    return Heard(events=(stale,), standing=Standing.LATE)
