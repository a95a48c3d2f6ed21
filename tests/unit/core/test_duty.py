"""A duty, verb by verb: handled here, handed on, given back, called back."""

from __future__ import annotations

from typing import Any

import pytest

from node.core import commands as cmd
from node.core import words as w
from node.core.capability import Capability
from node.core.case import CaseStatus, Holding
from node.core.context import PARENT, Relay
from node.core.effects import WorkKind
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import Ending, Limits, Rank, RequestId, RequestKind
from node.core.offers import offered
from node.core.routing import Routed
from tests.town import T0, Office, Sent, Town, limits, node, register


def _held(**fields: Any) -> Office:
    """A district that has been handed the case, with a street below."""
    town = Town()
    city = town.office("C")
    district = town.office("D", "C", **fields)
    town.office("S", "D")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits(48))
    town.settle()
    return district


def _said(office: Office) -> list[str]:
    """What waits to go up."""
    lane = office.town.lanes.get((office.id, str(office.parent)), ())
    return [type(sent.word.act).__name__ for sent in lane]


def test_a_clerk_signs_works_and_feeds_back() -> None:
    district = _held()
    assert Holding.HELD is district.cases["case"].holding
    case = district.do(cmd.Sign, unit_reference="D-7")
    assert case.duty is not None
    assert (Rank.SIGNED, "D-7") == (case.duty.rank, case.duty.unit_reference)
    with pytest.raises(WrongStatus):
        district.do(cmd.Sign)
    assert "Sign" not in offered(case, district.capabilities)
    district.do(cmd.Progress, text="已到现场")
    district.do(cmd.Progress, text="正在更换")
    with pytest.raises(Invalid):
        district.do(cmd.FeedBack, result="")
    assert CaseStatus.DONE is district.do(cmd.FeedBack, result="已更换").status
    assert ["SignedReport", "ProgressReport", "ProgressReport", "DoneReport"] == _said(district)
    with pytest.raises(WrongStatus):
        district.do(cmd.Progress, text="还在办")
    district.town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is district.town.offices["C"].cases["case"].status
    district.town.check_at_rest()


def test_handling_needs_no_capability_but_handing_on_does() -> None:
    district = _held(capabilities=frozenset())
    district.do(cmd.Sign)
    with pytest.raises(NotPermitted):
        district.do(cmd.Dispatch, to=node("S"), limits=limits())
    assert CaseStatus.DONE is district.do(cmd.FeedBack, result="已更换").status


def test_an_inner_leg_is_bounded_by_the_outer() -> None:
    district = _held()
    live = district.do(cmd.Dispatch, to=node("S"), limits=limits(96)).live
    assert live is not None
    assert limits(48).finish_by == live.limits.finish_by


def test_an_inner_leg_without_a_limit_gets_the_outer_one() -> None:
    district = _held()
    live = district.do(cmd.Dispatch, to=node("S"), limits=Limits()).live
    assert live is not None
    assert limits(48).finish_by == live.limits.finish_by


def test_who_has_handed_it_on_does_not_speak_for_those_at_work() -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    for make, fields in (
        (cmd.FeedBack, {"result": "已更换"}),
        (
            cmd.AskRequest,
            {
                "request_id": RequestId("r"),
                "kind": RequestKind.RETURN,
                "reason_code": "x",
                "text": "非本级",
            },
        ),
        (cmd.Dispatch, {"to": node("S"), "limits": limits()}),
    ):
        with pytest.raises(WrongStatus) as refused:
            district.do(make, **fields)
        assert "node:S" == refused.value.detail["assignee"]


def test_a_return_that_waits_for_its_answer_blocks_handing_on_but_not_handling() -> None:
    district = _held()
    ask = {
        "request_id": RequestId("r1"),
        "kind": RequestKind.RETURN,
        "reason_code": "not_ours",
        "text": "非本级",
    }
    with pytest.raises(Invalid):
        district.do(cmd.AskRequest, **{**ask, "text": " "})
    district.do(cmd.AskRequest, **ask)
    with pytest.raises(WrongStatus):
        district.do(cmd.AskRequest, **{**ask, "request_id": RequestId("r2")})
    with pytest.raises(WrongStatus):
        district.do(cmd.Dispatch, to=node("S"), limits=limits())
    case = district.do(cmd.FeedBack, result="已更换")
    assert case.duty is not None
    assert (None, 1) == (case.duty.request, len(case.duty.settled_requests))


def test_only_the_open_return_can_be_decided_and_only_once() -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    district.town.settle()
    street = district.town.offices["S"]
    street.do(
        cmd.AskRequest,
        request_id=RequestId("r1"),
        kind=RequestKind.RETURN,
        reason_code="not_ours",
        text="非本级",
    )
    district.town.settle()
    with pytest.raises(WrongStatus):
        district.do(cmd.DecideRequest, request_id=RequestId("r9"), granted=True)
    case = district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False)
    assert case.live is not None
    assert case.live.request is None
    with pytest.raises(WrongStatus):
        district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    district.town.settle()
    duty = street.cases["case"].duty
    assert duty is not None
    assert [True] == [one.answered for one in duty.settled_requests]
    assert CaseStatus.HELD is street.cases["case"].status


def test_confirming_is_feeding_back_and_failing_is_sending_round_again() -> None:
    district = _held(relay=Relay.CONFIRM)
    district.do(cmd.Dispatch, to=node("S"), limits=limits(24))
    district.town.settle()
    street = district.town.offices["S"]
    street.do(cmd.FeedBack, result="已更换")
    district.town.settle()
    assert CaseStatus.HELD is district.cases["case"].status
    again = district.do(cmd.FailCheck, text="未更换", limits=limits(30)).live
    assert again is not None
    assert (2, Rank.SIGNED) == (again.generation, again.rank)
    assert not {item for item in district.work if item[1] == WorkKind.CONFIRM}
    district.town.settle()
    assert CaseStatus.HELD is street.cases["case"].status
    street.do(cmd.FeedBack, result="重新更换")
    district.town.settle()
    assert CaseStatus.DONE is district.do(cmd.FeedBack, result="重新更换").status
    assert not district.work
    district.town.settle()
    district.town.check_at_rest()


