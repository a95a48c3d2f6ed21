"""Indicators: what a city measures, as data. Rates, score bands, composites, grades, subjects.

A definition is one version of the assessment rules. It is read from a file, checked as a whole and
never changed afterwards: a period keeps the version it was published with. Nothing here knows a
figure; ``node.core.scoring`` applies a definition to tallies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from node.core.counters import COUNTERS, KEYS, TIMES, Counter, RowKind
from node.core.periods import Span


class Cut(StrEnum):
    """As of when a period's rows are judged."""

    PERIOD_END = "period_end"
    NOW = "now"


class Missing(StrEnum):
    """What a composite does with a part whose denominator is zero."""

    RESCALE = "rescale"
    """The weights of the other parts are scaled up to one."""
    NO_DATA = "no_data"
    """The composite has no data either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which rows belong to a period: those of which one of these instants lies in it."""

    name: str
    columns: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Numerator over denominator, both counted over the rows of one window. ``attributed``: over
    rows that are not the subject's own, but attributed to its key (see ``Attributed``)."""

    name: str
    zh: str
    en: str
    numerator: str
    denominator: str
    window: str
    source: str = ""
    attributed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A ladder of scores: the first ``(up to, score)`` whose bound the value does not pass;
    ``above`` beyond the last."""

    steps: tuple[tuple[int, int], ...]
    above: int

    def score(self, value: Fraction) -> int:
        """The score of a value."""
        for up_to, score in self.steps:
            if value <= up_to:
                return score
        return self.above


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A volume turned into a score. ``monthly``: the volume of one month, so that a year is not
    punished for its length. ``scheme`` names the grouping of keys whose group chooses the ladder;
    a key without a group takes ``ladder``."""

    name: str
    zh: str
    en: str
    counters: tuple[str, ...]
    window: str
    monthly: bool
    ladder: Steps
    scheme: str = ""
    by_group: Mapping[str, Steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a composite: a rate (``inverse``: one minus it) or a band, and its weight."""

    weight: Fraction
    rate: str = ""
    band: str = ""
    inverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """A score from 0 to 100: the weighted sum of its parts."""

    name: str
    zh: str
    en: str
    parts: tuple[Part, ...]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A letter from this score on, with its colour on screens (``#rrggbb``)."""

    letter: str
    at_least: Fraction
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A column to group by; ``length`` takes the beginning of a code (None = all of it)."""

    column: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A counter over a window: of the subject's own rows, or of those attributed to it."""

    counter: str
    window: str
    attributed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """Rows of another kind that a subject answers for: the scheme says whose a value of the
    column is (whose beat a grid lies in, say)."""

    kind: RowKind
    column: str
    scheme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is evaluated: rows of one kind, filtered, grouped by keys.

    ``members_of``: the keys are merged into the groups of that scheme (collectors into their
    firm). ``peers``: scores are ranked inside the groups of that scheme. ``personal``: the key
    names a person, so it is never made public.
    """

    name: str
    zh: str
    en: str
    kind: RowKind
    keys: tuple[Key, ...]
    where: Mapping[str, tuple[str, ...]]
    shown: tuple[Shown, ...]
    rates: tuple[str, ...]
    composite: str = ""
    members_of: str = ""
    peers: str = ""
    personal: bool = False
    attributed: Attributed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """A time between two instants of a row."""

    name: str
    zh: str
    en: str
    kind: RowKind
    begin: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A sheet that is published by itself when a period of this length is over."""

    subject: str
    every: Span
    open_to_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of the rules. ``digest`` is the SHA-256 of the file it was read from, in hex."""

    version: str
    title: str
    valid_from: date
    source: str
    cut: Cut
    missing: Missing
    trial_nodes: tuple[str, ...]
    counters: Mapping[str, Counter]
    windows: Mapping[str, Window]
    rates: Mapping[str, Rate]
    bands: Mapping[str, Band]
    composites: Mapping[str, Composite]
    grades: tuple[Grade, ...]
    subjects: Mapping[str, Subject]
    laps: tuple[Lap, ...]
    schedule: tuple[Scheduled, ...]
    digest: str

    def grade(self, score: Fraction | None) -> Grade | None:
        """The grade of a score; None for no score."""
        if score is None:
            return None
        return next((one for one in self.grades if score >= one.at_least), None)

    def measures(self, subject: Subject) -> tuple[Shown, ...]:
        """Every (counter, window) that has to be counted for a subject, each once, in order."""
        wanted: dict[Shown, None] = dict.fromkeys(subject.shown)
        composite = self.composites.get(subject.composite)
        parts = composite.parts if composite is not None else ()
        rates = dict.fromkeys((*subject.rates, *(part.rate for part in parts if part.rate)))
        for name in rates:
            rate = self.rates[name]
            for counter in (rate.numerator, rate.denominator):
                shown = Shown(counter=counter, window=rate.window, attributed=rate.attributed)
                wanted[shown] = None
        for band in (self.bands[part.band] for part in parts if part.band):
            for counter in band.counters:
                wanted[Shown(counter=counter, window=band.window)] = None
        return tuple(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong in a definition: where (dotted), a stable code, and the values it speaks of."""

    where: str
    code: str
    given: str = ""


def faults(definition: Definition) -> tuple[Fault, ...]:
    """Everything that makes a definition unusable; empty = it can be applied to any tally."""
    return tuple(
        fault
        for look in _LOOKS
        for fault in look(definition)
    )


def _windows(definition: Definition) -> Iterator[Fault]:
    for name, window in definition.windows.items():
        if not window.columns:
            yield Fault(where=f"windows.{name}", code="definition.empty")
        yield from _known(f"windows.{name}.columns", window.columns, TIMES, "definition.column")


def _counters(definition: Definition) -> Iterator[Fault]:
    for name, counter in definition.counters.items():
        for one in counter.where:
            yield from _known(f"counters.{name}", (one.column,), KEYS, "definition.column")
            if not one.values:
                yield Fault(where=f"counters.{name}", code="definition.empty")
        if name in COUNTERS and counter != COUNTERS[name]:
            yield Fault(where=f"counters.{name}", code="definition.taken", given=name)


def _rates(definition: Definition) -> Iterator[Fault]:
    for name, rate in definition.rates.items():
        where = f"rates.{name}"
        both = (rate.numerator, rate.denominator)
        yield from _known(where, both, definition.counters, "definition.counter")
        yield from _known(where, (rate.window,), definition.windows, "definition.window")


def _bands(definition: Definition) -> Iterator[Fault]:
    for name, band in definition.bands.items():
        where = f"bands.{name}"
        if not band.counters:
            yield Fault(where=where, code="definition.empty")
        yield from _known(where, band.counters, definition.counters, "definition.counter")
        yield from _known(where, (band.window,), definition.windows, "definition.window")
        for ladder in (band.ladder, *band.by_group.values()):
            bounds = [up_to for up_to, _ in ladder.steps]
            if bounds != sorted(set(bounds)):
                yield Fault(where=where, code="definition.order", given=str(bounds))
            scores = [*(score for _, score in ladder.steps), ladder.above]
            for score in scores:
                if not 0 <= score <= 100:
                    yield Fault(where=where, code="definition.score", given=str(score))


def _composites(definition: Definition) -> Iterator[Fault]:
    for name, composite in definition.composites.items():
        where = f"composites.{name}"
        total = sum((part.weight for part in composite.parts), Fraction(0))
        if total != 1:
            yield Fault(where=where, code="definition.weights", given=str(float(total)))
        for part in composite.parts:
            if part.weight <= 0:
                yield Fault(where=where, code="definition.weights", given=str(float(part.weight)))
            if bool(part.rate) is bool(part.band):
                yield Fault(where=where, code="definition.part", given=part.rate or part.band)
            if part.rate:
                yield from _known(where, (part.rate,), definition.rates, "definition.rate")
            if part.band:
                yield from _known(where, (part.band,), definition.bands, "definition.band")


def _grades(definition: Definition) -> Iterator[Fault]:
    bounds = [one.at_least for one in definition.grades]
    if bounds != sorted(set(bounds), reverse=True) or (bounds and bounds[-1] != 0):
        yield Fault(where="grades", code="definition.order", given=", ".join(map(str, bounds)))


def _subjects(definition: Definition) -> Iterator[Fault]:
    for name, subject in definition.subjects.items():
        where = f"subjects.{name}"
        if not subject.keys:
            yield Fault(where=where, code="definition.empty")
        columns = (*(key.column for key in subject.keys), *subject.where)
        yield from _known(where, columns, KEYS, "definition.column")
        yield from _known(where, subject.rates, definition.rates, "definition.rate")
        if subject.composite:
            yield from _known(
                where, (subject.composite,), definition.composites, "definition.composite"
            )
        if subject.attributed is not None:
            columns = (subject.attributed.column,)
            yield from _known(where, columns, KEYS, "definition.column")
        counters = [one.counter for one in subject.shown]
        windows = [one.window for one in subject.shown]
        yield from _known(where, counters, definition.counters, "definition.counter")
        yield from _known(where, windows, definition.windows, "definition.window")
        yield from _of_kind(definition, subject)


def _of_kind(definition: Definition, subject: Subject) -> Iterator[Fault]:
    """A unit has no filing rate: counters must be of the subject's kind of rows."""
    try:
        measures = definition.measures(subject)
    except KeyError:
        return  # an unknown name, said elsewhere
    for one in measures:
        counter = definition.counters.get(one.counter)
        kind: RowKind | None = subject.kind
        if one.attributed:
            kind = subject.attributed.kind if subject.attributed is not None else None
        if counter is not None and kind not in counter.kinds:
            yield Fault(
                where=f"subjects.{subject.name}", code="definition.kind", given=one.counter
            )


def _laps(definition: Definition) -> Iterator[Fault]:
    for lap in definition.laps:
        names = {*TIMES, *(counter.since for counter in COUNTERS.values())}
        yield from _known(f"laps.{lap.name}", (lap.begin, lap.end), names, "definition.column")


def _known(
    where: str, names: Iterable[str], known: Iterable[str], code: str
) -> Iterator[Fault]:
    there = set(known)
    for name in names:
        if name not in there:
            yield Fault(where=where, code=code, given=name)


def _schedule(definition: Definition) -> Iterator[Fault]:
    names = (one.subject for one in definition.schedule)
    yield from _known("schedule", names, definition.subjects, "definition.subject")


_LOOKS = (
    _windows, _counters, _rates, _bands, _composites, _grades, _subjects, _laps, _schedule
)
