"""A reader sees a layer before an import or after it, never half of it; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node.core.errors import Invalid
from node.service.places.imports import SLICE_ROWS, Finished
from tests.contract.test_places import Town, run, town
from tests.places import LAT, LON, address, component

ROWS = 2 * SLICE_ROWS + 100
BOX = (LON - 1, LAT - 1, LON + 1, LAT + 1)
OLD, NEW = "黄石市自来水公司", "黄石水务集团"


@pytest.fixture
def url(database_url: str) -> str:
    return database_url


async def staged(here: Town, rows: list[dict[str, Any]], **options: Any) -> str:
    """An import that is checked and may be applied."""
    imports = here.room.imports
    ident = await imports.begin("component", source="b.csv", actor="x", **options)
    for at in range(0, len(rows), 1_000):
        part = list(enumerate(rows[at : at + 1_000], start=at + 2))
        assert await imports.stage(ident, part) == ()
    assert (await imports.check(ident)).faults == ()
    return ident


async def seen(here: Town) -> tuple[set[str], int]:
    """Owners that a reader finds, and how many components there are, over every way to look."""
    on_map = await here.room.within("components", BOX, limit=2_000)
    listed = list((await here.room.components(limit=2_000)).items)
    exported = [one async for one in here.room.features("component")]
    owners = [{one["properties"]["owner_name"] for one in found} for found in (on_map, exported)]
    owners.append({row["owner_name"] for row in listed})
    owners.append({row["owner_name"] for row in await here.room.nearest_components(
        LON, LAT, limit=100)})
    assert owners[0] == owners[1] == owners[2] == owners[3]
    assert len(on_map) == len(listed) == len(exported)
    return owners[0], len(listed)


def test_an_update_is_seen_whole_from_its_last_step_on(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("component", [component(n) for n in range(1, 901)])
            here.now += timedelta(days=1)
            rows = [component(n, owner_name=NEW) for n in range(1, ROWS)]
            ident, after = await staged(here, rows), ""
            while True:
                after = (await here.room.imports.apply(ident, after)).next
                done_, rows_ = await here.room.imports.progress(ident)
                compared = await here.room.imports.compare(ident, 0)
                assert (done_, rows_) == (compared.done, compared.rows)
                assert done_ == (ROWS - 1 if not after else done_ // 500 * 500)
                assert await seen(here) == ({OLD}, 900)
                one = await here.room.component(component(1)["code"])
                assert (one["owner_name"], len(one["history"]), one["version"]) == (OLD, 1, 1)
                assert await here.room.changes("component", 2, limit=5) == []
                with pytest.raises(Invalid):
                    await here.room.component(component(1_000)["code"])
                if not after:
                    break
            done = await here.room.imports.finish(ident)
            assert (done.number, done.added, done.changed) == (2, ROWS - 901, 900)
            assert await seen(here) == ({NEW}, ROWS - 1)
            assert len(await here.room.changes("component", 2, limit=2_000)) == ROWS - 1
            again = await here.take("component", rows[:900])
            assert isinstance(again, Finished)
            assert (again.number, again.unchanged) == (2, 900), "what ended is swept away"

    run(story())


def test_an_import_that_died_half_way_leaves_nothing(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            before = await here.take("component", [component(n) for n in range(1, 901)])
            assert isinstance(before, Finished)
            ident = await staged(here, [component(n, owner_name=NEW) for n in range(1, ROWS)])
            await here.room.imports.apply(ident)
            # The importing program is gone; the next one takes another file over.
            here.now += timedelta(days=1)
            done = await here.take("component", [component(1, note="井盖更换")])
            assert isinstance(done, Finished)
            assert (done.number, done.added, done.changed, done.rows) == (2, 0, 1, 900)
            assert await seen(here) == ({OLD}, 900)
            [change] = await here.room.changes("component", 2, limit=9)
            assert change.fields == {"note": ("", "井盖更换")}
            with pytest.raises(Invalid) as refusal:
                await here.room.imports.apply(ident)
            assert refusal.value.code == "import.unknown"

    run(story())


def test_what_is_dropped_is_taken_back_and_a_repeated_step_counts_once(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("component", [component(1), component(2)])
            digest = (await here.room.versions("component"))[0].digest
            changed = [component(1, owner_name=NEW), component(3)]
            ident = await staged(here, changed, complete=True)
            await here.room.imports.apply(ident)
            await here.room.imports.drop(ident)
            assert await seen(here) == ({OLD}, 2)

            ident = await staged(here, changed, complete=True)
            await here.room.imports.apply(ident)
            await here.room.imports.apply(ident)  # the answer to the first was lost
            await here.room.imports.finish(ident)
            changes = await here.room.changes("component", 2, limit=9)
            assert sorted((one.key[-1], one.what) for one in changes) == [
                ("1", "changed"), ("2", "removed"), ("3", "added")]
            back = await here.take(
                "component", [component(1), component(2)], complete=True)
            assert isinstance(back, Finished)
            kept = [component(1), component(2)]
            assert (await here.room.versions("component"))[0].digest != digest, "3 is removed"
            assert {row["code"] for row in (await here.room.components(limit=9)).items
                    if row["state"] != "removed"} == {row["code"] for row in kept}

    run(story())


def test_addresses_go_with_their_version_as_well(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("address", [address("颐阳路12号", LON, LAT)])
            await here.take(
                "address", [address("湖滨大道9号", LON, LAT)], complete=True)
            assert [hit.text for hit in await here.room.search("颐阳路12号", limit=5)] == []
            spot = await here.room.locate(LON, LAT)
            assert spot.address is not None
            assert spot.address.text == "湖滨大道9号"

    run(story())


def test_what_was_removed_is_shown_only_when_asked_for(url: str) -> None:
    async def story() -> None:
        async with town(url) as here:
            await here.take("component", [
                component(1), component(2, state="removed"), component(3, state="lost")])

            async def near(**asked: Any) -> list[str]:
                rows = await here.room.nearest_components(LON, LAT, limit=9, **asked)
                return [row["code"][-1] for row in rows]

            async def drawn(**asked: Any) -> list[str]:
                found = await here.room.within("components", BOX, limit=9, **asked)
                return [one["id"][-1] for one in found]

            assert await near() == await drawn() == ["1", "3"]
            assert await near(removed=True) == await drawn(removed=True) == ["1", "2", "3"]
            assert await near(state="removed") == await drawn(state="removed") == ["2"]
            assert {hit.code[-1] for hit in await here.room.search("供水井盖", limit=9)} == {
                "1", "3"}
            assert (await here.room.component(component(2)["code"]))["state"] == "removed"

    run(story())
