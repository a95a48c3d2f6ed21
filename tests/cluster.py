"""Mailbox servers of one parent as processes of their own, on the files of ``wanmi mailboxes``."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import httpx

from hub.nats.server import find_binary
from hub.ports import free_ports
from node.cli.demo.federation import Process, Trouble, wanmi
from node.settings import MailboxServer

READY_S = 30.0
NAMES = ("box1", "box2", "box3")


class Cluster:
    """Three servers below ``folder``; settings first, then files, then processes."""

    def __init__(self, folder: Path, *, replicas: int = 3) -> None:
        self.folder = folder
        self.replicas = replicas
        ports = iter(free_ports(3 * len(NAMES)))
        self.ports = {name: next(ports) for name in NAMES}
        self.servers = tuple(
            MailboxServer(name=name, url=f"tls://localhost:{port}",
                          route=f"localhost:{next(ports)}", monitor_port=next(ports))
            for name, port in self.ports.items())
        binary = str(find_binary())
        self.processes = {
            name: Process(name=name, log=folder / f"{name}.log", command=(
                "env", "-C", str(folder / name), binary, "--config", "nats.conf"))
            for name in NAMES}

    def settings(self) -> str:
        """What the parent's ``wanmi.toml`` says instead of its own ``[nats]`` table."""
        tables = "".join(
            f"\n[[nats.servers]]\nname = {one.name!r}\nurl = {one.url!r}\nroute = {one.route!r}\n"
            f"monitor_port = {one.monitor_port}\n" for one in self.servers)
        return f"[nats]\nreplicas = {self.replicas}\n{tables}"

    def tell(self, home: Path) -> None:
        """Put the cluster into the settings of the parent at ``home``."""
        file = home / "wanmi.toml"
        before, _, rest = file.read_text("utf-8").partition("[nats]")
        after = rest[rest.index("\n["):]
        file.write_text(before + self.settings() + after, "utf-8")

    def write(self, home: Path) -> dict[str, list[str]]:
        """``wanmi mailboxes``; names of files that changed, by server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        said: Any = wanmi("mailboxes", "--home", str(home), "--out", str(self.folder), "--json")
        return {one["name"]: one["changed"] for one in said["servers"]}

    async def start(self, *names: str) -> None:
        """Start these (none named = all) and wait until they are healthy. Raises ``Trouble``."""
        for name in names or NAMES:
            if not self.processes[name].alive:
                await self.processes[name].start()
        await asyncio.gather(*(self.healthy(name) for name in names or NAMES))

    async def healthy(self, name: str) -> None:
        """Wait until this one serves. Raises ``Trouble`` with the end of its log."""
        deadline = asyncio.get_running_loop().time() + READY_S
        while asyncio.get_running_loop().time() < deadline:
            if await self.figures(name, "healthz") is not None:
                return
            if not self.processes[name].alive:
                raise Trouble(f"{name} ended at once:\n{self.processes[name].tail()}")
            await asyncio.sleep(0.1)
        raise Trouble(f"{name} is not healthy:\n{self.processes[name].tail()}")

    async def figures(self, name: str, path: str) -> dict[str, Any] | None:
        """What its monitor says; None if it does not answer, or is not well."""
        port = next(one.monitor_port for one in self.servers if one.name == name)
        try:
            async with httpx.AsyncClient(timeout=2.0) as http:
                answer = await http.get(f"http://127.0.0.1:{port}/{path}")
        except httpx.TransportError:
            return None
        found: dict[str, Any] = json.loads(answer.content)
        return found if answer.status_code == 200 else None

    async def leader(self, stream: str) -> str:
        """Which server leads this box now; "" if none is known to."""
        for name in NAMES:
            told = await self.figures(name, "jsz?accounts=true&streams=true")
            for account in (told or {}).get("account_details") or ():
                for one in account.get("stream_detail") or ():
                    if one["name"] == stream and (one.get("cluster") or {}).get("leader"):
                        return str(one["cluster"]["leader"])
        return ""

    def wipe(self, name: str) -> None:
        """Delete what a server kept; it must not run."""
        shutil.rmtree(self.folder / name / "store", ignore_errors=True)

    async def reload(self) -> None:
        """SIGHUP to all, as ``systemctl reload`` does."""
        for process in self.processes.values():
            if process.alive and process.running is not None:
                process.running.send_signal(1)

    async def stop(self) -> None:
        """End all, at once: asked politely all together, each would wait for one that can take
        its boxes over."""
        await asyncio.gather(*(process.kill() for process in self.processes.values()))
