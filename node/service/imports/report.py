"""What came of reading a table: rows, faults, warnings, and the rejected lines to be mended.

A fault keeps its line out; a warning lets it in and says what a person should look at. Nothing is
imported while there are faults, unless the caller asks to leave the bad lines out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from node.service.imports.sheet import Sheet
from node.service.phrases import ENGLISH, NOTHING, Phrase

Item = TypeVar("Item")

REJECT_HEADINGS: Final = (("行号", "line"), ("列", "column"), ("原因", "reason"), ("改法", "mend"))
"""Columns put before the original ones in the sheet of rejected lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One mistake, or one thing to look at. ``row`` counts lines of the sheet, the heading of a
    usual sheet being row 1; ``column`` is "" when the line as a whole is meant."""

    row: int
    column: str
    code: str
    sentence: Phrase
    mend: Phrase = NOTHING

    def say(self, language: str) -> str:
        """What is wrong and how to mend it, in one sentence."""
        if not self.mend:
            return self.sentence.say(language)
        between = "; " if language == ENGLISH else "；"
        return f"{self.sentence.say(language)}{between}{self.mend.say(language)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[Item]):
    """What a table holds.

    ``rows`` are sound. ``hopeless`` means the sheet as a whole cannot be read (no heading, missing
    columns, too long): there is nothing to import even without the bad lines. ``names`` and
    ``lines`` are the sound lines in canonical columns, with inherited cells filled in, so that a
    client can send them on in pieces.
    """

    rows: tuple[Item, ...]
    faults: tuple[RowFault, ...]
    warnings: tuple[RowFault, ...] = ()
    hopeless: bool = False
    names: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()

    def accepted(self, *, skip_bad: bool) -> bool:
        """May the rows be imported?"""
        return not self.faults or (skip_bad and not self.hopeless)

    def pieces(self, size: int) -> Iterator[tuple[str, int]]:
        """The sound lines as CSV texts of at most ``size`` rows under one heading each, with
        their counts of rows."""
        for start in range(0, len(self.lines), size):
            part = self.lines[start : start + size]
            yield written([self.names, *part]), len(part)


def rejects(sheet: Sheet, parsed: Parsed[Any], language: str) -> str:
    """The rejected lines as they were, as CSV with line, column, reason and mending before them;
    a line with several mistakes comes once. The heading is the sheet's own."""
    return written([
        reject_heading(sheet.heading, language),
        *reject_lines(sheet.lines, parsed.faults, language),
    ])


def reject_heading(heading: Sequence[str], language: str) -> tuple[str, ...]:
    """The heading of a sheet of rejected lines, before that of the file."""
    return (*(one[language == ENGLISH] for one in REJECT_HEADINGS), *heading)


def reject_lines(
    lines: Iterable[tuple[int, Sequence[str]]], faults: Iterable[RowFault], language: str
) -> Iterator[tuple[str, ...]]:
    """Those of the numbered lines that have faults, with what is wrong with them before them."""
    by_row: dict[int, list[RowFault]] = {}
    for fault in faults:
        by_row.setdefault(fault.row, []).append(fault)
    between = "; " if language == ENGLISH else "；"
    for number, cells in lines:
        some = by_row.get(number)
        if some is None:
            continue
        yield (
            str(number),
            between.join(one.column for one in some if one.column),
            between.join(one.sentence.say(language) for one in some),
            between.join(one.mend.say(language) for one in some if one.mend),
            *cells,
        )


def written(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV text."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
