"""Similar reports: the same class, near in place and time. A suggestion, a person decides.

Found by a coarse cell: the earth cut into squares of ``CELL_DEG``, numbered, so that one index over
cell, class and time finds the few rows that the exact distance then sifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import asin, cos, degrees, floor, radians, sin, sqrt
from typing import Final

CELL_DEG: Final = 0.01
"""Edge of a cell in degrees: 1.1 km north to south, more than 0.6 km east to west anywhere in
China, so that a circle of ``RADIUS_M_MAX`` touches four cells at most."""
RADIUS_M_MAX: Final = 250.0
"""Widest radius: beyond it two reports are neighbours, not the same problem."""
WINDOW_MAX: Final = timedelta(days=30)
"""Longest time apart; a month later it is a new problem at the old place."""
EARTH_M: Final = 6_371_008.8
_ROW: Final = 100_000
"""Cells of one row of latitude: room for all 36,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """How near is similar, as the profile says."""

    radius_m: float = 50.0
    window: timedelta = timedelta(hours=24)


def cell_of(lon: float | None, lat: float | None) -> int | None:
    """The number of the cell a point lies in; None without a point."""
    if lon is None or lat is None:
        return None
    return floor((lat + 90) / CELL_DEG) * _ROW + floor((lon + 180) / CELL_DEG)


def cells_around(lon: float, lat: float, radius_m: float) -> tuple[int, ...]:
    """The cells that a circle touches, in order; the radius is at most ``RADIUS_M_MAX``."""
    up = degrees(radius_m / EARTH_M)
    across = up / max(cos(radians(lat)), 0.1)
    found = {
        cell_of(lon + east, lat + north)
        for north in (-up, up)
        for east in (-across, across)
    }
    return tuple(sorted(one for one in found if one is not None))


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two points, along the great circle."""
    a, b = radians(lat), radians(other_lat)
    north, east = sin((b - a) / 2), sin(radians(other_lon - lon) / 2)
    return 2 * EARTH_M * asin(sqrt(min(1.0, north * north + cos(a) * cos(b) * east * east)))
