"""Where a point lies, whatever datum it was given in: everything becomes CGCS2000.

Phones and base maps of different vendors give the same spot in different datums. A node keeps one,
CGCS2000 (EPSG:4490), converts at its edge, and keeps the original numbers beside the result.

WGS-84 differs from CGCS2000 by centimetres and counts as the same here. GCJ-02 and BD-09 are the
offset datums of Chinese map vendors; the formulas below are the published reverse-engineered ones
(the true algorithm is not public), good to about 1 m against vendors' own output. Their forward
direction (from WGS-84) is a closed formula; the inverse is iterated until it moves less than
``INVERSE_DEGREES``, so that a round trip comes back within 1e-9 degree (0.1 mm). Outside of the
box in which the vendors apply their offset, both are the identity.

Projected coordinates are not here: see ``node.service.projection``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from node.core.errors import Invalid

_Forward = Callable[[float, float], tuple[float, float]]


class Datum(StrEnum):
    """A geographic datum in which a point may be given."""

    CGCS2000 = "CGCS2000"
    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


NAMES: Final = {
    "CGCS2000": Datum.CGCS2000, "EPSG4490": Datum.CGCS2000, "4490": Datum.CGCS2000,
    "国家2000": Datum.CGCS2000, "2000国家大地坐标系": Datum.CGCS2000,
    "WGS84": Datum.WGS84, "EPSG4326": Datum.WGS84, "4326": Datum.WGS84,
    "GCJ02": Datum.GCJ02, "高德": Datum.GCJ02, "腾讯": Datum.GCJ02, "火星坐标": Datum.GCJ02,
    "BD09": Datum.BD09, "BD09LL": Datum.BD09, "百度": Datum.BD09,
}
"""How files and callers spell it, without spaces, hyphens, colons and underscores."""

OFFSET_WEST: Final = 72.004
OFFSET_EAST: Final = 137.8347
OFFSET_SOUTH: Final = 0.8293
OFFSET_NORTH: Final = 55.8271
"""The box inside which vendors shift points (degrees)."""

_AXIS: Final = 6378245.0
_ECCENTRICITY2: Final = 0.00669342162296594323
"""Krassovsky's ellipsoid, which the published formula uses."""
_BAIDU_PI: Final = math.pi * 3000.0 / 180.0
_BAIDU_LON: Final = 0.0065
_BAIDU_LAT: Final = 0.006

INVERSE_DEGREES: Final = 1e-10
"""The inverse stops when it moves less than this: 0.01 mm."""
INVERSE_ROUNDS_MAX: Final = 30
"""It converges by a factor of about a thousand each round; five are enough everywhere."""


def datum_of(name: str) -> Datum | None:
    """The geographic datum of a name, None if it is none of ours (it may be a projection)."""
    plain = name.strip().upper()
    for sign in " -_:/":
        plain = plain.replace(sign, "")
    return NAMES.get(plain)


def is_shifted(lon: float, lat: float) -> bool:
    """Whether map vendors shift points here."""
    return OFFSET_WEST <= lon <= OFFSET_EAST and OFFSET_SOUTH <= lat <= OFFSET_NORTH


def check_degrees(lon: float, lat: float) -> None:
    """``Invalid`` (``place.point``) unless these are degrees on the globe."""
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Invalid(
            f"{lon}, {lat} is no longitude and latitude in degrees", code="place.point"
        )


def to_cgcs2000(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """Longitude and latitude in CGCS2000. ``Invalid``: these are no degrees."""
    check_degrees(lon, lat)
    match datum:
        case Datum.GCJ02:
            return _invert(_to_gcj, lon, lat)
        case Datum.BD09:
            return _invert(_to_bd, lon, lat)
    return lon, lat


def from_cgcs2000(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """The same spot in another datum, for a map that draws in it."""
    check_degrees(lon, lat)
    match datum:
        case Datum.GCJ02:
            return _to_gcj(lon, lat)
        case Datum.BD09:
            return _to_bd(lon, lat)
    return lon, lat


def _to_gcj(lon: float, lat: float) -> tuple[float, float]:
    if not is_shifted(lon, lat):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
        + _waves(6.0 * x, 2.0 * x) + _wave(20.0, x, 1.0) + _wave(40.0, x, 1 / 3)
        + _wave(150.0, x, 1 / 12) + _wave(300.0, x, 1 / 30)
    )
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
        + _waves(6.0 * x, 2.0 * x) + _wave(20.0, y, 1.0) + _wave(40.0, y, 1 / 3)
        + _wave(160.0, y, 1 / 12) + _wave(320.0, y, 1 / 30)
    )
    phi = math.radians(lat)
    root = 1.0 - _ECCENTRICITY2 * math.sin(phi) ** 2
    meridian = _AXIS * (1.0 - _ECCENTRICITY2) / (root * math.sqrt(root))
    parallel = _AXIS / math.sqrt(root) * math.cos(phi)
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def _waves(one: float, other: float) -> float:
    """The short waves that both axes share."""
    return (20.0 * math.sin(one * math.pi) + 20.0 * math.sin(other * math.pi)) * 2.0 / 3.0


def _wave(height: float, along: float, turns: float) -> float:
    return height * math.sin(along * math.pi * turns) * 2.0 / 3.0


def _to_bd(lon: float, lat: float) -> tuple[float, float]:
    if not is_shifted(lon, lat):
        return lon, lat
    x, y = _to_gcj(lon, lat)
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * _BAIDU_PI)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BAIDU_PI)
    return radius * math.cos(angle) + _BAIDU_LON, radius * math.sin(angle) + _BAIDU_LAT


def _invert(forward: _Forward, lon: float, lat: float) -> tuple[float, float]:
    """The point whose image is (lon, lat): walk against the difference until it is gone."""
    if not is_shifted(lon, lat):
        return lon, lat
    x, y = lon, lat
    for _ in range(INVERSE_ROUNDS_MAX):
        east, north = forward(x, y)
        x, y = x + (lon - east), y + (lat - north)
        if abs(lon - east) < INVERSE_DEGREES and abs(lat - north) < INVERSE_DEGREES:
            break
    return x, y
