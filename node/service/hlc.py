"""A hybrid logical clock: wall milliseconds in 48 bits, a counter in 16.

It orders merged timelines on screens and nothing else; correctness never leans on it.
"""

from __future__ import annotations

COUNTER_BITS = 16
AHEAD_MAX_MS = 60_000
"""A received value further ahead of our wall clock than this does not move ours: one neighbour
with a wrong clock must not drag the whole tree into its future."""


class HybridClock:
    """Monotonic over its own readings and over what it has heard. Not thread-safe: it belongs to
    the writer's thread."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def tick(self, now_us: int) -> int:
        """The next value at this wall time."""
        self._last = max(self._last + 1, (now_us // 1000) << COUNTER_BITS)
        return self._last

    def hear(self, value: int, now_us: int) -> None:
        """Move past a neighbour's value, unless it is absurdly far ahead."""
        if value > self._last and (value >> COUNTER_BITS) <= now_us // 1000 + AHEAD_MAX_MS:
            self._last = value
