"""The federation under test: real processes, every connection of theirs behind a line of ours.

Built by the same commands that an operator gives. Lines are named by what goes over them:
``grpc 420200-420202``, ``nats 420200-420203``, ``http 420203``, ``unit oms``, ``postgres 420203``.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from hub.ports import free_ports
from node.cli.demo.federation import (
    WANMI,
    Federation,
    NodePlan,
    Office,
    Process,
    Trouble,
    wanmi,
)
from node.cli.demo.legacy import Legacy
from node.cli.home import with_values
from node.settings import FILE_NAME
from tests.chaos.booth import Booth
from tests.chaos.disk import SmallDisk
from tests.chaos.postgres import Server
from tests.chaos.power import LazyDisk
from tests.cluster import Cluster
from tests.proxy import Proxy

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "examples" / "huangshi"
FEDERATION = Path(__file__).parent / "federation.toml"
TABLES = (("import", "conditions", "conditions.csv"), ("import", "calendar", "hours.csv"),
          ("import", "area-classes", "area_classes.csv"))
"""Base data that every office needs."""
KEEPER_S = 1.0
ENVIRONMENT = {"WANMI_LIMITS__ADAPTER_RETRY_MAX_S": "15"}
"""What every node is told from outside: units that were away for most of a minute would otherwise
be asked again after the time in which everything has to come to rest."""
STAYS_DOWN = (2, 3, 7)
"""Exit statuses after which the service file does not try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Who has what: the nodes on PostgreSQL, and the one whose disk can be filled."""

    postgres: tuple[str, ...] = ("420203",)
    cluster: str = "420202"
    """Whose mailboxes three servers keep; "" = nobody's."""
    small_disk: str = "420203008"
    apart: str = "420203008"
    """Who stands in a network name space of its own, where one can be made; "" = nobody."""
    lazyfs: Path | None = None
    """The program, where power may be lost: every node's home and PostgreSQL's files lie on it,
    and no disk is small."""
    weakened: str = ""
    """Code that each node runs before it starts: a mutant that the account must kill."""


