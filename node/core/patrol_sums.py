"""What collectors' shifts sum to: of one person, of a team, of a firm (采集公司按其人员评价).

A sum of people is a sum of what was counted, never a mean of their rates: coverage is weighed by
the length of the shifts, valid reports are added up. All in exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from node.core.tracks import Walked

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolSum:
    """Some shifts together. ``untracked``: no phone said anything; they count as not walked.
    ``unmapped``: their beat is not drawn, so they count for no coverage. Seconds are whole.
    ``walked``: seconds weighed by coverage, over ``mapped`` seconds."""

    shifts: int = 0
    untracked: int = 0
    unmapped: int = 0
    planned_s: int = 0
    on_s: int = 0
    off_s: int = 0
    mapped_s: int = 0
    walked: Fraction = Fraction(0)
    reported: int = 0
    valid: int = 0

    @property
    def coverage(self) -> Fraction | None:
        """From 0 to 1; None = no shift had a beat that is drawn."""
        return self.walked / self.mapped_s if self.mapped_s else None

    @property
    def valid_rate(self) -> Fraction | None:
        """From 0 to 1; None = nothing was reported."""
        return Fraction(self.valid, self.reported) if self.reported else None

    def __add__(self, other: PatrolSum) -> PatrolSum:
        return PatrolSum(
            shifts=self.shifts + other.shifts,
            untracked=self.untracked + other.untracked,
            unmapped=self.unmapped + other.unmapped,
            planned_s=self.planned_s + other.planned_s,
            on_s=self.on_s + other.on_s,
            off_s=self.off_s + other.off_s,
            mapped_s=self.mapped_s + other.mapped_s,
            walked=self.walked + other.walked,
            reported=self.reported + other.reported,
            valid=self.valid + other.valid,
        )


def shift_sum(walk: Walked, *, tracked: bool) -> PatrolSum:
    """One shift without its reports."""
    seconds = (walk.on + walk.off + walk.silent) // SECOND
    share = walk.share
    return PatrolSum(
        shifts=1, untracked=int(not tracked), unmapped=int(share is None), planned_s=seconds,
        on_s=walk.on // SECOND, off_s=walk.off // SECOND,
        mapped_s=seconds if share is not None else 0,
        walked=share * seconds if share is not None else Fraction(0),
    )


def reports_until(
    ends: datetime, until: datetime, now: datetime, begun: Iterable[datetime], *, late: timedelta
) -> datetime:
    """Until when a report that is registered here is one of a shift that ``ends`` then and is
    judged ``until`` then. A phone without a network sends up to ``late`` afterwards, so it is that
    of the last shift that had ``begun``: the begins of the collector's later ones."""
    return max(until, min(ends + late, now, *begun))


def reports_sum(reported: int, valid: int) -> PatrolSum:
    """Reports alone."""
    return PatrolSum(reported=reported, valid=valid)


def patrol_score(
    total: PatrolSum, *, coverage: Fraction, valid: Fraction
) -> Fraction | None:
    """From 0 to 100 by these weights; a part without data leaves its weight to the other. None =
    neither has any."""
    parts = [(weight, value) for weight, value in (
        (coverage, total.coverage), (valid, total.valid_rate)) if value is not None and weight]
    weights = sum((weight for weight, _ in parts), Fraction(0))
    if not weights:
        return None
    return 100 * sum((weight * value for weight, value in parts), Fraction(0)) / weights


def summed(sums: Mapping[str, PatrolSum], groups: Mapping[str, str]) -> dict[str, PatrolSum]:
    """The sums of people by the group that each belongs to; "" = those who are in none."""
    found: dict[str, PatrolSum] = {}
    for key, one in sums.items():
        group = groups.get(key, "")
        found[group] = found.get(group, PatrolSum()) + one
    return found
