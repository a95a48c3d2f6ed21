"""Sheets that wait, what they would change, and versions, as plain values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from node.core.revising import Change, Counts
from node.service.imports.report import RowFault
from node.service.phrases import ENGLISH

FAULTS_KEPT: Final = 500
"""Faults that are kept with a sheet; the sheet of rejected lines has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One fault or warning, said in both languages: whoever mends it may not be who sent it."""

    row: int
    column: str
    code: str
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""

    @classmethod
    def of(cls, fault: RowFault) -> Told:
        """As the importers say it."""
        return cls(
            row=fault.row, column=fault.column, code=fault.code, zh=fault.sentence.say("zh"),
            en=fault.sentence.say(ENGLISH), mend_zh=fault.mend.say("zh"),
            mend_en=fault.mend.say(ENGLISH))

    def sentence(self, language: str) -> str:
        """What is wrong."""
        return self.en if language == ENGLISH else self.zh

    def mend(self, language: str) -> str:
        """How to mend it."""
        return self.mend_en if language == ENGLISH else self.mend_zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of reading a file. ``rows``: sound lines; ``bad``: lines that cannot be imported;
    ``hopeless``: nothing of it can be."""

    rows: int = 0
    bad: int = 0
    hopeless: bool = False
    faults: tuple[Told, ...] = ()
    warnings: tuple[Told, ...] = ()

    def written(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Report:
        """From JSON."""
        found = json.loads(text)
        for name in ("faults", "warnings"):
            found[name] = tuple(Told(**one) for one in found[name])
        return cls(**found)


def told(faults: Iterable[RowFault]) -> tuple[Told, ...]:
    """The first of them, in the order of their lines."""
    return tuple(Told.of(one) for one in sorted(faults, key=lambda one: one.row)[:FAULTS_KEPT])


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A sheet that waits. ``whole``: what it does not name goes. ``rejects``: its rejected lines
    as CSV, "" = there are none."""

    id: str
    kind: str
    at: datetime
    actor: str
    source: str
    whole: bool
    report: Report
    rejects: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What was sent. ``given``: values for columns that the sheet lacks; ``language``: of the sheet
    of rejected lines."""

    name: str
    data: bytes
    encoding: str = ""
    sheet: str = ""
    whole: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Sound rows of a sheet, as its table reads them."""

    rows: Sequence[Any]
    whole: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would change. ``seal`` says which changes these are; whoever takes them names it."""

    changes: tuple[Change, ...]
    counts: Counts
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """A version of a table. ``back_to``: the version that was put back by it, None = none was."""

    number: int
    at: datetime
    actor: str
    source: str = ""
    back_to: int | None = None
    counts: Counts | None = None
