"""Passes on what only the owner of a node can answer, where several processes serve it.

Links, adapters, forms and questions to other nodes live in one process. Whoever asks another one
need not know that: the call is handed on as it came, with its own token, and the answer comes back
as it is. Everything else is answered here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from node.edge.http.beside import Beside
from node.edge.http.problems import BadCall

OWNERS: Final = re.compile(
    r"/f/.*|/hooks/.*"
    r"|/api/v1/(links|parked|adapters|forms|findings|acceptance)(/.*)?"
    r"|/api/v1/(invitations|children|keys|roster|federation)(/.*)?"
    r"|/console/(links|adapters)(/.*)?"
    r"|/api/v1/cases/[^/]+/(drill|forms)"
    r"|/api/v1/shared/read"
)
"""Paths whose answers live in the process that owns the node."""
FINDINGS: Final = "/api/v1/findings"
PASSED_ON: Final = "x-wanmi-passed-on"
"""Says that a call was passed on once: the owner may have changed meanwhile, and then it is
refused instead of going in circles."""
OWNER_S: Final = httpx.Timeout(30.0, connect=2.0)
"""A drill-down may take ten seconds; a living owner on the same network answers a connect at
once."""
_OWN: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "upgrade", "te"})
"""Headers that belong to one connection."""


class Onward:
    """ASGI middleware, behind the gate and the body limit."""

    def __init__(self, app: ASGIApp, *, beside: Beside) -> None:
        self._app = app
        self._beside = beside
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        beside = self._beside
        if (scope["type"] != "http" or beside.role == "owner"
                or not OWNERS.fullmatch(scope["path"])):
            await self._app(scope, receive, send)
            return
        if not beside.owner_url and scope["path"] == FINDINGS:
            await self._app(scope, receive, send)  # what we see ourselves is better than nothing
            return
        request = Request(scope, receive)
        if PASSED_ON in request.headers or not beside.owner_url:
            raise BadCall("node.owner_away", "no process owns this node at present")
        answer = await self._ask(request, beside.owner_url)
        await answer(scope, receive, send)

    async def _ask(self, request: Request, owner: str) -> StreamingResponse:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=OWNER_S, trust_env=False)
        headers = [
            (name, value) for name, value in request.headers.raw
            if name.decode("latin-1").lower() not in _OWN
        ]
        query = request.url.query
        path = request.scope.get("raw_path") or request.url.path.encode()
        url = httpx.URL(owner).copy_with(
            raw_path=path + (b"?" + query.encode() if query else b"")
        )
        call = self._client.build_request(
            request.method, url, headers=[*headers, (PASSED_ON.encode(), b"1")],
            content=await request.body(),
        )
        try:
            answer = await self._client.send(call, stream=True)
        except httpx.HTTPError as err:
            raise BadCall(
                "node.owner_away", f"{owner} does not answer: {type(err).__name__}"
            ) from err

        async def body() -> AsyncIterator[bytes]:
            try:
                async for piece in answer.aiter_raw():
                    yield piece
            finally:
                await answer.aclose()

        passed = StreamingResponse(body(), status_code=answer.status_code)
        passed.raw_headers = [
            (name, value) for name, value in answer.headers.raw
            if name.decode("latin-1").lower() not in _OWN
        ]
        return passed
