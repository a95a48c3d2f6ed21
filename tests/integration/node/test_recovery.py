"""A lost disk, last hour's backup, and work that went on meanwhile: real nodes over real carriers.

Afterwards both ends of every link hold the same journal entries, byte for byte, every case stands
where its neighbours say it stands, and nothing happened twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from hub.errors import Fenced
from hub.store.engine import open_engine
from node.core import commands as cmd
from node.core.audit import REBORN
from node.main.auditing import verify_audit
from node.main.serving import Running, running
from node.service.audit_book import anchor_line
from node.settings import Settings
from node.store import audit
from tests.integration.node.losses import (
    Script,
    all_quiet,
    backed_up,
    called_back,
    dispatched,
    done,
    emptied,
    generations_agree,
    led,
    nothing_twice,
    on,
    query,
    rebuilt,
    same_on_both_sides,
    sign,
    stands,
    town_with_files,
)
from tests.integration.node.town import Plan, head, until
from tests.trees import CITY, DISTRICT, STREET


async def street_of(town: Plan, folder: Path, settings: Callable[[str], Settings]) -> None:
    """The story of a street whose disk dies an hour after its backup."""
    async with town.running(CITY, DISTRICT) as node:
        district = node[DISTRICT]
        async with running(settings(STREET), registry=CollectorRegistry()) as street:
            before = [await dispatched(district, STREET) for _ in range(4)]
            for case_id in before:
                await stands(street, case_id, "held")
            await sign(street, before[0])
            await all_quiet(district, street)
            kept, words = await asyncio.to_thread(backed_up, settings(STREET), folder)
            # Work goes on after the backup: old cases move, new ones come, one is called back.
            await done(street, before[0])
            await sign(street, before[1])
            await done(street, before[1])
            after = [await dispatched(district, STREET) for _ in range(3)]
            for case_id in after:
                await stands(street, case_id, "held")
            await sign(street, after[0])
            await done(street, after[0])
            await stands(district, before[1], "feedback_given")
            await stands(district, after[0], "feedback_given")
            await called_back(district, before[3])
            await stands(street, before[3], "ended")
            await all_quiet(district, street)
            await street.office.create_token("after-the-backup", "read")
            street.office.audit._every_us = 0
            assert await street.office.audit.sign()
            anchors = folder / "street.heads"
            anchors.write_bytes(b"".join(
                map(anchor_line, await street.writer.read(audit.heads))))
            lost_journal = query(settings(STREET).database_url,
                                 "SELECT case_id, branch, version, digest FROM journal ORDER BY n")
        # The disk is gone. The district works on meanwhile.
        meanwhile = await dispatched(district, STREET)
        await called_back(district, after[2])
        fresh = await asyncio.to_thread(rebuilt, settings(STREET), kept, words)
        with pytest.raises(Fenced) as refused:
            async with running(fresh, registry=CollectorRegistry()):
                pass
        assert refused.value.code == "node.restored"
        script = Script()
        told = await led(fresh, script)
        assert told.stands[0].step == "DONE"
        assert told.entries > 0
        assert told.apart == 0
        assert script.seen[0].stands[0].verdict == "behind"
        back = query(fresh.database_url,
                     "SELECT case_id, branch, version, digest FROM journal ORDER BY n")
        assert {tuple(row[:3]): bytes(row[3]) for row in lost_journal}.items() <= {
            tuple(row[:3]): bytes(row[3]) for row in back}.items()
        async with running(fresh, registry=CollectorRegistry()) as street:
            for case_id, status in [
                (before[0], "done"), (before[1], "done"), (before[2], "held"),
                (before[3], "ended"), (after[0], "done"), (after[1], "held"), (after[2], "ended"),
                (meanwhile, "held"),
            ]:
                await stands(street, case_id, status)
            await sign(street, meanwhile)
            await done(street, meanwhile)
            await stands(district, meanwhile, "feedback_given")
            await all_quiet(district, street)
            rounds = await district.fabric._drivers[
                f"{DISTRICT}-{STREET}"].reconcile()
            assert [(0, 0, 0)] * len(rounds) == [
                (one.missing, one.surplus, one.differ) for one in rounds]
        same_on_both_sides(settings(DISTRICT), fresh)
        generations_agree(settings(DISTRICT), fresh)
        nothing_twice(settings(DISTRICT), fresh)
        # The audit log goes on from the backup; what was lost of it is explained, not hidden.
        verdict = await asyncio.to_thread(verify_audit, fresh.home, anchors)
        assert ([], 1) == (verdict["flaws"], verdict["lost"])
        with open_engine(fresh.database_url).connect() as conn:
            actions = [row["action"] for row in audit.every_row(conn)]
        assert REBORN in actions


def test_a_street_comes_back_from_an_hour_old_backup(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)
    asyncio.run(street_of(town, tmp_path, settings))


def test_a_street_comes_back_over_mailboxes(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path, prefer="NATS", nats=True)
    asyncio.run(street_of(town, tmp_path, settings))


async def unheard(town: Plan, folder: Path, settings: Callable[[str], Settings]) -> None:
    """A district loses what it said to a street that was out of reach, and what a photo that the
    city has not fetched yet may be asked for by. Only the city heard of either."""
    async with town.running(CITY) as above:
        city = above[CITY]
        async with (
            running(settings(DISTRICT), registry=CollectorRegistry()) as district,
            running(settings(STREET), registry=CollectorRegistry()) as street,
        ):
            shown, own = [await dispatched(city, DISTRICT) for _ in range(2)]
            for case_id in (shown, own):
                await stands(district, case_id, "held")
            await on(district, shown)
            await stands(street, shown, "held")
            await all_quiet(city, district, street)
            kept, words = await asyncio.to_thread(backed_up, settings(DISTRICT), folder)
            await sign(street, shown)
            await done(street, shown)
            await done(district, own, b"its own photo")
            for case_id in (shown, own):
                await stands(city, case_id, "feedback_given")
            await until("the photos at the city", lambda: whole(city, 2))
            await all_quiet(city, district, street)
            await district.office.pause_link(f"{DISTRICT}-{STREET}", actor="op")
            lost = await dispatched(city, DISTRICT)
            await stands(district, lost, "held")
            await on(district, lost)
            await district.office.handle(cmd.PressAssignee(**head(district, lost), text="请签收"))

            async def told() -> bool:
                entries = (await city.office.timeline(lost))["entries"]
                return {"Assigned", "Pressed"} <= {
                    one["event_type"] for one in entries if one["node"] == DISTRICT}

            await until("the city to hear of both", told)
            may_ask = refs(settings(DISTRICT))
            assert (f"{CITY}-{DISTRICT}",) in {row[:1] for row in may_ask}
        async with running(settings(STREET), registry=CollectorRegistry()) as street:
            fresh = await asyncio.to_thread(rebuilt, settings(DISTRICT), kept, words)
            assert 2 == (await led(fresh)).retold
            async with running(fresh, registry=CollectorRegistry()) as district:
                await until("both photos back", lambda: whole(district, 2))
                await stands(street, lost, "held")
                await all_quiet(city, district, street)
                entries = (await street.office.timeline(lost))["entries"]
                assert ["OrderTaken", "Pressed"] == [
                    one["event_type"] for one in entries if one["node"] == STREET]
        assert [] == query(settings(STREET).database_url,
                           "SELECT code FROM inbox WHERE outcome = 'PARKED'")
        assert may_ask <= refs(fresh)
        generations_agree(fresh, settings(STREET))
        nothing_twice(settings(CITY), fresh, settings(STREET))


def test_what_no_child_had_heard_is_said_again_in_its_order(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)
    asyncio.run(unheard(town, tmp_path, settings))


async def whole(node: Running, photos: int) -> bool:
    rows = query(node.settings.database_url, "SELECT count(*) FROM blob WHERE state = 'WHOLE'")
    return rows == [(photos,)]


def refs(settings: Settings) -> set[tuple[str, bytes]]:
    """Which peer may ask for which photo."""
    return {(link, bytes(digest)) for link, digest in query(
        settings.database_url, "SELECT link, digest FROM blob_ref")}


async def district_of(town: Plan, folder: Path, settings: Callable[[str], Settings]) -> None:
    """A district between a city and a street loses its database; both work on."""
    async with town.running(CITY) as above:
        city = above[CITY]
        async with (
            running(settings(DISTRICT), registry=CollectorRegistry()) as district,
            running(settings(STREET), registry=CollectorRegistry()) as street,
        ):
            first = await dispatched(city, DISTRICT)
            await stands(district, first, "held")
            await on(district, first)
            await stands(street, first, "held")
            await all_quiet(city, district, street)
            kept, words = await asyncio.to_thread(backed_up, settings(DISTRICT), folder)
            # After the backup: the first is done; another comes through; two of its own.
            await sign(street, first)
            await done(street, first)
            await stands(city, first, "feedback_given")
            second = await dispatched(city, DISTRICT)
            await stands(district, second, "held")
            await on(district, second)
            await stands(street, second, "held")
            own = [await dispatched(district, STREET) for _ in range(2)]
            for case_id in own:
                await stands(street, case_id, "held")
            await sign(street, own[0])
            await done(street, own[0])
            await stands(district, own[0], "feedback_given")
            await called_back(district, own[1])
            await stands(street, own[1], "ended")
            await all_quiet(city, district, street)
        async with running(settings(STREET), registry=CollectorRegistry()) as street:
            await sign(street, second)
            await done(street, second)
            third = await dispatched(city, DISTRICT)
            if settings(DISTRICT).database.url.get_secret_value():
                await asyncio.to_thread(emptied, settings(DISTRICT))
            fresh = await asyncio.to_thread(rebuilt, settings(DISTRICT), kept, words)
            told = await led(fresh)
            assert {one.step for one in told.stands} == {"DONE"}
            assert told.compared[f"{DISTRICT}-{STREET}"] == (0, 0, 0)
            assert told.left == 0
            async with running(fresh, registry=CollectorRegistry()) as district:
                for case_id, status in [(first, "done"), (second, "done"), (third, "held")]:
                    await stands(district, case_id, status)
                await stands(district, own[0], "feedback_given")
                await stands(district, own[1], "pending_dispatch")
                await stands(city, second, "feedback_given")
                await on(district, third)
                await stands(street, third, "held")
                await all_quiet(city, district, street)
            generations_agree(fresh, settings(STREET))
        same_on_both_sides(settings(CITY), fresh)
        same_on_both_sides(fresh, settings(STREET))
        generations_agree(settings(CITY), fresh)
        nothing_twice(settings(CITY), fresh, settings(STREET))


def test_a_district_comes_back_between_its_neighbours(tmp_path: Path) -> None:
    town, settings = town_with_files(tmp_path)
    asyncio.run(district_of(town, tmp_path, settings))


def test_a_district_on_postgresql_comes_back(tmp_path: Path, postgres_server: Any) -> None:
    urls = {DISTRICT: postgres_server.create("district_lost")}
    town, settings = town_with_files(tmp_path, urls=urls)
    asyncio.run(district_of(town, tmp_path, settings))
