"""Handbooks (手册): what is in force, printed with edition, digest and date.

The supervision handbook (监督手册) says what is a case: classes with their filing conditions and
what a report must show. The handling handbook (处置手册) says who ends it, how soon, and what must
be true then. Both are Markdown, in Chinese, made from the edition's rows and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final

from node.core.standards import Edition
from node.service.ports import Row


class Handbook(StrEnum):
    """Which one."""

    SUPERVISION = "supervision"
    HANDLING = "handling"


TITLES: Final = {Handbook.SUPERVISION: "监督手册", Handbook.HANDLING: "处置手册"}
KINDS: Final = {"component": "管理部件", "matter": "管理事项"}
HEADS: Final = {
    Handbook.SUPERVISION: ("代码", "小类", "条件", "区域", "立案条件", "采集与证据"),
    Handbook.HANDLING: ("代码", "小类", "条件", "区域", "处置时限", "结案条件", "处置单位",
                        "主管部门"),
}


def printed(
    which: Handbook, edition: Edition, classes: Sequence[Row], conditions: Sequence[Row], *,
    day: date, office: str,
) -> str:
    """The handbook of an edition. Classes that have ended by ``day`` are left out; one without
    conditions stands with empty cells, so that a gap is seen."""
    layout = edition.layout
    by_class: dict[tuple[str, str], list[Row]] = {}
    for row in conditions:
        if _holds(row, day):
            by_class.setdefault((row["kind"], row["code"]), []).append(row)
    out = [
        f"# {office} {TITLES[which]}", "",
        f"依据 {edition.standard_ref} 第 {edition.version} 版，"
        f"自 {edition.effective_from or '发布之日'} 起施行；批准人：{edition.approved_by or '—'}；"
        f"摘要 {edition.digest[:16]}；印于 {day}。", "",
        f"来源：{edition.source or '—'}", "",
    ]
    section = ("", "")
    for row in classes:
        if len(row["code"]) != layout.class_digits or not _holds(row, day):
            continue
        here = (row["kind"], row["code"][: layout.major])
        if here != section:
            section = here
            head = HEADS[which]
            out += ["", f"## {KINDS[row['kind']]} {here[1]} {row['major_name']}", "",
                    _line(head), _line("---" for _ in head)]
        for condition in by_class.get((row["kind"], row["code"]), [{}]):
            out.append(_line(_cells(which, row, condition)))
    return "\n".join(out) + "\n"


def _cells(which: Handbook, row: Row, condition: Mapping[str, object]) -> tuple[object, ...]:
    name = row["name"] if row["origin"] == "national" else f"{row['name']}（地方）"
    own = (row["code"], name, condition.get("condition_no", ""), condition.get("area_class", ""))
    if which is Handbook.SUPERVISION:
        shown = "；".join(str(part) for part in (row["collection"], condition.get("evidence"))
                         if part)
        return (*own, condition.get("filing", ""), shown)
    return (
        *own, condition.get("limit_text") or _limit(condition), condition.get("closing", ""),
        condition.get("handling_unit") or row["handling_unit"],
        condition.get("department") or row["department"],
    )


UNITS: Final = {"urgent_hour": "紧急工作时", "work_hour": "工作时", "work_day": "工作日",
                "calendar_day": "自然日", "minute": "分钟"}


def _limit(condition: Mapping[str, object]) -> str:
    count = condition.get("limit_count")
    return f"{count}{UNITS[str(condition['limit_unit'])]}" if count else ""


def _holds(row: Row, day: date) -> bool:
    start, end = row["valid_from"], row["valid_to"]
    return (start is None or start <= day) and (end is None or day <= end)


def _line(cells: Iterable[object]) -> str:
    # A bar or a line break in a cell would break the table.
    return "| " + " | ".join(
        str(cell).replace("|", "／").replace("\r", "").replace("\n", " ") for cell in cells) + " |"
