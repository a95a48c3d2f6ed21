"""A sheet of the problem library (问题库报表) as a table or a workbook.

Both are made from the document alone, so a sheet kept for years can be drawn again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from node.core.clock import BEIJING
from node.edge.sheets.table import BOM, harmless

FLOW: Final = (("opening", "期初"), ("came", "本期新增"), ("resolved", "本期消除"),
               ("closing", "期末"))
WHY: Final = {"suspended": "挂账", "overdue": "长期超期"}
WAYS: Final = {"handled": "已处置", "resumed": "恢复计时", "moved": "时限变更或另行派遣",
               "ended": "结束"}
LONGEST: Final = ("案卷号 case", "类别 why", "分类 class", "区划 area", "承办 holder",
                  "入库 since", "案龄（天） days", "原因 reason")
OURSELVES: Final = "本单位 ourselves"
NO_REASON: Final = "（无） none"
WIDTH_KEY, WIDTH = 30, 14
"""Width of the first column and of the others, in characters."""

Line = Sequence[str | int]
"""Cells of one line; a number is one for a spreadsheet too."""
Block = tuple[Line, Sequence[Line]]
"""Headings and lines of one table."""


def about(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the sheet is about."""
    return [
        ("问题库报表 problem library", str(document["period"])),
        ("单位 office", f"{document['node_name']} {document['node']}"),
        ("起止 from – to", f"{_day(document['begins'])} – {_day(document['ends'])}"),
        ("规则版本 rules", str(document["rules"])),
        ("长期超期 long overdue", f"{document['long_overdue_days']} 天 days"),
    ]


def blocks(document: Mapping[str, Any]) -> list[Block]:
    """The tables of a sheet, one below the other."""
    flow = [f"{zh} {en}" for en, zh in FLOW]
    return [
        (("合计 total", *flow), [("", *_counts(document["total"]))]),
        (("类别 why", *flow),
         [(WHY.get(one["key"], one["key"]), *_counts(one)) for one in document["by_why"]]),
        (("承办 holder", *flow),
         [(one["key"] or OURSELVES, *_counts(one)) for one in document["by_holder"]]),
        (("原因 reason", *flow),
         [(one["key"] or NO_REASON, *_counts(one)) for one in document["by_reason"]]),
        (("期末案龄（天） age", "件数 cases"),
         [(_ages(one), one["count"]) for one in document["by_age"]]),
        (("本期消除方式 way out", "件数 cases"),
         [(WAYS.get(way, way), count) for way, count in document["ways_out"].items()]),
        (LONGEST, [
            (one["case_no"], WHY.get(one["why"], one["why"]), one["name"], one["area"],
             one["holder"] or OURSELVES, _day(one["since"]), one["age_days"], one["reason"])
            for one in document["longest"]]),
    ]


def stock_table(document: Mapping[str, Any]) -> bytes:
    """UTF-8 CSV with a mark in front, lines ended by CR LF."""
    out = io.StringIO()
    writer = csv.writer(out)
    for name, value in about(document):
        writer.writerow([name, harmless(value)])
    for heading, lines in blocks(document):
        writer.writerow([])
        writer.writerow(heading)
        writer.writerows([_plain(cell) for cell in line] for line in lines)
    return (BOM + out.getvalue()).encode()


def stock_workbook(document: Mapping[str, Any]) -> bytes:
    """The bytes of an .xlsx file."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    leaf = book.active
    leaf.title = "问题库报表"
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

    for name, value in about(document):
        put((name, value))
        leaf.cell(row=row, column=1).font = bold
    for heading, lines in blocks(document):
        row += 1
        put(heading, heading=True)
        for line in lines:
            put(line)
    leaf.column_dimensions["A"].width = WIDTH_KEY
    for column in range(2, len(LONGEST) + 1):
        leaf.column_dimensions[get_column_letter(column)].width = WIDTH
    leaf.page_setup.orientation = "landscape"
    leaf.page_setup.fitToWidth, leaf.page_setup.fitToHeight = 1, 0
    leaf.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: str | int) -> str:
    return str(cell) if isinstance(cell, int) else harmless(cell)


def _counts(line: Mapping[str, Any]) -> list[int]:
    return [line[name] for name, _ in FLOW]


def _ages(line: Mapping[str, Any]) -> str:
    low, high = line["from_days"], line["to_days"]
    return f"{low} 以上" if high is None else f"{low}–{high - 1}"


def _day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(BEIJING).strftime("%Y-%m-%d")
