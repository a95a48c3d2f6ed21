"""The fencing rules, one by one, leant on from the wrong side."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from node.core import commands as cmd
from node.core import words as w
from node.core.case import LATE_KEPT_MAX, CaseStatus
from node.core.context import PARENT, Neighbour
from node.core.errors import Refused
from node.core.facts import (
    AssignmentId,
    CaseId,
    Facts,
    Limits,
    NodeId,
    Rank,
    RequestId,
    RequestKind,
)
from node.core.hear import CONFLICT, NOT_YOURS, UNKNOWN, Heard, Standing
from tests.town import CATEGORY, PLACE, T0, Office, Sent, Town, adapter, limits, node, register

FACTS = Facts(
    case_no="1",
    filing_node=NodeId("C"),
    category=CATEGORY,
    place=PLACE,
    text="井盖缺失",
    source="collector",
    reported_at=T0,
)


def _district() -> Office:
    town = Town()
    town.office("C")
    district = town.office("D", "C")
    town.office("S", "D")
    town.office("S2", "D")
    return district


def _tell(office: Office, word: w.Word, frm: Neighbour = PARENT) -> Heard:
    heard = office.take(Sent(word=word, cause=office.fresh(), overtake=False), frm)
    assert heard is not None
    return heard


def _order(generation: int, id_: str = "a", **fields: Any) -> w.Order:
    return w.Order(
        case_id=CaseId("case"),
        assignment_id=AssignmentId(id_),
        generation=generation,
        limits=fields.pop("limits", Limits()),
        facts=fields.pop("facts", FACTS),
    )


def _directive(generation: int, act: w.DirectiveAct, id_: str = "a") -> w.Directive:
    return w.Directive(
        case_id=CaseId("case"), assignment_id=AssignmentId(id_), generation=generation, act=act
    )


def _report(office: Office, act: w.ReportAct, **fields: Any) -> w.Report:
    case = office.cases["case"]
    live = case.live if case.live is not None else case.past[-1]
    report = w.Report(
        case_id=case.case_id,
        assignment_id=live.assignment_id,
        generation=live.generation,
        act=act,
    )
    return replace(report, **fields)


def _request(id_: str, kind: RequestKind = RequestKind.RETURN) -> w.RequestReport:
    return w.RequestReport(
        request_id=RequestId(id_), kind=kind, reason_code="not_ours", asker="crew"
    )


# --- F2: orders


def test_f2_a_lower_order_is_late_and_a_higher_one_is_taken() -> None:
    district = _district()
    assert Standing.APPLIED is _tell(district, _order(3)).standing
    assert Standing.LATE is _tell(district, _order(2, "b")).standing
    assert Standing.APPLIED is _tell(district, _order(4, "b")).standing
    case = district.cases["case"]
    assert case.duty is not None
    assert (4, "b") == (case.held_generation, case.duty.assignment_id)


def test_f2_the_same_order_again_refreshes_facts_and_nothing_else() -> None:
    district = _district()
    _tell(district, _order(1, limits=limits(10)))
    district.do(cmd.Sign)
    changed = replace(FACTS, text="井盖缺失，已围挡")
    assert Standing.APPLIED is _tell(district, _order(1, facts=changed, limits=limits(1))).standing
    case = district.cases["case"]
    assert case.duty is not None
    assert (changed, limits(10), Rank.SIGNED) == (case.facts, case.duty.limits, case.duty.rank)


def test_f2_the_same_order_after_done_is_still_a_repeat() -> None:
    district = _district()
    _tell(district, _order(1))
    district.do(cmd.FeedBack, result="已更换")
    assert Standing.APPLIED is _tell(district, _order(1)).standing
    assert CaseStatus.DONE is district.cases["case"].status


def test_f2_an_ended_number_stays_dead() -> None:
    district = _district()
    _tell(district, _order(1))
    _tell(district, _directive(1, w.Withdraw(reason="派错")))
    assert Standing.LATE is _tell(district, _order(1)).standing
    assert CaseStatus.ENDED is district.cases["case"].status


def test_f2_one_number_for_two_assignments_waits_for_a_person() -> None:
    district = _district()
    _tell(district, _order(1))
    assert CONFLICT == _tell(district, _order(1, "b")).code
    assert CONFLICT == _tell(district, _directive(1, w.Press(), "b")).code


def test_f2_a_newer_order_withdraws_what_the_older_one_handed_on() -> None:
    district = _district()
    _tell(district, _order(1))
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    district.town.settle()
    _tell(district, _order(2, "b"))
    district.town.settle()
    assert CaseStatus.ENDED is district.town.offices["S"].cases["case"].status
    assert CaseStatus.HELD is district.cases["case"].status


# --- F3: directives


def test_f3_a_lower_directive_is_late() -> None:
    district = _district()
    _tell(district, _order(2))
    assert Standing.LATE is _tell(district, _directive(1, w.ClosedVerdict())).standing
    assert CaseStatus.HELD is district.cases["case"].status


@pytest.mark.parametrize(
    "act",
    [
        w.Press(),
        w.ClosedVerdict(),
        w.ReworkVerdict(next_generation=3, limits=Limits()),
        w.Supervise(supervision_id="v", reply_by=T0),
        w.Decision(request_id=RequestId("r"), granted=True, decider="x"),
    ],
)
def test_f3_a_directive_about_an_order_that_never_came_waits(act: w.DirectiveAct) -> None:
    district = _district()
    assert UNKNOWN == _tell(district, _directive(2, act)).code
    _tell(district, _order(1))
    assert UNKNOWN == _tell(district, _directive(2, act)).code


def test_f3_a_withdrawal_ahead_of_its_order_buries_it_and_stops_what_goes_on() -> None:
    district = _district()
    _tell(district, _order(1))
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    assert Standing.APPLIED is _tell(district, _directive(2, w.Withdraw(reason="x"), "b")).standing
    case = district.cases["case"]
    assert (CaseStatus.ENDED, 2, None) == (case.status, case.held_generation, case.live)
    assert Standing.LATE is _tell(district, _order(2, "b")).standing
    assert Standing.APPLIED is _tell(district, _order(3, "c")).standing


def test_a_word_without_a_number_waits() -> None:
    district = _district()
    assert UNKNOWN == _tell(district, _order(0)).code
    assert UNKNOWN == _tell(district, _directive(0, w.Withdraw(reason="x"))).code
    assert {} == district.cases


def test_a_rework_must_bring_a_higher_number() -> None:
    district = _district()
    _tell(district, _order(2))
    verdict = w.ReworkVerdict(next_generation=2, limits=Limits())
    assert CONFLICT == _tell(district, _directive(2, verdict)).code


def test_a_repeated_withdrawal_is_late() -> None:
    district = _district()
    _tell(district, _order(1))
    withdraw = _directive(1, w.Withdraw(reason="派错"))
    assert Standing.APPLIED is _tell(district, withdraw).standing
    assert Standing.LATE is _tell(district, withdraw).standing


# --- F4, F5: reports


def _handed_on() -> Office:
    district = _district()
    _tell(district, _order(1))
    district.do(cmd.Dispatch, to=node("S"), limits=limits())
    return district


@pytest.mark.parametrize("generation", [0, 2])
def test_f4_a_report_of_another_round_is_late(generation: int) -> None:
    district = _handed_on()
    late = _report(district, w.DoneReport(result="x"), generation=generation)
    assert Standing.LATE is _tell(district, late, node("S")).standing
    case = district.cases["case"]
    assert case.live is not None
    assert (Rank.OFFERED, 1) == (case.live.rank, len(case.late))


def test_f4_an_assignment_nobody_remembers_is_late_from_one_who_had_the_case() -> None:
    district = _handed_on()
    stray = _report(district, w.SignedReport(), assignment_id=AssignmentId("lost"))
    assert Standing.LATE is _tell(district, stray, node("S")).standing
    assert NOT_YOURS == _tell(district, stray, node("S2")).code


def test_f4_an_appeal_is_heard_after_the_end_once() -> None:
    district = _handed_on()
    district.do(cmd.WithdrawAssignment, reason="派错")
    appeal = _report(district, _request("r1", RequestKind.APPEAL))
    assert Standing.APPLIED is _tell(district, appeal, node("S")).standing
    assert ("case", "request", "r1") in district.work
    asked = district.cases["case"].past[-1].request
    assert asked is not None
    assert RequestKind.APPEAL is asked.kind
    assert Standing.LATE is _tell(district, appeal, node("S")).standing
    wrong = replace(appeal, generation=9)
    assert Standing.LATE is _tell(district, wrong, node("S")).standing


def test_f4_late_results_are_bounded() -> None:
    district = _handed_on()
    district.do(cmd.WithdrawAssignment, reason="派错")
    done = _report(district, w.DoneReport(result="x"))
    for _ in range(LATE_KEPT_MAX + 3):
        _tell(district, done, node("S"))
    assert LATE_KEPT_MAX == len(district.cases["case"].late)


def test_f5_reports_move_forwards_only() -> None:
    district = _handed_on()
    acts: tuple[tuple[w.ReportAct, Standing, Rank], ...] = (
        (w.ProgressReport(), Standing.APPLIED, Rank.HANDLING),
        (w.SignedReport(), Standing.LATE, Rank.HANDLING),
        (w.ProgressReport(), Standing.APPLIED, Rank.HANDLING),  # a further note
        (w.DoneReport(result="x"), Standing.APPLIED, Rank.DONE),
        (w.DoneReport(result="y"), Standing.LATE, Rank.DONE),
        (w.ProgressReport(), Standing.LATE, Rank.DONE),
        (_request("r"), Standing.LATE, Rank.DONE),
    )
    for act, standing, rank in acts:
        assert standing is _tell(district, _report(district, act), node("S")).standing
        live = district.cases["case"].live
        assert live is not None
        assert rank is live.rank


# --- F9: requests


def test_f9_one_open_request_and_a_settled_one_never_reopens() -> None:
    district = _handed_on()
    assert (
        Standing.APPLIED is _tell(district, _report(district, _request("r1")), node("S")).standing
    )
    assert Standing.LATE is _tell(district, _report(district, _request("r1")), node("S")).standing
    district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=False)
    assert Standing.LATE is _tell(district, _report(district, _request("r1")), node("S")).standing
    assert (
        Standing.APPLIED is _tell(district, _report(district, _request("r2")), node("S")).standing
    )
    assert (
        Standing.APPLIED is _tell(district, _report(district, _request("r3")), node("S")).standing
    )
    live = district.cases["case"].live
    assert live is not None
    assert live.request is not None
    assert "r3" == live.request.request_id
    assert {("case", "request", "r3")} == district.work
    _tell(district, _report(district, w.DoneReport(result="x")), node("S"))
    assert set() == district.work


@pytest.mark.parametrize("kind", [RequestKind.EXTENSION, RequestKind.SUSPENSION, RequestKind.VOID])
def test_f9_what_cannot_be_granted_here_waits_and_is_not_lost(kind: RequestKind) -> None:
    district = _handed_on()
    _tell(district, _report(district, _request("r1", kind)), node("S"))
    live = district.cases["case"].live
    assert live is not None
    assert live.request is not None
    assert (kind, {("case", "request", "r1")}) == (live.request.kind, district.work)
    with pytest.raises(Refused):
        district.do(cmd.DecideRequest, request_id=RequestId("r1"), granted=True)
    assert {("case", "request", "r1")} == district.work


def test_f9_a_grant_of_something_we_never_asked_is_not_guessed() -> None:
    district = _district()
    _tell(district, _order(1))
    grant = w.Decision(request_id=RequestId("r"), granted=True, decider="x")
    assert UNKNOWN == _tell(district, _directive(1, grant)).code
    refusal = replace(grant, granted=False)
    assert Standing.LATE is _tell(district, _directive(1, refusal)).standing


@pytest.mark.parametrize("kind", [RequestKind.EXTENSION, RequestKind.SUSPENSION])
def test_f9_a_granted_extension_or_suspension_moves_limits_once(kind: RequestKind) -> None:
    from node.core.events import RequestRaised
    from node.core.evolve import evolve

    district = _district()
    _tell(district, _order(1, limits=limits(24)))
    raised = RequestRaised(
        at=T0, request_id=RequestId("r"), kind=kind, reason_code="parts", asker="clerk"
    )
    district.cases["case"] = evolve(district.cases["case"], raised)
    until = T0 + timedelta(days=30)
    grant = w.Decision(
        request_id=RequestId("r"), granted=True, decider="x", limits=limits(96), until=until
    )
    assert Standing.APPLIED is _tell(district, _directive(1, grant)).standing
    duty = district.cases["case"].duty
    assert duty is not None
    assert (None, limits(96)) == (duty.request, duty.limits)
    assert (until if kind is RequestKind.SUSPENSION else None) == duty.suspended_until
    assert Standing.LATE is _tell(district, _directive(1, grant)).standing


def test_an_upheld_appeal_moves_the_exemption_flag_and_nothing_else() -> None:
    from node.core.events import RequestRaised
    from node.core.evolve import evolve

    district = _district()
    _tell(district, _order(1))
    _tell(district, _directive(1, w.ClosedVerdict()))
    raised = RequestRaised(
        at=T0,
        request_id=RequestId("r"),
        kind=RequestKind.APPEAL,
        reason_code="weather",
        asker="clerk",
    )
    district.cases["case"] = evolve(district.cases["case"], raised)
    before = district.cases["case"]
    grant = w.Decision(request_id=RequestId("r"), granted=True, decider="x")
    assert Standing.APPLIED is _tell(district, _directive(1, grant)).standing
    after = district.cases["case"]
    assert (True, before.status) == (after.exempt, after.status)


# --- F10: who may speak


def test_f10_orders_and_directives_come_from_the_parent_only() -> None:
    district = _district()
    assert NOT_YOURS == _tell(district, _order(1), node("S")).code
    assert NOT_YOURS == _tell(district, _directive(1, w.Withdraw(reason="x")), adapter("A")).code


def test_f10_a_report_comes_from_its_own_assignee_only() -> None:
    district = _handed_on()
    signed = _report(district, w.SignedReport())
    assert NOT_YOURS == _tell(district, signed, node("S2")).code
    assert NOT_YOURS == _tell(district, signed, PARENT).code
    assert NOT_YOURS == _tell(district, replace(signed, generation=9), node("S2")).code


def test_f10_a_report_about_an_unknown_case_waits() -> None:
    district = _district()
    report = w.Report(
        case_id=CaseId("case"),
        assignment_id=AssignmentId("a"),
        generation=1,
        act=w.SignedReport(),
    )
    assert UNKNOWN == _tell(district, report, node("S")).code


def test_our_own_case_is_neither_handed_to_us_nor_called_back() -> None:
    district = _district()
    register(district)
    assert CONFLICT == _tell(district, _order(1)).code
    assert NOT_YOURS == _tell(district, _directive(1, w.Withdraw(reason="x"))).code
    assert CaseStatus.PENDING_DISPATCH is district.cases["case"].status


# --- timers


def test_a_timer_means_something_only_for_the_round_it_was_set_for() -> None:
    district = _district()
    _tell(district, _order(1, limits=limits(24)))
    district.do(cmd.Dispatch, to=node("S"), limits=limits(12))
    keys = sorted(district.timers)
    assert ["finish_by", "sign_by"] == [key[1] for key in keys]
    _tell(district, _report(district, w.SignedReport()), node("S"))
    assert ["finish_by"] == [key[1] for key in sorted(district.timers)]
    version = district.cases["case"].version
    district.timers[keys[1]] = T0
    district.fire(keys[1])  # signed meanwhile: nothing to say
    assert version == district.cases["case"].version
    district.fire(keys[0])
    live = district.cases["case"].live
    assert live is not None
    assert live.finish_overdue
    district.timers[keys[0]] = T0
    district.fire(keys[0])
    assert version + 1 == district.cases["case"].version


def test_a_timer_of_an_ended_assignment_or_unknown_case_says_nothing() -> None:
    from node.core.decide import decide
    from node.core.facts import CommandId

    district = _handed_on()
    key = sorted(district.timers)[0]
    district.do(cmd.WithdrawAssignment, reason="派错")
    assert {} == district.timers
    district.timers[key] = T0
    version = district.cases["case"].version
    district.fire(key)
    assert version == district.cases["case"].version
    fired = cmd.TimerFired(
        command_id=CommandId("x"),
        actor="clock",
        case_id=CaseId("other"),
        kind="finish_by",
        ref="a/1",
        due_at=T0,
    )
    assert () == decide(None, fired, district.context(cause="x"))
