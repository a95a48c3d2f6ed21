"""Records beside the handling: coordination, contests, repairs by proxy, whose hands were in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import HANDS_KEPT_MAX, Case
from node.core.coordination import CoordinationKind, CoordinationRules, LevelRule, Size, WorksClass
from node.core.evolve import evolve, fold
from node.core.facts import AssignmentId, RequestId, RequestKind
from tests.town import CATEGORY, PLACE, T0, Town, register


def _case() -> Case:
    town = Town()
    return register(town.office("C"))


def _asked(kind: RequestKind, request: str = "r1") -> ev.AssigneeAsked:
    return ev.AssigneeAsked(
        at=T0, assignment_id=AssignmentId("gone"), generation=1, said_at=T0,
        request_id=RequestId(request), kind=kind, reason_code="not_ours", asker="crew", text="非我",
    )


def test_a_contest_is_a_record_of_its_own_and_marks_the_clock_until_it_is_decided() -> None:
    case = evolve(_case(), _asked(RequestKind.DISPUTE))
    (dispute,) = case.disputes
    assert ("r1", None, "crew") == (dispute.dispute_id, dispute.upheld, dispute.asker)
    assert case.contested
    decided = ev.RequestDecided(
        at=T0, assignment_id=AssignmentId("gone"), generation=1, request_id=RequestId("r1"),
        kind=RequestKind.DISPUTE, granted=False, decider="委员会", text="仍由原单位负责",
    )
    case = evolve(case, decided)
    assert (False, "委员会") == (case.disputes[0].upheld, case.disputes[0].decider)
    assert not case.contested
    assert 0 == case.return_count


def test_a_decision_from_above_binds_also_where_nobody_asked() -> None:
    case = evolve(_case(), ev.CoordinationDecided(
        at=T0, coordination_id=RequestId("k1"), lead="市政局", assistants=("城管局",),
        decider="城管委", text="市政局牵头",
    ))
    (one,) = case.coordinations
    assert ("市政局", ("城管局",), False) == (one.lead, one.assistants, one.is_open)


def test_only_some_kinds_of_coordination_contest_the_clock() -> None:
    def asked(kind: CoordinationKind) -> Case:
        return evolve(_case(), ev.CoordinationAsked(
            at=T0, coordination_id=RequestId("k1"), level="committee", kind=kind, text="请定",
            asker="clerk",
        ))

    assert asked(CoordinationKind.BOUNDARY).contested
    assert not asked(CoordinationKind.POLICY).contested


def test_recoveries_add_up_and_what_the_fund_bears_owes_nobody() -> None:
    repaired: dict[str, Any] = {"at": T0, "performer": "市政公司", "cost_fen": 120_000}
    case = fold(
        (
            ev.ProxyRepairRecorded(repair_id="p1", payer="热力公司", **repaired),
            ev.ProxyRepairRecorded(repair_id="p2", payer="", **repaired),
            ev.CostRecovered(at=T0, repair_id="p1", amount_fen=50_000, payer="热力公司"),
        ),
        _case(),
    )
    assert [70_000, 0] == [one.outstanding_fen for one in case.repairs]


def test_hands_are_noted_once_and_only_the_newest_are_kept() -> None:
    town = Town()
    case = evolve(_case(), ev.CheckStarted(at=town.tick(), by="a"))
    version = case.version
    case = evolve(case, ev.CheckStarted(at=town.tick(), by="a"))
    assert (("a",), version + 1) == (case.checkers, case.version)
    for number in range(HANDS_KEPT_MAX + 1):
        case = evolve(case, ev.CheckStarted(at=town.tick(), by=f"b{number}"))
    assert HANDS_KEPT_MAX == len(case.checkers)
    assert "a" not in case.checkers
    assert () == case.handlers


def test_a_rule_table_says_which_pairs_it_leaves_open() -> None:
    row = LevelRule(kind=CoordinationKind.POLICY, size=Size.LARGE, level="committee")
    rules = CoordinationRules(rules=(row,))
    assert row == rules.rule_for(CoordinationKind.POLICY, Size.LARGE)
    assert rules.rule_for(CoordinationKind.POLICY, Size.ORDINARY) is None
    assert 2 * len(CoordinationKind) - 1 == len(rules.missing())


def test_only_urgent_cases_of_public_works_are_acted_on_first() -> None:
    works = WorksClass(standard_ref=CATEGORY.standard_ref, kind="matter", code="01")
    rules = CoordinationRules(rules=(), act_first=(works,))
    town = Town()
    city = town.office("C")
    city.do(
        cmd.OpenCase, case_no="1", category=CATEGORY, place=PLACE, text="爆管", source="hotline",
        urgent=True,
    )
    facts = city.cases["case"].facts
    assert facts is not None
    assert rules.acts_first(facts)
    assert not rules.acts_first(replace(facts, urgent=False))
    assert not rules.acts_first(replace(facts, category=replace(CATEGORY, code="0601")))
    assert not rules.acts_first(replace(facts, category=replace(CATEGORY, standard_ref="CJ/T")))
