"""Reads versions of the indicators from files, and says everything that is wrong with one at once.

A file is a version. It is kept as the bytes it was, because what was published with it must be
shown with it; its digest stands on every sheet. Files that come with the program lie in
``node/indicators``, a city's own in the folder ``indicators`` of the node's home.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from node.core.counters import COUNTERS, Counter, Filter, RowKind
from node.core.indicators import (
    Attributed,
    Band,
    Composite,
    Cut,
    Definition,
    Fault,
    Grade,
    Key,
    Lap,
    Missing,
    Part,
    Rate,
    Scheduled,
    Shown,
    Steps,
    Subject,
    Window,
    faults,
)
from node.core.periods import Span
from node.core.sources import Sources
from node.service.evaluation.versions import BadDefinition, Definitions, Version
from node.service.phrases import Phrase, phrase
from node.service.sources import read_sources

FILE_BYTES_MAX = 256 * 1024
"""A version is a few hundred lines."""
VERSIONS_MAX = 200
"""Files read at start: versions live for a year or so."""
SOURCE, GROUP = "source", "group:"
"""The column that the list of sources explains, and how all sources of one group are named."""
SHIPPED = ("node", "indicators")


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Named(_Shape):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _WindowShape(_Named):
    columns: tuple[str, ...]


class _Not(_Shape):
    not_: tuple[str, ...] = Field(alias="not")


class _CounterShape(_Named):
    of: str
    where: dict[str, tuple[str, ...] | _Not]


class _RateShape(_Named):
    numerator: str
    denominator: str
    window: str
    source: str = ""
    attributed: bool = False


class _Ladder(_Shape):
    steps: tuple[tuple[int, int], ...]
    above: int

    def read(self) -> Steps:
        return Steps(steps=self.steps, above=self.above)


class _BandShape(_Ladder, _Named):
    counters: tuple[str, ...]
    window: str
    monthly: bool
    scheme: str = ""
    by_group: dict[str, _Ladder] = {}


class _PartShape(_Shape):
    weight: Decimal
    rate: str = ""
    band: str = ""
    inverse: bool = False

    @model_validator(mode="before")
    @classmethod
    def _no_text(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("weight"), str):
            raise ValueError("weight is a number")  # noqa: TRY004 - pydantic wants this one
        return given


class _CompositeShape(_Named):
    parts: tuple[_PartShape, ...]
    source: str = ""


class _GradeShape(_Shape):
    letter: str = Field(min_length=1)
    at_least: Decimal
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")


class _AttributedShape(_Shape):
    kind: RowKind
    column: str
    scheme: str


class _SubjectShape(_Named):
    kind: RowKind
    keys: tuple[str, ...]
    where: dict[str, tuple[str, ...]] = {}
    shown: dict[str, str] = {}
    rates: tuple[str, ...] = ()
    composite: str = ""
    members_of: str = ""
    peers: str = ""
    personal: bool = False
    attributed: _AttributedShape | None = None


class _LapShape(_Named):
    name: str
    kind: RowKind
    begin: str
    end: str


class _ScheduledShape(_Shape):
    subject: str
    every: Span
    open: bool = False


class _File(_Shape):
    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")
    title: str
    valid_from: date
    source: str = ""
    cut: Cut
    missing: Missing
    trial_nodes: tuple[str, ...] = ()
    windows: dict[str, _WindowShape]
    counters: dict[str, _CounterShape] = {}
    rates: dict[str, _RateShape]
    bands: dict[str, _BandShape] = {}
    composites: dict[str, _CompositeShape] = {}
    grades: tuple[_GradeShape, ...] = ()
    subjects: dict[str, _SubjectShape]
    laps: tuple[_LapShape, ...] = ()
    schedule: tuple[_ScheduledShape, ...] = ()


def read_definition(text: str, *, name: str, sources: Sources | None = None) -> Version:
    """Read and check one file. ``BadDefinition`` with every fault that was found. Sources of
    reports are those of ``sources`` (None = the shipped list): by code, or all of a group as
    ``group:public``."""
    raw = text.encode()
    if len(raw) > FILE_BYTES_MAX:
        raise BadDefinition(name, [phrase("definition.long", bytes=FILE_BYTES_MAX)])
    try:
        given = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as err:
        raise BadDefinition(name, [phrase("definition.toml", reason=str(err))]) from err
    try:
        shape = _File.model_validate(given)
    except ValidationError as err:
        raise BadDefinition(name, [_misshapen(one) for one in err.errors()]) from err
    known = sources if sources is not None else shipped_sources()
    definition, wrong = _built(shape, digest=sha256(raw).hexdigest(), sources=known)
    wrong = (*wrong, *faults(definition))
    if wrong:
        raise BadDefinition(name, [told(fault) for fault in wrong])
    return Version(definition=definition, text=text)


def told(fault: Fault) -> Phrase:
    """A fault as a sentence."""
    return phrase(fault.code, where=fault.where, given=fault.given)


def _misshapen(error: Any) -> Phrase:
    where = ".".join(str(part) for part in error["loc"]) or "-"
    return phrase("definition.shape", where=where, reason=error["msg"])


def _built(
    shape: _File, *, digest: str, sources: Sources
) -> tuple[Definition, tuple[Fault, ...]]:
    wrong: list[Fault] = []
    counters: dict[str, Counter] = dict(COUNTERS)
    for name, derived in shape.counters.items():
        base = COUNTERS.get(derived.of)
        if base is None or name in COUNTERS:
            code = "definition.counter" if base is None else "definition.taken"
            given = derived.of if base is None else name
            wrong.append(Fault(where=f"counters.{name}", code=code, given=given))
            continue
        place = f"counters.{name}"
        where = tuple(
            Filter(column=column, values=_values(column, values.not_, sources, place, wrong),
                   negate=True)
            if isinstance(values, _Not)
            else Filter(column=column, values=_values(column, values, sources, place, wrong))
            for column, values in derived.where.items()
        )
        counters[name] = replace(base, name=name, zh=derived.zh, en=derived.en, where=where)
    definition = Definition(
        version=shape.version,
        title=shape.title,
        valid_from=shape.valid_from,
        source=shape.source,
        cut=shape.cut,
        missing=shape.missing,
        trial_nodes=shape.trial_nodes,
        counters=counters,
        windows={
            name: Window(name=name, columns=one.columns, zh=one.zh, en=one.en)
            for name, one in shape.windows.items()
        },
        rates={name: Rate(name=name, **dict(one)) for name, one in shape.rates.items()},
        bands={name: _band(name, one) for name, one in shape.bands.items()},
        composites={name: _composite(name, one) for name, one in shape.composites.items()},
        grades=tuple(
            Grade(letter=one.letter, at_least=Fraction(one.at_least), colour=one.colour)
            for one in shape.grades
        ),
        subjects={
            name: _subject(name, one, wrong) for name, one in shape.subjects.items()
        },
        laps=tuple(Lap(**dict(one)) for one in shape.laps),
        schedule=tuple(
            Scheduled(subject=one.subject, every=one.every, open_to_all=one.open)
            for one in shape.schedule
        ),
        digest=digest,
    )
    return definition, tuple(wrong)


def _values(
    column: str, given: tuple[str, ...], sources: Sources, place: str, wrong: list[Fault]
) -> tuple[str, ...]:
    """The values of a filter; of sources those that the list has, groups spelt out."""
    if column != SOURCE:
        return given
    found: dict[str, None] = {}
    for value in given:
        codes = (
            [code for code, one in sources.rows.items() if one.group == value.removeprefix(GROUP)]
            if value.startswith(GROUP)
            else [value] if value in sources.rows or value == "*" else []
        )
        if not codes:
            wrong.append(Fault(where=place, code="definition.source", given=value))
        found.update(dict.fromkeys(codes))
    return tuple(found)


def _band(name: str, one: _BandShape) -> Band:
    return Band(
        name=name,
        zh=one.zh,
        en=one.en,
        counters=one.counters,
        window=one.window,
        monthly=one.monthly,
        ladder=one.read(),
        scheme=one.scheme,
        by_group={group: ladder.read() for group, ladder in one.by_group.items()},
    )


def _composite(name: str, one: _CompositeShape) -> Composite:
    return Composite(
        name=name,
        zh=one.zh,
        en=one.en,
        source=one.source,
        parts=tuple(
            Part(
                weight=Fraction(part.weight),
                rate=part.rate,
                band=part.band,
                inverse=part.inverse,
            )
            for part in one.parts
        ),
    )


def _subject(name: str, one: _SubjectShape, wrong: list[Fault]) -> Subject:
    keys = []
    for text in one.keys:
        column, _, length = text.partition(":")
        if length and not (length.isascii() and length.isdigit() and 0 < int(length) <= 64):
            wrong.append(Fault(where=f"subjects.{name}", code="definition.length", given=text))
            continue
        keys.append(Key(column=column, length=int(length) if length else None))
    attributed = one.attributed
    return Subject(
        name=name,
        zh=one.zh,
        en=one.en,
        kind=one.kind,
        keys=tuple(keys),
        where=one.where,
        shown=tuple(
            Shown(counter=counter, window=window) for counter, window in one.shown.items()
        ),
        rates=one.rates,
        composite=one.composite,
        members_of=one.members_of,
        peers=one.peers,
        personal=one.personal,
        attributed=Attributed(**dict(attributed)) if attributed is not None else None,
    )


def shipped() -> list[tuple[str, str]]:
    """Name and text of the files that come with the program."""
    package, folder = SHIPPED
    return [
        (one.name, one.read_text(encoding="utf-8"))
        for one in sorted((files(package) / folder).iterdir(), key=lambda one: one.name)
        if one.name.endswith(".toml")
    ]


def shipped_sources() -> Sources:
    """The list of sources that comes with the program."""
    with as_file(files("node.standards") / "sources.toml") as path:
        return read_sources(path)


def load_definitions(home: Path | None, sources: Sources | None = None) -> Definitions:
    """The shipped versions and those in the folder ``indicators`` of this home, over the office's
    list of sources (None = the shipped one)."""
    texts: Mapping[str, str] = dict(shipped())
    folder = home / "indicators" if home is not None else None
    own = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []
    if len(own) > VERSIONS_MAX:
        raise BadDefinition(str(folder), [phrase("definition.many", count=VERSIONS_MAX)])
    known = sources if sources is not None else shipped_sources()
    found = [read_definition(text, name=name, sources=known) for name, text in texts.items()]
    for path in own:
        found.append(read_definition(
            path.read_text(encoding="utf-8"), name=str(path), sources=known))
    return Definitions(found)
