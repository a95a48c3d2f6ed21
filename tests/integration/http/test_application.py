"""The application over a real office in this process: bugs, foreign routers, metrics, readiness."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import psutil
import pytest
import structlog
from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry

from node.edge import forms
from node.edge.http.app import create_app
from node.edge.http.server import Server
from node.main.serving import Running, running
from node.settings import Settings, load
from tests.integration.http.node import CITY, wanmi

Act = Callable[[Running, httpx.AsyncClient], Awaitable[None]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("application") / CITY
    wanmi("init", "--home", str(made), "--id", CITY, "--http-port", "0", "--grpc-port", "0")
    return made


def _broken() -> APIRouter:
    """A router with a bug in it, one that streams and one that reads its body."""
    router = APIRouter()

    @router.get("/broken")
    async def broken(request: Request) -> None:
        secret = request.headers["x-secret"]
        raise RuntimeError(f"a bug of {len(secret)} letters")

    @router.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    return router


def _with(home: Path, act: Act, **http: object) -> None:
    """Run ``act`` against an application of its own over a running node."""
    async def go() -> None:
        settings = load(home)
        changed = settings.model_copy(update={
            "http": settings.http.model_copy(update=dict(http))})
        async with running(settings, registry=CollectorRegistry()) as node:
            app = create_app(node.office, changed, routers=[_broken()],
                             registry=CollectorRegistry())
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
                await act(node, client)

    asyncio.run(go())


def test_a_bug_is_a_problem_with_a_request_id_and_its_log_shows_no_locals(home: Path) -> None:
    async def act(_node: Running, client: httpx.AsyncClient) -> None:
        with structlog.testing.capture_logs() as lines:
            answer = await client.get("/broken", headers={"X-Secret": "correct horse"})

        assert (answer.status_code, answer.json()["code"]) == (500, "http.internal")
        assert "bug" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        [bug] = [line for line in lines if line["event"] == "http.bug"]
        assert bug["request_id"] == answer.json()["request_id"] == answer.headers["x-request-id"]
        assert "a bug of 13 letters" in bug["trace"]
        assert "correct horse" not in json.dumps(lines, default=str)

    _with(home, act)


def test_foreign_routers_need_no_token_and_have_room_for_photos(home: Path) -> None:
    async def act(node: Running, client: httpx.AsyncClient) -> None:
        fits = await client.post("/echo", content=b"x" * (10 * 1024 * 1024))
        over = await client.post("/echo", content=b"x" * (11 * 1024 * 1024))

        assert fits.json() == 10 * 1024 * 1024
        assert (over.status_code, over.json()["code"]) == (413, "body.too_large")

    _with(home, act)


def test_a_form_takes_several_photos_and_says_itself_what_is_too_much(home: Path) -> None:
    desk = home / "adapters" / "garden"
    desk.mkdir(parents=True)
    (desk / "manifest.toml").write_text(
        'id = "garden"\nkind = "human"\nname = "园林"\n[config]\npublic_url = "http://node"\n',
        encoding="utf-8")

    async def act(node: Running, _: httpx.AsyncClient) -> None:
        app = create_app(node.office, node.settings, routers=[forms.router(node.host)],
                         registry=CollectorRegistry())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://node"
        ) as client:
            three = await client.post("/f/garden/x", content=b"x" * (18 * 1024 * 1024))
            over = await client.post("/f/garden/x", content=b"x" * (41 * 1024 * 1024))

        for answer in (three, over):
            assert answer.headers["content-type"].startswith("text/html")
            assert "链接无效" in answer.text

    try:
        _with(home, act)
    finally:
        shutil.rmtree(desk)


def test_metrics_are_open_only_when_asked_for_and_only_on_loopback(home: Path) -> None:
    async def opened(_node: Running, client: httpx.AsyncClient) -> None:
        await client.get("/healthz")
        answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert 'node_http_calls_total{route="/healthz",status="200"}' in answer.text

    async def closed(_node: Running, client: httpx.AsyncClient) -> None:
        assert (await client.get("/metrics")).status_code == 401

    _with(home, opened, metrics_open=True)
    _with(home, closed, metrics_open=True, host="0.0.0.0")


def test_a_taken_port_fails_at_start(home: Path) -> None:
    async def act(node: Running, _client: httpx.AsyncClient) -> None:
        settings: Settings = node.settings
        second = Server(create_app(node.office, settings, registry=CollectorRegistry()),
                        host="127.0.0.1", port=node.server.port)
        with pytest.raises(OSError):
            await second.start()
        await second.stop()

    _with(home, act)


def test_the_body_of_an_answer_does_not_wait_for_an_acknowledgement(home: Path) -> None:
    async def act(node: Running, _client: httpx.AsyncClient) -> None:
        async with httpx.AsyncClient(base_url=node.server.url, trust_env=False) as client:
            await client.get("/healthz")  # and the connection is kept
            ours = [one.fd for one in psutil.Process().net_connections("tcp")
                    if one.status == psutil.CONN_ESTABLISHED
                    and one.laddr.port == node.server.port]
            assert ours, "the node's end of it"
            for descriptor in ours:
                with socket.socket(fileno=os.dup(descriptor)) as accepted:
                    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    _with(home, act)


def test_stopping_ends_change_streams_at_once(home: Path) -> None:
    async def act(node: Running, _client: httpx.AsyncClient) -> None:
        token = await node.office.create_token("stream", "read")
        server = Server(create_app(node.office, node.settings, registry=CollectorRegistry()),
                        host="127.0.0.1", port=0)
        await server.start()
        async with httpx.AsyncClient(
            base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=10,
        ) as client, client.stream("GET", "/api/v1/changes") as stream:
            lines = stream.aiter_lines()
            assert "from" in await anext(lines)
            async with asyncio.timeout(2):
                await server.stop()
            rest = [line async for line in lines]
        assert [line for line in rest if line] == []

    _with(home, act)


def test_a_node_that_cannot_commit_is_alive_but_not_ready(home: Path) -> None:
    async def act(node: Running, client: httpx.AsyncClient) -> None:
        assert (await client.get("/readyz")).status_code == 200
        other = sqlite3.connect(node.settings.data / "wanmi.db", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")  # a backup tool that locks the file
            alive, ready = await client.get("/healthz"), await client.get("/readyz")
        finally:
            other.rollback()
            other.close()

        assert alive.status_code == 200
        assert (ready.status_code, ready.json()["code"]) == (503, "node.not_ready")
        assert ready.json()["errors"][0]["pointer"] == "database"
        assert ready.headers["retry-after"]
        deadline = time.monotonic() + 20
        while (await client.get("/readyz")).status_code != 200:
            assert time.monotonic() < deadline, "it does not recover"

    _with(home, act)
