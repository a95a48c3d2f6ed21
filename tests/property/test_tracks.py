"""What is walked does not depend on the order of points, on doubles or on thinning; more points
never cover less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from node.core.outlines import outline_of
from node.core.patrol_sums import PatrolSum, patrol_score, reports_sum, shift_sum, summed
from node.core.tracks import Fix, TrackRules, Walked, ground_of, mark_of, walked

BEGINS = datetime(2026, 11, 26, 0, 0, 30, tzinfo=UTC)
ENDS = BEGINS + timedelta(minutes=90)
RULES = TrackRules(
    accuracy_m=50, buffer_m=25, still_m=10, cell_m=10, join_m=80, step=timedelta(seconds=60),
    join=timedelta(seconds=60), gap=timedelta(seconds=300))
WEST, SOUTH, SIDE = 115.1, 30.2, 0.003
"""About 290 by 330 metres."""


def square(west: float, south: float, side: float) -> list[list[tuple[float, float]]]:
    return [[(west, south), (west + side, south), (west + side, south + side),
             (west, south + side), (west, south)]]


GROUND = ground_of([
    ("B", outline_of([square(WEST + SIDE, SOUTH, SIDE)])),
    ("A", outline_of([square(WEST, SOUTH, SIDE)])),
], RULES.cell_m)

fixes = st.lists(
    st.builds(
        lambda s, x, y: Fix(at=BEGINS + timedelta(seconds=s), lon=WEST + x, lat=SOUTH + y),
        st.integers(-600, 6_600), st.floats(-0.002, 0.008), st.floats(-0.002, 0.005)),
    max_size=40)


def walk(points: list[Fix]) -> Walked:
    return walked([mark_of(one, RULES) for one in points], GROUND, BEGINS, ENDS, RULES)


@given(fixes, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_order_and_doubles_change_nothing(points: list[Fix], random: object) -> None:
    shuffled = [*points, *points[::2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert walk(points) == walk(shuffled)


@given(fixes)
@settings(max_examples=100, deadline=None)
def test_one_point_of_each_mark_says_what_all_of_them_say(points: list[Fix]) -> None:
    kept = list({mark_of(one, RULES): one for one in reversed(points)}.values())
    assert walk(kept) == walk(points)


@given(fixes, fixes)
@settings(max_examples=150, deadline=None)
def test_more_points_never_cover_less(points: list[Fix], more: list[Fix]) -> None:
    one, both = walk(points), walk([*points, *more])
    assert one.covered <= both.covered
    for (code, part, whole), (other, more_part, more_whole) in zip(
        one.parts, both.parts, strict=True
    ):
        assert (code, whole) == (other, more_whole)
        assert part <= more_part <= whole


@given(fixes)
@settings(max_examples=150, deadline=None)
def test_shares_lie_between_nothing_and_all_and_the_time_is_the_shift(points: list[Fix]) -> None:
    found = walk(points)
    assert found.share is not None
    assert 0 <= found.share <= 1
    assert found.covered == sum(part for _, part, _ in found.parts)
    assert found.total == sum(whole for _, _, whole in found.parts)
    assert found.on + found.off + found.silent == ENDS - BEGINS
    assert min(found.on, found.off, found.silent) >= timedelta(0)


@given(fixes)
@settings(max_examples=60, deadline=None)
def test_a_beat_that_is_not_drawn_has_no_share_and_nobody_is_on_it(points: list[Fix]) -> None:
    found = walked([mark_of(one, RULES) for one in points], None, BEGINS, ENDS, RULES)
    assert (None, timedelta(0)) == (found.share, found.on)


sums = st.builds(
    lambda seconds, total, share, reported, valid: shift_sum(
        Walked(covered=total * share // 100, total=total, parts=(), on=timedelta(0),
               off=timedelta(0), silent=timedelta(seconds=seconds)), tracked=bool(share),
    ) + reports_sum(reported, valid * reported // 100),
    st.integers(60, 43_200), st.integers(0, 5_000), st.integers(0, 100), st.integers(0, 50),
    st.integers(0, 100))


@given(st.dictionaries(st.sampled_from("abcdefgh"), sums, min_size=1))
def test_a_firm_is_the_sum_of_its_people_and_lies_between_them(
    people: dict[str, PatrolSum]
) -> None:
    firms = summed(people, {one: "甲" if one < "e" else "乙" for one in people})
    for name, total in firms.items():
        theirs = [one for key, one in people.items() if ("甲" if key < "e" else "乙") == name]
        assert sum((one.reported for one in theirs), 0) == total.reported
        shares = [one.coverage for one in theirs if one.coverage is not None]
        if shares:
            assert total.coverage is not None
            assert min(shares) <= total.coverage <= max(shares)
        else:
            assert total.coverage is None
        score = patrol_score(total, coverage=Fraction(1, 2), valid=Fraction(1, 2))
        assert score is None or 0 <= score <= 100
