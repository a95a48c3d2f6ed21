"""The ground of a map: unit grids, and the borders of the divisions that they make up.

A division has no outline of its own in the layers: it is the union of its unit grids, by the
beginning of the grids' area codes. Far away districts are drawn, nearer streets and communities,
nearest the grids themselves: what would be smaller than a finger is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.core.regions import LEVELS
from node.core.tiles import EXTENT, MARGIN, Box, Tile
from node.core.vector_tiles import Figure, Run, Shape, encode
from node.service.places.atlas import Entry
from node.service.places.room import Drawing

GRIDS_FROM: Final = 14
"""Zoom from which unit grids are drawn: a square of 100 m is 24 pixels there, as much as a finger
meets."""
ZOOM_LAST: Final = 15
"""Zoom of the finest tile; a browser enlarges it from there on."""
LEVELS_FROM: Final[Mapping[int, int]] = {6: 0, 9: 10, 12: 12}
"""Digits of a division's code → zoom from which its border is drawn."""
NAMED_FROM: Final[Mapping[int, int]] = {6: 0, 9: 10, 12: 13}
NUMBER_DIGITS: Final = 3
"""Last digits of a grid's code, which are written into it."""
_WHOLE_TURN: Final = 360
_PIXELS: Final = 512
"""Of a tile on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One division as it is drawn. ``seat`` is a point inside, for its name."""

    code: str
    digits: int
    border: Any
    seat: tuple[float, float]
    name: str


class Ground:
    """The drawing of one version of the grids. Made in a thread: it takes a second for a city."""

    def __init__(self, drawing: Drawing, names: Mapping[str, str]) -> None:
        self.version = drawing.version
        self._drawing = drawing
        entries, shapes = drawing.atlas.units_on(drawing.day)
        self._divisions: Sequence[Division] = ()
        if not entries:  # without grids no geometry library is loaded
            return
        import shapely

        self._shapely = shapely
        self._divisions = _divisions([one.area for one in entries], shapes, names)

    @property
    def is_empty(self) -> bool:
        """Whether no unit grid is in force."""
        return not self._divisions

    def box(self, areas: Sequence[str] = ()) -> Box | None:
        """What these divisions (() = all) take in; None = there are none."""
        held = [one.border for one in self._divisions
                if not areas or one.code.startswith(tuple(areas))]
        if not held:
            return None
        west, south, east, north = self._shapely.total_bounds(held)
        return float(west), float(south), float(east), float(north)

    def tile(self, tile: Tile) -> bytes:
        """Layers ``grids`` (lines), ``numbers`` (points with ``no``), ``borders`` (lines with
        ``digits``), ``divisions`` (points with ``digits`` and ``name``)."""
        if self.is_empty:
            return b""
        grids: list[Figure] = []
        numbers: list[Figure] = []
        if tile.z >= GRIDS_FROM:
            entries, shapes = self._drawing.atlas.units_on(self._drawing.day, tile.box(MARGIN))
            runs = _once(self._runs(self._shapely.boundary(shapes), tile)) if entries else []
            grids = [Figure(shape=Shape.LINES, runs=runs)] if runs else []
            numbers = self._numbers(entries, shapes, tile)
        return encode({
            "grids": grids, "borders": self._drawn_borders(tile), "numbers": numbers,
            "divisions": self._named(tile),
        })

    def _numbers(self, entries: Sequence[Entry], shapes: Any, tile: Tile) -> list[Figure]:
        if tile.z < ZOOM_LAST:
            return []
        found = []
        for entry, (west, south, east, north) in zip(
            entries, self._shapely.bounds(shapes).tolist(), strict=True
        ):
            seat = _seated(tile, (west + east) / 2, (south + north) / 2)
            if seat is not None:
                found.append(Figure(shape=Shape.POINTS, runs=[[seat]],
                                    properties={"no": entry.code[-NUMBER_DIGITS:]}))
        return found

    def _drawn_borders(self, tile: Tile) -> list[Figure]:
        found = []
        for digits, first in LEVELS_FROM.items():
            if tile.z < first:
                continue
            lines = [one.border for one in self._divisions if one.digits == digits]
            runs = self._runs(lines, tile, pixels=0.5) if lines else []
            if runs:
                found.append(Figure(
                    shape=Shape.LINES, runs=runs, properties={"digits": digits}))
        return found

    def _named(self, tile: Tile) -> list[Figure]:
        found = []
        for one in self._divisions:
            seat = _seated(tile, *one.seat)
            if one.name and tile.z >= NAMED_FROM[one.digits] and seat is not None:
                found.append(Figure(shape=Shape.POINTS, runs=[[seat]],
                                    properties={"digits": one.digits, "name": one.name}))
        return found

    def _runs(self, lines: Any, tile: Tile, pixels: float = 0.0) -> list[Run]:
        """What of these lines lies in a tile, in its units; ``pixels`` may be smoothed away."""
        shapely = self._shapely
        held = shapely.clip_by_rect(lines, *tile.box(MARGIN))
        if pixels:
            held = shapely.simplify(held, pixels * _WHOLE_TURN / _PIXELS / (1 << tile.z))
        parts = shapely.get_parts(held)
        corners, of = shapely.get_coordinates(parts, return_index=True)
        runs: list[list[tuple[int, int]]] = []
        last = -1
        for (lon, lat), n in zip(corners.tolist(), of.tolist(), strict=True):
            right, down = tile.spot(lon, lat)
            spot = round(right), round(down)
            if n != last:
                runs.append([spot])
                last = n
            elif runs[-1][-1] != spot:
                runs[-1].append(spot)
        return [run for run in runs if len(run) > 1]


