"""What a feedback must show: refused at the unit's desk, sent back where no desk knew better."""

from __future__ import annotations

from typing import Any

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core import words as w
from node.core.case import CaseStatus
from node.core.context import Relay
from node.core.effects import WorkKind
from node.core.errors import Invalid
from node.core.facts import Category, Photo, PhotoRole, Rank, Wanted
from node.core.feedback import CLOSING, FeedbackRule, FeedbackRules, lacks
from tests.intake_data import CATEGORY, CONDITIONS, catalog
from tests.town import Office, System, Town, adapter, limits, node, register

AFTER = Photo(digest="a" * 64, size=10, media_type="image/jpeg", role=PhotoRole.AFTER)
BEFORE = Photo(digest="b" * 64, size=10, media_type="image/jpeg", role=PhotoRole.BEFORE)
RULES = FeedbackRules(
    version="t", returns_max=2, text="缺少：{lacks}",
    names={"handle_after": "处置后照片", CLOSING: "结案条件"},
    rows=(FeedbackRule(wanted=Wanted(photos=(PhotoRole.AFTER,), closing=True)),),
)
CLOSED = CONDITIONS[0].closing


def _city(**fields: Any) -> Office:
    """A city whose list says under which condition a cover is put right."""
    return Town().office("C", catalog=catalog(*CONDITIONS), feedback=RULES, **fields)


def _filed(city: Office) -> None:
    register(city, file=False, category=CATEGORY)
    city.do(cmd.File, condition_no=1)


def _with_system(**fields: Any) -> tuple[Office, System]:
    """The case is with a legacy system, which has never heard of photos."""
    city = _city(**fields)
    system = city.town.system("S", "C")
    _filed(city)
    city.do(cmd.Dispatch, to=adapter("S"), limits=limits(48))
    city.town.settle()
    return city, system


def _desk(city: Office, kind: WorkKind) -> set[str]:
    return {ref for _, what, ref in city.work if what == kind}


def test_the_most_specific_row_says_what_is_wanted() -> None:
    photos = Wanted(photos=(PhotoRole.BEFORE,))
    bare = Wanted()
    rules = FeedbackRules(version="t", rows=(
        FeedbackRule(wanted=bare),
        FeedbackRule(kind="matter", wanted=photos),
        FeedbackRule(standard_ref=CATEGORY.standard_ref, code="01", wanted=bare),
        FeedbackRule(standard_ref=CATEGORY.standard_ref, code="01001", kind="matter",
                     wanted=photos),
    ))

    def of(kind: str, code: str, standard: str = CATEGORY.standard_ref) -> Wanted:
        return rules.wanted(Category(standard_ref=standard, kind=kind, code=code, name=""))

    assert (of("matter", "01001"), of("matter", "01002"), of("matter", "02001"),
            of("component", "02001"), of("matter", "01001", "GB/T 30428.2-2013")) == (
        photos, bare, photos, bare, photos)


def test_a_unit_s_own_desk_refuses_what_lacks_evidence_and_says_what() -> None:
    city = _city()
    unit = city.town.office("U", "C")
    _filed(city)
    city.do(cmd.Dispatch, to=node("U"), limits=limits(48))
    city.town.settle()
    held = unit.cases["case"]
    assert held.facts is not None
    assert (held.facts.closing, held.facts.wanted.closing) == (CLOSED, True)

    refusals = []
    for photos, closing_met in (((), True), ((BEFORE,), True), ((AFTER,), False)):
        with pytest.raises(Invalid) as refused:
            unit.do(cmd.FeedBack, result="已更换", photos=photos, closing_met=closing_met)
        refusals.append(refused.value)
    assert [one.code for one in refusals] == [
        "feedback.photo_missing", "feedback.photo_missing", "feedback.closing_missing"]
    assert refusals[0].detail["roles"] == "handle_after"
    with pytest.raises(Invalid) as bare:
        unit.do(cmd.FeedBack, result="已更换")
    assert (bare.value.code, bare.value.why) == ("feedback.photo_missing", "both")
    assert bare.value.detail["closing"] == CLOSED
    assert refusals[2].detail["closing"] == CLOSED
    assert unit.cases["case"] == held, "nothing is lost and nothing has moved"

    done = unit.do(cmd.FeedBack, result="已更换", photos=(AFTER,), closing_met=True)
    assert done.status is CaseStatus.DONE
    city.town.settle()
    assert city.cases["case"].result is not None
    assert city.cases["case"].result.closing == CLOSED
    assert not _desk(city, WorkKind.PROOFREAD)
    city.town.check_at_rest()


