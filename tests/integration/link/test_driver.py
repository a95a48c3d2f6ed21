"""The driver on real databases: words cross both ways, through faults, restarts and people."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import NoReturn

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from hub.carriers.memory import Faults, memory_pair
from hub.errors import Unreachable
from hub.ids import NodeId
from hub.link import driver as driver_module
from hub.link.checkpoint import LinkState
from hub.link.messages import PROTO_MAX
from hub.link.metrics import LinkMetrics
from hub.link.settling import NotSettled
from hub.link.steps import TakeClaims, Tick
from hub.store import inbox
from tests.databases import PostgresServer
from tests.integration.link.pair import CHILD, LINK, PARENT, Keys, Office, both, joined, until


def test_words_cross_in_order_both_ways(tmp_path: Path) -> None:
    async def story() -> None:
        async with joined(tmp_path) as (parent, child, _):
            down = await parent.utter(150)
            up = await child.utter(130)
            await until(lambda: _has(child, 150))
            await until(lambda: _has(parent, 130))
            assert await child.effects() == down
            assert await parent.effects() == up
            status = child.driver.status()
            assert (status.up, status.state, status.carrier) == (True, LinkState.UP, "MEMORY")
            await until(lambda: parent.driver.status().acked == parent.driver.status().out)

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
        async with joined(tmp_path) as (parent, child, pair):
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

    asyncio.run(story())


def test_a_paused_link_keeps_words_as_drafts(tmp_path: Path) -> None:
    async def story() -> None:
        async with joined(tmp_path) as (parent, child, _):
            await until(lambda: child.driver.status().up)
            await child.driver.pause()
            await until(lambda: not parent.driver.status().up)
            await child.utter(5)
            status = child.driver.status()
            assert (status.paused, status.up, status.out.seq) == (True, False, 0)
            assert await parent.effect_count() == 0
            await child.driver.resume()
            await until(lambda: _has(parent, 5))

    asyncio.run(story())


def test_a_parked_word_holds_its_lane_until_a_person_settles_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with joined(tmp_path) as (parent, child, _):
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

    asyncio.run(story())


class Rosters:
    """A roster under way: the child has it, the parent learns of the child's key from it."""

    def __init__(self, keys: Keys, serial: int, proto: int = 1) -> None:
        self.keys, self.serial, self.proto = keys, serial, proto

    def newest_serial(self) -> int:
        return self.serial

    def newest_signed(self) -> bytes:
        return b"roster" if self.serial else b""

    def min_proto(self) -> int:
        return self.proto

    async def offer(self, signed: bytes) -> bool:
        assert signed == b"roster"
        self.keys.known.add(CHILD)
        self.serial = 1
        return True


def test_a_peer_with_a_new_key_brings_the_roster_that_lists_it(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            child.keys.known.discard(CHILD)
            await parent.begin(roster=Rosters(parent.keys, 0))
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer], roster=Rosters(child.keys, 1))
            said = await child.utter(1)
            await until(lambda: _has(parent, 1))
            assert await parent.effects() == said
            await pair.listener.stop()

    asyncio.run(story())


class Mouth:
    """What a child has to claim, and what a parent heard."""

    def __init__(self, *signed: bytes) -> None:
        self.signed = signed
        self.heard: list[tuple[NodeId, tuple[bytes, ...]]] = []

    def pending(self) -> list[tuple[bytes, ...]]:
        return [self.signed] if self.signed else []

    async def hear(self, sender: NodeId, signed: tuple[bytes, ...]) -> None:
        self.heard.append((sender, signed))


def test_a_child_claims_at_once_and_whenever_there_is_something_new(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            up, down = Mouth(b"one"), Mouth(b"nobody hears this")
            await parent.begin(claims=down)
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer], claims=up)
            await until(lambda: _equal(down.heard, [(CHILD, (b"one",))]))
            up.signed = (b"one", b"two")
            child.driver.claims_changed()
            await until(lambda: _equal(down.heard[1:], [(CHILD, (b"one", b"two"))]))
            assert up.heard == []
            await pair.listener.stop()

    asyncio.run(story())


def test_a_flood_of_claims_waits_in_a_few_places_only(tmp_path: Path) -> None:
    async def story() -> None:
        parent, _ = both(tmp_path)
        async with parent:
            slow = asyncio.Event()

            class Slow(Mouth):
                async def hear(self, sender: NodeId, signed: tuple[bytes, ...]) -> None:
                    await slow.wait()
                    await super().hear(sender, signed)

            down = Slow()
            await parent.begin(claims=down)
            for n in range(100):
                parent.driver._perform(TakeClaims(signed=(bytes([n]),)))
            slow.set()
            await asyncio.sleep(0.1)
            assert len(down.heard) == driver_module.CLAIMS_WAITING_MAX
            parent.driver._perform(TakeClaims(signed=(b"later",)))
            await until(lambda: _equal(down.heard[-1], (CHILD, (b"later",))))

    asyncio.run(story())


