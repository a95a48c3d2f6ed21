"""The measurements themselves: one carrier with the Ledger, one with two whole offices, and the
memory of a node with nothing to do."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from hub.envelope import PRIO_TRACE
from hub.ids import NodeId
from tests.bench import homes
from tests.bench.orders import Worker, worker
from tests.trees import DISTRICT, STREET

CATCH_UP_S = 180.0
SETTLE_S = 60.0
PACE = 200
"""Words per second of the latency measurement: a large city at its peak."""
PACE_S = 5.0
PILE = 50_000
DRAIN_LEAST = 1_000
"""Words per second below which draining is given up."""
IDLE_S = 5.0
"""How long an idle node is left alone before it is weighed."""
MIB = 1024 * 1024
Tell = Callable[[str], None]
Profile = list[tuple[str, str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How long and how much."""

    window_s: float
    windows: int
    pace_s: float
    backlog: int
    cases: int
    rounds: int
    long_backlog: int


FULL = Size(window_s=4, windows=3, pace_s=10, backlog=50_000, cases=400, rounds=25,
            long_backlog=1_000_000)
QUICK = Size(window_s=2, windows=1, pace_s=3, backlog=6_000, cases=100, rounds=10,
             long_backlog=20_000)


@dataclass(slots=True, kw_only=True)
class LinkResult:
    """One carrier, nothing but the fabric."""

    sustained: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    backlog: int = 0
    piled: float = 0.0
    catch_up: float = 0.0
    cpu_us: tuple[float, float] = (0.0, 0.0)
    """CPU per envelope while sustained: origin, receiver."""
    profiles: tuple[Profile, Profile] = field(default_factory=lambda: ([], []))

    @property
    def rate(self) -> float:
        return statistics.median(self.sustained)

    def latency(self, share: float) -> float:
        return self.latencies_ms[int(len(self.latencies_ms) * share)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeResult:
    """Two whole offices and words of real cases."""

    words: int
    commands: float
    """Commands of people per second while the link stood still."""
    catch_up: float
    sustained: float
    """Words per second taken by the parent while the child was at work."""
    cpu_us: tuple[float, float]
    profiles: tuple[Profile, Profile]


# -- the fabric alone ----------------------------------------------------------------------------


async def measure_link(carrier: str, size: Size, tell: Tell) -> LinkResult:
    """Sustained rate, latency, catch-up."""
    result = LinkResult()
    with tempfile.TemporaryDirectory() as folder:
        async with _stations(Path(folder), carrier) as (parent, child):
            await child.order("up", within_s=SETTLE_S)
            await _burst(parent, child, 1.0)  # caches, statements, frames in flight
            for n in range(size.windows):
                tell(f"{carrier} sustained {n + 1}/{size.windows}")
                rate, cpu = await _burst(parent, child, size.window_s)
                result.sustained.append(rate)
                result.cpu_us = cpu
            tell(f"{carrier} profile")
            await asyncio.gather(parent.order("watch"), child.order("watch"))
            await _burst(parent, child, size.window_s)
            result.profiles = (
                (await child.order("watched"))["rows"], (await parent.order("watched"))["rows"]
            )
            tell(f"{carrier} latency at {PACE}/s")
            result.latencies_ms = await _latency(parent, child, size.pace_s)
            tell(f"{carrier} backlog of {size.backlog:,}")
            await child.order("pause")
            before = (await parent.order("applied"))["count"]
            result.backlog = size.backlog
            result.piled = (await child.order("pile", count=size.backlog))["rate"]
            tell(f"{carrier} catch-up")
            began = (await child.order("resume"))["at"]
            ended = await parent.order(
                "reach", count=before + size.backlog, within_s=CATCH_UP_S
            )
            result.catch_up = size.backlog / (ended["at"] - began)
    return result


@asynccontextmanager
async def _stations(folder: Path, carrier: str) -> AsyncIterator[tuple[Worker, Worker]]:
    above, below = homes.bare_pair(folder)
    module = ("-m", "tests.bench.station")
    async with worker((*module, str(above), "parent", carrier), folder / "parent.log") as parent:
        address = parent.hello["address"]
        async with worker(
            (*module, str(below), "child", carrier, address), folder / "child.log"
        ) as child:
            yield parent, child


async def _burst(
    parent: Worker, child: Worker, seconds: float
) -> tuple[float, tuple[float, float]]:
    """From the first word enqueued to the last one committed at the peer: the tail counts."""
    before = (await parent.order("applied"))["count"]
    cpu = [(await one.order("cpu"))["cpu_s"] for one in (child, parent)]
    began = time.time()
    said = (await child.order("stream", seconds=seconds))["said"]
    ended = await parent.order("reach", count=before + said, within_s=SETTLE_S)
    used = [(await one.order("cpu"))["cpu_s"] for one in (child, parent)]
    origin, receiver = ((now - was) / said * 1e6 for now, was in zip(used, cpu, strict=True))
    return said / (ended["at"] - began), (origin, receiver)


async def _latency(parent: Worker, child: Worker, seconds: float) -> list[float]:
    before = (await parent.order("applied"))["count"]
    await parent.order("time_words")
    said = (await child.order("pace", rate=PACE, seconds=seconds))["said"]
    await parent.order("reach", count=before + said, within_s=SETTLE_S)
    times: list[float] = (await parent.order("times", count=said))["ms"]
    return times


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogResult:
    """A long cut made good while people go on working."""

    words: int
    drained_s: float
    foreground_ms: list[float]
    """Commit to remote commit of new words meanwhile, sorted."""

    def latency(self, share: float) -> float:
        return self.foreground_ms[int(len(self.foreground_ms) * share)]


async def measure_backlog(carrier: str, words: int, tell: Tell) -> BacklogResult:
    """Evidence (the class that may wait) piles up behind a paused link; it is resumed, and new
    words of people are timed until the pile is gone."""
    with tempfile.TemporaryDirectory() as folder:
        async with _stations(Path(folder), carrier) as (parent, child):
            await child.order("up", within_s=SETTLE_S)
            await _burst(parent, child, 1.0)
            await child.order("pause")
            before = (await parent.order("applied"))["count"]
            for n in range(0, words, PILE):
                tell(f"{carrier} backlog: {n:,} of {words:,} words piled")
                await child.order("pile", count=min(PILE, words - n), prio=PRIO_TRACE)
            began = (await child.order("resume"))["at"]
            await parent.order("time_words")
            new = 0
            tell(f"{carrier} backlog of {words:,} drains")
            # New words go first: once no more than a second's worth is missing, the pile is gone.
            while (seen := await parent.order("applied"))["count"] < before + words + new - PACE:
                if seen["at"] - began > words / DRAIN_LEAST:
                    raise RuntimeError(f"{seen['count'] - before:,} of {words:,} after all")
                new += (await child.order("pace", rate=PACE, seconds=PACE_S))["said"]
            ended = await parent.order("reach", count=before + words + new, within_s=SETTLE_S)
            times = (await parent.order("times", count=new))["ms"]
    return BacklogResult(words=words, drained_s=ended["at"] - began, foreground_ms=times)


# -- whole offices -------------------------------------------------------------------------------


async def measure_offices(carrier: str, size: Size, tell: Tell) -> OfficeResult:
    """Progress reports about held cases: each command makes a report and a trace."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell(f"{carrier} offices: provisioning")
        above, below = await asyncio.to_thread(
            lambda: homes.whole_pair(
                folder, child=DISTRICT, profile="district", carrier=carrier
            )
        )
        module = ("-m", "tests.bench.office_station")
        async with (
            worker((*module, str(above)), folder / "parent.log") as parent,
            worker((*module, str(below)), folder / "child.log") as child,
        ):
            tell(f"{carrier} offices: {size.cases} cases handed down")
            await parent.order("hand_down", count=size.cases, to=DISTRICT)
            await child.order("hold", count=size.cases, within_s=SETTLE_S)
            await child.order("settled", within_s=SETTLE_S)
            tell(f"{carrier} offices: sustained")
            sustained = await _work(parent, child, size.rounds // 2)
            tell(f"{carrier} offices: backlog")
            await child.order("pause")
            before = (await parent.order("applied"))["count"]
            done = await child.order("progress", rounds=size.rounds)
            words = (await child.order("said"))["count"] - before
            await asyncio.gather(parent.order("watch"), child.order("watch"))
            cpu = [(await one.order("cpu"))["cpu_s"] for one in (child, parent)]
            tell(f"{carrier} offices: catch-up of {words:,} words")
            began = (await child.order("resume"))["at"]
            ended = await parent.order("reach", count=before + words, within_s=CATCH_UP_S)
            used = [(await one.order("cpu"))["cpu_s"] for one in (child, parent)]
            if ended["not_applied"]:
                raise RuntimeError(f"{ended['not_applied']} words were not applied")
            profiles = (
                (await child.order("watched"))["rows"], (await parent.order("watched"))["rows"]
            )
            origin, receiver = (
                (now - was) / words * 1e6 for now, was in zip(used, cpu, strict=True)
            )
            return OfficeResult(
                words=words,
                commands=done["rate"],
                catch_up=words / (ended["at"] - began),
                sustained=sustained,
                cpu_us=(origin, receiver),
                profiles=profiles,
            )


async def _work(parent: Worker, child: Worker, rounds: int) -> float:
    before = (await parent.order("applied"))["count"]
    began = time.time()
    await child.order("progress", rounds=rounds)
    said = (await child.order("said"))["count"]
    ended = await parent.order("reach", count=said, within_s=SETTLE_S)
    return float((said - before) / (ended["at"] - began))


# -- a node with nothing to do -------------------------------------------------------------------


async def measure_idle(tell: Tell) -> float:
    """Resident MiB of a street's ``wanmi serve`` (SQLite, gRPC) in contact with its parent."""
    tell("idle street node")
    with tempfile.TemporaryDirectory() as folder:
        return await asyncio.to_thread(_weigh, Path(folder))


def _weigh(folder: Path) -> float:
    above, below = homes.whole_pair(
        folder, child=NodeId(STREET), profile="street", carrier="GRPC"
    )
    running: list[subprocess.Popen[bytes]] = []
    try:
        for home in (above, below):
            running.append(homes.serve(home, folder / f"{home.name}.log"))
        _until_linked(below)
        time.sleep(IDLE_S)
        return float(psutil.Process(running[-1].pid).memory_info().rss / MIB)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(SETTLE_S)


def _until_linked(home: Path) -> None:
    """Ready, and its link is up."""
    token = (home / "keys" / "cli.token").read_text().strip()
    url = f"http://127.0.0.1:{homes.http_port(home)}"
    deadline = time.monotonic() + SETTLE_S
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as client:
        while time.monotonic() < deadline:
            try:
                answer = client.get("/api/v1/links")
                if answer.status_code == 200 and '"UP"' in answer.text:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
    raise RuntimeError("the idle node did not come up")
