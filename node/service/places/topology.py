"""Unit grids against one another: crossing outlines, overlaps, gaps.

The grids of a layer are seamless and do not overlap; points of surveys differ by centimetres, so
what is smaller than ``TOUCH_M2`` is drawing noise. Overlaps and crossings keep a layer out. Gaps
are told and let in: a lake in the middle of a city may well be nobody's grid.

Loads shapely: only imports call this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.core.outlines import metres_per_degree

TOUCH_M2: Final = 1.0
"""Square metres of overlap that two good outlines may have where they touch."""
GAP_M2: Final = 10.0
"""Square metres from which a hole between grids is worth a person's look."""
TOLD_MAX: Final = 200
"""Findings of one kind that are told; the rest is as wrong and only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One unit grid of the layer as it would be. ``line`` of the file, 0 = it is there already."""

    code: str
    line: int
    outline: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An outline that crosses or touches itself; ``where`` as the library says it."""

    code: str
    line: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two grids that share ground; ``line`` is that of ``code``, which comes from the file."""

    code: str
    line: int
    other: str
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Ground inside the layer (or the coverage) that no grid holds, with a point in it."""

    lon: float
    lat: float
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """What was found, largest first. ``more`` counts what is not listed."""

    crossings: tuple[Crossing, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    gaps: tuple[Gap, ...] = ()
    more: int = 0


def examine(shapes: Sequence[Shape], coverage: Sequence[bytes] = ()) -> Topology:
    """Look at a whole layer. Two grids that were both there before are not told again."""
    if not shapes:
        return Topology()
    import shapely

    drawn = shapely.from_wkb([shape.outline for shape in shapes])
    valid = shapely.is_valid(drawn)
    crossings = [
        Crossing(code=shape.code, line=shape.line, where=shapely.is_valid_reason(one))
        for shape, one, good in zip(shapes, drawn, valid, strict=True)
        if not good and shape.line
    ]
    per_lon, per_lat = metres_per_degree(float(shapely.get_y(shapely.centroid(drawn[0]))))
    square = per_lon * per_lat
    overlaps = _overlaps(shapely, shapes, drawn, valid, square)
    gaps = _gaps(shapely, drawn[valid], coverage, square)
    lists: Mapping[str, list[Any]] = {
        "crossings": crossings, "overlaps": overlaps, "gaps": gaps,
    }
    return Topology(
        **{name: tuple(found[:TOLD_MAX]) for name, found in lists.items()},
        more=sum(max(0, len(found) - TOLD_MAX) for found in lists.values()),
    )


def _overlaps(
    shapely: Any, shapes: Sequence[Shape], drawn: Any, valid: Any, square: float
) -> list[Overlap]:
    tree = shapely.STRtree(drawn)
    one, other = tree.query(drawn, predicate="intersects")
    pairs = (one < other) & valid[one] & valid[other]
    one, other = one[pairs], other[pairs]
    size = shapely.area(shapely.intersection(drawn[one], drawn[other])) * square
    found = []
    for n in size.argsort()[::-1]:
        if size[n] <= TOUCH_M2:
            break
        first, second = shapes[one[n]], shapes[other[n]]
        if not first.line:
            first, second = second, first
        if first.line:
            found.append(Overlap(code=first.code, line=first.line, other=second.code,
                                 area_m2=round(float(size[n]), 1)))
    return found


def _gaps(shapely: Any, drawn: Any, coverage: Sequence[bytes], square: float) -> list[Gap]:
    whole = shapely.union_all(drawn)
    holes = [
        shapely.polygons(ring)
        for part in shapely.get_parts(whole)
        for ring in shapely.get_rings(part)[1:]
    ]
    if coverage:
        outside = shapely.difference(shapely.union_all(shapely.from_wkb(list(coverage))), whole)
        holes = [part for part in shapely.get_parts(outside) if not part.is_empty]
    sized = sorted(((hole.area * square, hole) for hole in holes), key=lambda pair: -pair[0])
    found = []
    for size, hole in sized:
        if size < GAP_M2:
            break
        inside = shapely.point_on_surface(hole)
        found.append(Gap(lon=round(inside.x, 7), lat=round(inside.y, 7),
                         area_m2=round(size, 1)))
    return found
