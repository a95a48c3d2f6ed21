"""A bounded queue between two tasks: waits when full, ends when closed.

``asyncio.Queue`` knows neither bytes nor an end, and every queue on a carrier needs both: a
slow peer must slow its sender down, and a lost contact must wake whoever waits at either side.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from hub.errors import Unreachable

T = TypeVar("T")

ITEMS_MAX = 32
"""Messages one contact may hold per direction: four times the largest window of frames."""
BYTES_MAX = 4 * 1024 * 1024
"""Bytes one contact may hold per direction: a window of 8 full frames."""


class Buffer(Generic[T]):
    """First in, first out, bounded by items and by bytes; one loop only."""

    __slots__ = (
        "_bytes",
        "_bytes_max",
        "_closed",
        "_filled",
        "_freed",
        "_items",
        "_items_max",
        "_putting",
    )

    def __init__(self, *, items_max: int = ITEMS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._items_max = items_max
        self._bytes_max = bytes_max
        self._closed = False
        self._putting = asyncio.Lock()  # fair, so puts keep the order of their calls
        self._freed = asyncio.Event()
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._bytes

    @property
    def closed(self) -> bool:
        return self._closed

    def offer(self, item: T, size: int) -> bool:
        """Put without waiting; False when full or closed."""
        if self._closed or self._full(size):
            return False
        self._add(item, size)
        return True

    async def put(self, item: T, size: int) -> None:
        """Put, in the order of the calls; waits for room. ``Unreachable`` once closed."""
        async with self._putting:
            while self._full(size) and not self._closed:
                self._freed.clear()
                await self._freed.wait()
            if self._closed:
                raise Unreachable("putting a message on a closed contact")
            self._add(item, size)

    async def get(self) -> T | None:
        """The next item; None once closed and empty."""
        while not self._items:
            if self._closed:
                return None
            self._filled.clear()
            await self._filled.wait()
        item, size = self._items.popleft()
        self._bytes -= size
        self._freed.set()
        return item

    def close(self, *, forget: bool = False) -> None:
        """No more puts; what is held can still be got, unless it is to be forgotten."""
        self._closed = True
        if forget:
            self._items.clear()
            self._bytes = 0
        self._freed.set()
        self._filled.set()

    def _full(self, size: int) -> bool:
        # one message always fits, however large: it was checked against its own limit before
        return bool(self._items) and (
            len(self._items) >= self._items_max or self._bytes + size > self._bytes_max
        )

    def _add(self, item: T, size: int) -> None:
        self._items.append((item, size))
        self._bytes += size
        self._filled.set()
