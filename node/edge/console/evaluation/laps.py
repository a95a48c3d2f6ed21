"""How long it took from step to step, per line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from node.edge.console.evaluation.asked import Asked
from node.edge.console.evaluation.figures import NO_DATA
from node.edge.console.visit import Visit
from node.edge.console.work.rows import spanned

LINES: Final = 100
"""Lines that are shown: those of the most cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """How many, their mean and the longest."""

    count: str
    mean: str
    longest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Laps:
    """Headings, and for each line its name and a lap per heading."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Lap, ...]], ...]
    more: int


async def table_of(visit: Visit, question: Asked) -> Laps:
    """The laps of the subject's kind of rows."""
    found = await visit.desk.evaluation.laps(question.ask)
    english = visit.language == "en"
    heads = found["laps"]
    lines = sorted(found["lines"], key=lambda one: -max(
        (lap["count"] for lap in one["laps"].values()), default=0))
    shown = lines[:LINES]
    names = await visit.desk.evaluation.called(question.ask, [one["key"] for one in shown])
    return Laps(
        heads=tuple(head["en" if english else "zh"] for head in heads),
        rows=tuple(
            (" ".join(name) or NO_DATA,
             tuple(_lap(visit, line["laps"].get(head["name"])) for head in heads))
            for line, name in zip(shown, names, strict=True)),
        more=max(0, len(lines) - LINES))


def _lap(visit: Visit, lap: dict[str, Any] | None) -> Lap:
    if lap is None:
        return Lap(count="", mean=NO_DATA, longest="")
    return Lap(
        count=str(lap["count"]), mean=spanned(visit, lap["mean_s"] // 60),
        longest=spanned(visit, lap["longest_s"] // 60))
