"""Where a tile lies and what its bytes say, read by somebody else's reader."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.core.tiles import EXTENT, LAT_MAX, Tile, plane
from node.core.vector_tiles import Figure, Shape, encode
from tests.tiles import decoded

LON, LAT = 115.1, 30.2
"""A point in 黄石市; its tiles were computed by the published formulas of slippy maps."""


def test_a_point_lies_in_the_tile_that_every_map_library_asks_for() -> None:
    tile = Tile(z=14, x=13430, y=6749)
    west, south, east, north = tile.box()
    assert west <= LON < east
    assert south < LAT <= north
    right, down = tile.spot(LON, LAT)
    assert 0 <= right < EXTENT
    assert 0 <= down < EXTENT


def test_the_world_is_one_tile_and_there_is_none_beside_it() -> None:
    world = Tile(z=0, x=0, y=0)
    assert world.box() == pytest.approx((-180, -LAT_MAX, 180, LAT_MAX))
    assert plane(0, 0) == pytest.approx((0.5, 0.5))
    assert world.is_there
    for z, x, y in ((0, 1, 0), (3, 0, 8), (3, -1, 0), (21, 0, 0), (-1, 0, 0)):
        assert not Tile(z=z, x=x, y=y).is_there


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(z=st.integers(0, 20), lon=st.floats(-179.9, 179.9), lat=st.floats(-85, 85))
def test_each_point_is_inside_of_the_box_of_its_tile(z: int, lon: float, lat: float) -> None:
    across, down = plane(lon, lat)
    tile = Tile(z=z, x=int(across * 2**z), y=int(down * 2**z))
    west, south, east, north = tile.box(1e-6)
    assert west <= lon <= east
    assert south <= lat <= north
    right, below = tile.spot(lon, lat)
    assert -1 <= right <= EXTENT + 1
    assert -1 <= below <= EXTENT + 1


SPOT = st.tuples(st.integers(-9_000, 9_000), st.integers(-9_000, 9_000))
LINES = st.lists(st.lists(SPOT, min_size=2, max_size=9), min_size=1, max_size=5)
VALUES = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text(max_size=20) | st.integers(-2**40, 2**40), max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=LINES, spots=st.lists(SPOT, min_size=1, max_size=9), values=VALUES)
def test_what_is_written_is_what_another_reader_reads(
    lines: list[list[tuple[int, int]]], spots: list[tuple[int, int]],
    values: dict[str, str | int],
) -> None:
    found = decoded(encode({
        "streets": [Figure(shape=Shape.LINES, runs=lines, properties=values),
                    Figure(shape=Shape.LINES, runs=lines)],
        "empty": [], "lamps": [Figure(shape=Shape.POINTS, runs=[spots], properties=values)],
    }))
    assert ["streets", "lamps"] == list(found)
    assert [(2, lines, values), (2, lines, {})] == [
        (one.shape, one.paths, one.properties) for one in found["streets"]]
    assert [(1, [[one] for one in spots], values)] == [
        (one.shape, one.paths, one.properties) for one in found["lamps"]]
