"""The change feed: what a listener missed, and a way to wait for more.

Rows carry the order, the wait carries nothing: whoever wakes reads from where they were, so a
missed wake-up costs time and never a change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.roles import WHOLE, Scope
from node.service.instants import to_time
from node.service.ports import Row, Store
from node.service.views import Change

ALARM: Final = "alarm"
"""What the feed calls a call for help; the id beside it is the alarm's."""


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

    async def changes(self, after: int, limit: int, scope: Scope = WHOLE) -> list[Change]:
        """Changes with ``n`` above ``after`` of what a scope takes in, in order; empty only when
        nothing more is there."""
        while True:
            found, after = await self.batch(after, limit, scope)
            if found or after < 0:
                return found

    async def batch(
        self, after: int, limit: int, scope: Scope
    ) -> tuple[list[Change], int]:
        """What a scope takes in of the next so many changes, and the ``n`` up to which they were
        looked through, -1 = there were none. Calls for help are for every scope."""

        def read(conn: Connection) -> tuple[Sequence[Row], int]:
            rows = self._store.changes(conn, after, limit)
            upto = rows[-1]["n"] if rows else -1
            if rows and not scope.is_whole:
                mine = self._store.cases_inside(conn, {row["case_id"] for row in rows}, scope)
                rows = [row for row in rows if row["kind"] == ALARM or row["case_id"] in mine]
            return rows, upto

        rows, upto = await self._writer.read(read)
        return [
            Change(
                n=row["n"],
                case_id=row["case_id"],
                version=row["version"],
                kind=row["kind"],
                at=to_time(row["at"]),
            )
            for row in rows
        ], upto

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
