"""Where a link gets rosters from and hands them to. Whoever keeps them implements the port."""

from __future__ import annotations

from typing import Protocol


class RosterPort(Protocol):
    """Whoever keeps rosters."""

    def newest_serial(self) -> int: ...

    def newest_signed(self) -> bytes:
        """The newest valid roster as signed, b"" without one."""
        ...

    async def offer(self, signed: bytes) -> bool:
        """A peer offers a roster; True if it was newer, valid, and is kept now."""
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
