"""The page of the overview; to a script, the part that moves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from node.edge.console.evaluation.waiting import waiting
from node.edge.console.overview.view import overview
from node.edge.console.visit import Here, PageRoute
from node.service.evaluation.jobs import Working

PATH = "/console/overview"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="getSheet")
async def page(visit: Here) -> Response:
    """The day as it stands."""
    found = await overview(visit)
    values: dict[str, Any] = {"path": PATH, "waiting": None, "seen": None}
    if isinstance(found, Working):
        values["waiting"] = waiting(visit, found, PATH)
    else:
        values["seen"] = found
    if visit.is_fragment:
        return visit.part("overview/body.html", **values)
    return await visit.page("overview/page.html", **values)
