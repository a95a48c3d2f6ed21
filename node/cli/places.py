"""``wanmi place``, ``wanmi component``, ``wanmi layer``: points, words, things, versions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from node.cli.names import CELLS, GRIDS
from node.cli.session import Session, command

group = typer.Typer(help="地点与地址 (points and addresses)", no_args_is_help=True)
component_group = typer.Typer(help="部件 (components)", no_args_is_help=True)
layer_group = typer.Typer(help="图层与版本 (layers and their versions)", no_args_is_help=True)

ROLES = {
    "maintainer": "component.maintainer", "owner": "component.owner",
    "department": "component.department",
}
X = Annotated[float, typer.Argument(help="经度或东坐标 (longitude or easting)")]
Y = Annotated[float, typer.Argument(help="纬度或北坐标 (latitude or northing)")]
Crs = Annotated[str, typer.Option(help="坐标系 (system of the point)")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="最多几条 (at most)")]


@command(group, "locate", "坐标所在网格、区划与最近地址 (grid, divisions and address of a point)")
def locate(session: Session, x: X, y: Y, crs: Crs = "CGCS2000") -> None:
    speech = session.speech
    with session.api() as api:
        spot = api.get("/places/locate", x=x, y=y, crs=crs)

    def draw() -> None:
        speech.say(speech.t("place.point", lon=round(spot["lon"], 7), lat=round(spot["lat"], 7)))
        if spot["grid"]:
            speech.say(speech.t("place.grid", grid=spot["grid"], name=spot["grid_name"]))
        else:
            speech.say(speech.t("place.no_grid"))
        for beat in spot["beats"]:
            speech.say(speech.t("place.beat", kind=speech.named(beat["kind"], GRIDS),
                                code=beat["code"]))
        if spot["covered"] is False:
            speech.say(speech.t("place.uncovered"))
        for one in spot["divisions"]:
            speech.say(speech.t("place.division", code=one["code"], name=one["name"],
                                metres=one["metres"]))
        if spot["contested"]:
            speech.say(speech.t("place.contested"))
        if spot["address"]:
            speech.say(speech.t("place.address", text=spot["address"]["text"],
                                metres=spot["address"]["metres"]))

    speech.show(spot, draw)


@command(group, "search", "按地址文字查坐标 (points of an address text)")
def search(
    session: Session, text: Annotated[str, typer.Argument(help="地址 (address)")],
    limit: Limit = 10,
) -> None:
    with session.api() as api:
        hits = api.get("/places/search", text=text, limit=min(limit, 50))
    session.speech.show(hits, lambda: session.speech.table(
        ("score", "layer", "text", "code", "lon", "lat"), hits))


@command(component_group, "show", "一个部件及其案卷 (one component with its cases)")
def show(
    session: Session, code: Annotated[str, typer.Argument(help="部件标识码 (its code)")],
    at: Annotated[str, typer.Option(
        help="按该时刻的版本 ISO 8601 (as it was known then)")] = "",
) -> None:
    speech = session.speech
    with session.api() as api:
        one = api.get(f"/components/{code}", at=at)

    def draw() -> None:
        speech.say(speech.t("component.head", code=one["code"], name=one["name"],
                            state=speech.named(one["state"], CELLS["state"]),
                            version=one["version"]))
        if one["lon"] is not None:
            speech.say(speech.t("place.point", lon=round(one["lon"], 7), lat=round(one["lat"], 7)))
        speech.say(speech.t("place.grid", grid=one["grid"] or "-", name=""))
        for unit in one["answerable"]:
            speech.say(speech.t("component.unit", role=speech.t(ROLES[unit["role"]]),
                                name=unit["name"], code=unit["code"]))
        if one["owner_unknown"]:
            speech.say(speech.t("component.unowned"))
        if one["stale"]:
            speech.say(speech.t("component.stale", day=one["update_due_on"]))
        speech.table(("case_no", "status", "name", "opened_at"), one["cases"])

    speech.show(one, draw)


@command(component_group, "list", "部件清单 (components)")
def list_(
    session: Session, *,
    grid: Annotated[str, typer.Option(help="单元网格 (unit grid)")] = "",
    state: Annotated[str, typer.Option(help="状态 (intact, damaged, lost, …)")] = "",
    stale: Annotated[bool, typer.Option("--stale", help="已过更新日期 (past its date)")] = False,
    owner_unknown: Annotated[bool, typer.Option(
        "--owner-unknown", help="权属不明 (nobody owns or keeps it)")] = False,
    after: Annotated[str, typer.Option(help="从此编码之后 (after this code)")] = "",
    limit: Limit = 50,
) -> None:
    speech = session.speech
    with session.api() as api:
        page = api.get("/components", grid=grid, state=state, stale=stale,
                       owner_unknown=owner_unknown, after=after, limit=limit)

    def draw() -> None:
        speech.table(("code", "name", "state", "grid", "owner_name", "update_due_on"),
                     page["items"])
        if page["next"]:
            speech.say(speech.t("list.more", next=page["next"]))

    speech.show(page, draw)


@command(component_group, "near", "附近的部件 (components around a point)")
def near(
    session: Session, x: X, y: Y, crs: Crs = "CGCS2000", limit: Limit = 10, *,
    removed: Annotated[bool, typer.Option(
        "--removed", help="含已移除的部件 (removed ones too)")] = False,
) -> None:
    with session.api() as api:
        found = api.get(
            "/components/nearest", x=x, y=y, crs=crs, limit=limit, removed=removed)
    session.speech.show(found, lambda: session.speech.table(
        ("metres", "code", "name", "state", "grid"), found))


@command(layer_group, "list", "各图层版本与摘要 (versions with digests)")
def layers(session: Session) -> None:
    with session.api() as api:
        found = api.get("/layers")
    session.speech.show(found, lambda: session.speech.table(
        ("layer", "number", "dated", "row_count", "added", "changed", "removed", "source",
         "digest"), [{**one, "digest": one["digest"][:16]} for one in found]))


@command(layer_group, "export", "导出图层为 GeoJSON (a layer as GeoJSON)")
def export(
    session: Session,
    layer: Annotated[str, typer.Argument(help="图层，如 grid.unit、component (layer)")],
    out: Annotated[Path, typer.Argument(help="输出文件 (file to write)")],
) -> None:
    with session.api() as api:
        size = api.download(f"/layers/{layer}/features.geojson", out)
    session.speech.show({"file": str(out), "bytes": size}, lambda: session.speech.say(
        session.speech.t("layer.exported", file=out, size=size)))
