"""A node that is ended is cut off within five seconds, by its parent or from the root, on both
carriers; what it said before stays, what it says afterwards is refused everywhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub.carriers.port import Dialer
from hub.errors import UnknownPeer
from hub.ids import LinkId, NodeId, link_id
from hub.link.driver import LinkDriver
from hub.roster import join
from hub.roster.documents import Endpoints
from hub.roster.identity import Identity
from node.main.dialing import dialers_of
from node.main.serving import Running
from node.service.phrases import phrase
from node.service.views import CaseFilter, Level
from tests.integration.node.test_nodes import there_and_back
from tests.integration.node.town import Plan, plan, until
from tests.trees import CITY, DISTRICT, STREET, newcomer

LOWER = link_id(parent=DISTRICT, child=STREET)
WITHIN_S = 5.0


def driver(node: Running, link: LinkId) -> LinkDriver | None:
    return node.fabric._drivers.get(link)


async def up(node: Running, link: LinkId) -> bool:
    one = driver(node, link)
    return one is not None and one.status().up


def stolen(town: Plan) -> tuple[Dialer, ...]:
    """Whoever stole the street's device opens connections of his own with its papers."""
    settings = town.settings[STREET]
    return dialers_of(
        LOWER, settings=settings, identity=Identity.load(settings.keys),
        violated=lambda *_: None,
    )


async def ended_by(
    town: Plan, folder: Path, end: Callable[[dict[str, Running]], Awaitable[None]]
) -> float:
    """The street is ended while it is in contact; how long until nothing of it is."""
    async with town.running(CITY, DISTRICT, STREET) as node:
        district, street = node[DISTRICT], node[STREET]

        async def all_up() -> bool:
            return await up(street, LOWER) and await up(
                node[CITY], link_id(parent=CITY, child=DISTRICT))

        await until("the links", all_up)
        began = time.monotonic()
        await end(node)

        async def cut() -> bool:
            return driver(district, LOWER) is None and not await up(street, LOWER)

        await until("the street to be cut off", cut, within_s=WITHIN_S)
        took_s = time.monotonic() - began
        now_us = time.time_ns() // 1_000
        for dialer in stolen(town):
            with pytest.raises(UnknownPeer):
                await dialer.dial()
        identity = Identity.load(folder / STREET / "keys")
        mine = identity.sign.key_id

        async def known_to_all() -> bool:
            return all(
                one.fabric._keeper.keys.refusal(mine, STREET, now_us + 1) == "key.revoked"
                for one in (node[CITY], district)
            )

        await until("the revocation everywhere above", known_to_all, within_s=WITHIN_S)
        for one in (node[CITY], district):
            earlier = one.fabric._keeper.keys
            assert earlier.refusal(mine, STREET, now_us - 60_000_000) == ""
        child = Identity.load(folder / DISTRICT / "keys").child(NodeId(STREET))
        assert child is not None
        assert child.retired_at_us is not None
        view = next(one for one in await district.office.links() if one.link == LOWER)
        assert view.sentence == phrase("link.retired")
        assert view.state == "RETIRED"
        findings = {one.subject: one for one in await district.office.findings()}
        assert findings[f"link {LOWER}"].level is Level.OK

        async def said() -> bool:
            found = {one.subject: one for one in await street.office.findings()}
            one = found.get(f"link {LOWER}")
            return one is not None and "不再接受本节点的证书" in one.sentence.say("zh")

        await until("the street's doctor to say it", said, within_s=20.0)
        return took_s


async def entries(node: Running) -> list[dict[str, object]]:
    """All entries of all timelines."""
    found = (await node.office.cases(CaseFilter())).items
    return [entry for one in found
            for entry in (await node.office.timeline(one["case_id"]))["entries"]]


async def by_its_parent(node: dict[str, Running]) -> None:
    await node[DISTRICT].office.membership.retire(STREET, actor="wang", reason="单位已撤并")


async def from_the_root(node: dict[str, Running]) -> None:
    await node[CITY].office.membership.revoke(STREET, actor="wang", reason="设备被盗")


@pytest.mark.parametrize("carrier", ["GRPC", "NATS"])
@pytest.mark.parametrize("end", [by_its_parent, from_the_root])
def test_whoever_is_ended_is_cut_off_within_five_seconds(
    tmp_path: Path, carrier: str, end: Callable[[dict[str, Running]], Awaitable[None]]
) -> None:
    town = plan(tmp_path, prefer=carrier, nats=carrier == "NATS")
    took_s = asyncio.run(ended_by(town, tmp_path, end))
    print(f"\n{carrier}, {end.__name__}: cut off after {took_s:.2f} s")


def test_what_a_node_said_before_its_end_stays_and_others_go_on(tmp_path: Path) -> None:
    """Evidence of the street is at the city; its end does not unsay it."""
    town = plan(tmp_path)
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))

    async def later() -> None:
        async with town.running(CITY, DISTRICT) as node:
            before = await entries(node[CITY])
            await from_the_root(node)

            async def ended() -> bool:
                child = Identity.load(tmp_path / DISTRICT / "keys").child(NodeId(STREET))
                return child is not None and child.retired_at_us is not None

            await until("the district to hear of it", ended, within_s=WITHIN_S)
            assert await entries(node[CITY]) == before
            assert any(entry["node"] == STREET for entry in before)
            assert await up(node[CITY], link_id(parent=CITY, child=DISTRICT))

    asyncio.run(later())


def test_whoever_was_ended_by_mistake_comes_back_with_new_keys_and_its_cases(
    tmp_path: Path,
) -> None:
    """As docs/operating/trust.md says: other keys, the same database."""
    town = plan(tmp_path)
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))

    async def mistaken() -> None:
        async with town.running(CITY, DISTRICT) as node:
            await by_its_parent(node)
            old = Identity.load(tmp_path / STREET / "keys").sign.key_id
            now_us = time.time_ns() // 1_000

            async def listed() -> bool:
                keys = node[CITY].fabric._keeper.keys
                return keys.refusal(old, STREET, now_us + 1) == "key.revoked"

            await until("the root to end its keys", listed)

    asyncio.run(mistaken())
    keys = tmp_path / STREET / "keys"
    keys.rename(tmp_path / "keys-of-before")
    now_us = time.time_ns() // 1_000
    street = newcomer(tmp_path, STREET, DISTRICT, now_us=now_us)
    district = Identity.load(tmp_path / DISTRICT / "keys")
    request = join.make_join_request(street, now_us=now_us)
    at = Endpoints(grpc=(f"localhost:{town.settings[DISTRICT].grpc.port}",))
    kit = join.accept(district, request, endpoints=at, now_us=now_us, rekey=True)
    join.enter(street, kit, now_us=now_us)
    asyncio.run(there_and_back(town, (CITY, DISTRICT, STREET)))
