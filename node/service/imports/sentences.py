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
    "cell.collector": (
        "“{given}” 不能作采集员编号", "'{given}' cannot be the number of a collector",
    ),
    "cell.collector.mend": (
        "用汉字、数字和字母，最多 64 个，不含空格",
        "write letters, digits or Chinese characters, 64 at most, without blanks",
    ),
    "cell.last_day": ("离岗日期在到岗之前", "the last day lies before the first"),
    "cell.last_day.mend": ("核对两个日期", "check both dates"),
    "cell.shift_end": (
        "下班不在上班之后 {hours} 小时内", "the end is not within {hours} hours of the begin",
    ),
    "cell.shift_end.mend": (
        "夜班的下班写到次日，如 2026-11-27 06:00",
        "write the next day for a shift that ends after midnight",
    ),
    "cell.shift_overlap": (
        "该采集员此时已排在 {beat}", "this collector is on {beat} at that time already",
    ),
    "cell.shift_overlap.mend": ("改时间，或删去一行", "change the time, or leave one line out"),
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
    "cell.kind.mend": ("写 部件 或 事件", "write component or matter"),
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
        "可写 rectify 整改、enforce 执法、regulate 监管、manage 管理、penalise 处罚、assist 配合",
        "write rectify, enforce, regulate, manage, penalise or assist",
    ),
    # --- filing conditions ------------------------------------------------------------------------
    "cell.unit": ("“{given}” 不是时限单位", "'{given}' is no unit of time"),
    "cell.unit.mend": (
        "可写 urgent_hour、work_hour、work_day、calendar_day",
        "write urgent_hour, work_hour, work_day or calendar_day",
    ),
    "cell.limit": ("“{given}” 读不出时限", "'{given}' is not a limit that we can read"),
    "cell.limit.mend": (
        "原文照存，先按本节点的默认时限；写法例如 4小时、2工作日",
        "it is kept as it is, and the node's default limit counts; write a number and its unit",
    ),
    "cell.limit_action": (
        "“{given}” 在时限之后还写有“{action}”", "'{given}' says more than a limit: {action}",
    ),
    "cell.limit_action.mend": (
        "时限已读出，附注另存；如属笔误请改正", "the limit is read, the note is kept beside it",
    ),
    # --- standards --------------------------------------------------------------------------------
    "cell.class": (
        "“{given}” 不是 {standard} 的小类代码", "'{given}' is no class code of {standard}",
    ),
    "cell.class.mend": (
        "大类与小类位数为 {digits}；先核对所写的标准",
        "major and minor class have {digits} digits; look at the standard first",
    ),
    "class.local_range": (
        "{given} 在地方扩展号段（{border} 起），却标为国标",
        "{given} lies among the local numbers (from {border}) but is called national",
    ),
    "class.local_range.mend": ("核对来源一列", "look at the column of the origin"),
    "class.national_range": (
        "{given} 不在地方扩展号段（{border} 起），却标为地方",
        "{given} lies below the local numbers (from {border}) but is called local",
    ),
    "class.national_range.mend": (
        "地方类请自最大号往下编", "give local classes numbers from the top down",
    ),
    "crosswalk.verdict": (
        "结论“{given}”与新代码不相符",
        "the verdict '{given}' and the new code contradict each other",
    ),
    "crosswalk.verdict.mend": (
        "一致、改名、移位、上升为国标须有新代码；取消、仅地方不得有",
        "same, renamed, moved and nationalised need a new code; dropped and local-only have none",
    ),
    "crosswalk.rule": (
        "按换算规则应为 {rule}，表中为 {given}",
        "the rule of conversion says {rule}, the table {given}",
    ),
    "crosswalk.rule.mend": (
        "以表为准；如属移位请把结论改为 moved", "the table counts; if it has moved, say so",
    ),
    "note.draft": (
        "{standard} 已写入草稿第 {version} 版；须由另一人批准（wanmi standard approve）后生效",
        "{standard}: written into draft {version}; another person approves it "
        "(wanmi standard approve)",
    ),
    "note.installed": (
        "{standard} 第 {version} 版已在本机装入并即日生效",
        "{standard}: edition {version} is installed at this machine and in force from today",
    ),
    "note.draft_same": (
        "{standard} 草稿第 {version} 版内容无变化；仍须由另一人批准（wanmi standard approve）后"
        "生效",
        "{standard}: draft {version} has not changed; another person still has to approve it "
        "(wanmi standard approve)",
    ),
    "note.unchanged": (
        "{standard} 内容无变化，没有新内容需要批准",
        "{standard}: nothing new, and nothing to approve",
    ),
    "refusal.standard.dimension": (
        "第 {row} 条：没有立案条件按“{given}”区分区域；可用：{known}",
        "row {row}: no filing condition classes areas by “{given}”; known: {known}",
    ),
    "note.local_classes": (
        "{standard}：{count} 个类不在表中，已作为地方扩展加入",
        "{standard}: {count} class(es) that the list does not have were added as local ones",
    ),
    "cell.weekdays": ("“{given}” 不是星期", "'{given}' names no days of the week"),
    "cell.weekdays.mend": (
        "写 1-5 或 1,2,3，星期一为 1；空白即星期一至星期五",
        "write 1-5 or 1,2,3, Monday being 1; empty means Monday to Friday",
    ),
    "cell.hours": (
        "“{given}” 不是先后有序、互不重叠的时段", "'{given}' is no list of spans in order"
    ),
    "cell.hours.mend": (
        "例如 08:00-12:00 14:00-18:00，最晚到 23:59",
        "such as 08:00-12:00 14:00-18:00, until 23:59 at the latest",
    ),
    "cell.validity": ("失效日期 {given} 不晚于生效日期", "it ends on {given}, before it begins"),
    "cell.validity.mend": (
        "失效日期是不再适用的第一天", "the end is the first day on which it no longer holds"
    ),
})
"""Key → (Chinese, English)."""
