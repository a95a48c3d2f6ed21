"""Where a collector walked (手机定位): how much of the beat, and how long on it.

What a phone says is snapped before anything is judged: its time to a step, its place to a cell of
``still_m``. Such a *mark* is all that counts, so doubled points, points that came late or in any
order, and points that were thinned away change nothing. The ground within ``buffer_m`` of a mark is
covered, and that within it of the straight line between two marks that are at most ``join`` and
``join_m`` apart: a phone says where it is some times a minute. More marks never cover less.

The beat is cut into squares; the share of those whose middle is covered is the coverage. Squares,
not polygons: every office that is given the same marks counts the same, to the last one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from node.core.outlines import Outline, metres_per_degree

METRES_PER_DEGREE: Final = 111_320.0
"""Of latitude, for the size of cells: they need not be exact, only the same everywhere."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
CELLS_MAX: Final = 200_000
"""Squares of one beat: 20 km² at 10 m. A larger beat is cut into larger ones."""

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRules:
    """How tracks are judged. Metres; ``accuracy_m``: a worse fix is not kept. ``step``: the grain
    of time. ``gap``: a silence up to this counts as what lies at both of its ends."""

    accuracy_m: float
    buffer_m: float
    still_m: float
    cell_m: float
    join_m: float
    step: timedelta
    join: timedelta
    gap: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What a phone says: ``at`` aware, CGCS2000 degrees; accuracy in metres, None = not said."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Somebody was in a cell during a step. ``step`` counts from 1970, ``x`` and ``y`` cells from
    longitude and latitude 0."""

    step: int
    x: int
    y: int


class Unkept(StrEnum):
    """Why a fix is not kept."""

    COARSE = "coarse"
    """Less accurate than the rules want."""
    OFF_DUTY = "off_duty"
    """The collector had no shift then."""
    TOO_OLD = "too_old"
    """Older than any device may have been offline."""
    AHEAD = "ahead"
    """Of the future."""


def unkept(
    fix: Fix, now: datetime, shifts: Sequence[tuple[datetime, datetime]], rules: TrackRules, *,
    age_max: timedelta | None, ahead_max: timedelta,
) -> Unkept | None:
    """Why this fix is not kept, None = it is. ``shifts`` as [begin, end)."""
    if fix.at > now + ahead_max:
        return Unkept.AHEAD
    if age_max is not None and fix.at < now - age_max:
        return Unkept.TOO_OLD
    if not any(begins <= fix.at < ends for begins, ends in shifts):
        return Unkept.OFF_DUTY
    if fix.accuracy_m is not None and fix.accuracy_m > rules.accuracy_m:
        return Unkept.COARSE
    return None


def mark_of(fix: Fix, rules: TrackRules) -> Mark:
    """The mark that a fix leaves."""
    size = rules.still_m / METRES_PER_DEGREE
    return Mark(
        (fix.at - EPOCH) // rules.step, math.floor(fix.lon / size), math.floor(fix.lat / size)
    )


# --- the ground -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A beat cut into squares of ``size`` metres, seen from its south-western corner. ``cells``:
    which of the ``parts`` (unit grids, say) a square belongs to; the first that holds its
    middle."""

    west: float
    south: float
    per_lon: float
    per_lat: float
    size: float
    parts: tuple[str, ...]
    cells: Mapping[Cell, int]

    def metres(self, lon: float, lat: float) -> tuple[float, float]:
        """East and north of the corner."""
        return (lon - self.west) * self.per_lon, (lat - self.south) * self.per_lat


def ground_of(parts: Sequence[tuple[str, Outline]], cell_m: float) -> Ground | None:
    """The ground of outlines by code; None = there is no outline, or none as large as a square."""
    if not parts:
        return None
    boxes = [outline.box for _, outline in parts]
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    north = max(box[3] for box in boxes)
    per_lon, per_lat = metres_per_degree((south + north) / 2)
    area = sum(outline.area_m2 for _, outline in parts)
    size = max(cell_m, math.sqrt(area / CELLS_MAX))
    cells: dict[Cell, int] = {}
    for number, (_, outline) in enumerate(parts):
        for polygon in outline.polygons:
            rings = [
                [((x - west) * per_lon / size, (y - south) * per_lat / size) for x, y in ring]
                for ring in polygon
            ]
            for cell in _inside(rings):
                cells.setdefault(cell, number)
    if not cells:
        return None
    return Ground(
        west=west, south=south, per_lon=per_lon, per_lat=per_lat, size=size,
        parts=tuple(code for code, _ in parts), cells=MappingProxyType(cells),
    )


def _inside(rings: Sequence[Sequence[tuple[float, float]]]) -> Iterable[Cell]:
    """Squares of side 1 whose middle lies in a polygon: row by row between its borders."""
    crossings: dict[int, list[float]] = {}
    for ring in rings:
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            low, high = min(y1, y2), max(y1, y2)
            # Rows whose middle lies in [low, high): each corner belongs to one of its two sides.
            for row in range(math.ceil(low - 0.5), math.ceil(high - 0.5)):
                crossings.setdefault(row, []).append(
                    x1 + (row + 0.5 - y1) * (x2 - x1) / (y2 - y1))
    for row, borders in crossings.items():
        borders.sort()
        for left, right in zip(borders[::2], borders[1::2], strict=True):
            for column in range(math.ceil(left - 0.5), math.ceil(right - 0.5)):
                yield column, row


