"""What follows when a report goes up: the word that carries it, and the news that comes down."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case, Stage
from node.core.consequences.saying import Effects, Follow
from node.core.context import PARENT
from node.core.effects import Say
from node.core.facts import Address, AddressKind, AssignmentId, CaseId, Origin, Outcome
from node.core.passing import RECALLED

_SAID: Final = {
    Stage.REPORTED: Outcome.REGISTERED,
    Stage.ACCEPTED: Outcome.ACCEPTED,
    Stage.FILED: Outcome.FILED,
    Stage.NOT_ACCEPTED: Outcome.NOT_ACCEPTED,
    Stage.NOT_FILED: Outcome.NOT_FILED,
    Stage.CLOSED: Outcome.CLOSED,
    Stage.VOIDED: Outcome.VOIDED,
}
"""Stages that the office below is told of when the case comes to them."""


def _passed_up(before: Case | None, event: ev.CasePassedUp, after: Case) -> Effects:  # noqa: ARG001
    facts = after.facts
    assert facts is not None, "an own case is known"
    node = facts.filing_node
    origin = Origin(
        node=node,
        case_id=after.case_id,
        case_no=facts.case_no,
        registered_by=facts.origin.registered_by if facts.origin is not None else node,
    )
    # what it takes up again is a case of ours, which nobody above knows
    submitted = w.SubmittedReport(facts=replace(facts, reopens="", origin=origin))
    return (_up(event.as_case, submitted, event.text),)


def _recall_asked(before: Case | None, event: ev.RecallAsked, after: Case) -> Effects:  # noqa: ARG001
    asked = before is not None and before.passing is not None and before.passing.recalled
    return () if asked else (_up(event.as_case, w.RecalledReport(), event.text),)


def _up(as_case: CaseId, act: w.ReportAct, text: str) -> Say:
    """A word about the case above: whoever passes a report up has no other name for it."""
    report = w.Report(
        case_id=as_case, assignment_id=AssignmentId(as_case), generation=1, act=act, text=text
    )
    return Say(to=PARENT, word=report)


def told(before: Case | None, event: ev.Event, after: Case) -> Effects:
    """Whichever event it was: the office that passed this report up hears how it stands."""
    facts = after.facts
    origin = facts.origin if facts is not None else None
    # a part, or what takes it up again, began here: nobody below waits for it
    if origin is None or facts is None or after.duty is not None:
        return ()
    if facts.part_of or facts.reopens:
        return ()
    said = _said(before, event, after)
    if said is None:
        return ()
    outcome, case_no, by = said
    text = getattr(event, "reason", "") or getattr(event, "text", "")
    act = w.Told(
        outcome=outcome, case_no=case_no, by=by, reason_code=getattr(event, "reason_code", "")
    )
    directive = w.Directive(
        case_id=origin.case_id,
        assignment_id=AssignmentId(after.case_id),
        generation=1,
        act=act,
        text=text if before is not None else "",
    )
    return (Say(to=Address(kind=AddressKind.NODE, id=origin.node), word=directive),)


def _said(
    before: Case | None, event: ev.Event, after: Case
) -> tuple[Outcome, str, str] | None:
    """Outcome, number and deciding office; None = nothing that the office below waits for."""
    facts, stage = after.facts, after.stage
    assert facts is not None, "it was asked before"
    assert stage is not None, "it is our own case"
    if isinstance(event, ev.PassedUpAnswered):
        # it went further up from here: what is said there holds below as well
        if event.outcome is Outcome.TAKEN_BACK:
            return None
        return event.outcome, event.case_no, event.by
    if before is not None and before.stage is stage:
        return None
    if stage is Stage.REPORTED and before is not None:
        return None
    outcome = _SAID.get(stage)
    if outcome is None:
        return None
    if isinstance(event, ev.CaseNotAccepted) and event.reason_code == RECALLED:
        outcome = Outcome.TAKEN_BACK
    return outcome, facts.case_no, facts.filing_node


FOLLOW: Final[Follow] = {
    ev.CasePassedUp: _passed_up,
    ev.RecallAsked: _recall_asked,
}
