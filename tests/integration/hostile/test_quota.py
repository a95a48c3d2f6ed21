"""A neighbour that says and shows too much comes to an end of its own; nothing is lost, a person is
told, and whoever is beside it does not notice."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hub import wire
from hub.blobs.files import CHUNK_BYTES
from hub.carriers.memory import memory_pair
from hub.envelope import Draft, Notice
from hub.ids import MsgId, link_id
from hub.link import receiver
from hub.link.quota import DAY_US, WORDS, Quota
from hub.store import links, outbox, quarantine
from hub.store.blobs import BlobState
from hub.store.tx import Tx
from node.main.serving import Running
from node.service.link_views import LinkView
from node.service.views import Level
from node.settings import LinkQuota, Quotas
from tests.integration.hostile.test_canaries import SIBLING, travel, widened
from tests.integration.link.pair import LINK, both
from tests.integration.link.pair import until as reached
from tests.integration.node.town import Plan, until
from tests.integration.trust import offices
from tests.integration.trust.test_blobs import joined as streams
from tests.trees import CITY, DISTRICT

SHARE = 256 * 1024
WORD_BYTES, BATCH, BATCHES, BATCH_S = 1_000, 100, 40, 0.1
"""Some four seconds of talk, four megabytes: a link is looked at every second."""
ROOMY = 1 << 40
SHUT_S = 4.0
"""How long a shut link is watched: longer than two looks at what was taken."""


def with_quota(town: Plan, own: LinkQuota) -> Plan:
    """The same town; the city gives the district this much."""
    mine = town.settings[CITY].model_copy(update={"quota": Quotas(of={DISTRICT: own})})
    return Plan({**town.settings, CITY: mine})


async def talk(node: Running, *, type_: str) -> None:
    """Words without sense, in the node's own name and under its own seal."""

    def say(tx: Tx) -> None:
        outbox.enqueue(tx, link_id(parent=CITY, child=DISTRICT), [
            Draft(
                msg_id=MsgId(os.urandom(16)), type=type_, schema_rev=1,
                occurred_at_us=tx.now_us, hlc=0, lane=b"",
                body=wire.notice_bytes(Notice(
                    msg_id=MsgId(os.urandom(16)), outcome="PARKED", code="x",
                    detail=os.urandom(WORD_BYTES).hex())),
            ) for _ in range(BATCH)
        ])

    for _ in range(BATCHES):
        await node.writer.write(say)
        await asyncio.sleep(BATCH_S)


async def view(node: Running) -> LinkView:
    return next(one for one in await node.office.links() if one.peer == DISTRICT)


async def told(node: Running) -> list[str]:
    """What the doctor says of the district's link, if it is an alarm."""
    return [
        f"{one.sentence.say('en')} / {one.remedy.say('en')}" for one in await node.office.findings()
        if one.level is Level.ALARM and DISTRICT in one.subject
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("bound", "type_"), [
    ("words", wire.NOTICE_TYPE), ("parked", "nobody.KnowsThis"),
])
def test_a_child_that_never_stops_talking_is_taken_up_to_its_quota_and_its_sibling_works(
    tmp_path: Path, bound: str, type_: str
) -> None:
    plenty = LinkQuota(words_bytes_day=ROOMY, photos_bytes_day=ROOMY, parked_bytes=ROOMY)
    town = widened(tmp_path / "town")
    narrow = plenty.model_copy(update={
        {"words": "words_bytes_day", "parked": "parked_bytes"}[bound]: SHARE})

    async def flooded() -> int:
        async with with_quota(town, narrow).running(CITY, DISTRICT, SIBLING) as nodes:
            city, district = nodes[CITY], nodes[DISTRICT]
            await talk(district, type_=type_)

            async def ended() -> bool:
                return bound in (await view(city)).reached

            await until("the end of the quota", ended)
            await travel(nodes, (CITY, SIBLING))
            await asyncio.sleep(SHUT_S)
            before = await view(city)
            await asyncio.sleep(SHUT_S)
            after = await view(city)
            used = after.words_today_bytes if bound == "words" else after.parked_bytes
            assert SHARE <= used < BATCH * BATCHES * WORD_BYTES
            assert (after.words_today_bytes, after.parked_bytes) == (
                before.words_today_bytes, before.parked_bytes)
            said = await told(city)
            assert len(said) == 1
            assert "quota" in said[0]
            assert f"[quota.of.{DISTRICT}]" in said[0]
            below = (await district.office.links())[0]
            assert below.connected, "the link stands, what it says waits"
            assert below.drafts + below.unacked > 0
            return used

    async def roomy(used: int) -> None:
        async with with_quota(town, plenty).running(CITY, DISTRICT) as nodes:
            async def everything() -> bool:
                seen = await view(nodes[CITY])
                below = (await nodes[DISTRICT].office.links())[0]
                taken = seen.words_today_bytes if bound == "words" else seen.parked_bytes
                return taken > used and below.drafts + below.unacked == 0

            await until("what waited", everything)
            said = await told(nodes[CITY])
            assert not [one for one in said if "quota" in one]

    asyncio.run(roomy(asyncio.run(flooded())))


