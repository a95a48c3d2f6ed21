"""Where a link gets rosters and claims from and hands them to. Whoever keeps them implements the
ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hub.ids import NodeId
from hub.link.messages import PROTO_MIN, Renew


class RosterPort(Protocol):
    """Whoever keeps rosters."""

    def newest_serial(self) -> int: ...

    def newest_signed(self) -> bytes:
        """The newest valid roster as signed, b"" without one."""
        ...

    async def offer(self, signed: bytes) -> bool:
        """A peer offers a roster; True if it was newer, valid, and is kept now."""
        ...

    def min_proto(self) -> int:
        """The protocol version that the roster asks every member to speak, 1 without one."""
        ...


class ClaimPort(Protocol):
    """Whoever makes, hands on and judges what is claimed about members."""

    def pending(self) -> Sequence[tuple[bytes, ...]]:
        """What is to be said to the parent, message by message."""
        ...

    async def hear(self, sender: NodeId, signed: tuple[bytes, ...]) -> None:
        """A child claims; raises nothing for claims that are refused."""
        ...


class RenewPort(Protocol):
    """Whoever keeps our papers from the parent, and issues those of our children."""

    def pending(self) -> Sequence[Renew]:
        """What is to be said to the parent now."""
        ...

    async def hear(self, sender: NodeId, renew: Renew) -> Renew | None:
        """The peer says something about papers; what is to be answered."""
        ...


class NoRosters:
    """For links without a roster keeper (tests, benchmarks)."""

    def newest_serial(self) -> int:
        return 0

    def newest_signed(self) -> bytes:
        return b""

    async def offer(self, signed: bytes) -> bool:
        del signed
        return False

    def min_proto(self) -> int:
        return PROTO_MIN
