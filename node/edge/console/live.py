"""News for the page that is open: the change feed, said so that a row can listen for its own case.

Every change is an event ``case`` whose data is the id of the case; the page's script turns it into
an event of the document. What it looks like now is asked for by whoever shows it. The counts of the
side come the same way, asked for at most every few seconds. A link that comes, goes or moves is an
event ``links``: that is no change of a case, and nothing is committed when a line is cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response

from node.edge.console.frame import frame_of
from node.edge.console.visit import Here, PageRoute
from node.edge.http.listeners import Listeners
from node.edge.http.routes.changes import Feed, events
from node.service.views import Change

log = structlog.get_logger(__name__)
LOOK_S: Final = 1.0
"""How often it is looked, in memory, whether links moved."""

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


def said(change: Change) -> str:
    """One change in the text form of an event stream."""
    return f"id: {change.n}\nevent: case\ndata: {change.case_id}\n\n"


def unsaid(change: Change) -> str:
    """The same for whoever sees no cases."""
    del change
    return ""


async def moved(visit: Here) -> AsyncGenerator[str, None]:
    """A line whenever links have moved; ends with its listener."""
    neighbours = visit.desk.neighbours
    seen = neighbours.marks()
    while True:
        await asyncio.sleep(LOOK_S)
        now = neighbours.marks()
        if now != seen:
            seen = now
            yield "event: links\ndata:\n\n"


async def both(
    first: AsyncGenerator[str, None], second: AsyncGenerator[str, None]
) -> AsyncGenerator[str, None]:
    """Two streams as one, for as long as both go on."""
    lines: asyncio.Queue[str | None] = asyncio.Queue(maxsize=2)

    async def pour(source: AsyncGenerator[str, None]) -> None:
        async with aclosing(source):
            try:
                async for line in source:
                    await lines.put(line)
            except Exception:
                log.exception("console.stream_broke")
        # Not when it is cancelled: nobody takes anything out of the queue any more.
        await lines.put(None)

    tasks = [asyncio.ensure_future(pour(one)) for one in (first, second)]
    try:
        while (line := await lines.get()) is not None:
            yield line
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@router.get("/events", operation_id="whoAmI")
async def stream(request: Request, visit: Here) -> Response:
    """From now on, or from what the browser has seen before it lost the connection. Whoever may
    not read the change feed hears of links alone."""
    seen = request.headers.get("last-event-id", "")
    start = int(seen) if seen.isdecimal() and len(seen) < 17 else await visit.desk.latest_change()
    listeners: Listeners = request.app.state.listeners
    lines = events(
        visit.desk, listeners, start, visit.settings.http.changes_heartbeat_s, visit.caller,
        said if visit.may("streamChanges") else unsaid)
    if visit.knows_links:
        lines = both(lines, moved(visit))
    return Feed(lines, listeners=listeners)


@router.get("/frame", operation_id="whoAmI")
async def frame(visit: Here) -> Response:
    """The counts of the side and how the links are: what moves in the frame."""
    return visit.part("parts/moving.html", frame=await frame_of(visit))
