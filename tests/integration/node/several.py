"""A city served by two processes on one PostgreSQL, and a district below it, as real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.exc import OperationalError

from hub.ports import free_ports
from node.cli.demo.federation import WANMI, Process, wanmi
from tests.chaos.account import Scene, chains_are_equal, delivered_once, one_effect
from tests.chaos.clients import ClientLog
from tests.chaos.postgres import Server
from tests.chaos.quiet import restless
from tests.chaos.stores import Edge, Ring, Store
from tests.chaos.town import EXAMPLE, TABLES

CITY, DISTRICT = "420200", "420202"
CATEGORY = {"standard_ref": "GB/T 47678.5-2026", "kind": "matter", "code": "01001",
            "condition_no": 2}
ANSWER_S, QUIET_S = 60.0, 60.0


@dataclass(slots=True)
class Door:
    """One process of the city."""

    name: str
    port: int
    process: Process

    async def says(self, path: str) -> dict[str, Any]:
        """What it answers below ``/``, {} if it does not."""
        try:
            async with httpx.AsyncClient(timeout=3.0, trust_env=False) as http:
                answer = await http.get(f"http://127.0.0.1:{self.port}{path}")
        except httpx.HTTPError:
            return {}
        return answer.json() if answer.status_code == 200 else {}  # type: ignore[no-any-return]

    async def role(self) -> str:
        """owner, standby, lost, or "" if it does not answer."""
        return str((await self.says("/healthz")).get("role", ""))


@dataclass(slots=True)
class City:
    """Both processes, the district, the database server and what clients were answered."""

    folder: Path
    postgres: Server
    doors: list[Door]
    district: Process
    token: str
    urls: dict[str, str]
    opened: list[str] = field(default_factory=list)
    repeats: int = 0

    @classmethod
    async def build(cls, folder: Path) -> City:
        """Homes, keys, tables; nothing runs yet but PostgreSQL."""
        postgres = await asyncio.to_thread(
            Server.make, folder / "postgres.log", lambda _name, _at: None)
        await postgres.start()
        await asyncio.to_thread(postgres.create, CITY)
        url = postgres.url(CITY, postgres.port)
        http_a, http_b, grpc_a, grpc_b, http_d, grpc_d = free_ports(6)
        city, district = folder / CITY, folder / DISTRICT
        said = await _wanmi(
            "init", "--home", str(city), "--id", CITY, "--name", "市中心", "--profile", "city",
            "--http-port", str(http_a), "--grpc-port", str(grpc_a), "--database-url", url,
            "--json")
        await _wanmi(
            "init", "--home", str(district), "--id", DISTRICT, "--name", "黄石港区",
            "--profile", "district", "--parent", CITY, "--http-port", str(http_d),
            "--grpc-port", str(grpc_d), "--json")
        for home in (city, district):
            for *command, table in TABLES:
                await _wanmi(*command, "--home", str(home), str(EXAMPLE / table))
        request, kit = district / "join-request.json", folder / "kit"
        await _wanmi("link", "accept", "--home", str(city), str(request), "--out", str(kit),
                     "--grpc", f"localhost:{grpc_a}", "--grpc", f"localhost:{grpc_b}")
        await _wanmi("link", "join", "--home", str(district), str(kit))
        doors = []
        for name, http, grpc in (("a", http_a, grpc_a), ("b", http_b, grpc_b)):
            doors.append(Door(name, http, Process(
                name=name, command=(*WANMI, "serve", "--home", str(city)),
                log=folder / f"{name}.log",
                env={"WANMI_HTTP__PORT": str(http), "WANMI_GRPC__PORT": str(grpc)})))
        return cls(
            folder=folder, postgres=postgres, doors=doors, token=said["token"],
            district=Process(name=DISTRICT, log=folder / "district.log",
                             command=(*WANMI, "serve", "--home", str(district))),
            urls={CITY: url, DISTRICT: f"sqlite:///{district / 'data' / 'wanmi.db'}"})

    async def start(self) -> None:
        """The first process, which becomes the owner; then the others."""
        await self.doors[0].process.start()
        await self.until("an owner", self.owner)
        await self.doors[1].process.start()
        await self.district.start()
        await self.until("two roles", self.both)
        await self.until("the link", self.linked)

    async def stop(self) -> None:
        """Everything, PostgreSQL last."""
        for door in self.doors:
            if door.process.alive and door.process.running is not None:
                door.process.running.send_signal(signal.SIGCONT)
            await door.process.stop()
        await self.district.stop()
        await self.postgres.stop()
        self.postgres.remove()

    # --- looking ------------------------------------------------------------------------------

    async def until(
        self, what: str, holds: Callable[[], Awaitable[object]], seconds: float = QUIET_S
    ) -> float:
        """Seconds until it held."""
        began = time.monotonic()
        while not await holds():
            passed = time.monotonic() - began
            assert passed < seconds, f"{what} did not come about; logs in {self.folder}"
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def owner(self) -> Door | None:
        """The process that says it owns the node; never two."""
        found = [door for door in self.doors if await door.role() == "owner"]
        assert len(found) < 2, "two owners"
        return found[0] if found else None

    async def both(self) -> bool:
        """One owns, the other stands by."""
        return sorted([await door.role() for door in self.doors]) == ["owner", "standby"]

    async def linked(self) -> bool:
        """The link with the district is up, at the owner."""
        owner = await self.owner()
        if owner is None:
            return False
        answer = await self.ask(owner, "GET", f"/api/v1/links/{CITY}-{DISTRICT}")
        return answer is not None and answer.status_code == 200 and answer.json()["connected"]

    async def ask(
        self, door: Door, method: str, path: str, **call: Any
    ) -> httpx.Response | None:
        """One call at one door; None if nothing came back."""
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{door.port}", timeout=10.0, trust_env=False,
                headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en"},
            ) as http:
                return await http.request(method, path, **call)
        except httpx.TransportError:
            return None

    # --- working ------------------------------------------------------------------------------

    async def say(self, path: str, body: object, first: int) -> dict[str, Any]:
        """One command, at one door after the other until somebody answers, always by one key."""
        key, number = os.urandom(8).hex(), first
        deadline = time.monotonic() + ANSWER_S
        while True:
            answer = await self.ask(self.doors[number % 2], "POST", path, json=body,
                                    headers={"Idempotency-Key": key})
            if answer is not None and answer.status_code < 500:
                assert answer.status_code < 300, f"{path}: {answer.text}"
                return answer.json()  # type: ignore[no-any-return]
            assert answer is None or answer.status_code == 503, answer.text
            assert time.monotonic() < deadline, f"nobody answers {path}"
            self.repeats += 1
            number += 1
            await asyncio.sleep(0.2)

    async def one_case(self, number: int) -> str:
        """A case opened at one door, filed at the other, dispatched at the first."""
        said = await self.say("/api/v1/cases", {
            "category": CATEGORY, "text": f"井盖破损 {number}", "source": "superior",
            "details": {"ordering_body": "省级平台", "ordering_no": f"督〔示例〕{number}号"},
            "place": {"area": "420202006", "address": f"湖滨大道 {number} 号"},
        }, number)
        case = f"/api/v1/cases/{said['case_id']}"
        await self.say(f"{case}/accept", {}, number + 1)
        await self.say(f"{case}/file", {}, number)
        await self.say(f"{case}/dispatch", {"to": f"node:{DISTRICT}"}, number + 1)
        self.opened.append(said["case_id"])
        return str(said["case_id"])

    async def work(self, stop: asyncio.Event, numbers: range) -> None:
        """Case after case until told to stop; what was begun is finished."""
        for number in numbers:
            await self.one_case(number)
            if stop.is_set():
                return
            await asyncio.sleep(0.05)

    async def follow(self, stop: asyncio.Event) -> list[int]:
        """Read the city's change feed as a listener does: always what came after the last one."""
        store, seen = Store(CITY, self.urls[CITY]), [0]
        while True:
            ending = stop.is_set()
            with suppress(OperationalError):  # PostgreSQL may be away
                seen += [n for n, in await asyncio.to_thread(
                    store.rows, "SELECT n FROM change WHERE n > ? ORDER BY n", seen[-1])]
                if ending:
                    return seen[1:]
            await asyncio.sleep(0.02)

    async def missed(self, followed: list[int]) -> list[int]:
        """Changes that the listener did not get, of those since its beginning."""
        rows = await asyncio.to_thread(
            Store(CITY, self.urls[CITY]).rows, "SELECT n FROM change ORDER BY n")
        return sorted({n for n, in rows if n <= followed[-1]} - set(followed))

    # --- accounting ---------------------------------------------------------------------------

    async def account(self) -> str:
        """Everything that was answered is at the district, once, and both ends' chains agree."""
        stores = {node: Store(node, url) for node, url in self.urls.items()}
        edge = Edge(CITY, DISTRICT)

        async def rests() -> bool:
            return not await asyncio.to_thread(restless, stores, (edge,))

        await self.until("rest", rests)
        scene = Scene(stores=stores, edges=(edge,), folders={}, homes={},
                      log=ClientLog(self.folder / "none"), orders=(),
                      ring=Ring({CITY: self.folder / CITY, DISTRICT: self.folder / DISTRICT},
                                {CITY: "", DISTRICT: CITY}))
        counts: Counter[str] = Counter()
        broken = [one for check in (delivered_once, chains_are_equal, one_effect)
                  for one in check(scene, counts)]
        assert [] == broken
        held = {case for case, in stores[DISTRICT].rows("SELECT case_id FROM cases")}
        assert held == set(self.opened)
        kept = {case for case, in stores[CITY].rows("SELECT case_id FROM cases")}
        assert kept == set(self.opened)
        return ", ".join(f"{n} {what}" for what, n in counts.items())


async def _wanmi(*command: str) -> dict[str, str]:
    return await asyncio.to_thread(wanmi, *command)
