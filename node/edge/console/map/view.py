"""What stands beside the map: cards of what was clicked, the list of what is seen, the filters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from node.edge.console.work.rows import LIGHTS, Row, row_of
from node.service.maps.room import Listed, Wanted
from node.service.places.views import Located
from node.service.views import CaseFilter

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PATH: Final = "/console/map"
TITLES: Final = {"code": "分类", "light": "时限", "area": "区域", "days": "时段"}
"""Filters of the map, as a person calls them."""
DAYS: Final = {
    0: "未结案卷", 1: "今日登记", 7: "近 7 天登记", 30: "近 30 天登记", 90: "近 90 天登记"}
PARTS: Final = {"cases": "案卷", "grids": "单元网格", "components": "部件", "heat": "热力"}
"""Layers that can be switched."""
STATES: Final = {"intact": "完好", "damaged": "破损", "lost": "丢失", "abandoned": "废弃",
                 "removed": "移除"}
KINDS: Final = {"unit": "单元网格", "beat": "巡查网格", "responsibility": "责任网格"}
WORDS: Final = {
    "Map.Title": "地图", "NavigationControl.ZoomIn": "放大", "NavigationControl.ZoomOut": "缩小",
    "AttributionControl.ToggleAttribution": "地图来源", "ScaleControl.Meters": "米",
    "ScaleControl.Kilometers": "公里", "failed": "地图数据没有送到，请稍后刷新",
    "lacking": "此浏览器不能显示地图（需要 WebGL 2），请使用右侧列表",
    "cut": "部件过密，未全部显示，请放大", "nearer": "放大后显示部件",
}
"""What the map's script says itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallMap:
    """A map inside of another page (``parts/map.html``). ``style``: the address of its style;
    ``box`` or ``lon``, ``lat`` say where it begins; ``pin``: a ring is drawn around the point;
    ``full``: where the whole map shows the same. ``near``: metres and rows of its neighbours."""

    id: str
    title: str
    words: str
    style: str = f"{PATH}/style.json"
    box: str = ""
    lon: float | None = None
    lat: float | None = None
    zoom: float = 16
    pin: bool = True
    full: str = ""
    near: Sequence[tuple[int, Row]] = ()
    pick: str = ""
    crs: str = ""
    follow: str = ""
    """Attributes ``data-pick``, ``data-crs`` and ``data-follow``: where a point is chosen."""
    pins: str = ""
    """Attribute ``data-pins``: what is marked."""
    show: str = ""
    """Attribute ``data-show``: a part of ``PARTS`` that is not drawn otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The list of what is seen: rows with the place of each, counts by light in order."""

    rows: Sequence[tuple[Row, float, float]]
    total: int
    more: int
    lights: Sequence[tuple[str, str, int]]
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One filter that is set; ``without`` is the map without it."""

    title: str
    value: str
    without: str


def words(visit: Visit) -> str:
    """What the script says, as JSON of an attribute."""
    return json.dumps({key: visit.say(text) for key, text in WORDS.items()}, ensure_ascii=False)


def filters_of(visit: Visit) -> dict[str, str]:
    """The filters in the address."""
    given = visit.request.query_params
    return {name: given[name] for name in TITLES if given.get(name)}


def chips(visit: Visit, filters: Mapping[str, str]) -> list[Chip]:
    """What is filtered by."""
    found = []
    for name, value in filters.items():
        said = {"light": LIGHTS.get(value, value),
                "days": DAYS.get(int(value), value) if name == "days" else ""}.get(name, value)
        rest = urlencode({key: one for key, one in filters.items() if key != name})
        found.append(Chip(title=visit.say(TITLES[name]), value=visit.say(said),
                          without=f"{PATH}?{rest}" if rest else PATH))
    return found


def seen(visit: Visit, listed: Listed) -> Seen:
    """The list from the use case."""
    return Seen(
        rows=[(row_of(visit, item), item["lon"], item["lat"]) for item in listed.items],
        total=listed.total, more=max(0, listed.total - len(listed.items)), cut=listed.cut,
        lights=[(key, visit.say(word), listed.lights[key]) for key, word in LIGHTS.items()
                if listed.lights.get(key)],
    )


def box_of(text: str) -> tuple[float, float, float, float]:
    """``west,south,east,north`` of an address; its form was checked."""
    west, south, east, north = (float(part) for part in text.split(","))
    return west, south, east, north


def ground(visit: Visit, found: Located) -> list[tuple[str, str]]:
    """What is known of a point, as pairs; what is not known is left out."""
    say = visit.say
    named = f"{found.grid} {found.grid_name}".strip()
    beats = [f"{say(KINDS.get(one.kind, one.kind))} {one.code}" for one in found.beats]
    divisions = [f"{one.name or one.code}" for one in found.divisions]
    covered = "" if found.covered is None else (
        say("在覆盖范围内") if found.covered else say("不在覆盖范围内"))
    pairs = [
        (say("单元网格"), named or say("此处没有单元网格")),
        (say("所在区划"), say("、").join(divisions)),
        (say("所属网格"), say("、").join(beats)),
        (say("最近地址"), say(
            "%(name)s（%(id)s）", name=found.address.text, id=f"{found.address.metres:.0f} m")
            if found.address else ""),
        (say("覆盖范围"), covered),
        (say("坐标"), f"{found.lon:.6f}, {found.lat:.6f}"),
    ]
    return [(title, value) for title, value in pairs if value]


def component(visit: Visit, found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A component, as pairs."""
    say, units = visit.say, found["units"]
    pairs = [
        (say("部件标识码"), found["code"]),
        (say("状态"), say(STATES.get(found["state"], found["state"]))),
        (say("主管部门"), units["department"]["name"]),
        (say("权属单位"), units["owner"]["name"]),
        (say("养护单位"), units["maintainer"]["name"]),
        (say("所在网格"), found["grid"]),
        (say("位置"), f"{found.get('street_name', '')}{found.get('community_name', '')}"),
        (say("备注"), found["note"]),
    ]
    return [(title, value) for title, value in pairs if value]


