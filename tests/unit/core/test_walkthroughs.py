"""The walk-throughs of the link protocol, played by the machine: city C, districts D and D2,
street S, and a legacy system A behind S's adapter."""

from __future__ import annotations

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import CaseStatus
from node.core.context import Relay
from node.core.effects import WorkKind
from node.core.facts import Address, Ending, Facts, Rank, RequestId, RequestKind
from node.core.routing import Routed
from tests.town import T0, Town, adapter, limits, node, register


def _to(address: Address):
    def route(facts: Facts) -> Routed:
        return Routed(to=address, candidates=(address,))

    return route


def _town(*, automatic: bool = True, relay: Relay = Relay.AUTO) -> Town:
    town = Town()
    town.office("C")
    town.office("D", "C", relay=relay, route=_to(node("S")) if automatic else None)
    town.office("D2", "C")
    town.office("S", "D", relay=relay, route=_to(adapter("A")) if automatic else None)
    town.system("A", "S")
    return town


def _names(town: Town, office: str) -> list[str]:
    return [type(event).__name__ for event in town.offices[office].journal["case"]]


def _ask(town: Town, office: str, request: str) -> None:
    town.offices[office].do(
        cmd.AskRequest,
        request_id=RequestId(request),
        kind=RequestKind.RETURN,
        reason_code="not_ours",
        text="不属本单位",
    )


def test_a_dispatch_reaches_the_unit_and_its_signature_comes_back_hop_by_hop() -> None:
    town = _town()
    city = town.offices["C"]
    register(city)
    assert city.do(cmd.Dispatch, to=node("D"), limits=limits()).status is CaseStatus.DISPATCHED
    town.settle()
    assert ["OrderTaken", "Assigned"] == _names(town, "D")
    assert ["OrderTaken", "Assigned"] == _names(town, "S")
    job = town.systems["A"].jobs["case"]
    assert (1, True) == (job.generation, job.working)
    town.systems["A"].choose("case", 0)
    town.settle()
    for office in ("S", "D", "C"):
        live = town.offices[office].cases["case"].live
        assert live is not None
        assert (Rank.SIGNED, "W1") == (live.rank, live.unit_reference)
    assert city.cases["case"].status is CaseStatus.HANDLING
    town.check_at_rest()


def test_b_return_travels_up_one_grant_at_a_time_and_the_city_sends_it_elsewhere() -> None:
    town = _town(automatic=False)
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    district.do(cmd.Dispatch, to=node("S"), limits=limits(24))
    town.settle()
    _ask(town, "S", "r1")
    town.settle()
    assert ("case", WorkKind.REQUEST, "r1") in district.work
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    town.settle()
    assert not district.work
    ended = street.cases["case"]
    assert (CaseStatus.ENDED, 1) == (ended.status, ended.held_generation)
    assert ended.duty is not None
    assert Ending.RETURNED is ended.duty.ended
    assert CaseStatus.HELD is district.cases["case"].status

    _ask(town, "D", "r2")
    town.settle()
    city.do(cmd.DecideRequest, request_id=RequestId("r2"), granted=True)
    town.settle()
    assert CaseStatus.ENDED is district.cases["case"].status
    assert CaseStatus.PENDING_DISPATCH is city.cases["case"].status
    case = city.do(cmd.Dispatch, to=node("D2"), limits=limits())
    assert case.live is not None
    assert 2 == case.live.generation
    town.settle()
    straggler = next(i for i, told in enumerate(town.told) if told[:2] == ("D", "C"))
    town.replay(straggler)
    assert "ReportLate" == _names(town, "C")[-1]
    town.check_at_rest()


def test_b_a_refused_return_lets_the_district_issue_the_next_number() -> None:
    town = _town(automatic=False)
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    district.do(cmd.Dispatch, to=node("S"), limits=limits(24))
    town.settle()
    _ask(town, "S", "r1")
    town.settle()
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    _ask(town, "D", "r2")
    town.settle()
    city.do(cmd.DecideRequest, request_id=RequestId("r2"), granted=False, text="属地处置")
    town.settle()
    case = district.do(cmd.Dispatch, to=node("S"), limits=limits(24))
    assert case.live is not None
    assert 2 == case.live.generation
    town.settle()
    assert CaseStatus.HELD is town.offices["S"].cases["case"].status
    town.check_at_rest()


