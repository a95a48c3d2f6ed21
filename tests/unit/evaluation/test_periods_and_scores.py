"""Periods in civil time, rates and scores in exact fractions."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from node.core.errors import Invalid
from node.core.indicators import Shown, Steps
from node.core.periods import (
    Span,
    before,
    behind,
    containing,
    last_finished,
    read_period,
    running,
)
from node.core.scoring import Line, score
from node.service.evaluation.definitions import read_definition, shipped
from node.service.evaluation.sheet import printed

(_, TEXT), *_ = shipped()
DEFINITION = read_definition(TEXT, name="shipped").definition


@pytest.mark.parametrize(
    ("name", "begins", "ends", "months"),
    [
        ("2026-11-25", "2026-11-24T16:00", "2026-11-25T16:00", Fraction(1, 30)),
        ("2026-W48", "2026-11-22T16:00", "2026-11-29T16:00", Fraction(7, 30)),
        ("2026-11", "2026-10-31T16:00", "2026-11-30T16:00", Fraction(1)),
        ("2026-12", "2026-11-30T16:00", "2026-12-31T16:00", Fraction(1)),
        ("2026-Q4", "2026-09-30T16:00", "2026-12-31T16:00", Fraction(3)),
        ("2026-H1", "2025-12-31T16:00", "2026-06-30T16:00", Fraction(6)),
        ("2026", "2025-12-31T16:00", "2026-12-31T16:00", Fraction(12)),
    ],
)
def test_period_begins_and_ends_at_midnights_of_beijing(
    name: str, begins: str, ends: str, months: Fraction
) -> None:
    period = read_period(name)
    assert period.begins == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert period.ends == datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert period.months == months


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-02-30", "2026-Q5", "2026-W54", "26", "0000", "9999-12-31", "月"]
)
def test_what_is_no_period_is_refused_with_examples(name: str) -> None:
    with pytest.raises(Invalid, match="2026-Q4") as refusal:
        read_period(name)
    assert refusal.value.code == "evaluation.period"


@pytest.mark.parametrize(
    ("name", "earlier", "later"),
    [
        ("2026-03-01", "2026-02-28", "2026-03-02"), ("2026-W01", "2025-W52", "2026-W02"),
        ("2020-W53", "2020-W52", "2021-W01"), ("2026-01", "2025-12", "2026-02"),
        ("2026-Q1", "2025-Q4", "2026-Q2"), ("2026-H2", "2026-H1", "2027-H1"),
        ("2026", "2025", "2027"),
    ],
)
def test_periods_stand_in_a_row_without_a_gap(name: str, earlier: str, later: str) -> None:
    period = read_period(name)
    assert (before(period).name, behind(period).name) == (earlier, later)
    assert before(period).ends == period.begins
    assert behind(period).begins == period.ends
    assert containing(period.span, period.first) == period == containing(period.span, period.last)
    assert running(period.span, period.begins) == period


def test_there_is_nothing_before_or_after_all_time() -> None:
    for look, name in ((before, "0001"), (before, "0001-01-01"), (behind, "9998")):
        with pytest.raises(Invalid) as refusal:
            look(read_period(name))
        assert refusal.value.code == "evaluation.period"


@pytest.mark.parametrize(
    ("now", "span", "name"),
    [
        ("2026-11-25T15:59", Span.DAY, "2026-11-24"), ("2026-11-25T16:00", Span.DAY, "2026-11-25"),
        ("2026-01-01T00:00", Span.WEEK, "2025-W52"), ("2026-11-25T00:00", Span.WEEK, "2026-W47"),
        ("2026-01-31T15:59", Span.MONTH, "2025-12"), ("2026-01-31T16:00", Span.MONTH, "2026-01"),
        ("2026-03-15T00:00", Span.QUARTER, "2025-Q4"),
        ("2026-07-01T00:00", Span.QUARTER, "2026-Q2"),
        ("2026-06-30T00:00", Span.HALF_YEAR, "2025-H2"),
        ("2026-07-01T00:00", Span.HALF_YEAR, "2026-H1"), ("2026-07-01T00:00", Span.YEAR, "2025"),
    ],
)
def test_last_period_that_is_over_is_told_by_beijing_time(now: str, span: Span, name: str) -> None:
    assert last_finished(span, datetime.fromisoformat(now).replace(tzinfo=UTC)).name == name


@pytest.mark.parametrize(
    ("volume", "points"), [(0, 100), (50, 100), (51, 90), (100, 90), (1000, 40), (1001, 0)]
)
def test_band_takes_its_bounds_as_they_are_written(volume: int, points: int) -> None:
    assert DEFINITION.bands["unit_caseload"].ladder.score(Fraction(volume)) == points


def test_exactly_a_hundred_cases_of_an_operator_score_nothing() -> None:
    ladder = DEFINITION.bands["operator_volume"].ladder
    assert [ladder.score(Fraction(n)) for n in (100, 101, 2000, 2001)] == [0, 40, 90, 100]


def scored(counts: dict[str, int], *, group: str = "", months: int = 1) -> Line:
    subject = DEFINITION.subjects["unit"]
    tally = {
        Shown(counter=name.partition("@")[0], window=name.partition("@")[2]): count
        for name, count in counts.items()
    }
    (line,) = score(
        DEFINITION, subject, {("u",): tally}, months=Fraction(months),
        groups={"unit_group": {"u": group}} if group else {},
    )
    return line


FULL = {
    "taken@taken": 60, "should_handle@handle": 50, "handled@handle": 48,
    "handled_on_time@handle": 45, "leg_closed@handle": 40, "reworked@handle": 5,
    "signed_on_time@taken": 30,
}


def test_score_of_a_unit_is_the_weighted_sum_of_its_parts() -> None:
    line = scored(FULL)
    assert line.rates["handling_on_time"] == Fraction(45, 50)
    # caseload 60 → 90 points
    expected = Fraction(1, 10) * 90 + Fraction(3, 10) * (80 + 90 + 90)
    assert (line.score, line.partial) == (expected, False)
    assert line.grade is not None
    assert line.grade.letter == "B"


def test_zero_denominator_is_no_data_and_a_volume_alone_is_no_score() -> None:
    line = scored({"taken@taken": 3})
    assert line.rates["handling"] is None
    assert (line.score, line.grade, line.rank) == (None, None, None)


def test_part_without_data_is_left_out_and_said_so() -> None:
    subject = DEFINITION.subjects["collector"]
    tally = {
        Shown(counter="reported_by_collector", window="reported"): 10,
        Shown(counter="valid_collector_report", window="reported"): 8,
    }
    (line,) = score(DEFINITION, subject, {("wang",): tally}, months=Fraction(1), groups={})
    assert (line.score, line.partial) == (Fraction(80), True)


def test_volume_is_judged_by_the_month_whatever_the_period() -> None:
    year = scored({**FULL, "taken@taken": 600}, months=12)
    assert year.parts[0].value == 100  # 50 a month


def test_collectors_are_summed_into_their_firm_and_strangers_stay_out() -> None:
    subject = DEFINITION.subjects["firm"]
    shown = Shown(counter="reported_by_collector", window="reported")
    valid = Shown(counter="valid_collector_report", window="reported")
    tallies = {(name,): {shown: 10, valid: n} for name, n in (("a", 9), ("b", 5), ("c", 1))}
    (line,) = score(
        DEFINITION, subject, tallies, months=Fraction(1),
        groups={"firm": {"a": "清洁公司", "b": "清洁公司"}},
    )
    assert (line.key, line.rates["valid_report"]) == (("清洁公司",), Fraction(14, 20))


def test_ranks_are_counted_among_peers_and_equal_scores_share_one() -> None:
    subject = DEFINITION.subjects["unit_five"]
    shown = {name: Shown(counter=name, window="handle") for name in (
        "should_handle", "handled", "handled_on_time")}

    def tally(handled: int) -> dict[Shown, int]:
        return {shown["should_handle"]: 10, shown["handled"]: handled,
                shown["handled_on_time"]: handled}

    lines = score(
        DEFINITION, subject,
        {("a",): tally(9), ("b",): tally(9), ("c",): tally(5), ("d",): tally(7)},
        months=Fraction(1), groups={"unit_group": {"d": "水务"}},
    )
    assert [("a", 1), ("b", 1), ("d", 1), ("c", 3)] == [(one.key[0], one.rank) for one in lines]


def test_figures_are_printed_to_two_decimals_and_no_data_as_nothing() -> None:
    assert printed([2, 3], percent=True) == "66.67%"
    assert printed([1, 1], percent=True) == "100.00%"
    assert printed([181, 2], percent=False) == "90.50"
    assert printed(None, percent=True) == ""


def test_ladder_is_walked_in_order() -> None:
    assert Steps(steps=((1, 100), (3, 50)), above=0).score(Fraction(5, 2)) == 50
