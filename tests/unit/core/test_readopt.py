"""Our own words, heard again after a lost history: the fewest events that make them true."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.core import words as w
from node.core.case import Case, CaseStatus, Stage
from node.core.context import Context
from node.core.events import Event
from node.core.evolve import fold
from node.core.facts import Ending, Facts, Origin, Rank, RequestKind
from node.core.readopt import our_case, readopt
from tests.town import CATEGORY, PLACE, T0, limits, node

HERE, BELOW, ABOVE = "420203", "420203001", "420200"
CHILD = node(BELOW)


def context() -> Context:
    return Context(node=HERE, now=T0, fresh_id=lambda: "f" * 36, capabilities=frozenset(),
                   parent=ABOVE, actor="recovery", cause="c" * 36)


def facts(filed_at: str = HERE) -> Facts:
    return Facts(case_no="1", filing_node=filed_at, category=CATEGORY, place=PLACE, text="井盖破损",
                 source="hotline", reported_at=T0)


def order(**given: Any) -> w.Order:
    return w.Order(**{"case_id": "k" * 36, "assignment_id": "a" * 36, "generation": 7,
                      "limits": limits(), "facts": facts(), "text": "", **given})


def directive(act: Any, generation: int = 7) -> w.Directive:
    return w.Directive(case_id="k" * 36, assignment_id="a" * 36, generation=generation, act=act)


def report(act: Any) -> w.Report:
    return w.Report(case_id="k" * 36, assignment_id="a" * 36, generation=7, act=act)


def names(events: tuple[Event, ...]) -> list[str]:
    return [type(one).__name__ for one in events]


def handed() -> Case:
    return fold(readopt(None, order(), CHILD, context()))


def held() -> Case:
    from node.core import events as ev

    taken = ev.OrderTaken(at=T0, case_id="k" * 36, assignor=ABOVE, assignment_id="a" * 36,
                          generation=7, limits=limits(), facts=facts(ABOVE), text="")
    return fold((taken,))


def test_a_forgotten_case_of_our_own_is_known_again_by_its_order() -> None:
    case = handed()
    assert case.status is CaseStatus.DISPATCHED
    assert case.live is not None
    assert (case.live.to, case.live.generation, case.issued_generation) == (CHILD, 7, 7)
    assert readopt(case, order(), CHILD, context()) == ()


def test_an_order_of_a_case_that_another_office_filed_waits_for_that_office() -> None:
    assert readopt(None, order(facts=facts(ABOVE)), CHILD, context()) == ()


@pytest.mark.parametrize("stage", [
    Stage.REPORTED, Stage.VERIFYING, Stage.ACCEPTED, Stage.CHECKING, Stage.CHECKED,
    Stage.TRANSFERRED, Stage.PASSED_UP,
])
def test_an_order_shows_that_a_case_was_filed_after_the_backup(stage: Stage) -> None:
    """The backup has it reported, or in a check that it failed later; the order came after that."""
    from node.core import events as ev

    before = replace(fold((
        ev.CaseOpened(at=T0, case_id="k" * 36, facts=replace(facts(), closing="整洁"), text=""),
    )), stage=stage)
    case = fold(readopt(before, order(), CHILD, context()), before)
    assert case.status is CaseStatus.DISPATCHED
    assert case.live is not None
    assert (case.live.to, case.live.assignment_id, case.facts) == (CHILD, "a" * 36, facts())
    assert readopt(case, order(), CHILD, context()) == ()


def test_no_order_wakes_a_case_that_was_over() -> None:
    for stage in (Stage.CLOSED, Stage.VOIDED, Stage.NOT_ACCEPTED, Stage.NOT_FILED):
        assert readopt(replace(handed(), live=None, stage=stage, issued_generation=1), order(
            assignment_id="b" * 36, generation=9), CHILD, context()) == ()


def test_a_later_order_ends_the_one_before_and_an_earlier_one_changes_nothing() -> None:
    case = handed()
    later = order(assignment_id="b" * 36, generation=9)
    events = readopt(case, later, node("420203002"), context())
    assert names(events) == ["AssignmentEnded", "Assigned"]
    moved = fold(events, case)
    assert moved.issued_generation == 9
    assert readopt(moved, order(assignment_id="d" * 36, generation=8), CHILD, context()) == ()


def test_a_rework_raises_the_number_once() -> None:
    case = handed()
    verdict = directive(w.ReworkVerdict(next_generation=8, limits=limits()))
    moved = fold(readopt(case, verdict, CHILD, context()), case)
    assert moved.live is not None
    assert (moved.live.generation, moved.issued_generation) == (8, 8)
    assert readopt(moved, verdict, CHILD, context()) == ()


def test_what_was_called_back_or_closed_ends_again_and_only_once() -> None:
    for act, ending, status in (
        (w.Withdraw(reason="另派"), Ending.WITHDRAWN, CaseStatus.PENDING_DISPATCH),
        (w.ClosedVerdict(), Ending.CLOSED, CaseStatus.CLOSED),
    ):
        case = handed()
        moved = fold(readopt(case, directive(act), CHILD, context()), case)
        assert moved.live is None
        assert (moved.past[-1].ended, moved.status) == (ending, status)
        assert readopt(moved, directive(act), CHILD, context()) == ()


def test_a_directive_of_another_round_moves_nothing() -> None:
    assert readopt(handed(), directive(w.Withdraw(reason="x"), 6), CHILD, context()) == ()


def test_our_reports_lift_the_duty_and_never_lower_it() -> None:
    case = held()
    done = report(w.DoneReport(result="已更换"))
    moved = fold(readopt(case, done, None, context()), case)
    assert moved.duty is not None
    assert moved.duty.rank is Rank.DONE
    for act in (w.DoneReport(result="已更换"), w.SignedReport(), w.ProgressReport()):
        assert readopt(moved, report(act), None, context()) == ()


def submitted(registered_by: str = HERE) -> w.Report:
    origin = Origin(node=HERE, case_id="o" * 36, case_no="1", registered_by=registered_by)
    return report(w.SubmittedReport(facts=replace(facts(), origin=origin)))


def test_a_report_that_went_up_is_known_again_by_the_word_that_carried_it() -> None:
    word = submitted()
    assert our_case(word) == "o" * 36
    case = fold(readopt(None, word, None, context()))

    assert case.case_id == "o" * 36
    assert case.stage is Stage.PASSED_UP
    assert case.facts == facts()
    assert case.passing is not None
    assert case.passing.as_case == word.case_id
    assert readopt(case, word, None, context()) == ()


def test_a_report_whose_beginning_came_back_goes_up_again_without_a_second_beginning() -> None:
    opened, _ = readopt(None, submitted(), None, context())
    lacking = readopt(fold((opened,)), submitted(), None, context())
    assert names(lacking) == ["CasePassedUp"]


def test_a_report_that_only_went_through_us_waits_for_the_office_that_registered_it() -> None:
    assert readopt(None, submitted(BELOW), None, context()) == ()
    assert readopt(None, submitted(), CHILD, context()) == ()


def test_what_we_asked_is_asked_once() -> None:
    case = held()
    asked = report(w.RequestReport(request_id="r" * 36, kind=RequestKind.EXTENSION,
                                   reason_code="1", asker="clerk"))
    moved = fold(readopt(case, asked, None, context()), case)
    assert moved.duty is not None
    assert moved.duty.request is not None
    assert readopt(moved, asked, None, context()) == ()


def test_words_said_to_the_wrong_side_or_about_another_duty_move_nothing() -> None:
    assert readopt(held(), order(), None, context()) == ()
    assert readopt(held(), report(w.SignedReport()), CHILD, context()) == ()
    other = replace(report(w.SignedReport()), assignment_id="z" * 36)
    assert readopt(held(), other, None, context()) == ()
