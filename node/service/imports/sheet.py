"""A sheet as bytes becomes lines of text cells: CSV in UTF-8 or GB18030, or an Excel workbook.

Nothing is understood here but the container. Cells are text, as a person sees them: a number
``1.0`` is ``1``, a date ``2026-03-01``. An encoding is never guessed: a wrong guess corrupts names.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from node.service.phrases import NOTHING, Phrase, phrase

LINES_MAX: Final = 200_000
"""Lines of one sheet: a large city's component survey is cut into districts well below it."""
UNPACKED_BYTES_MAX: Final = 512 * 1024 * 1024
"""What a workbook may unpack to; a small file that claims more is no sheet."""
COLUMNS_MAX: Final = 200
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_TORN: Final = (
    zipfile.BadZipFile, zlib.error, ArithmeticError, AttributeError, EOFError, LookupError, OSError,
    RuntimeError, SyntaxError, TypeError, ValueError,
)
"""What damaged parts of a workbook make of the libraries that read them."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCODINGS: Final = {
    "": "utf-8-sig", "utf-8": "utf-8-sig", "utf8": "utf-8-sig",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030",
}


class Unreadable(Exception):
    """The bytes are no sheet. ``code`` is stable; ``row`` is where reading stopped, if known."""

    def __init__(self, code: str, sentence: Phrase, mend: Phrase = NOTHING, row: int = 1) -> None:
        super().__init__(str(sentence))
        self.code, self.sentence, self.mend, self.row = code, sentence, mend, row


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``heading`` and ``lines`` below it with their line numbers; blank lines are left out."""

    heading: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]
    heading_row: int = 1


def encodings() -> tuple[str, ...]:
    """Names of encodings that ``read_sheet`` takes."""
    return tuple(name for name in ENCODINGS if name)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an Excel workbook (.xlsx)."""
    return data.startswith(_ZIP)


def read_sheet(data: bytes, *, encoding: str = "", name: str = "") -> Sheet:
    """Read a CSV file or the sheet ``name`` ("" = the first) of a workbook; raises ``Unreadable``.

    ``encoding`` "" means UTF-8, with or without a mark.
    """
    if data.startswith(_OLE):
        raise Unreadable("table.unreadable", phrase("sheet.xls"), phrase("sheet.xls.mend"))
    if is_workbook(data):
        return sheet_of(workbook_lines(data, name))
    try:
        text = data.decode(ENCODINGS[encoding.lower()])
    except LookupError as error:
        raise Unreadable(
            "table.encoding", phrase("sheet.encoding_unknown", given=encoding),
            phrase("sheet.encoding_unknown.mend", names=", ".join(encodings())),
        ) from error
    except UnicodeDecodeError as error:
        raise Unreadable(
            "table.encoding",
            phrase("sheet.encoding", given=encoding or "utf-8", byte=error.start),
            phrase("sheet.encoding.mend"), row=data[: error.start].count(b"\n") + 1,
        ) from error
    return read_text(text)


def read_text(text: str) -> Sheet:
    """Read CSV text; raises ``Unreadable``."""
    return sheet_of(_csv_lines(text.removeprefix("\ufeff")))


def sheet_of(lines: Iterable[Sequence[str]]) -> Sheet:
    """The first line that is not blank is the heading. Raises ``Unreadable``: no heading, or more
    than ``LINES_MAX`` lines."""
    heading: tuple[str, ...] = ()
    heading_row = 0
    kept: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in enumerate(lines, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if not heading_row:
            heading, heading_row = tuple(cell.strip() for cell in cells), number
            continue
        if len(kept) == LINES_MAX:
            raise Unreadable("table.too_long", phrase("table.long", count=LINES_MAX),
                             phrase("table.long.mend"), row=number)
        kept.append((number, tuple(cells)))
    if not heading_row:
        raise Unreadable("table.empty", phrase("table.headless"), phrase("table.headless.mend"))
    return Sheet(heading=heading, lines=tuple(kept), heading_row=heading_row)


def _csv_lines(text: str) -> Iterator[Sequence[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable("table.unreadable", phrase("table.unreadable", reason=str(error)),
                             phrase("table.unreadable.mend"), row=number + 1) from error
        number += 1
        yield cells


def workbook_lines(data: bytes, name: str) -> Iterator[Sequence[str]]:
    """Lines of a sheet of a workbook ("" = the first), one by one; raises ``Unreadable``."""
    # Loaded here: an idle node never needs it.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_BYTES_MAX:
                raise Unreadable("table.too_long", phrase("sheet.huge"), phrase("table.long.mend"))
        with warnings.catch_warnings():
            # It warns of styles and extensions; cells are all that we read.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            try:
                if name and name not in book.sheetnames:
                    raise Unreadable(
                        "table.sheet", phrase("sheet.absent", given=name),
                        phrase("sheet.absent.mend", names="、".join(book.sheetnames)))
                width = 0
                for row in (book[name] if name else book.worksheets[0]).iter_rows(
                    max_col=COLUMNS_MAX, values_only=True
                ):
                    cells = _trimmed([shown(cell) for cell in row])
                    # The heading is as wide as the table; a workbook leaves off what is empty.
                    width = width or len(cells)
                    yield cells + [""] * (width - len(cells))
            finally:
                book.close()
    except _TORN as error:
        raise Unreadable("table.unreadable", phrase("sheet.torn", reason=str(error) or
                                                    type(error).__name__),
                         phrase("sheet.torn.mend")) from error


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells behind the last filled one, of which a workbook has many."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def shown(value: Any) -> str:
    """A cell as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        whole_day = value.time() == time(0)
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
