"""Walks that are easy to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from node.core.outlines import Outline, metres_per_degree, outline_of
from node.core.patrol_sums import (
    PatrolSum,
    patrol_score,
    reports_sum,
    reports_until,
    shift_sum,
)
from node.core.tracks import (
    Fix,
    TrackRules,
    Unkept,
    Walked,
    ground_of,
    mark_of,
    unkept,
    walked,
)

T0 = datetime(2026, 11, 26, tzinfo=UTC)
RULES = TrackRules(
    accuracy_m=50, buffer_m=25, still_m=10, cell_m=10, join_m=80, step=timedelta(seconds=60),
    join=timedelta(seconds=60), gap=timedelta(seconds=300))
LON, LAT = 115.1, 30.2
PER_LON, PER_LAT = metres_per_degree(LAT)


def place(east: float, north: float) -> tuple[float, float]:
    return LON + east / PER_LON, LAT + north / PER_LAT


def box(east: float, north: float, width: float, height: float) -> list[tuple[float, float]]:
    return [place(east, north), place(east + width, north), place(east + width, north + height),
            place(east, north + height)]


def area(*rings: list[tuple[float, float]]) -> Outline:
    return outline_of([list(rings)])


def fix(minute: float, east: float, north: float) -> Fix:
    lon, lat = place(east, north)
    return Fix(at=T0 + timedelta(minutes=minute), lon=lon, lat=lat)


def walk(points: list[Fix], *parts: tuple[str, Outline], minutes: float = 60) -> Walked:
    return walked([mark_of(one, RULES) for one in points], ground_of(parts, RULES.cell_m), T0,
                  T0 + timedelta(minutes=minutes), RULES)


def test_a_street_walked_from_end_to_end_is_covered_and_the_next_one_is_not() -> None:
    street = ("S1", area(box(0, 0, 600, 20)))
    next_ = ("S2", area(box(0, 200, 600, 20)))
    found = walk([fix(n, 75 * n, 10) for n in range(9)], street, next_)
    # About 120 squares each; where a row's middle falls on the border it is one row more or less.
    shares = {code: part / whole for code, part, whole in found.parts}
    assert {"S1": 1.0, "S2": 0.0} == shares
    assert Fraction(1, 2) == found.share
    assert timedelta(minutes=9) == found.on  # one for each minute with a point


def test_points_that_are_too_far_apart_are_not_joined() -> None:
    street = ("S", area(box(0, 0, 600, 20)))
    near = walk([fix(0, 0, 10), fix(1, 70, 10)], street)
    far = walk([fix(0, 0, 10), fix(1, 140, 10)], street)
    late = walk([fix(0, 0, 10), fix(3, 70, 10)], street)
    assert near.covered > late.covered
    # Two whole discs and one cut off at the end of the street: 25 + 50 metres of 600.
    assert 0.10 < float(far.share or 0) < 0.16


def test_a_hole_in_the_beat_is_nobodys_to_walk() -> None:
    whole = walk([], ("B", area(box(0, 0, 200, 200))))
    holed = walk([], ("B", area(box(0, 0, 200, 200), box(50, 50, 100, 100))))
    assert 0.74 < holed.total / whole.total < 0.76
    assert 0 == holed.covered


def test_squares_are_as_many_as_the_area_says() -> None:
    outline = area([place(0, 0), place(500, 60), place(420, 500), place(-30, 380)])
    ground = ground_of([("B", outline)], RULES.cell_m)
    assert ground is not None
    assert abs(len(ground.cells) * 100 / outline.area_m2 - 1) < 0.01


def test_a_very_large_beat_is_cut_into_larger_squares() -> None:
    ground = ground_of([("B", area(box(0, 0, 9_000, 9_000)))], RULES.cell_m)
    assert ground is not None
    assert 20 < ground.size < 21
    assert len(ground.cells) < 201_000


def test_what_two_outlines_share_is_the_firsts() -> None:
    parts = ("A", area(box(0, 0, 100, 100))), ("B", area(box(0, 0, 100, 100)))
    (a, b) = walk([], *parts).parts
    assert (True, 0) == (a[2] > 90, b[2])


@pytest.mark.parametrize(("points", "on", "off"), [
    ([fix(0, 10, 10), fix(6, 10, 10)], 7, 0),    # five silent minutes between
    ([fix(0, 10, 10), fix(7, 10, 10)], 2, 0),    # six are too many
    ([fix(0, 10, 10), fix(4, 900, 10)], 1, 1),   # nobody knows where in between
    ([fix(2, 900, 10), fix(2, 10, 10)], 1, 0),   # both in one minute: on the beat
    ([fix(-1, 10, 10), fix(60, 10, 10)], 0, 0),  # before and after the shift
])
def test_minutes_are_on_the_beat_off_it_or_silent(
    points: list[Fix], on: int, off: int
) -> None:
    found = walk(points, ("B", area(box(0, 0, 100, 100))))
    assert (timedelta(minutes=on), timedelta(minutes=off)) == (found.on, found.off)
    assert timedelta(minutes=60 - on - off) == found.silent


def test_a_shift_that_begins_inside_a_step_has_only_its_part_of_it() -> None:
    ground = ground_of([("B", area(box(0, 0, 100, 100)))], 10)
    begins = T0 + timedelta(seconds=40)
    found = walked([mark_of(fix(0.9, 10, 10), RULES)], ground, begins,
                   begins + timedelta(minutes=10), RULES)
    assert timedelta(seconds=20) == found.on


@pytest.mark.parametrize(("moved", "accuracy", "why"), [
    (timedelta(0), 50.0, None),
    (timedelta(0), None, None),
    (timedelta(0), 50.5, Unkept.COARSE),
    (timedelta(hours=8), 5.0, Unkept.OFF_DUTY),
    (timedelta(minutes=-1), 5.0, Unkept.OFF_DUTY),
    (timedelta(hours=9), 5.0, Unkept.AHEAD),
    (timedelta(hours=-72), 5.0, Unkept.TOO_OLD),
])
def test_what_is_not_kept_says_why(
    moved: timedelta, accuracy: float | None, why: Unkept | None
) -> None:
    one = Fix(at=T0 + moved, lon=LON, lat=LAT, accuracy_m=accuracy)
    found = unkept(
        one, T0 + timedelta(hours=8, minutes=30), [(T0, T0 + timedelta(hours=8))], RULES,
        age_max=timedelta(hours=72), ahead_max=timedelta(minutes=5))
    assert why is found


def test_people_are_summed_and_not_averaged() -> None:
    """Eight hours at 25 %, two at 100 %; one valid of one report, none of three."""
    def shift(hours: int, covered: int) -> PatrolSum:
        return shift_sum(
            Walked(covered=covered, total=100, parts=(), on=timedelta(0), off=timedelta(0),
                   silent=timedelta(hours=hours)), tracked=True)

    total = shift(8, 25) + shift(2, 100) + reports_sum(1, 1) + reports_sum(3, 0)
    assert (Fraction(2, 5), Fraction(1, 4)) == (total.coverage, total.valid_rate)
    half = Fraction(1, 2)
    assert Fraction(65, 2) == patrol_score(total, coverage=half, valid=half)
    assert 40 == patrol_score(shift(8, 40), coverage=half, valid=half)
    assert 25 == patrol_score(reports_sum(4, 1), coverage=half, valid=half)
    assert None is patrol_score(PatrolSum(), coverage=half, valid=half)
    assert None is patrol_score(shift(8, 40), coverage=Fraction(0), valid=Fraction(1))


@pytest.mark.parametrize(("now", "begun", "expected"), [
    (4, (), 4), (100, (), 56), (100, (20, 30), 20), (100, (60,), 56), (100, (6,), 8), (10, (), 10),
])
def test_a_report_that_comes_late_is_of_the_last_shift_that_had_begun(
    now: int, begun: tuple[int, ...], expected: int
) -> None:
    def hour(number: int) -> datetime:
        return T0 + timedelta(hours=number)

    assert hour(expected) == reports_until(
        hour(8), hour(min(8, now)), hour(now), map(hour, begun), late=timedelta(hours=48))
