"""Periods of evaluation in civil time: a day, a week, a month, a quarter, a half-year, a year.

Named as people write them: ``2026-11-25``, ``2026-W48``, ``2026-11``, ``2026-Q4``, ``2026-H2``,
``2026``. Begins and ends are midnights of Beijing time, which has no summer time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from node.core.clock import BEIJING
from node.core.errors import Invalid

DAYS_OF_MONTH: Final = 30
"""A month of this many days turns the volume of a day or a week into a monthly one."""


class Span(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_FORMS: Final = (
    (Span.DAY, re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    (Span.WEEK, re.compile(r"(\d{4})-W(\d{2})")),
    (Span.MONTH, re.compile(r"(\d{4})-(\d{2})")),
    (Span.QUARTER, re.compile(r"(\d{4})-Q([1-4])")),
    (Span.HALF_YEAR, re.compile(r"(\d{4})-H([12])")),
    (Span.YEAR, re.compile(r"(\d{4})")),
)
_MONTHS: Final = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF_YEAR: 6, Span.YEAR: 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period of civil time: from ``first`` to the end of ``last``, both days included."""

    name: str
    span: Span
    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first instant, aware UTC."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first instant after it, aware UTC."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def months(self) -> Fraction:
        """Its length in months, for volumes that are judged by the month."""
        if self.span is Span.DAY:
            return Fraction(1, DAYS_OF_MONTH)
        if self.span is Span.WEEK:
            return Fraction(7, DAYS_OF_MONTH)
        return Fraction(_MONTHS[self.span])


def read_period(text: str) -> Period:
    """The period of that name. ``Invalid`` (``evaluation.period``) if there is none."""
    for span, form in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            try:
                first, last = _days(span, tuple(int(part) for part in found.groups()))
                last + timedelta(days=1)
            except (ValueError, OverflowError) as err:
                raise _no_period(text) from err
            return Period(name=text, span=span, first=first, last=last)
    raise _no_period(text)


def containing(span: Span, day: date) -> Period:
    """The period of this length in which the day lies."""
    if span is Span.DAY:
        return read_period(day.isoformat())
    if span is Span.WEEK:
        week = day.isocalendar()
        return read_period(f"{week.year:04d}-W{week.week:02d}")
    number = (day.month - 1) // _MONTHS[span] + 1
    names = {
        Span.MONTH: f"-{number:02d}", Span.QUARTER: f"-Q{number}", Span.HALF_YEAR: f"-H{number}",
        Span.YEAR: "",
    }
    return read_period(f"{day.year:04d}{names[span]}")


def running(span: Span, now: datetime) -> Period:
    """The period of this length that runs at ``now`` (aware)."""
    return containing(span, now.astimezone(BEIJING).date())


def before(period: Period) -> Period:
    """The one of the same length that ends where this one begins. ``Invalid`` before all time."""
    if period.first == date.min:
        raise _no_period(f"before {period.name}")
    return containing(period.span, period.first - timedelta(days=1))


def behind(period: Period) -> Period:
    """The one of the same length that begins where this one ends. ``Invalid`` after all time."""
    return containing(period.span, period.last + timedelta(days=1))


def last_finished(span: Span, now: datetime) -> Period:
    """The newest period of this length that was over at ``now`` (aware)."""
    return before(running(span, now))


def _no_period(text: str) -> Invalid:
    return Invalid(
        f"{text!r} is no period: 2026-11-25, 2026-W48, 2026-11, 2026-Q4, 2026-H2 or 2026",
        code="evaluation.period",
    )


def _days(span: Span, parts: tuple[int, ...]) -> tuple[date, date]:
    year = parts[0]
    if span is Span.DAY:
        day = date(*parts)
        return day, day
    if span is Span.WEEK:
        first = date.fromisocalendar(year, parts[1], 1)
        return first, first + timedelta(days=6)
    length = _MONTHS[span]
    month = parts[1] if span is Span.MONTH else 1
    if span in (Span.QUARTER, Span.HALF_YEAR):
        month = (parts[1] - 1) * length + 1
    first = date(year, month, 1)
    beyond = month - 1 + length
    after = date(year + beyond // 12, beyond % 12 + 1, 1)
    return first, after - timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=BEIJING).astimezone(UTC)
