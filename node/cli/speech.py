"""How the command line speaks: language, tables, JSON, errors and exit codes.

Results go to stdout, everything else to stderr, so that ``--json`` can be piped.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, NoReturn

import typer

from node.cli import lines
from node.cli.names import CELLS, HEADINGS
from node.cli.texts import TEXTS, text
from node.core.clock import BEIJING
from node.service.case_words import EVENTS, STATUSES


class Exit(IntEnum):
    """Exit codes; docs/cli.md lists them."""

    OK = 0
    FOUND = 1
    """``doctor``: something is wrong; otherwise: a bug."""
    USAGE = 2
    REFUSED = 3
    """A rule says no, or a table has wrong rows."""
    UNKNOWN = 4
    """No such case, link, item."""
    SILENT = 5
    """The node does not answer, or is not ready; it cannot start now, but may in a while (its
    database is away, the disk is full)."""
    TOKEN = 6
    """No token, a wrong one, or too small a scope."""
    HOME = 7
    """The home directory or its settings cannot be used."""
    INTERRUPTED = 130


TIMES: Final = frozenset({
    "finish_by", "occurred_at", "opened_at", "received_at", "at", "since", "until", "last",
    "published_at", "drawn_at", "begins_at", "ends_at", "made_at", "seen_at"})
"""Columns that hold instants; a table shows month, day and minute."""


KEPT_WHOLE: Final = TIMES | {
    "case_no", "link", "id", "position", "status", "level", "area", "assignee"}
"""Columns that a person copies or compares: other columns give way to them."""


GAP: Final = 2
"""Cells between two columns."""

READABLE: Final = 8
"""Cells below which a folded column cannot be read: four Chinese characters."""


class Trouble(Exception):
    """An expected failure: said in words, without a traceback, with this exit code.

    ``name`` is the stable dotted code, the one that the REST API gives for the same failure.
    """

    def __init__(
        self, code: Exit, name: str, message: str, *, remedy: str = "",
        lines: Sequence[str] = (), document: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.name, self.remedy, self.lines = code, name, remedy, tuple(lines)
        self.document = document or {"code": name, "detail": message, "remedy": remedy,
                                     "lines": self.lines}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One command's voice. ``language`` is ``zh`` or ``en``."""

    language: str
    as_json: bool = False

    def t(self, key: str, **values: object) -> str:
        """A message by key."""
        return text(key, self.language, **values)

    def trouble(
        self, code: Exit, key: str, *, lines: Sequence[str] = (), **values: object
    ) -> Trouble:
        """A failure by the key of its message, which is its stable code too; what to do stands
        under ``<key>.remedy`` where the message does not say it itself."""
        remedy = f"{key}.remedy"
        return Trouble(code, key, self.t(key, **values), lines=lines,
                       remedy=self.t(remedy, **values) if remedy in TEXTS else "")

    def unreadable(self, error: OSError) -> str:
        """Why a file cannot be read, where the system has only English for it."""
        keys: dict[type[OSError], str] = {
            FileNotFoundError: "file.absent", PermissionError: "file.forbidden",
            IsADirectoryError: "file.folder",
        }
        key = keys.get(type(error))
        return self.t(key) if key else str(error.strerror)

    def write(self, file: Path, data: bytes) -> None:
        """Write a file that somebody asked for. ``Trouble`` (``file.unwritable``)."""
        try:
            file.write_bytes(data)
        except OSError as error:
            raise self.trouble(
                Exit.USAGE, "file.unwritable", file=file, reason=error.strerror) from error

    def status(self, status: str) -> str:
        """A case status for people."""
        return status if self.language == "en" else STATUSES.get(status, status)

    def named(self, code: str, names: Mapping[str, str]) -> str:
        """A code by its Chinese name; English readers see the code itself."""
        return code if self.language == "en" else names.get(code, code)

    def time(self, value: object) -> str:
        """An instant as the API gives it, in Beijing time to the minute."""
        try:
            when = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value or "-")
        return when.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")

    def say(self, message: str) -> None:
        """A line of result; silent under ``--json``."""
        if not self.as_json:
            typer.echo(message)

    def note(self, message: str) -> None:
        """A line beside the result."""
        typer.echo(message, err=True)

    def show(self, document: object, draw: Callable[[], None]) -> None:
        """The document as JSON, or drawn for people."""
        if self.as_json:
            typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))
        else:
            draw()

    def table(self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """A table; an empty one says so. One that would squeeze a column into nothing is told row
        by row instead."""
        titles = [name if self.language == "en" else HEADINGS.get(name, name) for name in columns]
        drawn = [[self._cell(name, row.get(name)) for name in columns] for row in rows]
        if not drawn:
            typer.echo(self.t("list.empty"))
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        console, room = Console(), lines.width()
        plain = [[Text.from_markup(cell).plain for cell in row] for row in drawn]
        if _least(columns, titles, plain) > room:
            for line in lines.records(titles, plain, room):
                typer.echo(line)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name, title in zip(columns, titles, strict=True):
            table.add_column(title, overflow="fold", no_wrap=name in KEPT_WHOLE)
        for row in drawn:
            table.add_row(*row)
        console.print(table)

    def _cell(self, name: str, value: object) -> str:
        from rich.markup import escape

        if value is None or value == "":
            return "-"
        if isinstance(value, bool):
            return self.t("yes" if value else "no")
        if name == "status":
            return self.status(str(value))
        if name in TIMES:
            return self.time(value)[5:]
        if name == "event_type" and self.language != "en":
            return EVENTS.get(str(value), str(value))
        if isinstance(value, list):
            return escape("、".join(str(one) for one in value)) or "-"
        if name in CELLS:
            return escape(self.named(str(value), CELLS[name]))
        if name == "level":
            colour = {"ok": "green", "warn": "yellow", "alarm": "red"}.get(str(value), "white")
            return f"[{colour}]{self.t(f'level.{value}')}[/]"
        return escape(str(value))

    def fail(self, trouble: Trouble) -> NoReturn:
        """Say what went wrong and what to do; end with its code."""
        if self.as_json:
            typer.echo(json.dumps(trouble.document, ensure_ascii=False, indent=2), err=True)
        else:
            self.note(self.t("failure", message=trouble, code=trouble.name))
            for line in trouble.lines:
                self.note("  " + line)
            if trouble.remedy:
                self.note(self.t("remedy", remedy=trouble.remedy))
        raise typer.Exit(int(trouble.code))


def _least(columns: Sequence[str], titles: Sequence[str], rows: list[list[str]]) -> int:
    """Cells that a table takes at the very least: columns that are kept whole, some of the others
    and the gaps between them."""
    total = -GAP
    for at, name in enumerate(columns):
        natural = max(lines.cells(text) for text in (titles[at], *(row[at] for row in rows)))
        total += GAP + (natural if name in KEPT_WHOLE else min(natural, READABLE))
    return total


def language_of(given: str) -> str:
    """``en`` for an English locale, ``zh`` for everything else: Chinese comes first."""
    return "en" if given.lower().startswith("en") else "zh"


def interactive() -> bool:
    """Whether a person watches, so that a progress bar makes sense."""
    return sys.stderr.isatty()
