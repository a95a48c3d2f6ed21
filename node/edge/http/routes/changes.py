"""The change feed: server-sent events that can be resumed, and the same as plain pages.

A listener holds one connection and at most one batch in memory. The feed says *that* a case
changed; what it looks like now is asked for separately.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from node.edge.http.answers import fails
from node.edge.http.desk import LIMIT_DEFAULT, Desk, Limit, Set
from node.edge.http.gate import Caller, Reader
from node.edge.http.limits import CHANGES_BATCH, CHANGES_STREAM_S_MAX
from node.edge.http.listeners import Listeners
from node.edge.http.problems import BadCall
from node.edge.http.telling import ChangeOut
from node.service.office import Office
from node.service.views import Change

router = APIRouter(prefix="/api/v1", tags=["changes"])

From = Annotated[int | None, Query(
    ge=0, le=2**53, description="Changes after this number; absent = from now on.",
)]


@router.get("/changes", operation_id="streamChanges",
            summary="Changes as they are committed (server-sent events)",
            response_class=StreamingResponse,
            responses={200: {"description": "`id:` is the change number: a client that comes back "
                             "with `Last-Event-ID` misses nothing. Comments are heartbeats.",
                             "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                       **fails("changes.too_many")})
async def stream(  # noqa: PLR0917 - one of them a header
    request: Request, desk: Desk, settings: Set, caller: Reader, after: From = None,
    last_event_id: Annotated[str | None, Header(
        description="Number of the last change you have; wins over `after`.",
    )] = None,
) -> Response:
    start = after if last_event_id is None else _number(last_event_id)
    if start is None:
        start = await desk.latest_change()
    listeners: Listeners = request.app.state.listeners
    return Feed(
        events(desk, listeners, start, settings.http.changes_heartbeat_s, caller),
        listeners=listeners)


class Feed(StreamingResponse):
    """The stream as a response that holds a listener's place exactly as long as it is sent: a
    caller who goes before the first byte gives the place back too."""

    def __init__(self, events: AsyncIterator[str], *, listeners: Listeners) -> None:
        super().__init__(
            events, media_type="text/event-stream",
            # Proxies that buffer would turn a live feed into a late one.
            headers={"X-Accel-Buffering": "no"},
        )
        self._listeners = listeners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._listeners.enter()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._listeners.leave()


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 16:
        raise BadCall("page.cursor", f"Last-Event-ID is {text[:40]!r}, expected a number")
    return int(text)


async def events(  # noqa: PLR0917 - the last one is rarely another
    desk: Office, listeners: Listeners, after: int, heartbeat_s: float, caller: Caller,
    say: Callable[[Change], str] | None = None,
) -> AsyncGenerator[str, None]:
    """The stream itself, each change said by ``say``; ends when the client goes (cancelled), the
    node stops, the caller's token is locked or revoked, or the session ends, or after
    ``CHANGES_STREAM_S_MAX``: the client comes back with its number, and its token is looked at."""
    say = say or event
    closing = asyncio.ensure_future(listeners.closing.wait())
    ends_at = time.monotonic() + CHANGES_STREAM_S_MAX
    try:
        yield f": from {after}\n\n"
        turns, silent = desk.admission.turns, False
        while not closing.done() and time.monotonic() < ends_at:
            if silent or turns != desk.admission.turns:
                turns, silent = desk.admission.turns, False
                if not await _stands(desk, caller):
                    return
            found, upto = await desk.feed.batch(after, CHANGES_BATCH, caller.person.scope)
            if upto >= 0:
                after = upto
                if found:
                    yield "".join(say(change) for change in found)
                continue
            waiting = asyncio.ensure_future(desk.wait_changes(heartbeat_s))
            await asyncio.wait({waiting, closing}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting
            elif not waiting.result():
                silent = True
                yield ": heartbeat\n\n"
    finally:
        closing.cancel()


async def _stands(desk: Office, caller: Caller) -> bool:
    if caller.session is not None:
        return await desk.people.sessions.stands(caller.session.key)
    return await desk.admission.stands(caller.token)


def event(change: Change) -> str:
    """One change in the text form of an event stream."""
    data = json.dumps({
        "n": change.n, "case_id": change.case_id, "version": change.version,
        "kind": change.kind, "at": change.at.isoformat(),
    }, separators=(",", ":"))
    return f"id: {change.n}\nevent: change\ndata: {data}\n\n"


@router.get("/changes/page", operation_id="listChanges",
            summary="The change feed as plain pages, for programs that poll",
            response_model=list[ChangeOut], responses=fails())
async def page(
    desk: Desk, caller: Reader,
    after: Annotated[int, Query(ge=0, le=2**53, description="Changes after this number.")] = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> object:
    return await desk.changes(after, limit, caller.person.scope)
