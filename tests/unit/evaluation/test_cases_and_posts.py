"""What a case and the steps of its posts count for, on journals written by hand."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core import events as ev
from node.core.counters import COUNTERS, MARKS, TIMES
from node.core.events import EVENTS
from node.core.facts import Category, Ending, RequestId, RequestKind
from node.core.flags import Flag, FlagKind
from node.core.indicators import Shown
from node.core.scoring import rate_of
from node.core.tally import legs, walk
from node.service.evaluation.definitions import read_definition, shipped
from node.service.evaluation.projector import columns, understood
from tests.unit.evaluation.journals import CASE, CITY, DISTRICT, Journal, at, counted, facts, limits


def whole() -> Journal:
    """A case from report to closing."""
    journal = Journal().opened().filed().assigned().taken().done(5).told(5.2, said=5)
    journal(CITY, "wang", 6, ev.CheckPassed)
    return journal(CITY, "lead", 6.5, ev.CaseClosed, text="结案").ended(6.6, Ending.CLOSED)


def test_case_from_report_to_closing_carries_every_instant_of_its_way() -> None:
    case = whole().case()
    marks = {name: case.marks[name] for name in (
        "reported", "filed", "dispatched", "handled", "checked", "closed")}
    assert marks == {
        "reported": at(0), "filed": at(0.25), "dispatched": at(0.5), "handled": at(5),
        "checked": at(6), "closed": at(6.5),
    }
    assert case.marks["closed_on_time"] == at(6.5)
    assert (case.due_at, case.settle_at, case.excluded) == (at(8), at(6.5), "")
    assert (case.about.area, case.about.grid) == ("420203001002", "42020300100211")


def test_case_closed_on_a_late_result_is_closed_but_not_on_time() -> None:
    journal = Journal().opened().filed().assigned().told(9)
    journal(CITY, "wang", 10, ev.CheckPassed)(CITY, "lead", 10.5, ev.CaseClosed, text="结案")
    case = journal.case()
    assert "closed_on_time" not in case.marks
    assert case.settle_at == at(8)


def test_case_closed_after_an_upheld_appeal_counts_as_on_time() -> None:
    journal = Journal().opened().filed().assigned().told(9)
    journal(
        CITY, "lead", 9.5, ev.RequestDecided, assignment_id="a1", generation=1,
        request_id=RequestId("r"), kind=RequestKind.APPEAL, granted=True, decider="lead",
    )(CITY, "lead", 10, ev.CaseClosed, text="结案")
    assert "closed_on_time" in journal.case().marks


def test_case_carries_what_its_reporter_said_of_it_and_when() -> None:
    journal = whole()
    assert (journal.case().rated_at, journal.case().score) == (None, "")

    journal(CITY, "visitor", 900, ev.SatisfactionGiven, score=4, channel="phone")

    rated = journal.case()
    assert (rated.rated_at, rated.score, rated.done_at) == (at(900), "4", at(6.5))


@pytest.mark.parametrize(("scores", "rate"), [
    ((3, 4, 5, None), Fraction(2, 3)), ((1, 3), Fraction(0)), ((None, None), None)])
def test_satisfaction_is_the_share_of_the_content_among_those_who_said_anything(
    scores: tuple[int | None, ...], rate: Fraction | None
) -> None:
    (_, text), *_ = shipped()
    definition = read_definition(text, name="shipped").definition
    wanted = definition.rates["satisfaction"]
    rows = []
    for score in scores:
        journal = whole()
        if score is not None:
            journal(CITY, "visitor", 24, ev.SatisfactionGiven, score=score)
        rows.append(columns(journal.case()))

    def count(name: str) -> int:
        counter = definition.counters[name]
        return sum(
            row[counter.since] is not None
            and all(row[one.column] in one.values for one in counter.where)
            for row in rows
        )

    counts = {Shown(counter=name, window="rated"): count(name) for name in ("rated", "satisfied")}
    assert rate_of(wanted, counts) == rate
    assert definition.windows[wanted.window].columns == ("rated_at",)


def test_what_its_reporter_said_is_said_of_the_unit_whose_work_stood_at_the_closing() -> None:
    journal = whole()
    assert (None, "") == (journal.leg().rated_at, journal.leg().score)
    journal(CITY, "visitor", 900, ev.SatisfactionGiven, score=2, channel="phone")
    assert (at(900), "2") == (journal.leg().rated_at, journal.leg().score)

    back = Journal().opened().filed().assigned().taken().ended(1, Ending.RETURNED)
    back(CITY, "lead", 2, ev.CaseClosed, text="结案")
    back(CITY, "visitor", 3, ev.SatisfactionGiven, score=5)
    assert (at(3), None) == (back.case().rated_at, back.leg().rated_at)
    (_, text), *_ = shipped()
    subjects = read_definition(text, name="shipped").definition.subjects
    assert ("satisfaction",) == tuple(subjects["unit_satisfaction"].rates)


def test_false_and_stray_reports_are_in_the_record_of_their_collector_once_confirmed() -> None:
    stray = Flag(kind=FlagKind.OUTSIDE_BEAT, ref="outside_beat", collector="C-17")

    def journal(*, confirmed: bool) -> Journal:
        made = Journal()(
            CITY, "wang", 0, ev.CaseOpened, case_id=CASE, flags=(stray,),
            facts=facts(source_details=(("collector", "C-17"),))).filed()
        return made(CITY, "op", 1, ev.DoubtSettled, ref="photo_repeated/c", confirmed=confirmed,
                    decider="op", text="同一张", collector="C-17")

    (step,) = journal(confirmed=True).steps("reporter")
    assert ("C-17", at(0), at(1)) == (
        step.actor, step.marks["outside_beat"], step.marks["false_report"])
    assert at(1) == journal(confirmed=True).case().marks["false_report"]
    (cleared,) = journal(confirmed=False).steps("reporter")
    assert "false_report" not in cleared.marks


def test_filing_within_its_step_limit_is_on_time_for_case_and_shift_leader() -> None:
    early, late = Journal().opened().filed(0.5), Journal().opened().filed(0.51)
    assert "filed_on_time" in early.case().marks
    assert "filed_on_time" not in late.case().marks
    (step,) = late.steps("shift_leader", "file")
    assert (step.actor, step.due_at, step.done_at) == ("lead", at(0.5), at(0.51))


def test_filing_is_timed_from_acceptance_where_there_was_one() -> None:
    journal = Journal().opened()(CITY, "op", 2, ev.CaseAccepted).filed(2.4)
    assert "filed_on_time" in journal.case().marks
    assert "accepted_on_time" not in journal.case().marks
    (step,) = journal.steps("intake_operator")
    assert (step.actor, step.begun_at, step.done_at) == ("op", at(0), at(2))


def test_voided_case_is_excluded_and_lowers_the_filers_correctness_alone() -> None:
    journal = Journal().opened().filed()
    journal(CITY, "lead", 1, ev.CaseVoided, reason="不属实")
    assert journal.case().excluded == "voided"
    (step,) = journal.steps("shift_leader")
    assert "filed" in step.marks
    assert "filed_correctly" not in step.marks
    (report,) = journal.steps("reporter")
    assert "valid_report" not in report.marks


def test_duplicate_is_excluded_wherever_it_was_found_to_be_one() -> None:
    other = "018f"
    not_accepted = Journal().opened()
    not_accepted(CITY, "op", 1, ev.CaseNotAccepted, reason="重复", duplicate_of=other)
    declined = Journal().opened()
    declined(CITY, "lead", 1, ev.CaseDeclined, reason="重复", duplicate_of=other)
    voided = Journal().opened().filed()
    voided(CITY, "lead", 1, ev.CaseVoided, reason="重复", duplicate_of=other)
    for journal in (not_accepted, declined, voided):
        assert journal.case().excluded == "duplicate"


def test_transferred_case_is_charged_to_nobody_until_it_is_taken_back() -> None:
    journal = Journal().opened().filed()
    journal(
        CITY, "lead", 1, ev.CaseTransferred, receiver="公安", reference="1", reason="违法",
        digest="00",
    )
    assert journal.case().excluded == "transferred"
    journal(CITY, "lead", 2, ev.CaseTakenBack)
    assert journal.case().excluded == ""
    assert "ended" not in journal.case().marks


def test_own_case_that_waits_is_in_no_period() -> None:
    journal = Journal().opened().filed().assigned()
    journal(CITY, "lead", 1, ev.CaseSuspended, until=at(99), reason="施工")
    assert journal.case().settle_at is None
    journal(CITY, "lead", 2, ev.CaseResumed, how="person")
    assert journal.case().settle_at == at(8)


def test_verification_counts_for_who_sent_and_for_who_went() -> None:
    journal = Journal().opened(source="hotline", actor="op")
    journal(CITY, "op", 0.4, ev.VerifyStarted, collector="wang")
    journal(CITY, "wang", 3, ev.VerifyDone, found=True, collector="wang")
    (sent,) = journal.steps("intake_operator", "verify_task")
    assert (sent.actor, sent.marks["verify_sent_on_time"]) == ("op", at(0.4))
    (went,) = journal.steps("collector", "verify")
    assert (went.actor, went.due_at, went.done_at) == ("wang", at(2.4), at(3))
    assert "verified_on_time" not in went.marks
    assert "accepted" in journal.case().marks


def test_verification_that_nobody_made_stays_due() -> None:
    journal = Journal().opened(source="hotline", actor="op")
    journal(CITY, "op", 0.4, ev.VerifyStarted, collector="wang", due_by=at(1))
    (went,) = journal.steps("collector", "verify")
    assert (went.due_at, went.done_at, went.settle_at) == (at(1), None, at(1))


def test_report_not_found_on_site_is_rejected() -> None:
    journal = Journal().opened(source="hotline")
    journal(CITY, "op", 0.4, ev.VerifyStarted, collector="wang")
    journal(CITY, "wang", 1, ev.VerifyDone, found=False)
    assert journal.case().marks["rejected"] == journal.case().marks["ended"] == at(1)


def test_check_counts_for_who_sent_and_for_who_went_also_when_nobody_was_sent() -> None:
    journal = Journal().opened().filed().assigned().told(5)
    journal(CITY, "op", 5.6, ev.CheckStarted, collector="li")(CITY, "li", 7, ev.CheckPassed)
    (sent,) = journal.steps("intake_operator", "check_task")
    assert "check_sent_on_time" not in sent.marks
    (went,) = journal.steps("collector", "check")
    assert (went.actor, went.begun_at, went.done_at) == ("li", at(5.6), at(7))
    (alone,) = whole().steps("collector", "check")
    assert (alone.actor, alone.begun_at, alone.marks["check_sent"]) == ("wang", at(5.2), at(5.2))


def test_failed_check_makes_a_second_round_of_checking() -> None:
    journal = Journal().opened().filed().assigned().told(3)
    journal(CITY, "li", 4, ev.CheckFailed, text="未清")
    journal(
        CITY, "lead", 4, ev.AssignmentReworked, assignment_id="a1", previous_generation=1,
        generation=2, limits=limits(20),
    )
    journal.told(6)(CITY, "li", 6.5, ev.CheckPassed)
    assert [at(4), at(6.5)] == [step.done_at for step in journal.steps("collector", "check")]
    case = journal.case()
    assert (case.marks["reworked"], case.marks["handled"], case.due_at) == (at(4), at(6), at(8))


def test_dispatch_that_had_to_be_made_again_elsewhere_was_a_misdispatch() -> None:
    journal = Journal().opened().filed().assigned(0.5, name="a1", actor="zhao")
    journal(
        CITY, "zhao", 2, ev.AssignmentEnded, assignment_id="a1", generation=1,
        ending=Ending.RETURNED,
    )
    journal.assigned(2.3, to="node:420204", name="a2", actor="qian")
    first, second = journal.steps("dispatcher")
    assert (first.actor, "misdispatched" in first.marks) == ("zhao", True)
    assert (second.actor, "misdispatched" in second.marks) == ("qian", False)
    assert (second.begun_at, "dispatched_on_time" in second.marks) == (at(2), True)
    case = journal.case()
    assert (case.marks["misdispatched"], case.marks["returned"]) == (at(2.3), at(2))


def test_dispatch_by_the_responsibility_table_is_nobodys_step() -> None:
    journal = Journal().taken().assigned(0.6, node=DISTRICT, actor=f"node:{CITY}", name="b")
    assert journal.steps("dispatcher") == []


def test_dispatcher_of_a_district_is_timed_from_the_order() -> None:
    journal = Journal().taken(1).assigned(1.4, node=DISTRICT, actor="sun", name="b")
    (step,) = journal.steps("dispatcher")
    assert (step.maker, step.begun_at, step.due_at) == (DISTRICT, at(1), at(1.5))


def test_self_handled_report_is_closed_without_a_dispatch() -> None:
    journal = Journal().opened()(CITY, "wang", 0.2, ev.CaseSelfHandled, result="已清理")
    journal(CITY, "lead", 0.5, ev.CaseClosed, text="结案")
    case = journal.case()
    assert case.marks["self_handled"] == case.marks["should_close"] == at(0.2)
    assert case.marks["closed_on_time"] == at(0.5)
    assert "filed" not in case.marks


def test_collector_named_by_the_source_is_who_reported() -> None:
    journal = Journal().opened(source_details=(("collector", "li"),), actor="gateway")
    (report,) = journal.steps("reporter")
    assert report.actor == "li"


def test_class_under_which_it_was_filed_is_the_one_that_counts() -> None:
    other = Category(standard_ref="GB/T 47678.5-2026", kind="matter", code="01001", name="x")
    journal = Journal().opened()(CITY, "lead", 0.2, ev.CaseFiled, category=other)
    about = journal.case().about
    assert (about.standard_ref, about.category_kind, about.code) == (
        "GB/T 47678.5-2026", "matter", "01001")


def test_forced_closing_and_marks_of_the_case_are_counted() -> None:
    journal = Journal().opened().filed().assigned()
    journal(CITY, "lead", 1, ev.Pressed)
    journal(CITY, "boss", 2, ev.Supervised, supervision_id="s", reply_by=at(9))
    journal(CITY, "lead", 3, ev.NoOwnerMarked)
    journal(CITY, "lead", 4, ev.CaseClosed, text="结案", how="forced")
    marks = journal.case().marks
    assert (marks["pressed"], marks["supervised"], marks["unowned"], marks["forced"]) == (
        at(1), at(2), at(3), at(4))


def test_late_result_that_was_adopted_is_the_one_the_case_rests_on() -> None:
    journal = Journal().opened().filed().assigned()
    journal(
        CITY, "lead", 9, ev.AssignmentEnded, assignment_id="a1", generation=1,
        ending=Ending.WITHDRAWN,
    )
    journal(CITY, "lead", 10, ev.LateResultAdopted, cause="c", result="好", said_at=at(7))
    case = journal.case()
    assert case.marks["handled"] == case.marks["handled_on_time"] == at(7)


@given(st.integers(min_value=0, max_value=2**32))
def test_order_in_which_entries_arrive_changes_no_row(seed: int) -> None:
    journal = whole()
    answered = {"request_id": RequestId("r"), "granted": True, "decider": "lead"}
    journal(DISTRICT, "node:420200", 7, ev.RequestAnswered, kind=RequestKind.APPEAL, **answered)
    shuffled = list(journal.entries)
    random.Random(seed).shuffle(shuffled)
    assert counted(CASE, shuffled) == journal.rows()


def test_every_entry_that_is_read_is_one_that_is_journalled() -> None:
    assert set(legs._TELL) - set(EVENTS.values()) == set()
    assert set(walk._TAKE) - set(EVENTS.values()) == set()


def test_rows_carry_no_mark_but_those_that_are_stored() -> None:
    journals = [whole(), Journal().taken().done(9).ended(10, Ending.VOIDED)]
    for journal in journals:
        for row in journal.rows():
            assert set(row.marks) - set(MARKS) == set()


@pytest.mark.parametrize("name", sorted(COUNTERS))
def test_every_counter_stands_on_an_instant_that_rows_have(name: str) -> None:
    counter = COUNTERS[name]
    for column in (counter.since, *counter.unless, *counter.until):
        assert column in {*TIMES, *MARKS}


def test_entry_in_words_of_a_newer_program_is_left_out_and_stops_nothing() -> None:
    known = b'{"at":"2026-11-02T01:00:00Z","text":"","later_field":1}'
    assert understood("CaseFiled", known) == ev.CaseFiled(at=at(0))
    assert understood("CaseDreamt", known) is None
    asked = (b'{"at":"2026-11-02T01:00:00Z","request_id":"r","kind":"a_kind_to_come",'
             b'"granted":true,"decider":"x"}')
    assert understood("RequestAnswered", asked) is None
