"""The table of a sheet as a page shows it: each figure with the list of its cases, and how it stood
the period before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from node.core.indicators import Definition
from node.edge.console.evaluation.asked import Asked
from node.edge.console.visit import Visit
from node.service.evaluation.boards import Board
from node.service.evaluation.sheet import printed

LINES: Final = 100
"""Lines of one page of a table."""
BARS: Final = 15
"""Lines of the chart: the first of the table."""
NO_DATA: Final = "—"

Exact = Sequence[int] | None
"""``[numerator, denominator]``; None = no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Against the period before. ``way``: up, down, same; ``good`` None = the rules do not say
    whether more is better."""

    text: str
    way: str
    good: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A count and where its cases are listed; ``path`` "" = nowhere."""

    name: str
    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A rate, what it divides, and how it changed."""

    name: str
    text: str
    change: Change | None
    above: Count
    below: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line. ``sums``: what several lines come to together. ``bar`` is the score, or the first
    rate, in percent of its end; ``mark`` the same of the period before."""

    title: str
    code: str
    path: str
    group: str
    rank: str
    grade: str
    colour: str
    score: str
    change: Change | None
    rates: tuple[Share, ...]
    counts: tuple[Count, ...]
    sums: bool = False
    bar: float | None = None
    mark: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A heading; ``path`` tells what the figure means."""

    title: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One rate of all lines together."""

    title: str
    meaning: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a score: what it is worth of 100, its weight, and what it adds."""

    title: str
    value: str
    weight: str
    adds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One page of a sheet."""

    rates: tuple[Head, ...]
    counts: tuple[Head, ...]
    scored: Head | None
    grouped: bool
    rows: tuple[Row, ...]
    total: Row
    tiles: tuple[Tile, ...]
    bars: tuple[Row, ...]
    lines: int
    page: int
    pages: int
    partial: bool
    as_of: str
    empty: bool


