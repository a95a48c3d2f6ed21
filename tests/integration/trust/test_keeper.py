"""The keeper in a running node: provisioning files, offered rosters, age, revocation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.ids import NodeId
from hub.roster import join
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.keys import SignKey
from hub.roster.roster import Freshness, reissue, sign_roster
from hub.store import rosters
from hub.store.tables import metadata
from hub.store.writer import GroupWriter
from tests.trees import CITY, DAY, DISTRICT, NOW, SOMEWHERE, STREET, Tree, grow, newcomer


class Running:
    """A node's writer and keeper, at a time the test sets."""

    def __init__(self, identity: Identity, home: Path) -> None:
        self.now_us = NOW
        self.alarms: list[str] = []
        self.woken: list[str] = []
        self.writer = GroupWriter(f"sqlite:///{home}/w.db", clock=lambda: self.now_us * 1000)
        self.keeper = RosterKeeper(
            identity=identity, writer=self.writer, now_us=lambda: self.now_us,
            alarm=lambda code, _: self.alarms.append(code),
        )

    async def __aenter__(self) -> Running:
        self.writer.start()
        await self.writer.write(lambda tx: metadata.create_all(tx.conn))
        self.writer.listen("roster", self.woken.append)
        await self.keeper.refresh()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.writer.close()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return grow(tmp_path)


def names(identity: Identity) -> Callable[[], tuple[frozenset[str], bytes]]:
    return lambda: (frozenset({identity.node}), identity.tls.spki_digest())


