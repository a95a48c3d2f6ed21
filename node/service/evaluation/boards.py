"""What a page of the evaluation shows: a period beside the one before it, and a run of periods.

Each is asked for as a question that may take long (``node.service.evaluation.jobs``): a year of a
large city is counted while the page says how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from node.core.errors import Invalid
from node.core.indicators import Shown
from node.core.periods import Period, before
from node.service.evaluation.jobs import Advance, Jobs, Working
from node.service.evaluation.room import Ask, Evaluation
from node.service.evaluation.sheet import document

RUN: Final = 12
"""Periods of a run: a year of months."""
PAST_S: Final = 600.0
"""How long the sheet of a period that is over is used again beside another one: what is voided or
appealed later moves it little. The period that is asked for itself is always counted."""
PAST_LINES_MAX, PAST_MAX = 2_000, 48
"""Lines of such a sheet, and how many of them are kept; the oldest gives way."""

Document = Mapping[str, Any]
"""As ``node.service.evaluation.sheet.document`` makes it."""
Tallies = Mapping[tuple[str, ...], Mapping[Shown, int]]
"""Per key what each figure counts; a line or a figure that counts nothing is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The sheet of a period and that of the period before it by the same rules; None = there were
    no rules then."""

    sheet: Document
    before: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a run: the rates (``[numerator, denominator]`` or None) and counts of all
    lines, or of one; ``score`` of that one line."""

    period: str
    counts: Mapping[str, int]
    rates: Mapping[str, Sequence[int] | None]
    score: Sequence[int] | None
    grade: str


class Boards:
    """Questions to the evaluation that take more than one sheet."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation = evaluation
        self._jobs = Jobs()
        self._past: dict[tuple[Any, ...], tuple[float, Document]] = {}

    @property
    def advance(self) -> tuple[int, int] | None:
        """How far the rows are that every question waits for; see ``Evaluation.advance``."""
        return self._evaluation.advance

    async def board(self, ask: Ask, *, patience_s: float) -> Board | Working:
        """A period and the one before. ``Invalid`` as for ``Evaluation.sheet``."""
        self._evaluation.prepare(ask)

        async def work(advance: Advance) -> Board:
            sheet = await self._sheet(ask, advance)
            return Board(sheet=sheet, before=await self._before(ask, sheet, advance))

        return await self._jobs.ask(("board", _key(ask)), 2, work, patience_s=patience_s)

    async def run(
        self, ask: Ask, *, key: Sequence[str] = (), periods: int = RUN, patience_s: float
    ) -> tuple[Point, ...] | Working:
        """The periods up to that of ``ask``, the oldest first, by the rules that held in each;
        those that no rules were valid in are left out. An empty ``key``: of all lines together.
        ``Invalid`` as for ``Evaluation.sheet``."""
        last, _ = self._evaluation.prepare(ask)
        asked = [replace(ask, period=one.name) for one in _row(last, periods)]

        async def work(advance: Advance) -> tuple[Point, ...]:
            found = []
            for one in asked:
                look = self._sheet if one.period == ask.period else self._beside
                try:
                    found.append(_point(await look(one, advance), tuple(key)))
                except Invalid as error:
                    if error.code not in ("evaluation.version", "evaluation.subject"):
                        raise
            return tuple(found)

        name = ("run", _key(ask), tuple(key), periods)
        return await self._jobs.ask(name, len(asked), work, patience_s=patience_s)

    async def counted(
        self, questions: Sequence[tuple[Ask, tuple[Shown, ...]]], *, patience_s: float,
        kept_s: float = 0.0,
    ) -> tuple[Tallies, ...] | Working:
        """Counts of several subjects or periods; see ``Evaluation.counted``."""
        for ask, _ in questions:
            self._evaluation.prepare(ask)

        async def work(advance: Advance) -> tuple[Tallies, ...]:
            found = []
            for ask, figures in questions:
                found.append(await self._evaluation.counted(ask, figures))
                advance.done += 1
            return tuple(found)

        name = ("counted", tuple((_key(ask), figures) for ask, figures in questions))
        return await self._jobs.ask(
            name, len(questions), work, patience_s=patience_s, kept_s=kept_s)

    async def _sheet(self, ask: Ask, advance: Advance) -> Document:
        try:
            sheet = await self._evaluation.sheet(ask)
            # Twenty thousand lines in exact fractions are no work for the event loop.
            return await asyncio.to_thread(document, sheet)
        finally:
            advance.done += 1

    async def _before(self, ask: Ask, sheet: Document, advance: Advance) -> Document | None:
        """By the rules of the period itself, or there is nothing to compare."""
        period, _ = self._evaluation.prepare(ask)
        try:
            earlier = replace(
                ask, period=before(period).name, version=sheet["definition"]["version"])
            return await self._beside(earlier, advance)
        except Invalid:
            return None

    async def _beside(self, ask: Ask, advance: Advance) -> Document:
        """The sheet of a period beside the one that is asked for: kept for a while once it is
        over."""
        _, version = self._evaluation.prepare(ask)
        now = asyncio.get_running_loop().time()
        name = _key(replace(ask, version=version.definition.version))
        counted_at, kept = self._past.get(name, (0.0, None))
        if kept is not None and now - counted_at < PAST_S:
            advance.done += 1
            return kept
        sheet = await self._sheet(ask, advance)
        is_over = sheet["as_of"] == sheet["ends"]
        if is_over and len(sheet["lines"]) <= PAST_LINES_MAX:
            self._past.pop(name, None)
            while len(self._past) >= PAST_MAX:
                del self._past[next(iter(self._past))]
            self._past[name] = now, sheet
        return sheet


def _row(last: Period, count: int) -> list[Period]:
    found = [last]
    while len(found) < count:
        try:
            found.append(before(found[-1]))
        except Invalid:
            break
    return found[::-1]


def _point(sheet: Document, key: tuple[str, ...]) -> Point:
    line: Mapping[str, Any] = sheet["total"]
    if key:
        found = next((one for one in sheet["lines"] if tuple(one["key"]) == key), None)
        none = {"counts": {}, "rates": dict.fromkeys(line["rates"])}
        line = found if found is not None else none
    return Point(
        period=sheet["period"], counts=line["counts"], rates=line["rates"],
        score=line.get("score"), grade=line.get("grade", ""))


def _key(ask: Ask) -> tuple[Any, ...]:
    return (
        ask.subject, ask.period, ask.version, ask.group, ask.on_trial,
        tuple(sorted(ask.where.items())), tuple(sorted(ask.prefixes.items())),
    )
