"""Requests through the tiers: asked below, decided by whoever may, brought down again; and what
happens when an answer crosses something else. City C, district D, street S, a system A behind S."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node.core import commands as cmd
from node.core.case import CaseStatus
from node.core.context import Relay
from node.core.decide import decide
from node.core.effects import TimerKind, WorkKind
from node.core.errors import Invalid, NotPermitted, Refused, WrongStatus
from node.core.facts import CommandId, Ending, Rank, RequestId, RequestKind
from node.core.offers import KINDS, askable, offered
from node.core.reasons import NO_REASONS
from node.service.approvals import read_approvals
from tests.town import Office, Town, node, register

RULES = replace(
    read_approvals(Path(__file__).parents[3] / "node" / "approvals" / "standard.toml"),
    reasons=NO_REASONS,
)
"""Any reason is as good as another here."""


def _town(relay: Relay = Relay.AUTO) -> Town:
    """The case lies in the street, which has signed for it."""
    town = Town()
    town.ladders = RULES
    town.office("C")
    town.office("D", "C", relay=relay)
    town.office("S", "D")
    register(town.offices["C"])
    town.offices["C"].do(cmd.Dispatch, to=node("D"), limits=town.limits(48))
    town.settle()
    town.offices["D"].do(cmd.Dispatch, to=node("S"), limits=town.limits(20))
    town.settle()
    town.offices["S"].do(cmd.Sign)
    town.settle()
    return town


def _ask(town: Town, who: str, kind: RequestKind, request: str = "r1", **fields: Any) -> RequestId:
    town.offices[who].do(
        cmd.AskRequest,
        request_id=RequestId(request),
        kind=kind,
        reason_code=fields.pop("reason_code", "not_ours"),
        text="情况说明",
        **fields,
    )
    return RequestId(request)


def _decide(office: Office, request: str, *, granted: bool = True, **fields: Any) -> None:
    office.do(cmd.DecideRequest, request_id=RequestId(request), granted=granted, **fields)


def _own(town: Town, who: str) -> str:
    """The id of the request that an office has open upwards."""
    duty = town.offices[who].cases["case"].duty
    assert duty is not None
    assert duty.request is not None
    return duty.request.request_id


def _names(town: Town, office: str) -> list[str]:
    return [type(event).__name__ for event in town.offices[office].journal["case"]]


def _code(act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


# --- extension 延期


def test_an_extension_inside_our_own_limits_is_decided_here_and_moves_both_ends() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    before = street.cases["case"].duty.limits.finish_by
    _ask(town, "S", RequestKind.EXTENSION)
    town.settle()
    _decide(district, "r1")
    town.settle()
    live, duty = district.cases["case"].live, street.cases["case"].duty
    assert before + timedelta(hours=20) == live.limits.finish_by == duty.limits.finish_by
    assert (1, 1, None) == (live.extension_count, duty.extension_count, duty.request)
    town.check_at_rest()


def test_an_extension_beyond_our_limits_goes_up_and_its_grant_answers_the_inner_one() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    for request in ("r1", "r2"):
        _ask(town, "S", RequestKind.EXTENSION, request)
        town.settle()
        if request == "r1":
            _decide(district, request)
            town.settle()
    assert "approval.beyond_limits" == _code(lambda: _decide(district, "r2"))
    district.do(cmd.PassUpRequest, request_id=RequestId("r2"), text="转报")
    town.settle()
    assert "approval.passed_up" == _code(lambda: _decide(district, "r2"))
    outer = district.cases["case"].duty.limits.finish_by
    _decide(city, _own(town, "D"))
    town.settle()
    assert outer + timedelta(hours=48) == district.cases["case"].duty.limits.finish_by
    inner = street.cases["case"].duty
    assert (2, None) == (inner.extension_count, inner.request)
    assert inner.limits.finish_by <= district.cases["case"].duty.limits.finish_by
    assert ["RequestAnswered", "RequestDecided"] == _names(town, "D")[-2:]
    town.check_at_rest()


def test_a_refusal_from_above_refuses_the_inner_one_and_is_counted() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    before = street.cases["case"].duty.limits
    _ask(town, "S", RequestKind.EXTENSION)
    town.settle()
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    town.settle()
    _decide(city, _own(town, "D"), granted=False, text="理由不足")
    town.settle()
    assert before == street.cases["case"].duty.limits
    assert (1, 1) == (city.cases["case"].refusal_count, district.cases["case"].refusal_count)
    assert street.cases["case"].duty.request is None
    town.check_at_rest()


def test_refusals_do_not_count_but_a_third_extension_is_refused_at_both_ends() -> None:
    town = Town()
    town.ladders = RULES
    city = town.office("C")
    town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    town.settle()
    for number, granted in enumerate((False, True, True)):
        _ask(town, "D", RequestKind.EXTENSION, f"r{number}")
        town.settle()
        _decide(city, f"r{number}", granted=granted)
        town.settle()
    assert "approval.too_many" == _code(lambda: _ask(town, "D", RequestKind.EXTENSION, "r9"))
    assert 2 == city.cases["case"].extension_count


def test_an_extension_is_judged_by_when_it_was_signed_and_a_grant_acts_backwards() -> None:
    town = Town()
    town.ladders = RULES
    city = town.office("C")
    town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    town.settle()
    asked_at = town.now
    _ask(town, "D", RequestKind.EXTENSION)
    word = town.lanes[("D", "C")].popleft()  # the line is down
    key = next(key for key in city.timers if key[1] == TimerKind.FINISH_BY)
    city.fire(key)
    assert city.cases["case"].live.finish_overdue
    city.take(word, node("D"), said_at=asked_at)
    _decide(city, "r1")
    live = city.cases["case"].live
    assert not live.finish_overdue
    assert not [item for item in city.work if item[1] == WorkKind.OVERDUE]
    assert live.limits.finish_by in city.timers.values()
    assert 1 == _names(town, "C").count("Overdue")  # the fact stays in the journal


def test_an_extension_asked_after_the_deadline_is_too_late_at_either_end() -> None:
    town = _town()
    town.wait_until(town.offices["S"].cases["case"].duty.limits.finish_by + timedelta(minutes=1))
    assert "approval.too_late" == _code(lambda: _ask(town, "S", RequestKind.EXTENSION))


# --- suspension 挂账


def _suspended(relay: Relay = Relay.AUTO) -> Town:
    """The street asked for more than the district may grant, and the city granted it."""
    town = _town(relay)
    until = town.now + timedelta(days=20)
    _ask(town, "S", RequestKind.SUSPENSION, wanted_until=until)
    town.settle()
    district = town.offices["D"]
    assert "approval.beyond_limits" == _code(lambda: _decide(district, "r1"))
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    town.settle()
    _decide(town.offices["C"], _own(town, "D"), text="情况属实")
    town.settle()
    return town


def test_a_suspension_stops_every_clock_below_and_runs_out_by_itself_hop_by_hop() -> None:
    town = _suspended()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    assert CaseStatus.SUSPENDED is city.cases["case"].status
    live = city.cases["case"].live
    until, deadline, since = live.suspended_until, live.limits.finish_by, live.paused_at
    for office in (district, street):
        assert until == office.cases["case"].duty.suspended_until
    kinds = {key[1] for office in (city, district) for key in office.timers}
    assert {TimerKind.RESUME_AT} == kinds
    assert not any(key[1] == TimerKind.RESUME_AT for key in district.timers)  # the city's clock
    with pytest.raises(WrongStatus, match="resume"):
        district.do(cmd.ResumeAssignment, text="想恢复")
    city.fire(next(iter(city.timers)))
    town.settle()
    assert CaseStatus.HANDLING is city.cases["case"].status
    moved = deadline + (until - since)
    assert moved == city.cases["case"].live.limits.finish_by
    for office in (district, street):
        duty = office.cases["case"].duty
        assert (None, None) == (duty.suspended_until, duty.paused_by)
        assert duty.limits.finish_by <= moved
    assert 1 == _names(town, "S").count("DutyResumed")
    town.check_at_rest()


def test_a_person_may_end_it_early_and_the_deadline_moves_by_the_time_it_stood() -> None:
    town = _suspended()
    city = town.offices["C"]
    live = city.cases["case"].live
    deadline, since = live.limits.finish_by, live.paused_at
    town.wait_until(since + timedelta(days=3))
    city.do(cmd.ResumeAssignment, text="条件已具备")
    town.settle()
    after = city.cases["case"].live
    assert deadline + (after.limits.finish_by - deadline) <= deadline + timedelta(days=3, minutes=1)
    assert after.limits.finish_by >= deadline + timedelta(days=3)
    assert not any(key[1] == TimerKind.RESUME_AT for key in city.timers)
    town.check_at_rest()


@pytest.mark.parametrize("relay", Relay)
def test_resume_crosses_done_and_both_ends_show_one_deadline(relay: Relay) -> None:
    town = _suspended(relay)
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    street.do(cmd.FeedBack, result="已修复")
    town.deliver(("S", "D"))
    if relay is Relay.CONFIRM:
        district.do(cmd.FeedBack, result="已修复")
    city.do(cmd.ResumeAssignment, text="条件已具备")  # crosses the district's done
    town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    assert 1 == _names(town, "C").count("AssignmentResumed")
    assert Rank.DONE is city.cases["case"].live.rank
    town.check_at_rest()


def test_done_ends_a_suspension_and_is_on_time_by_the_deadline_that_was_moved() -> None:
    town = _suspended()
    city, street = town.offices["C"], town.offices["S"]
    deadline = city.cases["case"].live.limits.finish_by
    town.wait_until(deadline + timedelta(days=2))
    street.do(cmd.FeedBack, result="已修复")
    town.settle()
    live = city.cases["case"].live
    assert live.result.said_at <= live.limits.finish_by
    assert ["AssignmentResumed", "AssigneeDone"] == _names(town, "C")[-2:]
    assert not city.timers
    assert live.limits == town.offices["D"].cases["case"].duty.limits
    town.check_at_rest()


def test_once_per_case_and_not_longer_than_the_rules_say() -> None:
    town = _suspended()
    city, street = town.offices["C"], town.offices["S"]
    city.do(cmd.ResumeAssignment, text="条件已具备")
    town.settle()
    later = town.now + timedelta(days=2)
    again = {"kind": RequestKind.SUSPENSION, "request": "r2"}
    assert "approval.too_many" == _code(lambda: _ask(town, "S", **again, wanted_until=later))
    other = _town()
    street = other.offices["S"]
    asked = {"kind": RequestKind.SUSPENSION, "request": "r2"}
    far = other.now + timedelta(days=400)
    assert "approval.too_long" == _code(lambda: _ask(other, "S", **asked, wanted_until=far))
    assert "approval.no_end" == _code(lambda: _ask(other, "S", **asked))
    assert street.cases["case"].duty.request is None


# --- void 作废


def test_a_void_is_the_filing_offices_word_and_ends_every_tier() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    _ask(town, "S", RequestKind.VOID, reason_code="duplicate")
    town.settle()
    for granted in (True, False):
        said = _code(lambda granted=granted: _decide(district, "r1", granted=granted))
        assert "approval.filing_office" == said
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    town.settle()
    _decide(city, _own(town, "D"), text="确属重复")
    town.settle()
    assert CaseStatus.VOIDED is city.cases["case"].status
    for office in (district, street):
        assert Ending.VOIDED is office.cases["case"].duty.ended
        assert not office.work
    assert not city.work
    town.check_at_rest()


def test_a_person_of_the_filing_office_voids_it_and_whoever_works_is_called_back() -> None:
    town = _town()
    city, street = town.offices["C"], town.offices["S"]
    with pytest.raises(Invalid):
        city.do(cmd.VoidCase, reason="重复上报", reason_code="duplicate", duplicate_of="other")
    register(city, "other")
    city.do(cmd.VoidCase, reason="重复上报", reason_code="duplicate", duplicate_of="other")
    town.settle()
    assert (CaseStatus.VOIDED, "other") == (
        city.cases["case"].status, city.cases["case"].duplicate_of)
    assert Ending.WITHDRAWN is street.cases["case"].duty.ended
    town.check_at_rest()


# --- return 回退


def test_a_return_is_answered_before_anything_pushes_the_case_on() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    _ask(town, "S", RequestKind.RETURN)
    town.settle()
    asks = {"who": "D", "kind": RequestKind.EXTENSION, "request": "r5"}
    assert "approval.return_open" == _code(lambda: _ask(town, **asks))
    withdraw = {"reason": "改派"}
    assert "approval.return_open" == _code(
        lambda: district.do(cmd.WithdrawAssignment, **withdraw))
    _decide(district, "r1")
    town.settle()
    assert 1 == district.cases["case"].return_count
    assert CaseStatus.HELD is district.cases["case"].status
    assert CaseStatus.HANDLING is city.cases["case"].status


def test_request_crosses_withdrawal_and_nothing_waits_for_an_answer() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    _ask(town, "S", RequestKind.EXTENSION)
    district.do(cmd.WithdrawAssignment, reason="改派")
    town.settle()
    assert "ReportLate" == _names(town, "D")[-1]
    assert street.cases["case"].duty.request is None
    assert not district.work
    town.check_at_rest()


def test_decision_crosses_done_and_the_request_has_one_outcome() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    _ask(town, "S", RequestKind.EXTENSION)
    town.settle()
    _decide(district, "r1")
    street.do(cmd.FeedBack, result="已修复")  # the grant is under way
    town.settle()
    duty, live = street.cases["case"].duty, district.cases["case"].live
    assert (duty.limits, 1, 1) == (live.limits, duty.extension_count, live.extension_count)
    assert CaseStatus.DONE is street.cases["case"].status
    town.check_at_rest()


def test_rework_crosses_an_appeal_which_may_be_asked_again() -> None:
    town = _town()
    city, street = town.offices["C"], town.offices["S"]
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(hours=30))
    street.do(cmd.FeedBack, result="已修复")
    town.settle()
    _ask(town, "S", RequestKind.APPEAL)
    city.do(cmd.FailCheck, text="未达标", limits=town.limits(24))
    town.deliver(("C", "D"))  # the district sends it round again before it hears the appeal
    town.settle()
    assert "ReportLate" in _names(town, "D")
    assert street.cases["case"].duty.request is None
    town.check_at_rest()


# --- appeal 申诉


def test_an_appeal_takes_two_people_and_adds_the_exemption_only() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    assert "approval.not_overdue" == _code(lambda: _ask(town, "S", RequestKind.APPEAL))
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(hours=1))
    district.fire(next(key for key in district.timers if key[1] == TimerKind.FINISH_BY))
    _ask(town, "S", RequestKind.APPEAL)
    town.settle()
    _decide(district, "r1", actor="zhang")
    assert district.cases["case"].live.request is not None  # one review of two
    assert "approval.same_reviewer" == _code(lambda: _decide(district, "r1", actor="zhang"))
    _decide(district, "r1", actor="li")
    town.settle()
    case = district.cases["case"]
    assert (True, True, 1) == (case.exempt, case.live.finish_overdue, case.appeal_count)
    assert street.cases["case"].exempt
    assert "approval.too_many" == _code(lambda: _ask(town, "S", RequestKind.APPEAL, "r2"))
    town.check_at_rest()


def test_an_appeal_after_the_end_is_heard_for_five_working_days() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(hours=1))
    street.do(cmd.FeedBack, result="已修复")
    town.settle()
    city.do(cmd.PassCheck)
    city.do(cmd.Close, text="结案")
    town.settle()
    _ask(town, "S", RequestKind.APPEAL)
    town.settle()
    _decide(district, "r1", actor="zhang")
    _decide(district, "r1", actor="li")
    town.settle()
    assert CaseStatus.ENDED is district.cases["case"].status
    assert district.cases["case"].exempt
    assert street.cases["case"].exempt
    assert not district.work
    other = _town()
    late = other.offices["S"]
    other.wait_until(late.cases["case"].duty.limits.finish_by + timedelta(hours=1))
    late.do(cmd.FeedBack, result="已修复")
    other.settle()
    other.offices["C"].do(cmd.PassCheck)
    other.offices["C"].do(cmd.Close, text="结案")
    other.settle()
    other.wait_until(other.now + timedelta(days=30))
    assert "approval.too_late" == _code(lambda: _ask(other, "S", RequestKind.APPEAL))


# --- ladders


def test_each_step_takes_its_role_and_a_refusal_says_which_is_missing() -> None:
    town = _town()
    district = town.offices["D"]
    _ask(town, "S", RequestKind.RETURN)
    town.settle()
    dispatcher, leader = frozenset({"dispatcher"}), frozenset({"shift_leader"})
    with pytest.raises(NotPermitted) as refused:
        _decide(district, "r1", roles=leader)
    assert ("dispatcher", "shift_leader") == (
        refused.value.detail["needed"], refused.value.detail["held"])
    _decide(district, "r1", actor="zhang", roles=dispatcher)
    assert "approval.role_missing" == _code(
        lambda: _decide(district, "r1", actor="zhang", roles=dispatcher))
    _decide(district, "r1", actor="li", roles=leader)
    assert ["RequestReviewed", "RequestReviewed", "RequestDecided", "AssignmentEnded"][1:] == (
        _names(town, "D")[-3:])
    assert district.cases["case"].live is None


def test_a_refusal_at_any_step_decides() -> None:
    town = _town()
    district = town.offices["D"]
    _ask(town, "S", RequestKind.RETURN)
    town.settle()
    _decide(district, "r1", granted=False, roles=frozenset({"dispatcher"}))
    assert "RequestDecided" == _names(town, "D")[-1]
    assert district.cases["case"].live.request is None


def test_a_misdispatch_needs_the_shift_leader_alone() -> None:
    town = _town()
    _ask(town, "S", RequestKind.RETURN, reason_code="misdispatch")
    town.settle()
    _decide(town.offices["D"], "r1", roles=frozenset({"shift_leader"}))
    assert town.offices["D"].cases["case"].live is None


def test_the_second_extension_takes_higher_roles_than_the_first() -> None:
    town = Town()
    town.ladders = RULES
    city = town.office("C")
    town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    town.settle()
    _ask(town, "D", RequestKind.EXTENSION, "r1", reason_code="rain")
    town.settle()
    _decide(city, "r1", roles=frozenset({"dispatcher"}))
    town.settle()
    _ask(town, "D", RequestKind.EXTENSION, "r2", reason_code="rain")
    town.settle()
    assert "approval.role_missing" == _code(
        lambda: _decide(city, "r2", roles=frozenset({"dispatcher", "shift_leader"})))
    _decide(city, "r2", roles=frozenset({"section_head", "centre_head"}))
    assert 2 == city.cases["case"].extension_count


# --- words of whoever watches over it


def test_a_supervision_reaches_whoever_works_and_a_missing_reply_is_red_until_it_comes() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    reply_by = town.now + timedelta(hours=3)
    city.do(cmd.SuperviseAssignee, supervision_id="s1", text="说明原因", reply_by=reply_by,
            kind="overdue")
    town.settle()
    for office in (city, district, street):
        (one,) = office.cases["case"].supervisions
        assert ("overdue", False, reply_by) == (one.kind, one.replied, one.reply_by)
    city.fire(("case", TimerKind.REPLY_BY, "s1"))
    assert ("case", WorkKind.OVERDUE, "reply_by/s1") in city.work
    street.do(cmd.ReplySupervision, supervision_id="s1", text="已安排抢修")
    town.settle()
    for office in (city, district, street):
        (one,) = office.cases["case"].supervisions
        assert (True, "已安排抢修") == (one.replied, one.reply)
        assert not office.work
    with pytest.raises(WrongStatus):
        street.do(cmd.ReplySupervision, supervision_id="s1", text="再答一次")


def test_a_press_is_passed_on_and_an_unsigned_order_asks_the_dispatcher_for_one() -> None:
    town = Town()
    city = town.office("C")
    town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    town.settle()
    sign = next(key for key in city.timers if key[1] == TimerKind.SIGN_BY)
    city.fire(sign)
    assert [WorkKind.PRESS] == [item[1] for item in city.work]
    city.do(cmd.PressAssignee, text="请尽快签收")
    town.settle()
    assert 1 == town.offices["D"].cases["case"].press_count
    town.offices["D"].do(cmd.Sign)
    town.settle()
    assert not city.work


# --- own cases that leave the usual way


def test_a_forced_closing_ends_every_leg_and_is_marked() -> None:
    town = _town()
    city, street = town.offices["C"], town.offices["S"]
    assert "approval.role_missing" == _code(
        lambda: city.do(cmd.ForceClose, text="会议决定", roles=frozenset({"shift_leader"})))
    with pytest.raises(Invalid):
        city.do(cmd.ForceClose, text=" ")
    city.do(cmd.ForceClose, text="会议决定", roles=frozenset({"centre_head"}))
    town.settle()
    assert (CaseStatus.CLOSED, "forced") == (
        city.cases["case"].status, city.cases["case"].closed_how)
    assert Ending.CLOSED is street.cases["case"].duty.ended
    town.check_at_rest()


def test_a_transfer_waits_outside_and_may_come_back_or_be_closed_as_told() -> None:
    town = Town()
    town.ladders = RULES
    city = town.office("C")
    town.office("D", "C")
    register(city)
    with pytest.raises(Invalid, match="digest"):
        city.do(cmd.Transfer, receiver="执法支队", reference="", reason="涉嫌违法", digest="x")
    handed = {"receiver": "执法支队", "reference": "17", "reason": "涉嫌违法", "digest": "a" * 64}
    case = city.do(cmd.Transfer, **handed)
    assert (CaseStatus.TRANSFERRED, "执法支队") == (case.status, case.transfer.receiver)
    with pytest.raises(WrongStatus):
        city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.TakeBack, text="不予受理").status
    city.do(cmd.Transfer, **handed)
    case = city.do(cmd.Close, text="执法机关已立案")
    assert (CaseStatus.CLOSED, "informational") == (case.status, case.closed_how)


def test_an_own_case_waits_and_goes_on_by_itself() -> None:
    town = Town()
    town.ladders = RULES
    city = town.office("C")
    town.office("D", "C")
    register(city)
    until = town.now + timedelta(days=30)
    case = city.do(cmd.SuspendCase, until=until, reason="等待征收")
    assert (CaseStatus.SUSPENDED, "等待征收") == (case.status, case.suspended_reason)
    with pytest.raises(WrongStatus):
        city.do(cmd.Dispatch, to=node("D"), limits=town.limits(24))
    city.fire(next(iter(city.timers)))
    assert CaseStatus.PENDING_DISPATCH is city.cases["case"].status
    assert "approval.too_many" == _code(
        lambda: city.do(cmd.SuspendCase, until=town.now + timedelta(days=9), reason="再等"))


# --- what a screen offers


def _askable(office: Office) -> list[str]:
    """The kinds that the case offers, each of which the verb takes; the others it refuses."""
    case = office.cases["case"]
    here = office.context(cause="screen")
    found = [kind.value for kind in askable(case, here)]
    assert bool(found) == ("AskRequest" in offered(case, office.capabilities, office=here))
    for kind in KINDS:
        ask = cmd.AskRequest(
            command_id=CommandId("c"), actor="somebody", case_id=case.case_id,
            request_id=RequestId("r"), kind=kind,
            reason_code="not_ours", text="情况说明",
            wanted_until=here.now + timedelta(days=2))
        try:
            decide(case, ask, here)
        except Refused:
            assert kind.value not in found
        else:
            assert kind.value in found
    return found


def test_only_such_requests_are_offered_as_could_be_made() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    assert ["return", "extension", "suspension", "void"] == _askable(street)
    assert ["extension", "void"] == _askable(district), "the street has it"
    _ask(town, "S", RequestKind.EXTENSION)
    assert [] == _askable(street), "one waits for its answer"
    town.settle()
    _decide(district, "r1")
    town.settle()
    street.do(cmd.FeedBack, result="已更换")
    assert [] == _askable(street), "it is done and was in time"


def test_an_overdue_case_that_was_fed_back_offers_an_appeal_alone() -> None:
    town = _town()
    street = town.offices["S"]
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(minutes=5))
    assert "extension" not in _askable(street), "it had to be asked before the deadline"
    street.do(cmd.FeedBack, result="已更换")
    assert ["appeal"] == _askable(street)
