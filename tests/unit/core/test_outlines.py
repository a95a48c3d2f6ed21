"""Outlines: bytes and GeoJSON say the same, sizes are true, and no outline is refused with why."""

from __future__ import annotations

from typing import Any

import pytest

from node.core.errors import Invalid
from node.core.outlines import (
    distance_m,
    from_geojson,
    from_wkb,
    metres_per_degree,
    outline_of,
    to_geojson,
    to_wkb,
)

LON, LAT = 115.09, 30.2
SQUARE = [[LON, LAT], [LON + 0.001, LAT], [LON + 0.001, LAT + 0.001], [LON, LAT + 0.001]]
HOLE = [[LON + x, LAT + y] for x, y in ((4e-4, 4e-4), (6e-4, 4e-4), (6e-4, 6e-4), (4e-4, 6e-4))]


def test_bytes_and_geojson_come_back_as_the_same_outline() -> None:
    for polygons in ([[SQUARE]], [[SQUARE, HOLE]], [[SQUARE], [HOLE]]):
        outline = outline_of(polygons)
        assert outline == from_wkb(to_wkb(outline)) == from_geojson(to_geojson(outline))


def test_an_open_ring_is_closed_and_a_doubled_point_dropped() -> None:
    outline = outline_of([[[SQUARE[0], *SQUARE]]])
    assert (5, (LON, LAT), (LON, LAT)) == (
        len(outline.polygons[0][0]), outline.polygons[0][0][0], outline.polygons[0][0][-1])


def test_square_metres_are_those_of_the_ellipsoid_and_holes_do_not_count() -> None:
    per_lon, per_lat = metres_per_degree(LAT + 0.0005)
    square = per_lon * per_lat * 1e-6
    assert abs(outline_of([[SQUARE]]).area_m2 - square) < 1
    assert abs(outline_of([[SQUARE, HOLE]]).area_m2 - square * 0.96) < 1
    assert (LON, LAT, LON + 0.001, LAT + 0.001) == outline_of([[SQUARE]]).box


def test_a_degree_of_latitude_is_as_long_as_in_the_tables() -> None:
    # GRS 80: 110 852 m at 30°, 111 320 m of longitude at the equator.
    assert abs(metres_per_degree(30.0)[1] - 110_852) < 2
    assert abs(metres_per_degree(0.0)[0] - 111_320) < 1
    assert abs(distance_m((LON, LAT), (LON, LAT + 0.001)) - 110.86) < 0.1


@pytest.mark.parametrize("geometry", [
    None, {}, {"type": "Point", "coordinates": [LON, LAT]}, {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[LON, LAT], [LON, LAT], [LON, LAT]]]},
    {"type": "Polygon", "coordinates": [[[500, LAT], [501, LAT], [501, 31]]]},
    {"type": "Polygon", "coordinates": [[["a", LAT], [LON, LAT], [LON, 31]]]},
    {"type": "Polygon", "coordinates": [[[LON], [LON], [LON]]]},
    {"type": "Polygon", "coordinates": 7},
])
def test_what_is_no_outline_is_refused(geometry: dict[str, Any] | None) -> None:
    with pytest.raises(Invalid) as refusal:
        from_geojson(geometry)
    assert refusal.value.code == "outline.shape"


@pytest.mark.parametrize("cut", [0, 3, 20, -1])
def test_cut_bytes_are_refused(cut: int) -> None:
    data = to_wkb(outline_of([[SQUARE]]))
    for broken in (data[:cut], data + b"x"):
        with pytest.raises(Invalid):
            from_wkb(broken)