class Figures:
    """Makes the table of one board."""

    def __init__(self, visit: Visit, question: Asked, board: Board) -> None:
        self._visit, self._asked = visit, question
        self._sheet = board.sheet
        earlier = board.before
        self._before = {tuple(one["key"]): one for one in earlier["lines"]} if earlier else {}
        self._total_before = earlier["total"] if earlier else None
        self._less_is_better = _less_is_better(question.definition)
        columns = self._sheet["columns"]
        self._rates = [one for one in columns if one["of"] == "rate"]
        beside = {name for one in self._rates for name in (one["numerator"], one["denominator"])}
        self._counts = [
            one for one in columns if one["of"] == "count" and one["name"] not in beside]
        self._scored = any(one["of"] == "score" for one in columns)
        self._called = {one["key"]: one["zh" if visit.language != "en" else "en"]
                        for one in self._sheet["groups"]}

    def table(self, page: int) -> Table:
        """The lines of one page; groups stand together, each with its sums at its end."""
        lines = self._in_order()
        pages = max(1, -(-len(lines) // LINES))
        page = min(max(1, page), pages)
        shown = lines[(page - 1) * LINES: page * LINES]
        return Table(
            rates=tuple(self._head(one) for one in self._rates),
            counts=tuple(self._head(one) for one in self._counts),
            scored=Head(title=self._visit.say("综合得分"), path=self._meaning("score", ""))
            if self._scored else None,
            grouped=bool(self._called), rows=tuple(self._with_sums(lines, shown)),
            total=self._sums(self._sheet["total"], self._visit.say("合计")),
            tiles=self._tiles(), bars=tuple(self.row(one) for one in lines[:BARS]),
            lines=len(lines), page=page, pages=pages,
            partial=any(one["partial"] and one["score"] is not None for one in lines),
            as_of=self._sheet["as_of"], empty=not lines,
        )

    def _in_order(self) -> list[Mapping[str, Any]]:
        order = {key: at for at, key in enumerate(self._called)}
        return sorted(self._sheet["lines"], key=lambda one: order.get(one["group"], len(order)))

    def _with_sums(
        self, lines: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]
    ) -> Iterator[Row]:
        last = {one["group"]: tuple(one["key"]) for one in lines}
        sums = {one["key"]: one for one in self._sheet["groups"]}
        for line in shown:
            yield self.row(line)
            group = line["group"]
            if group in sums and last[group] == tuple(line["key"]):
                title = self._visit.say("小计 %(group)s", group=self._called[group])
                yield self._sums(sums[group], title)

    def row(self, line: Mapping[str, Any]) -> Row:
        """One line of the sheet."""
        key = tuple(line["key"])
        before = self._before.get(key)
        title, code = title_of(line)
        bar = line["score"] if self._scored else self._first_rate(line)
        mark = None if before is None else (
            before["score"] if self._scored else self._first_rate(before))
        mark_text = "*" if line["partial"] and line["score"] is not None else ""
        return Row(
            title=title, code=code, path=self._asked.at("/line", key=key),
            group=self._called.get(line["group"], ""),
            rank=str(line["rank"]) if line["rank"] is not None else NO_DATA,
            grade=line["grade"], colour=line["colour"],
            score=(printed(line["score"], percent=False) or NO_DATA) + mark_text,
            change=self._change(
                line["score"], before["score"] if before is not None else None, good=True,
                times=1),
            rates=tuple(self._share(one, line, before, key) for one in self._rates),
            counts=tuple(self._count(one["name"], line, key) for one in self._counts),
            bar=self._percent(bar), mark=self._percent(mark),
        )

    def parts(self, line: Mapping[str, Any]) -> list[Part]:
        """What the score of a line is made of; a part without data adds nothing, and the weights of
        the others are scaled up."""
        columns = [one for one in self._sheet["columns"] if one["of"] == "part"]
        pairs = list(zip(columns, line["parts"], strict=True))
        there = sum(
            (Fraction(*column["weight"]) for column, part in pairs if part["value"] is not None),
            Fraction(0))
        found = []
        for column, part in pairs:
            weight, value = Fraction(*column["weight"]), part["value"]
            adds = "" if value is None or line["score"] is None else printed(
                _pair(Fraction(*value) * weight / there), percent=False)
            found.append(Part(
                title=column["zh" if self._visit.language != "en" else "en"],
                value=printed(value, percent=False) or NO_DATA,
                weight=printed(column["weight"], percent=True), adds=adds or NO_DATA))
        return found

    def _first_rate(self, line: Mapping[str, Any]) -> Exact:
        rate: Exact = line["rates"][self._rates[0]["name"]] if self._rates else None
        return rate

    def _percent(self, value: Exact) -> float | None:
        if value is None:
            return None
        return round(value[0] / value[1] * (1 if self._scored else 100), 2)

    def _sums(self, sums: Mapping[str, Any], title: str) -> Row:
        total = sums is self._sheet["total"]
        key: tuple[str, ...] | None = () if total and not self._asked.group else None
        before = self._total_before if total else None
        return Row(
            title=title, code="", path="", group="", rank="", grade="", colour="", score="",
            change=None, sums=True,
            rates=tuple(self._share(one, sums, before, key) for one in self._rates),
            counts=tuple(self._count(one["name"], sums, key) for one in self._counts),
        )

    def _tiles(self) -> tuple[Tile, ...]:
        total = self._sums(self._sheet["total"], "")
        return tuple(
            Tile(title=head["zh" if self._visit.language != "en" else "en"],
                 meaning=self._meaning("rate", head["name"]), share=share)
            for head, share in zip(self._rates, total.rates, strict=True))

    def _share(
        self, column: Mapping[str, Any], line: Mapping[str, Any],
        before: Mapping[str, Any] | None, key: tuple[str, ...] | None,
    ) -> Share:
        name, rate = column["name"], line["rates"][column["name"]]
        good = None
        if name in self._less_is_better:
            good = not self._less_is_better[name]
        return Share(
            name=name, text=printed(rate, percent=True) or NO_DATA,
            change=self._change(
                rate, before["rates"].get(name) if before is not None else None, good=good,
                times=100),
            above=self._count(column["numerator"], line, key, rate=name),
            below=self._count(column["denominator"], line, key, rate=name),
        )

    def _count(
        self, name: str, line: Mapping[str, Any], key: tuple[str, ...] | None, *, rate: str = ""
    ) -> Count:
        path = ""
        if key is not None and line["counts"][name]:
            path = self._asked.at("/cases", key=key, figure=name, rate=rate)
        return Count(name=name, text=str(line["counts"][name]), path=path)

    def _change(
        self, now: Exact, before: Exact, *, good: bool | None, times: int
    ) -> Change | None:
        if now is None or before is None:
            return None
        apart = (Fraction(*now) - Fraction(*before)) * times
        text = printed(_pair(abs(apart)), percent=False)
        if text == "0.00":
            return Change(text=text, way="same", good=None)
        up = apart > 0
        return Change(
            text=text, way="up" if up else "down", good=None if good is None else up is good)

    def _head(self, column: Mapping[str, Any]) -> Head:
        return Head(
            title=column["zh" if self._visit.language != "en" else "en"],
            path=self._meaning(column["of"], column["name"]))

    def _meaning(self, of: str, name: str) -> str:
        return self._asked.at("/meaning", of=of, name=name)


def title_of(line: Mapping[str, Any]) -> tuple[str, str]:
    """How a line is called: the names of its parts as far as they are known, and its key."""
    names = [name or key for key, name in zip(line["key"], line["names"], strict=True)]
    named = [name for name in line["names"] if name]
    code = " ".join(line["key"])
    return (" ".join(named), code) if named else (" ".join(names) or NO_DATA, "")


def _pair(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator


def _less_is_better(definition: Definition) -> dict[str, bool]:
    """Rates that a score counts, and whether it counts what they lack."""
    return {
        part.rate: part.inverse
        for composite in definition.composites.values() for part in composite.parts if part.rate
    }
