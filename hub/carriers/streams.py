"""Side streams of a link: ``Bulk`` (blobs) and ``Ask`` (questions). Bytes only, like the carrier.

Words never travel here. A side stream may break at any time without harm: what runs on it asks
again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from hub.ids import LinkId, NodeId

STREAM_BYTES_MAX = 900 * 1024
"""Bytes of one message on a side stream: it must fit a broker's 1 MB payload with its headers."""


class ByteStream(Protocol):
    """Messages in both directions until either side ends it."""

    link: LinkId
    peer: NodeId

    async def read(self) -> bytes | None:
        """The next message; None when the stream has ended, for whatever reason."""
        ...

    async def write(self, data: bytes) -> None:
        """Hand a message over; waits when the peer reads slowly. Raises ``Unreachable``."""
        ...

    async def close(self) -> None:
        """End it; idempotent."""
        ...


StreamHandler = Callable[[ByteStream], Awaitable[None]]
"""Serves one stream; it owns the stream until it returns."""
