"""Who is responsible: a component's own unit first, then the rows, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from node.core.facts import Address, Facts, NodeId
from node.core.routing import (
    LEADING,
    Asset,
    DutyKind,
    Prefer,
    Qualifier,
    Reason,
    Responsibility,
    Routed,
    Unit,
    by_territory,
    decided,
    route,
)
from tests.town import CATEGORY, PLACE, T0, adapter, node

FACTS = Facts(
    case_no="1", filing_node=NodeId("C"), category=CATEGORY, place=PLACE, text="井盖缺失",
    source="collector", reported_at=T0,
)
WORKS = Unit(unit_id="works", name="市政局", address=adapter("works"))
WATER = Unit(unit_id="water", name="自来水公司", address=adapter("water"))
AREA = Unit(unit_id="420203", name="西塞山区", address=node("420203"), territorial=True,
            region="420203")


def row(unit: Unit, **fields: Any) -> Responsibility:
    return Responsibility(**{
        "standard_ref": CATEGORY.standard_ref, "kind": "matter", "code": "01001", "area": "4202",
        "assignee": unit.address, "unit": unit.unit_id, "territorial": unit.territorial, **fields,
    })


def named(routed: Routed) -> list[str]:
    return [one.unit for one in routed.named]


def test_a_known_component_speaks_first_maintainer_then_owner() -> None:
    rows = [row(WORKS)]
    both = Asset(owner=WORKS, maintainer=WATER, maintained_until=T0 + timedelta(days=1))
    routed = route(rows, FACTS, T0, asset=both)
    assert (WATER.address, Reason.MAINTAINER) == (routed.to, routed.reason)
    ended = replace(both, maintained_until=T0)
    routed = route(rows, FACTS, T0, asset=ended)
    assert (WORKS.address, Reason.OWNER) == (routed.to, routed.reason)
    nobody = route(rows, FACTS, T0, asset=Asset())
    assert Reason.ROW == nobody.reason


def test_after_the_maintenance_period_the_next_unit_is_proposed() -> None:
    period = T0 + timedelta(days=365)
    asset = Asset(maintainer=WATER, maintained_until=period)
    rows = [row(WATER, qualifier=Qualifier.MAINTENANCE_PERIOD), row(WORKS)]
    assert WATER.address == route(rows, FACTS, T0, asset=asset).to
    assert WORKS.address == route(rows, FACTS, period, asset=asset).to


def test_only_who_rectifies_or_enforces_leads_and_who_assists_is_named_beside() -> None:
    for kind in DutyKind:
        routed = route([row(WORKS, duties=frozenset({kind}))], FACTS, T0)
        assert (kind in LEADING) == (routed.to == WORKS.address), kind
    helped = route([row(WORKS), row(WATER, duties=frozenset({DutyKind.ASSIST}))], FACTS, T0)
    assert ["water"] == [one.unit for one in helped.assistants]
    joint = row(WORKS, duties=frozenset({DutyKind.MANAGE, DutyKind.RECTIFY}))
    assert WORKS.address == route([joint], FACTS, T0).to


def test_the_same_class_of_two_units_hangs_on_whose_thing_it_is() -> None:
    rows = [row(WORKS), row(WATER, qualifier=Qualifier.OWN_ASSETS)]
    unknown = route(rows, FACTS, T0)
    assert (None, Reason.UNSETTLED, ["works", "water"]) == (
        unknown.to, unknown.reason, named(unknown))
    other = Unit(unit_id="other")
    theirs = route(rows, FACTS, T0, asset=Asset(owner=WATER))
    assert WATER.address == theirs.to
    # an asset of somebody we have no row for is proposed to them, not guessed
    foreign = route(rows, FACTS, T0, asset=Asset(owner=other))
    assert (None, Reason.NO_WAY_IN, ["other"]) == (foreign.to, foreign.reason, named(foreign))


def test_one_qualified_unit_alone_is_proposed_and_says_that_nobody_checked() -> None:
    routed = route([row(WATER, qualifier=Qualifier.OWN_ASSETS)], FACTS, T0)
    assert (WATER.address, Reason.ONLY_ONE) == (routed.to, routed.reason)
    assert routed.row is not None
    assert Qualifier.OWN_ASSETS is routed.row.qualifier


def test_an_operating_area_is_known_by_its_grids() -> None:
    rows = [row(WATER, qualifier=Qualifier.OPERATING_AREA, zone=("420203001",)), row(WORKS)]
    inside = replace(FACTS, place=replace(PLACE, grid="420203001005"))
    outside = replace(FACTS, place=replace(PLACE, grid="420203002001"))
    assert WATER.address == route(rows, inside, T0).to
    assert WORKS.address == route(rows, outside, T0).to
    assert Reason.UNSETTLED == route(rows, FACTS, T0).reason


def test_bureau_and_area_both_fit_and_the_profile_says_who_goes_first() -> None:
    rows = [row(WORKS), row(AREA, area="420203", code="")]
    first = route(rows, FACTS, T0, prefer=Prefer.AREA)
    assert (AREA.address, Reason.AREA_FIRST) == (first.to, first.reason)
    assert ["works"] == [one.unit for one in first.over]
    bureau = route(rows, FACTS, T0, prefer=Prefer.BUREAU)
    assert (WORKS.address, Reason.BUREAU_FIRST) == (bureau.to, bureau.reason)
    assert Reason.ROW == route(rows, FACTS, T0).reason
    assert Reason.ROW == route([row(WORKS)], FACTS, T0, prefer=Prefer.AREA).reason


def test_a_unit_without_a_way_in_is_named_and_never_dispatched_to() -> None:
    lost = Unit(unit_id="lost", name="信访局")
    routed = route([row(lost)], FACTS, T0)
    assert (None, (), Reason.NO_WAY_IN, ["lost"]) == (
        routed.to, routed.candidates, routed.reason, named(routed))


def test_nobody_responsible_goes_to_the_smallest_area_around() -> None:
    street = Unit(unit_id="s", address=node("S"), territorial=True, region="420203001")
    zone = Unit(unit_id="z", address=node("Z"), territorial=True, region="420271")
    routed = by_territory((AREA, street, zone, WORKS), FACTS)
    assert (node("S"), Reason.TERRITORY) == (routed.to, routed.reason)
    in_zone = replace(FACTS, place=replace(PLACE, area="420271"))
    assert node("Z") == by_territory((AREA, street, zone), in_zone).to
    nowhere = replace(FACTS, place=replace(PLACE, area="4209"))
    assert Reason.NONE == by_territory((AREA, street, zone), nowhere).reason
    twins = (AREA, replace(AREA, unit_id="t", address=node("T")))
    assert Reason.SEVERAL == by_territory(twins, FACTS).reason


def test_a_decision_names_the_lead_and_its_assistants() -> None:
    routed = decided(WORKS, (WATER,))
    assert (WORKS.address, Reason.DECIDED, ["water"]) == (
        routed.to, routed.reason, [one.unit for one in routed.assistants])
    assert Address.parse("adapter:works") == routed.to