async def around(
    visit: Visit, case_id: str, place: Mapping[str, Any] | None
) -> SmallMap | None:
    """The small map of a case; None = it has no point."""
    lon, lat = (place or {}).get("lon"), (place or {}).get("lat")
    if lon is None or lat is None:
        return None
    near: list[tuple[float, Mapping[str, Any]]] = []
    if visit.may("listCases"):
        near = await visit.desk.maps.near(
            lon, lat, visit.caller.person.scope, but=case_id)
    return SmallMap(
        id="place", title=visit.say("案卷位置"), words=words(visit), lon=lon, lat=lat,
        full=f"{PATH}#16/{lat:.6f}/{lon:.6f}",
        near=[(round(metres), row_of(visit, item)) for metres, item in near])


async def crowds(visit: Visit) -> SmallMap | None:
    """The whole area with the cases under way and where they crowd; None = nothing to draw."""
    found = await visit.desk.maps.view(Wanted(which=CaseFilter(scope=visit.caller.person.scope)))
    if found.box is None:
        return None
    return SmallMap(id="crowds", title=visit.say("案卷分布"), words=words(visit),
                    box=_written(found.box), pin=False, show="heat")


async def picker(
    visit: Visit, *, pick: str, crs: str, follow: str, pins: str = ""
) -> SmallMap | None:
    """The map of a form on which a place is chosen; ``pins`` selects what is marked there. None =
    there is nothing to draw."""
    scope = visit.caller.person.scope
    asked = Wanted(which=CaseFilter(scope=scope)) if visit.may("listCases") else None
    found = await visit.desk.maps.view(asked)
    if found.box is None:
        return None
    return SmallMap(
        id="place", title=visit.say("在图上选取位置"), words=words(visit), box=_written(found.box),
        pin=False, pick=pick, crs=crs, follow=follow, pins=pins)


def _written(box: tuple[float, float, float, float]) -> str:
    return ",".join(f"{one:.6f}" for one in box)


def whole(
    visit: Visit, box: tuple[float, float, float, float] | None, query: str
) -> SmallMap:
    """The map of the room."""
    return SmallMap(
        id="map", title=visit.say("地图"), words=words(visit), pin=False,
        style=f"{PATH}/style.json?{query}" if query else f"{PATH}/style.json",
        box=_written(box) if box else "")
