"""A sheet as an Excel workbook: the figures as numbers, what they mean on a second leaf."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Final

from node.edge.sheets.grid import Cell, about, headings, rows

WIDTH_KEY, WIDTH = 26, 13
"""Width of the first column and of the others, in characters."""
PERCENT, POINTS, COUNT = "0.00%", "0.00", "0"
DATES_OF_FILE: Final = "2000-01-01T00:00:00"
"""The same document gives the same bytes: a workbook says nothing of when it was drawn."""
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
"""Where the library writes the time of saving, whatever the workbook says."""


def workbook(document: Mapping[str, Any]) -> bytes:
    """The bytes of an .xlsx file."""
    from datetime import datetime

    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    when = datetime.fromisoformat(DATES_OF_FILE)
    book.properties.creator = str(document["node"])
    book.properties.created = book.properties.modified = when
    leaf = book.active
    leaf.title = "综合评价"
    bold, wrapped = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    for zh, en, value in about(document):
        leaf.append([f"{zh} {en}"])
        _put(leaf.cell(row=leaf.max_row, column=2), Cell(text=value))
        leaf.cell(row=leaf.max_row, column=1).font = bold
    leaf.append([])
    top = leaf.max_row + 1
    for column, (zh, en, _) in enumerate(headings(document), start=1):
        cell = leaf.cell(row=top, column=column)
        _put(cell, Cell(text=f"{zh}\n{en}"))
        cell.font, cell.alignment = bold, wrapped
    for offset, row in enumerate(rows(document), start=1):
        for column, told in enumerate(row, start=1):
            cell = leaf.cell(row=top + offset, column=column)
            _put(cell, told)
            if told.colour:
                colour = told.colour.removeprefix("#")
                cell.fill = PatternFill("solid", start_color=colour, end_color=colour)
                cell.font = Font(bold=True, color="FFFFFF")
    leaf.freeze_panes = leaf.cell(row=top + 1, column=2)
    leaf.column_dimensions["A"].width = WIDTH_KEY
    for column in range(2, len(document["columns"]) + 1):
        leaf.column_dimensions[get_column_letter(column)].width = WIDTH
    leaf.page_setup.orientation = "landscape"
    leaf.page_setup.fitToWidth, leaf.page_setup.fitToHeight = 1, 0
    leaf.sheet_properties.pageSetUpPr.fitToPage = True
    leaf.print_title_rows = f"{top}:{top}"
    _explain(book.create_sheet("指标说明"), document)
    out = io.BytesIO()
    book.save(out)
    return _still(out.getvalue())


def _explain(leaf: Any, document: Mapping[str, Any]) -> None:
    rows = (("指标", "figure", "算法 how"), *headings(document))
    for row, texts in enumerate(rows, start=1):
        for column, text in enumerate(texts, start=1):
            _put(leaf.cell(row=row, column=column), Cell(text=text))
    for letter in "ABC":
        leaf.column_dimensions[letter].width = WIDTH_KEY * 1.5


def _put(cell: Any, told: Cell) -> None:
    """A number as a number; a text as text, whatever it looks like."""
    if told.number is None:
        cell.value = told.text
        cell.data_type = "s"
        return
    cell.value = told.number if isinstance(told.number, int) else float(told.number)
    cell.number_format = (
        PERCENT if told.percent else COUNT if isinstance(told.number, int) else POINTS
    )


def _still(data: bytes) -> bytes:
    """The same archive with one fixed time on every member and inside."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(
        out, "w", zipfile.ZIP_DEFLATED
    ) as new:
        for name in old.namelist():
            told = _MODIFIED.sub(rb"\g<1>" + DATES_OF_FILE.encode() + b"Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), told,
                         compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
