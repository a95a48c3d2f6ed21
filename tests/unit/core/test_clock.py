"""Working time: the worked examples, holidays, and lights. 20 November 2026 is a Friday."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core.clock import (
    BEIJING,
    Calendar,
    Light,
    TimeLimit,
    TimeUnit,
    WorkingHours,
    due,
    elapsed,
    leg_limits,
    light_at,
    missing_years,
    yellow_at,
)
from node.core.errors import Invalid
from node.core.facts import Limits

PLAIN = Calendar()


def ordered(
    calendar: Calendar, start: datetime, *, handling: TimeLimit, sign: TimeLimit | None
) -> Limits:
    """The limits of an order given at ``start``."""
    counted_from_start = Limits(count=handling.value, unit=handling.unit)
    return leg_limits(calendar, start, counted_from_start, sign=sign)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("start", "value", "unit", "end"),
    [
        (at(20, 17), 4, TimeUnit.WORK_HOUR, at(23, 11)),
        (at(20, 17), 2, TimeUnit.URGENT_HOUR, at(20, 19)),
        (at(20, 17), 2, TimeUnit.WORK_DAY, at(24, 17)),
        (at(20, 17), 1, TimeUnit.CALENDAR_DAY, at(21, 17)),
        (at(20, 11, 30), 1, TimeUnit.WORK_HOUR, at(20, 14, 30)),
        (at(21, 10), 1, TimeUnit.WORK_HOUR, at(23, 9)),
        (at(20, 17, 50), 30, TimeUnit.MINUTE, at(20, 18, 20)),
        (at(20, 12, 30), 1, TimeUnit.WORK_DAY, at(23, 14)),
        (at(20, 8), 8, TimeUnit.WORK_HOUR, at(20, 18)),
        (at(20, 18), 1, TimeUnit.WORK_HOUR, at(23, 9)),
        (at(21, 10), 1, TimeUnit.WORK_DAY, at(24, 8)),
    ],
)
def test_worked_examples(start: datetime, value: int, unit: TimeUnit, end: datetime) -> None:
    assert end == due(PLAIN, start, TimeLimit(value=value, unit=unit))


def test_holidays_are_skipped_and_make_up_workdays_counted() -> None:
    calendar = Calendar(
        holidays=frozenset(date(2026, 10, day) for day in range(1, 9)),
        workdays=frozenset({date(2026, 10, 10)}),
        years=frozenset({2026}),
    )
    start = at(30, 17, month=9)
    assert at(9, 17, month=10) == due(calendar, start, TimeLimit(value=1, unit=TimeUnit.WORK_DAY))
    # the Saturday of the 10th is worked
    assert at(10, 17, month=10) == due(calendar, start, TimeLimit(value=2, unit=TimeUnit.WORK_DAY))
    assert at(9, 9, month=10) == due(calendar, start, TimeLimit(value=2, unit=TimeUnit.WORK_HOUR))


def test_summer_hours_apply_while_they_are_valid() -> None:
    summer = WorkingHours(
        intervals=((time(8), time(12)), (time(15), time(18, 30))),
        valid_from=date(2026, 6, 1),
        valid_to=date(2026, 9, 1),
    )
    calendar = Calendar(hours=(summer, WorkingHours()))
    limit = TimeLimit(value=1, unit=TimeUnit.WORK_HOUR)
    assert at(31, 15, 30, month=8) == due(calendar, at(31, 11, 30, month=8), limit)
    assert at(1, 14, 30, month=9) == due(calendar, at(1, 11, 30, month=9), limit)


def test_a_calendar_without_working_time_is_refused_instead_of_searched_for_ever() -> None:
    empty = Calendar(hours=(WorkingHours(weekdays=()),))
    for unit in (TimeUnit.WORK_HOUR, TimeUnit.WORK_DAY):
        with pytest.raises(Invalid):
            due(empty, at(20, 17), TimeLimit(value=1, unit=unit))


def test_both_ends_compute_the_same_instant_whatever_zone_they_read_it_in() -> None:
    start = at(20, 17)
    limit = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)
    utc = due(PLAIN, start, limit)
    assert utc == due(PLAIN, start.astimezone(utc.tzinfo), limit)
    assert timedelta(0) == utc.utcoffset()


def test_lights_turn_at_eighty_percent_and_past_the_deadline() -> None:
    start, deadline = at(20, 8), at(20, 18)  # eight working hours

    def seen(now: datetime, *, suspended: bool = False) -> Light:
        warn_at = yellow_at(PLAIN, start, deadline, TimeUnit.WORK_HOUR)
        return light_at(warn_at=warn_at, deadline=deadline, now=now, suspended=suspended)

    assert Light.GREEN is seen(at(20, 13))
    assert Light.GREEN is seen(at(20, 16, 23))
    assert Light.YELLOW is seen(at(20, 16, 24))  # 6 h 24 min of 8 h
    assert Light.YELLOW is seen(deadline)
    assert Light.RED is seen(deadline + timedelta(seconds=1))
    assert Light.RED is seen(at(21, 10))  # no working time has passed, the deadline has
    assert Light.GREY is seen(at(20, 13), suspended=True)
    assert Light.GREY is light_at(warn_at=None, deadline=None, now=start)


def test_an_order_carries_absolute_limits_with_the_name_of_their_calendar() -> None:
    limits = ordered(
        PLAIN,
        at(20, 17),
        handling=TimeLimit(value=2, unit=TimeUnit.URGENT_HOUR),
        sign=TimeLimit(value=180, unit=TimeUnit.MINUTE),
    )
    assert (at(20, 19), at(20, 19), "default") == (
        limits.sign_by,
        limits.finish_by,
        limits.calendar,
    )


def test_a_limit_that_runs_into_an_unpublished_year_is_reported() -> None:
    calendar = Calendar(years=frozenset({2026}))
    assert (2027,) == missing_years(
        calendar, at(30, 10, month=12), at(31, 10, month=12).replace(year=2027, month=1, day=5)
    )
    assert () == missing_years(calendar, at(1, 8), at(30, 8))


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda naive: naive.replace(tzinfo=BEIJING)
)


@given(start=INSTANTS, hours=st.integers(1, 60))
def test_working_time_until_due_is_exactly_the_limit(start: datetime, hours: int) -> None:
    end = due(PLAIN, start, TimeLimit(value=hours, unit=TimeUnit.WORK_HOUR))
    assert timedelta(hours=hours) == elapsed(PLAIN, start, end, TimeUnit.WORK_HOUR)


@given(start=INSTANTS, days=st.integers(1, 20), more=st.integers(0, 5))
def test_a_longer_limit_is_never_due_earlier(start: datetime, days: int, more: int) -> None:
    one = due(PLAIN, start, TimeLimit(value=days, unit=TimeUnit.WORK_DAY))
    other = due(PLAIN, start, TimeLimit(value=days + more, unit=TimeUnit.WORK_DAY))
    assert start < one <= other
