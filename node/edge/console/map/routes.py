"""The map: its page, its style, its tiles, and what a click tells."""

from __future__ import annotations

import gzip
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from node.core.tiles import ZOOM_MAX, Tile
from node.edge.console.frame import moment
from node.edge.console.map import view
from node.edge.console.map.style import style
from node.edge.console.visit import Here, PageRoute, form_of
from node.edge.console.work.rows import LIGHTS, row_of
from node.edge.http.asked import CLEAN
from node.edge.http.limits import SHORT_CHARS_MAX
from node.edge.http.routes.cases import Filtered
from node.service.maps.room import DAYS_MAX, Drawn, Wanted
from node.service.tracks import Viewer

router = APIRouter(prefix=view.PATH, include_in_schema=False, route_class=PageRoute)
CARDS_MAX = 10
"""Cases that lie on top of one another and are shown together."""
KEPT = "private, max-age=604800"
"""Of tiles whose address names their version."""
ASKED = "private, no-cache"
"""Of tiles that change by themselves: the browser asks whether they did."""
BOX = r"^-?\d{1,3}(\.\d{1,17})?(,-?\d{1,3}(\.\d{1,17})?){3}$"


def wanted_of(which: Filtered, days: Annotated[int, Query(ge=0, le=DAYS_MAX)] = 0) -> Wanted:
    """Which cases the map shows."""
    return Wanted(which=which, days=days)


def tile_of(
    z: Annotated[int, Path(ge=0, le=ZOOM_MAX)], x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
) -> Tile:
    """The tile of an address."""
    tile = Tile(z=z, x=x, y=y)
    if not tile.is_there:
        raise HTTPException(404, "there is no such tile")
    return tile


Asked = Annotated[Wanted, Depends(wanted_of)]
At = Annotated[Tile, Depends(tile_of)]
Lon = Annotated[float, Query(ge=-180, le=180)]
Lat = Annotated[float, Query(ge=-90, le=90)]


@router.get("", operation_id="drawMap")
async def room(visit: Here, asked: Asked) -> Response:
    """The page. Its list is that of the whole map; the script asks for that of what is seen."""
    cases = visit.may("listCases")
    found = await visit.desk.maps.view(asked if cases else None)
    filters = view.filters_of(visit)
    say = visit.say
    listed = await visit.desk.maps.listed(asked, None) if cases else None
    return await visit.page(
        "map/room.html", found=found, filters=filters, chips=view.chips(visit, filters),
        map=view.whole(visit, found.box, urlencode(filters)),
        seen=view.seen(visit, listed) if listed is not None else None,
        classes=(await visit.desk.maps.pins(asked)).classes if cases else [],
        lights=[(key, say(word)) for key, word in LIGHTS.items()],
        days=[(str(key) if key else "", say(word)) for key, word in view.DAYS.items()],
        parts=[(key, say(word)) for key, word in view.PARTS.items()
               if cases or key not in {"cases", "heat"}],
        people=visit.may("readPositions") and visit.desk.tracks.shows(visit.caller.roles),
        imports=visit.may("beginPlaceImport"),
        query=urlencode(filters))


@router.get("/style.json", operation_id="drawMap")
async def styled(visit: Here, asked: Asked) -> Response:
    """What the map library draws, and from which tiles."""
    cases = visit.may("listCases")
    found = await visit.desk.maps.view(asked if cases else None)
    return JSONResponse(
        style(found, visit.settings.map, urlencode(view.filters_of(visit)), cases=cases),
        headers={"Cache-Control": "no-store"})


@router.get("/tiles/ground/{z}/{x}/{y}", operation_id="drawMap")
async def ground_tile(tile: At, visit: Here) -> Response:
    """Grids and borders of divisions."""
    return _sent(visit.request, await visit.desk.maps.ground(tile))


@router.get("/tiles/components/{z}/{x}/{y}", operation_id="drawMap")
async def component_tile(
    tile: At, visit: Here, code: Annotated[str, Query(pattern=r"^[0-9]{0,8}$")] = "",
) -> Response:
    """Components; ``code`` is a beginning of their class."""
    return _sent(visit.request, await visit.desk.maps.components(tile, code))


@router.get("/tiles/cases/{z}/{x}/{y}", operation_id="listCases")
async def case_tile(tile: At, visit: Here, asked: Asked) -> Response:
    """Cases within the scope of whoever asks."""
    return _sent(visit.request, await visit.desk.maps.case_tile(tile, asked))


@router.get("/tiles/heat/{z}/{x}/{y}", operation_id="listCases")
async def heat_tile(tile: At, visit: Here, asked: Asked) -> Response:
    """Where they crowd."""
    return _sent(visit.request, await visit.desk.maps.heat_tile(tile, asked))


def _sent(request: Request, tile: Drawn) -> Response:
    """A tile, or that the browser has it."""
    tag = f'"{tile.tag}"'
    named = request.query_params.get("v") == tile.tag
    headers = {"ETag": tag, "Cache-Control": KEPT if named else ASKED,
               "Vary": "Cookie, Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    body = tile.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type="application/vnd.mapbox-vector-tile", headers=headers)


# --- what lies where ------------------------------------------------------------------------------


@router.get("/list", operation_id="listCases")
async def listed(
    visit: Here, asked: Asked, box: Annotated[str, Query(pattern=BOX)] = "",
) -> Response:
    """The cases of a piece of the map, the worst first."""
    found = await visit.desk.maps.listed(asked, view.box_of(box) if box else None)
    return visit.part("map/seen.html", seen=view.seen(visit, found))


@router.get("/cases", operation_id="listCases")
async def cases(
    visit: Here, asked: Asked,
    case: Annotated[list[UUID], Query(min_length=1, max_length=CARDS_MAX)],
) -> Response:
    """Cards of cases that were clicked; what is not in somebody's scope has none."""
    found = await visit.desk.maps.cases([str(one) for one in case], asked.which.scope)
    return visit.part("map/cases.html", rows=[row_of(visit, item) for item in found])


@router.get("/at", operation_id="locatePoint")
async def at(visit: Here, lon: Lon, lat: Lat) -> Response:
    """What is known of a point."""
    found = await visit.desk.places.locate(lon, lat)
    return visit.part("map/ground.html", pairs=view.ground(visit, found), grid=found.grid)


@router.get("/component/{code}", operation_id="getComponent")
async def component(
    visit: Here, code: Annotated[str, CLEAN, Path(min_length=1, max_length=SHORT_CHARS_MAX)],
) -> Response:
    """A component that was clicked."""
    found = await visit.desk.places.component(code)
    return visit.part(
        "map/component.html", name=found["name"], pairs=view.component(visit, found))


@router.post("/people", operation_id="readPositions")
async def people(visit: Here) -> Response:
    """Where those on duty were last seen, for a purpose; written into the audit log."""
    fields = await form_of(visit.request)
    found = await visit.desk.tracks.positions(Viewer(
        name=visit.caller.name, roles=visit.caller.roles,
        purpose=str(fields.get("purpose", ""))[:SHORT_CHARS_MAX]))
    return visit.part(
        "map/people.html", people=[{**one, "seen": moment(one["at"])} for one in found])
