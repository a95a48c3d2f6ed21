"""The clock against a walker that counts minute by minute and has never seen the clock's code.

Ten thousand examples and more: calendars with summer hours, odd hours, six-day weeks, holidays in
runs and make-up days, starts from 2019 to 2027 at any minute. A failure names its calendar's seed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.core.calendar import BEIJING, Calendar, WorkingHours
from node.core.clock import (
    Light,
    TimeLimit,
    TimeUnit,
    due,
    elapsed,
    extend,
    extended,
    leg_limits,
    light_at,
    resume,
    resumed,
    subtract,
    yellow_at,
)
from node.core.facts import Limits
from tests.property.minute_walker import DAY0, DAYS, MINUTES, Almanac, Rule, Span, almanac

ALMANACS = 60
"""Different calendars; every third has the usual hours of an office."""
REACH_DAYS = 130
"""Days painted around a start: longer than the longest limit through the longest holidays."""
BEFORE_DAYS = 5

EXAMPLES = settings(
    max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck), database=None
)

cities = st.integers(0, ALMANACS - 1)
starts = st.integers(BEFORE_DAYS * MINUTES, (DAYS - REACH_DAYS) * MINUTES - 1)
hours = st.integers(1, 48)
few_days = st.integers(1, 15)
stretches = st.integers(0, 12 * MINUTES)
units = st.sampled_from(TimeUnit)


@cache
def ordered(
    calendar: Calendar, start: datetime, *, handling: TimeLimit, sign: TimeLimit | None
) -> Limits:
    """The limits of an order given at ``start``."""
    counted_from_start = Limits(count=handling.value, unit=handling.unit)
    return leg_limits(calendar, start, counted_from_start, sign=sign)


def city(seed: int) -> tuple[Almanac, Calendar]:
    """The same calendar twice: as the walker paints it, and as the clock is given it."""
    drawn = almanac(seed)
    calendar = Calendar(
        name=f"seed-{seed}",
        hours=tuple(_hours(rule) for rule in drawn.rules),
        holidays=frozenset(_day(day) for day in drawn.free),
        workdays=frozenset(_day(day) for day in drawn.extra),
    )
    return drawn, calendar


def _hours(rule: Rule) -> WorkingHours:
    return WorkingHours(
        intervals=tuple((_time(frm), _time(to)) for frm, to in rule.spans),
        weekdays=tuple(sorted(rule.weekdays)),
        valid_from=_day(rule.first),
        valid_to=_day(rule.last),
    )


def _day(day: int) -> date:
    return DAY0 + timedelta(days=day)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def instant(minute: int) -> datetime:
    """A minute of the walker as an instant; in UTC, as instants travel."""
    start = datetime.combine(DAY0, time(), tzinfo=BEIJING)
    return (start + timedelta(minutes=minute)).astimezone(UTC)


def span_at(drawn: Almanac, minute: int, *, before: int = 1) -> Span:
    return Span(drawn, minute // MINUTES - before, REACH_DAYS + before)


def walk(span: Span, start: int, count: int, unit: TimeUnit) -> int:
    """Where a limit of so many units ends, on foot."""
    if unit is TimeUnit.WORK_DAY:
        return span.days_later(start, count)
    if unit is TimeUnit.WORK_HOUR:
        return span.forward(start, count * 60)
    natural = {TimeUnit.MINUTE: 1, TimeUnit.URGENT_HOUR: 60, TimeUnit.CALENDAR_DAY: MINUTES}
    return start + count * natural[unit]


def counted(span: Span, frm: int, to: int, unit: TimeUnit) -> int:
    """Minutes of the unit's kind between two instants, counted."""
    if unit in (TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY):
        return span.worked(frm, to)
    return max(to - frm, 0)


@EXAMPLES
@given(seed=cities, start=starts, count=hours)
def test_working_hours_end_where_the_walker_stops(seed: int, start: int, count: int) -> None:
    drawn, calendar = city(seed)
    stop = span_at(drawn, start).forward(start, count * 60)
    end = due(calendar, instant(start), TimeLimit(value=count, unit=TimeUnit.WORK_HOUR))
    assert instant(stop) == end, seed
    used = elapsed(calendar, instant(start), end, TimeUnit.WORK_HOUR)
    assert timedelta(hours=count) == used, seed


@EXAMPLES
@given(seed=cities, start=starts, count=few_days)
def test_working_days_end_where_the_walker_stops(seed: int, start: int, count: int) -> None:
    drawn, calendar = city(seed)
    stop = span_at(drawn, start).days_later(start, count)
    limit = TimeLimit(value=count, unit=TimeUnit.WORK_DAY)
    assert instant(stop) == due(calendar, instant(start), limit), seed


@EXAMPLES
@given(seed=cities, start=starts, length=st.integers(0, 60 * MINUTES), unit=units)
def test_time_used_is_what_the_walker_counted(
    seed: int, start: int, length: int, unit: TimeUnit
) -> None:
    drawn, calendar = city(seed)
    minutes = counted(span_at(drawn, start), start, start + length, unit)
    used = elapsed(calendar, instant(start), instant(start + length), unit)
    assert timedelta(minutes=minutes) == used, seed
    assert timedelta(0) == elapsed(calendar, instant(start + length), instant(start), unit), seed


