"""Who patrols which beat when (巡查排班): whether a beat is staffed on a day, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One collector on one beat, in [begins_at, ends_at), aware."""

    collector: str
    beat: str
    begins_at: datetime
    ends_at: datetime

    def meets(self, begins: datetime, ends: datetime) -> bool:
        """Whether some of it lies in [begins, ends)."""
        return self.begins_at < ends and begins < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """One beat within a span of time: its shifts by begin, and how long somebody was there."""

    beat: str
    shifts: tuple[Shift, ...]
    staffed: timedelta


def staffing(
    beats: Iterable[str], shifts: Sequence[Shift], begins: datetime, ends: datetime
) -> tuple[Staffing, ...]:
    """Every beat within [begins, ends), those that nobody patrols first, then by code. A shift on a
    beat that is not among ``beats`` counts for nothing here."""
    theirs: dict[str, list[Shift]] = {beat: [] for beat in beats}
    for shift in shifts:
        if shift.beat in theirs and shift.meets(begins, ends):
            theirs[shift.beat].append(shift)
    found = [
        Staffing(
            beat=beat,
            shifts=tuple(sorted(of, key=lambda one: (one.begins_at, one.collector))),
            staffed=_covered(of, begins, ends),
        )
        for beat, of in theirs.items()
    ]
    return tuple(sorted(found, key=lambda one: (bool(one.shifts), one.beat)))


def overlapping(shifts: Iterable[Shift]) -> tuple[Shift, Shift] | None:
    """The first two shifts in which one collector is in two places, None = there are none."""
    last: dict[str, Shift] = {}
    for shift in sorted(shifts, key=lambda one: (one.collector, one.begins_at, one.ends_at)):
        before = last.get(shift.collector)
        if before is not None and shift.begins_at < before.ends_at:
            return before, shift
        last[shift.collector] = shift
    return None


def _covered(shifts: Iterable[Shift], begins: datetime, ends: datetime) -> timedelta:
    """How much of the span at least one of the shifts covers."""
    total, until = timedelta(0), begins
    for shift in sorted(shifts, key=lambda one: one.begins_at):
        start, stop = max(shift.begins_at, until), min(shift.ends_at, ends)
        if stop > start:
            total += stop - start
            until = stop
    return total
