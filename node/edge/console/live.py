"""News for the page that is open: the change feed, said so that a row can listen for its own case.

Every change is an event ``case`` whose data is the id of the case; the page's script turns it into
an event of the document. What it looks like now is asked for by whoever shows it. The counts of the
side come the same way, asked for at most every few seconds.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from node.edge.console.frame import frame_of
from node.edge.console.visit import Here, PageRoute
from node.edge.http.listeners import Listeners
from node.edge.http.routes.changes import Feed, events
from node.service.views import Change

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


def said(change: Change) -> str:
    """One change in the text form of an event stream."""
    return f"id: {change.n}\nevent: case\ndata: {change.case_id}\n\n"


@router.get("/events", operation_id="streamChanges")
async def stream(request: Request, visit: Here) -> Response:
    """From now on, or from what the browser has seen before it lost the connection."""
    seen = request.headers.get("last-event-id", "")
    start = int(seen) if seen.isdecimal() and len(seen) < 17 else await visit.desk.latest_change()
    listeners: Listeners = request.app.state.listeners
    return Feed(
        events(visit.desk, listeners, start, visit.settings.http.changes_heartbeat_s,
               visit.caller, said),
        listeners=listeners)


@router.get("/frame", operation_id="whoAmI")
async def frame(visit: Here) -> Response:
    """The counts of the side and how the links are: what moves in the frame."""
    return visit.part("parts/moving.html", frame=await frame_of(visit))
