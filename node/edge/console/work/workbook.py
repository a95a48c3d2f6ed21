"""The work list as an Excel workbook, written row by row."""

from __future__ import annotations

import asyncio
import io
from typing import Any, Final

from node.edge.http.limits import CSV_ROWS_MAX, PAGE_ITEMS_MAX
from node.edge.http.routes.cases import COLUMNS
from node.service.formulas import harmless
from node.service.imports.sheet import XLSX_TYPE
from node.service.office import Office
from node.service.views import CaseFilter

__all__ = ["XLSX_TYPE", "workbook"]
WIDTH: Final = 18
"""Of a column, in characters."""


async def workbook(desk: Office, which: CaseFilter, *, chinese: bool) -> bytes:
    """The bytes of an .xlsx file with the rows of the filtered list, as the CSV has them."""
    rows: list[list[str]] = []
    after = ""
    while len(rows) < CSV_ROWS_MAX:
        page = await desk.handlers.beside(await desk.cases(which, after, PAGE_ITEMS_MAX))
        rows += [[harmless(item.get(name)) for name, _ in COLUMNS] for item in page.items]
        after = page.next
        if not after:
            break
    heads = [zh if chinese else name for name, zh in COLUMNS]
    return await asyncio.to_thread(_drawn, heads, rows)


def _drawn(heads: list[str], rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    leaf = book.create_sheet("案卷")
    leaf.freeze_panes = "A2"
    for column in range(1, len(heads) + 1):
        leaf.column_dimensions[get_column_letter(column)].width = WIDTH

    def cell(value: str, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(leaf, value=value)
        made.data_type = "s"
        if bold:
            made.font = Font(bold=True)
        return made

    leaf.append([cell(one, bold=True) for one in heads])
    for row in rows:
        leaf.append([cell(one) for one in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
