"""What maps promise: tiles of grids, components and cases, on both databases, decoded by another
reader; who may not see a case does not find it in one."""

from __future__ import annotations

import asyncio
import gzip
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from node.core.roles import Scope
from node.core.similar import cell_of
from node.core.tiles import EXTENT, Tile, plane
from node.service.maps import room as maps_room
from node.service.maps.room import Drawn, Maps, Wanted
from node.service.views import CaseFilter
from node.store import maps as map_rows
from node.store.tables import cases
from tests.contract.test_places import Town, run, town
from tests.contract.test_store import case_row, ident
from tests.places import COMMUNITY, LAT, LON, STEP, component, grid
from tests.tiles import Feature, decoded

ALL = Wanted(which=CaseFilter())
STREET, DISTRICT = COMMUNITY[:9], COMMUNITY[:6]


@dataclass
class Drawing:
    """A room of maps over a room of places."""

    town: Town
    maps: Maps

    async def opened(self, *rows: dict[str, Any]) -> None:
        await self.town.writer.write(lambda tx: tx.conn.execute(insert(cases), list(rows)))

    def us(self, **ago: float) -> int:
        return int((self.town.now - timedelta(**ago)).timestamp() * 1e6)


@asynccontextmanager
async def drawing(url: str) -> AsyncIterator[Drawing]:
    async with town(url) as here:
        yield Drawing(town=here, maps=Maps(
            places=here.room, store=map_rows, writer=here.writer,
            now_us=lambda: int(here.now.timestamp() * 1e6)))


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


def tile_at(z: int, lon: float = LON + STEP / 2, lat: float = LAT + STEP / 2) -> Tile:
    across, down = plane(lon, lat)
    return Tile(z=z, x=int(across * 2**z), y=int(down * 2**z))


def read(tile: Drawn) -> dict[str, list[Feature]]:
    return decoded(gzip.decompress(tile.body))


def degrees(tile: Tile, spot: tuple[int, int]) -> tuple[float, float]:
    """Where a point of a tile lies, to the width of some units."""
    west, south, east, north = tile.box()
    return (west + spot[0] / EXTENT * (east - west), north - spot[1] / EXTENT * (north - south))


def test_near_the_grids_are_drawn_and_far_away_the_divisions_they_make_up(url: str) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            await here.town.take("region", [
                {"code": DISTRICT, "name": "西塞山区"}, {"code": STREET, "name": "黄石港街道"}])
            await here.town.take("grid.unit", [grid(x, y) for y in range(3) for x in range(3)])
            near, middle, far = tile_at(15), tile_at(14), tile_at(10)
            found = read(await here.maps.ground(near))
            assert {"grids", "borders", "numbers"} <= set(found)
            corners = {degrees(near, spot) for one in found["grids"] for path in one.paths
                       for spot in path}
            assert any(abs(lon - LON - STEP) < 1e-5 and abs(lat - LAT - STEP) < 1e-5
                       for lon, lat in corners)
            assert {"001", "002", "031"} <= {
                one.properties["no"] for one in found["numbers"]}
            # The border goes around all nine grids: no corner of it lies in the middle.
            around = [degrees(near, spot) for one in found["borders"] for path in one.paths
                      for spot in path]
            assert not any(abs(lon - LON - STEP) < 1e-6 and abs(lat - LAT - STEP) < 1e-6
                           for lon, lat in around)
            assert "grids" in read(await here.maps.ground(middle))
            assert "grids" not in read(await here.maps.ground(tile_at(13)))
            # A border that two grids have in common is drawn once.
            pieces = [tuple(sorted(pair)) for one in found["grids"] for path in one.paths
                      for pair in itertools.pairwise(path)]
            assert len(pieces) == len(set(pieces))
            away = read(await here.maps.ground(far))
            assert "grids" not in away
            assert {6, 9} == {one.properties["digits"] for one in away["borders"]}
            names = [one.properties["name"] for z in (10, 12) for one in read(
                await here.maps.ground(tile_at(z, LON + 1.5 * STEP, LAT + 1.5 * STEP))
            ).get("divisions", [])]
            assert {"西塞山区", "黄石港街道"} == set(names)

    run(story())


