"""The responsibility table (权责清单): who answers for a category in an area."""

from __future__ import annotations

import re
from typing import Final

from node.core.facts import Address
from node.core.routing import DutyKind
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.views import Responsibility

DUTIES: Final = {
    "": DutyKind.LEAD, "lead": DutyKind.LEAD, "主责": DutyKind.LEAD, "牵头": DutyKind.LEAD,
    "整改": DutyKind.LEAD, "rectify": DutyKind.LEAD,
    "assist": DutyKind.ASSIST, "配合": DutyKind.ASSIST, "协办": DutyKind.ASSIST,
    "supervise": DutyKind.SUPERVISE, "监管": DutyKind.SUPERVISE, "督办": DutyKind.SUPERVISE,
}
"""How lists of duties say it. Published lists join several with a slash (rectify/manage): the first
one counts, because it says who acts."""


def _read(line: Line) -> Responsibility:
    try:
        Address.parse(line["assignee"])
    except ValueError as error:
        raise line.wrong("assignee", "cell.assignee") from error
    if not re.fullmatch(r"[0-9A-Z]{0,18}", line["area"]):
        raise line.wrong("area", "cell.area")
    duty = DUTIES.get(line["duty"].partition("/")[0].strip())
    if duty is None:
        raise line.wrong("duty", "cell.duty")
    return Responsibility(
        standard_ref=line["standard_ref"], kind=line.kind() if line["kind"] else "",
        code=line["code"], area=line["area"], assignee=line["assignee"], duty=str(duty),
        valid_from=line.instant("valid_from"), valid_to=line.instant("valid_to"),
    )


RESPONSIBILITIES: Final[Table[Responsibility]] = Table(
    name="responsibilities",
    columns=(
        Column(name="standard_ref", headings=("标准", "分类标准"), needed=True),
        Column(name="kind", headings=("类别",), needed=True),
        Column(name="code", headings=("代码", "分类代码", "code4"), needed=True),
        Column(name="area", headings=("区划", "区划代码", "区域"), needed=True),
        Column(name="assignee", headings=("承办单位", "承办"), needed=True, filled=True),
        Column(name="duty", headings=("职责",)),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
    ),
    reader=lambda: _read,
    key=lambda row: (row.standard_ref, row.kind, row.code, row.area, row.assignee,
                     row.valid_from),
)
"""Kind, code and area are beginnings; an empty cell means any."""
