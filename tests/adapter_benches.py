"""Benches of the three kinds that ship: each starts the kind's simulator and plays its people."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from adapters.conformance import Bench, Held, Trouble
from adapters.contract import Adapter, FormDesk, PhotoRef, UnitAct, WorkOrder
from adapters.human.adapter import HumanAdapter
from adapters.human.simulator import Clerk
from adapters.manifest import load_adapter
from adapters.rest.simulator import as_json, signature
from adapters.simulation import (
    DONE,
    HANDLING,
    RETURNED,
    SIGNED,
    Crew,
    Event,
    Faults,
    UnitSystem,
    picture,
)
from node.edge.forms import router

ROOT = Path(__file__).resolve().parent.parent
STATUS = {
    UnitAct.SIGNED: SIGNED,
    UnitAct.PROGRESS: HANDLING,
    UnitAct.DONE: DONE,
    UnitAct.RETURN: RETURNED,
}
TROUBLES = {
    Trouble.NONE: Faults(),
    Trouble.LOSE_ANSWER: Faults(lose_answer=1),
    Trouble.FAIL_AFTER_COMMIT: Faults(error_after_commit=1),
    Trouble.OUTAGE: Faults(outage=1),
    Trouble.SLOW: Faults(slow=1, slow_s=3),
    Trouble.DOUBLE_AND_REORDER: Faults(duplicate=1, reorder=1),
    Trouble.GARBAGE: Faults(garbage=1),
}
TOKEN = b"tok-5e1f-not-for-any-log"
HOOK_KEY = b"hook-77aa-not-for-any-log"


def now() -> datetime:
    return datetime.now(UTC)


def wait_for(condition: Callable[[], Any], *, within_s: float = 10.0, what: str = "") -> Any:
    """The condition's value once it is true; fails with ``what`` when time is over."""
    deadline = time.monotonic() + within_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {within_s} s in vain: {what or condition}"
        time.sleep(0.02)


class SimulatedUnit:
    """A simulator process; its first line says that it is ready."""

    def __init__(self, module: str, *arguments: str) -> None:
        # Lives as long as the process does.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self._errors.seek(0)
            raise AssertionError(f"{module} did not start: {self._errors.read().decode()}")
        self.ready: dict[str, Any] = json.loads(line)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()


class SimulatedBench(Bench):
    """Common to both kinds with a simulator: its store is the unit's book."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = home / "unit.db"
        self.process: SimulatedUnit | None = None
        self.unit: UnitSystem | None = None
        self.adapters: list[Adapter] = []

    def begin(self) -> Mapping[str, Any]:
        raise NotImplementedError

    def configure(self, ready: Mapping[str, Any]) -> None:
        raise NotImplementedError

    async def open(self) -> Adapter:
        self.configure(await asyncio.to_thread(self.begin))
        self.unit = UnitSystem(self.store, prefix="XX", crew=Crew())
        return await self.reopen()

    async def reopen(self) -> Adapter:
        adapter = load_adapter(self.home / "adapters" / "unit").create(now)
        self.adapters.append(adapter)
        return adapter

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()
        if self.unit:
            self.unit.close()
        if self.process:
            await asyncio.to_thread(self.process.stop)

    def photo(self) -> PhotoRef:
        data = picture("scene")
        path = self.home / "scene.png"
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        return PhotoRef(digest=digest, media_type="image/png", role="near", path=str(path))

    async def held(self) -> list[Held]:
        await asyncio.to_thread(self.settled)
        return [
            Held(key=one["ext"], live=one["status"] != "99", photos=one["photos"])
            for one in self.book.audit()["work_orders"]
        ]

    def settled(self) -> None:
        """Wait until the unit has taken in what lies before it."""

    async def say(self, key: str, act: UnitAct, *, photos: int = 0) -> None:
        self.book.say(key, STATUS[act], f"说：{act}", photos=photos)

    async def say_unforeseen(self, key: str) -> None:
        self.book.say(key, "77", "从没见过的状态")

    async def trouble(self, what: Trouble) -> None:
        self.book.set_faults(TROUBLES[what])

    @property
    def book(self) -> UnitSystem:
        assert self.unit is not None
        return self.unit

    def write(self, manifest: str, kind: str) -> Path:
        folder = self.home / "adapters" / "unit"
        folder.mkdir(parents=True)
        (folder / "manifest.toml").write_text(manifest, "utf-8")
        example = ROOT / "adapters" / kind / "example-mapping.toml"
        (folder / "mapping.toml").write_bytes(example.read_bytes())
        return folder


class RestBench(SimulatedBench):
    """The REST kind before the power company's system."""

    secrets = (TOKEN, HOOK_KEY)

    def begin(self) -> Mapping[str, Any]:
        token = self.home / "token"
        token.write_bytes(TOKEN)
        self.process = SimulatedUnit(
            "adapters.rest.simulator", "--store", str(self.store), "--token-file", str(token)
        )
        return self.process.ready

    def configure(self, ready: Mapping[str, Any]) -> None:
        folder = self.write(
            f"""
id = "unit"
kind = "rest"
name = "供电公司"
[config]
base_url = "http://127.0.0.1:{ready["port"]}/api"
auth = "bearer"
secret_file = "token"
webhook_secret_file = "hook"
timeout_s = 1.0
""",
            "rest",
        )
        for name, value in (("token", TOKEN), ("hook", HOOK_KEY)):
            (folder / name).write_bytes(value)
            (folder / name).chmod(0o600)

    def push(self, key: str, act: UnitAct) -> tuple[Mapping[str, str], bytes]:
        event = Event(
            seq=1,
            ext=key,
            order_no="XX-1",
            status=STATUS[act],
            remark="推送",
            reason="",
            at=now(),
            photos=1,
        )
        body = json.dumps({"events": [as_json(event)]}).encode()
        return signature(HOOK_KEY, str(int(time.time())), body), body