async def _equal(found: object, wanted: object) -> bool:
    return found == wanted


def test_a_link_below_the_protocol_of_the_roster_stands_still_and_says_so(tmp_path: Path) -> None:
    """Also one that is up when the roster comes: what was sent before stays."""

    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            rosters = Rosters(parent.keys, 1)
            await parent.begin(roster=rosters)
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            said = await child.utter(3)
            await until(lambda: _has(parent, 3))
            rosters.proto = PROTO_MAX + 1
            rosters.serial = 2
            parent.driver.roster_changed()
            await until(lambda: _equal(parent.driver.status().up, False))
            await until(lambda: _equal("link.incompatible" in parent.alarms, True))
            assert "the roster asks for" in parent.driver.status().reason
            await child.utter(1)
            await asyncio.sleep(1.0)
            assert await parent.effects() == said
            await pair.listener.stop()

    asyncio.run(story())


def test_a_peer_nobody_lists_gets_nowhere(tmp_path: Path) -> None:
    async def story() -> None:
        parent, child = both(tmp_path)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            child.keys.known.discard(CHILD)
            await child.begin([pair.dialer])
            await child.utter(1)
            await until(lambda: "link.unknown_key" in parent.alarms, within_s=30)
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


@pytest.mark.postgres
def test_words_cross_between_two_kinds_of_database(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    async def story() -> None:
        keys = Keys()
        parent = Office(PARENT, postgres_server.create("link_parent"), keys)
        child = Office(CHILD, f"sqlite:///{tmp_path}/child.db", keys)
        async with parent, child:
            pair = memory_pair(LINK)
            await parent.begin()
            await pair.listener.start(parent.accept)
            await child.begin([pair.dialer])
            down, up = await parent.utter(150), await child.utter(150)
            await until(lambda: _has(child, 150))
            await until(lambda: _has(parent, 150))
            assert (await child.effects(), await parent.effects()) == (down, up)
            bad = await child.utter(1, lane=b"a", mark="fail")
            await child.utter(1, lane=b"a")
            rows = []

            async def both_parked() -> bool:
                nonlocal rows
                rows = list(await parent.writer.read(lambda conn: inbox.parked(conn, LINK)))
                return len(rows) == 2

            await until(both_parked)
            assert rows[0].msg_id == bad[0]
            parent.app.healed = True
            await parent.driver.replay(rows[0].position, actor="op")
            await until(lambda: _has(parent, 152))
            await parent.halt()
            await parent.begin()
            again = await child.utter(1)
            await until(lambda: _has(parent, 153))
            assert (await parent.effects())[-1] == again[0]
            await pair.listener.stop()

    asyncio.run(story())


def test_a_bug_in_the_machine_costs_a_pause_and_no_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with joined(tmp_path) as (parent, child, _):
            sent = await child.utter(3)
            await until(lambda: _has(parent, 3))
            monkeypatch.setattr(driver_module, "RESTART_S", 0.05)
            step = driver_module.machine.step
            monkeypatch.setattr(driver_module.machine, "step", _broken)
            child.driver.feed(Tick())
            monkeypatch.setattr(driver_module.machine, "step", step)
            assert child.alarms == ["link.machine_broke"]
            sent += await child.utter(3)
            await until(lambda: _has(parent, 6))
            assert await parent.effects() == sent

    asyncio.run(story())


def test_a_second_copy_of_a_node_is_told_to_stop(tmp_path: Path) -> None:
    """Two processes on copies of one database: the older holder learns it from the peer."""

    async def story() -> None:
        async with joined(tmp_path) as (parent, child, pair):
            await child.utter(2)
            await until(lambda: _has(parent, 2))
            await child.halt()
            shutil.copy(f"{tmp_path}/child.db", f"{tmp_path}/copy.db")
            copy = Office(CHILD, f"sqlite:///{tmp_path}/copy.db", child.keys)
            async with copy:
                await child.begin([pair.dialer])
                await until(lambda: child.driver.status().up)
                await child.halt()
                await child.begin([pair.dialer])
                await until(lambda: child.driver.status().up)
                await copy.begin([pair.dialer])
                await until(lambda: copy.driver.status().state is LinkState.FENCED)
                assert copy.driver.status().reason.startswith("link.fenced:")
                assert "copy.proven" in copy.alarms
                await until(lambda: child.driver.status().up)

    asyncio.run(story())


def _broken(*_: object) -> NoReturn:
    raise RuntimeError("a bug")


async def _has(office: Office, count: int) -> bool:
    return await office.effect_count() >= count
