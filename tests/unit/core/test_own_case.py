"""An own case, verb by verb: who may, from where, and what is said to whom."""

from __future__ import annotations

from typing import Any

import pytest

from node.core import commands as cmd
from node.core.capability import Capability
from node.core.case import CaseStatus
from node.core.errors import (
    Invalid,
    NoRoute,
    NotPermitted,
    UnknownCase,
    VersionConflict,
    WrongStatus,
)
from node.core.facts import Rank
from tests.town import CATEGORY, PLACE, Office, Town, adapter, limits, node, register


def _city(**fields: Any) -> Office:
    town = Town()
    city = town.office("C", **fields)
    town.office("D", "C")
    town.system("A", "C")
    return city


def _opened(city: Office) -> None:
    city.do(
        cmd.OpenCase, case_no="1", category=CATEGORY, place=PLACE, text="井盖缺失", source="hotline"
    )


def _done(city: Office) -> None:
    register(city)
    city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    city.town.settle()
    city.town.systems["A"].choose("case", 3)
    city.town.settle()


def test_a_case_runs_from_report_to_closing() -> None:
    city = _city()
    _opened(city)
    assert CaseStatus.REPORTED is city.cases["case"].status
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File).status
    assert CaseStatus.DISPATCHED is city.do(cmd.Dispatch, to=adapter("A"), limits=limits()).status
    city.town.settle()
    system = city.town.systems["A"]
    system.choose("case", 0)
    city.town.settle()
    assert CaseStatus.HANDLING is city.cases["case"].status
    system.choose("case", 3)
    city.town.settle()
    assert CaseStatus.FEEDBACK_GIVEN is city.cases["case"].status
    assert CaseStatus.CHECKING is city.do(cmd.StartCheck).status
    assert CaseStatus.PENDING_CLOSE is city.do(cmd.PassCheck).status
    assert CaseStatus.CHECKING is city.do(cmd.StartCheck, text="再看一次").status
    city.do(cmd.PassCheck)
    closed = city.do(cmd.Close, text="已恢复")
    assert CaseStatus.CLOSED is closed.status
    assert closed.live is None
    assert closed.version == len(city.journal["case"])
    assert not city.timers


def test_a_declined_report_never_becomes_a_case() -> None:
    city = _city()
    _opened(city)
    with pytest.raises(Invalid):
        city.do(cmd.Decline, reason="  ")
    assert CaseStatus.NOT_FILED is city.do(cmd.Decline, reason="重复上报").status
    with pytest.raises(WrongStatus):
        city.do(cmd.File)


def test_a_failed_check_starts_a_new_round_and_keeps_the_past() -> None:
    city = _city()
    _done(city)
    case = city.do(cmd.FailCheck, text="未修复", limits=limits(96))
    assert case.live is not None
    assert (2, Rank.SIGNED, 1, None) == (
        case.live.generation,
        case.live.rank,
        case.live.rework_count,
        case.live.result,
    )
    assert CaseStatus.HANDLING is case.status
    assert [(key[1], key[2]) for key in city.timers] == [("finish_by", case.live.timer_ref)]


def test_an_adopted_result_that_fails_its_check_is_dispatched_anew() -> None:
    city = _city()
    register(city)
    city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    city.town.settle()
    city.town.systems["A"].choose("case", 3)
    city.do(cmd.WithdrawAssignment, reason="派错")
    city.town.settle()
    cause = city.cases["case"].late[0].cause
    city.do(cmd.AdoptLate, cause=cause)
    with pytest.raises(WrongStatus):
        city.do(cmd.WithdrawAssignment, reason="无人在办")
    case = city.do(cmd.FailCheck, text="未修复", limits=limits())
    assert CaseStatus.PENDING_DISPATCH is case.status
    with pytest.raises(Invalid):
        city.do(cmd.AdoptLate, cause=cause)  # once


def test_a_result_under_check_can_still_be_called_back() -> None:
    city = _city()
    _done(city)
    city.do(cmd.StartCheck)
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.WithdrawAssignment, reason="派错").status


@pytest.mark.parametrize(
    ("missing", "make", "fields"),
    [
        (Capability.FILE, cmd.File, {}),
        (Capability.FILE, cmd.Decline, {"reason": "重复"}),
    ],
)
def test_a_reported_case_needs_the_right_to_file(
    missing: Capability, make: Any, fields: dict[str, Any]
) -> None:
    city = _city(capabilities=frozenset(Capability) - {missing})
    _opened(city)
    with pytest.raises(NotPermitted) as refused:
        city.do(make, **fields)
    assert {"capability": str(missing), "verb": make.__name__} == refused.value.detail


def test_intake_dispatch_check_and_close_each_need_their_right() -> None:
    city = _city(capabilities=frozenset())
    with pytest.raises(NotPermitted):
        _opened(city)
    city.capabilities = frozenset(Capability) - {Capability.DISPATCH}
    register(city)
    with pytest.raises(NotPermitted):
        city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    city = _city()
    _done(city)
    city.capabilities = frozenset(Capability) - {Capability.CHECK}
    for make in (cmd.StartCheck, cmd.PassCheck):
        with pytest.raises(NotPermitted):
            city.do(make)
    with pytest.raises(NotPermitted):
        city.do(cmd.FailCheck, text="未修复", limits=limits())
    city.capabilities = frozenset(Capability) - {Capability.CLOSE}
    city.do(cmd.PassCheck)
    with pytest.raises(NotPermitted):
        city.do(cmd.Close, text="已恢复")


def test_dispatch_goes_to_a_child_or_adapter_and_never_to_ourselves() -> None:
    city = _city()
    register(city)
    with pytest.raises(NoRoute):
        city.do(cmd.Dispatch, to=node("X"), limits=limits())
    with pytest.raises(Invalid):
        city.do(cmd.Dispatch, to=node("C"), limits=limits())


def test_a_command_made_for_another_version_is_refused() -> None:
    city = _city()
    _opened(city)
    with pytest.raises(VersionConflict) as refused:
        city.do(cmd.File, expected_version=7)
    assert {"version": "1"} == refused.value.detail
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File, expected_version=1).status


def test_an_unknown_case_and_a_case_opened_twice_are_refused() -> None:
    city = _city()
    with pytest.raises(UnknownCase):
        city.do(cmd.File)
    _opened(city)
    with pytest.raises(WrongStatus):
        _opened(city)


@pytest.mark.parametrize(
    "broken",
    [{"text": " "}, {"case_no": ""}, {"category": "code"}, {"category": "kind"}],
)
def test_a_case_is_opened_with_what_a_case_needs(broken: dict[str, Any]) -> None:
    from dataclasses import replace

    city = _city()
    fields: dict[str, Any] = {
        "case_no": "1",
        "category": CATEGORY,
        "place": PLACE,
        "text": "井盖缺失",
        "source": "hotline",
    }
    if broken.get("category") == "code":
        broken = {"category": replace(CATEGORY, code="")}
    elif broken.get("category") == "kind":
        broken = {"category": replace(CATEGORY, kind="部件")}
    with pytest.raises(Invalid):
        city.do(cmd.OpenCase, **{**fields, **broken})


def test_closing_needs_a_passed_check_and_words() -> None:
    city = _city()
    _done(city)
    with pytest.raises(WrongStatus):
        city.do(cmd.Close, text="已恢复")
    city.do(cmd.PassCheck)
    with pytest.raises(Invalid):
        city.do(cmd.Close, text="")
