"""Where a responsibility table names nobody, or several who cannot both answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from node.core.codes import ClassKey
from node.core.coverage import Uncovered, conflicts, uncovered
from node.core.facts import Address, Category, Facts, Place
from node.core.routing import DutyKind, Prefer, Qualifier, Reason, Responsibility, route

GB = "GB/T 47678.5-2026"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
POTHOLE = ClassKey(standard_ref=GB, kind="matter", code="06013")
LID = ClassKey(standard_ref=GB, kind="component", code="01001")


def row(unit: str, **changed: Any) -> Responsibility:
    return Responsibility(**{
        "standard_ref": GB, "kind": "matter", "code": "06013", "area": "4202",
        "assignee": Address.parse("node:420203"), "unit": unit, **changed})


def test_a_class_without_a_lead_is_a_gap_everywhere_or_in_the_areas_that_lack_one() -> None:
    rows = [row("36", area="420203"), row("37", code="01", kind="component", duties=frozenset(
        {DutyKind.ASSIST}))]

    found = uncovered(rows, [POTHOLE, LID], ["420203", "420204"], NOW)

    assert found == [Uncovered(key=POTHOLE, areas=("420204",)), Uncovered(key=LID)]


def test_beginnings_of_code_area_and_kind_cover_and_other_standards_do_not() -> None:
    assert uncovered([row("36", code="06")], [POTHOLE], ["420203"], NOW) == []
    assert uncovered([row("36", code="", kind="", area="")], [POTHOLE], ["420203"], NOW) == []
    assert uncovered(
        [row("36", standard_ref="CJ/T 214-2007")], [POTHOLE], [], NOW) == [Uncovered(key=POTHOLE)]


def test_a_row_that_is_over_or_has_not_begun_covers_nothing() -> None:
    over, later = row("36", valid_to=NOW), row("36", valid_from=NOW + timedelta(days=1))
    assert uncovered([over, later], [POTHOLE], [], NOW) == [Uncovered(key=POTHOLE)]


def test_equally_specific_rows_of_two_units_are_a_conflict_and_routing_says_several() -> None:
    rows = [row("36"), row("37"), row("38", area="420203")]

    [found] = conflicts(rows, NOW)

    assert found.units == ("36", "37")
    facts = Facts(
        category=Category(standard_ref=GB, kind="matter", code="06013", name=""),
        place=Place(area="4202", address=""), text="", source="hotline", case_no="1",
        filing_node="420200", reported_at=NOW)
    assert route(rows, facts, NOW).reason is Reason.SEVERAL


def test_a_later_conflict_is_told_and_one_that_is_over_is_not() -> None:
    change = NOW + timedelta(days=30)
    assert conflicts([row("36", valid_to=change), row("37", valid_from=change)], NOW) == []
    [found] = conflicts([row("36"), row("37", valid_from=change)], NOW)
    assert found.units == ("36", "37")
    assert conflicts([row("36", valid_to=NOW), row("37")], NOW) == []


def test_what_is_decided_case_by_case_is_no_conflict() -> None:
    for qualifier in (Qualifier.OWN_ASSETS, Qualifier.MAINTENANCE_PERIOD):
        rows = [row(unit, qualifier=qualifier) for unit in ("36", "37")]
        assert conflicts(rows, NOW) == []
    apart = [row("36", qualifier=Qualifier.OPERATING_AREA, zone=("420203001",)),
             row("37", qualifier=Qualifier.OPERATING_AREA, zone=("420203002",))]
    assert conflicts(apart, NOW) == []
    [found] = conflicts(
        [apart[0], row("38", qualifier=Qualifier.OPERATING_AREA, zone=("4202030010",))], NOW)
    assert found.units == ("36", "38")
    assert conflicts([row("36", duties=frozenset({DutyKind.ASSIST})), row("37")], NOW) == []


def test_an_area_and_a_bureau_clash_unless_one_of_them_goes_first() -> None:
    rows = [row("36"), row("420203", territorial=True)]
    assert len(conflicts(rows, NOW)) == 1
    assert conflicts(rows, NOW, prefer=Prefer.AREA) == []
