"""Which limit applies: to one post's step, to a leg, to a round.

The numbers are data: a file of limits belongs to an office, conditions to its city. Here is only
how one is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from node.core.climbing import Chain
from node.core.facts import TimeLimit, TimeUnit

NO_CHAIN = Chain()


class Post(StrEnum):
    """One person's step of a case; each has a step limit (环节时限) and feeds its figures."""

    ACCEPT = "accept"
    """Take a report in or not (受理)."""
    VERIFY = "verify"
    """Look on site before filing (核实)."""
    FILE = "file"
    """File it or not (立案)."""
    DISPATCH = "dispatch"
    """Hand it over (派遣)."""
    SIGN = "sign"
    """Take what was handed over (签收)."""
    CHECK = "check"
    """Look on site after handling (核查)."""
    CLOSE = "close"
    """Close it (结案)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSet:
    """The limits an office works by, with the version of its file. A post without a limit is
    timed and has no light.

    ``handling`` is proposed where no filing condition gives one, ``overall`` (filing to closing)
    is informational; None = none, unless ``overall_sums``: then it is what dispatching, the case's
    own handling limit, checking and closing may take together. ``reserve`` is what a leg below
    leaves before the deadline above.
    ``rework_counts_first``: a reworked case is on time only by its first deadline, as grants moved
    it; otherwise the deadline of its last round counts. ``chain``: whose turn it is on the unit's
    card while nobody signs.
    """

    version: str = ""
    steps: Mapping[Post, TimeLimit] = field(default_factory=lambda: MappingProxyType({}))
    handling: TimeLimit | None = None
    overall: TimeLimit | None = None
    overall_sums: bool = False
    reserve: timedelta = timedelta(0)
    rework_counts_first: bool = True
    chain: Chain = NO_CHAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLimit:
    """The limit that a step of ``post`` was set when it began, written into the entry it began
    with, so that whoever reads it later, and wherever, judges by it. ``limit`` and ``finish_by``
    None = the office counts no time for that post. ``calendar``: by which working time."""

    post: Post
    limit: TimeLimit | None = None
    finish_by: datetime | None = None
    warn_at: datetime | None = None
    calendar: str = ""


_NATURAL: Mapping[TimeUnit, TimeUnit] = MappingProxyType(
    {TimeUnit.WORK_HOUR: TimeUnit.URGENT_HOUR, TimeUnit.WORK_DAY: TimeUnit.CALENDAR_DAY}
)


def handling_limit(
    filed: TimeLimit | None, limits: LimitSet, *, urgent: bool
) -> TimeLimit | None:
    """The limit of a new leg: that of the filing condition (``node.core.standards`` chooses it by
    the area's class), else the office's own. An urgent case counts natural time: as many hours or
    days, nights and holidays included."""
    limit = filed or limits.handling
    if limit is None or not urgent:
        return limit
    return TimeLimit(value=limit.value, unit=_NATURAL.get(limit.unit, limit.unit))
