"""Frames per second of each carrier alone: no seals, no store, both ends and the clock in one loop.

``python -m tests.bench.carriers_raw [seconds]``. A frame is 64 bodies of 1 KiB. JetStream stores
each frame with ``sync_interval: always`` and the reader acknowledges each; the others only move
bytes. One process runs both ends, so two real nodes on two cores do better.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import structlog

from hub.carriers.port import Contact
from tests.contract.carrier_rigs import (
    LINK_A,
    dialled,
    grpc_rig,
    jetstream_rig,
    listening,
    memory_rig,
)

ENVELOPES, BODY = 64, 1024
SPEAKERS = 8
"""Frames in flight, as the link allows at most."""


async def measure(make: Any, seconds: float) -> tuple[float, float]:
    """Frames per second that arrived and were acknowledged, and CPU seconds per 1,000 of them."""
    frame = os.urandom(ENVELOPES * BODY)
    arrived = 0

    async def handler(contact: Contact) -> None:
        nonlocal arrived
        async for parcel in contact.parcels():
            await parcel.done()
            arrived += 1

    with tempfile.TemporaryDirectory() as home:
        async with make(Path(home)) as rig, listening(rig.listener(LINK_A), handler):
            if hasattr(rig, "server"):
                rig.proxy.port = rig.server.port  # straight to the server: the proxy costs a loop
            child = await dialled(rig.dialer(LINK_A))
            until = time.monotonic() + seconds
            number = 0

            async def speak() -> None:
                nonlocal number
                while time.monotonic() < until:
                    number += 1
                    await child.say(frame, frame=True, msg_id=f"1:{number}-{number}:bench000")

            began, cpu = time.monotonic(), time.process_time()
            await asyncio.gather(*(speak() for _ in range(SPEAKERS)))
            while arrived < number:
                await asyncio.sleep(0.01)
            took, used = time.monotonic() - began, time.process_time() - cpu
            await child.close()
    return arrived / took, used / arrived * 1000


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for name, make in (("memory", memory_rig), ("gRPC", grpc_rig), ("JetStream", jetstream_rig)):
        frames, cpu = asyncio.run(measure(make, seconds))
        print(
            f"{name:10} {frames:8,.0f} frames/s  {frames * ENVELOPES:10,.0f} envelopes/s"
            f"  {frames * ENVELOPES * BODY / 2**20:7,.0f} MiB/s  {cpu:6.2f} CPU-s per 1,000 frames"
        )


if __name__ == "__main__":
    main()
