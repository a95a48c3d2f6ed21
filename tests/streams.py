"""A pair of side streams in one loop, whose bytes a test may damage, lose or count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.errors import Unreachable
from hub.ids import LinkId, NodeId

Tamper = Callable[[bytes], bytes | None]
"""What becomes of a message under way; None loses it."""


def untouched(data: bytes) -> bytes:
    return data


class Side:
    """One end; satisfies ``hub.carriers.streams.ByteStream``."""

    def __init__(self, link: LinkId, peer: NodeId, tamper: Tamper) -> None:
        self.link = link
        self.peer = peer
        self.other: Side | None = None
        self.written = 0
        self._tamper = tamper
        self._arrived = asyncio.Queue[bytes | None](64)
        self._open = True

    async def read(self) -> bytes | None:
        return await self._arrived.get()

    async def write(self, data: bytes) -> None:
        if not self._open or self.other is None or not self.other._open:
            raise Unreachable("writing: the stream has ended")
        self.written += 1
        passed = self._tamper(data)
        if passed is not None:
            await self.other._arrived.put(passed)

    async def close(self) -> None:
        for side in (self, self.other):
            if side is not None and side._open:
                side._open = False
                while side._arrived.full():
                    side._arrived.get_nowait()
                side._arrived.put_nowait(None)


def stream_pair(link: LinkId, *, up: Tamper = untouched, down: Tamper = untouched
                ) -> tuple[Side, Side]:
    """(the child's end, the parent's end); ``up`` is what happens to the child's messages."""
    parent_id, child_id = (NodeId(text) for text in link.split("-"))
    child, parent = Side(link, parent_id, up), Side(link, child_id, down)
    child.other, parent.other = parent, child
    return child, parent
