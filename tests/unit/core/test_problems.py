"""Several cases are asked about as one problem; each is decided in its own record."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core.capability import Capability
from node.core.coordination import (
    Coordination,
    CoordinationKind,
    CoordinationRules,
    LevelRule,
    Size,
)
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import RequestId
from node.core.offers import offered
from tests.town import Office, Town, limits, node, register

COMMITTEE = "committee"
RULES = CoordinationRules(rules=tuple(
    LevelRule(kind=kind, size=size, level=COMMITTEE)
    for kind in CoordinationKind for size in Size))
CASES = ("c1", "c2", "c3")
ALL = frozenset(Capability)


def _pair() -> tuple[Office, Office]:
    """City and district; the district holds three cases."""
    town = Town()
    city = town.office("C", coordination=replace(RULES, decides=frozenset({COMMITTEE})))
    district = town.office("D", "C", coordination=RULES)
    for case_id in CASES:
        register(city, case_id)
        city.do(cmd.Dispatch, case_id, to=node("D"), limits=limits())
    town.settle()
    return city, district


def _ask(office: Office, case_id: str, problem_id: str = "p1", **more: Any) -> None:
    office.do(cmd.AskCoordination, case_id, **{
        "coordination_id": RequestId(f"k-{case_id}"), "level": COMMITTEE,
        "kind": CoordinationKind.POLICY, "text": "整段排水不畅", "problem_id": problem_id, **more})


def _decide(office: Office, case_id: str, problem_id: str = "p1", lead: str = "市政局") -> None:
    office.do(cmd.DecideCoordination, case_id, coordination_id=RequestId(f"k-{case_id}"),
              lead=lead, assistants=("D",), text="整段整治", problem_id=problem_id)


def _one(office: Office, case_id: str) -> Coordination:
    (one,) = office.cases[case_id].coordinations
    return one


def _decided(office: Office, case_id: str) -> list[ev.CoordinationDecided]:
    return [one for one in office.journal[case_id] if isinstance(one, ev.CoordinationDecided)]


def test_each_case_has_its_own_question_and_its_own_decision_of_the_one_problem() -> None:
    city, district = _pair()
    for case_id in CASES:
        _ask(district, case_id)
    city.town.settle()
    assert {"p1"} == {_one(city, case_id).problem_id for case_id in CASES}
    for case_id in CASES:
        _decide(city, case_id)
    city.town.settle()
    for office in (city, district):
        for case_id in CASES:
            (said,) = _decided(office, case_id)
            assert ("p1", "市政局", ("D",)) == (said.problem_id, said.lead, said.assistants)
            assert "p1" == _one(office, case_id).problem_id
    assert not city.work
    city.town.check_at_rest()


def test_what_is_joined_is_decided_with_its_problem_or_taken_out() -> None:
    city, district = _pair()
    _ask(district, "c1")
    city.town.settle()
    for other in ("", "p2"):
        with pytest.raises(WrongStatus) as refused:
            _decide(city, "c1", other)
        assert ("joined", "p1") == (refused.value.why, refused.value.detail["problem_id"])
    city.do(cmd.LeaveProblem, "c1", coordination_id=RequestId("k-c1"), text="另行处理")
    with pytest.raises(WrongStatus) as refused:
        _decide(city, "c1")
    assert "not_joined" == refused.value.why
    _decide(city, "c1", "")
    city.town.settle()
    # the district hears of a decision of its own, not of one of the problem it was asked with
    for office in (city, district):
        assert ("", "市政局") == (_one(office, "c1").problem_id, _one(office, "c1").lead)


def test_questions_that_were_asked_apart_are_joined_by_whoever_decides_and_by_nobody_else() -> None:
    city, district = _pair()
    for case_id in CASES[:2]:
        _ask(district, case_id, "")
    city.town.settle()
    join = {"coordination_id": RequestId("k-c1"), "problem_id": "p9"}
    with pytest.raises(NotPermitted):
        district.do(cmd.JoinProblem, "c1", **join)
    with pytest.raises(Invalid):
        city.do(cmd.JoinProblem, "c1", **{**join, "problem_id": " "})
    with pytest.raises(WrongStatus):
        city.do(cmd.LeaveProblem, "c1", coordination_id=RequestId("k-c1"), text="本来就单独")
    for case_id in CASES[:2]:
        city.do(cmd.JoinProblem, case_id, **{**join, "coordination_id": RequestId(f"k-{case_id}")})
    with pytest.raises(WrongStatus) as refused:
        city.do(cmd.JoinProblem, "c1", **{**join, "problem_id": "p8"})
    assert "joined" == refused.value.why
    with pytest.raises(Invalid):
        city.do(cmd.LeaveProblem, "c1", coordination_id=RequestId("k-c1"), text=" ")
    _decide(city, "c1", "p9")
    for make, more in ((cmd.JoinProblem, join),
                       (cmd.LeaveProblem, {"coordination_id": RequestId("k-c1"), "text": "晚了"})):
        with pytest.raises(WrongStatus):
            city.do(make, "c1", **more)
    city.town.settle()
    assert "p9" == _one(district, "c1").problem_id
    assert _one(district, "c2").is_open


def test_a_screen_offers_joining_to_what_is_alone_and_leaving_to_what_is_joined() -> None:
    city, district = _pair()
    _ask(district, "c1", "")
    city.town.settle()
    alone = offered(city.cases["c1"], ALL)
    city.do(cmd.JoinProblem, "c1", coordination_id=RequestId("k-c1"), problem_id="p1")
    joined = offered(city.cases["c1"], ALL)
    assert ("JoinProblem" in alone, "LeaveProblem" in alone) == (True, False)
    assert ("JoinProblem" in joined, "LeaveProblem" in joined) == (False, True)
    assert "JoinProblem" not in offered(district.cases["c1"], ALL)


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("twice", [False, True])
def test_in_whatever_order_and_however_often_its_words_come_each_case_ends_the_same(
    order: tuple[int, ...], twice: bool
) -> None:
    city, district = _pair()
    for index in order:
        _ask(district, CASES[index])
    _again(city.town, twice=twice)
    for index in reversed(order):
        _decide(city, CASES[index])
    _again(city.town, twice=twice)
    for office in (city, district):
        for case_id in CASES:
            assert 1 == len(_decided(office, case_id)), (office.id, case_id)
            one = _one(office, case_id)
            assert ("p1", "市政局") == (one.problem_id, one.lead)
    assert not city.work
    assert not district.parked
    city.town.check_at_rest()


def _again(town: Town, *, twice: bool) -> None:
    town.settle()
    if twice:
        for index in reversed(range(len(town.told))):
            town.replay(index)
        town.settle()


def test_a_question_that_comes_after_the_decision_waits_in_the_same_problem() -> None:
    city, district = _pair()
    for case_id in CASES:
        _ask(district, case_id)
        if case_id == "c2":
            city.town.settle()
    for case_id in CASES[:2]:
        _decide(city, case_id)
    city.town.settle()
    late = _one(city, "c3")
    assert ("p1", True) == (late.problem_id, late.is_open)
    _decide(city, "c3")
    city.town.settle()
    assert "市政局" == _one(district, "c3").lead
