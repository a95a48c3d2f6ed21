"""A process that stands by hands on what only the owner knows, and says so when it cannot."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from node.edge.http import onward
from node.edge.http.onward import Onward
from node.edge.http.problems import BadCall


@dataclass
class Here:
    """What this process is."""

    role: str = "standby"
    owner_url: str = "http://owner:8080"
    term: int = 1
    since: datetime = datetime(2026, 11, 26, tzinfo=UTC)


async def local(scope: Any, receive: Any, send: Any) -> None:
    await JSONResponse({"by": "us"})(scope, receive, send)


async def owner(scope: Any, receive: Any, send: Any) -> None:
    request = Request(scope, receive)
    await JSONResponse(
        {"by": "owner", "path": scope["path"], "query": request.url.query,
         "token": request.headers.get("authorization"), "body": (await request.body()).decode(),
         "passed": request.headers.get(onward.PASSED_ON)},
        status_code=201, headers={"ETag": '"7"'},
    )(scope, receive, send)


def ask(here: Here, method: str, path: str, **more: Any) -> httpx.Response:
    """One call at a standby whose owner is ``owner``."""
    app = Onward(local, beside=here)
    app._client = httpx.AsyncClient(transport=httpx.ASGITransport(owner))

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://standby"
        ) as http:
            return await http.request(method, path, **more)

    return asyncio.run(call())


@pytest.mark.parametrize("path", [
    "/api/v1/links", "/api/v1/links/1-2/pause", "/api/v1/parked", "/api/v1/adapters/standings",
    "/api/v1/findings", "/api/v1/forms/renew", "/api/v1/cases/c/drill", "/api/v1/cases/c/forms",
    "/f/desk/token", "/hooks/oms",
])
def test_what_only_the_owner_knows_is_asked_there(path: str) -> None:
    answer = ask(Here(), "POST", f"{path}?a=%E6%A1%88&b=1", content=b"body",
                 headers={"Authorization": "Bearer t"})
    assert (201, '"7"') == (answer.status_code, answer.headers["ETag"])
    assert answer.json() == {"by": "owner", "path": path, "query": "a=%E6%A1%88&b=1",
                             "token": "Bearer t", "body": "body", "passed": "1"}


@pytest.mark.parametrize("path", [
    "/api/v1/cases", "/api/v1/cases/c/dispatch", "/api/v1/photos", "/readyz", "/public/reports",
    "/api/v1/linksmith",
])
def test_everything_else_is_answered_here(path: str) -> None:
    assert {"by": "us"} == ask(Here(), "GET", path).json()


def test_the_owner_answers_for_itself() -> None:
    assert {"by": "us"} == ask(Here(role="owner"), "GET", "/api/v1/links").json()


def test_a_call_is_passed_on_once_and_never_in_circles() -> None:
    with pytest.raises(BadCall) as refusal:
        ask(Here(), "GET", "/api/v1/links", headers={onward.PASSED_ON: "1"})
    assert "node.owner_away" == refusal.value.code


def test_without_an_owner_only_the_findings_of_this_process_are_shown() -> None:
    assert {"by": "us"} == ask(Here(owner_url=""), "GET", "/api/v1/findings").json()
    with pytest.raises(BadCall):
        ask(Here(owner_url=""), "GET", "/api/v1/links")
