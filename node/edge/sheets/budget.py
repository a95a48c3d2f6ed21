"""The year of an office for its budget (经费测算表): volumes, storage, people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.edge.sheets.plain import Block, blocks_table, blocks_workbook, minute
from node.service.unit_kinds import group_called

VOLUMES: Final = (("reported", "上报"), ("filed", "立案"), ("should_close", "应结案"),
                  ("closed", "结案"))
SCOPES: Final = {"read": "只读账号", "operate": "操作账号", "admin": "管理账号"}
MIB: Final = 1 << 20


def budget_table(document: Mapping[str, Any]) -> bytes:
    """CSV."""
    return blocks_table(_about(document), _blocks(document))


def budget_workbook(document: Mapping[str, Any]) -> bytes:
    """.xlsx."""
    return blocks_workbook("经费测算", _about(document), _blocks(document))


def _about(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    rules = document["definition"]
    return [
        ("经费测算表 for the budget", str(document["year"])),
        ("单位 office", f"{document['node_name']} {document['node']}"),
        ("截至 as of", minute(document["as_of"])),
        ("指标版本 indicators", rules["version"]),
        ("指标摘要 digest", f"sha256:{rules['digest']}" if rules["digest"] else ""),
    ]


def _blocks(document: Mapping[str, Any]) -> list[Block]:
    counted = [f"{zh} {en.replace('_', ' ')}" for en, zh in VOLUMES]
    people = document["people"]
    accounts = people["accounts"]
    return [
        (("年度业务量 office, the year", *counted),
         [(one["office"], *(one[name] for name, _ in VOLUMES))
          for one in document["volumes_year"]]),
        (("月份 month", "立案单位 office", *counted),
         [(one["month"], one["office"], *(one[name] for name, _ in VOLUMES))
          for one in document["volumes"]]),
        (("存储 storage, month", "测量 measured", "数据库 database MiB", "附件 files MiB",
          "附件数 files", "数据库增长 growth MiB", "附件增长 growth MiB", "合计增长 growth MiB",
          "对比月份 since", "账号 accounts", "联络人 clerks"),
         [(one["month"], minute(one["measured_at"]), _mib(one["database_bytes"]),
           _mib(one["blob_bytes"]), one["blobs"], _mib(one["database_growth"]),
           _mib(one["blob_growth"]), _mib(one["growth"]), one["since"], one["accounts"],
           one["clerks"]) for one in document["storage"]]),
        (("账号 accounts", "人数 people"),
         [*((f"{SCOPES.get(scope, scope)} {scope}", count)
            for scope, count in sorted(accounts.items())),
          ("合计 total", sum(accounts.values()))]),
        (("单位 unit", "分组 group", "接入 address", "编号 id", "联络人 clerks"),
         [*((one["name"], group_called(one["group"], chinese=True), one["address"],
             one["unit_id"], one["clerks"]) for one in people["units"]),
          ("合计 total", "", "", "", sum(one["clerks"] for one in people["units"]))]),
    ]


def _mib(size: int | None) -> int | str:
    """Whole MiB, up; growth may be negative; "" = nothing to compare with."""
    return "" if size is None else -(-size // MIB)
