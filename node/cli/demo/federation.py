"""A whole federation as real processes on loopback: homes, keys, cables, nodes, legacy systems.

It uses only what an operator has: the ``wanmi`` command, settings files, signals. It must never
reach into a node's memory or write into its database.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tomllib
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.ports import free_ports
from node.cli.demo.cable import Cable

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
DESKS = {"dispatch": "dispatcher", "shift": "shift_leader,centre_head"}
"""Who approves what assignees ask, step by step: account and roles."""
OPEN_TO_CITIZENS = {"WANMI_PUBLIC__REPORTS": "true", "WANMI_PUBLIC__EVALUATION": "true"}
"""Settings of the root: its pages for everybody are open."""
WANMI = (sys.executable, "-m", "node.cli")


class Trouble(RuntimeError):
    """The demo itself cannot go on; the message says what to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """One node of ``federation.toml``."""

    id: str
    name: str
    profile: str
    parent: str = ""
    prefer: str = "GRPC"
    nats: bool = False
    files: tuple[str, ...] = ()
    """Files of the example that lie in its home: a profile of its own and what that names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterPlan:
    """One adapter of ``federation.toml``."""

    node: str
    id: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The example's federation."""

    nodes: tuple[NodePlan, ...]
    adapters: tuple[AdapterPlan, ...]

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Read ``federation.toml``; parents come before their children."""
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(
            nodes=tuple(NodePlan(**{**row, "files": tuple(row.get("files", ()))})
                        for row in told["node"]),
            adapters=tuple(AdapterPlan(**row) for row in told.get("adapter", ())),
        )

    @property
    def root(self) -> NodePlan:
        """The node without a parent."""
        return next(plan for plan in self.nodes if not plan.parent)

    def called(self) -> dict[str, str]:
        """Names of nodes and of the units behind adapters, as an evaluation keys them."""
        return {
            **{node.id: node.name for node in self.nodes},
            **{f"{one.node}/{one.id}": one.name for one in self.adapters},
        }

    def children(self, node: str) -> tuple[NodePlan, ...]:
        """Whom this node is the parent of."""
        return tuple(plan for plan in self.nodes if plan.parent == node)


@dataclass(slots=True, kw_only=True)
class Process:
    """One child process with its log; restarted on demand."""

    name: str
    command: tuple[str, ...]
    log: Path
    env: dict[str, str] = field(default_factory=dict)
    running: asyncio.subprocess.Process | None = None
    starts: int = 0

    async def start(self) -> None:
        """Start it; its output goes to the log."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                *self.command, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL,
                env={**os.environ, **self.env},  # noqa: TID251 - children inherit our environment
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self.running is not None and self.running.returncode is None

    async def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self.alive:
            assert self.running is not None
            self.running.kill()
            await self.running.wait()

    async def stop(self) -> None:
        """SIGTERM, then SIGKILL when it does not listen."""
        if not self.alive:
            return
        assert self.running is not None
        self.running.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.running.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            self.running.kill()
            await self.running.wait()

    def tail(self, lines: int = 15) -> str:
        """The end of its log, for error messages."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])


@dataclass(slots=True, kw_only=True)
class Office:
    """One node of the running federation."""

    plan: NodePlan
    home: Path
    http_port: int
    grpc_port: int
    nats_port: int
    host: str = "127.0.0.1"
    """Where it listens for people."""
    token: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    """Of the accounts at the desks of ``DESKS``, each with the roles of its post."""
    process: Process
    cables: list[Cable] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its API and pages are."""
        return f"http://{self.host}:{self.http_port}"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.home / "data" / "wanmi.db"


