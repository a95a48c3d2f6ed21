"""Tables one below the other, as CSV or a workbook: for documents that are not one big table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from node.edge.sheets.table import BOM
from node.service.formulas import harmless
from node.service.instants import to_minute

WIDTH_KEY, WIDTH = 30, 14
"""Width of the first column and of the others, in characters."""

Line = Sequence[str | int]
"""Cells of one line; a number is one for a spreadsheet too."""
Block = tuple[Line, Sequence[Line]]
"""Headings and lines of one table."""
About = Sequence[tuple[str, str]]
"""What the document is about, above the tables."""

MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def minute(instant: datetime | str) -> str:
    """An aware instant, or one as JSON has it, as a person reads it."""
    return to_minute(datetime.fromisoformat(instant) if isinstance(instant, str) else instant)


def blocks_table(about: About, blocks: Sequence[Block]) -> bytes:
    """UTF-8 CSV with a mark in front, lines ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, value in about:
        writer.writerow([name, harmless(value)])
    for heading, lines in blocks:
        writer.writerow([])
        writer.writerow(heading)
        writer.writerows([_plain(cell) for cell in line] for line in lines)
    return (BOM + out.getvalue()).encode()


def blocks_workbook(title: str, about: About, blocks: Sequence[Block]) -> bytes:
    """The bytes of an .xlsx file of one leaf."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    leaf = book.active
    leaf.title = title
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    row = 0

    def put(cells: Line, *, heading: bool = False) -> None:
        nonlocal row
        row += 1
        for column, value in enumerate(cells, start=1):
            cell = leaf.cell(row=row, column=column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            if heading:
                cell.font, cell.alignment = bold, wrapped

    for name, value in about:
        put((name, value))
        leaf.cell(row=row, column=1).font = bold
    for heading, lines in blocks:
        row += 1
        put(heading, heading=True)
        for line in lines:
            put(line)
    leaf.column_dimensions["A"].width = WIDTH_KEY
    for column in range(2, max(len(heading) for heading, _ in blocks) + 1):
        leaf.column_dimensions[get_column_letter(column)].width = WIDTH
    leaf.page_setup.orientation = "landscape"
    leaf.page_setup.fitToWidth, leaf.page_setup.fitToHeight = 1, 0
    leaf.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: str | int) -> str:
    return str(cell) if isinstance(cell, int) else harmless(cell)
