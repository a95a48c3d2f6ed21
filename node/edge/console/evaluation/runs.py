"""A run of periods as a chart: the rates of all lines, or of one with its score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.core.periods import Span
from node.edge.console.charts import Chart, Series, line_chart
from node.edge.console.evaluation.asked import Asked
from node.edge.console.evaluation.figures import NO_DATA
from node.edge.console.visit import Visit
from node.service.evaluation.boards import Point
from node.service.evaluation.sheet import printed

PERCENT: Final = 100.0
YEARS: Final = 5
"""Periods of a run of years; every other run is as long as the use case makes it."""


def length(question: Asked, usual: int) -> int:
    """How many periods are shown."""
    return YEARS if question.period.span is Span.YEAR else usual


def chart_of(visit: Visit, question: Asked, points: Sequence[Point], *, one: bool) -> Chart:
    """Rates over time; ``one``: of one line, whose score comes first where it has one."""
    english = visit.language == "en"
    series = [
        Series(
            title=rate.en if english else rate.zh,
            values=[_value(point.rates.get(name), PERCENT) for point in points],
            texts=[printed(point.rates.get(name), percent=True) or NO_DATA for point in points])
        for name in question.subject.rates
        if (rate := question.definition.rates[name])
    ]
    if one and question.subject.composite:
        series.insert(0, Series(
            title=visit.say("综合得分"), values=[_value(point.score, 1) for point in points],
            texts=[f"{printed(point.score, percent=False)} {point.grade}".strip() or NO_DATA
                   for point in points]))
    return line_chart(
        visit.say("近 %(count)s 期走势", count=len(points)), [point.period for point in points],
        series, top=PERCENT, scale=lambda value: f"{value:.0f}%", colon=visit.say("："))


def _value(exact: Sequence[int] | None, times: float) -> float | None:
    return None if exact is None else exact[0] / exact[1] * times
