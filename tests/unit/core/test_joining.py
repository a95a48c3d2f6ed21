"""Joint problems: how a question stands in one, and how a further case comes in."""

from __future__ import annotations

from dataclasses import replace

from node.core import commands as cmd
from node.core.case import Case
from node.core.coordination import (
    Coordination,
    CoordinationKind,
    CoordinationRules,
    LevelRule,
    Size,
)
from node.core.facts import CaseId, CommandId, RequestId
from node.core.joining import ABOVE, DECIDED, OVER, joining, model_of, passed_over
from tests.town import Office, Town, limits, node, register

KIND = CoordinationKind.NO_OWNER
RULES = CoordinationRules(rules=tuple(
    LevelRule(kind=kind, size=size, level="committee", source="第九条")
    for kind in CoordinationKind for size in Size
), decides=frozenset({"committee"}))
LIKE = cmd.Command(
    command_id=CommandId("act"), actor="甲", roles=("duty",), case_id=CaseId("case"))


def _asked(*, upward: bool = False) -> tuple[Office, Case]:
    town = Town()
    city = town.office("C", coordination=RULES)
    office, district = city, town.office("D", "C", coordination=replace(RULES, decides=frozenset()))
    register(city)
    if upward:
        city.do(cmd.Dispatch, to=node("D"), limits=limits())
        town.settle()
        office = district
    return office, office.do(
        cmd.AskCoordination, coordination_id=RequestId("k1"), level="committee", kind=KIND,
        text="请定", problem_id="p")


def _question(case: Case) -> Coordination:
    (one,) = case.coordinations
    return one


def _joins(case: Case | None, model: Coordination, text: str = "") -> cmd.Command:
    return joining(case, model, LIKE, problem_id="p", text=text, fresh=RequestId("fresh"))


def test_a_question_is_passed_over_when_it_is_decided_or_over_or_asked_above() -> None:
    city, case = _asked()
    assert "" == passed_over(case, _question(case))
    _, below = _asked(upward=True)
    assert ABOVE == passed_over(below, _question(below))
    decided = city.do(cmd.DecideCoordination, coordination_id=RequestId("k1"), lead="市政局",
                      text="市政局牵头", problem_id="p")
    assert DECIDED == passed_over(decided, _question(decided))
    other, _ = _asked()
    ended = other.do(cmd.VoidCase, reason="重复", reason_code="duplicate")
    assert OVER == passed_over(ended, _question(ended))


def test_a_further_question_is_made_after_one_that_is_open_here_or_above() -> None:
    city, case = _asked()
    _, below = _asked(upward=True)
    ended = city.do(cmd.VoidCase, reason="重复", reason_code="duplicate")
    pairs = [(one, _question(one)) for one in (ended, below, case)]
    assert _question(below) == model_of(pairs)
    assert model_of(pairs[:1]) is None
    assert model_of(()) is None


def test_the_one_question_of_its_kind_that_waits_here_moves_in_else_a_new_one_is_asked() -> None:
    _, case = _asked()
    model = _question(case)
    moves = _joins(case, model, text="同一管网")
    assert isinstance(moves, cmd.JoinProblem)
    assert ("k1", "p", "同一管网", "甲", ("duty",)) == (
        moves.coordination_id, moves.problem_id, moves.text, moves.actor, moves.roles)
    second = replace(case, coordinations=(model, replace(model, coordination_id=RequestId("k2"))))
    other = replace(model, kind=CoordinationKind.POLICY)
    for without in (None, second, replace(case, coordinations=(other,)), _asked(upward=True)[1]):
        asks = _joins(without, model)
        assert isinstance(asks, cmd.AskCoordination)
        assert ("fresh", "p", KIND, "committee", "请定") == (
            asks.coordination_id, asks.problem_id, asks.kind, asks.level, asks.text)
    assert "另有说明" == getattr(_joins(None, model, text="另有说明"), "text", "")
