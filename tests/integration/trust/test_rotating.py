"""A sign key is changed step by step; every step is in the files and the roster."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub.errors import Untrusted
from hub.roster.identity import Identity
from hub.roster.rotating import DAY_US, LOOK_BUSY_S, LOOK_S, SETTLE_US, Rotation
from hub.suites.registry import ED25519, SM2
from tests.integration.trust.test_claiming import Node
from tests.trees import NOW, Tree, grown


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return grown(tmp_path)


class Turning:
    """The rotation of one node, at a time that a test sets."""

    def __init__(self, node: Node, *, days: int = 0) -> None:
        self.node = node
        self.now_us = NOW
        self.rotation = Rotation(
            identity=node.identity, keeper=node.keeper, claims=node.claims,
            now_us=lambda: self.now_us, alarm=lambda code, _: node.alarms.append(code), days=days,
            note=self._note,
        )
        self.noted: list[str] = []

    async def _note(self, action: str, detail: Mapping[str, str]) -> None:
        self.noted.append(f"{action} {detail['by']}")

    async def tend(self, *, after: int = 0) -> float:
        self.now_us += after
        return await self.rotation.tend()


def test_a_key_of_the_same_suite_follows_once_it_is_listed(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Node(tree.city, tmp_path) as city, Node(tree.district, tmp_path) as district:
            turning, mine = Turning(district), tree.district
            old = mine.sign.key_id
            assert await turning.tend() == LOOK_S
            # Somebody at the command line; the running node notices.
            Identity.load(mine.directory).going_over(ED25519, now_us=NOW, ends=True)
            assert await turning.tend() == LOOK_S
            assert len(mine.live_signers) == 2
            assert mine.sign.key_id == old
            assert await turning.tend(after=10 * SETTLE_US) == LOOK_S, "the root knows nothing yet"
            assert mine.sign.key_id == old
            await district.say_to(city)
            await district.keeper.offer(city.keeper.newest_signed())
            assert await turning.tend() == LOOK_BUSY_S
            assert mine.sign.key_id == old, "children shall have the roster first"
            await turning.tend(after=SETTLE_US)
            assert mine.sign.key_id != old
            assert len(mine.live_signers) == 1
            assert city.keeper.keys.refusal(old, mine.node, NOW + 1) == "", "words on their way"
            assert await turning.tend() == LOOK_S
            assert Identity.load(mine.directory).sign.key_id == mine.sign.key_id
            assert turning.noted == ["EndSignKey itself"]

    asyncio.run(run())


def test_a_restart_in_the_middle_goes_on(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        tree.district.going_over(ED25519, now_us=NOW, ends=True)
        again = Identity.load(tree.district.directory)
        async with Node(tree.city, tmp_path) as city, Node(again, tmp_path) as district:
            await district.say_to(city)
            await district.keeper.offer(city.keeper.newest_signed())
            turning = Turning(district)
            await turning.tend()
            await turning.tend(after=SETTLE_US)
            assert again.beside is None
            assert again.sign.key_id != tree.district.sign.key_id

    asyncio.run(run())


def test_the_root_lists_its_key_by_itself(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Node(tree.city, tmp_path) as city:
            turning, old = Turning(city), tree.city.sign.key_id
            Identity.load(tree.city.directory).going_over(ED25519, now_us=NOW, ends=True)
            before = city.keeper.newest_serial()
            assert await turning.tend() == LOOK_BUSY_S
            assert city.keeper.newest_serial() == before + 1
            await turning.tend()
            await turning.tend(after=SETTLE_US)
            assert tree.city.sign.key_id != old

    asyncio.run(run())


def test_to_another_suite_both_seal_until_a_person_ends_it(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Node(tree.city, tmp_path) as city:
            turning = Turning(city)
            Identity.load(tree.city.directory).going_over(SM2, now_us=NOW)
            for _ in range(4):
                await turning.tend(after=10 * SETTLE_US)
            assert [key.alg for key in tree.city.live_signers] == [ED25519, SM2]
            Identity.load(tree.city.directory).gone_over()
            await turning.tend()
            assert [key.alg for key in tree.city.live_signers] == [SM2]

    asyncio.run(run())


def test_the_calendar_changes_a_key_that_is_old_enough(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Node(tree.district, tmp_path) as district:
            never, yearly = Turning(district), Turning(district, days=365)
            await never.tend(after=5_000 * DAY_US)
            await yearly.tend(after=364 * DAY_US)
            assert tree.district.beside is None
            await yearly.tend(after=DAY_US)
            assert tree.district.beside is not None
            assert tree.district.held.keys.beside_ends
            key_id = tree.district.beside.key_id
            await yearly.tend(after=DAY_US)
            assert tree.district.beside.key_id == key_id, "one at a time"
            claims = list(district.claims.pending())
            assert claims, "the root is told"
            assert yearly.noted == ["AddSignKey calendar"]

    asyncio.run(run())


def test_a_key_in_a_device_is_left_to_a_person(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with Node(tree.district, tmp_path) as district:
            monkeypatch.setattr(type(tree.district.sign), "in_a_device", True)
            yearly = Turning(district, days=1)
            await yearly.tend(after=2 * DAY_US)
            await yearly.tend(after=DAY_US)
            assert tree.district.beside is None
            assert district.alarms == ["keys.device_due"]

    asyncio.run(run())


def test_two_changes_at_once_are_one(tree: Tree) -> None:
    other = Identity.load(tree.district.directory)
    tree.district.going_over(ED25519, now_us=NOW, ends=True)
    with pytest.raises(Untrusted) as twice:
        other.going_over(ED25519, now_us=NOW, ends=True)
    assert twice.value.code == "keys.going_over"
