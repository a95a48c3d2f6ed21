"""Units and their cards (责任单位名册), as a city keeps them in a sheet."""

from __future__ import annotations

import re
from typing import Final

from node.core.facts import Address
from node.service.imports.line import Line
from node.service.imports.table import Column, Table
from node.service.unit_kinds import unit_kinds
from node.service.unit_views import WAYS, Clerk, UnitCard, own_way

ID: Final = re.compile(r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$")
REGION: Final = re.compile(r"^[0-9A-Z]{0,18}$")


def _read(line: Line) -> UnitCard:
    kinds = unit_kinds()
    if not ID.match(line["unit_id"]):
        raise line.wrong("unit_id", "cell.unit_id")
    kind = line.choice("kind", kinds.named())
    if not REGION.match(line["region"]):
        raise line.wrong("region", "cell.area")
    address = line["address"]
    if address:
        try:
            Address.parse(address)
        except ValueError as error:
            raise line.wrong("address", "cell.assignee") from error
    known = kinds.kinds[kind]
    if known.territorial and not line["region"]:
        line.warn("region", "unit.no_region")
    return UnitCard(
        unit_id=line["unit_id"], name=line["name"], kind=kind,
        group=line.choice("group", kinds.groups_named()) or known.group,
        parent=line["parent"], region=line["region"], territorial=known.territorial,
        address=address, way=line.choice("way", WAYS) or own_way(address),
        credit_code=line["credit_code"], leader=line["leader"],
        leader_phone=line["leader_phone"], section=line["section"], crew=line["crew"],
        duty_phone=line["duty_phone"], clerks=_clerks(line), note=line["note"],
        valid_from=line.instant("valid_from"), valid_to=line.instant("valid_to"),
    )


def _clerks(line: Line) -> tuple[Clerk, ...]:
    """``张某/13900000000; 李某/13900000001/停用``: name, phone, and whether somebody is off."""
    clerks = []
    for one in re.split(r"[;；\n]", line["clerks"]):
        if not one.strip():
            continue
        name, phone, off = ([*(part.strip() for part in one.split("/")), "", ""])[:3]
        if not name:
            raise line.wrong("clerks", "cell.clerks")
        clerks.append(Clerk(name=name, phone=phone, active=off not in ("停用", "离岗", "off")))
    return tuple(clerks)


UNITS: Final[Table[UnitCard]] = Table(
    name="units",
    columns=(
        Column(name="unit_id", headings=("编号", "单位编号", "seq"), needed=True, filled=True),
        Column(name="name", headings=("名称", "单位名称"), needed=True, filled=True),
        Column(name="kind", headings=("类别", "单位类别"), needed=True, filled=True),
        Column(name="group", headings=("分组",)),
        Column(name="parent", headings=("上级", "上级单位")),
        Column(name="region", headings=("区划", "区划代码", "area", "gbt2260_code")),
        Column(name="address", headings=("接入地址", "承办")),
        Column(name="way", headings=("接入方式",)),
        Column(name="credit_code", headings=("统一社会信用代码",)),
        Column(name="leader", headings=("分管领导",)),
        Column(name="leader_phone", headings=("分管领导电话",)),
        Column(name="section", headings=("责任科室",)),
        Column(name="crew", headings=("处置队伍",)),
        Column(name="duty_phone", headings=("值班电话",)),
        Column(name="clerks", headings=("联络人", "受理员")),
        Column(name="note", headings=("备注", "说明")),
        Column(name="valid_from", headings=("生效",)),
        Column(name="valid_to", headings=("失效",)),
    ),
    reader=lambda: _read,
    key=lambda row: row.unit_id,
)
"""A card with the same id is replaced. Regions of zones without a national code are the city's
own (pseudo-regions): the card is what registers them."""
