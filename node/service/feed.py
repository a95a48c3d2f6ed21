"""The change feed: what a listener missed, and a way to wait for more.

Rows carry the order, the wait carries nothing: whoever wakes reads from where they were, so a
missed wake-up costs time and never a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.store.tx import Writer
from node.service.instants import to_time
from node.service.ports import Store
from node.service.views import Change


class Feed:
    """Reads ``change`` rows and wakes waiters after commits."""

    def __init__(self, *, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer
        self._news = asyncio.Event()
        self._unlisten: Callable[[], None] = _nothing

    def open(self) -> None:
        """Listen to commits, from inside the event loop; a token that ends wakes too, so that its
        session ends."""
        ends = [self._writer.listen(topic, self._wake) for topic in ("case", "token")]

        def unlisten() -> None:
            for end in ends:
                end()

        self._unlisten = unlisten

    def close(self) -> None:
        """Stop listening and let every waiter go."""
        self._unlisten()
        self._wake("case")

    def _wake(self, topic: str) -> None:
        del topic
        woken, self._news = self._news, asyncio.Event()
        woken.set()

    async def changes(self, after: int, limit: int) -> list[Change]:
        """Changes with ``n`` above ``after``, in order."""
        rows = await self._writer.read(lambda conn: self._store.changes(conn, after, limit))
        return [
            Change(
                n=row["n"],
                case_id=row["case_id"],
                version=row["version"],
                kind=row["kind"],
                at=to_time(row["at"]),
            )
            for row in rows
        ]

    async def latest(self) -> int:
        """The highest ``n``, 0 = none."""
        return await self._writer.read(self._store.latest_change)

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a commit that changed something; False on timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        return True


def _nothing() -> None:
    """What ends a listening that never began."""
