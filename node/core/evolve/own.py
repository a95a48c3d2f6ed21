"""Fold what happens to an own case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    Case,
    Stage,
)
from node.core.evolve.copying import (
    changed,
)


def _case_opened(event: ev.CaseOpened) -> Case:
    return Case(
        case_id=event.case_id,
        version=1,
        facts=event.facts,
        stage=Stage.REPORTED,
        updated_at=event.at,
    )


def _case_filed(case: Case, event: ev.CaseFiled) -> Case:
    return changed(case, event, stage=Stage.FILED)


def _case_declined(case: Case, event: ev.CaseDeclined) -> Case:
    return changed(case, event, stage=Stage.NOT_FILED)


def _check_started(case: Case, event: ev.CheckStarted) -> Case:
    return changed(case, event, stage=Stage.CHECKING)


def _check_passed(case: Case, event: ev.CheckPassed) -> Case:
    return changed(case, event, stage=Stage.CHECKED)


def _check_failed(case: Case, event: ev.CheckFailed) -> Case:
    stage = Stage.FILED if case.duty is None else None
    return changed(case, event, stage=stage, adopted=None)


def _case_closed(case: Case, event: ev.CaseClosed) -> Case:
    return changed(case, event, stage=Stage.CLOSED)


OPENING: Final[Mapping[type[ev.Event], Callable[[Any], Case]]] = {
    ev.CaseOpened: _case_opened,
}
APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.CaseFiled: _case_filed,
    ev.CaseDeclined: _case_declined,
    ev.CheckStarted: _check_started,
    ev.CheckPassed: _check_passed,
    ev.CheckFailed: _check_failed,
    ev.CaseClosed: _case_closed,
}
