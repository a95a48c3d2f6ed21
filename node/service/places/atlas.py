"""Which grid a point lies in: an index over the outlines of all grids, in memory.

It is built when the first point is asked about and there are grids at all; a node without grids
never loads the geometry library. A look-up then takes some tens of microseconds.

Every point inside the coverage resolves to **exactly one** unit grid. A point on a common border
belongs to the grid with the smallest code, always. Where two outlines were drawn along one border
with different corners, a point may fall between them: then the nearest grid within ``SLIVER_M``
takes it, again the smallest code among equals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from node.core.grids import GridKind
from node.core.outlines import metres_per_degree
from node.service.places.ports import Box

SLIVER_M: Final = 0.5
"""Metres between two outlines that count as one border: what two surveys of it may differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the index keeps of one grid."""

    kind: str
    code: str
    area: str
    outline: bytes
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What the index says of a point. ``covered`` None: no coverage is registered."""

    unit: str = ""
    area: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """kind and code of beats and responsibility grids that are drawn around it."""
    covered: bool | None = None


class _Sheet:
    """One tree over outlines."""

    def __init__(self, outlines: Sequence[bytes]) -> None:
        import shapely

        self._shapely = shapely
        self.drawn = shapely.from_wkb(list(outlines))
        shapely.prepare(self.drawn)
        self._tree = shapely.STRtree(self.drawn)

    def holding(self, lon: float, lat: float) -> list[int]:
        """Indexes of the outlines that hold the point or have it on their border."""
        point = self._shapely.Point(lon, lat)
        return [int(n) for n in self._tree.query(point, predicate="intersects")]

    def meeting(self, box: Box) -> list[int]:
        """Indexes of the outlines whose own box meets a box, in order."""
        return sorted(int(n) for n in self._tree.query(self._shapely.box(*box)))

    def within(self, lon: float, lat: float, metres: float) -> list[tuple[float, int]]:
        """Distance and index of the outlines no farther than this, nearest first."""
        per_lon, per_lat = metres_per_degree(lat)
        east, north = metres / per_lon, metres / per_lat
        near = self._tree.query(
            self._shapely.box(lon - east, lat - north, lon + east, lat + north)
        )
        if not len(near):
            return []
        flat = self._shapely.transform(
            self.drawn[near], lambda points: (points - (lon, lat)) * (per_lon, per_lat)
        )
        away = self._shapely.distance(flat, self._shapely.Point(0.0, 0.0))
        return sorted(
            (float(distance), int(n)) for distance, n in zip(away, near, strict=True)
            if distance <= metres
        )


@dataclass(slots=True)
class Atlas:
    """The index of one moment. Empty without grids and coverage."""

    entries: Sequence[Entry] = ()
    coverage: Sequence[bytes] | None = None
    _units: Sequence[Entry] = field(init=False, default=())
    _others: Sequence[Entry] = field(init=False, default=())
    _sheets: Mapping[str, _Sheet] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._units = [one for one in self.entries if one.kind == GridKind.UNIT]
        self._others = [one for one in self.entries if one.kind != GridKind.UNIT]
        drawn: dict[str, Sequence[bytes]] = {
            "units": [one.outline for one in self._units],
            "others": [one.outline for one in self._others],
            "coverage": self.coverage or (),
        }
        self._sheets = {name: _Sheet(outlines) for name, outlines in drawn.items() if outlines}

    @property
    def has_units(self) -> bool:
        """Whether there are unit grids to resolve points with."""
        return bool(self._units)

    def units_on(self, day: date, box: Box | None = None) -> tuple[list[Entry], Any]:
        """Unit grids of a day, of those that meet a box, and their shapes: an array of polygons
        (shapely) in the same order."""
        sheet = self._sheets.get("units")
        if sheet is None:
            return [], ()
        near = range(len(self._units)) if box is None else sheet.meeting(box)
        held = [n for n in near if self._units[n].holds_on(day)]
        return [self._units[n] for n in held], sheet.drawn[held]

    def locate(self, lon: float, lat: float, day: date) -> Spot:
        """The grids of a point on a day, and whether the method applies there."""
        unit = self._unit(lon, lat, day)
        others = self._sheets.get("others")
        around = others.holding(lon, lat) if others else []
        cover = self._sheets.get("coverage")
        return Spot(
            unit=unit.code if unit else "", area=unit.area if unit else "",
            others=tuple(sorted(
                (one.kind, one.code) for one in (self._others[n] for n in around)
                if one.holds_on(day)
            )),
            covered=bool(cover.holding(lon, lat)) if cover else None,
        )

    def _unit(self, lon: float, lat: float, day: date) -> Entry | None:
        sheet = self._sheets.get("units")
        if sheet is None:
            return None
        inside = [self._units[n] for n in sheet.holding(lon, lat)]
        holding = [one for one in inside if one.holds_on(day)]
        if holding:
            return min(holding, key=lambda one: one.code)
        near = [
            (round(away, 6), self._units[n].code, n)
            for away, n in sheet.within(lon, lat, SLIVER_M) if self._units[n].holds_on(day)
        ]
        return self._units[min(near)[2]] if near else None

    def areas_within(self, lon: float, lat: float, metres: float, day: date) -> dict[str, float]:
        """Division part of the unit grids no farther than this → metres to the nearest of them;
        0 = the point lies in it."""
        sheet = self._sheets.get("units")
        found: dict[str, float] = {}
        for away, n in sheet.within(lon, lat, metres) if sheet else ():
            one = self._units[n]
            if one.holds_on(day):
                found.setdefault(one.area, away)
        return found


def entry_of(row: Mapping[str, Any]) -> Entry:
    """From a row of ``LookupStore.outlines``."""
    return Entry(kind=row["kind"], code=row["code"], area=row["area"],
                 outline=bytes(row["outline"]), valid_from=row["valid_from"],
                 valid_to=row["valid_to"])