def test_nothing_is_checked_or_closed_below_before_it_is_done() -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    with pytest.raises(WrongStatus):
        district.do(cmd.Close, text="本级核实")
    with pytest.raises(WrongStatus):
        district.do(cmd.FailCheck, text="未更换", limits=limits())


def test_a_withdrawn_leg_can_be_handed_to_another_under_the_next_number() -> None:
    district = _held()
    district.town.office("S2", "D")
    first = district.do(cmd.Dispatch, to=node("S"), limits=limits()).live
    district.do(cmd.WithdrawAssignment, reason="派错")
    second = district.do(cmd.Dispatch, to=node("S2"), limits=limits()).live
    assert first is not None
    assert second is not None
    assert (1, 2) == (first.generation, second.generation)
    assert first.assignment_id != second.assignment_id
    district.town.settle()
    district.town.check_at_rest()


def test_a_late_result_below_is_adopted_as_our_own_feedback() -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    district.town.settle()
    street = district.town.offices["S"]
    street.do(cmd.FeedBack, result="已更换")
    district.do(cmd.WithdrawAssignment, reason="派错")
    district.town.settle()
    late = district.cases["case"].late[0]
    case = district.do(cmd.AdoptLate, cause=late.cause)
    assert CaseStatus.DONE is case.status
    assert case.result is not None
    assert "已更换" == case.result.result
    assert "DoneReport" == _said(district)[-1]


@pytest.mark.parametrize("candidates", [(), (node("S"), node("S2"))])
def test_no_single_route_is_a_persons_turn_until_somebody_dispatches(candidates: Any) -> None:
    district = _held(route=lambda facts: Routed(to=None, candidates=candidates))
    assert district.cases["case"].unrouted
    assert {("case", WorkKind.ROUTE, "")} == district.work
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    assert set() == district.work
    assert not district.cases["case"].unrouted


def test_an_unroutable_case_that_is_called_back_waits_for_nobody() -> None:
    district = _held(route=lambda facts: Routed(to=None, candidates=()))
    district.town.offices["C"].do(cmd.WithdrawAssignment, reason="派错")
    district.town.settle()
    assert set() == district.work


def test_an_office_that_may_not_dispatch_routes_nothing_by_itself() -> None:
    district = _held(
        route=lambda facts: Routed(to=node("S"), candidates=(node("S"),)),
        capabilities=frozenset(Capability) - {Capability.DISPATCH},
    )
    assert district.cases["case"].live is None


def test_a_press_reaches_the_hands_at_work() -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    district.town.settle()
    _directive(district, w.Press(), text="请抓紧")
    district.town.settle()
    for office in ("D", "S"):
        case = district.town.offices[office].cases["case"]
        assert (1, "请抓紧") == (case.press_count, case.press_text)


def test_a_supervision_is_passed_on_and_its_reply_comes_back_up() -> None:
    district = _held()
    town = district.town
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    town.settle()
    _directive(district, w.Supervise(supervision_id="v1", reply_by=T0), text="说明原因")
    town.settle()
    street = town.offices["S"]
    assert ("case", "reply", "v1") in district.work & street.work
    live = district.cases["case"].live
    assert live is not None
    reply = w.Report(
        case_id=street.cases["case"].case_id,
        assignment_id=live.assignment_id,
        generation=live.generation,
        act=w.ReplyReport(supervision_id="v1"),
        text="配件在途",
    )
    district.take(Sent(word=reply, cause="m-reply", overtake=False), node("S"))
    one = district.cases["case"].supervisions[0]
    assert (True, "配件在途") == (one.replied, one.reply)
    assert "ReplyReport" == _said(district)[-1]
    assert not {item for item in district.work if item[1] == "reply"}
    assert ("case", "reply_by", "v1") not in district.timers


def test_an_unanswered_supervision_is_overdue_once() -> None:
    district = _held()
    _directive(district, w.Supervise(supervision_id="v1", reply_by=T0))
    key = ("case", "reply_by", "v1")
    district.fire(key)
    assert district.cases["case"].supervisions[0].overdue
    version = district.cases["case"].version
    district.timers[key] = T0
    district.fire(key)
    assert version == district.cases["case"].version


@pytest.mark.parametrize(
    ("act", "ending"),
    [(w.Withdraw(reason="派错"), Ending.WITHDRAWN), (w.ClosedVerdict(), Ending.CLOSED)],
)
def test_what_ends_the_outer_ends_the_inner_in_the_same_step(
    act: w.DirectiveAct, ending: Ending
) -> None:
    district = _held()
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    _directive(district, act)
    case = district.cases["case"]
    assert case.duty is not None
    assert (ending, ending) == (case.duty.ended, case.past[-1].ended)
    district.town.settle()
    assert CaseStatus.ENDED is district.town.offices["S"].cases["case"].status


def _directive(office: Office, act: w.DirectiveAct, text: str = "") -> None:
    """Its assignor says so."""
    case = office.cases["case"]
    assert case.duty is not None
    word = w.Directive(
        case_id=case.case_id,
        assignment_id=case.duty.assignment_id,
        generation=case.held_generation,
        act=act,
        text=text,
    )
    office.take(Sent(word=word, cause=office.fresh(), overtake=False), PARENT)
