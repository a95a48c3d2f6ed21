"""Calls (来电登记) as CSV or a workbook: the list, and the figures of a period. Masks stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from node.edge.sheets.plain import Block, blocks_table, blocks_workbook, minute

COLUMNS: Final = (
    ("call_no", "来电编号"), ("kind_zh", "类别"), ("concerns", "关联"), ("channel_zh", "渠道"),
    ("caller", "来电人"), ("phone", "电话"), ("words", "内容"), ("case_no", "有关案卷"),
    ("became_no", "转为案卷"), ("holder_name", "答复单位"), ("received_at", "来电时间"),
    ("received_by", "登记人"), ("due_by", "答复时限"), ("state", "状态"),
    ("answered_at", "答复时间"), ("answered_by", "答复人"), ("answer_channel_zh", "答复方式"),
    ("answer", "答复内容"), ("reopened_at", "申请重办"),
)
STATES: Final = {
    "open": "待答复", "overdue": "逾期未答复", "answered": "按时答复", "late": "逾期答复",
}
CONCERNS: Final = {"none": "无案卷", "case": "在办案卷", "result": "办理结果"}
COUNTS: Final = (
    ("received", "来电"), ("answered", "已答复"), ("in_time", "按时"), ("late", "逾期答复"),
    ("overdue", "逾期未答复"), ("waiting", "待答复"), ("in_time_share", "按时率"),
    ("became", "转案卷"), ("reopened", "申请重办"),
)
OURSELVES: Final = "本单位 ourselves"


def list_sheet(office: str, items: Sequence[Mapping[str, Any]], *, as_csv: bool) -> bytes:
    """The list."""
    headings = [zh for _, zh in COLUMNS]
    lines = [[_cell(name, item) for name, _ in COLUMNS] for item in items]
    about = [("来电登记 calls", office), ("件数 calls", str(len(items)))]
    blocks: list[Block] = [(headings, lines)]
    return blocks_table(about, blocks) if as_csv else blocks_workbook("来电登记", about, blocks)


def figures_sheet(office: str, told: Mapping[str, Any], *, as_csv: bool) -> bytes:
    """The figures of a period."""
    about = [
        ("来电统计 calls", str(told["period"])),
        ("单位 office", office),
        ("起止 from – to", f"{minute(told['begins'])} – {minute(told['ends'])}"),
        ("截至 as of", minute(told["as_of"])),
        ("规则版本 rules", str(told["rules"])),
    ]
    counted = [f"{zh} {name.replace('_', ' ')}" for name, zh in COUNTS]
    blocks: list[Block] = [
        (("合计 total", *counted), [("", *_counts(told["total"]))]),
        (("关联 concerns", *counted),
         [(CONCERNS[one["key"]], *_counts(one)) for one in told["by_concern"]]),
        (("类别 kind", *counted), [(one["name"], *_counts(one)) for one in told["by_kind"]]),
        (("答复单位 holder", *counted),
         [(one["name"] or OURSELVES, *_counts(one)) for one in told["by_holder"]]),
        (("渠道 channel", *counted),
         [(one["name"], *_counts(one)) for one in told["by_channel"]]),
    ]
    return blocks_table(about, blocks) if as_csv else blocks_workbook("来电统计", about, blocks)


def share(value: float | None) -> str:
    """A share in percent; nothing to judge is no zero."""
    return "无数据 no data" if value is None else f"{value:.1%}"


def _counts(line: Mapping[str, Any]) -> list[str | int]:
    return [share(line[name]) if name == "in_time_share" else line[name] for name, _ in COUNTS]


def _cell(name: str, item: Mapping[str, Any]) -> str:
    value = item[name]
    if isinstance(value, datetime):
        return minute(value)
    if name == "state":
        return STATES[value]
    if name == "concerns":
        return CONCERNS[value]
    if name == "holder_name":
        return value or OURSELVES
    return str(value or "")
