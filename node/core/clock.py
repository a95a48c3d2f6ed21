"""Working time: from a limit in the city's own units to one absolute instant, and back to a light.

The calendar belongs to the dispatching office. What it makes of a limit travels with the order as
instants (``Limits``: start, yellow, deadline) beside the limit itself and the calendar's id, so
both ends of a hop show the same deadline and the same light without sharing a calendar. A deadline
that runs into a year whose list is not published yet is computed and reported (``missing_years``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from node.core.calendar import BEIJING, Calendar, WorkingHours
from node.core.errors import Invalid
from node.core.facts import Limits, TimeLimit, TimeUnit

__all__ = [
    "BEIJING",
    "WORST_FIRST",
    "Calendar",
    "Light",
    "TimeLimit",
    "TimeUnit",
    "WorkingHours",
    "due",
    "elapsed",
    "extend",
    "extended",
    "leg_limits",
    "light_at",
    "limits_between",
    "missing_years",
    "resume",
    "resumed",
    "subtract",
    "yellow_at",
]

DAYS_MAX: Final = 3660
"""How far a limit may reach, in days: ten years. A calendar without working days ends here."""
YELLOW_FROM: Final = Fraction(4, 5)
"""Share of the limit from which the light is yellow; exactly this share is yellow."""

_WORKING: Final = frozenset({TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY})
_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)


def due(calendar: Calendar, start: datetime, limit: TimeLimit) -> datetime:
    """The instant at which ``limit``, running from ``start``, is used up; aware UTC.

    A working limit that starts outside working time starts at the next opening. So many work days
    end at the same time of day, so many working days later; the closing minute is still a time of
    that day. Raises ``Invalid`` if the calendar has no working time within ``DAYS_MAX`` days.
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
    """Time used between two instants as ``unit`` counts it: working time or natural time.

    Of a span longer than ``DAYS_MAX`` days only the first ones are counted as working time.
    """
    if until <= start:
        return _NOTHING
    if unit not in _WORKING:
        return until - start
    total = _NOTHING
    day = start.astimezone(BEIJING).date()
    last = until.astimezone(BEIJING).date()
    for _ in range(DAYS_MAX):
        if day > last:
            break
        for opens, closes in calendar.opening(day):
            begin, end = max(opens, start), min(closes, until)
            if begin < end:
                total += end - begin
        day += _DAY
    return total


# --- what moves a deadline ------------------------------------------------------------------------


def extend(calendar: Calendar, deadline: datetime, limit: TimeLimit) -> datetime:
    """A granted extension (延期): the deadline moves by one original limit, in its own unit."""
    return due(calendar, deadline, limit)


def resume(
    calendar: Calendar,
    deadline: datetime,
    paused_at: datetime,
    resumed_at: datetime,
    unit: TimeUnit,
) -> datetime:
    """An ended suspension (挂账): the deadline moves by the working (or natural) time paused.

    As much is left at ``resumed_at`` as was left at ``paused_at``. A pause without any time of
    that kind moves nothing.
    """
    return _add(calendar, deadline, elapsed(calendar, paused_at, resumed_at, unit), unit)


def extended(calendar: Calendar, limits: Limits, limit: TimeLimit | None = None) -> Limits:
    """``limits`` after one granted extension by ``limit``, or by the original one if None.

    Raises ``Invalid`` if there is no deadline, or no limit to extend it by.
    """
    by = limit or limits.limit
    if limits.finish_by is None or by is None:
        raise Invalid(
            "these limits carry no deadline or no original limit to extend it by",
            code="limits.nothing_to_extend",
        )
    finish_by = extend(calendar, limits.finish_by, by)
    unit = limits.unit or by.unit
    used = _share(elapsed(calendar, limits.finish_by, finish_by, unit), YELLOW_FROM)
    warn_at = limits.warn_at and _add(calendar, limits.warn_at, used, unit)
    return replace(limits, finish_by=finish_by, warn_at=warn_at)


def resumed(
    calendar: Calendar, limits: Limits, paused_at: datetime, resumed_at: datetime
) -> Limits:
    """``limits`` after a suspension from ``paused_at`` to ``resumed_at``; without a unit of its
    own the clock counts natural time. Signing is not moved: it comes before any suspension."""
    unit = limits.unit or TimeUnit.MINUTE

    pause = elapsed(calendar, paused_at, resumed_at, unit)

    def moved(instant: datetime | None) -> datetime | None:
        return instant and _add(calendar, instant, pause, unit)

    return replace(limits, finish_by=moved(limits.finish_by), warn_at=moved(limits.warn_at))


def subtract(
    calendar: Calendar,
    deadline: datetime,
    amount: timedelta,
    unit: TimeUnit,
    *,
    not_before: datetime,
) -> datetime:
    """The latest instant that leaves ``amount`` of the unit's kind of time until ``deadline``, but
    never more than half of what is left from ``not_before``: who comes late still gets half."""
    half = elapsed(calendar, not_before, deadline, unit) / 2
    return _take(calendar, deadline, min(amount, half), unit).astimezone(UTC)


# --- lights ---------------------------------------------------------------------------------------