def test_b_done_makes_an_open_request_moot_but_a_grant_that_crossed_it_wins() -> None:
    town = _town(automatic=False)
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    _ask(town, "D", "r2")
    town.settle()
    district.do(cmd.FeedBack, result="已修复")  # crosses the grant
    city.do(cmd.DecideRequest, request_id=RequestId("r2"), granted=True)
    town.settle()
    assert CaseStatus.ENDED is district.cases["case"].status
    assert ["RequestDecided", "AssignmentEnded", "ReportLate"] == _names(town, "C")[-3:]
    town.check_at_rest()


def test_c_withdrawal_crosses_feedback_and_the_late_result_can_be_adopted() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    city.do(cmd.WithdrawAssignment, reason="派错")
    town.systems["A"].choose("case", 3)  # done, under way while the withdrawal is too
    town.deliver(("A", "S"))
    town.deliver(("S", "D"))
    assert CaseStatus.DONE is district.cases["case"].status
    town.settle()
    for office in ("D", "S"):
        assert CaseStatus.ENDED is town.offices[office].cases["case"].status
    assert not town.systems["A"].jobs["case"].working
    case = city.cases["case"]
    assert CaseStatus.PENDING_DISPATCH is case.status
    assert "ReportLate" == _names(town, "C")[-1]
    late = case.late[0]
    assert ("case", WorkKind.LATE_REPORT, late.cause) in city.work
    adopted = city.do(cmd.AdoptLate, cause=late.cause, text="已现场确认")
    assert CaseStatus.FEEDBACK_GIVEN is adopted.status
    assert not city.work
    city.do(cmd.PassCheck)
    assert CaseStatus.CLOSED is city.do(cmd.Close, text="已修复").status
    town.check_at_rest()


def test_c_a_withdrawal_that_overtakes_its_order_leaves_a_tombstone() -> None:
    town = _town()
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    city.do(cmd.WithdrawAssignment, reason="派错")
    town.deliver(("C", "D"), overtake=True)
    buried = district.cases["case"]
    assert (CaseStatus.ENDED, 1, None) == (buried.status, buried.held_generation, buried.facts)
    town.settle()
    assert ["DutyBuried", "WordLate"] == _names(town, "D")
    assert CaseStatus.ENDED is district.cases["case"].status
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    assert CaseStatus.HELD is district.cases["case"].status
    town.check_at_rest()


def test_d_rework_after_the_inner_leg_is_closed_makes_a_new_inner_order() -> None:
    town = _town(automatic=False, relay=Relay.CONFIRM)
    city, district, street = (town.offices[name] for name in ("C", "D", "S"))
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    first = district.do(cmd.Dispatch, to=node("S"), limits=limits(24)).live
    town.settle()
    street.do(cmd.FeedBack, result="已修复")
    town.settle()
    assert first is not None
    assert ("case", WorkKind.CONFIRM, first.assignment_id) in district.work
    assert CaseStatus.HELD is district.cases["case"].status
    district.do(cmd.Close, text="本级核实")
    district.do(cmd.FeedBack, result="已修复")
    town.settle()
    assert not district.work
    assert CaseStatus.ENDED is street.cases["case"].status
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    before = city.cases["case"].live
    assert before is not None
    case = city.do(cmd.FailCheck, text="仍有缺口", limits=limits(96))
    assert case.live is not None
    assert (before.assignment_id, 2, Rank.SIGNED) == (
        case.live.assignment_id,
        case.live.generation,
        case.live.rank,
    )
    town.settle()
    held = district.cases["case"]
    assert (CaseStatus.HELD, 2) == (held.status, held.held_generation)
    assert held.live is not None
    assert 2 == held.live.generation
    assert first.assignment_id != held.live.assignment_id
    again = street.cases["case"]
    assert (CaseStatus.HELD, 2) == (again.status, again.held_generation)
    # a late duplicate of done under the first number moves nothing, done under the second counts
    old = next(
        i
        for i, (frm, to, sent) in enumerate(town.told)
        if (frm, to) == ("D", "C") and type(sent.word.act).__name__ == "DoneReport"
    )
    town.replay(old)
    assert CaseStatus.HANDLING is city.cases["case"].status
    street.do(cmd.FeedBack, result="重新修复")
    town.settle()
    district.do(cmd.FeedBack, result="重新修复")
    town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    town.check_at_rest()