def _once(runs: Sequence[Run]) -> list[Run]:
    """The same lines, each piece once: neighbours have their border in common."""
    found: list[Run] = []
    there: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    for run in runs:
        line = [run[0]]
        for one, other in itertools.pairwise(run):
            piece = (one, other) if one < other else (other, one)
            if piece not in there:
                there.add(piece)
                line.append(other)
                continue
            if len(line) > 1:
                found.append(line)
            line = [other]
        if len(line) > 1:
            found.append(line)
    return found


def _divisions(
    areas: Sequence[str], shapes: Any, names: Mapping[str, str]
) -> list[Division]:
    """Of the deepest level first: those above are unions of these."""
    import shapely

    below: dict[str, list[Any]] = {}
    for area, shape in zip(areas, shapes, strict=True):
        below.setdefault(area, []).append(shape)
    found: list[Division] = []
    for digits in sorted(LEVELS_FROM, reverse=True):
        merged: dict[str, list[Any]] = {}
        for code, parts in below.items():
            # A street's own code may have more digits than the standard's (13 for 12).
            merged.setdefault(code if digits == max(LEVELS) else code[:digits], []).extend(parts)
        below = {code: [shapely.union_all(parts)] for code, parts in merged.items()}
        for code, (shape,) in sorted(below.items()):
            if len(code) < digits:
                continue
            seat = shapely.point_on_surface(shape)
            found.append(Division(
                code=code, digits=digits, border=shapely.boundary(shape),
                seat=(seat.x, seat.y), name=names.get(code, "")))
    return found


def divisions_of(drawing: Drawing) -> set[str]:
    """Codes of all divisions that its unit grids lie in, for their names."""
    areas = {one.area for one in drawing.atlas.units_on(drawing.day)[0]}
    return {area[:digits] for area in areas for digits in LEVELS_FROM} | areas


def _seated(tile: Tile, lon: float, lat: float) -> tuple[int, int] | None:
    """A point that belongs to this tile and to no other, in its units."""
    right, down = tile.spot(lon, lat)
    if 0 <= right < EXTENT and 0 <= down < EXTENT:
        return int(right), int(down)
    return None
