"""What a unit's leg counts for, on journals written by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.core import events as ev
from node.core.facts import Ending, RequestId, RequestKind, TimeUnit
from tests.unit.evaluation.journals import CITY, DISTRICT, STREET, Journal, at, facts, limits


def answered(journal: Journal, hour: float, kind: RequestKind, granted: bool, **more: Any) -> None:
    journal(
        DISTRICT, "node:420200", hour, ev.RequestAnswered, request_id=RequestId("r"), kind=kind,
        granted=granted, decider="lead", **more,
    )


def test_feedback_at_the_deadline_is_on_time_and_a_moment_later_is_late() -> None:
    assert Journal().taken().done(8).leg().marks["handled_on_time"] == at(8)
    late = Journal().taken().done(8.001).leg()
    assert "handled_on_time" not in late.marks
    assert late.marks["handled_late"] == at(8.001)


def test_the_time_the_unit_said_it_counts_however_late_the_line_brought_it() -> None:
    leg = Journal().taken().done(30, said=7.5).leg()
    assert leg.marks["handled_on_time"] == at(7.5) == leg.done_at


def test_leg_finished_early_is_settled_then_and_an_unfinished_one_at_its_deadline() -> None:
    assert Journal().taken().done(3).leg().settle_at == at(3)
    assert Journal().taken().leg().settle_at == at(8)
    assert Journal().taken().done(9).leg().settle_at == at(8)


def test_leg_that_came_when_its_time_was_up_counts_in_the_period_in_which_it_came() -> None:
    leg = Journal().taken().leg()
    late = replace(leg, begun_at=at(9))
    assert (leg.due_at, late.settle_at) == (at(8), at(9))
    assert replace(late, done_at=at(12)).settle_at == at(9)


def test_signing_counts_also_by_beginning_the_work() -> None:
    signed = Journal().taken()(DISTRICT, "clerk", 0.8, ev.DutySigned).leg()
    assert signed.marks["signed"] == signed.marks["signed_on_time"] == at(0.8)
    begun = Journal().taken()(DISTRICT, "clerk", 1.5, ev.DutyProgressed, text="到场").leg()
    assert begun.marks["signed"] == at(1.5)
    assert "signed_on_time" not in begun.marks


def test_extension_granted_after_the_deadline_acts_backwards_and_a_refusal_does_not() -> None:
    journal = Journal().taken().done(9)
    answered(journal, 10, RequestKind.EXTENSION, True, limits=limits(16))
    leg = journal.leg()
    assert (leg.due_at, leg.marks["extended"]) == (at(16), at(10))
    assert "handled_late" not in leg.marks
    refused = Journal().taken().done(9)
    answered(refused, 10, RequestKind.EXTENSION, False)
    assert "handled_late" in refused.leg().marks
    assert "extended" not in refused.leg().marks


def test_leg_is_in_no_period_while_suspended_and_its_deadline_moves_when_resumed() -> None:
    journal = Journal().taken()
    answered(journal, 4, RequestKind.SUSPENSION, True, until=at(100))
    assert (journal.leg().due_at, journal.leg().settle_at) == (None, None)
    journal(DISTRICT, "node:420200", 50, ev.DutyResumed, limits=limits(54), how="due")
    assert journal.leg().due_at == at(54)
    assert "handled_on_time" in journal.done(53).leg().marks


def test_reworked_leg_is_judged_by_its_first_deadline_and_beside_it_by_its_rounds() -> None:
    journal = Journal().taken().done(3)
    journal(DISTRICT, "node:420200", 5, ev.DutyReworked, generation=2, limits=limits(20))
    assert journal.leg().done_at is None
    in_first = Journal()
    in_first.entries = list(journal.entries)
    in_first._versions = dict(journal._versions)
    assert "handled_on_time" in in_first.done(7).leg().marks
    leg = journal.done(12).leg()
    assert (leg.due_at, leg.marks["reworked"]) == (at(8), at(5))
    assert "handled_late" in leg.marks
    assert leg.marks["handled_on_time_by_round"] == at(12)


def test_grant_in_a_later_round_moves_the_first_deadline_by_as_much() -> None:
    journal = Journal().taken().done(3)
    journal(DISTRICT, "node:420200", 5, ev.DutyReworked, generation=2, limits=limits(20))
    more = replace(limits(28), count=8, unit=TimeUnit.URGENT_HOUR)
    answered(journal, 6, RequestKind.EXTENSION, True, limits=more)
    assert journal.leg().due_at == at(16)


def test_upheld_appeal_is_not_charged_also_when_it_comes_after_the_end() -> None:
    journal = Journal().taken().done(9).ended(11, Ending.CLOSED)
    assert "handled_late" in journal.leg().marks
    answered(journal, 20, RequestKind.APPEAL, True)
    leg = journal.leg()
    assert "handled_on_time" in leg.marks
    assert leg.marks["exempt"] == at(20)
    assert "handled_late" not in leg.marks


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Ending.RETURNED, "returned"),
        (Ending.WITHDRAWN, "withdrawn"),
        (Ending.VOIDED, "voided"),
        (Ending.CLOSED, ""),
    ],
)
def test_leg_that_was_taken_back_is_charged_to_nobody(ending: Ending, reason: str) -> None:
    leg = Journal().taken().ended(2, ending).leg()
    assert leg.excluded == reason
    assert leg.marks["ended"] == at(2)


def test_refused_return_is_counted_as_shirking() -> None:
    journal = Journal().taken()
    answered(journal, 1, RequestKind.RETURN, False)
    assert journal.leg().marks["shirked"] == at(1)


def test_case_that_comes_again_after_its_return_is_a_leg_of_its_own() -> None:
    journal = Journal().taken().ended(2, Ending.RETURNED).taken(3, name="a2", hours=20)
    first, second = journal.legs()
    assert (first.excluded, second.excluded) == ("returned", "")
    assert (first.ref, second.ref) == (f"{DISTRICT}/a1", f"{DISTRICT}/a2")


def test_order_that_replaces_another_supersedes_its_leg() -> None:
    first, second = Journal().taken().taken(3, name="a2").legs()
    assert (first.excluded, second.excluded) == ("superseded", "")


def test_legacy_system_is_told_by_the_office_that_hands_it_the_work() -> None:
    journal = Journal().taken(node=STREET, assignor=DISTRICT)
    journal.assigned(1, to="adapter:power", name="p1", node=STREET, actor=f"node:{DISTRICT}")
    told = {"assignment_id": "p1", "generation": 1}
    journal(STREET, "adapter:power", 2, ev.AssigneeSigned, said_at=at(2), **told)
    journal(STREET, "adapter:power", 4, ev.AssigneeDone, said_at=at(4), result="好", **told)
    leg = journal.leg(f"{STREET}/power")
    assert (leg.assignor, leg.maker, leg.done_at) == (STREET, STREET, at(4))
    assert leg.about.filing_node == CITY
    journal(
        STREET, "lead", 5, ev.RequestDecided, request_id=RequestId("r"),
        kind=RequestKind.APPEAL, granted=True, decider="lead", **told,
    )
    journal(STREET, "node:420203", 6, ev.AssignmentEnded, ending=Ending.CLOSED, **told)
    assert journal.leg(f"{STREET}/power").marks["closed"] == at(6)


def test_handing_over_to_a_node_is_no_leg_until_that_node_has_taken_it() -> None:
    assert Journal().opened().filed().assigned().legs() == []


def test_press_and_supervision_reach_the_leg_that_is_at_work() -> None:
    journal = Journal().taken()
    journal(DISTRICT, "node:420200", 1, ev.Pressed, text="快")
    journal(
        DISTRICT, "node:420200", 2, ev.Supervised, supervision_id="s", reply_by=at(9), text="办"
    )
    leg = journal.leg()
    assert (leg.marks["pressed"], leg.marks["supervised"]) == (at(1), at(2))


def test_tombstone_of_an_order_that_never_came_is_no_leg() -> None:
    journal = Journal()(
        DISTRICT, "node:420200", 1, ev.DutyBuried, case_id="case", assignor=CITY,
        assignment_id="a1", generation=1,
    )
    assert journal.rows() == ()


def test_facts_that_come_again_are_the_ones_that_count() -> None:
    journal = Journal().taken()
    journal(DISTRICT, "node:420200", 1, ev.OrderRepeated, facts=facts(source="hotline"))
    assert journal.leg().about.source == "hotline"