def test_a_started_node_knows_its_neighbours_from_its_files(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Running(tree.district, tmp_path) as district:
            keeper = district.keeper
            assert keeper.newest_serial() == 2  # the street was named after it joined
            street, city = tree.street, tree.city
            assert keeper.keys.public(street.sign.key_id, STREET, NOW) is not None
            assert keeper.keys.public(city.sign.key_id, CITY, NOW) is not None
            assert keeper.keys.public(city.sign.key_id, STREET, NOW) is None
            spki = street.tls.spki_digest()
            assert keeper.admit(frozenset({STREET}), spki) == "420203-420203001"
            assert keeper.admit(frozenset({CITY}), spki) is None
            assert keeper.admit(frozenset({STREET}), city.tls.spki_digest()) is None
            before = await district.writer.read(rosters.enrolled_keys)
            await keeper.refresh()
            assert await district.writer.read(rosters.enrolled_keys) == before

    asyncio.run(run())


def test_a_newer_roster_travels_and_survives_a_restart(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        signed = tree.city.signed_roster()
        assert signed is not None
        async with Running(tree.district, tmp_path) as district:
            assert not district.keeper.keys.is_below(STREET, DISTRICT)
            assert await district.keeper.offer(signed)
            assert district.keeper.newest_serial() == 3
            assert district.keeper.newest_signed() == signed
            assert district.keeper.keys.is_below(STREET, DISTRICT)
            assert not await district.keeper.offer(signed)
            assert "roster" in district.woken
            assert district.alarms == []
        async with Running(Identity.load(tree.district.directory), tmp_path) as again:
            assert again.keeper.newest_signed() == signed
        assert tree.district.signed_roster() == signed

    asyncio.run(run())


def test_forged_changed_and_older_rosters_change_nothing(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Running(tree.district, tmp_path) as district:
            keeper, present = district.keeper, district.keeper.newest_signed()
            assert keeper.roster is not None
            next_one = reissue(keeper.roster, now_us=NOW)
            forged = sign_roster(next_one, SignKey.generate())
            by_a_member = sign_roster(next_one, tree.district.sign)
            genuine = sign_roster(next_one, tree.city.roster_signer())
            changed = genuine[:40] + bytes([genuine[40] ^ 1]) + genuine[41:]
            for bad in (forged, by_a_member, changed, b"", b"\xff"):
                assert not await keeper.offer(bad)
            assert len(district.alarms) == 5
            assert set(district.alarms) <= {"roster.key", "roster.unsealed", "roster.malformed"}
            assert keeper.newest_signed() == present
            assert await keeper.offer(genuine)
            twice = sign_roster(reissue(keeper.roster, now_us=NOW), tree.city.roster_signer())
            older, newer = await asyncio.gather(keeper.offer(present), keeper.offer(twice))
            assert (older, newer) == (False, True)
            assert not await keeper.offer(genuine)
            assert keeper.newest_signed() == tree.district.signed_roster() == twice

    asyncio.run(run())


def test_an_expired_roster_is_an_alarm_and_known_members_go_on(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Running(tree.district, tmp_path) as district:
            keeper = district.keeper
            assert keeper.freshness() is Freshness.FRESH
            stale = sign_roster(
                reissue(join.found(tree.city, now_us=NOW), now_us=NOW),
                tree.city.roster_signer(),
            )
            for days, freshness in ((8, Freshness.EXPIRED), (30, Freshness.FROZEN)):
                district.now_us = NOW + days * DAY
                assert keeper.freshness() is freshness
                key = keeper.keys.public(tree.street.sign.key_id, STREET, district.now_us)
                assert key is not None
                assert keeper.admit(frozenset({STREET}), tree.street.tls.spki_digest())
            assert not await keeper.offer(stale)  # frozen: no new members by an old paper
            assert district.alarms == ["roster.frozen"]
            fresh = sign_roster(
                reissue(join.found(tree.city, now_us=NOW), now_us=district.now_us),
                tree.city.roster_signer(),
            )
            assert await keeper.offer(fresh)
            assert keeper.freshness() is Freshness.FRESH

    asyncio.run(run())


def test_a_retired_child_is_refused_as_soon_as_the_node_looks(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Running(tree.district, tmp_path) as district:
            keeper, key_id = district.keeper, tree.street.sign.key_id
            spki = tree.street.tls.spki_digest()
            assert keeper.admit(frozenset({STREET}), spki) is not None
            join.retire(tree.district, STREET, now_us=NOW + 5)
            district.now_us = NOW + 10
            await keeper.refresh()
            assert keeper.admit(frozenset({STREET}), spki) is None
            assert keeper.keys.public(key_id, STREET, NOW + 4) is not None
            assert keeper.keys.public(key_id, STREET, NOW + 5) is None
            # the street comes back on a new machine: new keys count, the old stay out
            folder = tmp_path / "replaced"
            back = newcomer(folder, STREET, DISTRICT)
            request = join.make_join_request(back, now_us=NOW + 10)
            join.accept(
                tree.district, request, endpoints=SOMEWHERE, now_us=NOW + 10, rekey=True
            )
            await keeper.refresh()
            assert keeper.admit(frozenset({STREET}), back.tls.spki_digest()) is not None
            assert keeper.admit(frozenset({STREET}), spki) is None
            assert keeper.keys.public(back.sign.key_id, STREET, NOW + 11) is not None
            assert keeper.keys.public(key_id, STREET, NOW + 11) is None

    asyncio.run(run())


def test_new_keys_end_the_old_ones_without_retiring(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Running(tree.district, tmp_path) as district:
            back = newcomer(tmp_path / "second", STREET, DISTRICT)
            request = join.make_join_request(back, now_us=NOW)
            join.accept(tree.district, request, endpoints=SOMEWHERE, now_us=NOW, rekey=True)
            district.now_us = NOW + 7
            await district.keeper.refresh()
            old, new = tree.street, back
            keys = district.keeper.keys
            assert keys.refusal(old.sign.key_id, STREET, NOW + 7) == "key.revoked"
            assert keys.refusal(new.sign.key_id, STREET, NOW + 7) == ""
            assert district.keeper.admit(frozenset({STREET}), old.tls.spki_digest()) is None
            assert district.keeper.admit(frozenset({STREET}), new.tls.spki_digest())

    asyncio.run(run())


def test_a_node_without_a_kit_runs_and_trusts_nobody(tmp_path: Path) -> None:
    async def run() -> None:
        alone = newcomer(tmp_path, NodeId("420203009"), DISTRICT)
        async with Running(alone, tmp_path) as node:
            assert node.keeper.newest_serial() == 0
            assert node.keeper.newest_signed() == b""
            assert node.keeper.freshness() is None
            assert not await node.keeper.offer(b"anything")
            assert node.alarms == ["identity.no_kit"]

    asyncio.run(run())
