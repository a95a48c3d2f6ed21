"""Working time by walking: the oracle for ``node.core.clock``, which it does not know.

It has its own idea of a calendar (plain minutes and days, no classes of the core), paints every
minute of a span as worked or free, and then does what a clerk with a stopwatch would do: go from
minute to minute and count. Instants are whole minutes since midnight of 1 January 2019, Beijing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

DAY0 = date(2019, 1, 1)
DAYS = (date(2028, 1, 1) - DAY0).days
"""2019 to 2027: three leap-year borders, and years whose holidays nobody has published."""
MINUTES = 1440

Spans = tuple[tuple[int, int], ...]
"""Worked spans of a day: [from, to) in minutes since midnight."""


@dataclass(frozen=True)
class Rule:
    """Hours that hold on days [first, last) for these weekdays (Monday 0)."""

    spans: Spans
    weekdays: frozenset[int]
    first: int
    last: int


@dataclass(frozen=True)
class Almanac:
    """Rules in order of precedence, and the exceptions; days are counted from ``DAY0``."""

    seed: int
    rules: tuple[Rule, ...]
    free: frozenset[int]
    extra: frozenset[int]

    def spans(self, day: int) -> Spans:
        """The worked spans of a day."""
        for rule in self.rules:
            if rule.first <= day < rule.last:
                weekday = (DAY0 + timedelta(days=day)).weekday()
                if day in self.free:
                    return ()
                worked = weekday in rule.weekdays or day in self.extra
                return rule.spans if worked else ()
        return ()


def almanac(seed: int) -> Almanac:
    """A city's calendar from a seed: ordinary hours, summer hours in most, odd hours in some,
    holidays in runs with make-up days around them as the yearly notices have them."""
    rng = random.Random(seed)
    usual: Spans = ((480, 720), (840, 1080))
    base = usual if seed % 3 == 0 else _odd_spans(rng)
    weekdays = frozenset(range(5)) if rng.random() < 0.8 else frozenset(rng.sample(range(7), 6))
    rules: list[Rule] = []
    if rng.random() < 0.7:
        summer = ((480, 720), (900, 1110)) if rng.random() < 0.5 else _odd_spans(rng)
        for year in range(2019, 2028):
            first = (date(year, rng.choice((5, 6)), 1) - DAY0).days
            rules.append(Rule(summer, weekdays, first, first + rng.randint(60, 150)))
    rules.append(Rule(base, weekdays, 0, DAYS + MINUTES))
    free: set[int] = set()
    extra: set[int] = set()
    for year in range(2019, 2028):
        new_year = (date(year, 1, 1) - DAY0).days
        for _ in range(rng.randint(3, 9)):
            first = new_year + rng.randrange(365)
            run = range(first, first + rng.randint(1, 8))
            free.update(run)
            for day in (first - rng.randint(1, 6), run.stop + rng.randint(0, 6)):
                if rng.random() < 0.7:
                    extra.add(day)
    return Almanac(seed, tuple(rules), frozenset(free), frozenset(extra - free))


def _odd_spans(rng: random.Random) -> Spans:
    """One to four spans with odd edges, at least two hours in all; may touch both midnights."""
    while True:
        edges = sorted(rng.sample(range(MINUTES), 2 * rng.randint(1, 4)))
        if rng.random() < 0.1:
            edges[0] = 0
        spans = tuple(zip(edges[::2], edges[1::2], strict=True))
        if sum(to - frm for frm, to in spans) >= 120:
            return spans


class Span:
    """The painted minutes of some days: 1 = worked. ``at`` is the absolute minute of the first."""

    def __init__(self, almanac: Almanac, first_day: int, days: int) -> None:
        self.at = first_day * MINUTES
        self._minutes = bytearray(days * MINUTES)
        for day in range(days):
            for frm, to in almanac.spans(first_day + day):
                self._minutes[day * MINUTES + frm : day * MINUTES + to] = b"\1" * (to - frm)

    def worked(self, frm: int, to: int) -> int:
        """Worked minutes in [frm, to)."""
        return sum(self._minutes[max(frm - self.at, 0) : max(to - self.at, 0)])

    def forward(self, start: int, minutes: int) -> int:
        """Go on until so many minutes were worked; the instant after the last of them."""
        left = minutes
        position = start - self.at
        if not left:
            return start
        for worked in memoryview(self._minutes)[position:]:
            position += 1
            left -= worked
            if not left:
                return position + self.at
        raise AssertionError("the span is too short for this walk")

    def back(self, end: int, minutes: int) -> int:
        """Go back until so many minutes were worked; the instant before the first of them."""
        left = minutes
        position = end - self.at
        if not left:
            return end
        for worked in memoryview(self._minutes)[:position][::-1]:
            position -= 1
            left -= worked
            if not left:
                return position + self.at
        raise AssertionError("the span is too short for this walk")

    def days_later(self, start: int, days: int) -> int:
        """The same minute of the day, so many working days later. Who starts outside working time
        waits for the next opening; the instant of closing is not outside."""
        position = start - self.at
        while not self._minutes[position] and not (position and self._minutes[position - 1]):
            position += 1
        if not days:
            return position + self.at
        minute_of_day = position % MINUTES
        left = days
        while left:
            position += 1
            if position % MINUTES == 0 and any(self._minutes[position : position + MINUTES]):
                left -= 1
        return position + minute_of_day + self.at
