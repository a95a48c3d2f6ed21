"""Where the points of a chart lie, and that its table says all of it."""

from __future__ import annotations

import pytest

from node.edge.console.charts import HEIGHT, SERIES_MAX, Series, line_chart, round_up


def series(title: str, *values: float | None) -> Series:
    return Series(title=title, values=values,
                  texts=["—" if one is None else f"{one:g}" for one in values])


def test_a_line_goes_over_the_whole_width_and_stands_as_high_as_its_values() -> None:
    chart = line_chart("走势", ["1", "2", "3"], [series("上报", 0, 50, 100)], top=100)
    (line,) = chart.series
    assert [one.x for one in line.marks] == [2.0, 50.0, 98.0]
    assert [one.y for one in line.marks] == [HEIGHT, HEIGHT / 2, 0]
    assert [(one.start, one.end) for one in line.strokes] == [
        (line.marks[0], line.marks[1]), (line.marks[1], line.marks[2])]


def test_what_has_no_data_has_no_point_and_no_line_runs_over_it() -> None:
    chart = line_chart("走势", ["1", "2", "3", "4"], [series("满意率", 1, None, 3, 4)], top=4)
    (line,) = chart.series
    assert len(line.marks) == 3
    assert [(one.start.x, one.end.x) for one in line.strokes] == [
        (chart.places[2].x, chart.places[3].x)]
    assert ("2", ("—",)) in chart.rows


def test_lines_are_told_apart_by_number_and_the_table_has_those_that_are_too_many() -> None:
    lines = [series(f"第{n}项", n) for n in range(1, SERIES_MAX + 3)]
    chart = line_chart("走势", ["2026"], lines)
    assert [one.number for one in chart.series] == list(range(1, SERIES_MAX + 1))
    assert len(chart.heads) == len(chart.rows[0][1]) == len(lines)
    assert chart.places[0].said == "2026\n第1项：1\n第2项：2\n第3项：3\n第4项：4"


@pytest.mark.parametrize("count", [1, 2, 7, 12, 30, 366])
def test_few_places_are_written_out_and_the_newest_always(count: int) -> None:
    chart = line_chart("走势", [str(n) for n in range(count)], [series("上报", *range(count))])
    written = [one for one in chart.places if one.shown]
    assert written[-1] is chart.places[-1]
    assert chart.places[-1].shown == "always"
    assert len(written) <= 7
    assert all(one.left + one.width <= 100 for one in chart.places)


@pytest.mark.parametrize(
    ("highest", "end"), [(0, 4), (4, 4), (5, 8), (9, 20), (41, 80), (81, 200), (79_999, 80_000)])
def test_the_scale_ends_at_a_round_number_whose_quarters_are_whole(
    highest: float, end: float
) -> None:
    assert round_up(highest) == end
    assert end % 4 == 0
