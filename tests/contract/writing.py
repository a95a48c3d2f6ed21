"""A process of its own that writes through ``GroupWriter`` and says on its standard output what was
acknowledged, until somebody kills it.

Usage: python -m tests.contract.writing <database url>
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.store.access import set_meta

CALLERS = 8


async def _main(url: str) -> None:
    writer = GroupWriter(url)
    writer.start()
    numbers = itertools.count()

    async def caller() -> None:
        for n in numbers:

            def operation(tx: Tx, n: int = n) -> None:
                set_meta(tx.conn, f"written:{n}", "x" * 200)

            await writer.write(operation)
            sys.stdout.write(f"{n}\n")
            sys.stdout.flush()

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
