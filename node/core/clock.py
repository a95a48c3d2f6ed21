"""Working time: from a limit in the city's own units to one absolute instant, and back to a light.

The calendar belongs to the dispatching office and travels with the order as an instant and a name,
so both ends of a hop show the same deadline. Holidays and make-up workdays are data; a deadline
that runs into a year whose list is not published yet is computed and reported (``missing_years``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

from node.core.errors import Invalid
from node.core.facts import Limits

BEIJING: Final = timezone(timedelta(hours=8), "UTC+8")
"""Beijing time, no summer time."""
DAYS_MAX: Final = 3660
"""How far a limit may reach, in days: ten years. A calendar without working days ends here."""
YELLOW_FROM: Final = 0.8
"""Share of the limit from which the light is yellow; exactly this share is yellow."""


class TimeUnit(StrEnum):
    """What a limit counts."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    CALENDAR_DAY = "calendar_day"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """So many of a unit, e.g. four working hours."""

    value: int
    unit: TimeUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """Opening intervals in local time, ascending and disjoint, valid in [valid_from, valid_to);
    None = open. ``weekdays``: Monday is 0."""

    intervals: tuple[tuple[time, time], ...] = (
        (time(8), time(12)),
        (time(14), time(18)),
    )
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether these hours are the rule on ``day``."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return self.valid_to is None or day < self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working hours with the yearly exceptions. The first ``hours`` that cover a day apply.
    ``years`` are those whose list of exceptions is known."""

    name: str = "default"
    hours: tuple[WorkingHours, ...] = (WorkingHours(),)
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def opening(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working intervals of a day; empty on a free day."""
        rule = next((one for one in self.hours if one.covers(day)), None)
        if rule is None or day in self.holidays:
            return ()
        if day.weekday() not in rule.weekdays and day not in self.workdays:
            return ()
        return tuple(
            (
                datetime.combine(day, opens, tzinfo=BEIJING),
                datetime.combine(day, closes, tzinfo=BEIJING),
            )
            for opens, closes in rule.intervals
        )


def due(calendar: Calendar, start: datetime, limit: TimeLimit) -> datetime:
    """The instant at which ``limit``, running from ``start``, is used up; aware UTC.

    Raises ``Invalid`` if the calendar has no working time within ``DAYS_MAX`` days.
    """
    if limit.unit is TimeUnit.MINUTE:
        end = start + timedelta(minutes=limit.value)
    elif limit.unit is TimeUnit.URGENT_HOUR:
        end = start + timedelta(hours=limit.value)
    elif limit.unit is TimeUnit.CALENDAR_DAY:
        end = start + timedelta(days=limit.value)
    elif limit.unit is TimeUnit.WORK_HOUR:
        end = _add_working(calendar, start, timedelta(hours=limit.value))
    else:
        end = _add_workdays(calendar, start, limit.value)
    return end.astimezone(UTC)


def elapsed(calendar: Calendar, start: datetime, until: datetime, unit: TimeUnit) -> timedelta:
    """Time used between two instants as ``unit`` counts it: working time or natural time."""
    if until <= start:
        return timedelta(0)
    if unit not in (TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY):
        return until - start
    total = timedelta(0)
    day = start.astimezone(BEIJING).date()
    last = until.astimezone(BEIJING).date()
    for _ in range(DAYS_MAX):
        if day > last:
            break
        for opens, closes in calendar.opening(day):
            begin, end = max(opens, start), min(closes, until)
            if begin < end:
                total += end - begin
        day += timedelta(days=1)
    return total


class Light(StrEnum):
    """How a clock stands, at a glance."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


def light(
    calendar: Calendar,
    *,
    start: datetime,
    deadline: datetime | None,
    now: datetime,
    unit: TimeUnit,
    suspended: bool = False,
) -> Light:
    """Green, yellow from 80 %, red past the deadline; grey if suspended or without a limit."""
    if suspended or deadline is None:
        return Light.GREY
    if now > deadline:
        return Light.RED
    whole = elapsed(calendar, start, deadline, unit)
    if not whole:
        return Light.YELLOW
    used = elapsed(calendar, start, now, unit)
    return Light.YELLOW if used / whole >= YELLOW_FROM else Light.GREEN


def limits_for_order(
    calendar: Calendar, start: datetime, *, handling: TimeLimit, sign: TimeLimit | None
) -> Limits:
    """Absolute limits of an order given at ``start``; signing never outlasts handling."""
    finish_by = due(calendar, start, handling)
    sign_by = min(due(calendar, start, sign), finish_by) if sign is not None else None
    return Limits(sign_by=sign_by, finish_by=finish_by, calendar=calendar.name)


def missing_years(calendar: Calendar, start: datetime, end: datetime) -> tuple[int, ...]:
    """Years touched by the span whose exceptions are not known: somebody should load them."""
    first = start.astimezone(BEIJING).year
    last = end.astimezone(BEIJING).year
    return tuple(year for year in range(first, last + 1) if year not in calendar.years)


def _next_opening(calendar: Calendar, start: datetime) -> datetime:
    """``start`` itself within working time, else the next opening."""
    day = start.astimezone(BEIJING).date()
    for _ in range(DAYS_MAX):
        for opens, closes in calendar.opening(day):
            if start < closes:
                return max(start, opens)
        day += timedelta(days=1)
    raise Invalid("the calendar has no working time", calendar=calendar.name)


def _add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    at = _next_opening(calendar, start)
    day = at.astimezone(BEIJING).date()
    left = amount
    for _ in range(DAYS_MAX):
        for opens, closes in calendar.opening(day):
            if closes <= at:
                continue
            begin = max(opens, at)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        day += timedelta(days=1)
    raise Invalid("the limit reaches beyond the calendar", calendar=calendar.name)


def _add_workdays(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same time of day, so many working days later."""
    at = _next_opening(calendar, start).astimezone(BEIJING)
    day = at.date()
    left = days
    for _ in range(DAYS_MAX):
        if not left:
            return datetime.combine(day, at.timetz())
        day += timedelta(days=1)
        if calendar.opening(day):
            left -= 1
    raise Invalid("the limit reaches beyond the calendar", calendar=calendar.name)
