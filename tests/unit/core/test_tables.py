"""The tables of an office: responsibilities, limits as sheets write them, capabilities."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from node.core.capability import Capability, effective
from node.core.catalog import read_limit
from node.core.clock import TimeLimit, TimeUnit
from node.core.facts import Address, Facts, NodeId
from node.core.routing import NOBODY, DutyKind, Responsibility, route
from tests.town import CATEGORY, PLACE, T0, adapter, node

FACTS = Facts(
    case_no="1",
    filing_node=NodeId("C"),
    category=CATEGORY,
    place=PLACE,
    text="井盖缺失",
    source="collector",
    reported_at=T0,
)
STANDARD = CATEGORY.standard_ref


def row(to: Address, *, area: str = "", code: str = "", kind: str = "matter") -> Responsibility:
    return Responsibility(standard_ref=STANDARD, kind=kind, code=code, area=area, assignee=to)


def test_the_most_specific_area_wins_then_the_most_specific_code() -> None:
    rows = [
        row(node("C1"), area="4202"),
        row(node("D"), area="420203"),
        row(node("U"), area="420203", code="01"),
        row(adapter("power"), area="420203", code="01001"),
        row(node("OTHER"), area="420204", code="01001"),
    ]
    routed = route(rows, FACTS, T0)
    assert (adapter("power"), (adapter("power"),)) == (routed.to, routed.candidates)
    assert node("D") == route(rows[:2], FACTS, T0).to
    # an area outranks a code: the bureau of the whole city is second to the street's own crew
    rows = [row(node("BUREAU"), area="4202", code="01001"), row(node("STREET"), area="420203001")]
    assert node("STREET") == route(rows, FACTS, T0).to


def test_several_equal_candidates_or_none_is_an_answer_and_never_a_guess() -> None:
    rows = [row(node("U1"), code="01001"), row(node("U2"), code="01001")]
    routed = route(rows, FACTS, T0)
    assert (None, (node("U1"), node("U2"))) == (routed.to, routed.candidates)
    assert node("U1") == route([rows[0], rows[0]], FACTS, T0).to
    assert NOBODY == route([], FACTS, T0)


def test_the_same_digits_of_another_standard_or_kind_do_not_match() -> None:
    older = replace(row(node("U"), code="01001"), standard_ref="GB/T 30428.2-2013")
    component = row(node("U"), code="01001", kind="component")
    digits_only = replace(row(node("U"), code="01001"), standard_ref="")
    for one in (older, component, digits_only):
        assert NOBODY == route([one], FACTS, T0)


def test_rows_hold_only_while_valid_and_only_leaders_are_asked() -> None:
    old = replace(row(node("OLD")), valid_to=T0)
    new = replace(row(node("NEW")), valid_from=T0)
    assist = replace(row(node("HELP"), area="420203001"), duties=frozenset({DutyKind.ASSIST}))
    assert node("NEW") == route([old, new, assist], FACTS, T0).to
    assert node("OLD") == route([old, new, assist], FACTS, T0 - timedelta(seconds=1)).to


@pytest.mark.parametrize(
    ("text", "value", "unit", "action"),
    [
        ("2紧急工作时", 2, TimeUnit.URGENT_HOUR, ""),
        ("4小时", 4, TimeUnit.WORK_HOUR, ""),
        ("4工作时", 4, TimeUnit.WORK_HOUR, ""),
        ("5天", 5, TimeUnit.WORK_DAY, ""),
        ("2工作日", 2, TimeUnit.WORK_DAY, ""),
        ("1紧急工作日", 1, TimeUnit.CALENDAR_DAY, ""),
        ("3自然日", 3, TimeUnit.CALENDAR_DAY, ""),
        ("30分钟", 30, TimeUnit.MINUTE, ""),
        (" 2紧急工作日制止 ", 2, TimeUnit.CALENDAR_DAY, "制止"),
    ],
)
def test_limits_are_read_as_sheets_write_them(
    text: str, value: int, unit: TimeUnit, action: str
) -> None:
    read = read_limit(text)
    assert (TimeLimit(value=value, unit=unit), action) == (read.limit, read.action)


@pytest.mark.parametrize("text", ["", "尽快", "两天", "0天", "天", "1周", "12345678天"])
def test_an_unreadable_limit_is_kept_as_it_is(text: str) -> None:
    read = read_limit(text)
    assert (text, None) == (read.text, read.limit)


def test_a_capability_is_granted_and_possible() -> None:
    granted = [Capability.DISPATCH, Capability.CHECK]
    assert frozenset(granted) == effective(granted, has_assignees=True)
    assert frozenset({Capability.CHECK}) == effective(granted, has_assignees=False)