class Federation:
    """Builds the homes below ``folder`` and runs the processes."""

    def __init__(self, *, example: Path, folder: Path) -> None:
        self.example = example
        self.folder = folder
        self.plan = Plan.read(example / "federation.toml")
        self.offices: dict[str, Office] = {}
        self.legacy: dict[str, Process] = {}

    @property
    def root(self) -> Office:
        """The node without a parent."""
        return next(o for o in self.offices.values() if not o.plan.parent)

    # --- building ---------------------------------------------------------------------------

    async def provision(self) -> None:
        """Make homes, keys, kits and cables: what an operator does with the command line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ports = iter(free_ports(3 * len(self.plan.nodes)))
        for plan in self.plan.nodes:
            home = self.folder / plan.id
            self.offices[plan.id] = Office(
                plan=plan, home=home, http_port=next(ports), grpc_port=next(ports),
                nats_port=next(ports),
                process=Process(
                    name=plan.id, command=(*WANMI, "serve", "--home", str(home)),
                    env={} if plan.parent else dict(OPEN_TO_CITIZENS),
                    log=self.folder / f"{plan.id}.log"),
            )
        for office in self.offices.values():
            self._init(office)
        for plan in self.plan.nodes:
            if plan.parent:
                await self._join(self.offices[plan.id])

    def _init(self, office: Office) -> None:
        plan = office.plan
        office.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in plan.files:
            shutil.copyfile(self.example / name, office.home / name)
        said = wanmi(
            "init", "--home", str(office.home), "--id", plan.id, "--name", plan.name,
            "--profile", plan.profile, "--http-port", str(office.http_port),
            "--grpc-port", str(office.grpc_port), "--nats-port", str(office.nats_port),
            *(("--parent", plan.parent) if plan.parent else ()),
            *(("--nats",) if plan.nats else ()),
            "--json",
        )
        office.token = said["token"]
        for desk, roles in DESKS.items():
            office.tokens[desk] = wanmi(
                "token", "create", desk, "--home", str(office.home), "--scope", "admin",
                "--roles", roles, "--json")["token"]

    async def _join(self, office: Office) -> None:
        parent = self.offices[office.plan.parent]
        grpc = Cable(parent.grpc_port)
        office.cables.append(grpc)
        doors = ["--grpc", f"localhost:{await grpc.lay()}"]
        if parent.plan.nats:
            nats = Cable(parent.nats_port)
            office.cables.append(nats)
            doors += ["--nats", f"tls://localhost:{await nats.lay()}"]
        request, kit = office.home / "join-request.json", self.folder / f"{office.plan.id}.kit"
        if parent.plan.parent:
            wanmi("roster", "add", "--home", str(self.root.home), str(request))
        wanmi("link", "accept", "--home", str(parent.home), str(request),
                    "--out", str(kit), *doors)
        wanmi("link", "join", "--home", str(office.home), str(kit),
                    "--prefer", office.plan.prefer)

    # --- running ------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start legacy systems, then nodes; returns when every node is ready."""
        for process in self.legacy.values():
            await process.start()
        for office in self.offices.values():
            await office.process.start()
        await _together(self.ready(office) for office in self.offices.values())

    async def ready(self, office: Office) -> None:
        """Wait until ``/readyz`` says yes. Raises ``Trouble`` with the end of the log."""
        deadline = asyncio.get_running_loop().time() + READY_TIMEOUT_S
        while not await _answers(office.host, office.http_port, "/readyz"):
            if not office.process.alive:
                raise Trouble(f"node {office.plan.id} ended at once:\n{office.process.tail()}")
            if asyncio.get_running_loop().time() > deadline:
                raise Trouble(f"node {office.plan.id} is not ready:\n{office.process.tail()}")
            await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop everything that was started here."""
        await _together(office.process.stop() for office in self.offices.values())
        await _together(process.stop() for process in self.legacy.values())
        for office in self.offices.values():
            for cable in office.cables:
                await cable.remove()


def wanmi(*args: str) -> dict[str, str]:
    """Run one ``wanmi`` command as an operator would, in this process: starting Python twenty
    times would cost more than all the rest of the demo's beginning. Returns its JSON if it
    printed any. Raises ``Trouble``."""
    from typer.testing import CliRunner

    from node.cli import app

    ended = CliRunner().invoke(app, list(args))
    if ended.exit_code != 0:
        raise Trouble(f"wanmi {' '.join(args)}:\n{ended.output}\n{ended.exception or ''}")
    text = ended.stdout.strip()
    told: dict[str, str] = json.loads(text) if text.startswith("{") else {}
    return told


async def _together(jobs: Iterable[Coroutine[Any, Any, None]]) -> None:
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(job)


async def _answers(host: str, port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        status = await asyncio.wait_for(reader.readline(), 5)
        return b" 200 " in status
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