def test_components_are_points_from_zoom_15_on_and_a_full_tile_says_so(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            await here.town.take("component", [
                component(1), component(2, state="damaged"), component(3, state="removed"),
                component(4, standard_ref="GB/T 47678.5-2026", name="路灯")])
            tile = tile_at(15, LON + 2e-4, LAT + 1e-4)
            found = read(await here.maps.components(tile))["components"]
            assert [("供水井盖", ""), ("供水井盖", "bad"), ("路灯", "")] == [
                (one.properties["name"], one.properties["state"]) for one in found]
            lon, lat = degrees(tile, found[0].paths[0][0])
            assert (lon, lat) == pytest.approx((LON + 1e-4, LAT + 1e-4), abs=1e-6)
            assert {} == read(await here.maps.components(tile_at(14)))
            first = await here.maps.components(tile)
            monkeypatch.setattr(maps_room, "COMPONENTS_MAX", 2)
            assert await here.maps.components(tile) == first, "it was kept"
            await here.town.take("component", [component(5)])
            full = read(await here.maps.components(tile))
            assert (2, 1) == (len(full["components"]), len(full["cut"]))

    run(story())


def test_cases_far_away_are_one_pin_with_the_worst_light_and_near_each_is_its_own(
    url: str
) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            late, due = here.us(hours=1), here.us(hours=-9)
            await here.opened(
                case_row(1, finish_by=late, warn_at=late), case_row(2, finish_by=due, urgent=True),
                case_row(3, lon=None, lat=None),
                case_row(4, live=False, status="closed", opened_at=here.us(days=3)),
                case_row(5, lon=115.09 + STEP, opened_at=here.us(hours=1)))
            (pin,) = read(await here.maps.case_tile(tile_at(10, 115.09, 30.2), ALL))["cases"]
            assert {"n": 3, "light": "red", "rank": 0, "red": 1, "green": 1, "grey": 1} == (
                pin.properties)
            near = read(await here.maps.case_tile(tile_at(14, 115.09, 30.2), ALL))["cases"]
            assert {ident(1): "red", ident(2): "green", ident(5): "grey"} == {
                one.properties["id"]: one.properties["light"] for one in near}
            heat = read(await here.maps.heat_tile(tile_at(14, 115.09, 30.2), ALL))["heat"]
            assert [1, 2] == sorted(one.properties["n"] for one in heat)
            for days, opened in ((7, 2), (1, 1)):
                within = read(await here.maps.heat_tile(
                    tile_at(14, 115.09, 30.2), Wanted(which=CaseFilter(), days=days)))["heat"]
                assert opened == sum(one.properties["n"] for one in within), "closed ones too"

    run(story())


def test_whoever_may_not_read_a_case_does_not_find_it_in_a_tile_a_list_or_a_card(url: str) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            await here.opened(
                case_row(1, area="420203001"), case_row(2, area="420204001"),
                case_row(3, area="420203002", code="0501"))
            mine = Scope(areas=("420203",), codes=("04",))
            asked = Wanted(which=CaseFilter(scope=mine))
            tile = tile_at(14, 115.09, 30.2)
            assert [ident(1)] == [one.properties["id"] for one in read(
                await here.maps.case_tile(tile, asked))["cases"]]
            assert 3 == len(read(await here.maps.case_tile(tile, ALL))["cases"])
            listed = await here.maps.listed(asked, (115, 30, 116, 31))
            assert ([ident(1)], 1, {"grey": 1}) == (
                [one["case_id"] for one in listed.items], listed.total, listed.lights)
            cards = await here.maps.cases([ident(n) for n in (3, 2, 1)], mine)
            assert [ident(1)] == [one["case_id"] for one in cards]
            near = await here.maps.near(115.09, 30.2, mine)
            assert [(0.0, ident(1))] == [(metres, one["case_id"]) for metres, one in near]
            drawn = await here.town.room.within("cases", (115, 30, 116, 31), limit=9, scope=mine)
            assert [ident(1)] == [one["id"] for one in drawn]

    run(story())


def test_the_list_has_the_worst_first_and_counts_what_it_leaves_out(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            late, due = here.us(hours=1), here.us(hours=-9)
            await here.opened(
                case_row(1), case_row(2, finish_by=due), case_row(3, finish_by=late),
                case_row(4, finish_by=due, urgent=True), case_row(5, lon=116.0))
            box = (115.0, 30.0, 115.5, 30.5)
            listed = await here.maps.listed(ALL, box)
            assert [4, 3, 2, 1] == [int(one["case_id"][-3:], 16) for one in listed.items]
            monkeypatch.setattr(maps_room, "LISTED_MAX", 2)
            short = await here.maps.listed(ALL, box)
            assert (2, 4, {"grey": 1, "green": 2, "red": 1}) == (
                len(short.items), short.total, short.lights)

    run(story())


def test_neighbours_of_a_case_are_open_and_within_the_street_corner(url: str) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            await here.opened(
                case_row(1), case_row(2, lon=115.0905, cell=cell_of(115.0905, 30.2)),
                case_row(3, lon=115.0950, cell=cell_of(115.0950, 30.2)),
                case_row(4, live=False, lon=115.0901))
            near = await here.maps.near(115.09, 30.2, but=ident(1))
            assert [(48, ident(2))] == [(round(metres), one["case_id"]) for metres, one in near]

    run(story())


def test_a_map_begins_where_whoever_looks_has_work(url: str) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            empty = await here.maps.view(ALL)
            assert (None, "", "") == (empty.box, empty.ground, empty.components)
            await here.opened(case_row(1), case_row(2, lon=115.2))
            here.town.now += timedelta(seconds=10)
            assert (115.09, 30.2, 115.2, 30.2) == (await here.maps.view(ALL)).box
            assert (await here.maps.view(None)).box is None, "who sees no cases is told none"
            other = f"{DISTRICT}002001"
            await here.town.take("grid.unit", [grid(0, 0), {
                **grid(5, 5), "code": f"{other}001", "area": other}])
            here.town.now += timedelta(seconds=40)
            whole = await here.maps.view(ALL)
            assert (LON, LAT, LON + 6 * STEP, LAT + 6 * STEP) == pytest.approx(whole.box)
            assert whole.ground
            mine = Wanted(which=CaseFilter(scope=Scope(areas=(STREET,))))
            assert (LON, LAT, LON + STEP, LAT + STEP) == pytest.approx(
                (await here.maps.view(mine)).box)
            asked = Wanted(which=CaseFilter(area=other))
            assert (LON + 5 * STEP, LAT + 5 * STEP, LON + 6 * STEP, LAT + 6 * STEP) == (
                pytest.approx((await here.maps.view(asked)).box))

    run(story())


def test_one_reading_of_the_cases_serves_a_view_and_the_next_news_come_after_seconds(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            reads = []
            real = map_rows.case_points
            monkeypatch.setattr(
                map_rows, "case_points",
                lambda *a, **k: reads.append(1) or real(*a, **k))  # type: ignore[func-returns-value]
            await here.opened(case_row(1))
            tile = tile_at(14, 115.09, 30.2)
            tiles = await asyncio.gather(*(here.maps.case_tile(tile, ALL) for _ in range(6)))
            assert (1, 1) == (len(reads), len({one.tag for one in tiles}))
            await here.opened(case_row(2))
            assert (await here.maps.case_tile(tile, ALL)).tag == tiles[0].tag
            here.town.now += timedelta(seconds=4)
            assert (await here.maps.case_tile(tile, ALL)).tag != tiles[0].tag
            monkeypatch.setattr(maps_room, "CASES_MAX", 1)
            here.town.now += timedelta(seconds=4)
            listed = await here.maps.listed(ALL, None)
            assert (1, True) == (listed.total, listed.cut)

    run(story())


def test_packed_tiles_are_kept_up_to_so_many_bytes(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with drawing(url) as here:
            await here.town.take("grid.unit", [grid(x, 0) for x in range(20)])
            monkeypatch.setattr(maps_room, "KEPT_BYTES", 1_000)
            for x in range(20):
                await here.maps.ground(tile_at(15, LON + x * STEP))
            assert here.maps._kept_bytes <= 1_000
            assert here.maps._kept_bytes == sum(map(len, here.maps._kept.values()))

    run(story())
