"""The driver on real databases: words cross both ways, through faults, restarts and people."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from hub.carriers.memory import Faults, memory_pair
from hub.errors import Unreachable
from hub.link.checkpoint import LinkState
from hub.link.metrics import LinkMetrics
from hub.link.settling import NotSettled
from hub.store import inbox, quarantine
from tests.integration.link.pair import CHILD, LINK, PARENT, Keys, Office, until


def both(tmp_path: Path) -> tuple[Office, Office]:
    keys = Keys()
    return (
        Office(PARENT, f"sqlite:///{tmp_path}/parent.db", keys),
        Office(CHILD, f"sqlite:///{tmp_path}/child.db", keys),
    )


def test_words_cross_in_order_both_ways(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            down = await parent.utter(150)
            up = await child.utter(130)
            await until(lambda: _has(child, 150))
            await until(lambda: _has(parent, 130))
            assert await child.effects() == down
            assert await parent.effects() == up
            status = child.driver.status()
            assert (status.up, status.state, status.carrier) == (True, LinkState.UP, "MEMORY")
            await until(lambda: parent.driver.status().acked == parent.driver.status().out)
            await pair.listener.stop()

    asyncio.run(story())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_words_cross_a_lossy_carrier_once(tmp_path: Path, seed: int) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            faults = Faults(loss=0.02, double=0.1, reorder=0.05, cut_after=25)
            pair = memory_pair(LINK, seed=seed, faults=faults)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            sent: list[bytes] = []
            for _ in range(20):
                sent += await child.utter(5)
                await asyncio.sleep(0.02)
            await until(lambda: _has(parent, 100), within_s=60)
            assert await parent.effects() == sent
            await pair.listener.stop()

    asyncio.run(story())


def test_a_restarted_side_goes_on_where_it_was(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            sent = await child.utter(10)
            await until(lambda: _has(parent, 10))
            await parent.halt()
            sent += await child.utter(10)
            await parent.begin()
            await until(lambda: _has(parent, 20))
            await child.halt()
            sent += await child.utter(10)
            await child.begin([pair.dialer])
            await until(lambda: _has(parent, 30))
            assert await parent.effects() == sent
            await pair.listener.stop()

    asyncio.run(story())


def test_a_paused_link_keeps_words_as_drafts(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            await until(lambda: child.driver.status().up)
            await child.driver.pause()
            await until(lambda: not parent.driver.status().up)
            await child.utter(5)
            status = child.driver.status()
            assert (status.paused, status.up, status.out.seq) == (True, False, 0)
            assert await parent.effect_count() == 0
            await child.driver.resume()
            await until(lambda: _has(parent, 5))
            await pair.listener.stop()

    asyncio.run(story())


def test_a_parked_word_holds_its_lane_until_a_person_settles_it(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            bad = await child.utter(1, lane=b"a", mark="fail")
            behind = await child.utter(2, lane=b"a")
            beside = await child.utter(2, lane=b"b")
            await until(lambda: _has(parent, 2))
            assert await parent.effects() == beside
            rows = await parent.writer.read(lambda conn: inbox.parked(conn, LINK))
            assert [row.code for row in rows] == ["handler.failed", "lane.held", "lane.held"]
            with pytest.raises(NotSettled) as refused:
                await parent.driver.replay(rows[1].position, actor="op")
            assert refused.value.code == "inbox.lane_held"
            await parent.driver.discard(rows[0].position, reason="broken", actor="op")
            await until(lambda: _has(parent, 4))
            assert await parent.effects() == beside + behind
            assert bad[0] not in await parent.effects()
            await pair.listener.stop()

    asyncio.run(story())


def test_an_unknown_peer_is_refused_and_bytes_are_kept(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            parent.keys = child.keys
            child.keys.known.discard(CHILD)
            await child.begin([pair.dialer])
            await child.utter(1)
            await until(
                lambda: parent.writer.read(lambda conn: quarantine.counts(conn, LINK))
            )
            assert await parent.effect_count() == 0
            assert not parent.driver.status().up
            await pair.listener.stop()

    asyncio.run(story())


def test_reconcile_without_contact_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        parent, _ = both(tmp_path)
        async with parent:
            await parent.begin()
            with pytest.raises(Unreachable):
                await parent.driver.reconcile()

    asyncio.run(story())


def test_metrics_tell_how_the_link_is(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            registry = CollectorRegistry()
            pair = memory_pair(LINK)
            await parent.begin(metrics=LinkMetrics(registry))
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            await child.utter(3)
            await until(lambda: _has(parent, 3))
            reports = await parent.driver.reconcile()
            assert [(one.scope, one.missing, one.error) for one in reports] == [
                ("trace", 0, ""), ("assignment", 0, ""),
            ]
            await parent.driver.show()
            text = generate_latest(registry).decode()
            assert f'hub_envelopes_total{{dir="in",link="{LINK}",outcome="APPLIED"}} 3.0' in text
            assert f'hub_link_state{{link="{LINK}",state="UP"}} 1.0' in text
            assert f'hub_link_carrier{{carrier="MEMORY",link="{LINK}"}} 1.0' in text
            await pair.listener.stop()

    asyncio.run(story())


async def _has(office: Office, count: int) -> bool:
    return await office.effect_count() >= count
