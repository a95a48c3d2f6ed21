"""Charts without a library: where the points of a line chart lie, as a page draws them in SVG.

Lines run over percent of the width, so a chart is as wide as its place and its writing keeps its
size. A series has a colour, a kind of stroke and a shape of its own: any one of them tells it from
the others. Beside every chart stands the same as a table; who points at a place is told its values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

HEIGHT: Final = 180
"""Of the plot, in pixels."""
SERIES_MAX: Final = 4
"""Lines of one chart: more cannot be told apart."""
EDGE: Final = 2.0
"""Percent of the width that stays free on each side."""
STEPS: Final = 4
"""Distances between the lines of the scale."""
SHORT: Final = 5
"""Letters of a label as short as ``11-26``; of longer ones fewer are written."""
LABELS_MAX: Final = 6
"""Places below the axis that are written out on a wide screen; half of them on a narrow one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line: what it is called, its values (None = no data) and how each is written."""

    title: str
    values: Sequence[float | None]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point: ``x`` in percent of the width, ``y`` in pixels from above."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """From one point to the next."""

    start: Mark
    end: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A line as it is drawn; ``number`` counts from 1 and chooses colour, stroke and shape."""

    number: int
    title: str
    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of the axis below. ``said``: everything there, for whoever points at it; ``shown``:
    "" = not written out, "wide" = on wide screens, "always"; ``anchor`` as SVG has it."""

    x: float
    left: float
    width: float
    label: str
    said: str
    shown: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line of the scale."""

    y: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A line chart, ready to be drawn, with its table: a row per place, a cell per series."""

    title: str
    height: int
    ticks: tuple[Tick, ...]
    places: tuple[Place, ...]
    series: tuple[Drawn, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def line_chart(
    title: str, places: Sequence[str], series: Sequence[Series], *, top: float | None = None,
    scale: Callable[[float], str] = lambda value: f"{value:g}", colon: str = "：",
) -> Chart:
    """Up to ``SERIES_MAX`` series over the same places. ``top``: the end of the scale, None = the
    next round number above all values. Every series has as many values and texts as there are
    places."""
    shown = series[:SERIES_MAX]
    highest = max((one for line in shown for one in line.values if one is not None), default=0.0)
    top = top or round_up(highest)
    xs = [_x(at, len(places)) for at in range(len(places))]
    return Chart(
        title=title, height=HEIGHT,
        ticks=tuple(
            Tick(y=round(HEIGHT * (1 - step / STEPS), 1), label=scale(top * step / STEPS))
            for step in range(STEPS + 1)),
        places=_places(places, xs, shown, colon),
        series=tuple(
            _drawn(number, line, xs, top) for number, line in enumerate(shown, start=1)),
        heads=tuple(line.title for line in series),
        rows=tuple(
            (place, tuple(line.texts[at] for line in series)) for at, place in enumerate(places)),
    )


def round_up(highest: float) -> float:
    """The end of a scale for counts: 4, 8, 20, 40, 80, 200 … so that every line of it is whole."""
    end = 4.0
    while end < highest:
        end = end * 2.5 if f"{end:.0f}".startswith("8") else end * 2
    return end


def _x(at: int, count: int) -> float:
    if count == 1:
        return 50.0
    return round(EDGE + (100 - 2 * EDGE) * at / (count - 1), 2)


def _places(
    places: Sequence[str], xs: Sequence[float], series: Sequence[Series], colon: str
) -> tuple[Place, ...]:
    long = max(map(len, places), default=0) > SHORT
    every = max(1, -(-len(places) // (LABELS_MAX * 2 // 3 if long else LABELS_MAX)))
    width = (100 - 2 * EDGE) / max(1, len(places) - 1)
    found = []
    for at, label in enumerate(places):
        behind = len(places) - 1 - at  # the last one is always written
        shown = "" if behind % every else "wide" if behind // every % 2 else "always"
        left = max(0.0, xs[at] - width / 2)
        told = "\n".join(f"{line.title}{colon}{line.texts[at]}" for line in series)
        found.append(Place(
            x=xs[at], left=round(left, 2), width=round(min(width, 100 - left), 2), label=label,
            said=f"{label}\n{told}", shown=shown,
            anchor="start" if at == 0 and len(places) > 1 else "end" if not behind and at else
            "middle"))
    return tuple(found)


def _drawn(number: int, line: Series, xs: Sequence[float], top: float) -> Drawn:
    marks = [
        None if value is None else Mark(x=x, y=round(HEIGHT * (1 - min(value, top) / top), 1))
        for x, value in zip(xs, line.values, strict=True)
    ]
    strokes = tuple(
        Stroke(start=one, end=other) for one, other in pairwise(marks)
        if one is not None and other is not None)
    return Drawn(
        number=number, title=line.title, marks=tuple(one for one in marks if one is not None),
        strokes=strokes)
