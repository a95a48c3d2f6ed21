"""The cases behind one figure: as many as it says, each with what it counts for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.core.counters import RowKind
from node.edge.console.evaluation.asked import Asked, Link
from node.edge.console.evaluation.meaning import EXCLUDED
from node.edge.console.visit import Visit
from node.edge.console.work.rows import short

ROWS: Final = 100
"""Rows of one page of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One row of the list. ``name`` and ``place``: what class and division are called, "" = that is
    not known here."""

    case_id: str
    case_no: str
    what: str
    name: str
    area: str
    place: str
    grid: str
    who: str
    begun: str
    due: str
    done: str
    excluded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A figure by its name in a sheet: ``missed@filed*``."""

    counter: str
    window: str
    attributed: bool


def named(figure: str) -> Named:
    """The parts of the name; what is no name of a figure is refused by the use case."""
    counter, _, window = figure.rstrip("*").partition("@")
    return Named(counter=counter, window=window, attributed=figure.endswith("*"))


async def shown(visit: Visit, items: Sequence[Mapping[str, Any]]) -> list[Behind]:
    """Rows of the use case as the page shows them."""
    called = visit.desk.queries.called
    places = await visit.desk.places.division_names({one["area"] for one in items if one["area"]})
    classes = visit.desk.standards.class_names()
    return [
        Behind(
            case_id=one["case_id"], case_no=one["case_no"] or one["case_id"],
            what=one["code"],
            name=classes.get((one["standard_ref"], one["category_kind"], one["code"]), ""),
            area=one["area"], place=places.get(one["area"], ""), grid=one["grid"],
            who=one["actor"] if one["kind"] == RowKind.POST else (
                called(f"node:{one['unit']}") if one["unit"] else ""),
            begun=short(one["begun_at"]), due=short(one["due_at"]), done=short(one["done_at"]),
            excluded=visit.say(EXCLUDED[one["excluded"]]) if one["excluded"] else "",
        )
        for one in items
    ]


def tabs(
    visit: Visit, question: Asked, *, rate: str, figure: str, key: Sequence[str]
) -> list[Link]:
    """Both counts of a rate, that which is shown among them; nothing where no rate is asked of."""
    found = question.definition.rates.get(rate)
    if found is None:
        return []
    english, mark = visit.language == "en", "*" if found.attributed else ""
    links = []
    for name in (found.numerator, found.denominator):
        counter, one = question.definition.counters[name], f"{name}@{found.window}{mark}"
        links.append(Link(
            title=counter.en if english else counter.zh, here=one == figure,
            path=question.at("/cases", key=key, figure=one, rate=rate)))
    return links
