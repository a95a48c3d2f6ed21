"""Which carrier is spoken on now. Pure: times and jitter arrive as arguments.

The preferred carrier comes first. Thirty seconds without progress on one of them: the other.
Every five minutes, with jitter, the preferred one is tried again, because it was preferred for a
reason (a mailbox outlives a restart, a stream has less delay). With one carrier configured
nothing ever switches; a stall then still asks for a fresh contact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hub.carriers.port import Kind

STALL_S = 30.0
"""Seconds without progress after which the other carrier gets its chance."""
RETURN_S = 300.0
"""Seconds between tries of the preferred carrier, times jitter (0.8 to 1.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failover:
    """The policy's whole memory; each step gives the next one. ``*_s`` are monotonic seconds."""

    kinds: tuple[Kind, ...]
    current: Kind
    progress_s: float
    """Last time the current carrier moved anything, or was chosen."""
    return_s: float
    """When the preferred carrier is due for another try; unused while it is the current one."""

    @classmethod
    def begin(
        cls, kinds: tuple[Kind, ...], *, prefer: Kind, now_s: float, jitter: float = 1.0
    ) -> Failover:
        """Start with the preferred carrier; ``prefer`` not among ``kinds`` means the first."""
        assert kinds, "a link needs at least one carrier"
        first = prefer if prefer in kinds else kinds[0]
        row = (first, *(kind for kind in kinds if kind is not first))
        return cls(kinds=row, current=first, progress_s=now_s, return_s=now_s + RETURN_S * jitter)

    @property
    def preferred(self) -> Kind:
        return self.kinds[0]

    def opened(self, now_s: float) -> Failover:
        """A contact was opened: its thirty seconds begin."""
        return replace(self, progress_s=now_s)

    def progress(self, now_s: float) -> Failover:
        """The contact moved something: an ack, a message, whatever the driver counts."""
        return replace(self, progress_s=now_s)

    def failed(self, now_s: float, jitter: float = 1.0) -> Failover:
        """A dial failed or the contact was lost: the next dial goes to the other carrier."""
        return self._turn_to(self._other(), now_s, jitter)

    def tick(self, now_s: float, jitter: float = 1.0) -> tuple[Failover, bool]:
        """The next state, and whether to drop the contact and dial ``current``."""
        if now_s - self.progress_s >= STALL_S:
            return self._turn_to(self._other(), now_s, jitter), True
        if self.current is not self.preferred and now_s >= self.return_s:
            return self._turn_to(self.preferred, now_s, jitter), True
        return self, False

    def _other(self) -> Kind:
        place = self.kinds.index(self.current)
        return self.kinds[(place + 1) % len(self.kinds)]

    def _turn_to(self, kind: Kind, now_s: float, jitter: float) -> Failover:
        return replace(self, current=kind, progress_s=now_s, return_s=now_s + RETURN_S * jitter)
