"""Fold what no rule solves. Disputes are requests by their words, and records of their own by what
they do: they take no place of an open request and outlive the handing-over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import Case
from node.core.coordination import (
    CONTESTS_THE_CLOCK,
    COORDINATIONS_KEPT_MAX,
    DISPUTES_KEPT_MAX,
    Coordination,
    Dispute,
    Size,
)
from node.core.evolve.copying import changed
from node.core.facts import AssignmentId, RequestKind
from node.core.fund import REPAIRS_KEPT_MAX, ProxyRepair

Fold = Callable[[Case, Any], Case]


def _no_owner_marked(case: Case, event: ev.NoOwnerMarked) -> Case:
    return changed(case, event, no_owner=True)


def _asked(case: Case, event: ev.CoordinationAsked) -> Case:
    others = tuple(
        one for one in case.coordinations if one.coordination_id != event.coordination_id
    )
    one = Coordination(
        coordination_id=event.coordination_id,
        level=event.level,
        kind=event.kind,
        size=event.size,
        text=event.text,
        asker=event.asker,
        asked_at=event.said_at or event.at,
        upward=event.upward,
        assignment_id=event.assignment_id,
        problem_id=event.problem_id,
        rule=event.rule,
    )
    return changed(case, event, coordinations=(*others, one)[-COORDINATIONS_KEPT_MAX:])


def _decided(case: Case, event: ev.CoordinationDecided) -> Case:
    asked = next(
        (one for one in case.coordinations if one.coordination_id == event.coordination_id), None
    )
    if asked is None:  # decided above without our asking: it binds us all the same
        asked = Coordination(
            coordination_id=event.coordination_id,
            level="",
            kind=None,
            size=Size.ORDINARY,
            text="",
            asker="",
            asked_at=event.at,
        )
    decided = replace(
        asked,
        lead=event.lead,
        assistants=event.assistants,
        decider=event.decider,
        decision=event.text,
        decided_at=event.at,
        problem_id=event.problem_id,
    )
    others = tuple(
        one for one in case.coordinations if one.coordination_id != event.coordination_id
    )
    coordinations = (*others, decided)[-COORDINATIONS_KEPT_MAX:]
    if decided.kind is not None and decided.kind not in CONTESTS_THE_CLOCK:
        return changed(case, event, coordinations=coordinations)
    # whose case it is has been said: an answer is still owed, but nothing is contested any more
    disputes = tuple(
        replace(one, coordination_id=event.coordination_id) if one.contests else one
        for one in case.disputes
    )
    return changed(case, event, coordinations=coordinations, disputes=disputes)


def _problem_joined(case: Case, event: ev.ProblemJoined) -> Case:
    return _in_problem(case, event, event.problem_id)


def _problem_left(case: Case, event: ev.ProblemLeft) -> Case:
    return _in_problem(case, event, "")


def _in_problem(
    case: Case, event: ev.ProblemJoined | ev.ProblemLeft, problem_id: str
) -> Case:
    coordinations = tuple(
        replace(one, problem_id=problem_id)
        if one.coordination_id == event.coordination_id
        else one
        for one in case.coordinations
    )
    return changed(case, event, coordinations=coordinations)


def _proxy_repair_recorded(case: Case, event: ev.ProxyRepairRecorded) -> Case:
    one = ProxyRepair(
        repair_id=event.repair_id,
        performer=event.performer,
        payer=event.payer,
        cost_fen=event.cost_fen,
        recorded_at=event.at,
        text=event.text,
    )
    return changed(case, event, repairs=(*case.repairs, one)[-REPAIRS_KEPT_MAX:])


def _cost_recovered(case: Case, event: ev.CostRecovered) -> Case:
    repairs = tuple(
        replace(one, recovered_fen=one.recovered_fen + event.amount_fen)
        if one.repair_id == event.repair_id
        else one
        for one in case.repairs
    )
    return changed(case, event, repairs=repairs)


APPLY: Final[Mapping[type[ev.Event], Fold]] = {
    ev.NoOwnerMarked: _no_owner_marked,
    ev.CoordinationAsked: _asked,
    ev.CoordinationDecided: _decided,
    ev.ProblemJoined: _problem_joined,
    ev.ProblemLeft: _problem_left,
    ev.ProxyRepairRecorded: _proxy_repair_recorded,
    ev.CostRecovered: _cost_recovered,
}


# --- disputes: events of requests, folded beside them


def _raised(case: Case, event: ev.RequestRaised) -> Case:
    return _disputed(case, event, asked_by=None)


def _assignee_disputes(case: Case, event: ev.AssigneeAsked) -> Case:
    return _disputed(case, event, asked_by=event.assignment_id)


def _disputed(
    case: Case, event: ev.RequestRaised | ev.AssigneeAsked, *, asked_by: AssignmentId | None
) -> Case:
    one = Dispute(
        dispute_id=event.request_id,
        reason_code=event.reason_code,
        asker=event.asker,
        text=event.text,
        asked_at=event.said_at if isinstance(event, ev.AssigneeAsked) else event.at,
        assignment_id=asked_by,
    )
    return changed(case, event, disputes=(*case.disputes, one)[-DISPUTES_KEPT_MAX:])


def _settled(case: Case, event: ev.RequestDecided | ev.RequestAnswered) -> Case:
    disputes = tuple(
        replace(
            one,
            upheld=event.granted,
            decider=event.decider,
            decision=event.text,
            decided_at=event.at,
        )
        if one.dispute_id == event.request_id
        else one
        for one in case.disputes
    )
    return changed(case, event, disputes=disputes)


_DISPUTES: Final[Mapping[type[ev.Event], Fold]] = {
    ev.RequestRaised: _raised,
    ev.AssigneeAsked: _assignee_disputes,
    ev.RequestDecided: _settled,
    ev.RequestAnswered: _settled,
}


def apart(folds: Mapping[type[ev.Event], Fold]) -> Mapping[type[ev.Event], Fold]:
    """``folds``, with disputes taken out of the way of other requests."""

    def unless_disputed(of: type[ev.Event], usual: Fold) -> Fold:
        disputed = _DISPUTES[of]

        def fold(case: Case, event: Any) -> Case:
            return (disputed if event.kind is RequestKind.DISPUTE else usual)(case, event)

        return fold

    return {of: unless_disputed(of, usual) for of, usual in folds.items() if of in _DISPUTES}
