"""Rows of the audit log (审计日志) as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.edge.sheets.plain import Block, blocks_table, blocks_workbook
from node.service.instants import to_second

COLUMNS: Final = (
    "序号 n", "时间 time", "人员 who", "岗位 roles", "来源 from", "操作 action", "对象 subject",
    "结果 outcome", "原因 reason", "详情 detail", "链值 chain value")
OUTCOMES: Final = {"done": "完成", "refused": "拒绝", "failed": "失败"}


def audit_table(node: str, name: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """CSV."""
    return blocks_table(_about(node, name, rows), _blocks(rows))


def audit_workbook(node: str, name: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """.xlsx."""
    return blocks_workbook("审计日志", _about(node, name, rows), _blocks(rows))


def _about(
    node: str, name: str, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    return [("审计日志 audit log", f"{name} {node}"), ("行数 rows", str(len(rows)))]


def _blocks(rows: Sequence[Mapping[str, Any]]) -> list[Block]:
    return [(COLUMNS, [
        (one["n"], to_second(one["at"]), one["actor"], ", ".join(one["roles"]), one["origin"],
         one["action"], one["subject"], f"{OUTCOMES[one['outcome']]} {one['outcome']}",
         one["reason"],
         json.dumps(one["detail"], ensure_ascii=False) if one["detail"] else "", one["chain"])
        for one in rows])]