class Light(StrEnum):
    """How a clock stands, at a glance."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"


WORST_FIRST: Final = (Light.RED, Light.YELLOW, Light.GREEN, Light.GREY)
"""What somebody has to look at first."""


def light_at(
    *, warn_at: datetime | None, deadline: datetime | None, now: datetime, suspended: bool = False
) -> Light:
    """Green, yellow from ``warn_at`` on (see ``yellow_at``), red past the deadline; grey if
    suspended or without a limit. Without a yellow instant it stays green until red."""
    if suspended or deadline is None:
        return Light.GREY
    if now > deadline:
        return Light.RED
    return Light.YELLOW if warn_at is not None and now >= warn_at else Light.GREEN


def yellow_at(
    calendar: Calendar, start: datetime, deadline: datetime, unit: TimeUnit
) -> datetime:
    """The instant at which 80 % of the time from ``start`` to ``deadline`` is used; ``start``
    itself if there is no time of that kind in between. Aware UTC."""
    used = _share(elapsed(calendar, start, deadline, unit), YELLOW_FROM)
    return _add(calendar, start, used, unit).astimezone(UTC)


# --- limits of an order ---------------------------------------------------------------------------


def limits_between(calendar: Calendar, start: datetime, limits: Limits) -> Limits:
    """``limits`` with the start of the clock, its yellow instant and the calendar's id filled in;
    a deadline given by hand, without a unit, counts natural time."""
    finish_by = limits.finish_by
    unit = limits.unit or TimeUnit.MINUTE
    return replace(
        limits,
        calendar=calendar.id,
        starts_at=start.astimezone(UTC),
        warn_at=finish_by and yellow_at(calendar, start, finish_by, unit),
    )


def leg_limits(
    calendar: Calendar,
    start: datetime,
    limits: Limits,
    *,
    outer: Limits | None = None,
    reserve: timedelta = _NOTHING,
    sign: TimeLimit | None = None,
) -> Limits:
    """``limits`` of a leg handed over at ``start``, with the leg's own start and yellow instant.

    A limit without a deadline is counted from ``start``. Within an ``outer`` duty they end before
    its deadline by ``reserve``, time that the office keeps for its own confirmation, counted as the
    outer limit counts; without a deadline of its own the leg has what the outer one leaves. Never
    more than half of what is left is kept.

    ``sign``: how soon it has to be signed for, where ``limits`` do not say. Signing never outlasts
    handling.
    """
    if limits.sign_by is None and sign is not None:
        limits = replace(limits, sign_by=due(calendar, start, sign))
    if limits.finish_by is None and limits.limit is not None:
        limits = replace(limits, finish_by=due(calendar, start, limits.limit))
    end = limits.finish_by
    limit_of_time = outer.finish_by if outer is not None else None
    if outer is not None and limit_of_time is not None:
        unit = outer.unit or TimeUnit.MINUTE
        edge = subtract(calendar, limit_of_time, reserve, unit, not_before=start)
        if end is None or edge < end:
            end = edge
            limits = replace(
                limits, finish_by=edge, calendar=calendar.id, unit=limits.unit or outer.unit,
                count=limits.count or outer.count,
            )
    if end is None:
        return limits
    sign_by = limits.sign_by and min(limits.sign_by, end)
    known = limits.calendar
    filled = limits_between(calendar, start, replace(limits, sign_by=sign_by))
    return replace(filled, calendar=known or calendar.id)


def missing_years(calendar: Calendar, start: datetime, end: datetime) -> tuple[int, ...]:
    """Years touched by the span whose exceptions are not known: somebody should load them."""
    first = start.astimezone(BEIJING).year
    last = end.astimezone(BEIJING).year
    return tuple(year for year in range(first, last + 1) if year not in calendar.years)


# --- arithmetic -----------------------------------------------------------------------------------


def _share(whole: timedelta, part: Fraction) -> timedelta:
    """Exact to the microsecond, rounded up: a light never turns before its share is used."""
    return -(-whole * part.numerator // part.denominator)


def _add(calendar: Calendar, instant: datetime, amount: timedelta, unit: TimeUnit) -> datetime:
    """The earliest instant at which so much more of the unit's kind of time is used."""
    if unit not in _WORKING or not amount:
        return instant + amount
    return _add_working(calendar, instant, amount).astimezone(UTC)


def _take(calendar: Calendar, instant: datetime, amount: timedelta, unit: TimeUnit) -> datetime:
    """The latest instant from which so much of the unit's kind of time is left till ``instant``."""
    if unit not in _WORKING or not amount:
        return instant - amount
    day = instant.astimezone(BEIJING).date()
    left = amount
    for _ in range(DAYS_MAX):
        for opens, closes in reversed(calendar.opening(day)):
            end = min(closes, instant)
            if opens >= end:
                continue
            if left <= end - opens:
                return end - left
            left -= end - opens
        day -= _DAY
    raise Invalid(
        "the limit reaches beyond the calendar", calendar=calendar.name, why="beyond_calendar"
    )


def _next_opening(calendar: Calendar, start: datetime, *, closing: bool) -> datetime:
    """``start`` itself within working time, else the next opening. ``closing``: the instant of
    closing counts as within."""
    day = start.astimezone(BEIJING).date()
    for _ in range(DAYS_MAX):
        for opens, closes in calendar.opening(day):
            if start < closes or (closing and start == closes):
                return max(start, opens)
        day += _DAY
    raise Invalid("the calendar has no working time", calendar=calendar.name, why="no_working_time")


def _add_working(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant by which so much working time has passed since ``start``."""
    at = _next_opening(calendar, start, closing=False)
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
        day += _DAY
    raise Invalid(
        "the limit reaches beyond the calendar", calendar=calendar.name, why="beyond_calendar"
    )


def _add_workdays(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The same time of day, so many working days later."""
    at = _next_opening(calendar, start, closing=True).astimezone(BEIJING)
    day = at.date()
    left = days
    for _ in range(DAYS_MAX):
        if not left:
            return datetime.combine(day, at.timetz())
        day += _DAY
        if calendar.opening(day):
            left -= 1
    raise Invalid(
        "the limit reaches beyond the calendar", calendar=calendar.name, why="beyond_calendar"
    )
