"""How files of surveys and maps name what we know: one table of columns for each layer.

National field names (GB/T 47678.5, tables 2 and 3, second-hand), those of the 2013 exchange, and
the headings that clerks write are only here, at import and export. X is the easting and Y the
northing; a heading that merely says X坐标 is left alone, because half of the surveys mean the
northing by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from node.core.components import ComponentState, DataSource
from node.service.imports.line import Line
from node.service.imports.table import Column, Table

Fields = tuple[int, dict[str, Any]]
"""Line of the file, and what it says by our names."""

STATES: Final = {
    "": ComponentState.INTACT, "完好": ComponentState.INTACT, "破损": ComponentState.DAMAGED,
    "丢失": ComponentState.LOST, "废弃": ComponentState.ABANDONED,
    "废除": ComponentState.ABANDONED, "移除": ComponentState.REMOVED,
    **{state.value: state for state in ComponentState},
}
SOURCES: Final = {
    "实测": DataSource.SURVEYED, "地形图": DataSource.TOPOGRAPHIC_MAP,
    "基础地理数据": DataSource.BASE_GEODATA, "其他": DataSource.OTHER,
}
"""数据来源; whatever else a file says is kept as it says it."""

NATIONAL: Final[Mapping[str, str]] = MappingProxyType({
    "code": "GLBJBSM", "name": "GLBJMC", "department_code": "ZGBMDM", "department_name": "ZGBMMC",
    "owner_code": "QSDWDM", "owner_name": "QSDWMC", "maintainer_code": "YHDWDM",
    "maintainer_name": "YHDWMC", "grid": "SZDYWGBSM", "state": "GLBJZT", "initial_on": "CSRQ",
    "changed_on": "BGRQ", "source": "SJLY", "note": "BZ", "street_code": "SZJDDM",
    "street_name": "SZJDMC", "community_code": "SZSQDM", "community_name": "SZSQMC",
})
"""Our name → field of the national attribute table: the 18 attributes of a component."""

_EXCHANGE_2013: Final[Mapping[str, str]] = MappingProxyType({
    "code": "ObjID", "name": "ObjName", "department_code": "DeptCode1",
    "department_name": "DeptName1", "owner_code": "DeptCode2", "owner_name": "DeptName2",
    "maintainer_code": "DeptCode3", "maintainer_name": "DeptName3", "grid": "BGID",
    "state": "ObjState", "initial_on": "ORDate", "changed_on": "CHDate", "source": "DataSource",
    "note": "Note",
})

_SPOKEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "code": ("管理部件标识码", "部件标识码", "部件编码"), "name": ("管理部件名称", "部件名称"),
    "department_code": ("主管部门代码",), "department_name": ("主管部门名称", "主管部门"),
    "owner_code": ("权属单位代码",), "owner_name": ("权属单位名称", "权属单位"),
    "maintainer_code": ("养护单位代码",), "maintainer_name": ("养护单位名称", "养护单位"),
    "grid": ("所在单元网格标识码", "单元网格"), "state": ("管理部件状态", "状态"),
    "initial_on": ("初始日期",), "changed_on": ("变更日期",), "source": ("数据来源",),
    "note": ("备注",), "street_code": ("所在街道代码", "街道代码"),
    "street_name": ("所在街道名称", "街道名称"), "community_code": ("所在社区代码", "社区代码"),
    "community_name": ("所在社区名称", "社区名称"), "standard_ref": ("标准",),
    "type_code": ("部件类型代码", "小类代码"), "maintained_from": ("养护开始",),
    "maintained_to": ("养护结束", "养护期至"), "update_due_on": ("应更新日期", "更新期限"),
})

_POINT: Final = (
    Column(name="x", headings=("lon", "PointX", "东坐标", "横坐标", "经度")),
    Column(name="y", headings=("lat", "PointY", "北坐标", "纵坐标", "纬度")),
    Column(name="crs", headings=("坐标系",)),
)
_VALIDITY: Final = (
    Column(name="valid_from", headings=("生效", "初始日期", "CSRQ", "ORDate")),
    Column(name="valid_to", headings=("失效", "终止日期", "CHDate")),
)


def _component_columns() -> tuple[Column, ...]:
    return tuple(
        Column(
            name=name, needed=name in {"code", "name"}, filled=name in {"code", "name"},
            headings=tuple(
                heading for heading in (
                    NATIONAL.get(name), _EXCHANGE_2013.get(name), *spoken) if heading
            ),
        )
        for name, spoken in _SPOKEN.items()
    )


def _component(line: Line) -> Fields:
    days = ("initial_on", "changed_on", "maintained_from", "maintained_to", "update_due_on")
    fields: dict[str, Any] = {
        name: line[name] for name in _SPOKEN if name not in {*days, "state", "source"}
    }
    fields.update({name: line.day(name) for name in days})
    fields["state"] = line.choice("state", STATES)
    source = line["source"]
    fields["source"] = SOURCES[source].value if source in SOURCES else source
    return line.number, {**fields, **_point(line)}


def _point(line: Line) -> dict[str, Any]:
    if not line["x"] and not line["y"]:
        return {}
    return {"x": line.decimal("x"), "y": line.decimal("y"), "crs": line["crs"]}


def _grid(line: Line) -> Fields:
    fields: dict[str, Any] = {
        name: line[name] for name in ("code", "name", "area", "note") if line[name]
    }
    if line["standard"]:
        fields["standard"] = line["standard"]
    if line["area_m2"]:
        fields["area_m2"] = line.decimal("area_m2")
    fields["units"] = [code for code in re.split(r"[;；,，、\s]+", line["units"]) if code]
    fields["void"] = line.flag("void")
    return line.number, {**fields, **_days(line)}


def _days(line: Line) -> dict[str, Any]:
    return {name: line.day(name) for name in ("valid_from", "valid_to")}


def _region(line: Line) -> Fields:
    return line.number, {
        "code": line["code"], "name": line["name"], "pseudo": line.flag("pseudo"), **_days(line),
    }


def _coverage(line: Line) -> Fields:
    return line.number, {
        "code": line["code"] or line["name"] or "coverage", "name": line["name"], **_days(line),
    }


def _address(line: Line) -> Fields:
    fields = {name: line[name] for name in ("code", "text", "kind", "area")}
    return line.number, {**fields, **_point(line)}


def _organisation(line: Line) -> Fields:
    fields = {name: line[name] for name in ("code", "name", "kind", "parent", "area", "address")}
    return line.number, {**fields, **_days(line), **_point(line)}


def _line_of(item: Fields) -> int:
    return item[0]


_GRIDS: Final[Table[Fields]] = Table(
    name="grids",
    columns=(
        Column(name="code", needed=True, filled=True, headings=(
            "DYWGBSM", "BGID", "BGCode", "网格编码", "单元网格标识码", "单元网格编码")),
        Column(name="name", headings=("BGName", "网格名称", "名称")),
        Column(name="area", headings=("区划代码", "社区代码", "SZSQDM")),
        Column(name="standard", headings=("标准",)),
        Column(name="area_m2", headings=("Area", "MJ", "面积")),
        Column(name="void", headings=("作废",)),
        Column(name="note", headings=("Note", "BZ", "备注")),
        Column(name="units", headings=("包含单元网格",)),
        *_VALIDITY,
    ),
    reader=lambda: _grid, key=_line_of,
)

TABLES: Final[Mapping[str, Table[Fields]]] = MappingProxyType({
    "grid.unit": _GRIDS, "grid.beat": _GRIDS, "grid.responsibility": _GRIDS,
    "component": Table(
        name="components", columns=(*_component_columns(), *_POINT), reader=lambda: _component,
        key=_line_of,
    ),
    "region": Table(
        name="regions",
        columns=(
            Column(name="code", headings=("区划代码", "代码"), needed=True, filled=True),
            Column(name="name", headings=("区划名称", "名称"), needed=True, filled=True),
            Column(name="pseudo", headings=("功能区", "自定义")),
            *_VALIDITY,
        ),
        reader=lambda: _region, key=_line_of,
    ),
    "coverage": Table(
        name="coverage",
        columns=(Column(name="code", headings=("编号",)), Column(name="name", headings=("名称",)),
                 *_VALIDITY),
        reader=lambda: _coverage, key=_line_of,
    ),
    "address": Table(
        name="gazetteer",
        columns=(
            Column(name="code", headings=("编号", "地址编码")),
            Column(name="text", headings=("地址", "标准地址", "名称"), needed=True, filled=True),
            Column(name="kind", headings=("类型",)),
            Column(name="area", headings=("区划代码",)),
            *_POINT,
        ),
        reader=lambda: _address, key=_line_of,
    ),
    "organisation": Table(
        name="organisations",
        columns=(
            Column(name="code", headings=("机构代码", "统一社会信用代码", "编号"), needed=True,
                   filled=True),
            Column(name="name", headings=("机构名称", "名称"), needed=True, filled=True),
            Column(name="kind", headings=("机构类型", "类型")),
            Column(name="parent", headings=("上级机构代码", "上级机构")),
            Column(name="area", headings=("区划代码",)),
            Column(name="address", headings=("地址",)),
            *_POINT,
            *_VALIDITY,
        ),
        reader=lambda: _organisation, key=_line_of,
    ),
})
"""Layer → how its files are read."""


def national_row(row: Mapping[str, Any]) -> list[str]:
    """A component under the national field names (``NATIONAL`` in order), with its Chinese state
    and source and days as YYYYMMDD."""
    states = {state.value: word for word, state in STATES.items() if word and not word.isascii()}
    states[ComponentState.ABANDONED.value] = "废弃"
    sources = {source.value: word for word, source in SOURCES.items()}
    cells = []
    for name in NATIONAL:
        value = row[name]
        if name == "state":
            value = states[value]
        elif name == "source":
            value = sources.get(value, value)
        elif name.endswith("_on"):
            value = value.strftime("%Y%m%d") if value else ""
        cells.append(str(value))
    return cells
