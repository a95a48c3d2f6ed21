"""Children of one parent, all in one process: ``python -m tests.bench.crowd FOLDER ADDRESS``.

Each has its own database, writer and link, as ``tests.bench.station`` stands a single one up; what
is measured is the parent, so that the crowd may be cheap.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import structlog

from tests.bench.orders import obey
from tests.bench.station import Station, prepared, standing

PATTERN = "pattern.db"
AT_ONCE = 8
"""Children that dial for the first time together: the parent makes a TLS handshake for each."""


class Crowd:
    """The orders, by name."""

    def __init__(self) -> None:
        self.stations: list[Station] = []

    async def up(self, within_s: float) -> dict[str, Any]:
        """Wait until every contact stands."""
        async with asyncio.timeout(within_s):
            for station in self.stations:
                await station.up(within_s)
        return {"links": len(self.stations)}


async def run(homes: Sequence[Path], address: str, pattern: Path) -> None:
    crowd = Crowd()
    async with AsyncExitStack() as stack:
        for n, home in enumerate(homes):
            shutil.copy(pattern, home / "bench.db")
            station, _ = await stack.enter_async_context(standing(home, "child", "GRPC", address))
            crowd.stations.append(station)
            if n % AT_ONCE == AT_ONCE - 1:
                await station.up(60.0)
        await obey(crowd, {"links": len(homes)})


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(30),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    folder, address = Path(sys.argv[1]), sys.argv[2]
    homes = sorted(one for one in folder.iterdir() if (one / "keys").is_dir())
    prepared(folder / PATTERN)
    asyncio.run(run(homes, address, folder / PATTERN))


if __name__ == "__main__":
    main()
