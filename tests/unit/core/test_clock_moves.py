"""What moves a deadline, and by how much. 20 November 2026 is a Friday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from node.core.clock import (
    BEIJING,
    Calendar,
    Light,
    TimeLimit,
    TimeUnit,
    extend,
    extended,
    leg_limits,
    light_at,
    limits_between,
    resume,
    resumed,
    subtract,
)
from node.core.errors import Invalid
from node.core.facts import Limits

PLAIN = Calendar()
FOUR_HOURS = TimeLimit(value=4, unit=TimeUnit.WORK_HOUR)
TWO_DAYS = TimeLimit(value=2, unit=TimeUnit.WORK_DAY)


def ordered(
    calendar: Calendar, start: datetime, *, handling: TimeLimit, sign: TimeLimit | None
) -> Limits:
    """The limits of an order given at ``start``."""
    counted_from_start = Limits(count=handling.value, unit=handling.unit)
    return leg_limits(calendar, start, counted_from_start, sign=sign)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("deadline", "limit", "moved"),
    [
        (at(20, 17), FOUR_HOURS, at(23, 11)),
        (at(20, 17), TWO_DAYS, at(24, 17)),
        (at(20, 18), TWO_DAYS, at(24, 18)),  # the closing minute is a time of its day
        (at(20, 17), TimeLimit(value=2, unit=TimeUnit.URGENT_HOUR), at(20, 19)),
        (at(20, 17), TimeLimit(value=1, unit=TimeUnit.CALENDAR_DAY), at(21, 17)),
    ],
)
def test_an_extension_moves_by_one_original_limit_in_its_own_unit(
    deadline: datetime, limit: TimeLimit, moved: datetime
) -> None:
    assert moved == extend(PLAIN, deadline, limit)


@pytest.mark.parametrize(
    ("paused", "again", "unit", "moved"),
    [
        # Friday 09:00 to Monday 09:00 is one working day, or three natural ones
        (at(20, 9), at(23, 9), TimeUnit.WORK_HOUR, at(23, 17)),
        (at(20, 9), at(23, 9), TimeUnit.WORK_DAY, at(23, 17)),
        (at(20, 9), at(23, 9), TimeUnit.URGENT_HOUR, at(23, 17)),
        (at(20, 9), at(20, 11), TimeUnit.WORK_HOUR, at(23, 9)),
        # a weekend holds no working time: nothing moves
        (at(21, 9), at(22, 9), TimeUnit.WORK_HOUR, at(20, 17)),
        (at(21, 9), at(22, 9), TimeUnit.CALENDAR_DAY, at(21, 17)),
    ],
)
def test_a_pause_moves_by_the_time_of_its_kind(
    paused: datetime, again: datetime, unit: TimeUnit, moved: datetime
) -> None:
    assert moved == resume(PLAIN, at(20, 17), paused, again, unit)


def test_an_extension_gives_the_light_a_fifth_of_the_whole_new_limit() -> None:
    limits = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)
    assert (at(20, 12), at(20, 11, 12)) == (limits.finish_by, limits.warn_at)
    again = extended(PLAIN, limits)
    assert (at(20, 18), at(20, 16, 24)) == (again.finish_by, again.warn_at)  # 80 % of 8 h
    assert (4, TimeUnit.WORK_HOUR, limits.starts_at) == (again.count, again.unit, again.starts_at)


def test_a_limit_given_by_hand_has_no_original_to_extend_by() -> None:
    by_hand = limits_between(PLAIN, at(20, 8), Limits(finish_by=at(20, 18)))
    assert at(20, 16) == by_hand.warn_at  # natural time
    with pytest.raises(Invalid) as refused:
        extended(PLAIN, by_hand)
    assert "limits.nothing_to_extend" == refused.value.code
    with pytest.raises(Invalid):
        extended(PLAIN, Limits(), FOUR_HOURS)
    moved = extended(PLAIN, by_hand, FOUR_HOURS)
    assert at(23, 12) == moved.finish_by


def test_who_was_yellow_before_a_suspension_is_yellow_after_it() -> None:
    limits = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)
    moved = resumed(PLAIN, limits, at(20, 11, 30), at(24, 11, 30))
    assert at(24, 12) == moved.finish_by
    light = light_at(warn_at=moved.warn_at, deadline=moved.finish_by, now=at(24, 11, 30))
    assert Light.YELLOW is light
    early = resumed(PLAIN, limits, at(20, 9), at(24, 9))
    assert at(24, 11, 12) == early.warn_at


def test_at_the_deadline_is_on_time_and_one_second_later_is_overdue() -> None:
    limits = ordered(PLAIN, at(20, 17), handling=FOUR_HOURS, sign=None)
    deadline = at(23, 11)

    def seen(now: datetime) -> Light:
        return light_at(warn_at=limits.warn_at, deadline=limits.finish_by, now=now)

    assert Light.YELLOW is seen(deadline)
    assert Light.RED is seen(deadline + timedelta(seconds=1))
    # 80 % of four hours are used on Monday at 10:12, the second before it is green
    assert Light.YELLOW is seen(at(23, 10, 12))
    assert Light.GREEN is seen(at(23, 10, 12) - timedelta(seconds=1))


def test_signing_is_not_moved_by_a_suspension_or_an_extension() -> None:
    sign = TimeLimit(value=60, unit=TimeUnit.MINUTE)
    limits = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=sign)
    assert at(20, 9) == limits.sign_by
    assert at(20, 9) == extended(PLAIN, limits).sign_by
    assert at(20, 9) == resumed(PLAIN, limits, at(20, 10), at(20, 11)).sign_by


def test_a_reserve_is_taken_in_working_time_and_never_more_than_half_of_what_is_left() -> None:
    hour = timedelta(hours=1)
    unit = TimeUnit.WORK_HOUR
    assert at(20, 16) == subtract(PLAIN, at(20, 17), hour, unit, not_before=at(20, 8))
    assert at(20, 17, 30) == subtract(PLAIN, at(23, 8, 30), hour, unit, not_before=at(20, 8))
    assert at(20, 16, 40) == subtract(PLAIN, at(20, 17), hour, unit, not_before=at(20, 16, 20))
    assert at(20, 17) == subtract(PLAIN, at(20, 17), hour, unit, not_before=at(20, 18))


HOUR = timedelta(hours=1)


def test_an_inner_leg_ends_before_the_outer_deadline_by_the_reserve() -> None:
    outer = ordered(PLAIN, at(20, 8), handling=TWO_DAYS, sign=None)  # Tuesday 08:00
    assert at(24, 8) == outer.finish_by
    inner = leg_limits(PLAIN, at(20, 10), Limits(), outer=outer, reserve=HOUR)
    assert at(23, 17) == inner.finish_by
    assert (at(20, 10), 2, TimeUnit.WORK_DAY) == (inner.starts_at, inner.count, inner.unit)
    assert inner.warn_at is not None
    assert at(20, 10) < inner.warn_at < at(23, 17)
    # 13 working hours from Friday 10:00 to Monday 17:00, yellow after 10 h 24 min
    assert at(23, 14, 24) == inner.warn_at


def test_a_limit_without_a_deadline_counts_from_the_handing_over() -> None:
    asked = Limits(count=4, unit=TimeUnit.WORK_HOUR)
    leg = leg_limits(PLAIN, at(20, 17), asked)
    assert ordered(PLAIN, at(20, 17), handling=FOUR_HOURS, sign=None) == leg
    outer = ordered(PLAIN, at(20, 16), handling=FOUR_HOURS, sign=None)
    assert outer.finish_by == leg_limits(PLAIN, at(20, 17), asked, outer=outer).finish_by


def test_an_inner_leg_that_is_shorter_keeps_its_own_limit() -> None:
    outer = ordered(PLAIN, at(20, 8), handling=TWO_DAYS, sign=None)
    own = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)
    inner = leg_limits(PLAIN, at(20, 8), own, outer=outer, reserve=HOUR)
    assert own == inner


def test_the_reserve_counts_as_the_outer_limit_counts() -> None:
    urgent = TimeLimit(value=4, unit=TimeUnit.URGENT_HOUR)
    outer = ordered(PLAIN, at(21, 22), handling=urgent, sign=None)  # Saturday night
    inner = leg_limits(PLAIN, at(21, 22), Limits(), outer=outer, reserve=HOUR)
    assert at(22, 1) == inner.finish_by


def test_a_late_leg_gets_half_of_what_is_left_and_an_overdue_one_the_outer_deadline() -> None:
    outer = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)  # noon
    late = leg_limits(PLAIN, at(20, 11, 30), Limits(), outer=outer, reserve=HOUR)
    assert at(20, 11, 45) == late.finish_by
    overdue = leg_limits(PLAIN, at(20, 15), Limits(), outer=outer, reserve=HOUR)
    assert at(20, 12) == overdue.finish_by


def test_a_new_leg_has_its_own_limit_to_be_signed_for() -> None:
    outer = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)
    sign = TimeLimit(value=60, unit=TimeUnit.MINUTE)
    inner = leg_limits(PLAIN, at(20, 9), Limits(), outer=outer, sign=sign)
    assert at(20, 10) == inner.sign_by
    late = leg_limits(PLAIN, at(20, 11, 30), Limits(), outer=outer, sign=sign)
    assert at(20, 12) == late.sign_by
    said = leg_limits(PLAIN, at(20, 9), Limits(sign_by=at(20, 9, 5)), outer=outer, sign=sign)
    assert at(20, 9, 5) == said.sign_by
    assert at(20, 10) == leg_limits(PLAIN, at(20, 9), Limits(), sign=sign).sign_by
    assert Limits() == leg_limits(PLAIN, at(20, 9), Limits())


def test_the_original_limit_is_read_from_limits_that_carry_it() -> None:
    limits = ordered(PLAIN, at(20, 8), handling=FOUR_HOURS, sign=None)
    assert limits.limit == FOUR_HOURS
    assert limits.starts_at == at(20, 8).astimezone(UTC)
    assert replace(limits, count=0).limit is None
    assert Limits().limit is None