# --- what was walked ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """One shift: squares covered of the beat's, part by part in the order of the ground, and how
    long the collector was on the beat, off it, and silent; the three are the whole shift.
    ``total`` 0: the beat is not drawn."""

    covered: int
    total: int
    parts: tuple[tuple[str, int, int], ...]
    on: timedelta
    off: timedelta
    silent: timedelta

    @property
    def share(self) -> Fraction | None:
        """From 0 to 1; None = there is no ground to cover."""
        return Fraction(self.covered, self.total) if self.total else None


def walked(
    marks: Iterable[Mark], ground: Ground | None, begins: datetime, ends: datetime,
    rules: TrackRules,
) -> Walked:
    """What these marks say of a shift in [begins, ends); other marks count for nothing."""
    first, last = (begins - EPOCH) // rules.step, -((EPOCH - ends) // rules.step)
    by_step: dict[int, set[Cell]] = {}
    for mark in marks:
        if first <= mark.step < last:
            by_step.setdefault(mark.step, set()).add((mark.x, mark.y))
    covered: set[Cell] = set()
    on: dict[Cell, bool] = {}
    if ground is not None:
        _cover(by_step, ground, rules, covered, on)
    seen = {
        step: any(on.get(cell, False) for cell in cells) for step, cells in by_step.items()
    }
    spent = _spent(seen, begins, ends, rules)
    counts = [[0, 0] for _ in (ground.parts if ground is not None else ())]
    for cell, number in (ground.cells if ground is not None else {}).items():
        counts[number][1] += 1
        counts[number][0] += cell in covered
    return Walked(
        covered=len(covered), total=len(ground.cells) if ground is not None else 0,
        parts=tuple(
            (code, part, whole)
            for code, (part, whole) in zip(
                ground.parts if ground is not None else (), counts, strict=True)
        ),
        on=spent[True], off=spent[False], silent=(ends - begins) - spent[True] - spent[False],
    )


def _cover(
    by_step: Mapping[int, set[Cell]], ground: Ground, rules: TrackRules, covered: set[Cell],
    on: dict[Cell, bool],
) -> None:
    """Fill ``covered``, and ``on``: whether the ground around a mark belongs to the beat."""
    size = rules.still_m / METRES_PER_DEGREE
    where = {
        cell: ground.metres((cell[0] + 0.5) * size, (cell[1] + 0.5) * size)
        for cells in by_step.values() for cell in cells
    }
    for cell, point in where.items():
        on[cell] = _line(point, point, ground, rules.buffer_m, covered)
    reach = rules.join // rules.step
    done: set[tuple[Cell, Cell]] = set()
    for step, cells in by_step.items():
        for other in range(step, step + reach + 1):
            for one, two in itertools.product(cells, by_step.get(other, ())):
                pair = (one, two) if one < two else (two, one)
                if one == two or pair in done:
                    continue
                done.add(pair)
                if math.dist(where[one], where[two]) <= rules.join_m:
                    _line(where[pair[0]], where[pair[1]], ground, rules.buffer_m, covered)


def _line(
    one: tuple[float, float], two: tuple[float, float], ground: Ground, reach: float,
    covered: set[Cell],
) -> bool:
    """Cover what lies within ``reach`` metres of a straight line; whether any of the beat does."""
    (x1, y1), (x2, y2) = one, two
    dx, dy = x2 - x1, y2 - y1
    length2 = dx * dx + dy * dy
    size, cells, reach2 = ground.size, ground.cells, reach * reach
    touched = False
    columns = range(
        math.floor((min(x1, x2) - reach) / size), math.floor((max(x1, x2) + reach) / size) + 1)
    for row in range(
        math.floor((min(y1, y2) - reach) / size), math.floor((max(y1, y2) + reach) / size) + 1
    ):
        y = (row + 0.5) * size
        for column in columns:
            cell = (column, row)
            if cell not in cells or (touched and cell in covered):
                continue
            x = (column + 0.5) * size
            along = ((x - x1) * dx + (y - y1) * dy) / length2 if length2 else 0.0
            along = min(1.0, max(0.0, along))
            ox, oy = x - x1 - along * dx, y - y1 - along * dy
            if ox * ox + oy * oy <= reach2:
                covered.add(cell)
                touched = True
    return touched


def _spent(
    seen: Mapping[int, bool], begins: datetime, ends: datetime, rules: TrackRules
) -> dict[bool, timedelta]:
    """How long on the beat (True) and off it (False). A step counts as on it if any mark is."""
    steps = dict(seen)
    longest = rules.gap // rules.step
    for one, two in itertools.pairwise(sorted(seen)):
        if seen[one] is seen[two] and two - one - 1 <= longest:
            steps.update(dict.fromkeys(range(one + 1, two), seen[one]))
    spent = {True: timedelta(0), False: timedelta(0)}
    for step, where in steps.items():
        begun = max(begins, EPOCH + step * rules.step)
        over = min(ends, EPOCH + (step + 1) * rules.step)
        if over > begun:
            spent[where] += over - begun
    return spent
