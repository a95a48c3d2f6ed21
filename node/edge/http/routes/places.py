"""Places: where a point lies, what words mean, components, grids, versions of layers, maps."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from node.core.components import ComponentState
from node.core.grids import GridKind
from node.edge.http.answers import fails
from node.edge.http.asked import CLEAN, Instant
from node.edge.http.desk import LIMIT_DEFAULT, After, Desk, Limit
from node.edge.http.gate import Reader
from node.edge.http.limits import PAGE_ITEMS_MAX, SHORT_CHARS_MAX
from node.edge.http.place_words import (
    ComponentOut,
    ComponentRow,
    Crs,
    DivisionCode,
    FeaturesOut,
    GridOut,
    HitOut,
    LayerName,
    LayerVersionOut,
    LocatedOut,
    RowChangeOut,
    X,
    Y,
)
from node.edge.http.problems import BadCall
from node.edge.http.told import PageOut
from node.service.formulas import harmless
from node.service.office import Office
from node.service.places.layers import layer_named
from node.service.places.profiles import NATIONAL, national_row

router = APIRouter(prefix="/api/v1", tags=["places"])

MAP_FEATURES_MAX = 2_000
"""Features of one map view; whoever wants more zooms in."""
Kind = Annotated[GridKind, Query(description="unit, beat or responsibility.")]
KindPath = Annotated[GridKind, Path(description="unit, beat or responsibility.")]
LayerPath = Annotated[LayerName, Path(description="Name of the layer.")]
State = Annotated[ComponentState | None, Query(description="Only this state (管理部件状态).")]
TypeCode = Annotated[str, Query(pattern=r"^[0-9]{0,8}$", description="Beginning of a class code.")]
Removed = Annotated[bool, Query(description="With components that were removed (移除).")]
CodePath = Annotated[str, CLEAN, Path(
    min_length=1, max_length=SHORT_CHARS_MAX, description="Its code.")]


@router.get("/places/locate", operation_id="locatePoint", response_model=LocatedOut,
            summary="A point: its grid, coverage, divisions and nearest address",
            responses=fails("place.point", "place.crs"))
async def locate(
    desk: Desk, _caller: Reader, x: X, y: Y, crs: Crs = "CGCS2000",
) -> object:
    return await desk.places.locate(x, y, crs)


@router.get("/places/search", operation_id="searchPlaces", response_model=list[HitOut],
            summary="An address text: ranked points (地理编码)", responses=fails())
async def search(
    desk: Desk, _caller: Reader,
    text: Annotated[str, CLEAN, Query(
        min_length=1, max_length=SHORT_CHARS_MAX, examples=["颐阳路12号"],
        description="Words of an address, a landmark, a component or a named grid.")],
    limit: Annotated[int, Query(ge=1, le=50, description="Answers at most.")] = 10,
    lon: Annotated[float | None, Query(
        ge=-180, le=180, description="Breaks ties by distance; CGCS2000.")] = None,
    lat: Annotated[float | None, Query(ge=-90, le=90, description="With lon.")] = None,
) -> object:
    near = (lon, lat) if lon is not None and lat is not None else None
    return await desk.places.search(text, limit=limit, near=near)


@router.get("/components", operation_id="listComponents", response_model=PageOut[ComponentRow],
            summary="Components (部件) by code", responses=fails())
async def components(
    desk: Desk, _caller: Reader, *, state: State = None,
    grid: Annotated[str, Query(pattern=r"^[0-9]{0,16}$", description="Unit grid.")] = "",
    area: DivisionCode = "", type_code: TypeCode = "",
    stale: Annotated[bool, Query(description="Past their update date.")] = False,
    owner_unknown: Annotated[bool, Query(
        description="Neither owner nor maintainer is named (权属不明).")] = False,
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.places.components(
        after=after, limit=limit, grid=grid, area=area, state=state.value if state else "",
        type_code=type_code, stale=stale, owner_unknown=owner_unknown,
    )


@router.get("/components.csv", operation_id="exportComponents",
            summary="Components under the national field names (provisional profile)",
            response_class=StreamingResponse,
            responses={200: {"description": "UTF-8 with BOM.", "content": {
                "text/csv": {"schema": {"type": "string"}}}}, **fails()})
async def export_components(
    desk: Desk, _caller: Reader, area: DivisionCode = "",
) -> StreamingResponse:
    return StreamingResponse(
        national(desk, area), media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="components.csv"'},
    )


async def national(desk: Office, area: str) -> AsyncIterator[str]:
    """The 18 attributes of every component, page by page."""
    yield "\ufeff" + _csv_line(list(NATIONAL.values()))
    after = ""
    while True:
        page = await desk.places.components(after=after, limit=PAGE_ITEMS_MAX, area=area)
        for row in page.items:
            yield _csv_line([harmless(cell) for cell in national_row(row)])
        after = page.next
        if not after:
            return


def _csv_line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


@router.get("/components/nearest", operation_id="nearestComponents",
            response_model=list[ComponentRow], summary="Components around a point, nearest first",
            responses=fails("place.point", "place.crs"))
async def nearest(
    desk: Desk, _caller: Reader, *, x: X, y: Y, crs: Crs = "CGCS2000", state: State = None,
    type_code: TypeCode = "", removed: Removed = False,
    limit: Annotated[int, Query(ge=1, le=100, description="Components at most.")] = 10,
) -> object:
    return await desk.places.nearest_components(
        x, y, crs, limit=limit, state=state.value if state else "", type_code=type_code,
        removed=removed,
    )


@router.get("/components/{code}", operation_id="getComponent", response_model=ComponentOut,
            summary="One component: position, grid, state, units, versions and its past cases",
            responses=fails("place.unknown"))
async def component(
    desk: Desk, _caller: Reader, code: CodePath,
    at: Annotated[Instant | None, Query(
        description="As it was known then, such as the time a case was opened.")] = None,
) -> object:
    return await desk.places.component(code, at)


@router.get("/grids", operation_id="listGrids", response_model=PageOut[GridOut],
            summary="Grids of a kind by code, retired ones too", responses=fails())
async def grids(
    desk: Desk, _caller: Reader, kind: Kind = GridKind.UNIT, area: DivisionCode = "",
    after: After = "", limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.places.grids(kind, after=after, limit=limit, area=area)


@router.get("/grids/{kind}/{code}", operation_id="getGrid", response_model=GridOut,
            summary="One grid with its outline", responses=fails("place.unknown"))
async def grid(desk: Desk, _caller: Reader, kind: KindPath, code: CodePath) -> object:
    return await desk.places.grid(kind, code)


@router.get("/layers", operation_id="listLayerVersions", response_model=list[LayerVersionOut],
            summary="Versions of the layers with their digests, newest first", responses=fails())
async def layers(
    desk: Desk, _caller: Reader,
    layer: Annotated[LayerName | None, Query(description="Only this layer.")] = None,
) -> object:
    return await desk.places.versions(layer or "")


@router.get("/layers/{layer}/versions/{number}/changes", operation_id="listLayerChanges",
            response_model=list[RowChangeOut], responses=fails("place.unknown"),
            summary="What a version added, changed and removed, with old and new values")
async def changes(
    desk: Desk, _caller: Reader, layer: LayerPath,
    number: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version.")],
    after: Annotated[int, Query(ge=0, le=2**53, description="`id` of the last one seen.")] = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.places.changes(layer, number, after=after, limit=limit)


@router.get("/layers/{layer}/features.geojson", operation_id="exportLayer",
            summary="A whole layer as GeoJSON (CGCS2000)", response_class=StreamingResponse,
            responses={200: {"description": "A FeatureCollection.", "content": {
                "application/geo+json": {"schema": {"type": "object"}}}}, **fails()})
async def export(
    desk: Desk, _caller: Reader, layer: LayerPath, area: DivisionCode = "",
) -> StreamingResponse:
    layer_named(layer)
    return StreamingResponse(
        collection(desk, layer, area), media_type="application/geo+json",
        headers={"Content-Disposition": f'attachment; filename="{layer}.geojson"'},
    )


async def collection(desk: Office, layer: str, area: str) -> AsyncIterator[str]:
    """The export piece by piece, so that a large layer needs no memory."""
    yield '{"type":"FeatureCollection","features":[\n'
    between = ""
    async for feature in desk.places.features(layer, area=area):
        yield between + json.dumps(feature, ensure_ascii=False)
        between = ",\n"
    yield "\n]}\n"


@router.get("/map/{what}", operation_id="drawMap", response_model=FeaturesOut,
            summary="Unit grids, organisations, components or open cases of a map view, as GeoJSON",
            responses=fails("place.point"))
async def draw(
    desk: Desk, caller: Reader, *,
    what: Annotated[Literal["grids", "organisations", "components", "cases"], Path(
        description="What is drawn.")],
    box: Annotated[str, Query(
        pattern=r"^-?\d{1,3}(\.\d{1,17})?(,-?\d{1,3}(\.\d{1,17})?){3}$",
        description="west,south,east,north in CGCS2000 degrees.",
        examples=["115.03,30.18,115.06,30.22"])],
    state: Annotated[str, Query(
        pattern=r"^[a-z_]{0,32}$", description="State of components, status of cases.")] = "",
    type_code: TypeCode = "", removed: Removed = False,
    limit: Annotated[int, Query(
        ge=1, le=MAP_FEATURES_MAX, description="Features at most.")] = MAP_FEATURES_MAX,
) -> object:
    west, south, east, north = (float(part) for part in box.split(","))
    if west > east or south > north:
        raise BadCall("place.point", "the box is west,south,east,north")
    if what == "cases":
        await desk.access.admit(caller.person, "listCases")
    found = await desk.places.within(
        what, (west, south, east, north), limit=limit, state=state, type_code=type_code,
        removed=removed, scope=caller.person.scope)
    return FeaturesOut(features=found)
