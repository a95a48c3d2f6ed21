"""Classes of a standard: its national list, and what a city adds to it."""

from __future__ import annotations

from typing import Final

from node.core.codes import LAYOUTS, is_in_local_range
from node.service.imports.coded import CODED, KIND, STANDARD, read_code
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.standards.views import ClassRow

ORIGINS: Final = {"": "", "national": "national", "国标": "national", "国家": "national",
                  "local": "local", "地方": "local", "扩展": "local"}


def _read(line: Line) -> ClassRow:
    code, kind = read_code(line, major_too=True), line.kind()
    layout = LAYOUTS.get(line["standard_ref"])
    is_class = layout is None or len(code) == layout.class_digits
    name = line["name"] if is_class else line["name"] or line["major_name"]
    if not name:
        raise line.wrong("name", "cell.empty")
    locally = is_class and layout is not None and is_in_local_range(layout, code)
    origin = line.choice("origin", ORIGINS) or ("local" if locally else "national")
    line.put("origin", origin)
    if is_class and layout is not None and layout.local_from is not None:
        if locally and origin == "national":
            line.warn("origin", "class.local_range", given=code, border=layout.local_from)
        elif not locally and origin == "local":
            line.warn("origin", "class.national_range", given=code, border=layout.local_from)
    return ClassRow(
        standard_ref=line["standard_ref"], kind=kind, code=code, name=name,
        major_name=line["major_name"], origin=origin, incident=line.flag("incident"),
        valid_from=line.day("valid_from"), valid_to=line.day("valid_to"),
        handling_unit=line["handling_unit"], department=line["department"],
        legal_basis=line["legal_basis"], collection=line["collection"],
    )


CODES: Final[Table[ClassRow]] = Table(
    name="classes",
    columns=(
        STANDARD, KIND, *CODED,
        Column(name="origin", headings=("来源",)),
        Column(name="incident", headings=("突发",)),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
        Column(name="handling_unit", headings=("处置单位", "责任单位", "handling_units"),
               inherit=True),
        Column(name="department", headings=("主管部门", "supervisors"), inherit=True),
        Column(name="legal_basis", headings=("法律依据", "法规依据")),
        Column(name="collection", headings=("采集要求",)),
    ),
    reader=lambda: _read,
    key=lambda row: (row.standard_ref, row.kind, row.code),
    merge=True,
    alone="code",
)
"""A city's nine-column sheet of conditions may be given as it is: a class named on several lines
counts once."""
