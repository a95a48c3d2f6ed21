"""What holds a place or a connection gives it back: silent bodies, listeners who left early."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from node.edge.http.bodies import BodyLimit
from node.edge.http.problems import BadCall
from node.edge.http.routes.changes import Feed, Listeners

SCOPE: dict[str, Any] = {
    "type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b"",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
}


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)))(scope, receive, send)


async def answer_to(app: BodyLimit, *chunks: Message) -> tuple[int, bytes]:
    """Status and body for a caller who sends these chunks and then says nothing."""
    waiting, said = list(chunks), []

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def send(message: Message) -> None:
        said.append(message)

    async with asyncio.timeout(10):
        await app(dict(SCOPE), receive, send)
    return said[0]["status"], b"".join(one.get("body", b"") for one in said[1:])


def chunk(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_caller_who_falls_silent_in_the_middle_of_a_body_is_let_go() -> None:
    app = BodyLimit(reads_all, limit_of=lambda _: 100, pause_s=0.05)
    status, body = asyncio.run(answer_to(app, chunk(b"half", more=True)))
    assert (408, "body.stalled") == (status, json.loads(body)["code"])


def test_a_whole_body_and_one_that_is_too_large() -> None:
    app = BodyLimit(reads_all, limit_of=lambda _: 8, pause_s=5)
    assert (200, b"8") == asyncio.run(
        answer_to(app, chunk(b"1234", more=True), chunk(b"5678", more=False)))
    status, body = asyncio.run(answer_to(app, chunk(b"123456789", more=False)))
    assert (413, "body.too_large") == (status, json.loads(body)["code"])


async def endless() -> AsyncIterator[str]:
    while True:
        yield ": x\n\n"
        await asyncio.sleep(0)


def test_a_listener_who_leaves_before_the_first_byte_gives_the_place_back() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def never(message: Message) -> None:
        await asyncio.Event().wait()

    async def story() -> None:
        listeners = Listeners(most=1)
        for _ in range(3):
            async with asyncio.timeout(10):
                await Feed(endless(), listeners=listeners)(dict(SCOPE), gone, never)
        listeners.enter()
        with pytest.raises(BadCall, match="1 listeners"):
            await Feed(endless(), listeners=listeners)(dict(SCOPE), gone, never)

    asyncio.run(story())
