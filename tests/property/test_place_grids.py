"""Every point of a covered town resolves to exactly one grid, borders and corners included."""

from __future__ import annotations

import time
from datetime import date
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.core.outlines import outline_of, to_wkb
from node.service.places.atlas import Atlas, Entry
from tests.places import LAT, LON, STEP, square

TODAY = date(2026, 3, 2)
SIDE = 12
MANY = 50_000
MANY_SIDE = 250
LOOKUP_GENEROUS_S = 0.020
"""What one look-up may take on a busy machine; the benchmark says what it takes on a quiet one."""


def entry(number: int, x: int, y: int) -> Entry:
    return Entry(kind="unit", code=f"{number:015}", area=f"{number:015}"[:12],
                 outline=to_wkb(outline_of([[square(x, y)]])))


@cache
def town(seed: int) -> Atlas:
    """A full square of grids, numbered in no order."""
    cells = [(x, y) for x in range(SIDE) for y in range(SIDE)]
    numbers = list(range(1, len(cells) + 1))
    Random(seed).shuffle(numbers)
    entries = [entry(number, x, y) for number, (x, y) in zip(numbers, cells, strict=True)]
    whole = [[LON, LAT], [LON + SIDE * STEP, LAT], [LON + SIDE * STEP, LAT + SIDE * STEP],
             [LON, LAT + SIDE * STEP]]
    return Atlas(entries=entries, coverage=[to_wkb(outline_of([[whole]]))])


def holding(atlas: Atlas, lon: float, lat: float) -> list[str]:
    """By plain comparison: codes of the squares that hold the point, borders included."""
    found = []
    for one in atlas.entries:
        ring = _corners(one)
        west, south = ring[0]
        east, north = ring[2]
        if west <= lon <= east and south <= lat <= north:
            found.append(one.code)
    return sorted(found)


@cache
def _ring(outline: bytes) -> tuple[tuple[float, float], ...]:
    from node.core.outlines import from_wkb

    return from_wkb(outline).polygons[0][0]


def _corners(one: Entry) -> tuple[tuple[float, float], ...]:
    return _ring(one.outline)


inside = st.floats(0.0, float(SIDE), allow_nan=False)
borders = st.integers(0, SIDE).map(float)
places = st.one_of(inside, borders)


@settings(deadline=None)
@given(seed=st.integers(0, 3), x=places, y=places)
def test_every_point_of_the_town_has_exactly_one_grid(seed: int, x: float, y: float) -> None:
    atlas = town(seed)
    lon = min(max(LON + x * STEP, LON), LON + SIDE * STEP)
    lat = min(max(LAT + y * STEP, LAT), LAT + SIDE * STEP)
    spot = atlas.locate(lon, lat, TODAY)
    assert spot.unit
    assert spot.covered
    expected = holding(atlas, lon, lat)
    if expected:
        assert spot.unit == expected[0], "of several grids on a border, the smallest code"
    assert spot == atlas.locate(lon, lat, TODAY)


@settings(deadline=None)
@given(seed=st.integers(0, 3), x=st.floats(-5, -0.01), y=places)
def test_a_point_outside_has_no_grid_and_is_not_covered(seed: int, x: float, y: float) -> None:
    spot = town(seed).locate(LON + x * STEP, LAT + y * STEP, TODAY)
    assert (spot.unit, spot.covered) == ("", False)


def test_a_sliver_between_two_drawings_of_one_border_belongs_to_the_nearest_grid() -> None:
    tenth = 1e-6  # about 10 cm
    left, right = square(0, 0), square(1, 0)
    moved = [[x + (2 * tenth if n in {0, 3, 4} else 0), y] for n, (x, y) in enumerate(right)]
    atlas = Atlas(entries=[
        Entry(kind="unit", code="1", area="1", outline=to_wkb(outline_of([[left]]))),
        Entry(kind="unit", code="2", area="2", outline=to_wkb(outline_of([[moved]]))),
    ])
    border = LON + STEP
    lat = LAT + STEP / 2
    assert [atlas.locate(border + away, lat, TODAY).unit for away in (
        tenth * 0.5, tenth * 1.5, -tenth)] == ["1", "2", "1"]
    assert atlas.locate(LON + 3 * STEP, lat, TODAY).unit == ""


def test_a_grid_holds_on_its_days_only() -> None:
    outline = to_wkb(outline_of([[square(0, 0)]]))
    atlas = Atlas(entries=[
        Entry(kind="unit", code="1", area="1", outline=outline, valid_to=date(2025, 12, 31)),
        Entry(kind="unit", code="2", area="1", outline=outline, valid_from=date(2026, 1, 1)),
    ])
    point = (LON + STEP / 2, LAT + STEP / 2)
    assert [atlas.locate(*point, day).unit for day in (date(2025, 6, 1), TODAY)] == ["1", "2"]


@pytest.mark.slow
def test_a_look_up_among_fifty_thousand_grids_is_quick() -> None:
    atlas = Atlas(entries=[
        entry(n + 1, n % MANY_SIDE, n // MANY_SIDE) for n in range(MANY)])
    rng = Random(7)
    points = [(LON + rng.random() * MANY_SIDE * STEP, LAT + rng.random() * 200 * STEP)
              for _ in range(500)]
    assert atlas.locate(*points[0], TODAY).unit
    began = time.perf_counter()
    found = [atlas.locate(lon, lat, TODAY).unit for lon, lat in points]
    took = (time.perf_counter() - began) / len(points)
    assert all(found)
    assert took < LOOKUP_GENEROUS_S, f"{took * 1e3:.2f} ms"
