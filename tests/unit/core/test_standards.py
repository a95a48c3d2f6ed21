"""Editions: approved by another, in force on a day; what filing asks of the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from node.core.clock import TimeLimit, TimeUnit
from node.core.codes import GB_2013, GB_2026, LAYOUTS, ClassKey
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import Category
from node.core.standards import (
    Catalog,
    ClassEntry,
    Condition,
    Content,
    Edition,
    Standing,
    activate,
    approve,
    area_class,
    check_condition,
    check_listed,
    in_force,
    standing,
)

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # the 21st in China
TODAY = date(2026, 11, 21)
KEY = ClassKey(standard_ref=GB_2026, kind="matter", code="01001")
CATEGORY = Category(standard_ref=GB_2026, kind="matter", code="01001", name="供水井盖异常")
DRAFT = Edition(standard_ref=GB_2026, version=2, layout=LAYOUTS[GB_2026], authors=("王", "李"))
FIRST = Edition(standard_ref=GB_2026, version=1, layout=LAYOUTS[GB_2026], approved=True,
                basis="shipped", effective_from=date(2026, 7, 1))


def catalog(*conditions: Condition, entry: ClassEntry | None = None, **areas: str) -> Catalog:
    entry = entry or ClassEntry(key=KEY, name="供水井盖异常")
    content = Content(classes={KEY: entry}, conditions={KEY: conditions})
    return Catalog([FIRST], {(GB_2026, 1): content},
                   {("zone", area.removeprefix("a")): one for area, one in areas.items()})


def condition(number: int = 1, **more: object) -> Condition:
    return Condition(key=KEY, number=number, filing="破损", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["王", "李", ""])
def test_nobody_approves_what_they_wrote(who: str) -> None:
    with pytest.raises(NotPermitted) as refused:
        approve(DRAFT, by=who, at=NOW, effective_from=None)
    assert refused.value.code == "standard.own_draft"


def test_an_approved_edition_takes_effect_on_its_day_and_supersedes_the_one_before() -> None:
    approved = approve(DRAFT, by="张", at=NOW, effective_from=date(2026, 12, 1))
    both = (FIRST, approved)

    assert in_force(both, date(2026, 11, 30)) == FIRST
    assert in_force(both, date(2026, 12, 1)) == approved
    assert in_force(both, date(2026, 6, 30)) is None
    assert [standing(one, both, TODAY) for one in (DRAFT, *both)] == [
        Standing.DRAFT, Standing.ACTIVE, Standing.APPROVED]
    assert standing(FIRST, both, date(2026, 12, 2)) is Standing.SUPERSEDED


def test_the_day_is_the_day_in_china_and_may_not_have_passed() -> None:
    assert approve(DRAFT, by="张", at=NOW, effective_from=None).effective_from == TODAY
    with pytest.raises(Invalid) as refused:
        approve(DRAFT, by="张", at=NOW, effective_from=TODAY - timedelta(days=1))
    assert refused.value.code == "standard.past_day"
    with pytest.raises(WrongStatus):
        approve(FIRST, by="张", at=NOW, effective_from=None)


def test_a_standard_can_be_ended_and_taken_up_again() -> None:
    ended = activate(FIRST, at=NOW, effective_from=date(2026, 7, 1), effective_to=TODAY)

    assert in_force([ended], TODAY) == ended
    assert in_force([ended], TODAY + timedelta(days=1)) is None
    later = activate(ended, at=NOW, effective_from=date(2026, 7, 1), effective_to=None)
    assert in_force([later], date(2027, 1, 1)) == later
    with pytest.raises(WrongStatus):
        activate(DRAFT, at=NOW, effective_from=TODAY, effective_to=None)
    for start, end in [(date(2026, 1, 1), None), (TODAY, TODAY - timedelta(days=1))]:
        with pytest.raises(Invalid):
            activate(FIRST, at=NOW, effective_from=start, effective_to=end)


def test_a_class_of_the_list_is_filed_under_its_edition() -> None:
    listed = check_listed(catalog(), CATEGORY, at=NOW)

    assert listed.entry is not None
    assert listed.version == "GB/T 47678.5-2026@1"
    assert check_listed(None, CATEGORY, at=NOW).version == ""


@pytest.mark.parametrize("change", [
    {"code": "01002"}, {"kind": "component"}, {"standard_ref": GB_2013},
])
def test_out_of_the_list_only_for_a_stated_reason(change: dict[str, str]) -> None:
    other = replace(CATEGORY, **change)  # type: ignore[arg-type]

    for reason in ("", "  "):
        with pytest.raises(Invalid) as refused:
            check_listed(catalog(), other, at=NOW, reason=reason)
        assert refused.value.code == "category.out_of_list"
    listed = check_listed(catalog(), other, at=NOW, reason=" 市长交办 ")
    assert (listed.entry, listed.reason) == (None, "市长交办")


def test_a_class_that_ended_is_out_of_the_list_for_new_cases() -> None:
    ended = ClassEntry(key=KEY, name="供水井盖异常", valid_to=date(2026, 11, 20))

    with pytest.raises(Invalid):
        check_listed(catalog(entry=ended), CATEGORY, at=NOW)
    assert check_listed(catalog(entry=ended), CATEGORY, at=NOW - timedelta(days=1)).entry == ended


def test_filing_names_a_condition_if_there_is_one_to_name() -> None:
    two = catalog(condition(1), condition(2))

    found = check_condition(two, CATEGORY, 2, area="420203", at=NOW)
    assert found is not None
    assert found.number == 2
    for number, code in [(0, "condition.missing"), (3, "condition.unknown")]:
        with pytest.raises(Invalid) as refused:
            check_condition(two, CATEGORY, number, area="420203", at=NOW)
        assert refused.value.code == code
    assert check_condition(catalog(), CATEGORY, 0, area="420203", at=NOW) is None


def test_limits_follow_the_class_of_the_area() -> None:
    def hours(count: int) -> TimeLimit:
        return TimeLimit(value=count, unit=TimeUnit.WORK_HOUR)

    zones = catalog(
        condition(dimension="zone", area_class="A", limit=hours(2)),
        condition(dimension="zone", area_class="B", limit=hours(4)),
        condition(limit=hours(8)), a420203="B", a420203001="A",
    )

    for area, count in [("420203001", 2), ("420203002", 4), ("420204", 8)]:
        found = check_condition(zones, CATEGORY, 1, area=area, at=NOW)
        assert found is not None
        assert found.limit == hours(count), area


def test_a_condition_without_a_row_for_the_area_is_refused() -> None:
    only = catalog(condition(dimension="zone", area_class="A"), a420203="B")

    with pytest.raises(Invalid) as refused:
        check_condition(only, CATEGORY, 1, area="420203", at=NOW)
    assert refused.value.code == "condition.unknown"


def test_an_area_takes_the_class_of_its_longest_registered_beginning() -> None:
    areas = {("zone", "4202"): "C", ("zone", "420203"): "B", ("severity", "420203"): "major"}

    assert area_class("zone", "420203001", areas) == "B"
    assert area_class("zone", "420204", areas) == "C"
    assert area_class("zone", "430100", areas) == ""
