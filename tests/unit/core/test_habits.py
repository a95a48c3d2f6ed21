"""Who is counted for what a unit did: whoever asked, signed too late, or let it run late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from node.core import events as ev
from node.core.approvals import Thresholds
from node.core.facts import AssignmentId, RequestId, RequestKind
from node.core.habits import Habits, Signed, person_over

DUE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def overdue(kind: str) -> ev.Overdue:
    return ev.Overdue(at=DUE, kind=kind, ref="a/1", due_at=DUE)


def asked(asker: str, kind: RequestKind = RequestKind.RETURN) -> ev.AssigneeAsked:
    return ev.AssigneeAsked(
        at=DUE, assignment_id=AssignmentId("a"), generation=1, said_at=DUE,
        request_id=RequestId("r"), kind=kind, reason_code="not_ours", asker=asker)


def counted(habits: Habits) -> dict[str, tuple[int, int, int]]:
    return {name: (one.returns_asked, one.unsigned, one.late)
            for name, one in habits.people.items()}


def test_what_was_signed_too_late_is_counted_for_who_signed_it() -> None:
    habits = Habits("node:420203")
    habits.count(overdue("sign_by"), [Signed(at=DUE + HOUR, actor="li"),
                                      Signed(at=DUE + 2 * HOUR, actor="wang")])
    assert (1, {"li": (0, 1, 0)}) == (habits.unsigned, counted(habits))


def test_what_ran_late_is_counted_for_who_had_it_when_the_deadline_passed() -> None:
    habits = Habits("node:420203")
    habits.count(overdue("finish_by"), [
        Signed(at=DUE - 2 * HOUR, actor="li"), Signed(at=DUE - HOUR, actor="wang"),
        Signed(at=DUE + HOUR, actor="zhao")])
    assert (1, {"wang": (0, 0, 1)}) == (habits.late, counted(habits))


@pytest.mark.parametrize("actor", ["clock", "node:420203", "adapter:gas", ""])
@pytest.mark.parametrize("kind", ["sign_by", "finish_by"])
def test_a_program_is_nobody_and_the_unit_is_counted_all_the_same(actor: str, kind: str) -> None:
    habits = Habits("adapter:gas")
    habits.count(overdue(kind), [Signed(at=DUE - HOUR, actor=actor),
                                 Signed(at=DUE + HOUR, actor=actor)])
    habits.count(overdue(kind))
    assert (2, {}) == (habits.unsigned + habits.late, counted(habits))


def test_returns_are_counted_for_who_asked_and_other_requests_are_not() -> None:
    habits = Habits("node:420203")
    for event in (asked("li"), asked("li"), asked("wang", RequestKind.EXTENSION)):
        habits.count(event)
    assert (2, {"li": (2, 0, 0)}) == (habits.returns_asked, counted(habits))


def test_people_have_thresholds_of_their_own() -> None:
    limits = Thresholds(returns=3, person_returns=2, late=0, person_late=0)
    habits = Habits("node:420203")
    for event in (asked("li"), asked("li"), overdue("finish_by")):
        habits.count(event, [Signed(at=DUE - HOUR, actor="li")])
    assert [] == habits.over(limits)
    assert ["returns"] == person_over(habits.people["li"], limits)
