"""An emergency of public works is handled first; whose it is, is settled beside the handling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.core import commands as cmd
from node.core.case import CaseStatus
from node.core.coordination import CoordinationRules, WorksClass
from node.core.errors import Invalid, WrongStatus
from node.core.facts import RequestId, RequestKind
from tests.town import CATEGORY, PLACE, Office, Town, limits, node, register


def _pair() -> tuple[Office, Office]:
    town = Town()
    city, district = town.office("C"), town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    return city, district


def _contest(office: Office, ref: str = "d1") -> Any:
    return office.do(cmd.RaiseDispute, dispute_id=RequestId(ref), reason_code="not_ours",
                     text="产权不属本单位")


def _answer(office: Office, ref: str = "d1", *, upheld: bool = True) -> Any:
    return office.do(cmd.DecideDispute, dispute_id=RequestId(ref), upheld=upheld, text="裁定如下")


def test_a_contest_is_known_above_marks_the_clock_and_leaves_the_work_where_it_is() -> None:
    city, district = _pair()
    before = district.cases["case"].duty
    _contest(district)
    city.town.settle()
    for office in (city, district):
        assert office.cases["case"].contested, office.id
    assert before == district.cases["case"].duty
    live = city.cases["case"].live
    assert live is not None
    assert live.request is None
    assert ("case", "request", "d1") in city.work
    with pytest.raises(WrongStatus):
        _contest(district, "d2")
    with pytest.raises(WrongStatus):
        _answer(district)  # nobody answers what they contest themselves
    district.do(cmd.FeedBack, result="已抢修")
    city.town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    assert city.cases["case"].contested


@pytest.mark.parametrize("ended", ["closed", "withdrawn", "reworked", "ordered again", "voided"])
def test_a_contest_is_answered_after_the_handling_has_moved_on(ended: str) -> None:
    city, district = _pair()
    _contest(district)
    if ended == "withdrawn":
        city.do(cmd.WithdrawAssignment, reason="改派")
    elif ended == "voided":
        city.do(cmd.VoidCase, reason="重复上报", reason_code="duplicate")
    elif ended == "ordered again":
        city.do(cmd.WithdrawAssignment, reason="改派")
        city.do(cmd.Dispatch, to=node("D"), limits=limits())
    else:
        district.do(cmd.FeedBack, result="已抢修")
        city.town.settle()
        if ended == "closed":
            city.do(cmd.PassCheck)
            city.do(cmd.Close, text="已恢复")
        else:
            city.do(cmd.FailCheck, text="不牢", limits=limits())
    city.town.settle()
    status = city.cases["case"].status
    with pytest.raises(Invalid):
        city.do(cmd.DecideDispute, dispute_id=RequestId("d1"), upheld=True, text=" ")
    _answer(city)
    city.town.settle()
    for office in (city, district):
        (dispute,) = office.cases["case"].disputes
        assert (True, "somebody") == (dispute.upheld, dispute.decider), office.id
        assert not office.cases["case"].contested
    assert status is city.cases["case"].status
    assert not any(kind == "request" for _, kind, _ in city.work)
    with pytest.raises(WrongStatus):
        _answer(city)
    city.town.check_at_rest()


def test_an_answered_contest_may_be_raised_anew_while_the_case_is_held() -> None:
    city, district = _pair()
    _contest(district)
    city.town.settle()
    _answer(city, upheld=False)
    city.town.settle()
    _contest(district, "d2")
    city.town.settle()
    assert [False, None] == [one.upheld for one in city.cases["case"].disputes]
    assert replace(city.cases["case"].disputes[1], assignment_id=None) != (
        city.cases["case"].disputes[1])


FIRST = CoordinationRules(rules=(), act_first=(
    WorksClass(standard_ref=CATEGORY.standard_ref, kind="matter", code="01"),
))


def _emergency(*, at_unit: CoordinationRules | None) -> tuple[Office, Office]:
    town = Town()
    city = town.office("C", coordination=FIRST)
    unit = town.office("D", "C", coordination=at_unit)
    city.do(cmd.OpenCase, case_no="1", category=CATEGORY, place=PLACE, text="主管爆裂",
            source="hotline", urgent=True)
    city.do(cmd.File)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    return city, unit


def _give_back(office: Office) -> Any:
    return office.do(cmd.AskRequest, request_id=RequestId("r1"), kind=RequestKind.RETURN,
                     reason_code="not_ours", text="产权不属本单位")


def test_an_emergency_of_public_works_cannot_be_given_back_only_contested() -> None:
    city, unit = _emergency(at_unit=FIRST)
    with pytest.raises(WrongStatus) as refused:
        _give_back(unit)
    assert "case.act_first" == refused.value.code
    _contest(unit)
    city.town.settle()
    assert city.cases["case"].contested
    live = city.cases["case"].live
    assert live is not None
    assert node("D") == live.to


def test_an_office_that_knows_the_rule_grants_no_return_of_an_emergency() -> None:
    city, unit = _emergency(at_unit=None)
    _give_back(unit)
    city.town.settle()
    with pytest.raises(WrongStatus) as refused:
        city.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True, text="同意")
    assert "case.act_first" == refused.value.code
    assert CaseStatus.DISPATCHED is city.cases["case"].status
    city.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False, text="先行处置")
    city.town.settle()
    unit.do(cmd.FeedBack, result="已抢修")
    city.town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status


@pytest.mark.parametrize("kind", [RequestKind.DISPUTE, RequestKind.COORDINATION])
def test_what_runs_beside_the_handling_takes_no_place_of_a_request(kind: RequestKind) -> None:
    _, district = _pair()
    with pytest.raises(Invalid) as refused:
        district.do(cmd.AskRequest, request_id=RequestId("r1"), kind=kind,
                    reason_code="not_ours", text="产权不属本单位")
    assert "approval.other_verb" == refused.value.code


def test_a_decision_of_a_contest_that_is_said_again_is_old_news() -> None:
    town = Town()
    city, district = town.office("C"), town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    town.settle()
    district.do(cmd.RaiseDispute, dispute_id=RequestId("d1"), reason_code="not_ours", text="非我")
    town.settle()
    city.do(cmd.DecideDispute, dispute_id=RequestId("d1"), upheld=False, text="裁定如下")
    town.settle()
    for index in range(len(town.told)):
        town.replay(index)
    town.settle()
    assert not district.parked
    assert 1 == len(district.cases["case"].disputes)
