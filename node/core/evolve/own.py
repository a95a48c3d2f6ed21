"""Fold what happens to an own case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    PUBLIC_PHOTOS_MAX,
    Case,
    Condition,
    Stage,
    Task,
)
from node.core.evolve.copying import (
    but_live,
    changed,
)
from node.core.facts import PhotoRole
from node.core.flags import FLAGS_KEPT_MAX


def _case_opened(event: ev.CaseOpened) -> Case:
    return Case(
        case_id=event.case_id,
        version=1,
        facts=event.facts,
        stage=Stage.REPORTED,
        contact=event.contact,
        wants_reply=event.wants_reply,
        flags=event.flags[-FLAGS_KEPT_MAX:],
        opened_why=event.text,
        updated_at=event.at,
    )


def _case_filed(case: Case, event: ev.CaseFiled) -> Case:
    changes: dict[str, Any] = {}
    facts = case.facts
    assert facts is not None, "an own case is known"
    facts = replace(facts, closing=event.closing, wanted=event.wanted)
    if event.category is not None or event.condition_no:
        category = event.category or facts.category
        if event.condition_no:
            category = replace(category, condition_no=event.condition_no)
        facts = replace(facts, category=category)
    if event.condition_no:
        changes["condition"] = Condition(
            condition_no=event.condition_no,
            filing=event.filing,
            closing=event.closing,
            limit_count=event.limit_count,
            limit_unit=event.limit_unit,
            catalog_version=event.catalog_version,
        )
    return changed(case, event, stage=Stage.FILED, facts=facts, **changes)


def _case_declined(case: Case, event: ev.CaseDeclined) -> Case:
    return changed(case, event, stage=Stage.NOT_FILED, duplicate_of=event.duplicate_of)


def _check_started(case: Case, event: ev.CheckStarted) -> Case:
    task = Task(
        collector=event.collector, sent_at=event.at, due_by=event.due_by, text=event.text
    )
    return changed(case, event, stage=Stage.CHECKING, task=task)


def _check_passed(case: Case, event: ev.CheckPassed) -> Case:
    shown = tuple(one for one in event.photos if one.role is PhotoRole.PUBLIC)
    live = case.live
    return changed(
        case,
        event,
        stage=Stage.CHECKED,
        # who looked on site has seen what the feedback did not show
        live=but_live(live, lacks=()) if live is not None and live.lacks else live,
        task=None,
        public_photos=(*case.public_photos, *shown)[-PUBLIC_PHOTOS_MAX:],
    )


def _check_failed(case: Case, event: ev.CheckFailed) -> Case:
    stage: Stage | None = None
    if case.duty is None:
        # what a collector put right at once was never filed: that comes first now
        stage = Stage.FILED if case.self_handled is None else Stage.ACCEPTED
    return changed(case, event, stage=stage, adopted=None, self_handled=None, task=None)


def _case_closed(case: Case, event: ev.CaseClosed) -> Case:
    return changed(
        case,
        event,
        stage=Stage.CLOSED,
        closed_how=event.how,
        task=None,
        suspended_until=None,
        suspended_since=None,
    )


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
