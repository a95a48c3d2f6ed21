"""Filing conditions (立案条件) with their limits, as a city's sheet lists them."""

from __future__ import annotations

from typing import Final

from node.core.catalog import read_limit
from node.core.clock import TimeUnit
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.views import FilingCondition

UNIT_CODES: Final = frozenset(str(unit) for unit in TimeUnit)


def _read(line: Line) -> FilingCondition:
    count, unit = _limit(line)
    return FilingCondition(
        standard_ref=line["standard_ref"], kind=line.kind(), code=line["code"],
        condition_no=line.number_of("condition_no"), name=line["name"],
        filing=line["filing"], closing=line["closing"],
        area_class=line["area_class"], major_name=line["major_name"],
        handling_unit=line["handling_unit"], department=line["department"],
        limit_text=line["limit_text"], limit_count=count, limit_unit=unit,
    )


def _limit(line: Line) -> tuple[int | None, str]:
    """Count and unit, from their own columns or from the printed text (``2紧急工作时``)."""
    if line["limit_count"]:
        unit = line["limit_unit"]
        if unit not in UNIT_CODES:
            raise line.wrong("limit_unit", "cell.unit")
        return line.number_of("limit_count"), unit
    if not line["limit_text"]:
        return None, ""
    limit = read_limit(line["limit_text"]).limit
    if limit is None:
        raise line.wrong("limit_text", "cell.limit")
    return limit.value, str(limit.unit)


CONDITIONS: Final[Table[FilingCondition]] = Table(
    name="conditions",
    columns=(
        Column(name="standard_ref", headings=("标准", "分类标准"), needed=True, filled=True),
        Column(name="kind", headings=("类别",), needed=True, filled=True),
        Column(name="code", headings=("代码", "分类代码", "code4"), needed=True, filled=True),
        Column(name="condition_no", headings=("条件序号",), needed=True, filled=True),
        Column(name="filing", headings=("立案条件", "condition", "filing_condition"),
               needed=True, filled=True),
        Column(name="name", headings=("名称", "small_name")),
        Column(name="major_name", headings=("大类名称", "big_name")),
        Column(name="closing", headings=("结案条件", "closing_condition", "close_condition")),
        Column(name="area_class"),
        Column(name="handling_unit", headings=("处置单位", "handling_units")),
        Column(name="department", headings=("主管部门", "supervisors")),
        Column(name="limit_text", headings=("处置时限", "limit")),
        Column(name="limit_count", headings=("limit_value",)),
        Column(name="limit_unit"),
    ),
    read=_read,
    key=lambda row: (row.standard_ref, row.kind, row.code, row.condition_no, row.area_class),
)
"""``limit_text`` is read as printed (``4小时``, ``5天``), unless count and unit are given."""
