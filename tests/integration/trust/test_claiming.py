"""Claims in running nodes: derived, handed up, waited for, signed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.ids import NodeId
from hub.roster import claiming, join
from hub.roster.claiming import MESSAGE_BYTES_MAX, Claims
from hub.roster.identity import Identity
from hub.roster.keeper import RosterKeeper
from hub.roster.keys import SignKey
from hub.roster.roster import KEY_LIFE_US, PublicKey
from hub.store import claims as waiting
from hub.store.claims import ClaimState
from hub.store.tables import metadata
from hub.store.writer import GroupWriter
from hub.suites.registry import ED25519
from hub.wire import CLAIMS_MAX
from tests.trees import CITY, DISTRICT, NOW, SOMEWHERE, STREET, Tree, grown, newcomer

FRESH = NodeId("420203002")


class Node:
    """Writer, keeper and claims of one identity."""

    def __init__(self, identity: Identity, folder: Path, *, approve: bool = False) -> None:
        self.identity = identity
        self.alarms: list[str] = []
        self.news = 0
        self.writer = GroupWriter(f"sqlite:///{folder}/{identity.node}.db",
                                  clock=lambda: NOW * 1000)
        self.keeper = RosterKeeper(
            identity=identity, writer=self.writer, now_us=lambda: NOW,
            alarm=lambda code, _: self.alarms.append(code))
        self.claims = Claims(
            identity=identity, keeper=self.keeper, writer=self.writer, now_us=lambda: NOW,
            alarm=lambda code, _: self.alarms.append(code), approve=approve)

    async def __aenter__(self) -> Node:
        self.writer.start()
        await self.writer.write(lambda tx: metadata.create_all(tx.conn))
        await self.keeper.refresh()
        self.claims.listen(self._heard)
        await self.claims.refresh()
        return self

    def _heard(self) -> None:
        self.news += 1

    async def __aexit__(self, *_: object) -> None:
        await self.writer.close()

    async def say_to(self, parent: Node) -> None:
        for message in self.claims.pending():
            await parent.claims.hear(self.identity.node, message)

    def names(self) -> set[str]:
        roster = self.keeper.roster
        assert roster is not None
        return {member.id for member in roster.members}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return grown(tmp_path)


def accept(tree: Tree, folder: Path, node: str = FRESH) -> Identity:
    child = newcomer(folder, NodeId(node), DISTRICT)
    join.accept(
        tree.district, join.make_join_request(child, now_us=NOW), endpoints=SOMEWHERE, now_us=NOW)
    return child


def test_a_street_is_named_by_the_root_and_nobody_carries_a_paper(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Node(tree.city, tmp_path) as city, Node(tree.district, tmp_path) as district:
            accept(tree, tmp_path)
            await district.keeper.refresh()
            await district.claims.refresh()
            assert district.news == 1
            await district.say_to(city)
            assert FRESH in city.names()
            assert FRESH not in district.names()
            serial = city.keeper.newest_serial()
            await district.say_to(city)  # not heard yet: said again, nothing more is signed
            assert city.keeper.newest_serial() == serial
            await district.keeper.offer(city.keeper.newest_signed())
            await district.claims.refresh()
            assert list(district.claims.pending()) == []
            assert city.alarms == []

    asyncio.run(run())


def test_what_a_parent_claims_survives_a_restart_without_being_kept(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        accept(tree, tmp_path)
        for _ in range(2):
            async with Node(tree.district, tmp_path) as district:
                assert len(district.claims.pending()) == 1

    asyncio.run(run())


def test_the_root_ends_a_child_of_its_own_at_once(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        async with Node(tree.city, tmp_path) as city:
            serial = city.keeper.newest_serial()
            join.retire(tree.city, DISTRICT, now_us=NOW)
            await city.keeper.refresh()
            await city.claims.refresh()
            refusal = city.keeper.keys.refusal(tree.district.sign.key_id, DISTRICT, NOW)
            assert refusal == "key.revoked"
            # What was below it stays readable; it is the district that ended.
            assert city.keeper.keys.refusal(tree.street.sign.key_id, STREET, NOW) == ""
            assert city.keeper.newest_serial() == serial + 1
            await city.claims.refresh()
            assert city.keeper.newest_serial() == serial + 1

    asyncio.run(run())


def test_claims_pass_an_office_in_between(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        block = newcomer(tmp_path, NodeId("420203001001"), STREET)
        join.accept(
            tree.street, join.make_join_request(block, now_us=NOW), endpoints=SOMEWHERE,
            now_us=NOW)
        async with Node(tree.city, tmp_path) as city, Node(
            tree.district, tmp_path
        ) as district, Node(tree.street, tmp_path) as street:
            await street.say_to(district)
            assert district.news >= 1
            await district.say_to(city)
            assert block.node in city.names()
            # And its end, the same way.
            for node in (district, street):
                await node.keeper.offer(city.keeper.newest_signed())
                await node.claims.refresh()
                assert list(node.claims.pending()) == []
            join.retire(tree.street, block.node, now_us=NOW)
            await street.keeper.refresh()
            await street.claims.refresh()
            await street.say_to(district)
            await district.say_to(city)
            refusal = city.keeper.keys.refusal(block.sign.key_id, block.node, NOW)
            assert refusal == "key.revoked"
            assert city.alarms == district.alarms == []

    asyncio.run(run())


def test_a_child_that_claims_for_others_is_an_alarm_and_nothing_is_handed_on(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        accept(tree, tmp_path)
        async with Node(tree.district, tmp_path) as district, Node(tree.city, tmp_path) as city:
            before = city.keeper.newest_serial()
            for message in district.claims.pending():
                await city.claims.hear(STREET, message)
            assert city.alarms == ["claim.not_below"]
            await city.claims.hear(DISTRICT, (b"rubbish", b""))
            assert city.alarms[1:] == ["claim.malformed"] * 2
            assert city.keeper.newest_serial() == before

    asyncio.run(run())


def test_a_claim_under_a_key_that_is_not_known_yet_waits_without_an_alarm(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        stranger = newcomer(tmp_path, NodeId("420207"), CITY)
        signed = join.make_key_claim(stranger, [fresh_key()], now_us=NOW)
        async with Node(tree.city, tmp_path) as city:
            await city.claims.hear(stranger.node, (signed,))
            assert city.alarms == []
            assert stranger.node not in city.names()

    asyncio.run(run())


def fresh_key() -> tuple[PublicKey, SignKey]:
    key = SignKey.generate()
    return PublicKey(
        key_id=key.key_id, public=key.public, valid_from_us=NOW, valid_to_us=NOW + KEY_LIFE_US,
    ), key


def test_a_new_key_goes_up_and_comes_down_listed(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        public, key = fresh_key()
        async with Node(tree.city, tmp_path) as city, Node(tree.district, tmp_path) as district:
            signed = join.make_key_claim(tree.district, [(public, key)], now_us=NOW)
            await district.claims.propose(signed)
            assert district.news == 1
            await district.say_to(city)
            assert city.keeper.keys.public(key.key_id, DISTRICT, NOW) is not None
            assert city.keeper.keys.public(tree.district.sign.key_id, DISTRICT, NOW) is not None
            await district.keeper.offer(city.keeper.newest_signed())
            await district.claims.refresh()
            assert list(district.claims.pending()) == []
            own, own_key = fresh_key()
            await city.claims.propose(
                join.make_key_claim(tree.city, [(own, own_key)], now_us=NOW))
            assert city.keeper.keys.public(own.key_id, CITY, NOW) is not None

    asyncio.run(run())


def test_a_node_that_goes_over_to_another_key_claims_it_by_itself(
    tree: Tree, tmp_path: Path
) -> None:
    async def run() -> None:
        grown = tree.district.going_over(ED25519, now_us=NOW)
        assert grown.beside is not None
        async with Node(tree.city, tmp_path) as city, Node(grown, tmp_path) as district:
            await district.say_to(city)
            assert city.alarms == []
            for key in grown.signers:
                assert city.keeper.keys.public(key.key_id, DISTRICT, NOW) is not None
            await district.keeper.offer(city.keeper.newest_signed())
            await district.claims.refresh()
            assert list(district.claims.pending()) == []

    asyncio.run(run())


def test_the_roots_administrator_may_look_first(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        accept(tree, tmp_path)
        async with Node(tree.city, tmp_path, approve=True) as city, Node(
            tree.district, tmp_path
        ) as district:
            await district.say_to(city)
            await district.say_to(city)
            assert FRESH not in city.names()
            [row] = await city.writer.read(waiting.rows)
            assert (row.node, row.by, row.state) == (FRESH, DISTRICT, ClaimState.WAITING)

            async def decide(state: ClaimState) -> bool:
                return await city.writer.write(lambda tx: waiting.decide(
                    tx.conn, FRESH, state=state, by="li", at_us=NOW, reason="r"))

            assert await decide(ClaimState.REFUSED)
            await district.say_to(city)
            await city.claims.refresh()
            assert FRESH not in city.names()
            [row] = await city.writer.read(waiting.rows)
            assert row.state is ClaimState.REFUSED
            assert await decide(ClaimState.APPROVED)
            assert not await decide(ClaimState.REFUSED)
            await city.claims.refresh()
            assert FRESH in city.names()
            assert await city.writer.read(waiting.rows) == ()
            # An end waits for nobody.
            join.retire(tree.district, FRESH, now_us=NOW)
            await district.keeper.offer(city.keeper.newest_signed())
            await district.keeper.refresh()
            await district.claims.refresh()
            await district.say_to(city)
            assert city.keeper.roster is not None
            member = city.keeper.roster.member(FRESH)
            assert member is not None
            assert all(key.revoked_from_us == NOW for key in member.sign_keys)

    asyncio.run(run())


def test_what_is_remembered_of_others_has_a_size(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        for n in range(3):
            block = newcomer(tmp_path, NodeId(f"42020300100{n}"), STREET)
            join.accept(
                tree.street, join.make_join_request(block, now_us=NOW), endpoints=SOMEWHERE,
                now_us=NOW)
        async with Node(tree.district, tmp_path) as district, Node(
            tree.street, tmp_path
        ) as street:
            [said] = street.claims.pending()
            monkeypatch.setattr(claiming, "RELAYED_BYTES_MAX", sum(map(len, said)) - 1)
            for _ in range(2):  # said again, it takes no more room
                await street.say_to(district)
            [kept] = district.claims.pending()
            assert kept == said[:2]
            monkeypatch.setattr(claiming, "RELAYED_BYTES_MAX", sum(map(len, said)))
            await street.say_to(district)
            assert list(district.claims.pending()) == [said]

    asyncio.run(run())


def test_many_claims_are_several_messages_of_bounded_size(tree: Tree, tmp_path: Path) -> None:
    async def run() -> None:
        for n in range(CLAIMS_MAX + 6):
            accept(tree, tmp_path, f"4202031{n:02}")
        async with Node(tree.city, tmp_path) as city, Node(tree.district, tmp_path) as district:
            messages = district.claims.pending()
            assert len(messages) >= 2
            assert all(len(one) <= CLAIMS_MAX for one in messages)
            assert all(sum(map(len, one)) <= MESSAGE_BYTES_MAX for one in messages)
            await district.say_to(city)
            assert len(city.names()) == 3 + CLAIMS_MAX + 6

    asyncio.run(run())
