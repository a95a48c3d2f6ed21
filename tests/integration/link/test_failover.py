"""Both real carriers under one link: the mailbox server dies under load, and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from hub.carriers import failover
from hub.carriers.port import Kind
from tests.contract.carrier_rigs import grpc_rig, jetstream_rig
from tests.integration.link.pair import LINK, Office, both, until

WORDS, BATCH = 600, 20
SWITCH_S = 15.0
"""A dead server is noticed by its closed connection; silence alone would take thirty seconds."""


@pytest.mark.nats
def test_traffic_goes_on_over_grpc_and_returns_to_the_mailboxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failover, "RETURN_S", 4.0)

    async def story() -> None:
        parent, child = both(tmp_path)
        async with (
            jetstream_rig(tmp_path / "nats") as boxes,
            grpc_rig(tmp_path / "grpc") as streams,
            parent,
            child,
        ):
            box, stream = boxes.listener(LINK), streams.listener(LINK)
            await parent.begin()
            await box.start(parent.accept)
            await stream.start(parent.accept)
            driver = await child.begin([boxes.dialer(LINK), streams.dialer(LINK)])
            await until(lambda: driver.status().carrier == Kind.NATS)

            up: list[bytes] = []
            down: list[bytes] = []

            async def talk() -> None:
                while len(up) < WORDS:
                    up.extend(await child.utter(BATCH))
                    down.extend(await parent.utter(BATCH))
                    await asyncio.sleep(0.05)

            talking = asyncio.create_task(talk())
            await until(lambda: len(up) >= WORDS // 4)
            pid = boxes.server.pid
            assert pid is not None
            boxes.break_line()
            os.kill(pid, signal.SIGKILL)
            heard = len(await parent.effects())
            await until(lambda: driver.status().carrier == Kind.GRPC, within_s=SWITCH_S)

            async def more() -> bool:
                return await parent.effect_count() > heard

            await until(more, within_s=SWITCH_S)
            boxes.mend_line()
            await until(lambda: driver.status().carrier == Kind.NATS, within_s=30)
            await talking
            await until(lambda: _whole(parent, up), within_s=30)
            await until(lambda: _whole(child, down), within_s=30)
            assert await parent.effects() == up
            assert await child.effects() == down
            await box.stop()
            await stream.stop()

    asyncio.run(story())


async def _whole(office: Office, said: list[bytes]) -> bool:
    return await office.effect_count() >= len(said)
