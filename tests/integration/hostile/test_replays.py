"""What was said once and is said again, by a child with its real credentials over a real carrier:
its own old words and Hellos, and those of its sibling as the parent's own server saw them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from hub import wire
from hub.carriers.port import Contact, Parcel
from hub.errors import FabricError
from hub.ids import LinkId, NodeId, link_id
from hub.link import messages as msg
from hub.link.talks import Talks
from hub.roster.identity import Identity
from hub.store.tables import inbox, quarantine
from node.main.dialing import dialers_of
from node.main.serving import Running
from node.store.tables import journal
from tests.integration.hostile.test_canaries import SIBLING, travel, widened
from tests.integration.node.town import Plan, until
from tests.trees import CITY, DISTRICT

OWN, OTHER = (link_id(parent=CITY, child=one) for one in (NodeId(DISTRICT), NodeId(SIBLING)))
ECHO_S = 1.5
"""How long the parent gets to answer what was said to it."""


@dataclass
class Tap:
    """What arrived at any node, by link: bytes as the carrier gave them."""

    heard: dict[LinkId, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def messages(self, link: LinkId, kind: type[Any], sender: str) -> list[bytes]:
        """Those of one kind that one end said."""
        found = []
        for data in self.heard[link]:
            message = wire.message_from(data)
            if isinstance(message, kind) and sender == getattr(
                message, "origin", getattr(message, "sender", "")
            ):
                found.append(data)
        return found


@pytest.fixture
def tap(monkeypatch: pytest.MonkeyPatch) -> Tap:
    made, hear = Tap(), Talks._hear

    async def listening(self: Talks, number: int, talk: Any, parcel: Parcel) -> bool:
        made.heard[self._link].append(parcel.data)
        return await hear(self, number, talk, parcel)

    monkeypatch.setattr(Talks, "_hear", listening)
    return made


async def dialled(town: Plan, carrier: str) -> Contact:
    """A contact of the district with its real papers, and nobody behind it but this test."""
    settings = town.settings[DISTRICT]
    dialers = dialers_of(
        OWN, settings=settings, identity=Identity.load(settings.keys), violated=lambda *_: None)
    dialer = next(one for one in dialers if one.kind.value == carrier)
    async with asyncio.timeout(10):
        return await dialer.dial()


async def replayed(town: Plan, carrier: str, said: list[bytes]) -> list[msg.Message]:
    """Say these bytes, each as what it is; what the parent answers within a moment. A contact that
    the parent ends is dialled again for the next."""
    answers: list[msg.Message] = []
    for data in said:
        contact = await dialled(town, carrier)

        async def listen(contact: Contact = contact) -> None:
            async for parcel in contact.parcels():
                answers.append(wire.message_from(parcel.data))
                await parcel.done()

        listener = asyncio.create_task(listen())
        with contextlib.suppress(FabricError):
            await contact.say(data, frame=isinstance(wire.message_from(data), msg.Frame))
        await asyncio.sleep(ECHO_S / 2)
        await contact.close()
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
    return answers


async def applied(city: Running) -> dict[str, int]:
    """Everything that a word taken in would have made more of."""

    def count(conn: Any) -> dict[str, int]:
        found = {
            f"inbox {row[0]}": row[1] for row in conn.execute(
                select(inbox.c.link, func.count()).group_by(inbox.c.link))
        }
        found["journal"] = conn.execute(select(func.count()).select_from(journal)).scalar_one()
        return found

    return await city.writer.read(count)


async def evidence(city: Running, link: LinkId) -> set[str]:
    return await city.writer.read(lambda conn: set(conn.execute(
        select(quarantine.c.code).where(quarantine.c.link == link)).scalars()))


async def standing(city: Running, link: LinkId) -> tuple[str, str]:
    view = next(one for one in await city.office.links() if one.link == link)
    return view.state, view.reason


def rewrapped(data: bytes) -> bytes:
    """A sibling's envelopes as if they were our own frame."""
    frame = wire.message_from(data)
    assert isinstance(frame, msg.Frame)
    return wire.message_bytes(replace(frame, link=OWN, origin=NodeId(DISTRICT)))


@pytest.mark.nats
@pytest.mark.slow
@pytest.mark.parametrize("carrier", ["NATS", "GRPC"])
def test_nothing_that_is_said_again_is_applied_again_and_nothing_of_a_sibling_at_all(
    tmp_path: Path, tap: Tap, carrier: str
) -> None:
    town = widened(tmp_path / "town")
    parents = {node: settings.parent.model_copy(update={"prefer": carrier})
               for node, settings in town.settings.items() if settings.parent is not None}
    town = Plan({node: settings.model_copy(update={"parent": parents.get(node)})
                 for node, settings in town.settings.items()})

    async def story() -> None:
        async with town.running(CITY) as above:
            city = above[CITY]
            async with town.running(DISTRICT, SIBLING) as below:
                nodes = {**above, **below}
                await travel(nodes, (CITY, DISTRICT))
                await travel(nodes, (CITY, SIBLING))
            own = tap.messages(OWN, msg.Frame, DISTRICT)
            others = tap.messages(OTHER, msg.Frame, SIBLING)
            hellos = tap.messages(OWN, msg.Hello, DISTRICT)
            foreign = tap.messages(OTHER, msg.Hello, SIBLING)
            assert own
            assert others
            assert hellos
            assert foreign
            before = await applied(city)

            await replayed(town, carrier, [*own, hellos[0], own[0], foreign[0]])
            assert await applied(city) == before
            assert (await standing(city, OWN))[0] in {"UP", "DOWN"}

            await replayed(town, carrier, [others[0], *(rewrapped(one) for one in others[:2])])
            await asyncio.sleep(ECHO_S)
            assert await applied(city) == before
            assert await evidence(city, OWN), "what cannot be trusted is kept"
            assert await evidence(city, OTHER) == set()
            assert (await standing(city, OTHER))[0] in {"UP", "DOWN"}

            state, reason = await standing(city, OWN)
            if state == "QUARANTINED":
                assert reason.startswith("link.unsealed")
                await city.office.release_link(OWN, actor="admin")
            async with town.running(DISTRICT, SIBLING) as below:
                nodes = {**above, **below}

                async def joined() -> bool:
                    return all(one.connected for one in await city.office.links())

                await until("both links after the replays", joined)
                await travel(nodes, (CITY, SIBLING))
                await travel(nodes, (CITY, DISTRICT))
                after = await applied(city)
                assert after["journal"] > before["journal"]

    asyncio.run(story())
