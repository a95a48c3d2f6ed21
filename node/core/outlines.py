"""Outlines of areas on the ground: polygons as values, their bytes, and their size.

An outline is kept as WKB (ISO, two dimensions, little-endian, MultiPolygon), which every spatial
program reads, and shown as GeoJSON. Both are plain enough to be written here, so that a node can
store and export outlines without loading a geometry library; only looking points up needs one.
Coordinates are CGCS2000 longitude and latitude in degrees.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.core.errors import Invalid

Point = tuple[float, float]
Ring = tuple[Point, ...]
"""Closed: the last point is the first one again."""
Polygon = tuple[Ring, ...]
"""The outer ring, then the holes."""

POINTS_MAX: Final = 20_000
"""Points of one outline; the border of a large city has a few thousand."""
_POLYGON: Final = 3
_MULTI: Final = 6
_AXIS: Final = 6378137.0
_ECCENTRICITY2: Final = 0.00669438002290
"""CGCS2000's ellipsoid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One area, possibly of several parts."""

    polygons: tuple[Polygon, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """west, south, east, north in degrees."""
        outer = [point for polygon in self.polygons for point in polygon[0]]
        return (
            min(x for x, _ in outer), min(y for _, y in outer),
            max(x for x, _ in outer), max(y for _, y in outer),
        )

    @property
    def area_m2(self) -> float:
        """Square metres on the ellipsoid, flattened at its own middle: for an area of up to a few
        kilometres good to 1e-4 of itself."""
        west, south, east, north = self.box
        lon0, lat0 = (west + east) / 2, (south + north) / 2
        per_lon, per_lat = metres_per_degree(lat0)
        return sum(
            sum(
                abs(_signed(ring, lon0, lat0)) * per_lon * per_lat * (1 if n == 0 else -1)
                for n, ring in enumerate(polygon)
            )
            for polygon in self.polygons
        )


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude at a latitude."""
    phi = math.radians(lat)
    root = 1.0 - _ECCENTRICITY2 * math.sin(phi) ** 2
    across = _AXIS / math.sqrt(root) * math.cos(phi)
    along = _AXIS * (1.0 - _ECCENTRICITY2) / (root * math.sqrt(root))
    return math.radians(across), math.radians(along)


def distance_m(one: Point, other: Point) -> float:
    """Metres between two points some kilometres apart at most."""
    per_lon, per_lat = metres_per_degree((one[1] + other[1]) / 2)
    return math.hypot((one[0] - other[0]) * per_lon, (one[1] - other[1]) * per_lat)


def _signed(ring: Ring, lon0: float, lat0: float) -> float:
    return 0.5 * sum(
        (x1 - lon0) * (y2 - lat0) - (x2 - lon0) * (y1 - lat0)
        for (x1, y1), (x2, y2) in itertools.pairwise(ring)
    )


def outline_of(polygons: Iterable[Iterable[Iterable[Sequence[float]]]]) -> Outline:
    """From nested coordinates; rings are closed if they are not, and repeated points dropped.
    ``Invalid`` (``outline.shape``): no polygon, a ring of fewer than three points, no degrees."""
    parts: list[Polygon] = []
    count = 0
    for polygon in polygons:
        rings = tuple(_ring(ring) for ring in polygon)
        if not rings:
            raise _wrong("a polygon without a ring")
        count += sum(len(ring) for ring in rings)
        if count > POINTS_MAX:
            raise _wrong(f"more than {POINTS_MAX} points")
        parts.append(rings)
    if not parts:
        raise _wrong("there is no polygon")
    return Outline(polygons=tuple(parts))


def _ring(points: Iterable[Sequence[float]]) -> Ring:
    found: list[Point] = []
    for point in points:
        if len(point) < 2:
            raise _wrong("a point without two numbers")
        x, y = float(point[0]), float(point[1])
        if not (math.isfinite(x) and math.isfinite(y) and abs(x) <= 180 and abs(y) <= 90):
            raise _wrong(f"{x}, {y} are no degrees")
        if not found or found[-1] != (x, y):
            found.append((x, y))
    if found and found[0] != found[-1]:
        found.append(found[0])
    if len(found) < 4:
        raise _wrong("a ring with fewer than three corners")
    return tuple(found)


def from_geojson(geometry: Mapping[str, Any] | None) -> Outline:
    """A GeoJSON Polygon or MultiPolygon. ``Invalid`` (``outline.shape``) for anything else."""
    kind = geometry.get("type") if geometry else None
    if geometry is None or kind not in {"Polygon", "MultiPolygon"}:
        raise _wrong(f"{kind or 'nothing'} is neither Polygon nor MultiPolygon")
    coordinates = geometry.get("coordinates") or []
    try:
        return outline_of([coordinates] if kind == "Polygon" else coordinates)
    except (TypeError, ValueError) as error:
        raise _wrong("its coordinates are no numbers") from error


def to_geojson(outline: Outline) -> dict[str, Any]:
    """As a GeoJSON geometry; one part is a Polygon."""
    parts = [
        [[list(point) for point in ring] for ring in polygon] for polygon in outline.polygons
    ]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def to_wkb(outline: Outline) -> bytes:
    """ISO WKB, always a MultiPolygon."""
    out = [struct.pack("<BII", 1, _MULTI, len(outline.polygons))]
    for polygon in outline.polygons:
        out.append(struct.pack("<BII", 1, _POLYGON, len(polygon)))
        for ring in polygon:
            flat = [number for point in ring for number in point]
            out.append(struct.pack(f"<I{len(flat)}d", len(ring), *flat))
    return b"".join(out)


def from_wkb(data: bytes) -> Outline:
    """What ``to_wkb`` wrote. ``Invalid`` (``outline.shape``): other bytes."""
    try:
        order, kind, count = struct.unpack_from("<BII", data, 0)
        if (order, kind) != (1, _MULTI):
            raise _wrong("these bytes are no little-endian MultiPolygon")
        at, polygons = 9, []
        for _ in range(count):
            (_, _, rings), at = struct.unpack_from("<BII", data, at), at + 9
            polygon = []
            for _ in range(rings):
                (points,), at = struct.unpack_from("<I", data, at), at + 4
                flat = struct.unpack_from(f"<{2 * points}d", data, at)
                at += 16 * points
                polygon.append(tuple(zip(flat[::2], flat[1::2], strict=True)))
            polygons.append(tuple(polygon))
    except struct.error as error:
        raise _wrong("these bytes end too early") from error
    if at != len(data) or not polygons:
        raise _wrong("these bytes are no outline")
    return Outline(polygons=tuple(polygons))


def _wrong(why: str) -> Invalid:
    return Invalid(f"this is no outline: {why}", code="outline.shape")
