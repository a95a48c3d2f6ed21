"""Acceptance (验收): what is demanded of an office, compared with what was measured of it.

The demands are data: a list of criteria, each a measure with a least or a greatest value and where
that comes from. What cannot be measured is not passed; what an office is not granted is not asked
of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from node.core.capability import Capability
from node.core.clock import BEIJING

MONTHS_OF_YEAR: Final = 12


class Verdict(StrEnum):
    """How one criterion ended."""

    PASSED = "pass"
    FAILED = "fail"
    NOT_APPLICABLE = "not_applicable"


class Unit(StrEnum):
    """What a number counts."""

    COUNT = "count"
    SHARE = "share"
    PER_KM2 = "per_km2"
    MONTHS = "months"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One demand. ``measure`` names how it is computed, ``of`` what of (for a rate: subject and
    rate of the indicators, and the column that names our own rows). ``needs``: without one of
    these rights it is not applicable."""

    code: str
    zh: str
    en: str
    measure: str
    unit: Unit
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    of: tuple[str, str, str] = ("", "", "")
    needs: frozenset[Capability] = frozenset()
    source: str
    mend_zh: str
    mend_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A number, exact; None = there is nothing to compute it from. ``of`` and ``out_of`` are the
    two counts of a share. ``applies`` False: it makes no sense here, e.g. links of a lone node."""

    value: Fraction | None
    of: int | None = None
    out_of: int | None = None
    applies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A criterion with its number and verdict."""

    criterion: Criterion
    measured: Measured
    verdict: Verdict


def whole_months(first: datetime, now: datetime) -> int:
    """Civil months that are over since the day of ``first``."""
    begin, end = first.astimezone(BEIJING), now.astimezone(BEIJING)
    months = (end.year - begin.year) * MONTHS_OF_YEAR + end.month - begin.month
    return months - (end.day < begin.day)


def share(of: int, out_of: int) -> Measured:
    """So many of so many; None of nothing."""
    return Measured(value=Fraction(of, out_of) if out_of else None, of=of, out_of=out_of)


def judge(criterion: Criterion, measured: Measured, rights: frozenset[Capability]) -> Judged:
    """Compare. Exactly the demanded value passes."""
    value = measured.value
    if not criterion.needs <= rights or not measured.applies:
        verdict = Verdict.NOT_APPLICABLE
    elif value is None:
        verdict = Verdict.FAILED
    else:
        low = criterion.at_least is not None and value < criterion.at_least
        high = criterion.at_most is not None and value > criterion.at_most
        verdict = Verdict.FAILED if low or high else Verdict.PASSED
    return Judged(criterion=criterion, measured=measured, verdict=verdict)


def passed(judged: Iterable[Judged]) -> bool:
    """Whether the office is accepted: something was asked of it, and nothing failed."""
    verdicts = [one.verdict for one in judged]
    return Verdict.PASSED in verdicts and Verdict.FAILED not in verdicts
