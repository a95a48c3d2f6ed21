"""The sections of maintenance, in the order of their tabs, and what is said of each table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PATH: Final = "/console/upkeep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One tab. Titles are Chinese and keys of the catalogue. ``reads`` and ``writes`` are
    operations of the API: who may do the first sees the section, who may do the second changes
    it."""

    path: str
    title: str
    reads: str
    writes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSection(Section):
    """A table by the name of its importer. ``columns`` are those of the list; ``given`` those that
    a sheet may lack, with what is asked for instead; ``after`` says what becomes of a sheet."""

    name: str
    lead: str
    columns: tuple[str, ...]
    given: tuple[str, ...] = ()
    after: str = ""


TABLES: Final[Mapping[str, TableSection]] = {one.name: one for one in (
    TableSection(
        path=f"{PATH}/tables/units", name="units", title="责任单位", reads="listUnits",
        writes="importUnits", lead="承办案卷的单位：类别、辖区、接入地址、联络人、值班电话",
        columns=("unit_id", "name", "kind", "region", "address", "duty_phone")),
    TableSection(
        path=f"{PATH}/tables/responsibilities", name="responsibilities", title="权责清单",
        reads="listResponsibilities", writes="importResponsibilities",
        lead="哪类问题、在哪个区域、由哪个单位负责，自何日起、至何日止",
        columns=("kind", "code", "area", "unit", "duty", "qualifier", "valid_to"),
        given=("standard_ref", "area")),
    TableSection(
        path=f"{PATH}/tables/classes", name="classes", title="分类", reads="listClasses",
        writes="importClasses", lead="监督的部件和事件：国家标准与本地扩展的大类、小类",
        columns=("standard_ref", "kind", "code", "name", "major_name", "origin", "handling_unit"),
        given=("standard_ref", "kind"), after="导入后进入草稿，由另一人批准，到生效日起用"),
    TableSection(
        path=f"{PATH}/tables/conditions", name="conditions", title="立案条件与时限",
        reads="listConditions", writes="importConditions",
        lead="每一小类在什么情况下立案、怎样算办结、多长时间",
        columns=("kind", "code", "condition_no", "filing", "closing", "limit_text"),
        given=("standard_ref", "kind"), after="导入后进入草稿，由另一人批准，到生效日起用"),
    TableSection(
        path=f"{PATH}/tables/crosswalk", name="crosswalk", title="新旧对照", reads="listCrosswalk",
        writes="importCrosswalk", lead="旧标准的每一类在新标准中归到哪里，以最新一次认定为准",
        columns=("old_standard", "old_kind", "old_code", "old_name", "verdict", "new_standard",
                 "new_code"), after="导入即生效，旧的认定仍可查"),
    TableSection(
        path=f"{PATH}/tables/area-classes", name="area-classes", title="区域类别",
        reads="listAreaClasses", writes="importAreaClasses",
        lead="同一立案条件在不同类别的区域时限不同；按区划或网格代码的开头认定",
        columns=("dimension", "area", "area_class")),
    TableSection(
        path=f"{PATH}/tables/calendar", name="calendar", title="工作日历", reads="getCalendar",
        writes="importCalendar", lead="法定节假日随程序更新；这里维护本地的放假、调休与作息",
        columns=("kind", "day", "valid_from", "valid_to", "weekdays", "intervals", "note")),
)}
HOME: Final = Section(path=PATH, title="概览", reads="importUnits")
EDITIONS: Final = Section(
    path=f"{PATH}/standards", title="标准版次", reads="listStandards", writes="approveStandard")
LAYERS: Final = Section(
    path=f"{PATH}/layers", title="地理图层", reads="listLayerVersions", writes="beginPlaceImport")
RULES: Final = Section(path=f"{PATH}/rules", title="配置与权限", reads="getRoster")
INDICATORS: Final = Section(path=f"{PATH}/indicators", title="考评指标", reads="listIndicators")
SECTIONS: Final[Sequence[Section]] = (HOME, *TABLES.values(), EDITIONS, LAYERS, RULES, INDICATORS)
"""All tabs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab as it is shown."""

    path: str
    title: str
    here: bool


def tabs(visit: Visit, at: str = "") -> list[Tab]:
    """Those of this person; one is at ``at``, or where the longest path fits."""
    path = at or visit.request.url.path
    seen = [one for one in SECTIONS if visit.may(one.reads)]
    fits = [one.path for one in seen if path == one.path or path.startswith(one.path + "/")]
    return [Tab(path=one.path, title=visit.say(one.title), here=one.path == max(fits, key=len))
            for one in seen]
