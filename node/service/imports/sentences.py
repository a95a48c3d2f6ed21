"""What an import says about a sheet and its cells: zh-CN first, then English. Data, nothing else.

A key says what is wrong, ``<key>.mend`` what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

IMPORT_SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "table.columns": ("缺少列：{names}", "missing columns: {names}"),
    "table.columns.mend": ("在标题行补上这些列", "add them to the heading"),
    "table.twice": ("列重复：{names}", "columns that come twice: {names}"),
    "table.twice.mend": ("每列只留一个", "leave one of each"),
    "table.long": ("超过 {count} 行", "more than {count} rows"),
    "table.long.mend": ("拆成几份分次导入", "import it in parts"),
    "table.repeated": ("与第 {row} 行重复", "repeats row {row}"),
    "table.repeated.mend": ("两行只留一行", "leave one of the two"),
    "table.unreadable": ("不是 CSV 格式：{reason}", "not CSV: {reason}"),
    "table.unreadable.mend": (
        "检查引号是否成对，或从表格软件另存为 CSV",
        "look for unpaired quotes, or save it as CSV again",
    ),
    "table.headless": ("表格没有标题行", "the table has no heading"),
    "table.headless.mend": ("第一行写列名", "put the names of the columns into the first line"),
    "table.cells": (
        "有 {count} 格，标题有 {headings} 列", "{count} cells under {headings} headings",
    ),
    "table.cells.mend": (
        "补齐或删去多余的格；内容含逗号时整格加引号",
        "complete the line, or put cells that hold a comma into quotes",
    ),
    "sheet.xls": ("这是旧版 Excel 文件（.xls）", "this is an old Excel file (.xls)"),
    "sheet.xls.mend": ("另存为 .xlsx 或 CSV", "save it as .xlsx or CSV"),
    "sheet.torn": ("不是完好的 Excel 文件：{reason}", "no sound Excel file: {reason}"),
    "sheet.torn.mend": ("重新另存为 .xlsx 或 CSV", "save it as .xlsx or CSV again"),
    "sheet.huge": ("Excel 文件解开后过大", "the Excel file unpacks to too much"),
    "sheet.absent": ("没有工作表 {given}", "there is no sheet {given}"),
    "sheet.absent.mend": ("可选：{names}", "there are: {names}"),
    "sheet.encoding": ("不是 {given} 编码（第 {byte} 字节）", "not {given} (byte {byte})"),
    "sheet.encoding.mend": (
        "国内表格软件导出的 CSV 多为 GB18030：加上 --encoding gb18030",
        "try --encoding gb18030, which Chinese spreadsheets write",
    ),
    "sheet.encoding_unknown": ("不认识编码 {given}", "unknown encoding {given}"),
    "sheet.encoding_unknown.mend": ("可用：{names}", "known are: {names}"),
    "cell.empty": ("不能为空", "must not be empty"),
    "cell.empty.mend": ("补上内容", "fill it in"),
    "cell.long": ("超过 {count} 个字符，或含有空字符", "longer than {count} characters, or NUL"),
    "cell.long.mend": ("缩短内容", "shorten it"),
    "cell.broken": ("“{given}” 是公式出错的结果", "'{given}' is the result of a broken formula"),
    "cell.broken.mend": (
        "在表格软件里改好公式，再另存", "mend the formula and save the sheet again",
    ),
    "cell.choice": ("“{given}” 不在可选值中", "'{given}' is none of the possible values"),
    "cell.choice.mend": ("可写：{names}", "write one of: {names}"),
    "cell.kind": ("“{given}” 不是类别", "'{given}' is neither component nor matter"),
    "cell.kind.mend": ("部件写 component，事件写 matter", "write component or matter"),
    "cell.number": ("“{given}” 不是数字", "'{given}' is not a number"),
    "cell.number.mend": ("只写数字，不带单位", "write digits, without a unit"),
    "cell.date": ("“{given}” 不是日期", "'{given}' is not a date"),
    "cell.date.mend": ("例如 2026-03-01", "such as 2026-03-01"),
    # --- responsibilities -------------------------------------------------------------------------
    "cell.assignee": ("“{given}” 不是承办方", "'{given}' is no assignee"),
    "cell.assignee.mend": (
        "写成 node:420203 或 adapter:power", "write node:420203 or adapter:power",
    ),
    "cell.area": ("“{given}” 不是区划代码", "'{given}' is not a division code"),
    "cell.area.mend": ("只用数字和大写字母", "digits and capital letters only"),
    "cell.duty": ("“{given}” 不是职责", "'{given}' is no duty"),
    "cell.duty.mend": (
        "主责 lead、配合 assist、监管 supervise", "write lead, assist or supervise",
    ),
    # --- filing conditions ------------------------------------------------------------------------
    "cell.unit": ("“{given}” 不是时限单位", "'{given}' is no unit of time"),
    "cell.unit.mend": (
        "可写 urgent_hour、work_hour、work_day、calendar_day",
        "write urgent_hour, work_hour, work_day or calendar_day",
    ),
    "cell.limit": ("“{given}” 不是时限", "'{given}' is not a limit that we can read"),
    "cell.limit.mend": (
        "例如 4小时、2工作日", "a number and its unit, as the sheets of cities write it"
    ),
})
"""Key → (Chinese, English)."""
