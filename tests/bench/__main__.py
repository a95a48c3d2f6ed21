"""``python -m tests.bench [--quick] [--write]``: raw limits and wanmi beside them, in one run."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.bench import (
    api,
    evaluate,
    idle,
    limits,
    links,
    places,
    report,
    similar,
    stored,
    worklist,
)
from tests.bench.nats_raw import bare_server

CARRIERS = ("GRPC", "NATS")
STEPS = 4 + 3 * len(CARRIERS) + 11


class Stage:
    """The progress line."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("bench", total=STEPS)

    def tell(self, what: str) -> None:
        """Say what is being measured."""
        self._progress.update(self._task, description=what)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """One part of the whole."""
        self.tell(what)
        yield
        self._progress.advance(self._task)


async def measure(stage: Stage, *, quick: bool) -> report.Run:
    """The whole run."""
    size = links.QUICK if quick else links.FULL
    busy = psutil.cpu_percent(interval=1.0) / 100
    with stage.step("raw SQLite"):
        sqlite = limits.sqlite_grouped()
    with stage.step("raw Ed25519"):
        sign, verify = limits.ed25519()
    with stage.step("raw gRPC"):
        grpc = await limits.grpc_frames()
    with stage.step("raw JetStream"):
        async with bare_server() as url:
            boxes = await limits.jetstream_framed(url)
    found, offices = {}, {}
    for carrier in CARRIERS:
        with stage.step(f"{carrier} link"):
            found[carrier] = await links.measure_link(carrier, size, stage.tell)
    for carrier in CARRIERS[:1] if quick else CARRIERS:
        with stage.step(f"{carrier} offices"):
            offices[carrier] = await links.measure_offices(carrier, size, stage.tell)
    with stage.step("offices with a long past"):
        most = stored.QUICK_MOST if quick else stored.MOST
        laden = await links.measure_offices(CARRIERS[0], size, stage.tell, stored=most)
    backlogs = {}
    for carrier in CARRIERS:
        with stage.step(f"{carrier} backlog"):
            backlogs[carrier] = await links.measure_backlog(
                carrier, size.long_backlog, stage.tell)
    with stage.step("idle links"):
        crowd = await idle.measure(idle.QUICK_LINKS if quick else idle.LINKS)
    with stage.step("idle node"):
        alone = await links.measure_idle(stage.tell)
    with stage.step("API"):
        calls = await asyncio.to_thread(api.measure, api.QUICK_CALLS if quick else api.CALLS)
    with stage.step("places"):
        spots = places.measure(quick=quick)
    months = []
    for measured in (evaluate.measure_sqlite, evaluate.measure_postgres):
        with stage.step("evaluation"):
            rows = evaluate.QUICK_ROWS if quick else evaluate.ROWS
            months.append(await asyncio.to_thread(measured, rows))
    alike = []
    for looked in (similar.measure_sqlite, similar.measure_postgres):
        with stage.step("similar reports"):
            rows = similar.QUICK_ROWS if quick else similar.ROWS
            alike.append(await asyncio.to_thread(looked, rows))
    pages = []
    for waited in (worklist.measure_sqlite, worklist.measure_postgres):
        with stage.step("worklist"):
            rows = worklist.QUICK_ROWS if quick else worklist.ROWS
            pages.append(await asyncio.to_thread(waited, rows))
    raw = report.Raw(
        sqlite=sqlite, sign=sign, verify=verify, carriers={"GRPC": grpc, "NATS": boxes}
    )
    return report.Run(
        raw=raw, links=found, offices=offices, laden=laden, idle_mib=alone, places=spots,
        months=tuple(months), similar=tuple(alike), backlogs=backlogs, crowd=crowd,
        pages=tuple(pages), calls=calls,
        quick=quick, others_busy=busy,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="a few minutes, rougher figures")
    parser.add_argument("--write", action="store_true", help="renew docs/benchmarks.md")
    options = parser.parse_args()
    console = Console()
    began = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        run = asyncio.run(measure(Stage(progress), quick=options.quick))
    console.print(report.table(run))
    console.print(f"took {time.monotonic() - began:.0f} s")
    if options.write:
        console.print(f"wrote {report.write(run)}")


if __name__ == "__main__":
    main()
