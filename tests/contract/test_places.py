"""What the layers of places promise, on both databases, through the use cases and real tables."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hub.store.writer import GroupWriter
from node.core.errors import Invalid
from node.core.facts import Place
from node.core.grids import GridKind
from node.service.imports.report import RowFault
from node.service.places.files import Reading, pieces
from node.service.places.imports import Checked, Finished
from node.service.places.room import Distances, Places
from node.store import lookups, places, wording
from tests.audits import AUDIT
from tests.places import LAT, LON, STEP, address, component, grid, square

T = TypeVar("T")
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Town:
    """A room of places over one database, and its clock."""

    room: Places
    writer: GroupWriter
    now: datetime = BEGIN

    async def take(
        self, layer: str, rows: list[dict[str, Any]], **options: Any
    ) -> Finished | Checked | tuple[RowFault, ...]:
        """A whole import; returns what stopped it, or the version."""
        imports = self.room.imports
        ident = await imports.begin(layer, source="test.csv", actor="tester", **options)
        faults = await imports.stage(ident, list(enumerate(rows, start=2)))
        if faults:
            return faults
        checked = await imports.check(ident)
        if checked.faults:
            return checked
        after = ""
        while True:
            applied = await imports.apply(ident, after)
            after = applied.next
            if not after:
                return await imports.finish(ident)


@asynccontextmanager
async def town(url: str) -> AsyncIterator[Town]:
    clock = {"now": BEGIN}
    numbers = itertools.count(1)
    writer = GroupWriter(url, clock=lambda: int(clock["now"].timestamp() * 1e9))
    writer.start()
    room = Places(
        store=places, lookups=lookups, words=wording, writer=writer, audit=AUDIT,
        now_us=lambda: int(clock["now"].timestamp() * 1e6),
        fresh_id=lambda: f"01900000-0000-7000-8000-{next(numbers):012x}",
        distances=Distances(boundary=20.0, address=200.0, nearest=3_000.0),
    )
    room.open()

    class Clocked(Town):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "now":
                clock["now"] = value

    try:
        yield Clocked(room=room, writer=writer)
    finally:
        room.close()
        await writer.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


def test_importing_twice_adds_nothing_and_makes_no_version(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            rows = [component(n) for n in range(1, 1_201)]
            imports = here.room.imports
            for expected in ((1_200, 0, 0), (0, 0, 1_200)):
                ident = await imports.begin("component", source="a.csv", actor="x")
                for at in range(0, len(rows), 1_000):
                    part = list(enumerate(rows[at : at + 1_000], start=at + 2))
                    assert await imports.stage(ident, part) == ()
                checked = await imports.check(ident)
                assert (checked.rows, checked.faults) == (1_200, ())
                slices, after = 0, ""
                while True:
                    applied = await imports.apply(ident, after)
                    slices, after = slices + 1, applied.next
                    if not after:
                        break
                assert slices == 3
                done = await imports.finish(ident)
                assert (done.added, done.changed, done.unchanged) == expected
                assert (done.number, done.rows) == (1, 1_200)
            assert len(await here.room.versions("component")) == 1

    run(story())


def test_an_update_is_a_version_with_old_and_new_values(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            first = await here.take("component", [component(n) for n in (1, 2, 3)])
            here.now += timedelta(days=30)
            second = await here.take(
                "component",
                [component(1), component(2, state="damaged", note="井框破损"), component(4)],
                complete=True, dated=date(2026, 4, 1),
            )
            assert isinstance(first, Finished)
            assert isinstance(second, Finished)
            assert (second.number, second.added, second.changed, second.removed,
                    second.unchanged) == (2, 1, 1, 1, 1)
            changes = {one.key: one for one in await here.room.changes("component", 2, limit=10)}
            assert {key[-1]: one.what for key, one in changes.items()} == {
                "2": "changed", "3": "removed", "4": "added"}
            assert changes[component(2)["code"]].fields == {
                "note": ("", "井框破损"), "state": ("intact", "damaged")}
            assert changes[component(3)["code"]].fields["state"] == ("intact", "removed")
            older, newer = (await here.room.versions("component"))[::-1]
            assert (older.number, newer.number) == (1, 2)
            assert older.digest != newer.digest
            assert newer.dated == date(2026, 4, 1)
            third = await here.take("component", [component(2)])
            assert isinstance(third, Finished)
            again = await here.room.changes("component", 2, limit=10)
            assert {one.key: one for one in again}[component(2)["code"]].fields["state"] == (
                "intact", "damaged"), "what a version changed does not depend on later ones"

    run(story())


def test_equal_layers_have_equal_digests_whatever_the_order_of_rows(url: str) -> None:
    async def story() -> list[str]:
        async with town(url) as here:
            rows = [grid(0, 0), grid(1, 0), grid(2, 0)]
            await here.take("grid.unit", rows)
            await here.take("grid.unit", [grid(0, 0, name="改名"), *rows[1:]])
            await here.take("grid.unit", rows[::-1])
            return [one.digest for one in await here.room.versions("grid.unit")]

    newest, middle, oldest = run(story())
    assert newest == oldest != middle


def test_an_old_case_sees_the_component_it_was_filed_under(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            code = component(1)["code"]
            before = here.now
            here.now += timedelta(days=1)
            await here.take("component", [component(1, owner_name="黄石市自来水公司")])
            filed = here.now + timedelta(days=1)
            here.now += timedelta(days=10)
            await here.take("component", [component(1, owner_name="黄石水务集团")])
            now = await here.room.component(code)
            then = await here.room.component(code, at=filed)
            assert (now["owner_name"], now["current"], now["version"]) == (
                "黄石水务集团", True, 2)
            assert (then["owner_name"], then["current"], then["version"]) == (
                "黄石市自来水公司", False, 1)
            assert [one["what"] for one in now["history"]] == ["changed", "added"]
            with pytest.raises(Invalid) as refusal:
                await here.room.component(code, at=before)
            assert refusal.value.code == "place.unknown"

    run(story())


def test_data_past_their_update_date_and_unknown_owners_are_listed(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("component", [
                component(1, update_due_on="2026-03-01"), component(2, update_due_on="2026-03-02"),
                component(3, owner_name="", maintainer_name=""),
                component(4, update_due_on="2025-01-01", state="removed"),
            ])
            stale = await here.room.components(limit=10, stale=True)
            unknown = await here.room.components(limit=10, owner_unknown=True)
            assert [row["code"][-1] for row in stale.items] == ["1"]
            assert [row["code"][-1] for row in unknown.items] == ["3"]
            [finding] = await here.room.findings()
            assert "1 个部件的数据已过更新日期" == finding.sentence.say("zh-CN")
            damaged = await here.room.components(limit=10, state="damaged")
            assert damaged.items == ()
            first = await here.room.components(limit=3)
            rest = await here.room.components(limit=3, after=first.next)
            assert ([len(first.items), len(rest.items)], rest.next) == ([3, 1], "")

    run(story())


def test_overlaps_crossings_and_retired_codes_keep_a_grid_layer_out(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            half = [[x + STEP / 2, y] for x, y in square(0, 0)]
            overlapping = await here.take("grid.unit", [
                grid(0, 0), grid(1, 0, outline={"type": "Polygon", "coordinates": [half]})])
            assert isinstance(overlapping, Checked)
            [fault] = overlapping.faults
            assert (fault.code, fault.row) == ("grid.overlap", 2)
            assert grid(1, 0)["code"] in fault.sentence.say("en")

            bow = square(0, 0)
            bow[1], bow[2] = bow[2], bow[1]
            crossing = await here.take("grid.unit", [
                grid(0, 0, outline={"type": "Polygon", "coordinates": [bow]})])
            assert isinstance(crossing, Checked)
            assert [one.code for one in crossing.faults] == ["grid.crossing"]
            assert (await here.room.grids(GridKind.UNIT, limit=5)).items == ()

            wrong = await here.take("grid.unit", [
                grid(0, 0), grid(0, 0), grid(2, 0, code="42020300100200"),
                grid(3, 0, area="420204"), grid(4, 0, outline=None)])
            assert isinstance(wrong, tuple)
            assert [(one.row, one.column, one.code) for one in wrong] == [
                (3, "code", "code.repeated"), (4, "code", "grid.code"),
                (5, "code", "grid.prefix"), (6, "outline", "outline.shape")]

            await here.take("grid.unit", [grid(0, 0), grid(1, 0)])
            done = await here.take("grid.unit", [grid(0, 0)], complete=True)
            assert isinstance(done, Finished)
            assert done.removed == 1
            assert (await here.room.grid(GridKind.UNIT, grid(1, 0)["code"]))["void"]
            other = await here.take("grid.unit", [
                grid(0, 0), grid(2, 0, code=grid(1, 0)["code"])])
            assert isinstance(other, Checked)
            assert [(one.code, one.row) for one in other.faults] == [("grid.void", 3)]
            back = await here.take("grid.unit", [grid(0, 0), grid(1, 0)])
            assert isinstance(back, Finished), "the same grid, put back"
            assert not (await here.room.grid(GridKind.UNIT, grid(1, 0)["code"]))["void"]

    run(story())


def test_gaps_are_told_and_let_in(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            ring = [grid(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
            imports = here.room.imports
            ident = await imports.begin("grid.unit", source="a", actor="x")
            await imports.stage(ident, list(enumerate(ring, start=2)))
            checked = await imports.check(ident)
            [gap] = checked.warnings
            assert (gap.code, checked.faults) == ("grid.gap", ())
            assert "115.0915" in gap.sentence.say("en")

    run(story())


def test_nothing_is_written_before_the_check_has_passed(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            imports = here.room.imports
            ident = await imports.begin("component", source="a", actor="x")
            await imports.stage(ident, [(2, component(1))])
            for step in (imports.apply, imports.finish):
                with pytest.raises(Invalid) as refusal:
                    await step(ident)
                assert refusal.value.code == "import.unchecked"
            newer = await imports.begin("component", source="b", actor="x")
            with pytest.raises(Invalid) as refusal:
                await imports.check(ident)
            assert refusal.value.code == "import.unknown"
            await imports.drop(newer)
            assert (await here.room.components(limit=5)).items == ()

    run(story())


def test_a_point_finds_its_grid_beat_coverage_divisions_and_address(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            other = "420204001001"
            await here.take("region", [
                {"code": "420203", "name": "西塞山区"},
                {"code": "420271", "name": "黄石经济技术开发区", "pseudo": True},
                {"code": "420204", "name": "下陆区"}])
            await here.take("grid.unit", [
                grid(0, 0, name="颐阳路北"), grid(1, 0),
                grid(2, 0, area=other, code=other + "001")])
            await here.take("grid.beat", [
                {"code": "XS-01", "area": "420203", "units": [grid(0, 0)["code"]]},
                {"code": "XS-02", "area": "420203",
                 "outline": {"type": "Polygon", "coordinates": [square(1, 0)]}}])
            await here.take("coverage", [{
                "code": "town", "name": "建成区",
                "outline": {"type": "Polygon", "coordinates": [square(0, 0)]}}])
            await here.take("address", [address("颐阳路12号", LON + STEP / 3, LAT + STEP / 3)])

            spot = await here.room.locate(LON + STEP / 2, LAT + STEP / 2)
            assert (spot.grid, spot.grid_name, spot.covered, spot.contested) == (
                grid(0, 0)["code"], "颐阳路北", True, False)
            assert [(one.kind, one.code) for one in spot.beats] == [("beat", "XS-01")]
            codes = [grid(1, 0)["code"], "420203999999999", grid(0, 0)["code"]]
            some = await here.room.some_grids(GridKind.UNIT, codes)
            assert some == [await here.room.grid(GridKind.UNIT, one) for one in codes[::2]]
            assert [(one.code, one.name) for one in spot.divisions] == [("420203", "西塞山区")]
            assert spot.address is not None
            assert (spot.address.text, spot.address.metres < 30) == ("颐阳路12号", True)

            told = await here.room.spot(Place(
                area="420204", address="颐阳路12号", lon=LON + STEP / 2, lat=LAT + STEP / 2))
            assert (told.grid, told.area) == (grid(0, 0)["code"], (grid(0, 0)["area"], "西塞山区"))

            border = await here.room.locate(LON + 2 * STEP - 1e-5, LAT + STEP / 2)
            assert (border.covered, border.contested) == (False, True)
            assert [(one.code, one.name, one.metres) for one in border.divisions] == [
                ("420203", "西塞山区", 0.0), ("420204", "下陆区", 1.0)]
            assert [one.code for one in border.beats] == ["XS-02"]

            outside = await here.room.locate(LON - 1, LAT)
            assert (outside.grid, outside.covered, outside.address) == ("", False, None)

    run(story())


def test_points_of_every_datum_settle_on_one_spot_and_keep_their_original(url: str) -> None:
    from node.core.datum import Datum, from_cgcs2000

    async def story() -> None:
        async with town(url) as here:
            await here.take("grid.unit", [grid(0, 0)])
            spot = (LON + STEP / 2, LAT + STEP / 2)
            for datum in Datum:
                x, y = from_cgcs2000(*spot, datum)
                place = await here.room.settle(Place(
                    area="420203", address="x", original_x=x, original_y=y,
                    original_crs=datum.value))
                assert (place.original_x, place.original_y, place.original_crs) == (
                    x, y, datum.value)
                assert place.lon is not None
                assert place.lat is not None
                assert abs(place.lon - spot[0]) < 1e-9
                assert abs(place.lat - spot[1]) < 1e-9
                assert (place.crs, place.grid) == ("CGCS2000", grid(0, 0)["code"])
            # 3° zone at 114° E, from the survey department's own formula sheet to the millimetre.
            zone = await here.room.settle(Place(
                area="420203", address="x", original_x=604961.6694, original_y=3342786.4772,
                original_crs="EPSG:4547"))
            assert zone.lon is not None
            assert zone.lat is not None
            assert abs(zone.lon - 115.09) < 1e-7
            assert abs(zone.lat - 30.2) < 1e-7
            assert (zone.original_x, zone.original_crs) == (604961.6694, "EPSG:4547")
            with pytest.raises(Invalid) as refusal:
                await here.room.settle(Place(
                    area="420203", address="x", original_x=3342786.4772, original_y=604961.6694,
                    original_crs="EPSG:4547"))
            assert refusal.value.code == "place.point"
            bare = Place(area="420203", address="x", grid="G")
            assert await here.room.settle(bare) == bare

    run(story())


def test_words_become_ranked_points(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            texts = ["湖北省黄石市西塞山区颐阳路12号", "湖北省黄石市西塞山区颐阳路112号",
                     "湖北省黄石市下陆区杭州东路12号", "黄石市第二中学", "磁湖路与颐阳路口"]
            await here.take("address", [
                address(text, LON + n * STEP, LAT) for n, text in enumerate(texts)])
            await here.take("component", [
                component(n, community_name="陈家湾社区") for n in range(1, 8)])
            await here.take("grid.unit", [grid(0, 0, name="陈家湾北片")])

            async def best(text: str) -> list[str]:
                return [hit.text for hit in await here.room.search(text, limit=3)]

            assert (await best("西塞山区颐阳路12号"))[0] == texts[0]
            assert (await best("颐阳路112号门前"))[0] == texts[1]
            assert (await best("杭州东路12号"))[0] == texts[2]
            assert (await best("二中 黄石市第二中学"))[0] == texts[3]
            assert (await best("陈家湾社区供水井盖"))[0].endswith("陈家湾社区供水井盖")
            assert (await best("陈家湾北片"))[0] == "陈家湾北片"
            assert await best("乌鲁木齐") == []
            assert await best("  ，。") == []
            hits = await here.room.search("陈家湾社区供水井盖", limit=20)
            assert len([hit for hit in hits if hit.layer == "component"]) == 5
            assert [hit.score for hit in hits] == sorted(
                (hit.score for hit in hits), reverse=True)

    run(story())


def test_nearest_components_come_in_order_of_distance(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("component", [
                component(n, x=LON + n * 1e-4, y=LAT) for n in range(1, 41)])
            found = await here.room.nearest_components(LON, LAT, limit=5)
            assert [row["code"][-2:] for row in found] == ["01", "02", "03", "04", "05"]
            assert [round(row["metres"]) for row in found] == [10, 19, 29, 38, 48]
            assert await here.room.nearest_components(LON + 1, LAT, limit=5) == []
            assert len(await here.room.nearest_components(LON, LAT, limit=50)) == 40

    run(story())


def test_a_layer_exports_as_geojson_and_a_map_view_is_a_box(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("grid.unit", [grid(x, 0) for x in range(3)])
            await here.take("component", [component(1), component(2, state="lost")])
            whole = [one async for one in here.room.features("grid.unit", page=2)]
            assert [one["id"] for one in whole] == [grid(x, 0)["code"] for x in range(3)]
            assert whole[0]["geometry"]["coordinates"][0][0] == square(0, 0)[0]
            box = (LON + STEP * 1.1, LAT, LON + STEP * 1.2, LAT + STEP)
            assert [one["id"] for one in await here.room.within("grids", box, limit=9)] == [
                grid(1, 0)["code"]]
            everywhere = (LON - 1, LAT - 1, LON + 1, LAT + 1)
            lost = await here.room.within("components", everywhere, limit=9, state="lost")
            assert [one["properties"]["state"] for one in lost] == ["lost"]
            assert await here.room.within("cases", everywhere, limit=9) == []

    run(story())


def test_the_worked_example_is_taken_whole(url: str, tmp_path: Path) -> None:
    from deploy.examples.huangshi import grids as ground

    ground.write(tmp_path)
    example = Path(ground.__file__).parent
    files = (
        ("region", example / "regions.csv"), ("coverage", tmp_path / "coverage.geojson"),
        ("grid.unit", tmp_path / "unit_grids.geojson"),
        ("grid.beat", tmp_path / "beats.geojson"),
        ("component", tmp_path / "components.csv"), ("address", tmp_path / "addresses.csv"),
    )

    async def story() -> None:
        async with town(url) as here:
            for layer, path in files:
                rows: list[dict[str, Any]] = []
                for piece in pieces(Reading(path=path, layer=layer)):
                    assert piece.faults == (), (layer, piece.faults[:3])
                    rows += [json.loads(body) for _, body in piece.rows]
                imports = here.room.imports
                ident = await imports.begin(layer, source=path.name, actor="x")
                for at in range(0, len(rows), 500):
                    part = list(enumerate(rows[at : at + 500], start=at + 1))
                    assert await imports.stage(ident, part) == ()
                checked = await imports.check(ident)
                assert (checked.faults, checked.warnings) == ((), ()), layer
                after = ""
                while after := (await imports.apply(ident, after)).next:
                    pass
                done = await imports.finish(ident)
                assert done.added == len(rows) > 0
            [first, *_] = (await here.room.components(limit=1)).items
            spot = await here.room.locate(first["lon"], first["lat"])
            assert (spot.grid, spot.covered) == (first["grid"], True)
            assert [beat.kind for beat in spot.beats] == ["beat"]
            assert spot.divisions[0].code == first["grid"][:6]
            pseudo = [one async for one in here.room.features("region")]
            assert any(one["properties"]["pseudo"] for one in pseudo)

    run(story())
