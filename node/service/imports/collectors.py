"""Collectors (采集员名册), their shifts (排班) and their training (培训), as sheets have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from node.core.patrol import Shift, overlapping
from node.service.collectors import SHIFT_MAX, Collector, Training
from node.service.imports.line import Line
from node.service.imports.table import Column, Table

NUMBER: Final = re.compile(r"^[0-9A-Za-z一-鿿][0-9A-Za-z一-鿿._@-]{0,63}$")
"""As accounts and reports name a collector."""
_NUMBER: Final = Column(
    name="collector", headings=("编号", "采集员", "采集员编号", "监督员编号"), needed=True,
    filled=True)


def _number(line: Line) -> str:
    if not NUMBER.match(line["collector"]):
        raise line.wrong("collector", "cell.collector")
    return line["collector"]


def _read_collector(line: Line) -> Collector:
    begins, ends = line.day("valid_from"), line.day("valid_to")
    if begins is not None and ends is not None and ends < begins:
        raise line.wrong("valid_to", "cell.last_day")
    return Collector(
        collector=_number(line), name=line["name"], team=line["team"], firm=line["firm"],
        beat=line["beat"], valid_from=begins, valid_to=ends, note=line["note"])


def _shift_reader() -> Callable[[Line], Shift]:
    theirs: dict[str, list[Shift]] = {}

    def read(line: Line) -> Shift:
        begins, ends = line.instant("begins_at"), line.instant("ends_at")
        assert begins is not None, "no cell of it is empty"
        assert ends is not None, "no cell of it is empty"
        if not timedelta(0) < ends - begins <= SHIFT_MAX:
            raise line.wrong("ends_at", "cell.shift_end",
                             hours=int(SHIFT_MAX.total_seconds()) // 3600)
        shift = Shift(collector=_number(line), beat=line["beat"],
                      begins_at=begins, ends_at=ends)
        there = theirs.setdefault(shift.collector, [])
        same = [one for one in there if one.meets(shift.begins_at, shift.ends_at)
                and one.begins_at != shift.begins_at]
        if same and overlapping([*same, shift]) is not None:
            raise line.wrong("begins_at", "cell.shift_overlap", beat=same[0].beat)
        there.append(shift)
        return shift

    return read


def _read_training(line: Line) -> Training:
    day = line.day("day")
    assert day is not None, "no cell of it is empty"
    return Training(collector=_number(line), day=day, course=line["course"],
                    hours=line["hours"], result=line["result"])


COLLECTORS: Final[Table[Collector]] = Table(
    name="collectors",
    columns=(
        _NUMBER,
        Column(name="name", headings=("姓名",), needed=True, filled=True),
        Column(name="team", headings=("班组", "队伍", "中队")),
        Column(name="firm", headings=("公司", "采集公司")),
        Column(name="beat", headings=("责任网格", "巡查网格")),
        Column(name="valid_from", headings=("到岗", "生效")),
        Column(name="valid_to", headings=("离岗", "失效")),
        Column(name="note", headings=("备注",)),
    ),
    reader=lambda: _read_collector,
    key=lambda row: row.collector,
)
SHIFTS: Final[Table[Shift]] = Table(
    name="collectors/shifts",
    columns=(
        _NUMBER,
        Column(name="beat", headings=("责任网格", "巡查网格"), needed=True, filled=True),
        Column(name="begins_at", headings=("上班", "开始"), needed=True, filled=True),
        Column(name="ends_at", headings=("下班", "结束"), needed=True, filled=True),
    ),
    reader=_shift_reader,
    key=lambda row: (row.collector, row.begins_at),
)
TRAINING: Final[Table[Training]] = Table(
    name="collectors/training",
    columns=(
        _NUMBER,
        Column(name="day", headings=("日期", "培训日期"), needed=True, filled=True),
        Column(name="course", headings=("课程", "培训内容"), needed=True, filled=True),
        Column(name="hours", headings=("学时",)),
        Column(name="result", headings=("成绩", "结果", "考核结果")),
    ),
    reader=lambda: _read_training,
    key=lambda row: (row.collector, row.day, row.course),
)
