"""The page of the overview; to a script, the part that moves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from node.edge.console.evaluation.waiting import waiting
from node.edge.console.map.view import crowds
from node.edge.console.overview.view import overview
from node.edge.console.visit import Here, PageRoute, Visit
from node.service.evaluation.jobs import Working

PATH = "/console/overview"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="getSheet")
async def page(visit: Here) -> Response:
    """The day as it stands."""
    values = await _values(visit)
    if visit.is_fragment:
        return visit.part("overview/body.html", **values)
    return await visit.page("overview/page.html", **values)


@router.get("/wall", operation_id="getSheet")
async def wall(visit: Here) -> Response:
    """The same for a screen on the wall: large, with where it crowds on a map, and nothing else."""
    hot = await crowds(visit) if visit.may("drawMap") and visit.may("listCases") else None
    return await visit.page("overview/wall.html", map=hot, **await _values(visit))


async def _values(visit: Visit) -> dict[str, Any]:
    found = await overview(visit)
    if isinstance(found, Working):
        return {"path": PATH, "waiting": waiting(visit, found, PATH), "seen": None}
    return {"path": PATH, "waiting": None, "seen": found}