class FileDropBench(SimulatedBench):
    """The shared-folder kind before the telecom's system."""

    def begin(self) -> Mapping[str, Any]:
        self.process = SimulatedUnit(
            "adapters.file_drop.simulator",
            "--store", str(self.store), "--folder", str(self.home / "share"),
        )  # fmt: skip
        return self.process.ready

    def configure(self, ready: Mapping[str, Any]) -> None:
        self.write(
            f"""
id = "unit"
kind = "file_drop"
name = "电信公司"
[config]
folder = {json.dumps(ready["folder"])}
give_up_s = 1.0
""",
            "file_drop",
        )

    def settled(self) -> None:
        orders = self.home / "share" / "orders"
        wait_for(lambda: not list(orders.glob("*.csv")), what="orders are taken")

    async def submit_and_lose(self, adapter: Adapter, order: WorkOrder) -> None:
        """Nothing answers in a folder; what can be lost is our own process after the rename."""
        await (await self.reopen()).submit(order)
        await asyncio.to_thread(self.settled)


class HumanBench(Bench):
    """The form kind before a clerk with a browser, through the page the node serves."""

    secrets = (b"form-key-3141592653589793-not-for-logs",)

    def __init__(self, home: Path) -> None:
        self.home = home
        self.adapters: list[HumanAdapter] = []
        self.server: uvicorn.Server | None = None
        self.thread: threading.Thread | None = None

    async def open(self) -> Adapter:
        folder = self.home / "adapters" / "people"
        folder.mkdir(parents=True)
        (folder / "key").write_bytes(self.secrets[0])
        (folder / "key").chmod(0o600)
        app = FastAPI()
        app.include_router(router(self))
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()
        server = self.server
        await asyncio.to_thread(wait_for, lambda: server.started, what="the page is served")
        port = server.servers[0].sockets[0].getsockname()[1]
        (folder / "manifest.toml").write_text(
            f"""
id = "people"
kind = "human"
name = "园林班组"
[config]
public_url = "http://127.0.0.1:{port}"
secret_file = "key"
""",
            "utf-8",
        )
        return await self.reopen()

    async def reopen(self) -> Adapter:
        adapter = load_adapter(self.home / "adapters" / "people").create(now)
        assert isinstance(adapter, HumanAdapter)
        self.adapters.append(adapter)
        return adapter

    async def close(self) -> None:
        if self.server and self.thread:
            self.server.should_exit = True
            await asyncio.to_thread(self.thread.join, 10)
        for adapter in self.adapters:
            await adapter.close()

    def form_desk(self, adapter: str) -> FormDesk | None:
        return self.adapters[-1] if adapter == "people" else None

    def nudge(self, adapter: str) -> None:
        """Nobody polls by themselves in this bench."""

    def photo(self) -> PhotoRef:
        path = self.home / "scene.png"
        path.write_bytes(picture("scene"))
        return PhotoRef(digest="0" * 64, media_type="image/png", role="near", path=str(path))

    async def held(self) -> list[Held]:
        return await asyncio.to_thread(self._held, await self._links())

    def _held(self, links: Mapping[str, str]) -> list[Held]:
        held = []
        for key, url in links.items():
            clerk = Clerk(url)
            page = clerk.open()
            clerk.close()
            photos = sum(
                httpx.get(f"{url}/photo/{n}").status_code == 200
                for n in range(page.text.count("<img "))
            )
            held.append(Held(key=key, live=bool(page.acts), photos=photos))
        return held

    async def _links(self) -> dict[str, str]:
        found = {}
        for number in range(1, 100):
            for link in await self.adapters[-1].links(f"018f0000-0000-7000-9000-{number:012d}"):
                found[link.key] = link.url
        return found

    async def say(self, key: str, act: UnitAct, *, photos: int = 0) -> None:
        url = (await self._links())[key]
        clerk = Clerk(url)
        reason = "not_ours" if act is UnitAct.RETURN else ""
        seen = await asyncio.to_thread(
            clerk.answer, act.value, text=f"说：{act}", reason=reason, photos=photos
        )
        clerk.close()
        assert seen.status == 200, seen.text

    async def trouble(self, what: Trouble) -> None:
        """A clerk's trouble is the double click, which the page's own tests show."""
