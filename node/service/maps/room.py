"""``office.maps``: the tiles of a map, and what lies in a piece of it.

Whoever may not read a case does not find it in a tile either: pins are read with the scope of
whoever asks, as the list is. Nothing is asked of the outside. Drawing happens in threads, what was
drawn is kept packed for the next who asks: the ground until its version changes, cases for some
seconds, so that the tiles of one view and its list show one moment.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.calendar import BEIJING
from node.core.components import ComponentState
from node.core.roles import WHOLE, Scope
from node.core.similar import cells_around, distance_m
from node.core.tiles import Box, Tile
from node.core.vector_tiles import Figure, Shape, encode
from node.service.case_lists import asked_for, item_of
from node.service.instants import to_time
from node.service.maps.ground import Ground, divisions_of
from node.service.maps.pins import Pin, Pins, pin_of
from node.service.places.room import Places
from node.service.ports import Row
from node.service.views import CaseFilter

CASES_MAX: Final = 20_000
"""Cases on one map, the newest; a map of more shows nothing that its counts do not."""
COMPONENTS_MAX: Final = 5_000
"""Components of one tile; where there are more the tile says so and whoever looks goes nearer."""
COMPONENTS_FROM: Final = 15
"""Zoom from which components are drawn."""
COMPONENTS_LAST: Final = 16
"""Zoom of their finest tile."""
LISTED_MAX: Final = 50
"""Cases of a piece of a map that are listed."""
NEAR_M: Final = 200.0
"""How far around a case others are its neighbours: a street corner, less than ``RADIUS_M_MAX``."""
NEAR_MAX: Final = 5
NEAR_READ: Final = 500
"""Open cases of the cells around a point that are looked through, the newest."""
BELIEVED_US: Final = 3_000_000
"""How long one reading of the cases is shown."""
READINGS_MAX: Final = 8
"""Readings kept: filters and scopes of those who look at maps at one time."""
KEPT_BYTES: Final = 8 * 1024 * 1024
"""Packed tiles kept: some hundred, a city at the zooms that people look at."""
DAYS_MAX: Final = 366
PACKED: Final = 6
"""Level of gzip."""
_STATES: Final = {ComponentState.INTACT.value: "", ComponentState.DAMAGED.value: "bad",
                  ComponentState.LOST.value: "bad", ComponentState.ABANDONED.value: "idle"}


class MapStore(Protocol):
    """What this room needs from below (``node.store.maps``)."""

    def case_points(
        self, conn: Connection, where: dict[str, Any], *, live: bool, limit: int
    ) -> Sequence[Row]: ...

    def cases_near(
        self, conn: Connection, cells: Collection[int], scope: Scope, limit: int
    ) -> Sequence[Row]: ...

    def cases_listed(
        self, conn: Connection, case_ids: Collection[str], scope: Scope
    ) -> Sequence[Row]: ...

    def components_drawn(
        self, conn: Connection, box: Box, type_code: str, limit: int
    ) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which cases a map shows: those of a filter that are not settled, or, with ``days``, all that
    were opened in so many days, today included."""

    which: CaseFilter
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A tile as it is sent: packed by gzip, with what tells it from another one."""

    body: bytes
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a map begins with. ``box`` None = nothing was imported and nothing reported yet;
    ``ground`` and ``components`` are versions, "" = none was imported."""

    box: Box | None
    ground: str
    components: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Cases of a piece of a map: items as the list has them, the worst first. ``total`` counts all,
    ``lights`` by light; ``cut``: the map itself does not show all."""

    items: tuple[Mapping[str, Any], ...]
    total: int
    lights: Mapping[str, int]
    cut: bool


class Maps:
    """Draws what the node knows."""

    def __init__(
        self, *, places: Places, store: MapStore, writer: Writer, now_us: Callable[[], int],
    ) -> None:
        self._places = places
        self._store = store
        self._writer = writer
        self._now_us = now_us
        self._ground: Ground | None = None
        self._drawing = asyncio.Lock()
        self._readings: OrderedDict[Hashable, tuple[int, Pins]] = OrderedDict()
        self._reading = asyncio.Lock()
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._kept_bytes = 0

    # --- what there is ------------------------------------------------------------------------

    async def view(self, wanted: Wanted | None) -> View:
        """Where to look first: at the divisions that were asked for, else at those of the scope,
        else at all grids, else at the cases. ``wanted`` None: whoever asks sees no cases."""
        ground = await self._current()
        box = None
        if wanted is not None:
            for areas in ((wanted.which.area,), wanted.which.scope.areas):
                box = box or (ground.box([one for one in areas if one]) if any(areas) else None)
        box = box or ground.box()
        if box is None and wanted is not None:
            pins = await self.pins(wanted)
            box = await asyncio.to_thread(lambda: pins.box)
        number = await self._places.number_of("component")
        return View(
            box=box, ground="" if ground.is_empty else ground.version,
            components=str(number) if number else "")

    async def pins(self, wanted: Wanted) -> Pins:
        """The cases, as they were some seconds ago at most."""
        async with self._reading:
            now_us = self._now_us()
            read_us, found = self._readings.get(wanted, (0, None))
            if found is None or not 0 <= now_us - read_us < BELIEVED_US:
                found = await self._read(wanted, now_us)
                self._readings[wanted] = (now_us, found)
            self._readings.move_to_end(wanted)
            while len(self._readings) > READINGS_MAX:
                self._readings.popitem(last=False)
            return found

    async def _read(self, wanted: Wanted, now_us: int) -> Pins:
        which = wanted.which
        if wanted.days:
            today = to_time(now_us).astimezone(BEIJING).date()
            first = today - timedelta(days=min(wanted.days, DAYS_MAX) - 1)
            since = datetime.combine(first, time(), tzinfo=BEIJING)
            which = replace(which, opened_from=max(since, which.opened_from or since))
        where = asked_for(which, now_us)

        def read(conn: Connection) -> Pins:
            rows = self._store.case_points(
                conn, where, live=not wanted.days, limit=CASES_MAX + 1)
            return Pins(pins=[pin_of(row, now_us) for row in rows[:CASES_MAX]],
                        cut=len(rows) > CASES_MAX)

        return await self._writer.read(read)

    # --- lists --------------------------------------------------------------------------------

    async def listed(self, wanted: Wanted, box: Box | None) -> Listed:
        """What a map shows in a box (None = everywhere), for those who would rather read."""
        found = await self.pins(wanted)

        def look() -> tuple[list[Pin], Mapping[str, int]]:
            held = found.within(box or (-180, -90, 180, 90))
            return held, Counter(one.light.value for one in held)

        held, lights = await asyncio.to_thread(look)
        items = await self.cases([one.case_id for one in held[:LISTED_MAX]], wanted.which.scope)
        return Listed(items=tuple(items), total=len(held), lights=lights, cut=found.cut)

    async def near(
        self, lon: float, lat: float, scope: Scope = WHOLE, *, but: str = ""
    ) -> list[tuple[float, Mapping[str, Any]]]:
        """Metres and item of the open cases within ``NEAR_M`` of a point, nearest first, without
        the one that asks (``but``); ``NEAR_MAX`` at most."""
        cells = cells_around(lon, lat, NEAR_M)
        rows = await self._writer.read(
            lambda conn: self._store.cases_near(conn, cells, scope, NEAR_READ))
        away = sorted(
            (distance_m(lon, lat, row["lon"], row["lat"]), row["case_id"])
            for row in rows if row["case_id"] != but)
        held = {case_id: metres for metres, case_id in away if metres <= NEAR_M}
        nearest = list(held)[:NEAR_MAX]
        return [(held[one["case_id"]], one) for one in await self.cases(nearest, scope)]

    async def cases(
        self, case_ids: Sequence[str], scope: Scope = WHOLE
    ) -> list[Mapping[str, Any]]:
        """These cases as the list has them, in this order; what lies outside of the scope is left
        out."""
        now_us = self._now_us()
        rows = await self._writer.read(
            lambda conn: self._store.cases_listed(conn, case_ids[:LISTED_MAX], scope))
        found = {row["case_id"]: row for row in rows}
        return [item_of(found[one], now_us) for one in case_ids if one in found]

    # --- tiles --------------------------------------------------------------------------------

    async def ground(self, tile: Tile) -> Drawn:
        """Grids and borders: ``Ground.tile``."""
        ground = await self._current()
        return await self._made(
            ("ground", ground.version, tile), ground.version,
            lambda: asyncio.to_thread(lambda: _packed(ground.tile(tile))))

    async def components(self, tile: Tile, type_code: str = "") -> Drawn:
        """Layer ``components``: points with ``code``, ``name`` and ``state`` ("" = in order, bad,
        idle); layer ``cut``: there are more than are drawn."""
        if tile.z < COMPONENTS_FROM:
            return Drawn(body=_packed(b""), tag="0")
        version = str(await self._places.number_of("component"))

        async def make() -> bytes:
            box = tile.box()
            return await self._writer.read(lambda conn: _packed(_components(
                self._store.components_drawn(conn, box, type_code, COMPONENTS_MAX + 1), tile)))

        return await self._made(("components", version, type_code, tile), version, make)

    async def case_tile(self, tile: Tile, wanted: Wanted) -> Drawn:
        """``Pins.tile``."""
        pins = await self.pins(wanted)
        return await asyncio.to_thread(lambda: _told(pins.tile(tile)))

    async def heat_tile(self, tile: Tile, wanted: Wanted) -> Drawn:
        """``Pins.heat``."""
        pins = await self.pins(wanted)
        return await asyncio.to_thread(lambda: _told(pins.heat(tile)))

    async def _current(self) -> Ground:
        drawing = await self._places.drawing()
        async with self._drawing:
            if self._ground is None or self._ground.version != drawing.version:
                codes = await asyncio.to_thread(divisions_of, drawing)
                names = await self._places.division_names(codes)
                self._ground = await asyncio.to_thread(Ground, drawing, names)
            return self._ground

    async def _made(
        self, key: Hashable, version: str, make: Callable[[], Awaitable[bytes]]
    ) -> Drawn:
        body = self._kept.get(key)
        if body is None:
            body = await make()
            if key not in self._kept:
                self._kept[key] = body
                self._kept_bytes += len(body)
        self._kept.move_to_end(key)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept_bytes -= len(self._kept.popitem(last=False)[1])
        return Drawn(body=body, tag=version)


def _packed(body: bytes) -> bytes:
    return gzip.compress(body, PACKED, mtime=0)


def _told(body: bytes) -> Drawn:
    """What changes by the minute is told apart by what it is."""
    return Drawn(body=_packed(body), tag=sha256(body).hexdigest()[:16])


def _components(rows: Sequence[Row], tile: Tile) -> bytes:
    figures = []
    for row in rows[:COMPONENTS_MAX]:
        right, down = tile.spot(row["lon"], row["lat"])
        figures.append(Figure(
            shape=Shape.POINTS, runs=[[(round(right), round(down))]],
            properties={"code": row["code"], "name": row["name"],
                        "state": _STATES.get(row["state"], "")}))
    return encode({
        "components": figures,
        "cut": [Figure(shape=Shape.POINTS, runs=[[(0, 0)]])] if len(rows) > COMPONENTS_MAX else [],
    })
