"""A city's calendar as a sheet: holidays, make-up workdays, days set right again, and hours."""

from __future__ import annotations

import re
from datetime import time
from typing import Final

from node.service.calendars import CalendarRow
from node.service.imports.line import Line
from node.service.imports.table import Column, Table

KINDS: Final = {
    "holiday": "holiday", "放假": "holiday", "节假日": "holiday", "休息": "holiday",
    "workday": "workday", "调休": "workday", "补班": "workday", "上班": "workday",
    "ordinary": "ordinary", "正常": "ordinary",
    "hours": "hours", "作息": "hours", "作息时间": "hours",
}
HOURS: Final = re.compile(r"^(\d{1,2}):(\d{2})[-—~至](\d{1,2}):(\d{2})$")
"""08:00-12:00; spans of a day stand side by side, with a space, comma or 、 between them."""
SPANS_MAX: Final = 8
"""Spans of one day: an office that opens more often does not close."""
_WEEKDAYS: Final = str.maketrans("一二三四五六日天", "12345677")


def _read(line: Line) -> CalendarRow:
    kind = line.choice("kind", KINDS)
    day, valid_to = line.day("date"), line.day("valid_to")
    if kind != "hours":
        if day is None:
            raise line.wrong("date", "cell.empty")
        return CalendarRow(kind=kind, day=day, note=line["note"])
    if day is not None and valid_to is not None and valid_to <= day:
        raise line.wrong("valid_to", "cell.validity")
    return CalendarRow(
        kind=kind, day=day, valid_to=valid_to, note=line["note"],
        weekdays=_weekdays(line), intervals=_intervals(line),
    )


def _weekdays(line: Line) -> str:
    """"12345" from 1-5, 一至五, 1,2,3 or nothing at all."""
    text = line["weekdays"].replace("周", "").replace("星期", "").translate(_WEEKDAYS)
    found: set[int] = set()
    for part in re.split(r"[,，、\s]+", text or "1-5"):
        run = re.fullmatch(r"([1-7])(?:[-—~至]([1-7]))?", part)
        if run is None or int(run[2] or run[1]) < int(run[1]):
            raise line.wrong("weekdays", "cell.weekdays")
        found.update(range(int(run[1]), int(run[2] or run[1]) + 1))
    return "".join(str(number) for number in sorted(found))


def _intervals(line: Line) -> tuple[tuple[time, time], ...]:
    """Ascending and disjoint, or ``Wrong``."""
    found: list[tuple[time, time]] = []
    for part in re.split(r"[,，、;；\s]+", line["hours"].replace("：", ":")):
        span = _span(part)
        if span is None or len(found) == SPANS_MAX or (found and span[0] < found[-1][1]):
            raise line.wrong("hours", "cell.hours")
        found.append(span)
    return tuple(found)


def _span(text: str) -> tuple[time, time] | None:
    found = HOURS.match(text)
    if found is None:
        return None
    try:
        opens, closes = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        return None
    return (opens, closes) if opens < closes else None


CALENDAR: Final[Table[CalendarRow]] = Table(
    name="calendar",
    columns=(
        Column(name="kind", headings=("类型", "种类"), needed=True, filled=True),
        Column(name="date", headings=("日期", "生效", "生效日期"), needed=True),
        Column(name="valid_to", headings=("失效", "失效日期")),
        Column(name="hours", headings=("时间", "作息时间")),
        Column(name="weekdays", headings=("星期", "工作日")),
        Column(name="note", headings=("备注", "说明")),
    ),
    reader=lambda: _read,
    key=lambda row: (row.kind == "hours", row.day, row.valid_to),
)
"""``date`` is the day, or the first day of hours; ``valid_to`` the first day on which those hours
no longer hold. An empty end of hours is open, an empty ``weekdays`` Monday to Friday."""
