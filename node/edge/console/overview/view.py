"""The overview: figures of the day, lights by place, the last days, the oldest overdue cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from node.core.clock import BEIJING
from node.core.indicators import Definition, Shown
from node.core.periods import Period, Span, before, running
from node.edge.console.charts import Chart, Series, line_chart
from node.edge.console.evaluation.asked import PATH as EVALUATION
from node.edge.console.overview.tiles import Tile, tiles
from node.edge.console.visit import Visit
from node.edge.console.work.queues import PATH as WORK
from node.edge.console.work.rows import LIGHTS, Row, row_of
from node.service.evaluation.boards import Tallies
from node.service.evaluation.jobs import Working
from node.service.evaluation.room import Ask
from node.service.evaluation.sheet import printed
from node.service.views import CaseFilter

PATIENCE_S: Final = 0.8
KEPT_S: Final = 600.0
"""How old those of days that are over may be: what arrives late moves them little."""
OLDEST: Final = 5
NO_DATA: Final = "—"

Question = tuple[Ask, tuple[Shown, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A figure and where its cases are; ``of``: what a rate divides, with the same."""

    title: str
    text: str
    path: str = ""
    of: tuple[tuple[str, str], ...] = ()
    bad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """Open cases of one light: ``x`` and ``width`` in percent of the bar."""

    light: str
    said: str
    count: int
    x: float
    width: float
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A place or a class: figures of the day, and its open cases by light."""

    title: str
    code: str
    numbers: tuple[Number, ...]
    stripes: tuple[Stripe, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A link that is down: with whom, and in words since when and why. ``light``: bad, or idle if
    there was no contact ever."""

    who: str
    light: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole page."""

    day: str
    numbers: tuple[Number, ...]
    heads: tuple[str, ...]
    places: tuple[Line, ...]
    classes: tuple[Line, ...]
    stripes: tuple[Stripe, ...]
    chart: Chart | None
    oldest: tuple[Row, ...]
    cut: tuple[Cut, ...]
    as_of: str


async def overview(visit: Visit) -> Overview | Working:
    """The overview as it stands, or how far its figures are."""
    today = running(Span.DAY, datetime.now(UTC))
    day = _Day(visit, today, visit.desk.evaluation.definitions.of(today).definition)
    return await day.told()


class _Day:
    """The overview of one day under the rules in force."""

    def __init__(self, visit: Visit, today: Period, definition: Definition) -> None:
        self._visit, self._today, self._rules = visit, today, definition
        self._file = tiles()
        self._tiles = self._file.told_by(definition)
        self._columns = [
            one for one in self._tiles if one.parts and one.subject == self._file.places]
        self._trends = [one for one in self._tiles if one.trend]

    async def told(self) -> Overview | Working:
        """Everything, or how far the first of it is that is not there yet."""
        counts = await self._counted(self._tiles)
        by_class = await self._counted(self._of_classes())
        days = _days(self._today, self._file.days)
        past = await self._counted(self._trends, days[:-1], KEPT_S)
        for found in (counts, by_class, past):
            if isinstance(found, Working):
                return found
        assert not isinstance(counts, Working), "or it would have been told"
        assert not isinstance(by_class, Working), "or it would have been told"
        assert not isinstance(past, Working), "or it would have been told"
        queries = self._visit.desk.queries
        lights: Mapping[str, Mapping[str, int]] = {}
        longest: Sequence[Mapping[str, Any]] = ()
        if self._visit.may("listCases"):
            lights = await queries.lights(self._length())
            longest = (await self._visit.desk.cases(
                CaseFilter(overdue=True), "", OLDEST, "limit")).items
        totals = _summed(lights.values())
        pairs = list(zip(self._tiles, counts, strict=True))
        return Overview(
            day=self._today.name,
            numbers=(*(self._number(tile, tally) for tile, tally in pairs),
                     self._overdue(totals)),
            heads=tuple(self._visit.say(one.title) for one in self._columns),
            places=await self._places([(tile, tally) for tile, tally in pairs
                                       if tile in self._columns], lights),
            classes=await self._classes(by_class), stripes=self._stripes(totals, {}),
            chart=self._chart(days, past, [tally for tile, tally in pairs if tile.trend]),
            oldest=tuple(row_of(self._visit, one) for one in longest),
            cut=await _cut(self._visit),
            as_of=datetime.now(BEIJING).strftime("%H:%M:%S"),
        )

    # --- counting -----------------------------------------------------------------------------

    def _question(self, tile: Tile, day: Period) -> Question:
        where = {tile.our: (self._visit.desk.node,)} if tile.our else {}
        return (Ask(subject=tile.subject, period=day.name, where=where),
                tile.shown(self._rules))

    async def _counted(
        self, asked: Sequence[Tile], days: Sequence[Period] = (), kept_s: float = 0.0
    ) -> tuple[Tallies, ...] | Working:
        questions = [self._question(tile, day)
                     for day in days or (self._today,) for tile in asked]
        return await self._visit.desk.boards.counted(
            questions, patience_s=PATIENCE_S, kept_s=kept_s)

    def _of_classes(self) -> list[Tile]:
        """The columns of the tables, counted by class."""
        asked = [replace(one, subject=self._file.classes) for one in self._columns]
        return [one for one in asked if one.shown(self._rules)]

    # --- figures of the day -------------------------------------------------------------------

    def _number(self, tile: Tile, tally: Tallies) -> Number:
        shown = tile.shown(self._rules)
        sums = [sum(line.get(one, 0) for line in tally.values()) for one in shown]
        paths = [self._cases(tile, one) if count else ""
                 for one, count in zip(shown, sums, strict=True)]
        title = self._visit.say(tile.title)
        if not tile.rate:
            return Number(title=title, text=str(sums[0]), path=paths[0])
        above, below = sums
        text = printed((above, below), percent=True) if below else NO_DATA
        return Number(
            title=title, text=text, of=((str(above), paths[0]), (str(below), paths[1])))

    def _cases(self, tile: Tile, shown: Shown, key: Sequence[str] = ()) -> str:
        query = [
            ("subject", tile.subject), ("period", self._today.name),
            ("figure", f"{shown.counter}@{shown.window}"), ("rate", tile.rate),
            ("our", tile.our), *(("key", one) for one in key)]
        return f"{EVALUATION}/cases?{urlencode([one for one in query if one[1]])}"

    def _overdue(self, totals: Mapping[str, int]) -> Number:
        count = totals.get("red", 0)
        return Number(
            title=self._visit.say("目前超期"), text=str(count), bad=count > 0,
            path=f"{WORK}?light=red" if count else "")

    # --- by place and by class ----------------------------------------------------------------

    def _length(self) -> int:
        """How many characters of an area code make a place; 0 = the rules have no places."""
        places = self._rules.subjects.get(self._file.places)
        return (places.keys[0].length or 0) if places is not None else 0

    async def _called(
        self, subject: str, keys: Sequence[tuple[str, ...]]
    ) -> list[tuple[str, ...]]:
        ask = Ask(subject=subject, period=self._today.name)
        return await self._visit.desk.evaluation.called(ask, keys) if keys else []

    async def _places(
        self, columns: Sequence[tuple[Tile, Tallies]], lights: Mapping[str, Mapping[str, int]]
    ) -> tuple[Line, ...]:
        length = self._length()
        areas = {(area,) for area in lights if length and len(area) == length}
        keys = sorted({key for _, tally in columns for key in tally} | areas)
        names = await self._called(self._file.places, keys)
        most = max((sum(one.values()) for one in lights.values()), default=0)
        return tuple(
            Line(
                title=" ".join(name), code=" ".join(key) if name != key else "",
                numbers=tuple(self._cell(tile, tally, key) for tile, tally in columns),
                stripes=self._stripes(lights.get(key[0], {}), {"area": key[0]}, most),
            )
            for key, name in zip(keys, names, strict=True)
        )

    async def _classes(self, tallies: Sequence[Tallies]) -> tuple[Line, ...]:
        """Those of the most cases of the day."""
        pairs = list(zip(self._of_classes(), tallies, strict=True))

        def volume(key: tuple[str, ...]) -> list[int]:
            return [-self._count(tile, tally, key) for tile, tally in pairs]

        keys = sorted({key for tally in tallies for key in tally}, key=volume)
        keys = keys[:self._file.lines]
        names = await self._called(self._file.classes, keys)
        return tuple(
            Line(title=name[-1], code=key[-1] if name[-1] != key[-1] else "",
                 numbers=tuple(self._cell(tile, tally, key) for tile, tally in pairs))
            for key, name in zip(keys, names, strict=True)
        )

    def _count(self, tile: Tile, tally: Tallies, key: tuple[str, ...]) -> int:
        (shown,) = tile.shown(self._rules)
        return tally.get(key, {}).get(shown, 0)

    def _cell(self, tile: Tile, tally: Tallies, key: tuple[str, ...]) -> Number:
        (shown,) = tile.shown(self._rules)
        count = self._count(tile, tally, key)
        return Number(
            title="", text=str(count), path=self._cases(tile, shown, key) if count else "")

    def _stripes(
        self, counts: Mapping[str, int], which: Mapping[str, str], most: int = 0
    ) -> tuple[Stripe, ...]:
        """Red first, as long as all of them are beside the longest bar."""
        whole = max(most, sum(counts.values())) or 1
        x, found = 0.0, []
        for light in ("red", "yellow", "green", "grey"):
            count = counts.get(light, 0)
            if count:
                width = 100 * count / whole
                query = urlencode({**which, "light": light})
                found.append(Stripe(
                    light=light, said=self._visit.say(LIGHTS[light]), count=count,
                    x=round(x, 2), width=round(width, 2),
                    path=f"{WORK}?{query}" if light != "grey" else ""))
                x += width
        return tuple(found)

    # --- the last days ------------------------------------------------------------------------

    def _chart(
        self, days: Sequence[Period], past: Sequence[Tallies], now: Sequence[Tallies]
    ) -> Chart | None:
        """The days that are over, and today as its figures stand."""
        if not self._trends:
            return None
        counts, series = [*past, *now], []
        for at, tile in enumerate(self._trends):
            (shown,) = tile.shown(self._rules)
            values = [sum(line.get(shown, 0) for line in tally.values())
                      for tally in counts[at::len(self._trends)]]
            series.append(Series(
                title=self._visit.say(tile.trend), values=[float(one) for one in values],
                texts=[str(one) for one in values]))
        return line_chart(
            self._visit.say("近 %(days)s 天", days=len(days)),
            [one.first.strftime("%m-%d") for one in days], series, colon=self._visit.say("："))


async def _cut(visit: Visit) -> tuple[Cut, ...]:
    """Links that are down, as the lights of the frame tell everybody; of several processes only
    the owner knows."""
    if not visit.knows_links:
        return ()
    return tuple(
        Cut(who=visit.desk.queries.called(f"node:{one.peer}"),
            light="bad" if one.last_contact is not None else "idle",
            said=one.sentence.say(visit.language))
        for one in await visit.desk.links() if not one.connected and not one.retired)


def _summed(found: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for one in found:
        for light, count in one.items():
            sums[light] = sums.get(light, 0) + count
    return sums


def _days(today: Period, count: int) -> list[Period]:
    found = [today]
    while len(found) < count:
        found.append(before(found[-1]))
    return found[::-1]
