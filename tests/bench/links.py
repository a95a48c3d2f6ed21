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
from typing import NamedTuple

import httpx
import psutil

from hub.envelope import PRIO_TRACE
from hub.ids import NodeId
from tests.bench import homes
from tests.bench import stored as old
from tests.bench.office_station import PHOTO_BYTES
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
PHOTOS_EACH = 4
"""Of one case."""
IDLE_S = 5.0
"""How long an idle node is left alone before it is weighed."""
MIB = 1024 * 1024
Tell = Callable[[str], None]
Profile = list[tuple[str, str, float]]


class Cpu(NamedTuple):
    """CPU per envelope, µs, all threads of a process."""

    origin: float
    receiver: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How long and how much."""

    window_s: float
    windows: int
    pace_s: float
    backlog: int
    cases: int
    rounds: int
    photos: int
    long_backlog: int


FULL = Size(window_s=4, windows=3, pace_s=10, backlog=50_000, cases=400, rounds=25,
            photos=400, long_backlog=1_000_000)
QUICK = Size(window_s=2, windows=1, pace_s=3, backlog=6_000, cases=100, rounds=10,
             photos=40, long_backlog=20_000)


@dataclass(slots=True, kw_only=True)
class LinkResult:
    """One carrier, nothing but the fabric."""

    sustained: list[float] = field(default_factory=list)
    latencies_ms: list[float] = field(default_factory=list)
    backlog: int = 0
    catch_ups: list[float] = field(default_factory=list)
    cpus: list[Cpu] = field(default_factory=list)
    """While sustained."""
    profiles: tuple[Profile, Profile] = field(default_factory=lambda: ([], []))

    @property
    def rate(self) -> float:
        return statistics.median(self.sustained)

    @property
    def catch_up(self) -> float:
        return statistics.median(self.catch_ups)

    def latency(self, share: float) -> float:
        return self.latencies_ms[int(len(self.latencies_ms) * share)]


@dataclass(slots=True, kw_only=True)
class OfficeResult:
    """Two whole offices and words of real cases."""

    stored: int
    """Old cases of the parent before the first word came."""
    words: int = 0
    catch_ups: list[float] = field(default_factory=list)
    sustaineds: list[float] = field(default_factory=list)
    """Words per second taken by the parent while the child was at work."""
    catch_up_cpus: list[Cpu] = field(default_factory=list)
    sustained_cpus: list[Cpu] = field(default_factory=list)
    photos_mb_s: list[float] = field(default_factory=list)
    """Photos of new cases on their way down, from the resume to the last whole one."""
    profiles: tuple[Profile, Profile] = field(default_factory=lambda: ([], []))

    @property
    def catch_up(self) -> float:
        return statistics.median(self.catch_ups)

    @property
    def sustained(self) -> float:
        return statistics.median(self.sustaineds)


def median_cpu(found: list[Cpu]) -> Cpu:
    """The middle of each end's."""
    return Cpu(*(statistics.median(end) for end in zip(*found, strict=True)))


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
                result.cpus.append(cpu)
            tell(f"{carrier} profile")
            await asyncio.gather(parent.order("watch"), child.order("watch"))
            await _burst(parent, child, size.window_s)
            result.profiles = (
                (await child.order("watched"))["rows"], (await parent.order("watched"))["rows"]
            )
            tell(f"{carrier} latency at {PACE}/s")
            result.latencies_ms = await _latency(parent, child, size.pace_s)
            result.backlog = size.backlog
            for n in range(size.windows):
                tell(f"{carrier} catch-up of {size.backlog:,} {n + 1}/{size.windows}")
                await child.order("pause")
                before = (await parent.order("applied"))["count"]
                await child.order("pile", count=size.backlog)
                began = (await child.order("resume"))["at"]
                ended = await parent.order(
                    "reach", count=before + size.backlog, within_s=CATCH_UP_S
                )
                result.catch_ups.append(size.backlog / (ended["at"] - began))
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


async def _burst(parent: Worker, child: Worker, seconds: float) -> tuple[float, Cpu]:
    """From the first word enqueued to the last one committed at the peer: the tail counts."""
    before = (await parent.order("applied"))["count"]
    cpu = await _cpu_s(child, parent)
    began = time.time()
    said = (await child.order("stream", seconds=seconds))["said"]
    ended = await parent.order("reach", count=before + said, within_s=SETTLE_S)
    return said / (ended["at"] - began), await _cpu_since(cpu, said, child, parent)