class Town(Federation):
    """One town in ``folder``."""

    def __init__(self, folder: Path, shape: Shape | None = None) -> None:
        example = folder / "example"
        shutil.copytree(EXAMPLE, example, dirs_exist_ok=True)
        shutil.copy(FEDERATION, example / "federation.toml")
        super().__init__(example=example, folder=folder)
        self.shape = shape or Shape()
        self.lines: dict[str, Proxy] = {}
        self.postgres: Server | None = None
        self.cluster = Cluster(folder / "boxes") if self.shape.cluster else None
        self.booth = Booth.make() if self.shape.apart else None
        self.disk: SmallDisk | None = None
        self.power: dict[str, LazyDisk] = {}
        """Disks that can lose power, by process."""
        self.units = Legacy(self)
        self._speaking = asyncio.Lock()
        self._hands: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.databases: dict[str, str] = {}
        """URLs for the observer, past every line."""
        self.held_down: set[str] = set()
        """Processes that a fault keeps from running."""
        self.ended: list[str] = []
        """Nodes that ended by themselves, with their exit status."""

    # --- building ---------------------------------------------------------------------------

    async def build(self) -> None:
        """Homes, keys, databases, lines, base data; nothing runs yet but PostgreSQL."""
        if self.shape.postgres:
            self.postgres = await asyncio.to_thread(
                Server.make, self.folder / "postgres.log", self._powered)
            await self.postgres.start()
        await self.provision()
        self.units.equip()
        for plan in self.plan.adapters:
            if plan.kind == "rest":
                await self._lay_to_unit(plan.node, plan.id)
        for office in self.offices.values():
            await self._lay(f"http {office.plan.id}", office.http_port, to=office.host)
            for *command, table in TABLES:
                await asyncio.to_thread(wanmi, *command, "--home", str(office.home),
                                        str(self.example / table))

    async def _lay(self, name: str, port: int, **ends: str) -> int:
        line = self.lines[name] = Proxy(port, **ends)
        return await line.lay()

    def _is_apart(self, node: str) -> bool:
        return self.booth is not None and node == self.shape.apart

    async def provision(self) -> None:
        ports = iter(free_ports(3 * len(self.plan.nodes)))
        for plan in self.plan.nodes:
            home = self.folder / plan.id
            self.offices[plan.id] = Office(
                plan=plan, home=home, http_port=next(ports), grpc_port=next(ports),
                nats_port=next(ports),
                process=Process(name=plan.id, command=self._serve(plan.id, home), env=ENVIRONMENT,
                                log=self.folder / f"{plan.id}.log"))
            self._powered(plan.id, home)
        for office in self.offices.values():
            await self._found(office)
        if self.booth is not None:
            self._set_apart(self.booth, self.offices[self.shape.apart])
        if self.cluster is not None:
            self.cluster.tell(self.offices[self.shape.cluster].home)
        for plan in self.plan.nodes:
            if plan.parent:
                await self._join(self.offices[plan.id])
        if self.cluster is not None:
            await asyncio.to_thread(self.cluster.write, self.offices[self.shape.cluster].home)

    async def start(self) -> None:
        if self.cluster is not None:
            await self.cluster.start()
        await super().start()

    async def stop(self) -> None:
        await super().stop()
        if self.cluster is not None:
            await self.cluster.stop()

    def _set_apart(self, booth: Booth, office: Office) -> None:
        """Let it be reached over its veth, and its parent's certificate name the veth's end."""
        office.host = booth.inside
        file = office.home / FILE_NAME
        file.write_text(with_values(file.read_text("utf-8"), "http", {"host": booth.inside}),
                        "utf-8")
        above = self.offices[office.plan.parent].home / FILE_NAME
        above.write_text(above.read_text("utf-8").replace(
            'hosts = ["localhost"', f'hosts = ["{booth.outside}", "localhost"'), "utf-8")

    def _serve(self, node: str, home: Path) -> tuple[str, ...]:
        inside = self.booth.command if self.booth is not None and self._is_apart(node) else ()
        if not self.shape.weakened:
            return (*inside, *WANMI, "serve", "--home", str(home))
        code = (f"from node.__main__ import main\n{self.shape.weakened}\n"
                f"from pathlib import Path\nraise SystemExit(main(Path({str(home)!r}), 'en'))")
        return (*inside, sys.executable, "-c", code)

    def _powered(self, name: str, at: Path) -> None:
        """Lay a process's files onto a disk that can lose power, if there are such disks."""
        if self.shape.lazyfs is not None:
            self.power[name] = LazyDisk.mount(self.shape.lazyfs, at)

    async def _found(self, office: Office) -> None:
        plan = office.plan
        url = await self._database(plan, office.home)
        said = await asyncio.to_thread(
            wanmi, "init", "--home", str(office.home), "--id", plan.id, "--name", plan.name,
            "--profile", plan.profile, "--http-port", str(office.http_port),
            "--grpc-port", str(office.grpc_port), "--nats-port", str(office.nats_port),
            *(("--parent", plan.parent) if plan.parent else ()),
            *(("--nats",) if plan.nats else ()), *(("--database-url", url) if url else ()),
            "--json")
        office.token = said["token"]

    async def _database(self, plan: NodePlan, home: Path) -> str:
        """What the node is told; "" = the SQLite file of its home."""
        if plan.id in self.shape.postgres:
            assert self.postgres is not None
            await asyncio.to_thread(self.postgres.create, plan.id)
            port = await self._lay(f"postgres {plan.id}", self.postgres.port)
            self.databases[plan.id] = self.postgres.url(plan.id, self.postgres.port)
            return self.postgres.url(plan.id, port)
        if plan.id == self.shape.small_disk and self.shape.lazyfs is None:
            (home / "data").mkdir(parents=True)
            self.disk = SmallDisk.mount(home / "data")
        self.databases[plan.id] = f"sqlite:///{home / 'data' / 'wanmi.db'}"
        return ""

    async def _join(self, office: Office) -> None:
        parent, child = self.offices[office.plan.parent], office.plan.id
        link = f"{parent.plan.id}-{child}"
        at = {"at": self.booth.outside} if self.booth and self._is_apart(child) else {}
        await self._lay(f"grpc {link}", parent.grpc_port, **at)
        if parent.plan.nats:
            await self._lay(f"nats {link}", parent.nats_port)
        elif self.cluster is not None and parent.plan.id == self.shape.cluster:
            for name, port in self.cluster.ports.items():
                await self._lay(f"nats {link} {name}", port)
        request, kit = office.home / "join-request.json", self.folder / f"{child}.kit"
        if parent.plan.parent:
            await self.said("roster", "add", "--home", str(self.root.home), str(request))
        await self.said("link", "accept", "--home", str(parent.home), str(request),
                        "--out", str(kit), *self.doors(link))
        await self.said("link", "join", "--home", str(office.home), str(kit),
                        "--prefer", office.plan.prefer)

    def doors(self, link: str) -> list[str]:
        """How the child reaches its parent, as ``wanmi link accept`` is told: over our lines."""
        found = []
        for name, line in self.lines.items():
            carrier, _, rest = name.partition(" ")
            host = "localhost" if line.at == "127.0.0.1" else line.at
            if rest.split(" ")[0] == link:
                tls = "tls://" if carrier == "nats" else ""
                found += [f"--{carrier}", f"{tls}{host}:{line.port}"]
        return found

    async def said(self, *command: str) -> dict[str, str]:
        """One ``wanmi`` command, in this process: one at a time, for it borrows our stdout."""
        async with self._speaking:
            return await asyncio.to_thread(wanmi, *command)

    async def doctor(self, node: str) -> list[dict[str, str]]:
        """What ``wanmi doctor`` says at an office; its exit status is not asked."""
        return (await self.examined(node))[1]

    async def examined(self, node: str) -> tuple[bool, list[dict[str, str]]]:
        """Whether the office answered for itself, and what its doctor says."""
        process = await asyncio.create_subprocess_exec(
            *WANMI, "doctor", "--home", str(self.offices[node].home), "--json", "--lang", "en",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        try:
            said = json.loads(out)
        except ValueError as error:
            raise Trouble(f"doctor of {node}: {err.decode()[-300:]}") from error
        return bool(said["online"]), said["findings"]

    async def _lay_to_unit(self, node: str, adapter: str) -> None:
        """Put a line between an adapter and its unit's system: the manifest says the address."""
        manifest = self.offices[node].home / "adapters" / adapter / "manifest.toml"
        text = manifest.read_text(encoding="utf-8")
        before, _, rest = text.partition("http://127.0.0.1:")
        port, _, after = rest.partition("/")
        fresh = await self._lay(f"unit {adapter}", int(port))
        manifest.write_text(f"{before}http://127.0.0.1:{fresh}/{after}", encoding="utf-8")

    def door(self, node: str, client: int) -> str:
        """The line to the door at which a client of an office works."""
        del client
        return f"http {node}"

    # --- what there is to break ---------------------------------------------------------------

    def processes(self) -> tuple[str, ...]:
        """Every process by name: nodes, the mailbox server, units, the database server."""
        mailboxes = [f"nats {plan.id}" for plan in self.plan.nodes if plan.nats]
        database = ["postgres"] if self.shape.postgres else []
        return (*(plan.id for plan in self.plan.nodes), *mailboxes, *self.members(),
                *self._adapters(), *database)

    def losable(self) -> tuple[str, ...]:
        """Offices whose home can be moved away: no part of it is a mount."""
        return () if self.power else tuple(
            plan.id for plan in self.plan.nodes if plan.id != self.shape.small_disk)

    def members(self) -> tuple[str, ...]:
        """The servers of the cluster, by name."""
        return tuple(self.cluster.processes) if self.cluster is not None else ()

    def _adapters(self) -> tuple[str, ...]:
        return tuple(plan.id for plan in self.plan.adapters if plan.kind != "human")

    def process(self, name: str) -> Process:
        """A process that we start ourselves."""
        if name == "postgres":
            assert self.postgres is not None
            return self.postgres
        if self.cluster is not None and name in self.cluster.processes:
            return self.cluster.processes[name]
        office = self.offices.get(name)
        return office.process if office is not None else self.legacy[name]

    def mailboxes(self, node: str) -> psutil.Process | None:
        """The nats-server that this node watches, while there is one."""
        running = self.offices[node].process.running
        try:
            for child in psutil.Process(running.pid if running else 0).children(recursive=True):
                if "nats-server" in child.name():
                    return child
        except psutil.Error:
            pass
        return None

    def hands(self, name: str) -> asyncio.Lock:
        """Whoever breaks or mends this process or line holds it: on a slow machine mending takes
        longer than the schedule thought."""
        return self._hands[name]

    async def kill(self, name: str) -> None:
        """SIGKILL."""
        if name.startswith("nats "):
            if (server := self.mailboxes(name.removeprefix("nats "))) is not None:
                server.kill()
            return
        self.held_down.add(name)
        await self.process(name).kill()

    def store_of(self, name: str) -> Path:
        """Where a mailbox server keeps its boxes."""
        if name.startswith("nats "):
            return self.offices[name.removeprefix("nats ")].home / "nats"
        assert self.cluster is not None
        return self.cluster.folder / name

    async def start_again(self, name: str) -> None:
        """Start what was killed; a node starts its mailbox server by itself."""
        if name.startswith("nats "):
            return
        if not self.process(name).alive:
            await self.process(name).start()
        self.held_down.discard(name)

    async def lose_power(self, name: str) -> None:
        """SIGKILL, the node's mailbox server with it; what was not synced is gone."""
        self.held_down.add(name)
        server = self.mailboxes(name) if name in self.offices else None
        children = ()
        if name == "postgres":
            children = tuple(psutil.Process(self.process(name).running.pid).children())  # type: ignore[union-attr]
        await self.process(name).kill()
        for one in (server, *children):
            with suppress(psutil.Error):
                if one is not None:
                    one.kill()
                    one.wait(10)
        await asyncio.to_thread(self.power[name].lose)

    async def keep(self) -> None:
        """Start again what ended by itself, as the service manager does, until cancelled."""
        while True:
            await asyncio.sleep(KEEPER_S)
            for name in (*self.offices, *self._adapters(), *self.members()):
                process = self.process(name)
                if process.alive or name in self.held_down or self.hands(name).locked():
                    continue
                status = process.running.returncode if process.running else None
                self.ended.append(f"{name} ended with {status}")
                if status not in STAYS_DOWN:
                    await process.start()
                else:
                    self.held_down.add(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """SIGSTOP or SIGCONT. PostgreSQL works in its children, so they are stopped with it."""
        if name.startswith("nats "):
            found = [self.mailboxes(name.removeprefix("nats "))]
        else:
            running = self.process(name).running
            assert running is not None
            parent = psutil.Process(running.pid)
            found = [parent, *(parent.children(recursive=True) if name == "postgres" else ())]
        for one in found:
            if one is not None:
                one.send_signal(number)

    async def remove(self) -> None:
        """Stop and take down everything; the files of the run stay."""
        await self.stop()
        for line in self.lines.values():
            await line.remove()
        if self.booth is not None:
            self.booth.remove()
        if self.postgres is not None:
            await self.postgres.stop()
            self.postgres.remove()
        if self.disk is not None:
            self.disk.unmount()
        for disk in self.power.values():
            disk.unmount()
