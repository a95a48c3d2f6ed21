"""What crosses what: nothing that waits for a person is lost, and nothing that is over waits on.
City C, district D, street S, a legacy system A below the street."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from node.core import commands as cmd
from node.core import words as w
from node.core.calendar import EVERYDAY
from node.core.case import SUPERVISIONS_KEPT_MAX
from node.core.clocks import ClockKind, read
from node.core.context import Relay
from node.core.coordination import CoordinationKind, CoordinationRules, LevelRule, Size
from node.core.effects import TimerKind, WorkKind
from node.core.errors import WrongStatus
from node.core.facts import Rank, RequestId, RequestKind, TimeLimit, TimeUnit
from node.core.limits import LimitSet
from node.core.reasons import NO_REASONS
from node.core.routing import Routed
from node.core.stopwatch import Noted, clocks_of
from node.service.approvals import read_approvals
from tests.town import Office, Town, adapter, node, register

RULES = replace(
    read_approvals(Path(__file__).parents[3] / "node" / "approvals" / "standard.toml"),
    reasons=NO_REASONS,
)
"""Any reason is as good as another here."""
LEVELS = CoordinationRules(
    rules=(LevelRule(kind=CoordinationKind.OWNERSHIP, size=Size.LARGE, level="committee"),)
)


HERE = Routed(to=node("S"), candidates=(node("S"),))


def _town(relay: Relay = Relay.AUTO, *, signed: bool = True) -> Town:
    town = Town()
    town.ladders = RULES
    town.office("C", coordination=replace(LEVELS, decides=frozenset({"committee"})))
    town.office("D", "C", relay=relay, coordination=LEVELS)
    town.office("S", "D")
    town.system("A", "S")
    register(town.offices["C"])
    town.offices["C"].do(cmd.Dispatch, to=node("D"), limits=town.limits(48))
    town.settle()
    town.offices["D"].do(cmd.Dispatch, to=node("S"), limits=town.limits(20))
    town.settle()
    if signed:
        town.offices["S"].do(cmd.Sign)
        town.settle()
    return town


def _ask(office: Office, kind: RequestKind, ref: str = "r1", **fields: object) -> None:
    office.do(
        cmd.AskRequest, request_id=RequestId(ref), kind=kind, reason_code="not_ours",
        text="情况说明", **fields,
    )


def _contest(office: Office, ref: str = "d1") -> None:
    office.do(
        cmd.RaiseDispute, dispute_id=RequestId(ref), reason_code="not_ours", text="不属本单位"
    )


def test_a_contest_does_not_take_an_open_request_off_the_desk() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    _ask(street, RequestKind.EXTENSION)
    _contest(street)
    town.settle()
    assert "r1" == district.cases["case"].live.request.request_id
    for ref in ("r1", "d1"):
        assert ("case", WorkKind.REQUEST, ref) in district.work


def test_an_appeal_still_waits_after_the_result_was_sent_on() -> None:
    town = _town(Relay.CONFIRM)
    district, street = town.offices["D"], town.offices["S"]
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(hours=1))
    street.do(cmd.FeedBack, result="已修复")
    _ask(street, RequestKind.APPEAL)
    town.settle()
    district.do(cmd.FeedBack, result="已修复")
    town.settle()
    assert "r1" == district.cases["case"].live.request.request_id
    assert {("case", WorkKind.REQUEST, "r1")} == district.work
    for actor in ("zhang", "li"):
        district.do(
            cmd.DecideRequest, request_id=RequestId("r1"), granted=True, text="属实", actor=actor
        )
    town.settle()
    assert not district.work
    assert street.cases["case"].exempt


def test_what_was_done_by_our_own_hands_needs_no_route_any_more() -> None:
    town = Town()
    city = town.office("C")
    street = town.office("S", "C", route=lambda facts: HERE)
    register(city)
    city.do(cmd.Dispatch, to=node("S"), limits=town.limits(20))
    town.settle()
    assert {("case", WorkKind.ROUTE, "")} == street.work
    street.do(cmd.FeedBack, result="已修复")
    assert not street.work
    assert not street.cases["case"].unrouted


def test_who_never_signed_is_on_the_list_although_the_clock_stood_when_they_had_to() -> None:
    town = _town(signed=False)
    district, street = town.offices["D"], town.offices["S"]
    _ask(street, RequestKind.SUSPENSION, wanted_until=town.now + timedelta(hours=5))
    town.settle()
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    town.settle()
    district.fire(next(key for key in district.timers if key[1] == TimerKind.SIGN_BY))
    district.fire(next(key for key in district.timers if key[1] == TimerKind.RESUME_AT))
    town.settle()
    live = district.cases["case"].live
    assert (Rank.OFFERED, True) == (live.rank, live.sign_overdue)
    assert ("case", WorkKind.PRESS, f"sign_by/{live.round_ref}") in district.work
    street.do(cmd.Sign)
    town.settle()
    assert not district.work


def _coordinate(office: Office, ref: str) -> None:
    office.do(
        cmd.AskCoordination, coordination_id=RequestId(ref), level="committee",
        kind=CoordinationKind.OWNERSHIP, size=Size.LARGE, text="权属不清",
    )


def test_a_question_that_crossed_the_end_of_a_duty_does_not_bar_the_next_one() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    _coordinate(district, "k1")
    city.do(cmd.WithdrawAssignment, reason="派错")  # crosses the question, which comes late
    town.settle()
    assert not city.cases["case"].coordinations
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(48))
    town.settle()
    assert not district.cases["case"].contested
    _coordinate(district, "k2")
    town.settle()
    city.do(
        cmd.DecideCoordination, coordination_id=RequestId("k2"), lead="城管局", text="由其牵头"
    )
    town.settle()
    assert "城管局" == district.cases["case"].coordinations[-1].lead


def test_what_may_not_be_granted_any_more_is_not_passed_up_either() -> None:
    town = _town()
    street, system = town.offices["S"], town.systems["A"]
    street.do(cmd.Dispatch, to=adapter("A"), limits=town.limits(5))
    town.settle()

    def ask(ref: str) -> None:
        act = w.RequestReport(
            request_id=RequestId(ref), kind=RequestKind.EXTENSION, reason_code="parts", asker="crew"
        )
        system.speak("case", act, "配件未到")
        town.settle()

    for ref in ("r1", "r2"):
        ask(ref)
        street.do(cmd.DecideRequest, request_id=RequestId(ref), granted=True)
        town.settle()
    ask("r3")
    with pytest.raises(WrongStatus) as refused:
        street.do(cmd.PassUpRequest, request_id=RequestId("r3"))
    assert "approval.too_many" == refused.value.code
    street.do(cmd.DecideRequest, request_id=RequestId("r3"), granted=False)
    assert not street.work


def test_a_clock_that_runs_again_within_ours_is_yellow_before_it_is_red() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    until = town.now + timedelta(days=20)
    _ask(street, RequestKind.SUSPENSION, wanted_until=until)
    town.settle()
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    town.settle()
    own = district.cases["case"].duty.request.request_id
    city.do(cmd.DecideRequest, request_id=own, granted=True)
    town.settle()
    city.fire(next(key for key in city.timers if key[1] == TimerKind.RESUME_AT))
    town.wait_until(town.now + timedelta(days=40))  # the line was down
    town.settle()
    inner, outer = street.cases["case"].duty.limits, district.cases["case"].duty.limits
    assert inner.finish_by == outer.finish_by
    assert inner.warn_at < inner.finish_by


def test_a_suspension_whose_grant_crosses_done_counts_the_same_at_both_ends() -> None:
    town = Town()
    town.ladders = RULES
    city, district = town.office("C"), town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(10))
    town.settle()
    _ask(district, RequestKind.SUSPENSION, wanted_until=town.now + timedelta(days=3))
    town.settle()
    town.wait_until(town.now + timedelta(hours=20))
    city.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    district.do(cmd.FeedBack, result="已修复")
    town.settle()
    readings = []
    for office in (city, district):
        entries = [Noted(node=office.id, event=event) for event in office.journal["case"]]
        clocks = clocks_of(entries, calendar=EVERYDAY, limits=LimitSet())
        (leg,) = (one for one in clocks if one.kind is ClockKind.HANDLING)
        readings.append((leg.finish_by, read(leg, EVERYDAY, town.now)))
    (deadline, above), (same, below) = readings
    assert deadline == same
    assert above.on_time
    assert below.on_time


def test_an_answer_that_is_owed_is_not_forgotten_for_those_that_were_given() -> None:
    town = Town()
    city = town.office("C")
    register(city)

    def supervise(ref: str) -> None:
        city.do(
            cmd.SuperviseAssignee, supervision_id=ref, text="说明情况", kind="leader",
            reply_by=town.now + timedelta(hours=8),
        )

    supervise("owed")
    for number in range(SUPERVISIONS_KEPT_MAX + 3):
        supervise(f"v{number}")
        city.do(cmd.ReplySupervision, supervision_id=f"v{number}", text="已安排")
    assert SUPERVISIONS_KEPT_MAX == len(city.cases["case"].supervisions)
    city.do(cmd.ReplySupervision, supervision_id="owed", text="已安排")
    assert not city.work
    assert not city.timers


def test_the_overall_clock_runs_on_when_another_body_gives_the_case_back() -> None:
    town = Town()
    city = town.office("C")
    register(city)
    filed_at = next(one.at for one in city.journal["case"] if type(one).__name__ == "CaseFiled")
    town.wait_until(town.now + timedelta(hours=1))
    city.do(
        cmd.Transfer, receiver="执法局", reference="7", reason="涉嫌违法", digest="0" * 64
    )
    town.wait_until(town.now + timedelta(hours=30))
    city.do(cmd.TakeBack, text="不予受理")
    town.wait_until(town.now + timedelta(hours=2))
    city.do(cmd.VoidCase, reason="重复上报", reason_code="duplicate")
    entries = [Noted(node="C", event=event) for event in city.journal["case"]]
    limits = LimitSet(overall=TimeLimit(value=24, unit=TimeUnit.URGENT_HOUR))
    overall = clocks_of(entries, calendar=EVERYDAY, limits=limits)[0]
    assert ("CaseVoided", ClockKind.OVERALL) == (overall.outcome, overall.kind)
    (pause,) = overall.pauses
    assert filed_at + timedelta(hours=24) + (pause.until - pause.since) == overall.finish_by
    used = read(overall, EVERYDAY, town.now).used
    assert timedelta(hours=3) <= used < timedelta(hours=3, minutes=1)


def test_an_answer_is_heard_although_the_limit_reaches_beyond_the_calendar() -> None:
    town = Town()
    town.ladders = RULES
    city, district, street = town.office("C"), town.office("D", "C"), town.office("S", "D")
    register(city)
    far = replace(town.limits(48), count=99_999, unit=TimeUnit.WORK_DAY)
    city.do(cmd.Dispatch, to=node("D"), limits=far)
    town.settle()
    district.do(cmd.Dispatch, to=node("S"), limits=far)
    town.settle()
    _ask(street, RequestKind.EXTENSION)
    town.settle()
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    town.settle()
    own = district.cases["case"].duty.request.request_id
    until = town.now + timedelta(hours=100)
    city.do(cmd.DecideRequest, request_id=own, granted=True, until=until)
    town.settle()
    assert until == street.cases["case"].duty.limits.finish_by


def _handled_by_the_unit(town: Town) -> None:
    town.offices["S"].do(cmd.FeedBack, result="已修复")
    town.settle()


def test_an_answer_to_a_supervision_counts_although_a_rework_crosses_it() -> None:
    town = Town()
    city, district, street = town.office("C"), town.office("D", "C"), town.office("S", "D")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(48))
    town.settle()
    district.do(cmd.Dispatch, to=node("S"), limits=town.limits(20))
    town.settle()
    city.do(
        cmd.SuperviseAssignee, supervision_id="v1", text="说明情况", kind="leader",
        reply_by=town.now + timedelta(hours=8),
    )
    town.settle()
    _handled_by_the_unit(town)
    city.do(cmd.FailCheck, text="未达标", limits=town.limits(24))
    street.do(cmd.ReplySupervision, supervision_id="v1", text="已安排")  # under the old number
    town.settle()
    for office in (city, district, street):
        (one,) = office.cases["case"].supervisions
        assert (True, "已安排") == (one.replied, one.reply), office.id
        assert not office.work, office.id
    town.check_at_rest()


def test_an_answer_to_a_supervision_by_whoever_had_it_before_is_late() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    city.do(
        cmd.SuperviseAssignee, supervision_id="v1", text="说明情况", kind="leader",
        reply_by=town.now + timedelta(hours=8),
    )
    town.settle()
    city.do(cmd.WithdrawAssignment, reason="派错")
    district.do(cmd.ReplySupervision, supervision_id="v1", text="已安排")
    town.settle()
    assert not city.cases["case"].supervisions[0].replied
    assert ("case", WorkKind.REPLY, "v1") in city.work


def _appealed_after_the_end(town: Town) -> None:
    """The unit was late, gave the result, the leg was closed; then it appeals."""
    district, street = town.offices["D"], town.offices["S"]
    town.wait_until(street.cases["case"].duty.limits.finish_by + timedelta(hours=1))
    _handled_by_the_unit(town)
    district.do(cmd.Close, text="本级核实")
    town.settle()
    _ask(street, RequestKind.APPEAL)


def _grant_appeal(district: Office) -> None:
    for actor in ("zhang", "li"):
        district.do(
            cmd.DecideRequest, request_id=RequestId("r1"), granted=True, text="属实", actor=actor
        )


def test_an_upheld_appeal_reaches_a_unit_that_holds_a_newer_order() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    _appealed_after_the_end(town)
    town.settle()
    city.do(cmd.FailCheck, text="未达标", limits=town.limits(400))  # a new order for the unit
    town.settle()
    assert 2 == street.cases["case"].held_generation
    _grant_appeal(district)
    town.settle()
    assert district.cases["case"].exempt
    assert street.cases["case"].exempt
    assert not street.cases["case"].appeals
    assert not street.parked
    town.check_at_rest()


def test_the_answer_to_an_appeal_counts_once_whatever_the_order_since() -> None:
    town = _town()
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    _appealed_after_the_end(town)
    town.settle()
    city.do(cmd.FailCheck, text="未达标", limits=town.limits(400))
    town.settle()
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False, text="不属实")
    town.settle()
    assert not street.cases["case"].exempt
    for index in range(len(town.told)):
        town.replay(index)
    assert 1 == sum(type(one).__name__ == "RequestAnswered" for one in street.journal["case"])


def test_what_is_to_wait_is_not_handed_on_meanwhile() -> None:
    town = _town()
    district, street = town.offices["D"], town.offices["S"]
    _ask(street, RequestKind.SUSPENSION, wanted_until=town.now + timedelta(days=5))
    with pytest.raises(WrongStatus) as refused:
        street.do(cmd.Dispatch, to=adapter("A"), limits=town.limits(5))
    assert "to_wait" == refused.value.why
    town.settle()
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False)
    town.settle()
    street.do(cmd.Dispatch, to=adapter("A"), limits=town.limits(5))


def test_what_is_to_wait_is_not_sent_round_again_below_meanwhile() -> None:
    town = _town(Relay.CONFIRM)
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    _ask(street, RequestKind.SUSPENSION, wanted_until=town.now + timedelta(days=5))
    town.settle()
    district.do(cmd.PassUpRequest, request_id=RequestId("r1"))
    street.do(cmd.FeedBack, result="已修复")
    town.settle()
    with pytest.raises(WrongStatus) as refused:
        district.do(cmd.FailCheck, text="未达标", limits=town.limits(10))
    assert "to_wait" == refused.value.why
    own = district.cases["case"].duty.request.request_id
    city.do(cmd.DecideRequest, request_id=own, granted=False)
    town.settle()
    district.do(cmd.FailCheck, text="未达标", limits=town.limits(10))


def test_a_case_that_is_taken_up_again_carries_all_that_was_reported() -> None:
    town = Town()
    city = town.office("C")
    town.office("D", "C")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=town.limits(48))
    town.settle()
    town.offices["D"].do(cmd.FeedBack, result="已修复")
    town.settle()
    city.do(cmd.PassCheck)
    city.do(cmd.Close, text="结案")
    city.do(cmd.AskReopen, text="又坏了")
    city.do(cmd.DecideReopen, granted=True, text="同意重开", new_case_id="again")
    old, new = city.cases["case"].facts, city.cases["again"].facts
    again = replace(new, case_no=old.case_no, reported_at=old.reported_at, reopens="")
    assert old == again
    assert "case" == new.reopens
    assert "又坏了；同意重开" == city.journal["again"][0].text


def test_a_question_about_a_case_that_is_outside_can_still_be_decided() -> None:
    town = Town()
    city = town.office("C", coordination=replace(LEVELS, decides=frozenset({"committee"})))
    register(city)
    _coordinate(city, "k1")
    city.do(
        cmd.Transfer, receiver="执法局", reference="7", reason="涉嫌违法", digest="0" * 64
    )
    assert {("case", WorkKind.COORDINATION, "k1")} == city.work
    city.do(
        cmd.DecideCoordination, coordination_id=RequestId("k1"), lead="城管局", text="由其牵头"
    )
    assert not city.work
    city.do(cmd.TakeBack, text="不予受理")
    assert "城管局" == city.cases["case"].coordinations[-1].lead


def _with_parts(*parts: str) -> Office:
    town = Town()
    city = town.office("C")
    town.office("D", "C")
    register(city)
    for part in parts:
        city.do(cmd.OpenPart, part_id=part, text="协助围挡")
    return city


@pytest.mark.parametrize(
    ("end", "fields"),
    [
        (cmd.VoidCase, {"reason": "重复上报", "reason_code": "duplicate"}),
        (cmd.ForceClose, {"text": "会议决定"}),
    ],
)
def test_the_parts_of_a_lead_that_ended_wait_for_a_person(end: type, fields: dict) -> None:
    city = _with_parts("p1", "p2")
    city.do(cmd.ForceClose, "p2", text="不再需要")
    city.do(end, **fields)
    assert {("p1", WorkKind.LEAD_OVER, "case")} == city.work
    assert "pending_dispatch" == city.cases["p1"].status
    city.do(cmd.ForceClose, "p1", text="不再需要")
    assert not city.work


def test_the_parts_of_a_duty_that_was_called_back_wait_for_a_person() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    district.do(cmd.OpenPart, part_id="p1", text="协助围挡")
    city.do(cmd.WithdrawAssignment, reason="派错")
    town.settle()
    assert ("p1", WorkKind.LEAD_OVER, "case") in district.work
    assert not [item for item in district.work if item[1] != WorkKind.LEAD_OVER]


def test_what_was_paid_for_a_case_is_recovered_whatever_became_of_it() -> None:
    city = _with_parts()
    city.do(
        cmd.RecordProxyRepair, repair_id="x", performer="抢修队", payer="产权单位", cost_fen=500
    )
    city.do(
        cmd.Transfer, receiver="执法局", reference="7", reason="涉嫌违法", digest="0" * 64
    )
    city.do(cmd.RecordRecovery, repair_id="x", payer="产权单位", amount_fen=200)
    city.do(cmd.VoidCase, reason="不属实", reason_code="false")
    city.do(cmd.RecordRecovery, repair_id="x", payer="产权单位", amount_fen=300)
    assert 0 == city.cases["case"].repairs[0].outstanding_fen
