"""The town with a district that two processes serve, for ``make chaos ARGS=--twins``.

One more thing can be killed or stopped: ``owner 420203``, whichever of the two owns the district
when the fault comes. Its clients work at both doors, its child knows both addresses.
"""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import psutil

from hub.ports import free_ports
from node.cli.demo.federation import Office, Process
from tests.chaos.town import KEEPER_S, STAYS_DOWN, Shape, Town

TWINS = "420203"
"""The district on PostgreSQL."""
OWNER, TWIN = f"owner {TWINS}", f"{TWINS} twin"
TAKEOVER_MAX_S = 30.0
OWNS, STANDS_BY = 200, 503
"""What ``/ownerz`` answers."""


class TwinTown(Town):
    """One town; ``takeovers`` holds the seconds until another process owned."""

    def __init__(self, folder: Path, shape: Shape | None = None) -> None:
        # A second address is told to the children, on loopback: none stands apart.
        super().__init__(folder, replace(shape or Shape(), apart=""))
        assert not self.shape.lazyfs, "both share one home: its power would be lost for both"
        self.twin: Office | None = None
        self.takeovers: list[float] = []
        self._struck = ""
        self._watching: set[asyncio.Task[None]] = set()

    def losable(self) -> tuple[str, ...]:
        """Not the district: its disk is not one process's."""
        return tuple(node for node in super().losable() if node != TWINS)

    # --- building ---------------------------------------------------------------------------

    async def _found(self, office: Office) -> None:
        await super()._found(office)
        if office.plan.id != TWINS:
            return
        http, grpc = free_ports(2)
        first = office.process
        self.twin = Office(
            plan=office.plan, home=office.home, http_port=http, grpc_port=grpc, nats_port=0,
            token=office.token,
            process=Process(
                name=TWIN, command=first.command, log=self.folder / f"{TWIN}.log",
                env={**first.env, "WANMI_HTTP__PORT": str(http), "WANMI_GRPC__PORT": str(grpc)}))
        await self._lay(f"http {TWIN}", http)

    async def _join(self, office: Office) -> None:
        await super()._join(office)
        if office.plan.parent != TWINS:
            return
        assert self.twin is not None
        # What `wanmi link join` wrote, and the second address behind it, as an operator would.
        line = await self._lay(f"grpc {TWINS}-{office.plan.id} twin", self.twin.grpc_port)
        file = office.home / "wanmi.toml"
        text = file.read_text(encoding="utf-8")
        before, mark, after = text.rpartition('grpc = "localhost:')
        port, _, rest = after.partition('"')
        assert mark, text
        file.write_text(f'{before}{mark}{port},localhost:{line}"{rest}', encoding="utf-8")

    # --- running ------------------------------------------------------------------------------

    async def start(self) -> None:
        await super().start()
        assert self.twin is not None
        await self.twin.process.start()
        await self.ready(self.twin)

    async def stop(self) -> None:
        for watch in self._watching:
            watch.cancel()
        if self.twin is not None:
            await self.twin.process.stop()
        await super().stop()

    async def keep(self) -> None:
        await asyncio.gather(super().keep(), self._keep_twin())

    async def _keep_twin(self) -> None:
        assert self.twin is not None
        process = self.twin.process
        while True:
            await asyncio.sleep(KEEPER_S)
            if process.alive or TWIN in self.held_down:
                continue
            status = process.running.returncode if process.running else None
            self.ended.append(f"{TWIN} ended with {status}")
            if status in STAYS_DOWN:
                self.held_down.add(TWIN)
            else:
                await process.start()

    def door(self, node: str, client: int) -> str:
        return f"http {TWIN}" if node == TWINS and client % 2 else super().door(node, client)

    # --- what there is to break ---------------------------------------------------------------

    def processes(self) -> tuple[str, ...]:
        others = tuple(name for name in super().processes() if name != TWINS)
        return (OWNER, OWNER, OWNER, *others)  # a third of what befalls processes, or so

    def process(self, name: str) -> Process:
        if name == TWIN:
            assert self.twin is not None
            return self.twin.process
        return super().process(self._struck if name == OWNER else name)

    async def kill(self, name: str) -> None:
        if name != OWNER:
            await super().kill(name)
            return
        self._strike()
        await super().kill(self._struck)

    async def start_again(self, name: str) -> None:
        await super().start_again(self._struck if name == OWNER else name)

    def signal(self, name: str, number: signal.Signals) -> None:
        if name != OWNER:
            super().signal(name, number)
            return
        if number == signal.SIGSTOP:
            self._strike()
        with suppress(psutil.NoSuchProcess, AssertionError):  # it has ended by itself meanwhile
            super().signal(self._struck, number)

    def _strike(self) -> None:
        """Take the owner as it is now, and measure how long the node is without one, if the other
        process stands by: one that is only starting has a start to make first."""
        self._struck = TWIN if self._owns(TWIN) else TWINS
        other = TWINS if self._struck == TWIN else TWIN
        if self._owns(self._struck) and self._answers(other) == STANDS_BY:
            watch = asyncio.create_task(self._watch(other))
            self._watching.add(watch)
            watch.add_done_callback(self._watching.discard)

    async def _watch(self, other: str) -> None:
        began = time.monotonic()
        while time.monotonic() - began < TAKEOVER_MAX_S:
            await asyncio.sleep(0.1)
            if await asyncio.to_thread(self._answers, other) == OWNS:
                self.takeovers.append(round(time.monotonic() - began, 1))
                return

    def _owns(self, name: str) -> bool:
        return self._answers(name) == OWNS

    def _answers(self, name: str) -> int:
        assert self.twin is not None
        port = self.twin.http_port if name == TWIN else self.offices[TWINS].http_port
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/ownerz", timeout=1.0,
                             trust_env=False).status_code
        return 0
