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

    __slots__ = ("_bytes", "_bytes_max", "_closed", "_items", "_items_max", "_readers", "_writers")

    def __init__(self, *, items_max: int = ITEMS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._items: deque[tuple[T, int]] = deque()
        self._bytes = 0
        self._items_max = items_max
        self._bytes_max = bytes_max
        self._closed = False
        self._readers: deque[asyncio.Future[None]] = deque()
        self._writers: deque[asyncio.Future[None]] = deque()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def size(self) -> int:
        """Bytes held now."""
        return self._bytes

    @property
    def closed(self) -> bool:
        return self._closed

    def _full(self, size: int) -> bool:
        return bool(self._items) and (
            len(self._items) >= self._items_max or self._bytes + size > self._bytes_max
        )

    def offer(self, item: T, size: int) -> bool:
        """Put without waiting; False when full or closed."""
        if self._closed or self._full(size):
            return False
        self._items.append((item, size))
        self._bytes += size
        _wake(self._readers)
        return True

    async def put(self, item: T, size: int) -> None:
        """Put, in the order of the calls; waits for room. ``Unreachable`` once closed."""
        if not self._closed and (self._writers or self._full(size)):
            await self._turn(size)
        if self._closed:
            raise Unreachable("putting a message on a closed contact")
        self._items.append((item, size))
        self._bytes += size
        _wake(self._readers)
        if self._writers and not self._full(0):
            _wake(self._writers)

    async def _turn(self, size: int) -> None:
        first = False
        while not self._closed:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            if first:
                self._writers.appendleft(turn)  # woken too early: keep the place in the row
            else:
                self._writers.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn in self._writers:
                    self._writers.remove(turn)
                else:
                    _wake(self._writers)  # our wake-up belongs to the next in the row
                raise
            first = True
            if not self._full(size):
                return

    async def get(self) -> T | None:
        """The next item; None once closed and empty."""
        while not self._items:
            if self._closed:
                return None
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._readers.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn in self._readers:
                    self._readers.remove(turn)
                elif self._items:
                    _wake(self._readers)
                raise
        item, size = self._items.popleft()
        self._bytes -= size
        _wake(self._writers)
        return item

    def close(self, *, forget: bool = False) -> None:
        """No more puts; what is held can still be got, unless it is to be forgotten."""
        self._closed = True
        if forget:
            self._items.clear()
            self._bytes = 0
        while self._readers:
            _wake(self._readers)
        while self._writers:
            _wake(self._writers)


def _wake(row: deque[asyncio.Future[None]]) -> None:
    while row:
        turn = row.popleft()
        if not turn.done():
            turn.set_result(None)
            return
