"""Who listens to the change feed: how many, and the signal that the node stops."""

from __future__ import annotations

import asyncio

from node.edge.http.problems import BadCall


class Listeners:
    """How many listen, and the signal that the node stops. One per application."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._now = 0
        self.closing = asyncio.Event()

    def enter(self) -> None:
        """Take a place. Raises ``BadCall`` ``changes.too_many``."""
        if self._now >= self._most:
            raise BadCall("changes.too_many", f"{self._most} listeners are connected already")
        self._now += 1

    def leave(self) -> None:
        self._now -= 1
