"""Where somebody begins: the first room that is theirs; and what is not there."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from node.edge.console.frame import rooms_of
from node.edge.console.visit import Here, PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="whoAmI")
async def home(visit: Here) -> Response:
    rooms = rooms_of(visit)
    if rooms:
        return visit.goes(rooms[0].path)
    return await visit.page("home.html")


@router.get("/{rest:path}", operation_id="whoAmI")
async def nowhere(rest: str, visit: Here) -> Response:
    del rest, visit  # somebody is logged in: others learn nothing of what is there
    raise HTTPException(404, "there is no page at this address")
