"""A child that floods its parent's mailbox server with its own real key: bounded by limits of its
own account, and the words of its sibling keep passing meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.carriers.port import Contact
from hub.errors import FabricError
from hub.nats.accounts import (
    ACCOUNT_STORE_BYTES_MAX,
    CONNECTIONS_PER_LINK_MAX,
    PAYLOAD_BYTES_MAX,
    SUBSCRIPTIONS_PER_LINK_MAX,
)
from hub.nats.login import NatsLogin
from hub.nats.session import NatsSession
from hub.nats.subjects import BOX_BYTES_MAX, BOX_MESSAGE_BYTES_MAX, LinkSubjects
from tests.contract.carrier_rigs import (
    LINK_A,
    LINK_B,
    JetStreamRig,
    Recorder,
    conversation,
    jetstream_rig,
)

pytestmark = pytest.mark.nats
MINE = LinkSubjects.of(LINK_A)
SYSTEM_SUBSCRIPTIONS = 250
"""What a server and the honest links hold themselves."""
WORD_S = 5.0
"""What one word of a sibling may take while somebody floods, on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    rig: JetStreamRig
    home: Path
    sibling: Contact
    above: Recorder

    async def session(self) -> NatsSession:
        """One more connection of the hostile child, with its real key."""
        return await NatsSession.open(
            servers=[self.rig.server.url], login=NatsLogin.of_key(self.rig.child_keys[LINK_A]),
            ca=self.rig.pki.ca, server_name="", name="hostile",
            inbox_prefix=MINE.inbox_prefix, on_violation=lambda _said: None,
        )

    async def words_pass(self, count: int = 20) -> float:
        """So many words of the sibling arrive, one after the other; the slowest in seconds."""
        slowest = 0.0
        for n in range(count):
            before, since = len(self.above.heard), time.monotonic()
            await self.sibling.say(b"word %d" % n, frame=True)
            await self.above.until(lambda heard=before: len(self.above.heard) > heard)  # type: ignore[misc]
            slowest = max(slowest, time.monotonic() - since)
        assert slowest < WORD_S
        return slowest


def flood(tmp_path: Path, scenario: Callable[[Scene], Awaitable[None]]) -> None:
    async def main() -> None:
        async with (
            asyncio.timeout(120),
            jetstream_rig(tmp_path) as rig,
            # the honest half of link A made its boxes and nobody reads them any more
            conversation(rig, LINK_A),
            conversation(rig, LINK_B) as (sibling, _, above),
        ):
            await scenario(Scene(rig=rig, home=tmp_path / "nats", sibling=sibling, above=above))

    asyncio.run(main())


@asynccontextmanager
async def working(work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do it over and over beside the body."""

    async def on_and_on() -> None:
        while True:
            await work()
            await asyncio.sleep(0)

    task = asyncio.create_task(on_and_on())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_connections_end_at_the_share_of_one_link(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        async with AsyncExitStack() as stack:
            held = 0
            while held <= CONNECTIONS_PER_LINK_MAX:
                try:
                    stack.push_async_callback((await scene.session()).close)
                except FabricError:
                    break
                held += 1
            assert CONNECTIONS_PER_LINK_MAX // 2 <= held < CONNECTIONS_PER_LINK_MAX
            await scene.words_pass()
            # a sibling that comes new finds room as well
            async with asyncio.timeout(20):
                again = await scene.rig.dialer(LINK_B).dial()
                await again.close()

    flood(tmp_path, scenario)


def test_subscriptions_end_at_the_share_of_one_link(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        session = await scene.session()

        async def hear(_message: object) -> None:
            return None

        try:
            async with asyncio.timeout(30):
                for n in range(4 * SUBSCRIPTIONS_PER_LINK_MAX):
                    await session.subscribe(f"{MINE.inbox_prefix}.x{n}", hear)
        except FabricError:
            pass
        await scene.words_pass()
        await session.close()
        standing = await scene.rig.server.varz()
        assert standing["subscriptions"] <= SUBSCRIPTIONS_PER_LINK_MAX + SYSTEM_SUBSCRIPTIONS

    flood(tmp_path, scenario)


def test_a_filled_box_is_full_at_its_limit_and_nobody_else_notices(tmp_path: Path) -> None:
    """The parent's end is gone, so nothing leaves the box; the disk it takes is bounded."""

    async def main() -> None:
        async with (
            asyncio.timeout(150),
            jetstream_rig(tmp_path) as rig,
            conversation(rig, LINK_B) as (sibling, _, above),
        ):
            async with conversation(rig, LINK_A):
                pass
            scene = Scene(rig=rig, home=tmp_path / "nats", sibling=sibling, above=above)
            session = await scene.session()
            piece, refused, sent = bytes(BOX_MESSAGE_BYTES_MAX - 1024), "", 0
            while not refused and sent <= 2 * BOX_BYTES_MAX:
                answer = await session.request(MINE.up.subject, piece, timeout_s=20)
                if b'"error"' in answer.data:
                    refused = answer.data.decode()
                sent += len(piece)
                if sent // len(piece) % 32 == 0:
                    await scene.words_pass(2)
            assert "maximum bytes" in refused
            assert sent <= BOX_BYTES_MAX + len(piece)
            taken = sum(path.stat().st_size for path in scene.home.rglob("*") if path.is_file())
            assert taken < 2 * ACCOUNT_STORE_BYTES_MAX
            await scene.words_pass()
            await session.close()

    asyncio.run(main())


def test_an_oversized_message_costs_its_sender_the_connection_alone(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        session = await scene.session()
        stored = await session.request(MINE.up.subject, bytes(BOX_MESSAGE_BYTES_MAX + 1))
        assert b"message size exceeds maximum" in stored.data
        with pytest.raises(FabricError):
            await session.request(MINE.control("up"), bytes(PAYLOAD_BYTES_MAX + 1), timeout_s=2)
        await scene.words_pass()
        await session.close()

    flood(tmp_path, scenario)


def test_words_of_a_sibling_pass_beside_a_storm_of_signals(tmp_path: Path) -> None:
    async def scenario(scene: Scene) -> None:
        sessions = [await scene.session() for _ in range(4)]

        async def storm() -> None:
            for session in sessions:
                for _ in range(50):
                    await session.publish(
                        MINE.control("up"), bytes(1024),
                        headers={"Wanmi-Contact": "forged", "Wanmi-Signal": "alive"})
                    await session.publish(MINE.bulk("up"), bytes(16 * 1024))

        async with working(storm):
            await scene.words_pass(30)
        for session in sessions:
            await session.close()

    flood(tmp_path, scenario)
