"""Tiles of a map: squares of the Web Mercator plane by zoom, column and row, as every map library
asks for them, and where a point lies in one.

CGCS2000 and WGS 84 differ by centimetres: degrees of the one are drawn as degrees of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

EXTENT: Final = 4096
"""Units of one side of a tile: at zoom 15 a quarter of a metre."""
ZOOM_MAX: Final = 20
MARGIN: Final = 64 / EXTENT
"""How much of its neighbours a tile holds, so that lines meet beyond its border."""
LAT_MAX: Final = 85.0511287798066
"""Where the plane ends."""

Box = tuple[float, float, float, float]
"""west, south, east, north in degrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One square: ``2**z`` of them lie beside one another, row 0 is the northernmost."""

    z: int
    x: int
    y: int

    @property
    def is_there(self) -> bool:
        """Whether there is such a square."""
        most = 1 << max(0, self.z)
        return 0 <= self.z <= ZOOM_MAX and 0 <= self.x < most and 0 <= self.y < most

    def box(self, margin: float = 0.0) -> Box:
        """What it takes in, with a share of its side all around."""
        side = 1 << self.z
        return (
            (self.x - margin) / side * 360 - 180, _lat((self.y + 1 + margin) / side),
            (self.x + 1 + margin) / side * 360 - 180, _lat((self.y - margin) / side),
        )

    def spot(self, lon: float, lat: float) -> tuple[float, float]:
        """Right and down from its north-west corner, in units; beyond 0 to ``EXTENT`` outside."""
        across, down = plane(lon, lat)
        side = 1 << self.z
        return (across * side - self.x) * EXTENT, (down * side - self.y) * EXTENT


def plane(lon: float, lat: float) -> tuple[float, float]:
    """A point on the square of the whole world, 0 to 1 from west and from north."""
    phi = math.radians(max(-LAT_MAX, min(LAT_MAX, lat)))
    return (lon + 180) / 360, (1 - math.asinh(math.tan(phi)) / math.pi) / 2


def _lat(down: float) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * down))))
