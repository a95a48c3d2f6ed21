"""The responsibility table (权责清单): who answers for a class in an area, and within what limits.

Published lists word things their own way. A line whose class nobody has mapped yet, or whose
mapping wants a second look, is taken aside for a person: it is neither refused nor guessed.
"""

from __future__ import annotations

import re
from typing import Final

from node.core.facts import Address
from node.core.routing import DutyKind, Qualifier
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.views import Responsibility

DUTIES: Final = {
    "rectify": DutyKind.RECTIFY, "整改": DutyKind.RECTIFY, "lead": DutyKind.RECTIFY,
    "主责": DutyKind.RECTIFY, "牵头": DutyKind.RECTIFY, "处置": DutyKind.RECTIFY,
    "enforce": DutyKind.ENFORCE, "执法": DutyKind.ENFORCE,
    "regulate": DutyKind.REGULATE, "监管": DutyKind.REGULATE, "supervise": DutyKind.REGULATE,
    "督办": DutyKind.REGULATE,
    "manage": DutyKind.MANAGE, "管理": DutyKind.MANAGE,
    "penalise": DutyKind.PENALISE, "处罚": DutyKind.PENALISE, "查处": DutyKind.PENALISE,
    "assist": DutyKind.ASSIST, "协助": DutyKind.ASSIST, "配合": DutyKind.ASSIST,
    "协办": DutyKind.ASSIST,
}
"""How lists of duties say it; several are joined by a slash or a comma."""
QUALIFIERS: Final = {
    "": Qualifier.NONE,
    "own_assets": Qualifier.OWN_ASSETS, "own assets": Qualifier.OWN_ASSETS,
    "涉及本单位": Qualifier.OWN_ASSETS, "本单位设施": Qualifier.OWN_ASSETS,
    "maintenance_period": Qualifier.MAINTENANCE_PERIOD,
    "built by it and still in its maintenance period": Qualifier.MAINTENANCE_PERIOD,
    "本单位建设且在养护期内": Qualifier.MAINTENANCE_PERIOD,
    "养护期内": Qualifier.MAINTENANCE_PERIOD,
    "operating_area": Qualifier.OPERATING_AREA,
    "within its operating area": Qualifier.OPERATING_AREA,
    "运行管理范围": Qualifier.OPERATING_AREA, "运营范围": Qualifier.OPERATING_AREA,
}
"""How lists of duties limit them; a remark in brackets behind it is no part of it."""
REVIEW: Final = "review"


def _read(line: Line) -> Responsibility:
    if not line["unit"] and not line["assignee"]:
        raise line.wrong("unit", "cell.nobody")
    if line["assignee"]:
        try:
            Address.parse(line["assignee"])
        except ValueError as error:
            raise line.wrong("assignee", "cell.assignee") from error
    if not re.fullmatch(r"[0-9A-Z]{0,18}", line["area"]):
        raise line.wrong("area", "cell.area")
    unmapped = bool(line["phrase"]) and (not line["code"] or line["mapping"] == REVIEW)
    if unmapped:
        line.warn("phrase", "responsibility.unmapped", given=line["phrase"])
    return Responsibility(
        standard_ref=line["standard_ref"], kind=line.kind() if line["kind"] else "",
        code=line["code"], area=line["area"], assignee=line["assignee"], unit=line["unit"],
        duty=_duty(line), qualifier=_qualifier(line), zone=" ".join(line["zone"].split()),
        phrase=line["phrase"], note=line["note"], name=line["name"], unmapped=unmapped,
        valid_from=line.instant("valid_from"), valid_to=line.instant("valid_to"),
    )


def _duty(line: Line) -> str:
    """Kinds of duty in the trade's order, joined by slashes; an empty cell means rectify."""
    named = [one.strip() for one in re.split(r"[/、，,]", line["duty"]) if one.strip()]
    if any(one not in DUTIES for one in named):
        raise line.wrong("duty", "cell.duty")
    kinds = {DUTIES[one] for one in named} or {DutyKind.RECTIFY}
    return "/".join(kind for kind in DutyKind if kind in kinds)


def _qualifier(line: Line) -> str:
    bare = re.split(r"[(（]", line["qualifier"], maxsplit=1)[0].strip()
    if bare not in QUALIFIERS:
        raise line.wrong("qualifier", "cell.qualifier")
    return str(QUALIFIERS[bare])


RESPONSIBILITIES: Final[Table[Responsibility]] = Table(
    name="responsibilities",
    columns=(
        Column(name="standard_ref", headings=("标准", "分类标准"), needed=True),
        Column(name="kind", headings=("类别",), needed=True),
        Column(name="code", headings=("代码", "分类代码", "code4", "code5"), needed=True),
        Column(name="area", headings=("区划", "区划代码", "区域")),
        Column(name="unit", headings=("责任单位", "单位")),
        Column(name="assignee", headings=("承办单位", "承办")),
        Column(name="duty", headings=("职责",)),
        Column(name="qualifier", headings=("限定", "范围限定")),
        Column(name="zone", headings=("网格", "运行范围")),
        Column(name="phrase", headings=("清单用语", "事项")),
        Column(name="name", headings=("名称", "code_name")),
        Column(name="mapping", headings=("对应情况",)),
        Column(name="note", headings=("备注", "说明")),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
    ),
    reader=lambda: _read,
    key=lambda row: (row.standard_ref, row.kind, row.code, row.area, row.unit, row.assignee,
                     row.qualifier, row.zone, row.phrase, row.valid_from),
)
"""Kind, code and area are beginnings; an empty cell means any. A unit is named by its card, or
where it has none by an address."""
