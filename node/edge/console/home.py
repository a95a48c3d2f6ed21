"""Where somebody begins: the room that a post of theirs names, or the first that is theirs, at
what waits there; and what is not there."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from node.edge.console.frame import rooms_of
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.queues import PATH as WORK
from node.edge.console.work.queues import queues_of

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("", operation_id="whoAmI")
async def home(visit: Here) -> Response:
    rooms = rooms_of(visit)
    if not rooms:
        return await visit.page("home.html")
    book = visit.desk.access.book
    wished = [f"/console/{role.begins}" for name, role in book.roles.items()
              if name in visit.caller.roles and role.begins]
    begins = (room for path in wished for room in rooms if room.path == path)
    first = next(begins, rooms[0])
    return visit.goes(await _waiting(visit) if first.path == WORK else first.path)


async def _waiting(visit: Visit) -> str:
    """The first queue of this person's verbs in which something waits; the whole list else."""
    mine = [one for one in queues_of(visit) if one.verbs and one.counted]
    counts = await visit.desk.queries.counts([one.asked(visit.caller.person.scope) for one in mine])
    found = (one.path for one, count in zip(mine, counts, strict=True) if count)
    return next(found, WORK)


@router.get("/{rest:path}", operation_id="whoAmI")
async def nowhere(rest: str, visit: Here) -> Response:
    del rest, visit  # somebody is logged in: others learn nothing of what is there
    raise HTTPException(404, "there is no page at this address")
