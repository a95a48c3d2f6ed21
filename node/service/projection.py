"""Points in a projection become CGCS2000 degrees, at the edge of the node and in importers.

Geographic datums are pure arithmetic (``node.core.datum``). Projections are pyproj's business: it
is loaded when the first such point arrives, never by a node that has none.

Coordinates are always (x = easting, y = northing), whatever the axis order of the definition:
Chinese survey sheets call the northing X.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from node.core.datum import datum_of
from node.core.datum import to_cgcs2000 as from_datum
from node.core.errors import Invalid

ZONES: Final = range(4491, 4555)
"""EPSG codes of the Gauss-Krüger zones over CGCS2000: 6° and 3°, with and without zone number in
the easting (4547 is the 3° zone at 114° E, 4552 the one at 129° E)."""
CHINA: Final = (73.0, 3.0, 136.0, 54.5)
"""west, south, east, north: what a converted point must lie in; swapped axes do not."""
ZONE_SLACK: Final = 3.0
"""Degrees of longitude beyond its own bounds up to which a city may use a zone."""

Converter = Callable[[float, float], tuple[float, float]]


def to_cgcs2000(x: float, y: float, crs: str) -> tuple[float, float]:
    """Longitude and latitude. ``Invalid``: ``place.crs`` (no such system), ``place.point``."""
    return converter(crs)(x, y)


@lru_cache(maxsize=32)
def converter(crs: str) -> Converter:
    """A function from (x, y) to (lon, lat). ``crs`` is the name of a geographic datum, ``EPSG:n``
    of a zone, or the WKT that a .prj file holds. ``Invalid`` (``place.crs``) for anything else."""
    datum = datum_of(crs)
    if datum is not None:
        return lambda x, y: from_datum(x, y, datum)
    number = _zone_number(crs)
    if number is not None:
        if number not in ZONES:
            raise _unknown(crs)
        return _projected(f"EPSG:{number}", crs)
    if "CS[" in crs.upper():
        return _projected(crs, crs)
    raise _unknown(crs)


def _zone_number(crs: str) -> int | None:
    text = crs.strip().upper().removeprefix("EPSG").lstrip(": ")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def _unknown(crs: str) -> Invalid:
    return Invalid(
        f"{crs[:60]!r} is no coordinate system we know: CGCS2000, WGS84, GCJ02, BD09 or "
        f"EPSG:{ZONES.start} to EPSG:{ZONES.stop - 1}",
        code="place.crs",
    )


def _projected(definition: str, name: str) -> Converter:
    # Loaded here: a node without projected points never needs it (40 MiB).
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError

    try:
        system = CRS.from_user_input(definition)
        found = datum_of(system.name) or datum_of(str(system.to_epsg() or ""))
        if system.is_geographic and found is not None:
            return lambda x, y: from_datum(x, y, found)
        transform = Transformer.from_crs(system, "EPSG:4490", always_xy=True).transform
    except CRSError as error:
        raise _unknown(name) from error

    west, south, east, north = CHINA
    if system.area_of_use is not None and system.to_epsg() in ZONES:
        west = system.area_of_use.west - ZONE_SLACK
        east = system.area_of_use.east + ZONE_SLACK

    def convert(x: float, y: float) -> tuple[float, float]:
        lon, lat = transform(x, y)
        if not (
            math.isfinite(lon) and math.isfinite(lat)
            and west <= lon <= east and south <= lat <= north
        ):
            raise Invalid(
                f"{x}, {y} in {name[:40]} lies outside of its zone; is x the easting and y "
                "the northing?",
                code="place.point",
            )
        return lon, lat

    return convert