@EXAMPLES
@given(seed=cities, start=starts, count=few_days, unit=units, wait=stretches, pause=stretches)
def test_a_pause_moves_the_deadline_by_the_minutes_the_walker_counts_in_it(
    seed: int, start: int, count: int, unit: TimeUnit, wait: int, pause: int
) -> None:
    drawn, calendar = city(seed)
    span = span_at(drawn, start)
    deadline = walk(span, start, count, unit)
    paused, again = start + wait, start + wait + pause
    lost = counted(span, paused, again, unit)
    working = unit in (TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY)
    moved = span.forward(deadline, lost) if working else deadline + lost
    found = resume(calendar, instant(deadline), instant(paused), instant(again), unit)
    assert instant(moved) == found, seed
    # as much is left afterwards as before, to the minute; who was late stays as late
    if paused <= deadline:
        assert counted(span, paused, deadline, unit) == counted(span, again, moved, unit), seed
    else:
        assert counted(span, deadline, paused, unit) == counted(span, moved, again, unit), seed


@EXAMPLES
@given(seed=cities, start=starts, count=st.integers(1, 6), unit=units)
def test_an_extension_is_one_more_limit_from_the_old_deadline(
    seed: int, start: int, count: int, unit: TimeUnit
) -> None:
    drawn, calendar = city(seed)
    span = span_at(drawn, start)
    deadline = walk(span, start, count, unit)
    limit = TimeLimit(value=count, unit=unit)
    moved = walk(span, deadline, count, unit)
    assert instant(moved) == extend(calendar, instant(deadline), limit), seed
    again = walk(span, moved, count, unit)
    limits = ordered(calendar, instant(start), handling=limit, sign=None)
    assert instant(again) == extended(calendar, extended(calendar, limits)).finish_by, seed


@EXAMPLES
@given(seed=cities, end=starts, minutes=st.integers(0, 600), room=st.integers(0, 4 * MINUTES))
def test_a_reserve_is_the_last_minutes_before_the_deadline_or_half_of_what_is_left(
    seed: int, end: int, minutes: int, room: int
) -> None:
    drawn, calendar = city(seed)
    span = Span(drawn, end // MINUTES - BEFORE_DAYS, BEFORE_DAYS + 1)
    left = span.worked(end - room, end)
    if 2 * minutes <= left or left % 2 == 0:
        expected = instant(span.back(end, min(minutes, left // 2)))
    else:  # half of an odd number: in the middle of the next worked minute
        expected = instant(span.back(end, left // 2 + 1)) + timedelta(seconds=30)
    found = subtract(
        calendar,
        instant(end),
        timedelta(minutes=minutes),
        TimeUnit.WORK_HOUR,
        not_before=instant(end - room),
    )
    assert expected == found, seed


LOOKS = st.one_of(
    st.tuples(st.just("start"), stretches),
    st.tuples(st.just("deadline"), st.integers(-2, 2)),
    st.tuples(st.just("yellow"), st.integers(-2, 2)),
)
"""When somebody looks at a light: any time, and above all around the two instants of a change."""


@EXAMPLES
@given(seed=cities, start=starts, count=few_days, unit=units, look=LOOKS)
def test_a_light_turns_with_the_share_that_the_walker_counts(
    seed: int, start: int, count: int, unit: TimeUnit, look: tuple[str, int]
) -> None:
    drawn, calendar = city(seed)
    span = span_at(drawn, start)
    deadline = walk(span, start, count, unit)
    whole = counted(span, start, deadline, unit)
    share = whole * 80 // 100
    working = unit in (TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY)
    yellow = span.forward(start, share) if working else start + share
    now = max({"start": start, "deadline": deadline, "yellow": yellow}[look[0]] + look[1], start)
    used = counted(span, start, now, unit)
    expected = Light.YELLOW if used * 100 >= whole * 80 else Light.GREEN
    if now > deadline:
        expected = Light.RED
    seen = light_at(
        warn_at=yellow_at(calendar, instant(start), instant(deadline), unit),
        deadline=instant(deadline), now=instant(now),
    )
    assert expected is seen, seed


@EXAMPLES
@given(
    seed=cities, start=starts, count=st.integers(1, 5), unit=units, wait=stretches,
    pause=stretches, later=stretches,
)
def test_after_a_pause_the_light_knows_only_the_time_that_ran(
    seed: int, start: int, count: int, unit: TimeUnit, wait: int, pause: int, later: int
) -> None:
    drawn, calendar = city(seed)
    span = span_at(drawn, start)
    limit = TimeLimit(value=count, unit=unit)
    limits = ordered(calendar, instant(start), handling=limit, sign=None)
    deadline = walk(span, start, count, unit)
    paused, again = start + wait, start + wait + pause
    now = again + later
    limits = resumed(calendar, limits, instant(paused), instant(again))
    whole = counted(span, start, deadline, unit)
    used = counted(span, start, paused, unit) + counted(span, again, now, unit)
    assert limits.warn_at is not None
    assert (used * 100 >= whole * 80) is (instant(now) >= limits.warn_at), seed
