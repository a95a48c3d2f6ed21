"""What no rule solves: the right level, up through every office, decided, down as a directive."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from node.core import commands as cmd
from node.core import words as w
from node.core.case import Case, CaseStatus
from node.core.coordination import (
    COORDINATIONS_KEPT_MAX,
    CoordinationKind,
    CoordinationRules,
    LevelRule,
    Size,
)
from node.core.errors import Invalid, NoRoute, NotPermitted, WrongStatus
from node.core.facts import RequestId, RequestKind
from node.core.fund import REPAIRS_KEPT_MAX
from node.core.hear import Standing
from tests.town import Office, Sent, Town, adapter, limits, node, register

RULES = CoordinationRules(rules=tuple(
    LevelRule(
        kind=kind, size=size, source="第九条",
        level="area" if size is Size.ORDINARY and kind is CoordinationKind.OWNERSHIP
        else "committee",
    )
    for kind in CoordinationKind
    for size in Size
))


def _towers(**fields: Any) -> tuple[Office, Office, Office]:
    """City, district, street: the case is with the street."""
    town = Town()
    city = town.office("C", coordination=replace(RULES, decides=frozenset({"committee"})))
    district = town.office("D", "C", coordination=replace(RULES, decides=frozenset({"area"})))
    street = town.office("S", "D", coordination=RULES)
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    town.settle()
    return city, district, street


def _ask(office: Office, kind: CoordinationKind, level: str, size: Size = Size.ORDINARY,
         ref: str = "k1") -> Case:
    return office.do(cmd.AskCoordination, coordination_id=RequestId(ref), level=level, kind=kind,
                     size=size, text="请定牵头单位")


def _decide(office: Office, ref: str = "k1", **fields: Any) -> Case:
    return office.do(cmd.DecideCoordination, coordination_id=RequestId(ref), **{
        "lead": "市政局", "assistants": ("城管局",), "text": "市政局牵头", **fields})


def test_a_question_for_the_committee_passes_every_office_and_the_decision_comes_back() -> None:
    city, district, street = _towers()
    _ask(street, CoordinationKind.MULTI_DEPARTMENT, "committee")
    city.town.settle()
    assert [True, True, False] == [
        office.cases["case"].coordinations[0].upward for office in (street, district, city)]
    assert ("case", "coordination", "k1") in city.work
    assert ("case", "coordination", "k1") not in district.work
    for office in (street, district):
        with pytest.raises(NotPermitted) as refused:
            _decide(office)
        assert "coordination.not_ours" == refused.value.code
    _decide(city)
    city.town.settle()
    for office in (city, district, street):
        (one,) = office.cases["case"].coordinations
        assert ("市政局", ("城管局",)) == (one.lead, one.assistants), office.id
        assert not office.work
    assert CaseStatus.HELD is street.cases["case"].status
    with pytest.raises(WrongStatus):
        _decide(city)


def test_an_ordinary_question_is_the_areas_own_and_stops_there() -> None:
    city, district, street = _towers()
    _ask(street, CoordinationKind.OWNERSHIP, "area")
    city.town.settle()
    assert () == city.cases["case"].coordinations
    assert district.cases["case"].contested
    _decide(district)
    city.town.settle()
    assert "市政局" == street.cases["case"].coordinations[0].lead
    assert not district.cases["case"].contested


def test_a_wrong_level_is_refused_with_the_rule() -> None:
    _, _, street = _towers()
    with pytest.raises(Invalid) as refused:
        _ask(street, CoordinationKind.BOUNDARY, "area")
    assert ("coordination.level", "committee", "第九条") == (
        refused.value.code, refused.value.detail["level"], refused.value.detail["rule"])
    with pytest.raises(Invalid):
        _ask(street, CoordinationKind.OWNERSHIP, "area", Size.LARGE)


def test_nobody_is_asked_where_nobody_decides() -> None:
    town = Town()
    city = town.office("C", coordination=replace(RULES, decides=frozenset({"committee"})))
    register(city)
    with pytest.raises(NoRoute) as refused:
        _ask(city, CoordinationKind.OWNERSHIP, "area")
    assert "coordination.no_body" == refused.value.code
    city.coordination = CoordinationRules(rules=())
    with pytest.raises(Invalid) as refused_rule:
        _ask(city, CoordinationKind.POLICY, "committee")
    assert "coordination.no_rule" == refused_rule.value.code


def test_one_kind_is_asked_once_at_a_time_and_a_decision_names_each_body_once() -> None:
    city, _, _ = _towers()
    _ask(city, CoordinationKind.POLICY, "committee")
    with pytest.raises(WrongStatus):
        _ask(city, CoordinationKind.POLICY, "committee", ref="k2")
    for wrong in ({"lead": " "}, {"assistants": ("市政局",)}, {"assistants": ("a", "a")},
                  {"text": ""}):
        with pytest.raises(Invalid):
            _decide(city, **wrong)
    for number in range(COORDINATIONS_KEPT_MAX):
        _decide(city, ref="k1" if not number else f"n{number}")
        if number + 1 < COORDINATIONS_KEPT_MAX:
            _ask(city, CoordinationKind.POLICY, "committee", ref=f"n{number + 1}")
    with pytest.raises(Invalid) as refused:
        _ask(city, CoordinationKind.POLICY, "committee", ref="one too many")
    assert "coordination.too_many" == refused.value.code


def test_a_question_that_crosses_a_rework_is_heard_all_the_same() -> None:
    city, district, street = _towers()
    street.do(cmd.FeedBack, result="已修复")
    city.town.settle()
    district_live = district.cases["case"].live
    assert district_live is not None
    question = w.Report(
        case_id=street.cases["case"].case_id, assignment_id=district_live.assignment_id,
        generation=district_live.generation, text="权属不清",
        act=w.RequestReport(
            request_id=RequestId("k9"), kind=RequestKind.COORDINATION, reason_code="policy",
            asker="街道", level="committee", size="large"),
    )
    city.do(cmd.FailCheck, text="未修复", limits=limits())
    city.town.settle()
    heard = district.take(Sent(word=question, cause="late", overtake=False), node("S"))
    assert heard is not None
    assert Standing.APPLIED is heard.standing
    again = district.take(Sent(word=question, cause="later", overtake=False), node("S"))
    assert again is not None
    assert Standing.LATE is again.standing
    city.town.settle()
    assert ["k9"] == [one.coordination_id for one in city.cases["case"].coordinations]
    odd = replace(question, act=replace(question.act, reason_code="?", request_id=RequestId("k0")))
    parked = district.take(Sent(word=odd, cause="odd", overtake=False), node("S"))
    assert parked is not None
    assert "coordination.unreadable" == parked.code


def test_a_closed_case_leaves_no_question_on_the_desk() -> None:
    town = Town()
    city = town.office("C")
    town.system("A", "C")
    register(city)
    _ask(city, CoordinationKind.POLICY, "committee")
    assert ("case", "coordination", "k1") in city.work
    city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    town.settle()
    town.systems["A"].choose("case", 3)
    town.settle()
    city.do(cmd.PassCheck)
    city.do(cmd.Close, text="结案")
    assert not city.work


def test_a_no_owner_case_is_marked_once_and_in_words() -> None:
    city, district, _ = _towers()
    with pytest.raises(WrongStatus):
        city.do(cmd.MarkNoOwner, text="无人认领")  # somebody has it
    with pytest.raises(WrongStatus):
        district.do(cmd.MarkNoOwner, text="无人认领")
    city.do(cmd.WithdrawAssignment, reason="改标")
    with pytest.raises(Invalid):
        city.do(cmd.MarkNoOwner, text=" ")
    assert city.do(cmd.MarkNoOwner, text="无人认领").no_owner
    with pytest.raises(WrongStatus):
        city.do(cmd.MarkNoOwner, text="无人认领")


def test_a_repair_by_proxy_is_paid_back_in_parts_and_never_twice() -> None:
    city, district, _ = _towers()
    district.do(cmd.RecordProxyRepair, repair_id="p1", performer="抢修队", payer="热力公司",
                cost_fen=1_000)
    district.do(cmd.RecordRecovery, repair_id="p1", amount_fen=400, payer="热力公司")
    for wrong in ({"amount_fen": 601}, {"amount_fen": 0}, {"repair_id": "p2"}, {"payer": ""}):
        with pytest.raises(Invalid):
            district.do(cmd.RecordRecovery, **{
                "repair_id": "p1", "amount_fen": 1, "payer": "热力公司", **wrong})
    city.do(cmd.WithdrawAssignment, reason="改派")
    city.town.settle()
    case = district.do(cmd.RecordRecovery, repair_id="p1", amount_fen=600, payer="热力公司")
    assert (CaseStatus.ENDED, 0) == (case.status, case.repairs[0].outstanding_fen)
    with pytest.raises(WrongStatus):
        district.do(cmd.RecordProxyRepair, repair_id="p3", performer="抢修队", cost_fen=1)
    for number in range(REPAIRS_KEPT_MAX):
        city.do(cmd.RecordProxyRepair, repair_id=f"q{number}", performer="抢修队", cost_fen=1)
    for wrong in ({"repair_id": "one more"}, {"repair_id": "q0"}, {"cost_fen": -1}):
        with pytest.raises(Invalid):
            city.do(cmd.RecordProxyRepair, **{
                "repair_id": "new", "performer": "抢修队", "cost_fen": 1, **wrong})
