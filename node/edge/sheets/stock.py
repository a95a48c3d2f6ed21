"""A sheet of the problem library (问题库报表) as a table or a workbook.

Both are made from the document alone, so a sheet kept for years can be drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from node.core.clock import BEIJING
from node.edge.sheets.plain import Block, blocks_table, blocks_workbook

FLOW: Final = (("opening", "期初"), ("came", "本期新增"), ("resolved", "本期消除"),
               ("closing", "期末"))
WHY: Final = {"suspended": "挂账", "overdue": "长期超期"}
WAYS: Final = {"handled": "已处置", "resumed": "恢复计时", "moved": "时限变更或另行派遣",
               "ended": "结束"}
LONGEST: Final = ("案卷号 case", "类别 why", "分类 class", "区划 area", "承办 holder",
                  "入库 since", "案龄（天） days", "原因 reason")
OURSELVES: Final = "本单位 ourselves"
NO_REASON: Final = "（无） none"

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
    """CSV."""
    return blocks_table(about(document), blocks(document))


def stock_workbook(document: Mapping[str, Any]) -> bytes:
    """.xlsx."""
    return blocks_workbook("问题库报表", about(document), blocks(document))


def _counts(line: Mapping[str, Any]) -> list[int]:
    return [line[name] for name, _ in FLOW]


def _ages(line: Mapping[str, Any]) -> str:
    low, high = line["from_days"], line["to_days"]
    return f"{low} 以上" if high is None else f"{low}–{high - 1}"


def _day(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(BEIJING).strftime("%Y-%m-%d")
