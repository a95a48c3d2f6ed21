"""Naming a handler inside the office: whoever holds the duty may, unless the matrix says more."""

from __future__ import annotations

import pytest

from node.core import commands as cmd
from node.core.capability import Capability
from node.core.case import Case
from node.core.errors import NotPermitted, WrongStatus
from node.core.handling import duty_to_assign, may_assign
from node.core.rights import ASSIGN_HANDLER, DUTY_VERBS, Lopsided, read_matrix
from tests.town import Office, Town, limits, node, register
from tests.unit.core.test_rights import _lists, matrix

NONE: frozenset[Capability] = frozenset()


def one_case(office: Office) -> Case:
    [case] = office.cases.values()
    return case


def offices() -> tuple[Town, Office, Office]:
    """A city that handed a case to its district."""
    town = Town()
    city, district = town.office("C", rights=matrix()), town.office("D", "C", rights=matrix())
    register(city)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()
    return town, city, district


def test_whoever_holds_the_duty_names_a_handler_and_nobody_else_does() -> None:
    town, city, district = offices()
    held = one_case(district)
    assert duty_to_assign(held, NONE, None) is held.duty
    assert may_assign(held, NONE, None)
    assert not may_assign(one_case(city), frozenset(Capability), None)
    with pytest.raises(WrongStatus) as refused:
        duty_to_assign(one_case(city), frozenset(Capability), None)
    assert refused.value.why == "no_duty"

    city.do(cmd.WithdrawAssignment, reason="派错")
    town.settle()
    assert not may_assign(one_case(district), NONE, None)
    with pytest.raises(WrongStatus):
        duty_to_assign(one_case(district), NONE, None)


def test_a_matrix_may_ask_for_a_right_and_one_that_is_silent_asks_for_none() -> None:
    _, _, district = offices()
    lists = _lists()
    assert ASSIGN_HANDLER in DUTY_VERBS
    assert read_matrix(**lists).at_desk(ASSIGN_HANDLER) is None

    lists["duty"]["dispatch"] = (*lists["duty"]["dispatch"], ASSIGN_HANDLER)
    needed = read_matrix(**lists).at_desk(ASSIGN_HANDLER)
    assert needed is Capability.DISPATCH
    assert may_assign(one_case(district), frozenset({needed}), needed)
    assert not may_assign(one_case(district), NONE, needed)
    with pytest.raises(NotPermitted) as refused:
        duty_to_assign(one_case(district), NONE, needed)
    assert refused.value.detail["capability"] == "dispatch"

    lists["duty"]["holding"] = (*lists["duty"]["holding"], ASSIGN_HANDLER)
    with pytest.raises(Lopsided):
        read_matrix(**lists)
    own = _lists()
    own["own"]["file"] = (*own["own"]["file"], ASSIGN_HANDLER)
    with pytest.raises(Lopsided):
        read_matrix(**own)
