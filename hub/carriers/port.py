"""What moves messages between two ends of a link. Lossy, may double and reorder, never judges.

A carrier knows bytes and one bit: whether a message is a *frame* (worth storing) or *control*
(lossy on JetStream). It never opens an envelope. Every carrier passes
``tests/contract/test_carriers.py``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from hub.errors import Malformed
from hub.ids import LinkId, NodeId

FRAME_BYTES_MAX = 511 * 1024
"""Bytes of one frame on any carrier: a mailbox message is at most 512 KiB with its headers."""
CONTROL_BYTES_MAX = 900 * 1024
"""Bytes of one control message: a roster of 768 KiB fits, and a broker's 1 MB payload is kept."""


def check_size(data: bytes, *, frame: bool) -> None:
    """``Malformed`` when a message is larger than any carrier takes."""
    limit = FRAME_BYTES_MAX if frame else CONTROL_BYTES_MAX
    if len(data) > limit:
        raise Malformed(f"saying {len(data)} bytes where a carrier takes {limit}")


class Kind(StrEnum):
    """Which carrier: label of metrics and value of ``link.prefer``."""

    GRPC = "GRPC"
    NATS = "NATS"
    MEMORY = "MEMORY"


async def nothing() -> None:
    """The ``done`` of a message whose carrier keeps nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One arrived message. ``done`` is awaited after what it caused is committed: JetStream
    acknowledges then, the others have nothing to do."""

    data: bytes
    stored: bool = False
    done: Callable[[], Awaitable[None]] = nothing


class Contact(Protocol):
    """One open conversation on a carrier. ``say`` after ``close`` raises ``Unreachable``."""

    kind: Kind
    peer: NodeId
    link: LinkId

    async def say(self, data: bytes, *, frame: bool, msg_id: str = "") -> None:
        """Hand bytes over (a serialised ``LinkMessage``). Success promises nothing: only a
        committed Ack of the peer does. ``msg_id`` lets JetStream drop a doubled publish.
        May wait when the peer reads slowly. Raises ``Unreachable``; a publish timeout is one
        (unknown outcome). More than ``FRAME_BYTES_MAX`` or ``CONTROL_BYTES_MAX``: ``Malformed``."""
        ...

    def parcels(self) -> AsyncIterator[Parcel]:
        """Messages as they arrive; ends when the contact is closed or lost."""
        ...

    async def close(self) -> None:
        """End it; idempotent."""
        ...


class Dialer(Protocol):
    """The child's side: opens contacts."""

    kind: Kind

    async def dial(self) -> Contact:
        """Raises ``Unreachable``, or ``UnknownPeer`` when credentials are refused."""
        ...


class Listener(Protocol):
    """The parent's side: contacts arrive. The handler owns the contact until it returns."""

    async def start(self, handler: Callable[[Contact], Awaitable[None]]) -> None: ...

    async def stop(self) -> None: ...
