"""The problem library (问题库) and the habits of units, as JSON or as a sheet for the meeting."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from node.edge.http.answers import fails
from node.edge.http.asked import Instant
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit, Tongue
from node.edge.http.gate import Reader
from node.edge.http.limits import CSV_ROWS_MAX, PAGE_ITEMS_MAX
from node.edge.http.telling_ledger import HabitsOut, LedgerRow, LedgerSum
from node.edge.http.told import PageOut
from node.service.formulas import harmless
from node.service.ledger import by_group
from node.service.unit_kinds import group_called

router = APIRouter(prefix="/api/v1/ledger", tags=["work"])

Area = Annotated[str, Query(
    description="Division code; a shorter code takes in everything below it.",
    pattern=r"^[0-9A-Z]{0,18}$")]
Group = Annotated[str, Query(
    max_length=64, examples=["higher"],
    description="Only units of this group, by its key or name, as on the cards.")]
Since = Annotated[Instant, Query(description="Begin of the period; ISO 8601 with a zone.")]
Until = Annotated[Instant, Query(description="Its end, not included.")]

COLUMNS = (
    ("case_no", "案卷号"), ("why", "类别"), ("status", "状态"), ("area", "区划代码"),
    ("name", "分类名称"), ("reason", "原因"), ("since", "自"), ("until", "至"),
    ("age_days", "案龄（天）"), ("days_late", "超期（天）"), ("holder", "承办"),
    ("group", "单位分组"),
    ("finish_by", "办结时限"), ("owed", "待回复督办"), ("owed_overdue", "逾期未回复"),
    ("last_event", "最近动作"), ("last_at", "最近时间"), ("last_actor", "经办人"),
)
HABITS = (
    ("unit", "单位"), ("group", "单位分组"), ("person", "人员"),
    ("returns_asked", "申请回退"), ("returns_granted", "同意回退"),
    ("extensions", "延期"), ("suspensions", "挂账"), ("resumed", "恢复"), ("refused", "未同意"),
    ("unsigned", "逾时未签收"), ("late", "超期"), ("over", "达到督查线"),
)
SUMS = (
    ("holder", "承办"), ("group", "单位分组"), ("suspended", "挂账"), ("overdue", "长期超期"),
    ("oldest_days", "最长案龄（天）"), ("owed", "待回复督办"), ("owed_overdue", "逾期未回复"),
)
HABITS_SUMMED = ("returns_asked", "returns_granted", "extensions", "suspensions", "resumed",
                 "refused", "unsigned", "late")
SUMS_SUMMED, SUMS_GREATEST = ("suspended", "overdue", "owed", "owed_overdue"), ("oldest_days",)
GROUP_FAILS = ("unit.group",)


@router.get("", operation_id="listLedger", response_model=PageOut[LedgerRow],
            summary="Suspended and long overdue cases, oldest first (问题库)",
            responses=fails("page.cursor", *GROUP_FAILS))
async def rows(
    desk: Desk, _caller: Reader, area: Area = "", group: Group = "", after: After = "",
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.ledger.rows(area=area, group=group, after=after, limit=limit)


@router.get("/export", operation_id="exportLedger",
            summary="The same as CSV, for the meeting (例会清单)", response_class=Response,
            responses=fails(*GROUP_FAILS))
async def export(
    desk: Desk, _caller: Reader, tongue: Tongue, area: Area = "", group: Group = "",
) -> Response:
    found: list[Mapping[str, Any]] = []
    after = ""
    while len(found) < CSV_ROWS_MAX:
        page = await desk.ledger.rows(
            area=area, group=group, after=after, limit=PAGE_ITEMS_MAX)
        found += [_flat(item, tongue) for item in page.items]
        after = page.next
        if not after:
            break
    return _sheet("ledger.csv", COLUMNS, found[:CSV_ROWS_MAX], chinese=tongue == "zh-CN")


@router.get("/summary", operation_id="sumLedger", response_model=list[LedgerSum],
            summary="How much lies with whom now", responses=fails(*GROUP_FAILS))
async def summary(desk: Desk, _caller: Reader, area: Area = "", group: Group = "") -> object:
    return await desk.ledger.summary(area=area, group=group)


@router.get("/summary/export", operation_id="exportLedgerSum",
            summary="The same as CSV (汇总表), group by group with subtotals",
            response_class=Response, responses=fails(*GROUP_FAILS))
async def export_summary(
    desk: Desk, _caller: Reader, tongue: Tongue, area: Area = "", group: Group = "",
) -> Response:
    held = await desk.ledger.summary(area=area, group=group)
    sums = by_group(held, summed=SUMS_SUMMED, greatest=SUMS_GREATEST)
    found: list[Mapping[str, Any]] = []
    for key, subtotal in sums:
        called = _group(key, tongue)
        found += [{**line, "group": called} for line in held if line["group"] == key]
        if key:
            found.append({"holder": _subtotal(tongue), "group": called, **subtotal})
    return _sheet("ledger-summary.csv", SUMS, found, chinese=tongue == "zh-CN")


@router.get("/habits", operation_id="listHabits", response_model=list[HabitsOut],
            summary="Returns, unsigned orders and lateness per unit and person in a period "
            "(推诿、拖延督查)",
            responses=fails("case.invalid", *GROUP_FAILS))
async def habits(
    desk: Desk, _caller: Reader, since: Since, until: Until, group: Group = "",
) -> object:
    return await desk.ledger.habits(since, until, group=group)


@router.get("/habits/export", operation_id="exportHabits",
            summary="The same as CSV: a line of the unit, then its people, and what each group "
            "comes to", response_class=Response,
            responses=fails("case.invalid", *GROUP_FAILS))
async def export_habits(
    desk: Desk, _caller: Reader, tongue: Tongue, since: Since, until: Until, group: Group = "",
) -> Response:
    units = await desk.ledger.habits(since, until, group=group)
    found: list[Mapping[str, Any]] = []
    for key, subtotal in by_group(units, summed=HABITS_SUMMED):
        called = _group(key, tongue)
        for one in units:
            if one["group"] == key:
                people = ({"unit": one["unit"], **person} for person in one["people"])
                found += [{**line, "group": called, "over": " ".join(line["over"])}
                          for line in (one, *people)]
        if key:
            found.append({"unit": _subtotal(tongue), "group": called, **subtotal})
    return _sheet("habits.csv", HABITS, found, chinese=tongue == "zh-CN")


def _group(key: str, tongue: str) -> str:
    """A group as a sheet calls it: machines that read the English one get the key."""
    chinese = tongue == "zh-CN"
    return group_called(key, chinese=True) if chinese else key


def _subtotal(tongue: str) -> str:
    return "小计" if tongue == "zh-CN" else "subtotal"


def _flat(item: Mapping[str, Any], tongue: str) -> Mapping[str, Any]:
    last = item["last"] or {}
    return {**item, "group": _group(item["group"], tongue),
            "last_event": last.get("event_type"), "last_at": last.get("at"),
            "last_actor": last.get("actor")}


def _sheet(
    name: str, columns: Sequence[tuple[str, str]], found: Iterable[Mapping[str, Any]], *,
    chinese: bool,
) -> Response:
    """A table with a BOM, so that spreadsheet programs read UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([zh if chinese else key for key, zh in columns])
    writer.writerows([harmless(one.get(key)) for key, _ in columns] for one in found)
    return Response(
        "\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
