"""The room of places: where a point lies, what words mean, what stands where, and since when.

Nothing here asks anything of the outside: grids, components, addresses and divisions are the
node's own layers. The index over the grids is built when first needed and again after a layer
changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.calendar import BEIJING
from node.core.datum import Datum
from node.core.errors import Invalid
from node.core.facts import Place
from node.core.grids import GridKind
from node.core.regions import DIVISION_DIGITS
from node.core.roles import WHOLE, Scope
from node.core.spot import Spot
from node.service.audit import Recorder
from node.service.instants import to_time, to_us
from node.service.phrases import phrase
from node.service.places import gazetteer, records
from node.service.places.atlas import Atlas, Entry, entry_of
from node.service.places.gazetteer import Hit
from node.service.places.layers import LAYERS
from node.service.places.ports import TOPIC, Box, LayerStore, LookupStore, WordStore
from node.service.places.spots import spot_of
from node.service.places.views import (
    AddressAt,
    Division,
    GridAt,
    LayerVersionView,
    Located,
    RowChange,
)
from node.service.projection import to_cgcs2000
from node.service.views import Finding, Level, Page

if TYPE_CHECKING:
    from node.service.places.imports import LayerImports

OUTLINES_READ: Final = 5_000
"""Outlines read at a time when the index is built."""
LOOK_AGAIN_US: Final = 30_000_000
"""How long the index is believed without asking which versions there are: another process of this
node may have imported meanwhile."""
NAMES_READ: Final = 500
"""Names of divisions read at a time."""
VERSIONS_MAX: Final = 500
_DRAWN: Final = frozenset({"coverage", "region"})
"""Layers beside the grids that a drawing depends on."""
DIVISIONS: Final = (6, 9, 12)
"""Digits of the codes of divisions: county or district, street or town, community or village."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """Metres; a city may set each."""

    boundary: float
    """A border this near makes the division beyond it a party (边界不明确)."""
    address: float
    """The nearest address point is named up to here."""
    nearest: float
    """Components are looked for up to here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The index of points on a day. ``version`` names what it was built from: two that are equal
    draw the same."""

    atlas: Atlas
    day: date
    version: str


class Places:
    """What people and the intake ask of the node's geography."""

    def __init__(
        self, *, store: LayerStore, lookups: LookupStore, words: WordStore, writer: Writer,
        audit: Recorder, now_us: Callable[[], int], fresh_id: Callable[[], str],
        distances: Distances,
    ) -> None:
        self._store, self._lookups, self._words = store, lookups, words
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._distances = distances
        self._fresh_id = fresh_id
        self._atlas = Atlas()
        self._numbers: Mapping[str, int] | None = None
        self._looked_us = 0
        self._building = asyncio.Lock()
        self._end: Callable[[], None] | None = None

    @cached_property
    def imports(self) -> LayerImports:
        """Layers taken over from files."""
        # Loaded here: a node that takes no layer over does not carry the checks of layers.
        from node.service.places.imports import LayerImports

        return LayerImports(
            store=self._store, lookups=self._lookups, words=self._words, writer=self._writer,
            audit=self._audit, fresh_id=self._fresh_id,
        )

    def open(self) -> None:
        """Listen for new versions; inside the loop."""
        self._end = self._writer.listen(TOPIC, lambda _: self.forget())

    def close(self) -> None:
        """Stop listening."""
        if self._end is not None:
            self._end()

    def forget(self) -> None:
        """Ask for the versions before the index is used again."""
        self._looked_us = 0

    # --- points -------------------------------------------------------------------------------

    async def settle(self, place: Place) -> Place:
        """The place as a case keeps it: the point in CGCS2000 beside the one that was given, and
        the grid it lies in, unless one was named. A place without a point stays as it is.
        ``Invalid``: ``place.crs``, ``place.point``."""
        x, y, crs = place.original_x, place.original_y, place.original_crs
        if x is None or y is None:
            x, y, crs = place.lon, place.lat, place.crs
        if x is None or y is None:
            return replace(place, original_x=None, original_y=None, original_crs="")
        lon, lat = to_cgcs2000(x, y, crs)
        grid = place.grid
        if not grid:
            atlas = await self._current()
            grid = atlas.locate(lon, lat, self._today()).unit
        return replace(
            place, lon=lon, lat=lat, crs=Datum.CGCS2000.value, grid=grid,
            original_x=x, original_y=y, original_crs=crs,
        )

    async def spot(self, place: Place) -> Spot:
        """What a report at this place, which was settled, is marked for."""
        found, near = None, {}
        if place.lon is not None and place.lat is not None:
            atlas, today = await self._current(), self._today()
            found = atlas.locate(place.lon, place.lat, today)
            near = self._near(atlas, place.lon, place.lat, today)
        return await self._writer.read(
            lambda conn: spot_of(conn, self._lookups, found=found, near=near, area=place.area)
        )

    def _near(self, atlas: Atlas, lon: float, lat: float, today: date) -> dict[str, float]:
        """Divisions within the set distance → metres to them."""
        near: dict[str, float] = {}
        for area, metres in atlas.areas_within(
            lon, lat, self._distances.boundary, today
        ).items():
            code = area[:DIVISION_DIGITS]
            near[code] = min(metres, near.get(code, metres))
        return near

    async def locate(self, x: float, y: float, crs: str = "CGCS2000") -> Located:
        """Everything that is known of a point."""
        lon, lat = to_cgcs2000(x, y, crs)
        atlas, today = await self._current(), self._today()
        spot = atlas.locate(lon, lat, today)
        near = self._near(atlas, lon, lat, today)
        own = spot.area[:DIVISION_DIGITS]

        def read(conn: Connection) -> Located:
            names = self._lookups.region_names(conn, near)
            units = self._store.rows_of(conn, "grid.unit", [spot.unit] if spot.unit else [])
            beats = {(row["kind"], row["code"])
                     for row in (self._lookups.beats_of(conn, spot.unit) if spot.unit else ())}
            found = gazetteer.nearest(
                conn, self._lookups, "address", (lon, lat), limit=1,
                radius_m=self._distances.address)
            return Located(
                lon=lon, lat=lat, x=x, y=y, crs=crs, grid=spot.unit,
                grid_name=units[spot.unit]["name"] if spot.unit in units else "",
                area=spot.area,
                beats=tuple(
                    GridAt(kind=kind, code=code) for kind, code in sorted({*spot.others, *beats})
                ),
                covered=spot.covered,
                divisions=tuple(
                    Division(code=code, name=names.get(code, ""), metres=round(near[code], 1))
                    for code in sorted(near, key=lambda code: (code != own, near[code], code))
                ),
                contested=len(near) > 1,
                address=AddressAt(
                    code=found[0][1]["code"], text=found[0][1]["text"],
                    metres=round(found[0][0], 1),
                ) if found else None,
            )

        return await self._writer.read(read)

    async def area_names(self, code: str) -> str:
        """Names of the divisions that a code lies in, from the largest to the smallest; the code
        itself where none is registered."""
        wanted = [code[:digits] for digits in DIVISIONS if len(code) >= digits]
        names = await self._writer.read(lambda conn: self._lookups.region_names(conn, wanted))
        return "".join(names[one] for one in wanted if one in names) or code

    async def drawing(self) -> Drawing:
        """The index as of now, for those who draw it."""
        atlas, day = await self._current(), self._today()
        numbers = sorted((self._numbers or {}).items())
        return Drawing(atlas=atlas, day=day, version="-".join(
            (f"{day:%Y%m%d}", *(f"{name.rpartition('.')[2]}{n}" for name, n in numbers))))

    async def number_of(self, layer: str) -> int:
        """Number of the newest version of a layer, 0 = nothing was imported yet."""
        return (await self._writer.read(self._store.newest_numbers)).get(layer, 0)

    async def division_names(self, codes: Collection[str]) -> dict[str, str]:
        """Code → name of the divisions that are registered."""
        found: dict[str, str] = {}
        wanted = list(codes)
        for at in range(0, len(wanted), NAMES_READ):
            part = wanted[at:at + NAMES_READ]
            found |= await self._writer.read(
                lambda conn: self._lookups.region_names(conn, part))  # noqa: B023 - awaited here
        return found

    async def _current(self) -> Atlas:
        """The index as of the newest versions; built here if it is not."""
        now_us = self._now_us()
        if self._numbers is not None and now_us - self._looked_us < LOOK_AGAIN_US:
            return self._atlas
        async with self._building:
            if self._numbers is not None and now_us - self._looked_us < LOOK_AGAIN_US:
                return self._atlas
            numbers = await self._writer.read(self._store.newest_numbers)
            drawn = {name: number for name, number in numbers.items()
                     if name.startswith("grid.") or name in _DRAWN}
            if drawn != self._numbers:
                self._atlas = await self._writer.read(self._build)
                self._numbers = drawn
            self._looked_us = now_us
            return self._atlas

    def _build(self, conn: Connection) -> Atlas:
        entries: list[Entry] = []
        after = ("", "")
        while True:
            part = self._lookups.outlines(conn, after, OUTLINES_READ)
            entries.extend(entry_of(row) for row in part)
            if len(part) < OUTLINES_READ:
                break
            after = (part[-1]["kind"], part[-1]["code"])
        today = self._today()
        cover = [bytes(row["outline"]) for row in self._lookups.coverages(conn)
                 if (row["valid_from"] is None or row["valid_from"] <= today)
                 and (row["valid_to"] is None or today <= row["valid_to"])]
        return Atlas(entries=entries, coverage=cover or None)

    def _today(self) -> date:
        return to_time(self._now_us()).astimezone(BEIJING).date()

    # --- words --------------------------------------------------------------------------------

    async def search(
        self, text: str, *, limit: int, near: tuple[float, float] | None = None
    ) -> list[Hit]:
        """Ranked points of an address text, over addresses, components and named grids."""
        return await self._writer.read(
            lambda conn: gazetteer.search(conn, self._words, text, limit=limit, near=near)
        )

    async def nearest_components(
        self, x: float, y: float, crs: str = "CGCS2000", *, limit: int, state: str = "",
        type_code: str = "", removed: bool = False,
    ) -> list[Mapping[str, Any]]:
        """Components around a point, nearest first, with ``metres``; removed ones if asked for."""
        point = to_cgcs2000(x, y, crs)
        found = await self._writer.read(
            lambda conn: gazetteer.nearest(
                conn, self._lookups, "component", point, limit=limit,
                radius_m=self._distances.nearest, state=state, type_code=type_code,
                removed=removed)
        )
        return [{**row, "metres": round(metres, 1)} for metres, row in found]

    # --- records ------------------------------------------------------------------------------

    async def component(self, code: str, at: datetime | None = None) -> Mapping[str, Any]:
        """One component with its units, its past and its cases; ``at`` = as it was known then.
        ``Invalid`` (``place.unknown``)."""
        at_us = None if at is None else to_us(at)
        return await self._writer.read(
            lambda conn: records.component_document(
                conn, self._store, self._lookups, code, today=self._today(), at_us=at_us)
        )

    async def components(
        self, *, after: str = "", limit: int, grid: str = "", area: str = "", state: str = "",
        type_code: str = "", stale: bool = False, owner_unknown: bool = False,
    ) -> Page:
        """Components by code. ``stale``: past their update date; ``owner_unknown``: nobody is
        named who owns or keeps them."""
        rows = await self._writer.read(
            lambda conn: self._lookups.components_like(
                conn, after=after, limit=limit, grid_code=grid, area=area, state=state,
                type_code=type_code, stale_on=self._today() if stale else None,
                owner_unknown=owner_unknown)
        )
        return Page(items=tuple(rows), next=rows[-1]["code"] if len(rows) == limit else "")

    async def grids(
        self, kind: GridKind, *, after: str = "", limit: int, area: str = ""
    ) -> Page:
        """Grids of a kind by code, void ones too, with their outlines."""
        rows = await self._writer.read(
            lambda conn: self._store.page(
                conn, f"grid.{kind.value}", after=after, limit=limit, area=area)
        )
        items = tuple(records.grid_document(row) for row in rows)
        return Page(items=items, next=rows[-1]["code"] if len(rows) == limit else "")

    async def grid(self, kind: GridKind, code: str) -> Mapping[str, Any]:
        """One grid. ``Invalid`` (``place.unknown``)."""
        rows = await self._writer.read(
            lambda conn: self._store.rows_of(conn, f"grid.{kind.value}", [code])
        )
        if code not in rows:
            raise records.unknown(f"{kind.value} grid {code}")
        return records.grid_document(rows[code])

    async def some_grids(
        self, kind: GridKind, codes: Sequence[str]
    ) -> list[Mapping[str, Any]]:
        """Those of these grids that are registered, in this order, with one reading."""

        def read(conn: Connection) -> list[Mapping[str, Any]]:
            rows = self._store.rows_of(conn, f"grid.{kind.value}", codes)
            return [records.grid_document(rows[code]) for code in codes if code in rows]

        return await self._writer.read(read)

    async def versions(self, layer: str = "") -> list[LayerVersionView]:
        """Versions of a layer ("" = of all), newest first."""
        rows = await self._writer.read(
            lambda conn: self._store.versions(conn, layer, VERSIONS_MAX)
        )
        return [records.version_view(row) for row in rows]

    async def changes(
        self, layer: str, number: int, *, after: int = 0, limit: int
    ) -> list[RowChange]:
        """What a version changed, with old and new values."""
        return await self._writer.read(
            lambda conn: records.changes_of(
                conn, self._store, layer, number, after=after, limit=limit)
        )

    # --- maps and exports -----------------------------------------------------------------------

    async def features(
        self, layer: str, *, area: str = "", page: int = 1_000
    ) -> AsyncIterator[dict[str, Any]]:
        """A whole layer as GeoJSON features, read page by page. ``Invalid`` (``place.unknown``)
        before the first."""
        if layer not in LAYERS:
            raise records.unknown(f"layer {layer}")
        after = ""
        while True:
            start = after
            rows = await self._writer.read(
                lambda conn: self._store.page(
                    conn, layer, after=start, limit=page, area=area)  # noqa: B023 - awaited here
            )
            for row in rows:
                yield records.feature(layer, row)
            if len(rows) < page:
                return
            after = rows[-1]["code"]

    async def within(
        self, what: str, box: Box, *, limit: int, state: str = "", type_code: str = "",
        removed: bool = False, scope: Scope = WHOLE,
    ) -> list[dict[str, Any]]:
        """Features in a box for a map: ``grids``, ``organisations``, ``components`` (by state and
        type; removed ones if asked for) or ``cases`` (by status and type; those that are not
        settled, and of them what ``scope`` takes in)."""

        def read(conn: Connection) -> list[dict[str, Any]]:
            if what == "grids":
                rows = self._lookups.grids_in(conn, GridKind.UNIT.value, box, limit)
                return [records.feature("grid.unit", row) for row in rows]
            if what == "components":
                rows = self._lookups.components_in(
                    conn, box, limit, state=state, type_code=type_code, removed=removed)
                return [records.feature("component", row) for row in rows]
            if what == "organisations":
                rows = self._lookups.organisations_in(conn, box, limit, self._today())
                return [records.feature("organisation", row) for row in rows]
            if what == "cases":
                rows = self._lookups.cases_in(
                    conn, box, limit, scope=scope, status=state, code=type_code,
                    live_only=not state)
                return [
                    records.feature("case", {
                        **row, "opened_at": to_time(row["opened_at"]).isoformat()})
                    for row in rows
                ]
            raise Invalid(f"{what!r} is not drawn on a map", code="place.unknown")

        return await self._writer.read(read)

    async def findings(self) -> list[Finding]:
        """What the doctor says: components whose record is past its update date."""
        stale = await self._writer.read(
            lambda conn: self._lookups.stale_count(conn, self._today())
        )
        if not stale:
            return []
        return [Finding(
            level=Level.WARN, subject="components", sentence=phrase("place.stale", count=stale),
            remedy=phrase("place.stale.remedy"),
        )]
