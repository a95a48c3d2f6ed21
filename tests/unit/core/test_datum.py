"""Points of every datum land on the same spot, and come back to their own numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.core.datum import Datum, check_degrees, datum_of, from_cgcs2000, to_cgcs2000
from node.core.errors import Invalid
from node.core.outlines import distance_m

SPOT = (116.404, 39.915)
"""The point that the published implementations use as their example."""


def test_wgs84_and_cgcs2000_are_the_same_spot_for_cases() -> None:
    for datum in (Datum.WGS84, Datum.CGCS2000):
        assert SPOT == to_cgcs2000(*SPOT, datum) == from_cgcs2000(*SPOT, datum)


def test_gcj02_is_shifted_by_some_hundred_metres_as_published() -> None:
    lon, lat = from_cgcs2000(*SPOT, Datum.GCJ02)
    assert abs(lon - 116.41024449916938) < 1e-9
    assert abs(lat - 39.91640428150164) < 1e-9
    assert 100 < distance_m(SPOT, (lon, lat)) < 700


def test_bd09_is_gcj02_shifted_once_more_as_published() -> None:
    baidu = (116.41036949371029, 39.92133699351021)  # of SPOT taken as GCJ-02
    one, other = to_cgcs2000(*baidu, Datum.BD09), to_cgcs2000(*SPOT, Datum.GCJ02)
    assert distance_m(one, other) < 0.001
    assert 900 < distance_m(one, baidu) < 1_700


@settings(deadline=None)
@given(
    lon=st.floats(73.5, 135.0), lat=st.floats(18.0, 53.5), datum=st.sampled_from(list(Datum)),
)
def test_every_datum_comes_back_to_its_own_numbers(lon: float, lat: float, datum: Datum) -> None:
    there = to_cgcs2000(lon, lat, datum)
    back = from_cgcs2000(*there, datum)
    assert abs(back[0] - lon) < 1e-9
    assert abs(back[1] - lat) < 1e-9
    again = to_cgcs2000(*from_cgcs2000(lon, lat, datum), datum)
    assert abs(again[0] - lon) < 1e-9
    assert abs(again[1] - lat) < 1e-9


@pytest.mark.parametrize("point", [(2.3522, 48.8566), (-74.006, 40.7128), (151.2093, -33.8688)])
def test_outside_china_nothing_is_shifted(point: tuple[float, float]) -> None:
    for datum in Datum:
        assert point == to_cgcs2000(*point, datum) == from_cgcs2000(*point, datum)


def test_datums_are_known_by_the_names_that_files_use() -> None:
    assert [datum_of(name) for name in ("epsg:4490", "WGS-84", "gcj-02", "BD09LL", "百度")] == [
        Datum.CGCS2000, Datum.WGS84, Datum.GCJ02, Datum.BD09, Datum.BD09]
    assert datum_of("EPSG:4552") is None


@pytest.mark.parametrize("point", [(181.0, 0.0), (0.0, 91.0), (float("nan"), 0.0)])
def test_what_is_no_degrees_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_degrees(*point)
    assert refusal.value.code == "place.point"
