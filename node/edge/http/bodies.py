"""Bodies are bounded while they stream in, and are what they say they are.

The limit is enforced on bytes received, not on what Content-Length promises: a chunked body has
no length to believe.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.edge.http.limits import BODY_PAUSE_S_MAX
from node.edge.http.problems import BadCall, problem
from node.edge.http.status import CODES
from node.service.imports.sheet import XLSX_TYPE, encodings, is_workbook

JSON_TYPES: Final = ("application/json", "application/merge-patch+json")
CSV_TYPES: Final = ("text/csv", "application/csv", "application/vnd.ms-excel")
"""Browsers on Windows send the last one for a .csv file."""


class _Stopped(Exception):
    """Raised into the reading application to stop it; never leaves ``BodyLimit``."""


class BodyLimit:
    """ASGI middleware: at most so many bytes of body per request, and no long silence in it.

    ``limit_of`` chooses the limit by path, because photos are allowed more than words. ``pause_s``
    is how long the caller may be silent in the middle of a body.
    """

    def __init__(
        self, app: ASGIApp, *, limit_of: Callable[[str], int], pause_s: float = BODY_PAUSE_S_MAX,
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._pause_s = pause_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        too_large = ("body.too_large", f"the body is larger than {limit} bytes")
        if _promised(scope) > limit:
            await _refuse(scope, receive, send, *too_large)
            return
        seen, started, whole = 0, False, False
        why: tuple[str, str] | None = None

        async def counted() -> Message:
            nonlocal seen, whole, why
            try:
                # After the body this waits for the caller to go, as long as the answer takes.
                async with asyncio.timeout(None if whole else self._pause_s):
                    message = await receive()
            except TimeoutError:
                why = ("body.stalled", f"no byte of the body for {self._pause_s:g} s")
                raise _Stopped from None
            if message["type"] == "http.request":
                whole = not message.get("more_body", False)
                seen += len(message.get("body", b""))
                if seen > limit:
                    why = too_large
                    raise _Stopped
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            # The framework turns our exception into an answer of its own: ours replaces it.
            if why is not None and not started:
                return
            started = True
            await send(message)

        try:
            await self._app(scope, counted, guarded)
        except _Stopped:
            assert why is not None
        if why is not None and not started:
            await _refuse(scope, receive, send, *why)


def _promised(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _refuse(
    scope: Scope, receive: Receive, send: Send, code: str, detail: str
) -> None:
    answer = problem(
        Request(scope), code=code, row=CODES[code], detail=detail,
        # The rest of the body is not read, so the connection cannot be used again.
        headers={"Connection": "close"},
    )
    await answer(scope, receive, send)


class JsonRoute(APIRoute):
    """A route whose JSON body is checked for media type, encoding and syntax before anything else.

    FastAPI would answer some of these with a generic 400 or take a body without a type. Routes
    that take files or tables do not use this class.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def checked(request: Request) -> Response:
            await _check_json(request)
            return await handle(request)

        return checked


async def _check_json(request: Request) -> None:
    given = request.headers.get("content-type", "")
    body = await request.body()
    if not body:
        return  # the model says whether a body is needed
    if given.partition(";")[0].strip().lower() not in JSON_TYPES:
        raise BadCall("body.media_type", f"expected application/json, got {given or 'no type'!r}")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadCall("body.encoding", f"byte {error.start} of the body is not UTF-8") from error
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadCall("body.malformed", f"the body is not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


async def sheet_bytes(request: Request) -> tuple[bytes, str]:
    """The body as a sheet and the encoding that the caller names: CSV in UTF-8 or GB18030, or an
    Excel workbook (encoding "").

    GB18030 is taken only when the caller says so: guessing between encodings corrupts names.
    """
    kind, _, params = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind == XLSX_TYPE:
        data = await request.body()
        if not is_workbook(data):
            raise BadCall("body.media_type", "the body is no Excel workbook (.xlsx)")
        return data, ""
    if kind not in CSV_TYPES:
        raise BadCall("body.media_type", f"expected text/csv or {XLSX_TYPE}, got "
                      f"{kind or 'no type'!r}")
    charset = params.partition("charset=")[2].strip().strip('"').lower() or "utf-8"
    if charset not in encodings():
        raise BadCall("body.media_type", f"charset {charset!r} is not read; use utf-8 or gb18030")
    return await request.body(), charset
