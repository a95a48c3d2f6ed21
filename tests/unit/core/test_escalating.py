"""A contest near a border, or of a second body, is put by itself to whoever decides it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.coordination import (
    CoordinationKind,
    CoordinationRules,
    Escalation,
    LevelRule,
    Size,
)
from node.core.facts import RequestId, RequestKind
from node.core.spot import Spot
from tests.town import CATEGORY, PLACE, Office, Town, limits, node

LARGE = {CoordinationKind.OWNERSHIP, CoordinationKind.NO_OWNER}
RULES = CoordinationRules(
    rules=tuple(
        LevelRule(
            kind=kind, size=size,
            level="area" if kind in LARGE and size is Size.ORDINARY else "committee",
        )
        for kind in CoordinationKind
        for size in Size
    ),
    escalations=(
        Escalation(kind=CoordinationKind.BOUNDARY, near_border=True, source="第九条第一项"),
        Escalation(kind=CoordinationKind.OWNERSHIP, contests=2, source="第九条第三项"),
        Escalation(kind=CoordinationKind.OWNERSHIP, size=Size.LARGE, contests=2),
    ),
    not_theirs=frozenset({"not_ours"}),
)
COMMITTEE = replace(RULES, decides=frozenset({"committee"}))
AREA = replace(RULES, decides=frozenset({"area"}))
BORDER = Spot(divisions=(("420203", "西塞山区"), ("420202", "黄石港区")))


def _town(*, border: bool = True, rules: CoordinationRules = COMMITTEE) -> tuple[Office, ...]:
    town = Town()
    city = town.office("C", coordination=rules)
    district, other = (town.office(one, "C", coordination=AREA) for one in ("D", "E"))
    street, next_street = (town.office(one, "D", coordination=RULES) for one in ("S", "T"))
    city.do(cmd.OpenCase, case_no="1", category=CATEGORY, place=PLACE, text="井盖缺失",
            source="collector", spot=BORDER if border else Spot(divisions=BORDER.divisions[:1]))
    city.do(cmd.File)
    _hand(city, "D")
    return city, district, other, street, next_street


def _hand(office: Office, to: str) -> None:
    office.do(cmd.Dispatch, to=node(to), limits=limits())
    office.town.settle()


def _contest(office: Office, ref: str = "d1") -> None:
    office.do(cmd.RaiseDispute, dispute_id=RequestId(ref), reason_code="boundary",
              text="在界线以东")
    office.town.settle()


def _return(office: Office, reason: str = "not_ours", ref: str = "r1") -> None:
    office.do(cmd.AskRequest, request_id=RequestId(ref), kind=RequestKind.RETURN,
              reason_code=reason, text="不属本区")
    office.town.settle()


def _asked(office: Office) -> list[tuple[str, str, str]]:
    return [(one.kind, one.level, one.rule) for one in _case(office).coordinations  # type: ignore[misc]
            if one.is_open]


def _case(office: Office) -> Case:
    return office.cases["case"]


def test_a_contest_near_a_border_is_put_to_the_level_of_the_rule_by_itself() -> None:
    city, district, *_ = _town()
    assert ("420203 西塞山区", "420202 黄石港区") == _case(district).facts.borders  # type: ignore[union-attr]
    _contest(district)
    assert [("boundary", "committee", "第九条第一项")] == _asked(city)
    (one,) = _case(city).coordinations
    assert ("coordination", one.coordination_id) in {key[1:] for key in city.work}
    assert _case(city).contested
    assert _case(district).contested
    city.do(cmd.DecideCoordination, coordination_id=one.coordination_id, lead="E区", text="归E区")
    city.town.settle()
    # whose it is has been said: an answer is owed all the same, but nothing is contested any more
    for office in (city, district):
        assert not _case(office).contested, office.id
        assert [None] == [dispute.upheld for dispute in _case(office).disputes], office.id
    city.do(cmd.DecideDispute, dispute_id=RequestId("d1"), upheld=True, text="按决定办理")
    city.town.settle()
    assert not city.work
    city.town.check_at_rest()


def test_a_return_that_says_it_is_not_theirs_is_a_contest_and_another_reason_is_none() -> None:
    city, district, *_ = _town()
    _return(district, "duplicate")
    assert [] == _asked(city)
    city.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False, text="并非重复")
    city.town.settle()
    _return(district, ref="r2")
    assert [("boundary", "committee", "第九条第一项")] == _asked(city)
    assert _case(city).contested


def test_away_from_a_border_it_takes_a_second_body() -> None:
    city, district, other, *_ = _town(border=False)
    _return(district)
    assert [] == _asked(city)
    city.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True, text="改派")
    city.town.settle()
    _hand(city, "E")
    _contest(other)
    # nobody here decides the ordinary question, so it is the row of the large one
    assert [("ownership", "committee", "committee")] == _asked(city)


def test_the_same_body_twice_is_one_contest() -> None:
    city, district, *_ = _town(border=False)
    _contest(district)
    city.do(cmd.DecideDispute, dispute_id=RequestId("d1"), upheld=False, text="应由你区办理")
    city.town.settle()
    _contest(district, "d2")
    assert [] == _asked(city)


def test_between_streets_a_border_goes_up_and_a_second_contest_stays_with_the_area() -> None:
    city, district, _, street, next_street = _town(border=False)
    _hand(district, "S")
    _contest(street)
    district.do(cmd.WithdrawAssignment, reason="改派")
    _hand(district, "T")
    _contest(next_street, "d2")
    assert [("ownership", "area", "第九条第三项")] == _asked(district)
    assert [] == _asked(city)

    city, district, _, street, _ = _town()
    _hand(district, "S")
    _contest(street)
    (below,), (above,) = _case(district).coordinations, _case(city).coordinations
    assert (True, False) == (below.upward, above.upward)
    assert "第九条第一项" == above.rule
    city.do(cmd.DecideCoordination, coordination_id=above.coordination_id, lead="S", text="归S")
    city.town.settle()
    assert ["S"] == [one.lead for one in _case(street).coordinations]
    assert not _case(street).contested


def test_what_was_decided_once_is_not_put_again_by_itself() -> None:
    city, district, *_ = _town()
    _contest(district)
    (one,) = _case(city).coordinations
    city.do(cmd.DecideCoordination, coordination_id=one.coordination_id, lead="D", text="归D")
    city.do(cmd.DecideDispute, dispute_id=RequestId("d1"), upheld=False, text="按决定办理")
    city.town.settle()
    _contest(district, "d2")
    assert [] == _asked(city)
    assert _case(city).contested


@pytest.mark.parametrize(
    "rules",
    [
        replace(COMMITTEE, escalations=()),
        replace(COMMITTEE, decides=frozenset()),
        replace(COMMITTEE, rules=()),
    ],
    ids=["no row", "nobody decides", "no level"],
)
def test_an_office_whose_data_say_nothing_asks_nobody(rules: CoordinationRules) -> None:
    city, district, *_ = _town(rules=rules)
    _contest(district)
    assert [] == _asked(city)
    assert _case(city).contested


def test_a_contest_of_what_is_over_is_written_down_and_put_to_nobody() -> None:
    city, district, *_ = _town()
    _late = district.do(cmd.RaiseDispute, dispute_id=RequestId("d1"), reason_code="boundary",
                        text="在界线以东")
    city.do(cmd.VoidCase, reason="重复", reason_code="duplicate")
    city.town.settle()
    assert ["d1"] == [one.dispute_id for one in _case(city).disputes]
    assert [] == _asked(city)


def test_an_echo_of_the_contest_asks_nobody_a_second_time() -> None:
    city, district, *_ = _town()
    _contest(district)
    for index in range(len(city.town.told)):
        city.town.replay(index)
    city.town.settle()
    assert 1 == sum(
        isinstance(event, ev.CoordinationAsked) for event in city.journal["case"])