async def _cpu_s(child: Worker, parent: Worker) -> tuple[float, float]:
    return (await child.order("cpu"))["cpu_s"], (await parent.order("cpu"))["cpu_s"]


async def _cpu_since(
    before: tuple[float, float], words: int, child: Worker, parent: Worker
) -> Cpu:
    used = await _cpu_s(child, parent)
    return Cpu(*((now - was) / words * 1e6 for now, was in zip(used, before, strict=True)))


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


async def measure_offices(
    carrier: str, size: Size, tell: Tell, *, stored: int = old.LEAST
) -> OfficeResult:
    """Progress reports about held cases: each command makes a report and a trace. The parent has
    ``stored`` cases from before."""
    result = OfficeResult(stored=stored)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tell(f"{carrier} offices: provisioning")
        above, below = await asyncio.to_thread(
            lambda: homes.whole_pair(
                folder, child=DISTRICT, profile="district", carrier=carrier
            )
        )
        module = ("-m", "tests.bench.office_station")
        async with worker((*module, str(above)), folder / "parent.log"):
            await asyncio.sleep(IDLE_S)  # its database is there, and its figures are begun
        tell(f"{carrier} offices: {stored:,} old cases")
        await asyncio.to_thread(old.store, above, stored)
        async with (
            worker((*module, str(above)), folder / "parent.log") as parent,
            worker((*module, str(below)), folder / "child.log") as child,
        ):
            tell(f"{carrier} offices: {size.cases} cases handed down")
            await parent.order("hand_down", count=size.cases, to=DISTRICT)
            await child.order("hold", count=size.cases, within_s=SETTLE_S)
            await child.order("settled", within_s=SETTLE_S)
            await _work(parent, child, 1)  # caches and statements
            for n in range(size.windows):
                tell(f"{carrier} offices: sustained {n + 1}/{size.windows}")
                rate, cpu = await _work(parent, child, size.rounds // 2)
                result.sustaineds.append(rate)
                result.sustained_cpus.append(cpu)
            for n in range(size.windows):
                tell(f"{carrier} offices: catch-up {n + 1}/{size.windows}")
                await _catch_up(parent, child, size, result)
            for n in range(size.windows):
                tell(f"{carrier} offices: photos {n + 1}/{size.windows}")
                have = size.photos * n
                await child.order("pause")
                await parent.order("hand_down", count=size.photos // PHOTOS_EACH, to=DISTRICT,
                                   photos=PHOTOS_EACH)
                began = (await child.order("resume"))["at"]
                ended = await child.order(
                    "pictured", count=have + size.photos, within_s=CATCH_UP_S)
                result.photos_mb_s.append(
                    size.photos * PHOTO_BYTES / 1e6 / (ended["at"] - began))
    return result


async def _work(parent: Worker, child: Worker, rounds: int) -> tuple[float, Cpu]:
    before = (await parent.order("applied"))["count"]
    cpu = await _cpu_s(child, parent)
    began = time.time()
    await child.order("progress", rounds=rounds)
    said = (await child.order("said"))["count"]
    ended = await parent.order("reach", count=said, within_s=SETTLE_S)
    words = said - before
    return words / (ended["at"] - began), await _cpu_since(cpu, words, child, parent)


async def _catch_up(parent: Worker, child: Worker, size: Size, result: OfficeResult) -> None:
    await child.order("pause")
    before = (await parent.order("applied"))["count"]
    await child.order("progress", rounds=size.rounds)
    words = result.words = (await child.order("said"))["count"] - before
    watched = not result.catch_ups  # the first one only: looking costs a little
    if watched:
        await asyncio.gather(parent.order("watch"), child.order("watch"))
    cpu = await _cpu_s(child, parent)
    began = (await child.order("resume"))["at"]
    ended = await parent.order("reach", count=before + words, within_s=CATCH_UP_S)
    if ended["not_applied"]:
        raise RuntimeError(f"{ended['not_applied']} words were not applied")
    result.catch_ups.append(words / (ended["at"] - began))
    result.catch_up_cpus.append(await _cpu_since(cpu, words, child, parent))
    if watched:
        result.profiles = (
            (await child.order("watched"))["rows"], (await parent.order("watched"))["rows"]
        )


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
    with homes.caller(home) as client:
        homes.until("the idle node", client, _is_linked, SETTLE_S)


def _is_linked(client: httpx.Client) -> bool:
    answer = client.get("/api/v1/links")
    return answer.status_code == 200 and '"UP"' in answer.text