def test_d_rework_of_an_inner_leg_still_at_done_keeps_its_assignment() -> None:
    town = _town()
    city = town.offices["C"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    inner = town.offices["D"].cases["case"].live
    town.systems["A"].choose("case", 3)
    town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    city.do(cmd.StartCheck)
    city.do(cmd.FailCheck, text="仍有缺口", limits=limits(96))
    town.settle()
    again = town.offices["D"].cases["case"].live
    assert inner is not None
    assert again is not None
    assert (inner.assignment_id, 2) == (again.assignment_id, again.generation)
    job = town.systems["A"].jobs["case"]
    assert (2, True) == (job.generation, job.working)
    town.systems["A"].choose("case", 3)
    town.settle()
    city.do(cmd.PassCheck)
    closed = city.do(cmd.Close, text="已修复")
    assert closed.result is not None, "what was done is told after the end too"
    town.settle()
    for office in ("D", "S"):
        duty = town.offices[office].cases["case"].duty
        assert duty is not None
        assert Ending.CLOSED is duty.ended
    assert not job.working
    town.check_at_rest()


def test_e_what_was_said_in_time_lifts_the_overdue_mark_when_the_line_heals() -> None:
    town = _town(automatic=False)
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits(6, sign=1))
    town.deliver(("C", "D"))
    district.do(cmd.FeedBack, result="已修复")  # the line is down from here
    for key in sorted(city.timers):
        city.fire(key)
    overdue = city.cases["case"].live
    assert overdue is not None
    assert (True, True) == (overdue.sign_overdue, overdue.finish_overdue)
    waiting = sorted(item[1] for item in city.work)
    assert [WorkKind.OVERDUE, WorkKind.PRESS] == waiting
    sent = town.lanes[("D", "C")].popleft()
    city.take(sent, node("D"), said_at=T0)
    live = city.cases["case"].live
    assert live is not None
    assert (False, Rank.DONE) == (live.finish_overdue, live.rank)
    assert 2 == _names(town, "C").count("Overdue")  # the fact stays in the journal
    assert not city.work


def test_e_what_was_said_too_late_stays_overdue() -> None:
    town = _town(automatic=False)
    city, district = town.offices["C"], town.offices["D"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits(6, sign=None))
    town.deliver(("C", "D"))
    for key in sorted(city.timers):
        city.fire(key)
    district.do(cmd.FeedBack, result="已修复")
    sent = town.lanes[("D", "C")].popleft()
    finish_by = limits(6).finish_by
    assert finish_by is not None
    city.take(sent, node("D"), said_at=finish_by.replace(second=1))
    live = city.cases["case"].live
    assert live is not None
    assert live.finish_overdue


def test_f_after_a_recovery_numbers_jump_above_every_lost_one() -> None:
    town = _town(automatic=False)
    city = town.offices["C"]
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    city.do(cmd.WithdrawAssignment, reason="派错")
    city.branch = 1_795_000_000
    case = city.do(cmd.Dispatch, to=node("D"), limits=limits())
    assert case.live is not None
    assert 1_795_000_001 == case.live.generation
    town.settle()
    assert 1_795_000_001 == town.offices["D"].cases["case"].held_generation
    assert isinstance(town.offices["D"].journal["case"][-1], ev.OrderTaken)
    town.check_at_rest()
