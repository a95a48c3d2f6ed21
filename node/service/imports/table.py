"""A kind of table: which columns it has, what else they are called, and how a line is read.

Every mistake of every line is found in one reading, so that a person corrects a sheet once and not
once per mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from node.service.imports.line import Line, Wrong
from node.service.imports.report import Parsed, RowFault
from node.service.imports.sheet import LINES_MAX, Sheet, Unreadable, read_sheet
from node.service.phrases import phrase

Item = TypeVar("Item")

CELL_CHARS_MAX: Final = 2_000
"""The longest filing condition of the standards has about 200 characters."""
CALL_ROWS_MAX: Final = 5_000
"""Rows that one call to a running node may bring: they are one transaction, and the writer serves
others too. A client sends a longer sheet in pieces."""
BROKEN: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
"""What a spreadsheet shows for a formula that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``needed``: the sheet (or the caller) must have it. ``filled``: no cell may be empty.
    ``inherit``: an empty cell means the one above, as merged cells are exported (unless the line
    says that it stands by itself, see ``Table.alone``)."""

    name: str
    headings: tuple[str, ...] = ()
    needed: bool = False
    filled: bool = False
    inherit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Item]):
    """``reader`` makes a fresh function from line to row (raising ``Wrong``), which may remember
    the lines before; ``key`` is the natural key in which a repeated row is a fault, or, with
    ``merge``, harmless if the whole row is the same.

    ``name`` is the collection's path below ``/api/v1`` and the name under which the node stores it.
    A line whose cell in column ``alone`` is filled inherits nothing from above.
    """

    name: str
    columns: tuple[Column, ...]
    reader: Callable[[], Callable[[Line], Item]]
    key: Callable[[Item], object]
    merge: bool = False
    alone: str = ""

    def parse(
        self, data: bytes, *, encoding: str = "", sheet: str = "",
        given: Mapping[str, str] | None = None, rows_max: int = LINES_MAX,
    ) -> tuple[Sheet, Parsed[Item]]:
        """Bytes of a CSV file or workbook. Never raises for what is in them."""
        try:
            found = read_sheet(data, encoding=encoding, name=sheet)
        except Unreadable as error:
            return Sheet(heading=(), lines=()), Parsed(rows=(), hopeless=True, faults=(RowFault(
                row=error.row, column="", code=error.code, sentence=error.sentence,
                mend=error.mend),))
        return found, self.parse_sheet(found, given=given, rows_max=rows_max)

    def parse_sheet(
        self, sheet: Sheet, *, given: Mapping[str, str] | None = None, rows_max: int = LINES_MAX,
    ) -> Parsed[Item]:
        """``given`` are values for columns that the sheet lacks (a standard, a kind)."""
        given = {name: value for name, value in (given or {}).items() if value}
        names = self._names(sheet)
        fault = self._heading_fault(names, sheet, given, rows_max)
        if fault is not None:
            return Parsed(rows=(), faults=(fault,), hopeless=True)
        return self._lines(names, sheet, given)

    def _lines(
        self, names: tuple[str, ...], sheet: Sheet, given: Mapping[str, str]
    ) -> Parsed[Item]:
        rows: list[Item] = []
        kept: list[tuple[str, ...]] = []
        faults: list[RowFault] = []
        warnings: list[RowFault] = []
        seen: dict[object, tuple[int, Item]] = {}
        above: dict[str, str] = {}
        own = tuple(column.name for column in self.columns)
        read = self.reader()
        for number, cells in sheet.lines:
            try:
                line = self._line(number, names, cells, given, above)
                item = read(line)
                if self._is_repeat(number, item, seen):
                    continue
            except Wrong as error:
                faults.append(RowFault(row=number, column=error.column, code=error.code,
                                       sentence=error.sentence, mend=error.mend))
                continue
            rows.append(item)
            kept.append(tuple(line[name] for name in own))
            warnings.extend(line.warnings)
        return Parsed(rows=tuple(rows), faults=tuple(faults), warnings=tuple(warnings),
                      names=own, lines=tuple(kept))

    def _is_repeat(
        self, number: int, item: Item, seen: dict[object, tuple[int, Item]]
    ) -> bool:
        """Whether the very row was there before, harmlessly. Raises ``Wrong`` for another row of
        the same key."""
        first, same = seen.setdefault(self.key(item), (number, item))
        if first == number:
            return False
        if self.merge and same == item:
            return True
        raise Wrong("", phrase("table.repeated", row=first), phrase("table.repeated.mend"),
                    "row.repeated")

    def _names(self, sheet: Sheet) -> tuple[str, ...]:
        """Canonical names over the sheet's columns; a heading nobody knows stays as it is."""
        known = {heading: column.name for column in self.columns
                 for heading in (column.name, *column.headings)}
        # People put line breaks and spaces into headings to make columns narrow.
        return tuple(known.get("".join(heading.split()), heading) for heading in sheet.heading)

    def _heading_fault(
        self, names: tuple[str, ...], sheet: Sheet, given: Mapping[str, str], rows_max: int,
    ) -> RowFault | None:
        row = sheet.heading_row
        twice = [column.name for column in self.columns if names.count(column.name) > 1]
        if twice:
            return RowFault(row=row, column=twice[0], code="table.columns",
                            sentence=phrase("table.twice", names=", ".join(twice)),
                            mend=phrase("table.twice.mend"))
        missing = [column for column in self.columns
                   if column.needed and column.name not in names and column.name not in given]
        if missing:
            wanted = ", ".join("/".join((column.name, *column.headings[:1])) for column in missing)
            return RowFault(row=row, column="", code="table.columns",
                            sentence=phrase("table.columns", names=wanted),
                            mend=phrase("table.columns.mend"))
        if len(sheet.lines) > rows_max:
            return RowFault(row=sheet.lines[rows_max][0], column="", code="table.too_long",
                            sentence=phrase("table.long", count=rows_max),
                            mend=phrase("table.long.mend"))
        return None

    def _line(
        self, number: int, names: tuple[str, ...], cells: tuple[str, ...],
        given: Mapping[str, str], above: dict[str, str],
    ) -> Line:
        if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
            raise Wrong("", phrase("table.cells", count=len(cells), headings=len(names)),
                        phrase("table.cells.mend"), "row.cells")
        found = dict(given)
        for name, cell in zip(names, cells, strict=False):
            text = cell.strip()
            if text or name not in found:
                found[name] = text
        by_itself = bool(found.get(self.alone, ""))
        for column in self.columns:
            if column.inherit:
                own = found.get(column.name, "")
                found[column.name] = own if own or by_itself else above.get(column.name, "")
                above[column.name] = found[column.name]
        line = Line(number, found)
        for column in self.columns:
            text = line[column.name]
            if column.filled and not text:
                raise Wrong(column.name, phrase("cell.empty"), phrase("cell.empty.mend"),
                            "cell.empty")
            if len(text) > CELL_CHARS_MAX or "\x00" in text:
                raise Wrong(column.name, phrase("cell.long", count=CELL_CHARS_MAX),
                            phrase("cell.long.mend"))
            if text in BROKEN:
                raise line.wrong(column.name, "cell.broken")
        return line
