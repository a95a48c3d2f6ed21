"""From tallies to rates, scores and grades, in exact fractions.

Two offices with the same tallies must show the same figure to the last digit, so nothing here is
a float; rounding is for whoever prints. A zero denominator has no rate: not 0, not 100.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from node.core.indicators import (
    Band,
    Composite,
    Definition,
    Grade,
    Missing,
    Rate,
    Shown,
    Subject,
)

Tally = Mapping[Shown, int]
"""How many rows of a key count, per counter and window."""
Groups = Mapping[str, Mapping[str, str]]
"""scheme -> key -> group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One part of a composite as it came out; ``value`` from 0 to 100, None = no data.
    ``volume``: a score band, which has a value for any volume, also for none."""

    name: str
    weight: Fraction
    value: Fraction | None
    volume: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One key of a sheet. ``rates`` from 0 to 1, None = no data. ``partial``: parts without data
    were left out of the score. ``rank`` counts from 1 inside ``group``, equal scores alike."""

    key: tuple[str, ...]
    group: str
    tally: Tally
    rates: Mapping[str, Fraction | None]
    parts: tuple[Scored, ...]
    score: Fraction | None
    partial: bool
    grade: Grade | None
    rank: int | None = None


def rate_of(rate: Rate, tally: Tally) -> Fraction | None:
    """The rate of a tally; None without a denominator."""

    def count(name: str) -> int:
        shown = Shown(counter=name, window=rate.window, attributed=rate.attributed)
        return tally.get(shown, 0)

    below = count(rate.denominator)
    return Fraction(count(rate.numerator), below) if below else None


def band_of(band: Band, tally: Tally, *, months: Fraction, group: str) -> Fraction:
    """The score of a volume."""
    volume = Fraction(
        sum(tally.get(Shown(counter=name, window=band.window), 0) for name in band.counters)
    )
    ladder = band.by_group.get(group, band.ladder)
    return Fraction(ladder.score(volume / months if band.monthly else volume))


def score(
    definition: Definition, subject: Subject, tallies: Mapping[tuple[str, ...], Tally], *,
    months: Fraction, groups: Groups,
) -> tuple[Line, ...]:
    """One line per key, best score first, those without a score last, ties by key."""
    lines = [
        _line(definition, subject, key, tally, months=months, groups=groups)
        for key, tally in _merged(subject, tallies, groups).items()
    ]
    lines.sort(key=lambda line: (line.score is None, -(line.score or 0), line.key))
    return _ranked(lines)


def total(lines: Iterable[Line]) -> dict[Shown, int]:
    """What all lines together count."""
    summed: dict[Shown, int] = {}
    for line in lines:
        for shown, count in line.tally.items():
            summed[shown] = summed.get(shown, 0) + count
    return summed


def _merged(
    subject: Subject, tallies: Mapping[tuple[str, ...], Tally], groups: Groups
) -> dict[tuple[str, ...], dict[Shown, int]]:
    """Keys that belong to one group of the subject's scheme become one key; a key without a group
    stays out, because nobody answers for it."""
    merged: dict[tuple[str, ...], dict[Shown, int]] = {}
    members = groups.get(subject.members_of, {})
    for key, tally in tallies.items():
        into = key
        if subject.members_of:
            group = members.get(key[0], "")
            if not group:
                continue
            into = (group,)
        summed = merged.setdefault(into, {})
        for shown, count in tally.items():
            summed[shown] = summed.get(shown, 0) + count
    return merged


def _line(
    definition: Definition, subject: Subject, key: tuple[str, ...], tally: Tally, *,
    months: Fraction, groups: Groups,
) -> Line:
    rates = {name: rate_of(definition.rates[name], tally) for name in subject.rates}
    composite = definition.composites.get(subject.composite)
    parts: tuple[Scored, ...] = ()
    points, partial = None, False
    if composite is not None:
        parts = _parts(definition, composite, key, tally, months=months, groups=groups)
        points, partial = _points(definition.missing, parts)
    return Line(
        key=key,
        group=groups.get(subject.peers, {}).get(key[0], "") if subject.peers else "",
        tally=tally,
        rates=rates,
        parts=parts,
        score=points,
        partial=partial,
        grade=definition.grade(points),
    )


def _parts(
    definition: Definition, composite: Composite, key: tuple[str, ...], tally: Tally, *,
    months: Fraction, groups: Groups,
) -> tuple[Scored, ...]:
    scored = []
    for part in composite.parts:
        value: Fraction | None
        if part.band:
            band = definition.bands[part.band]
            group = groups.get(band.scheme, {}).get(key[0], "") if band.scheme else ""
            value = band_of(band, tally, months=months, group=group)
        else:
            rate = rate_of(definition.rates[part.rate], tally)
            value = None if rate is None else 100 * (1 - rate if part.inverse else rate)
        scored.append(
            Scored(
                name=part.rate or part.band,
                weight=part.weight,
                value=value,
                volume=bool(part.band),
            )
        )
    return tuple(scored)


def _points(missing: Missing, parts: tuple[Scored, ...]) -> tuple[Fraction | None, bool]:
    """The weighted sum, and whether parts without data were left out of it. Where no rate has
    data there is no score: a volume alone says nothing about the work."""
    there = [(part.weight, part.value) for part in parts if part.value is not None]
    partial = len(there) < len(parts)
    weight = sum((one for one, _ in there), Fraction(0))
    measured = any(part.value is not None for part in parts if not part.volume)
    if not measured or (partial and missing is Missing.NO_DATA):
        return None, partial
    return sum((one * value for one, value in there), Fraction(0)) / weight, partial


def _ranked(lines: list[Line]) -> tuple[Line, ...]:
    seen: dict[str, tuple[int, int, Fraction]] = {}
    ranked = []
    for line in lines:
        if line.score is None:
            ranked.append(line)
            continue
        count, rank, last = seen.get(line.group, (0, 0, Fraction(-1)))
        if line.score != last:
            rank = count + 1
        seen[line.group] = count + 1, rank, line.score
        ranked.append(replace(line, rank=rank))
    return tuple(ranked)
