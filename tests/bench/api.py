"""What a call of the API costs at a node of its own: ``python -m tests.bench.api``.

A real ``wanmi serve`` on SQLite, one connection that is kept, one call after the other.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
from rich.console import Console

from tests.bench import homes
from tests.trees import CITY

CALLS, QUICK_CALLS = 500, 50
WARM = 20
READY_S = 60.0
REPORT = {
    "category": {
        "standard_ref": "GB/T 47678.5-2026", "kind": "matter", "code": "01001",
        "name": "供水井盖异常",
    },
    "text": "井盖缺失", "source": "superior", "details": {"ordering_body": "bench"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One kind of call: ``took_ms`` sorted, ``cpu_ms`` of the node's process for one."""

    name: str
    took_ms: list[float]
    cpu_ms: float

    def share(self, part: float) -> float:
        """The time within which that part of the calls was answered."""
        return self.took_ms[min(len(self.took_ms) - 1, int(len(self.took_ms) * part))]


def measure(calls: int) -> tuple[Call, ...]:
    """A report is registered, a page of the worklist is turned, a case is opened."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as folder:
        home = homes.whole(Path(folder) / CITY, CITY, "city")
        process = homes.serve(home, Path(folder) / "log")
        try:
            return _measure(home, psutil.Process(process.pid), calls)
        finally:
            process.terminate()
            process.wait(READY_S)


def _measure(home: Path, process: psutil.Process, calls: int) -> tuple[Call, ...]:
    dice, ids = Random(7), list[str]()
    with homes.caller(home) as client:
        homes.until("the node", client, homes.is_ready, READY_S)

        def register() -> None:
            place = {"area": "420203001", "address": f"黄石大道{len(ids)}号"}
            answer = client.post("/api/v1/cases", json={**REPORT, "place": place},
                                 headers={"Idempotency-Key": f"bench-{len(ids)}"})
            ids.append(answer.raise_for_status().json()["case_id"])

        def page() -> None:
            client.get("/api/v1/cases", params={"limit": 50}).raise_for_status()

        def case() -> None:
            client.get(f"/api/v1/cases/{dice.choice(ids)}").raise_for_status()

        return tuple(
            _call(name, act, process, calls)
            for name, act in (
                ("a report is registered", register), ("a page of 50 cases", page),
                ("a case with its journey", case),
            )
        )


def _call(name: str, act: Callable[[], None], process: psutil.Process, calls: int) -> Call:
    for _ in range(WARM):
        act()
    took, before = [], _cpu_s(process)
    for _ in range(calls):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1e3)
    used = _cpu_s(process) - before
    return Call(name=name, took_ms=sorted(took), cpu_ms=used / calls * 1e3)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    console = Console()
    for call in measure(CALLS):
        console.print(f"{call.name}: p50 {call.share(.5):.1f}, p95 {call.share(.95):.1f} ms, "
                      f"{call.cpu_ms:.1f} ms of CPU")


if __name__ == "__main__":
    main()
