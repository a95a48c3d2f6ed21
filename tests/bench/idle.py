"""What three hundred links cost a city while nobody says anything: ``python -m tests.bench.idle``.

The city is a whole node, as ``wanmi serve`` runs it; its children are three hundred databases and
links in one process beside it. Measured are the city's CPU over a minute, and its memory.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console

from hub.ids import NodeId
from hub.ports import free_port
from hub.roster.identity import Identity
from tests.bench import homes
from tests.bench.orders import worker
from tests.trees import CITY, bring_in, newcomer

LINKS, QUICK_LINKS = 300, 20
SETTLE_S, WATCH_S = 20.0, 60.0
UP_S = 240.0
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleLinks:
    """``core`` = share of one core in use by the city; ``mib`` resident with all links up,
    ``alone_mib`` before the first came."""

    links: int
    core: float
    mib: float
    alone_mib: float


async def measure(links: int) -> IdleLinks:
    """Provision, come up, stand still, look."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as name:
        folder = Path(name)
        city, port = await asyncio.to_thread(_provision, folder, links)
        process = await asyncio.to_thread(homes.serve, city, folder / "city.log")
        try:
            await asyncio.to_thread(_until_ready, city)
            looked = psutil.Process(process.pid)
            alone = looked.memory_info().rss / MIB
            crowd = ("-m", "tests.bench.crowd", str(folder / "children"), f"localhost:{port}")
            async with worker(crowd, folder / "crowd.log", start_s=UP_S) as children:
                await children.order("up", within_s=UP_S)
                await asyncio.sleep(SETTLE_S)
                before, began = looked.cpu_times(), time.monotonic()
                await asyncio.sleep(WATCH_S)
                after, took = looked.cpu_times(), time.monotonic() - began
                used = after.user + after.system - before.user - before.system
                return IdleLinks(
                    links=links, core=used / took, mib=looked.memory_info().rss / MIB,
                    alone_mib=alone,
                )
        finally:
            process.terminate()
            process.wait(60)


def _provision(folder: Path, links: int) -> tuple[Path, int]:
    """A city and its children, joined today; the port the city listens on."""
    port = free_port()
    home = homes.whole(folder / CITY, CITY, "city", "--grpc-port", str(port))
    city = Identity.load(home / "keys")
    now_us = time.time_ns() // 1_000
    for n in range(links):
        child = newcomer(folder / "children", NodeId(f"4202{n:05}"), CITY, now_us=now_us)
        bring_in(city, child, city, now_us=now_us)
    return home, port


def _until_ready(home: Path) -> None:
    with homes.caller(home) as client:
        homes.until("the city", client, homes.is_ready, UP_S)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.idle")
    parser.add_argument("--links", type=int, default=LINKS)
    found = asyncio.run(measure(parser.parse_args().links))
    Console().print(
        f"{found.links} idle links: {found.core:.1%} of one core, {found.mib:.0f} MiB "
        f"({found.alone_mib:.0f} MiB before they came)"
    )


if __name__ == "__main__":
    main()
