"""Filing conditions (立案条件) with their limits, as a city's sheet lists them.

The usual sheet has nine columns: major code and name, minor code and name, handling unit, competent
department, filing condition, closing condition, limit; merged cells are empty below the first. The
conditions of a class are numbered in their order where the sheet does not number them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from node.core.catalog import read_limit
from node.core.clock import TimeUnit
from node.service.imports.coded import CODED, KIND, STANDARD, read_code
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.views import FilingCondition

UNIT_CODES: Final = frozenset(str(unit) for unit in TimeUnit)
LISTS: Final = str.maketrans("、，；;", ",,,,")
"""Signs between the items of a list in one cell."""


def _reader() -> Callable[[Line], FilingCondition]:
    counted: Counter[tuple[str, str, str]] = Counter()

    def read(line: Line) -> FilingCondition:
        code, kind = read_code(line), line.kind()
        key = (line["standard_ref"], kind, code)
        if line["condition_no"]:
            number = line.number_of("condition_no")
        else:
            number = counted[key] + 1
            line.put("condition_no", str(number))
        counted[key] = max(counted[key], number)
        count, unit, action, assumed = _limit(line)
        evidence = ",".join(part.strip() for part in
                            line["evidence"].translate(LISTS).split(",") if part.strip())
        dimension = line["dimension"] or ("area" if line["area_class"] else "")
        return FilingCondition(
            standard_ref=line["standard_ref"], kind=kind, code=code, condition_no=number,
            name=line["name"], filing=line["filing"], closing=line["closing"], evidence=evidence,
            dimension=dimension, area_class=line["area_class"], major_name=line["major_name"],
            handling_unit=line["handling_unit"], department=line["department"],
            limit_text=line["limit_text"], limit_count=count, limit_unit=unit,
            limit_action=action, limit_assumed=assumed,
            valid_from=line.day("valid_from"), valid_to=line.day("valid_to"),
        )

    return read


def _limit(line: Line) -> tuple[int | None, str, str, bool]:
    """Count, unit and action note, from their own columns or from the printed text
    (``2紧急工作时``); whether the text is none that we can read."""
    if line["limit_count"]:
        unit = line["limit_unit"]
        if unit not in UNIT_CODES:
            raise line.wrong("limit_unit", "cell.unit")
        return line.number_of("limit_count"), unit, line["limit_action"], False
    if not line["limit_text"]:
        return None, "", "", False
    found = read_limit(line["limit_text"])
    if found.limit is None:
        line.warn("limit_text", "cell.limit")
        return None, "", "", True
    if found.action:
        line.warn("limit_text", "cell.limit_action", action=found.action)
    return found.limit.value, str(found.limit.unit), found.action, False


CONDITIONS: Final[Table[FilingCondition]] = Table(
    name="conditions",
    columns=(
        STANDARD, KIND, *CODED,
        Column(name="condition_no", headings=("条件序号", "序号")),
        Column(name="filing", headings=("立案条件", "condition", "filing_condition"),
               needed=True, filled=True),
        Column(name="closing", headings=("结案条件", "结案标准", "closing_condition",
                                         "close_condition"), inherit=True),
        Column(name="evidence", headings=("所需证据", "证据")),
        Column(name="dimension", headings=("区域分类方式",)),
        Column(name="area_class", headings=("区域类别",)),
        Column(name="handling_unit", headings=("处置单位", "责任单位", "handling_units"),
               inherit=True),
        Column(name="department", headings=("主管部门", "supervisors"), inherit=True),
        Column(name="limit_text", headings=("处置时限", "时限", "limit"), inherit=True),
        Column(name="limit_count", headings=("limit_value",)),
        Column(name="limit_unit"),
        Column(name="limit_action"),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
    ),
    reader=_reader,
    key=lambda row: (row.standard_ref, row.kind, row.code, row.condition_no, row.area_class),
    alone="code",
)
"""``limit_text`` is read as printed (``4小时``, ``5天``), unless count and unit are given; what
cannot be read stays as it is, and the node's default limit counts."""
