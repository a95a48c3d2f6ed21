"""Fold what happens before filing, beside a case, and after its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    Case,
    Reopening,
    Result,
    Satisfaction,
    Stage,
    Task,
)
from node.core.evolve.copying import changed
from node.core.flags import FLAGS_KEPT_MAX


def _case_accepted(case: Case, event: ev.CaseAccepted) -> Case:
    return changed(case, event, stage=Stage.ACCEPTED)


def _case_not_accepted(case: Case, event: ev.CaseNotAccepted) -> Case:
    return changed(
        case, event, stage=Stage.NOT_ACCEPTED, task=None, duplicate_of=event.duplicate_of
    )


def _verify_started(case: Case, event: ev.VerifyStarted) -> Case:
    task = Task(
        collector=event.collector, sent_at=event.at, due_by=event.due_by, text=event.text
    )
    return changed(case, event, stage=Stage.VERIFYING, task=task)


def _verify_done(case: Case, event: ev.VerifyDone) -> Case:
    stage = Stage.ACCEPTED if event.found else Stage.NOT_ACCEPTED
    return changed(case, event, stage=stage, task=None, verified=event.found)


def _case_self_handled(case: Case, event: ev.CaseSelfHandled) -> Case:
    result = Result(result=event.result, photos=event.photos, said_at=event.at)
    return changed(case, event, stage=Stage.CHECKED, self_handled=result)


def _case_flagged(case: Case, event: ev.CaseFlagged) -> Case:
    return changed(case, event, flags=(*case.flags, *event.flags)[-FLAGS_KEPT_MAX:])


def _doubt_settled(case: Case, event: ev.DoubtSettled) -> Case:
    looked = tuple(
        replace(one, confirmed=event.confirmed, decider=event.decider, text=event.text)
        if one.ref == event.ref and one.waits
        else one
        for one in case.flags
    )
    return changed(case, event, flags=looked)


def _part_opened(case: Case, event: ev.PartOpened) -> Case:
    return changed(case, event, parts=(*case.parts, event.part_id))


def _satisfaction_given(case: Case, event: ev.SatisfactionGiven) -> Case:
    given = Satisfaction(
        score=event.score, text=event.text, channel=event.channel, at=event.at
    )
    return changed(case, event, satisfaction=given)


def _reopen_asked(case: Case, event: ev.ReopenAsked) -> Case:
    return changed(case, event, reopening=Reopening(text=event.text, asked_at=event.at))


def _reopen_decided(case: Case, event: ev.ReopenDecided) -> Case:
    asked = case.reopening or Reopening(text="", asked_at=event.at)
    decided = replace(asked, granted=event.granted, new_case_id=event.new_case_id)
    return changed(case, event, reopening=decided)


def _reporter_told(case: Case, event: ev.ReporterTold) -> Case:
    return changed(case, event)


APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.CaseAccepted: _case_accepted,
    ev.CaseNotAccepted: _case_not_accepted,
    ev.VerifyStarted: _verify_started,
    ev.VerifyDone: _verify_done,
    ev.CaseSelfHandled: _case_self_handled,
    ev.CaseFlagged: _case_flagged,
    ev.DoubtSettled: _doubt_settled,
    ev.PartOpened: _part_opened,
    ev.SatisfactionGiven: _satisfaction_given,
    ev.ReopenAsked: _reopen_asked,
    ev.ReopenDecided: _reopen_decided,
    ev.ReporterTold: _reporter_told,
}
