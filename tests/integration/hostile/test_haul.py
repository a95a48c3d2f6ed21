"""What a hostile child carries home: with its real credentials it asks for all it can think of, on
each carrier, while a sibling's case passes; nothing of the sibling is in what it got."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from hub import wire
from hub.blobs.messages import BlobAsk, encode
from hub.carriers.grpc_stream import GrpcDialer
from hub.carriers.streams import ByteStream
from hub.envelope import Alg
from hub.errors import FabricError
from hub.ids import START, LinkId, NodeId, Position, link_id
from hub.link import messages as msg
from hub.nats.login import NatsLogin
from hub.nats.session import NatsSession
from hub.nats.subjects import LinkSubjects
from hub.roster.identity import PARENT_CA_FILE, Identity
from node.main.dialing import dialers_of
from node.settings import Settings
from tests.chaos.stores import surfaces
from tests.integration.hostile.test_canaries import MARK, SIBLING, travel, widened
from tests.trees import CITY, DISTRICT

OWN, OTHER = (link_id(parent=CITY, child=one) for one in (NodeId(DISTRICT), NodeId(SIBLING)))
ANSWER_S = 1.0
BOXES = (LinkSubjects.of(OWN), LinkSubjects.of(OTHER))
EARS = (">", "*", "*.>", "_INBOX.>", "$JS.>", "$SYS.>", "L.>", f"*.{OTHER}.>", f"{OTHER}.>")


def digests(settings: Settings) -> list[bytes]:
    """Every photo that a node keeps."""
    return sorted(bytes.fromhex(path.name) for path in settings.blobs.rglob("*")
                  if path.is_file() and len(path.name) == 64)


async def asked(stream: ByteStream, link: LinkId, wanted: list[bytes], haul: list[bytes]) -> None:
    """Ask for the list of pieces and for pieces of everything; keep what comes."""

    async def listen() -> None:
        while (data := await stream.read()) is not None:
            haul.append(data)

    listener = asyncio.create_task(listen())
    with contextlib.suppress(FabricError):
        for digest in wanted:
            for chunks in ((), (0,)):
                await stream.write(encode(link, BlobAsk(
                    digest=digest, alg=Alg.SHA256, chunks=chunks)))
                await asyncio.sleep(0.05)
        await asyncio.sleep(ANSWER_S)
    await stream.close()
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)


async def spoken(dialer: Any, haul: list[bytes]) -> None:
    """Ask on a contact for whatever was ever said."""
    contact = await dialer.dial()

    async def listen() -> None:
        async for parcel in contact.parcels():
            haul.append(parcel.data)

    listener = asyncio.create_task(listen())
    asks: tuple[msg.Message, ...] = (
        msg.Pull(after=START), msg.Pull(after=START, echo=True), msg.Pull(after=Position(1, 0)),
        msg.RosterOffer(want_serial=1),
    )
    with contextlib.suppress(FabricError):
        for ask in asks:
            await contact.say(wire.message_bytes(ask), frame=False)
        await asyncio.sleep(ANSWER_S)
    await contact.close()
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)


async def ears(settings: Settings, haul: list[bytes]) -> NatsSession:
    """A connection of the child with its ears everywhere they may be, and where they may not."""
    identity = Identity.load(settings.keys)
    kit = identity.kit()
    assert kit is not None
    session = await NatsSession.open(
        servers=list(kit.endpoints.nats), login=NatsLogin.of_key(identity.nats),
        ca=settings.keys / PARENT_CA_FILE, server_name="", name="ears",
        inbox_prefix=BOXES[0].inbox_prefix, on_violation=lambda _said: None)

    async def hear(message: Any) -> None:
        haul.append(message.data)

    for subject in EARS:
        with contextlib.suppress(FabricError):
            await session.subscribe(subject, hear)
    return session


@pytest.mark.nats
@pytest.mark.slow
def test_a_hostile_child_carries_nothing_of_its_sibling_home(tmp_path: Path) -> None:
    town = widened(tmp_path / "town")
    mine = town.settings[DISTRICT]
    haul: list[bytes] = []

    async def story() -> None:
        async with town.running(CITY) as above:
            async with town.running(DISTRICT) as below:
                await travel({**above, **below}, (CITY, DISTRICT))
            async with town.running(SIBLING) as beside:
                listening = [await ears(mine, haul) for _ in range(2)]
                await travel({**above, **beside}, (CITY, SIBLING))
                wanted = digests(town.settings[CITY])
                assert len(wanted) == 4
                identity = Identity.load(mine.keys)
                dialers = dialers_of(
                    OWN, settings=mine, identity=identity, violated=lambda *_: None)
                for dialer in dialers:
                    await spoken(dialer, haul)
                    if isinstance(dialer, GrpcDialer):
                        for link in (OTHER, OWN):
                            await asked(await dialer.stream("Bulk"), link, wanted, haul)
                        await dialer.close()
                for session in listening:
                    await session.close()

    asyncio.run(story())
    found = {name.decode() for data in haul for plain in surfaces(data)
             for name in MARK.findall(plain)}
    assert found == {f"{CITY}x{DISTRICT}"}, "its own photos, which shows that the search finds"
