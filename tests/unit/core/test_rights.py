"""Rights are data: every verb once, unknown ones refused, the same hands never on both sides."""

from __future__ import annotations

from typing import Any

import pytest

from node.core import commands as cmd
from node.core.capability import Capability
from node.core.case import CaseStatus
from node.core.errors import NoRoute, NotPermitted
from node.core.facts import Address, Rank
from node.core.rights import DUTY_VERBS, HOLDING, OWN_VERBS, Lopsided, Rights, read_matrix
from node.core.transitions import COMMANDS, TABLE, Actor, allowed
from tests.town import Office, Town, adapter, limits, node, register


def _lists(**changes: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """The column of the transition table as lists of verbs by right."""
    sides: dict[str, dict[str, set[str]]] = {"own": {}, "duty": {}}
    duty = {CaseStatus.HELD, CaseStatus.DONE, CaseStatus.ENDED}
    for row in TABLE:
        if row.actor is Actor.PERSON:
            side = sides["duty" if row.status in duty else "own"]
            side.setdefault(row.capability or HOLDING, set()).add(row.verb)
    found: dict[str, Any] = {
        name: {right: tuple(sorted(verbs)) for right, verbs in side.items()}
        for name, side in sides.items()
    }
    for name, change in changes.items():
        found[name] = {**found[name], **change}
    return found


WORK, JUDGE = ("Progress", "FeedBack"), ("StartCheck", "PassCheck", "FailCheck", "Close")


def matrix(**fields: Any) -> Rights:
    return read_matrix(**{**_lists(), "working": WORK, "judging": JUDGE, **fields})


def test_the_matrix_says_what_the_table_says() -> None:
    rights = matrix()
    for row in COMMANDS.values():
        assert row.capability == rights.needed(row), row


def test_every_verb_is_named_exactly_once_or_the_matrix_is_refused() -> None:
    assert {"File", "OpenCase"} <= OWN_VERBS - DUTY_VERBS
    for change, problem in (
        ({"file": ()}, "own: File is not named"),
        ({"file": ("File", "Decline", "File")}, "own: File is named twice"),
        ({"evaluate": ("Reticulate",)}, "own: there is no verb Reticulate"),
        ({"reign": ("File",)}, "own: there is no right reign"),
    ):
        with pytest.raises(Lopsided) as refused:
            matrix(**_lists(own=change))
        assert problem in refused.value.problems
    for fields, problem in (
        ({"working": ("Dance",)}, "separation: there is no verb Dance"),
        ({"working": ("Close",)}, "separation: Close is on both sides"),
    ):
        with pytest.raises(Lopsided) as refused:
            matrix(**fields)
        assert (problem,) == refused.value.problems


def test_a_matrix_moves_a_right_without_any_code() -> None:
    lists = _lists()
    lists["own"]["file"] = tuple(one for one in lists["own"]["file"] if one != "Decline")
    lists["own"]["intake"] = (*lists["own"]["intake"], "Decline")
    rights = read_matrix(**lists)
    town = Town()
    city = town.office("C", rights=rights, capabilities=frozenset({Capability.INTAKE}))
    assert ("Decline",) == tuple(
        verb for verb in allowed(CaseStatus.REPORTED, city.capabilities, rights.needed)
        if verb in ("File", "Decline"))


def _district(**fields: Any) -> tuple[Office, Office]:
    town = Town()
    city = town.office("C", rights=matrix())
    district = town.office("D", "C", **{"rights": matrix(), **fields})
    town.office("S", "D")
    town.system("A", "D")
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    return city, district


@pytest.mark.parametrize(
    ("make", "fields", "right"),
    [
        (cmd.File, {}, Capability.FILE),
        (cmd.Decline, {"reason": "重复"}, Capability.FILE),
        (cmd.StartCheck, {}, Capability.CHECK),
        (cmd.PassCheck, {}, Capability.CHECK),
        (cmd.FailCheck, {"text": "未达标", "limits": limits()}, Capability.CHECK),
        (cmd.Close, {"text": "结案"}, Capability.CLOSE),
    ],
)
def test_the_office_below_is_told_which_right_it_lacks_on_the_case_of_the_office_above(
    make: Any, fields: dict[str, Any], right: Capability
) -> None:
    _, district = _district()
    with pytest.raises(NotPermitted) as refused:
        district.do(make, **fields)
    assert (str(right), "C") == (
        refused.value.detail["capability"], refused.value.detail["filing_node"])


def test_whoever_handles_a_case_neither_checks_nor_closes_it() -> None:
    _, district = _district()
    district.do(cmd.Progress, text="在处置", actor="甲")
    district.do(cmd.Dispatch, to=adapter("A"), limits=limits(), actor="甲")
    district.town.settle()
    district.town.systems["A"].choose("case", 3)
    # our own word goes up at once here, so take the leg's result before that
    while district.town.busy():
        district.town.deliver(district.town.busy()[0])
    with pytest.raises(NotPermitted) as refused:
        district.do(cmd.Close, text="结束本段", actor="甲")
    assert ("case.same_hand", "甲") == (refused.value.code, refused.value.detail["actor"])
    assert district.do(cmd.Close, text="结束本段", actor="乙").live is None


def test_passing_a_case_on_is_not_handling_it() -> None:
    _, district = _district()
    district.do(cmd.Sign, actor="甲")
    district.do(cmd.Dispatch, to=adapter("A"), limits=limits(), actor="甲")
    district.do(cmd.Progress, text="已催促下级", actor="甲")
    assert () == district.cases["case"].handlers


def test_whoever_judged_a_case_does_not_handle_it_either_unless_the_profile_allows() -> None:
    from node.core.context import Relay

    _, district = _district(relay=Relay.CONFIRM)
    district.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    district.town.settle()
    district.town.systems["A"].choose("case", 3)
    district.town.settle()
    live = district.cases["case"].live
    assert live is not None
    assert Rank.DONE is live.rank
    district.do(cmd.FailCheck, text="未达标", limits=limits(), actor="甲")
    district.do(cmd.WithdrawAssignment, reason="改为自办", actor="甲")
    with pytest.raises(NotPermitted):
        district.do(cmd.FeedBack, result="已修复", actor="甲")
    from dataclasses import replace

    district.rights = replace(matrix(), separated=False)
    assert CaseStatus.DONE is district.do(cmd.FeedBack, result="已修复", actor="甲").status


def test_a_unit_where_nobody_answers_is_refused_with_the_reason() -> None:
    town = Town()

    def why(to: Address) -> str:
        return "no_clerk" if to == adapter("A") else ""

    city = town.office("C", unanswerable=why)
    town.system("A", "C")
    town.office("D", "C")
    register(city)
    with pytest.raises(NoRoute) as refused:
        city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    assert ("unit.unanswerable", "no_clerk") == (refused.value.code, refused.value.detail["gap"])
    assert CaseStatus.DISPATCHED is city.do(cmd.Dispatch, to=node("D"), limits=limits()).status
