"""Fold what becomes of a report that was passed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import Case, Stage
from node.core.evolve.copying import changed
from node.core.facts import Outcome
from node.core.passing import Passing

_ENDS: Final[Mapping[Outcome, Stage]] = {
    Outcome.NOT_ACCEPTED: Stage.NOT_ACCEPTED,
    Outcome.NOT_FILED: Stage.NOT_FILED,
    Outcome.CLOSED: Stage.CLOSED,
    Outcome.VOIDED: Stage.VOIDED,
}


def _passed_up(case: Case, event: ev.CasePassedUp) -> Case:
    passing = Passing(
        as_case=event.as_case,
        passed_at=event.at,
        accepted=case.stage is Stage.ACCEPTED,
        text=event.text,
    )
    return changed(case, event, stage=Stage.PASSED_UP, passing=passing)


def _recall_asked(case: Case, event: ev.RecallAsked) -> Case:
    below = passing_of(case).recalled_below or event.below
    passing = replace(passing_of(case), recalled=True, recalled_below=below)
    return changed(case, event, passing=passing)


def _answered(case: Case, event: ev.PassedUpAnswered) -> Case:
    before = passing_of(case)
    passing = replace(
        before,
        outcome=event.outcome,
        case_no=event.case_no or before.case_no,
        words=event.text,
        reason_code=event.reason_code,
        said_by=event.by,
        said_at=event.at,
    )
    stage = _ENDS.get(event.outcome, Stage.PASSED_UP)
    if event.outcome is Outcome.TAKEN_BACK:
        stage = Stage.ACCEPTED if before.accepted else Stage.REPORTED
    return changed(case, event, stage=stage, passing=passing)


def passing_of(case: Case) -> Passing:
    assert case.passing is not None, "the event speaks of a report that was passed up"
    return case.passing


APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.CasePassedUp: _passed_up,
    ev.RecallAsked: _recall_asked,
    ev.PassedUpAnswered: _answered,
}
