"""uvicorn inside an event loop that belongs to somebody else.

The composition root owns the loop, the signals and the order of stopping; this only serves. The
socket is bound before anything is announced, so port 0 is known and a taken port fails at start.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from node.edge.http.listeners import Listeners

BACKLOG_CONNECTIONS = 256
"""Connections the system keeps waiting while the loop is busy."""
CONNECTIONS_MAX = 1_000
"""Open connections and tasks; more are answered with 503 by uvicorn itself."""
KEEP_ALIVE_S = 30
"""An idle connection is kept this long; browsers reuse it between two clicks."""
START_S = 10.0
"""From bound socket to serving; only a blocked loop takes longer."""


class _Quiet(uvicorn.Server):
    """A server that leaves signals to the owner of the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves one application until ``stop``."""

    def __init__(self, app: FastAPI, *, host: str, port: int, stop_s: float = 3.0) -> None:
        self._app = app
        self._host = host
        self._wanted = port
        self._stop_s = stop_s
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._server: _Quiet | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; only after ``start``."""
        assert self._socket is not None, "not started"
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    async def start(self) -> None:
        """Bind and serve. Raises ``OSError`` if the port is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.create_server(
            (self._host, self._wanted), family=family, backlog=BACKLOG_CONNECTIONS,
        )
        # Head and body of an answer are two writes: with Nagle's algorithm (RFC 896) the second
        # waits 40 ms for a delayed acknowledgement. asyncio turns it off only for sockets that
        # name their protocol, which those of create_server do not; accepted ones inherit this.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._server = _Quiet(uvicorn.Config(
            self._app, log_config=None, access_log=False, server_header=False,
            proxy_headers=False, lifespan="off", ws="none", limit_concurrency=CONNECTIONS_MAX,
            timeout_keep_alive=KEEP_ALIVE_S, timeout_graceful_shutdown=max(1, int(self._stop_s)),
        ))
        self._task = asyncio.create_task(
            self._server.serve(sockets=[self._socket]), name="http server",
        )
        deadline = asyncio.get_running_loop().time() + START_S
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OSError("the HTTP server ended while it started")
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"the HTTP server did not start within {START_S:g} s")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End the change streams, let open calls finish for a while, close. Idempotent."""
        if self._server is None or self._task is None:
            return
        listeners: Listeners = self._app.state.listeners
        listeners.closing.set()
        self._server.should_exit = True
        await self._task
        self._server = self._task = None
