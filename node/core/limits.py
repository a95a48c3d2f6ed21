"""Which limit applies: to one post's step, to a filing condition in a class of area, to a round.

The numbers are data: a file of limits belongs to an office, conditions to its city. Here is only
how one is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from node.core.facts import TimeLimit


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
    is informational; None = none. ``reserve`` is what a leg below leaves before the deadline above.
    ``rework_counts_first``: a reworked case is on time only by its first deadline, as grants moved
    it; otherwise the deadline of its last round counts.
    """

    version: str = ""
    steps: Mapping[Post, TimeLimit] = field(default_factory=lambda: MappingProxyType({}))
    handling: TimeLimit | None = None
    overall: TimeLimit | None = None
    reserve: timedelta = timedelta(0)
    rework_counts_first: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionLimit:
    """The limit of one filing condition in one class of area; "" = wherever no class is named.
    ``limit`` None = its sheet gave none that can be read."""

    condition_no: int
    area_class: str
    limit: TimeLimit | None


def limit_of(
    conditions: Iterable[ConditionLimit], *, condition_no: int, area_class: str = ""
) -> TimeLimit | None:
    """The limit of a filing condition: that of the area's own class, else that without a class.

    None if the condition has no limit that can be read; the caller falls back to its default. A
    row of another class never applies. Two rows of one key are one row too many: the last wins,
    as in an import.
    """
    own: TimeLimit | None = None
    general: TimeLimit | None = None
    for row in conditions:
        if row.condition_no != condition_no:
            continue
        if area_class and row.area_class == area_class:
            own = row.limit
        elif not row.area_class:
            general = row.limit
    return own or general
