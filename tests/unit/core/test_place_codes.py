"""Codes of divisions, organisations, grids and components: what holds and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from node.core.components import Component, UnitRole, check_component
from node.core.errors import Invalid
from node.core.grids import Grid, GridKind, area_of, check_grid
from node.core.regions import (
    CREDIT_SIGNS,
    Region,
    check_credit_code,
    check_region,
    plain_region,
)

UNIT = "420203001002"
VALID_CREDIT = "91350100M000100Y43"


def code_of(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    return refusal.value.code


@pytest.mark.parametrize("code", ["42", "4202", "420203", "420203001", "320508019044", "500119"])
def test_division_codes_of_every_level_hold(code: str) -> None:
    assert check_region(code) == code


@pytest.mark.parametrize(
    "code", ["4", "420", "42020", "4202O3", "990203", "428003", "420003", ""])
def test_impossible_division_codes_are_refused(code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_region(code)
    assert code_of(refusal) == "region.code"


def test_a_pseudo_region_needs_no_national_code_only_the_length_of_a_level() -> None:
    assert check_region("428871", pseudo=True) == "428871"
    with pytest.raises(Invalid):
        check_region("4288711", pseudo=True)


def test_trailing_zeros_mean_all_of_it() -> None:
    assert [plain_region(code) for code in (
        "420000", "420200", "420203000000", "420203001000", "420203001")] == [
        "42", "4202", "420203", "420203001", "420203001"]


def test_a_division_knows_its_parent_and_its_days() -> None:
    one = Region(code="420203001", name="澄月街道", valid_from=date(2026, 1, 1),
                 valid_to=date(2026, 6, 30))
    assert one.parent == "420203"
    assert [one.holds_on(day) for day in (
        date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))] == [
        False, True, True, False]


def test_credit_code_of_the_standards_example_holds() -> None:
    assert check_credit_code(VALID_CREDIT) == VALID_CREDIT


def test_one_wrong_sign_in_a_credit_code_is_always_noticed() -> None:
    for place in range(18):
        for sign in CREDIT_SIGNS:
            wrong = VALID_CREDIT[:place] + sign + VALID_CREDIT[place + 1 :]
            if wrong != VALID_CREDIT:
                with pytest.raises(Invalid) as refusal:
                    check_credit_code(wrong)
                assert code_of(refusal) == "unit.credit_code"


@pytest.mark.parametrize("code", ["", "91350100M000100Y4", "91350100M000100I43"])
def test_what_has_not_the_form_of_a_credit_code_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        check_credit_code(code)


@pytest.mark.parametrize(("standard", "code"), [
    ("GB/T 30428.1", UNIT + "001"), ("CJ/T 213-2005", UNIT + "01"),
    ("local-16", "4202030010002001"),
])
def test_a_grid_code_is_measured_by_its_declared_standard(standard: str, code: str) -> None:
    check_grid(GridKind.UNIT, code, "420203", standard)
    for wrong in (code + "1", code[:-1], code[:-1] + "x"):
        with pytest.raises(Invalid) as refusal:
            check_grid(GridKind.UNIT, wrong, "420203", standard)
        assert code_of(refusal) == "grid.code"


@pytest.mark.parametrize(("code", "area", "expected"), [
    (UNIT + "001", "420204", "grid.prefix"), (UNIT + "000", UNIT, "grid.code"),
])
def test_a_grid_code_begins_with_its_division_and_counts_from_one(
    code: str, area: str, expected: str,
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_grid(GridKind.UNIT, code, area, "GB/T 30428.1")
    assert code_of(refusal) == expected


def test_an_undeclared_standard_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        check_grid(GridKind.UNIT, UNIT + "001", UNIT, "GB/T 1")
    assert code_of(refusal) == "grid.standard"


def test_beats_have_a_code_set_of_their_own() -> None:
    check_grid(GridKind.BEAT, "XS-03", "420203", "")
    with pytest.raises(Invalid):
        check_grid(GridKind.BEAT, "三号", "420203", "")


def test_a_void_grid_holds_on_no_day() -> None:
    grid = Grid(kind=GridKind.UNIT, code=UNIT + "001", area=UNIT)
    assert grid.holds_on(date(2026, 1, 1))
    assert not replace(grid, void=True).holds_on(date(2026, 1, 1))
    assert area_of(grid.code, grid.standard) == UNIT


PUMP = Component(
    code="42020301001000001", name="供水井盖",
    department_code=VALID_CREDIT, department_name="黄石市城市管理委员会",
    owner_name="黄石市自来水公司", maintainer_name="黄石市城建养护公司",
    maintained_from=date(2024, 1, 1), maintained_to=date(2026, 12, 31),
)


def test_after_the_maintenance_period_the_next_unit_answers() -> None:
    during = [role for role, _ in PUMP.answerable_on(date(2026, 12, 31))]
    after = [role for role, _ in PUMP.answerable_on(date(2027, 1, 1))]
    assert during == [UnitRole.MAINTAINER, UnitRole.OWNER, UnitRole.DEPARTMENT]
    assert after == [UnitRole.OWNER, UnitRole.DEPARTMENT]


def test_a_component_without_owner_and_maintainer_is_owner_unknown() -> None:
    assert replace(PUMP, owner_name="", maintainer_name="").owner_unknown
    assert not PUMP.owner_unknown


def test_a_record_past_its_update_date_is_stale() -> None:
    one = replace(PUMP, update_due_on=date(2026, 6, 30))
    assert [one.is_stale_on(date(2026, 6, 30)), one.is_stale_on(date(2026, 7, 1))] == [False, True]


@pytest.mark.parametrize(("change", "expected"), [
    ({"code": "4202"}, "component.code"), ({"name": ""}, "component.name"),
    ({"owner_code": "91350100M000100Y44"}, "unit.credit_code"),
    ({"maintained_to": date(2023, 1, 1)}, "component.period"), ({"lon": 115.0}, "component.point"),
])
def test_what_a_component_cannot_be_is_refused(change: dict[str, object], expected: str) -> None:
    check_component(PUMP)
    with pytest.raises(Invalid) as refusal:
        check_component(replace(PUMP, **change))  # type: ignore[arg-type]
    assert code_of(refusal) == expected