def test_a_child_without_manners_is_not_taken_beyond_its_quota_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has all the credit of the world, as if it did not care for what its parent says."""
    bounds = Quota(words_bytes_day=SHARE, photos_bytes_day=ROOMY, parked_bytes=ROOMY)

    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin(credit=lambda: 4_096, quota=bounds)
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            monkeypatch.setattr(receiver, "credit", lambda _state, _now: 512)
            with capture_logs() as lines:
                for _ in range(BATCHES):
                    await child.utter(50, mark=f"ok {os.urandom(WORD_BYTES).hex()}")
                    await asyncio.sleep(BATCH_S)

                async def ended() -> bool:
                    spent = await parent.writer.read(lambda conn: links.spent(conn, LINK))
                    return spent.words >= SHARE

                await reached(ended)
                await asyncio.sleep(SHUT_S)
                before = await parent.effect_count()
                await asyncio.sleep(SHUT_S)
                assert await parent.effect_count() == before < BATCHES * 50
            assert [one["reached"] for one in lines if one["event"] == "link.quota"] == [[WORDS]]
            await pair.listener.stop()

    asyncio.run(story())


def test_photos_beyond_the_quota_wait_for_tomorrow_but_for_those_that_somebody_looks_at(
    tmp_path: Path,
) -> None:
    bounds = Quota(words_bytes_day=ROOMY, photos_bytes_day=5 * CHUNK_BYTES, parked_bytes=ROOMY)

    async def run() -> None:
        with (
            offices.Office(tmp_path / "c", quota=lambda _: bounds) as city,
            offices.Office(tmp_path / "d") as district,
        ):
            for office in (city, district):
                await office.writer.write(lambda tx: links.create(
                    tx, link=LINK, peer=DISTRICT, peer_is_parent=False))
            photos = [await district.offer(LINK, os.urandom(2 * CHUNK_BYTES)) for _ in range(6)]

            async def here() -> int:
                rows = [await city.row(one.digest) for one in photos]
                return sum(row is not None and row.state is BlobState.WHOLE for row in rows)

            async def count(n: int) -> None:
                async def so_many() -> bool:
                    return await here() == n

                await offices.until(so_many)

            async with streams(city, district):
                await city.hear(LINK, *photos)
                await count(2)
                await asyncio.sleep(1)
                assert await here() == 2
                rows = [await city.row(one.digest) for one in photos]
                waiting = [row for row in rows if row is not None
                           and row.state is not BlobState.WHOLE]
                assert {row.state for row in waiting} == {BlobState.WANTED}
                await city.library.view(waiting[0].digest)
                await count(3)
                assert city.files.exists(waiting[0].digest)
            city.offset_us = DAY_US
            async with streams(city, district):
                await count(5)

    asyncio.run(run())


def test_evidence_of_one_link_ends_at_its_bytes_and_another_link_has_its_own(
    tmp_path: Path,
) -> None:
    piece = bytes(4 * 1024 * 1024)

    async def run() -> None:
        with offices.Office(tmp_path / "c") as city:
            def keep(link: str) -> bool:
                return city.writer.run(lambda tx: quarantine.put(tx, link, "UNSEALED", piece))  # type: ignore[arg-type]

            kept = sum(keep("A-B") for _ in range(40))
            assert kept == quarantine.BYTES_MAX // len(piece) == 16
            assert keep("A-C")

    asyncio.run(run())
