"""Pins: where the cases of one moment lie, as a map and its list show them.

Far away, what lies close together is one pin with a count and the worst light of all; near, every
case has its own. Positions and counts are computed from one reading of the table, so that all tiles
of a view and its list agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from node.core.clock import WORST_FIRST, Light
from node.core.tiles import EXTENT, Box, Tile
from node.core.vector_tiles import Figure, Shape, encode
from node.service.timing import light_of

ALONE_FROM: Final = 14
"""Zoom from which every case has a pin of its own; the finest tile as well: a browser enlarges it
from there on, to half a metre."""
CELLS: Final = 8
"""Cells of one side of a tile whose cases are one pin: 64 pixels, the width of a thumb."""
HEAT_CELLS: Final = 64
"""The same for heat: 8 pixels."""
CLASSES_MAX: Final = 200
"""Classes offered to filter by."""
_RANK: Final = {light: n for n, light in enumerate(WORST_FIRST)}


class Pin(NamedTuple):
    """One case. ``rank`` 0 is the worst light."""

    case_id: str
    lon: float
    lat: float
    code: str
    name: str
    urgent: bool
    rank: int

    @property
    def light(self) -> Light:
        return WORST_FIRST[self.rank]


def pin_of(row: Mapping[str, Any], now_us: int) -> Pin:
    """From a row of ``MapStore.case_points``."""
    return Pin(
        case_id=row["case_id"], lon=row["lon"], lat=row["lat"], code=row["code"],
        name=row["name"], urgent=bool(row["urgent"]), rank=_RANK[light_of(row, now_us)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The cases of one filter at one moment, newest first. ``cut``: there are more."""

    pins: Sequence[Pin]
    cut: bool = False

    def within(self, box: Box) -> list[Pin]:
        """Those in a box: urgent ones first, then by light, then the newest."""
        west, south, east, north = box
        held = [one for one in self.pins
                if west <= one.lon <= east and south <= one.lat <= north]
        return sorted(held, key=lambda one: (not one.urgent, one.rank))

    @property
    def box(self) -> Box | None:
        """What they take in; None = there are none."""
        if not self.pins:
            return None
        lons, lats = [one.lon for one in self.pins], [one.lat for one in self.pins]
        return min(lons), min(lats), max(lons), max(lats)

    @property
    def classes(self) -> list[tuple[str, str, int]]:
        """Code, name and how many, the most frequent first."""
        found = Counter((one.code, one.name) for one in self.pins)
        return [(code, name, n) for (code, name), n in found.most_common(CLASSES_MAX)]

    def tile(self, tile: Tile) -> bytes:
        """Layer ``cases``: points with ``light`` and ``rank``; one case also ``id`` and ``urgent``,
        several together ``n`` and how many of each light."""
        cells = self._cells(tile, CELLS) if tile.z < ALONE_FROM else (
            [one] for one in _inside(self.pins, tile))
        return encode({"cases": [
            _alone(one[0]) if len(one) == 1 else _together(one) for one in cells
        ]})

    def heat(self, tile: Tile) -> bytes:
        """Layer ``heat``: points with ``n``."""
        return encode({"heat": [
            Figure(shape=Shape.POINTS, runs=[[_middle(one)]], properties={"n": len(one)})
            for one in self._cells(tile, HEAT_CELLS)
        ]})

    def _cells(self, tile: Tile, cells: int) -> Iterable[list[_Placed]]:
        found: dict[tuple[int, int], list[_Placed]] = {}
        for one in _inside(self.pins, tile):
            x, y = one.spot
            found.setdefault((x * cells // EXTENT, y * cells // EXTENT), []).append(one)
        return found.values()


class _Placed(NamedTuple):
    pin: Pin
    spot: tuple[int, int]


def _inside(pins: Sequence[Pin], tile: Tile) -> Iterable[_Placed]:
    west, south, east, north = tile.box()
    for one in pins:
        if west <= one.lon < east and south < one.lat <= north:
            right, down = tile.spot(one.lon, one.lat)
            yield _Placed(one, (min(int(right), EXTENT - 1), min(int(down), EXTENT - 1)))


def _alone(one: _Placed) -> Figure:
    pin = one.pin
    return Figure(shape=Shape.POINTS, runs=[[one.spot]], properties={
        "id": pin.case_id, "light": pin.light.value, "rank": pin.rank, "urgent": int(pin.urgent)})


def _together(cell: Sequence[_Placed]) -> Figure:
    lights = Counter(one.pin.light.value for one in cell)
    worst = min(one.pin.rank for one in cell)
    return Figure(shape=Shape.POINTS, runs=[[_middle(cell)]], properties={
        "n": len(cell), "light": WORST_FIRST[worst].value, "rank": worst, **lights})


def _middle(cell: Sequence[_Placed]) -> tuple[int, int]:
    return (sum(one.spot[0] for one in cell) // len(cell),
            sum(one.spot[1] for one in cell) // len(cell))