def test_a_system_s_feedback_without_photos_goes_back_with_the_reason_and_no_new_time() -> None:
    city, system = _with_system()
    before = city.cases["case"].live
    assert before is not None

    system.speak("case", w.DoneReport(result="修好了"))
    city.town.settle()

    case = city.cases["case"]
    assert case.status is CaseStatus.HANDLING
    assert case.live is not None
    assert (case.live.rank, case.live.generation) == (Rank.SIGNED, before.generation + 1)
    assert (case.live.limits, case.live.returned_count) == (before.limits, 1)
    assert case.live.text == "缺少：处置后照片、结案条件"
    assert system.jobs["case"].working
    kinds = [type(one) for one in city.journal["case"][-3:]]
    assert kinds == [ev.AssigneeDone, ev.FeedbackLacking, ev.AssignmentReworked]
    city.town.check_at_rest()


def test_after_so_many_times_a_person_looks_and_the_check_settles_it() -> None:
    city, system = _with_system()
    for _ in range(RULES.returns_max + 1):
        system.speak("case", w.DoneReport(result="修好了"))
        city.town.settle()

    case = city.cases["case"]
    assert case.status is CaseStatus.FEEDBACK_GIVEN
    assert case.live is not None
    assert case.live.lacks == ("handle_after", CLOSING)
    assert _desk(city, WorkKind.PROOFREAD) == {case.live.assignment_id}
    city.do(cmd.StartCheck)
    city.do(cmd.PassCheck)
    assert not _desk(city, WorkKind.PROOFREAD)


def test_a_closing_condition_that_a_system_cannot_name_waits_for_the_checker() -> None:
    city, system = _with_system()

    system.speak("case", w.DoneReport(result="修好了", photos=(AFTER,)))
    city.town.settle()

    case = city.cases["case"]
    assert (case.status, case.live and case.live.lacks) == (CaseStatus.FEEDBACK_GIVEN, (CLOSING,))
    city.do(cmd.FailCheck, text="未达标", limits=limits(24))
    assert not _desk(city, WorkKind.PROOFREAD)
    city.town.settle()
    city.town.check_at_rest()


def test_an_old_office_below_is_asked_again_through_the_office_between() -> None:
    """The street knows no rule and the district none either: the city's word goes all the way."""
    city = _city()
    district = city.town.office("D", "C")
    system = city.town.system("S", "D")
    _filed(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits(48))
    city.town.settle()
    district.do(cmd.Dispatch, to=adapter("S"), limits=limits(24))
    city.town.settle()

    system.speak("case", w.DoneReport(result="修好了"))
    city.town.settle()

    assert system.jobs["case"].working
    assert city.cases["case"].status is CaseStatus.HANDLING
    assert district.cases["case"].status is CaseStatus.HELD
    city.town.check_at_rest()


def test_whoever_confirms_what_was_done_below_need_not_photograph_it_again() -> None:
    city = _city()
    district = city.town.office("D", "C", relay=Relay.CONFIRM)
    system = city.town.system("S", "D")
    _filed(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits(48))
    city.town.settle()
    district.do(cmd.Dispatch, to=adapter("S"), limits=limits(24))
    city.town.settle()
    system.speak("case", w.DoneReport(result="修好了", photos=(AFTER,), closing=CLOSED))
    city.town.settle()

    district.do(cmd.FeedBack, result="已核实修复")
    city.town.settle()

    result = city.cases["case"].result
    assert result is not None
    assert (result.photos, result.closing) == ((AFTER,), CLOSED)


def test_without_a_closing_condition_none_is_named() -> None:
    city = Town().office("C", feedback=RULES)
    register(city)
    facts = city.cases["case"].facts
    assert facts is not None
    assert facts.wanted.closing
    assert lacks(facts, closing="", photos=(AFTER,)) == ()
