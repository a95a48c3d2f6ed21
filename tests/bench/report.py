"""docs/benchmarks.md from one run, and the same table for the terminal."""

from __future__ import annotations

import os
import platform
import sqlite3
import ssl
import subprocess
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil
from rich.table import Table

from hub.nats.server import find_binary
from tests.bench.api import Call
from tests.bench.evaluate import Timed
from tests.bench.idle import IdleLinks
from tests.bench.links import (
    PACE,
    BacklogResult,
    Cpu,
    LinkResult,
    OfficeResult,
    Profile,
    median_cpu,
)
from tests.bench.places import GRIDS, PlacesResult
from tests.bench.similar import Found
from tests.bench.stored import LEAST
from tests.bench.worklist import Waited

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
TARGETS = {
    "sustained": 5_000, "catch_up": 5_000, "latency": 50, "drain": 240, "foreground": 250,
    "idle": 120, "crowd": 0.05, "SQLite page": 100, "PostgreSQL page": 50,
}
"""Envelopes per second twice, ms at the 99th percentile, s, ms at the 99th percentile, MiB, share
of a core, ms at the 95th percentile twice."""
PROFILE_ROWS = 7
PACKAGES = ("sqlalchemy", "grpcio", "nats-py", "cryptography", "pynacl", "protobuf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Limits of this machine in this run, envelopes (or operations) per second."""

    sqlite: float
    sign: float
    verify: float
    carriers: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Everything one run found."""

    raw: Raw
    links: dict[str, LinkResult]
    offices: dict[str, OfficeResult]
    laden: OfficeResult
    """The first carrier's with a long past."""
    backlogs: dict[str, BacklogResult]
    crowd: IdleLinks
    pages: tuple[Waited, ...]
    calls: tuple[Call, ...]
    idle_mib: float
    places: PlacesResult
    months: tuple[Timed, ...]
    similar: tuple[Found, ...]
    quick: bool
    others_busy: float
    """Share of the machine that was busy before we began."""


Row = tuple[str, str, str, str, str]
HEAD: Row = ("Envelopes of 1 KiB", "Result", "÷ SQLite", "÷ verify", "÷ carrier")


def rows(run: Run) -> list[Row]:
    """The table, raw limits first."""
    raw = run.raw
    found: list[Row] = [
        ("raw: SQLite FULL, 64 rows a commit", _rate(raw.sqlite), "1", "", ""),
        ("raw: Ed25519 sign", f"{raw.sign:,.0f}/s", "", "", ""),
        ("raw: Ed25519 verify", f"{raw.verify:,.0f}/s", "", "1", ""),
    ]
    for carrier, rate in raw.carriers.items():
        found.append((f"raw: {_RAW_NAMES[carrier]}", _rate(rate), "", "", "1"))
    for carrier, one in run.links.items():
        found.append(_ratios(run, carrier, f"{carrier} link, sustained", one.rate))
        found.append(_ratios(
            run, carrier, f"{carrier} link, catch-up of {one.backlog:,}", one.catch_up
        ))
        found.append((
            f"{carrier} link, commit to commit at {PACE}/s",
            f"p50 {one.latency(.5):.0f}, p99 {one.latency(.99):.0f} ms", "", "", "",
        ))
    for carrier, office, name in _offices(run):
        found.append(_ratios(run, carrier, f"{name}, sustained", office.sustained))
        found.append(_ratios(
            run, carrier, f"{name}, catch-up of {office.words:,}", office.catch_up
        ))
    for carrier, office in run.offices.items():
        found.append((
            f"{carrier} offices, photos of new cases on their way down",
            f"{median(office.photos_mb_s):.0f} MB/s", "", "", "",
        ))
    found.extend(
        (f"evaluation of a month, {one.rows:,} legs, all units, {one.database}",
         f"{one.seconds['unit']:.2f} s", "", "", "")
        for one in run.months
    )
    found.extend(
        (f"similar reports among {one.rows:,} cases, {one.database}",
         f"p50 {one.share(.5):.1f}, p95 {one.share(.95):.1f} ms", "", "", "")
        for one in run.similar
    )
    for carrier, long in run.backlogs.items():
        found.append((
            f"{carrier} link, backlog of {long.words:,} drained",
            f"{long.drained_s:.0f} s, {long.words / long.drained_s:,.0f}/s", "", "", "",
        ))
        found.append((
            f"{carrier} link, new words at {PACE}/s meanwhile",
            f"p50 {long.latency(.5):.0f}, p99 {long.latency(.99):.0f} ms", "", "", "",
        ))
    found.append((
        f"{run.crowd.links} idle links at one city",
        f"{run.crowd.core:.1%} of a core, {run.crowd.mib:.0f} MiB", "", "", "",
    ))
    found.extend(
        (f"API: {one.name}",
         f"p50 {one.share(.5):.1f}, p95 {one.share(.95):.1f} ms, {one.cpu_ms:.1f} ms of CPU",
         "", "", "")
        for one in run.calls
    )
    for waited in run.pages:
        question, took = waited.worst(.95)
        found.append((
            f"a page of the worklist among {waited.rows:,} cases, {waited.database}, "
            f"{len(waited.took_ms)} questions, slowest ({question})",
            f"p95 {took:.0f} ms", "", "", "",
        ))
    found.append(("idle street node, resident", f"{run.idle_mib:.0f} MiB", "", "", ""))
    spots = run.places
    found.append((
        f"point to grid among {GRIDS:,} grids",
        f"p50 {spots.lookup(.5):.0f}, p99 {spots.lookup(.99):.0f} µs", "", "", "",
    ))
    found.append((
        f"index of {GRIDS:,} grids",
        f"{spots.build_s:.1f} s, {spots.index_mib:.0f} MiB", "", "", "",
    ))
    found.append((
        f"`wanmi import components`, {spots.import_rows:,} rows",
        f"{spots.import_s:.0f} s, {spots.import_mib:.0f} MiB", "", "", "",
    ))
    return found


def _offices(run: Run) -> list[tuple[str, OfficeResult, str]]:
    """Carrier, what was measured, its name."""
    laden = next(iter(run.offices))
    return [
        *((carrier, one, f"{carrier} offices") for carrier, one in run.offices.items()),
        (laden, run.laden, f"{laden} offices, {run.laden.stored:,} cases stored"),
    ]


_RAW_NAMES = {
    "GRPC": "gRPC stream, frames of 64",
    "NATS": "JetStream `always`, frames of 64",
}


def _rate(value: float) -> str:
    return f"{value:,.0f}/s"


def _ratios(run: Run, carrier: str, name: str, value: float) -> Row:
    raw = run.raw
    parts = (raw.sqlite, raw.verify, raw.carriers[carrier])
    first, second, third = (f"{value / part:.2f}" for part in parts)
    return name, _rate(value), first, second, third


def table(run: Run) -> Table:
    """For the terminal."""
    drawn = Table(title="wanmi beside the raw limits of the same run")
    for title in HEAD:
        drawn.add_column(title, justify="left" if title == HEAD[0] else "right")
    for row in rows(run):
        drawn.add_row(*(cell.replace("`", "") for cell in row))
    return drawn


def write(run: Run) -> Path:
    """Write the page; only whole runs are worth keeping."""
    PAGE.write_text(page(run), encoding="utf-8")
    return PAGE


def page(run: Run) -> str:
    """The page, in words and numbers."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench ARGS=--write`: raw limits of the machine and wanmi, measured one "
        "after the other in one run, so that each ratio compares like with like.",
        "",
        *_machine(run),
        *_method(),
        "## Results",
        "",
        "| " + " | ".join(HEAD) + " |",
        "|---|---:|---:|---:|---:|",
        *("| " + " | ".join(row) + " |" for row in rows(run)),
        "",
        *_verdict(run),
        "## Where the time goes",
        "",
        "Stacks of all threads, looked at 250 times a second; share of the wall time in which a "
        "thread was inside that function (computing, in a system call, or waiting for the "
        "interpreter). What lies below a function of ours is behind the `>`. Idle threads are left "
        "out.",
        "",
    ]
    for carrier, one in run.links.items():
        lines += _profile(f"{carrier} link, sustained: origin", one.profiles[0])
        lines += _profile(f"{carrier} link, sustained: receiver", one.profiles[1])
    for carrier, office in run.offices.items():
        lines += _profile(f"{carrier} offices, catch-up: receiver", office.profiles[1])
    return "\n".join([*lines, *_cpu(run), *_next()]) + "\n"


def _machine(run: Run) -> list[str]:
    nats = subprocess.run(
        (str(find_binary()), "--version"), capture_output=True, text=True, timeout=10, check=True
    ).stdout.split()[-1]
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    return [
        "## Machine and versions",
        "",
        f"- {date.today().isoformat()}; {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB; "
        f"Linux {platform.release()}",
        f"- Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{ssl.OPENSSL_VERSION.split(' (')[0]}, nats-server {nats.lstrip('v')}, {packages}",
        f"- before the run {run.others_busy:.0%} of the machine was busy with other work"
        + ("; a quick run: shorter windows, one of each" if run.quick else ""),
        "",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _method() -> list[str]:
    return [
        "## What is measured",
        "",
        "- Two processes, parent and child, on the same machine and its same disk; each has a "
        "SQLite database with `synchronous=FULL`. gRPC runs with mutual TLS, JetStream on the "
        "nats-server of our wheel with TLS and `sync_interval: always`. Bodies have 1 KiB, every "
        "envelope is sealed with Ed25519 and chained, every frame is verified, and an "
        "acknowledgement follows the receiver's commit.",
        "- *raw*: what the parts can do alone: rows of 1 KiB into SQLite in WAL mode, 64 a commit; "
        "OpenSSL signing, libsodium verifying; frames of 64 bodies over a gRPC stream or into a "
        "JetStream file store, both without TLS, one process at the client's side.",
        "- *link*: the fabric alone. In the office's place stands the smallest honest application: "
        "one durable row per word, exactly once. *offices*: two whole nodes, composed as `wanmi "
        "serve` does. People's progress reports on held cases go up: each command makes a report "
        "(case machine, journal, case row, change) and a trace (evidence) at the parent, which has "
        f"{LEAST:,} old cases, or as many as the line says, with their journal and inbox.",
        "- *sustained*: the child enqueues in its own transactions, 64 words each, as fast as "
        "acknowledgements allow; from the first word enqueued to the last one committed at the "
        "parent; of offices, people's commands are part of it. Median of three windows.",
        "- *catch-up*: the link is paused, the backlog piles up as drafts, the link is resumed; "
        "from the resume to the last commit at the parent. Sealing is part of it: numbers are "
        "given late. Median of three.",
        "- *photos*: cases of four photos each (300 kB of bytes that cannot be made smaller) are "
        "handed down behind a paused link; from the resume to the last photo that is whole, "
        "checked and on the disk of the child.",
        "- *commit to remote commit*: from the beginning of the origin's transaction to the moment "
        "when a reader of the parent's database has seen the row. So it holds both commits and the "
        "reader's own hop; one word per transaction.",
        "- *point to grid*: one look-up in the index over unit grids, one point in ten on a "
        "border. *import*: a survey from a CSV file into the database of a stopped node, read, "
        "checked, staged, applied; the largest resident memory of that process.",
        "- *backlog*: evidence, the class that may wait, piles up behind a paused link; after the "
        "resume new words of people are said at a steady rate and timed until the pile is gone.",
        "- *idle links*: a whole city (`wanmi serve`) and its children, all in one process beside "
        "it; the city's CPU over a minute in which nobody says anything, and its memory.",
        "- *API*: one `wanmi serve` on SQLite with some hundred cases, one connection that is "
        "kept, one call after the other; the CPU is that of the node's process.",
        "- *a page of the worklist*: fifty rows, newest first, by each of the filters and searches "
        "of the screen in turn, sixty times with other values.",
        "- *idle*: resident memory of a street's `wanmi serve` (SQLite, gRPC only), its link up.",
        "",
    ]


def _verdict(run: Run) -> list[str]:
    lines = ["Against the targets:", ""]
    for carrier, one in run.links.items():
        lines.append(_least(f"{carrier} sustained", one.rate, TARGETS["sustained"]))
        lines.append(_least(f"{carrier} catch-up", one.catch_up, TARGETS["catch_up"]))
        lines.append(_most(
            f"{carrier} commit to remote commit, p99", one.latency(.99), "latency", "ms"))
    for _, office, name in _offices(run):
        for how, rate, cpus in (
            ("sustained", office.sustained, office.sustained_cpus),
            ("catch-up", office.catch_up, office.catch_up_cpus),
        ):
            said = _least(f"{name}, {how}", rate, TARGETS[how.replace("-", "_")])
            most = _ceiling(median_cpu(cpus), os.cpu_count() or 1)
            lines.append(f"{said}; the processors end at {most:,.0f}/s")
    few = median_cpu(next(iter(run.offices.values())).catch_up_cpus).receiver
    many = median_cpu(run.laden.catch_up_cpus).receiver
    lines.append(
        f"- receiver's CPU per word with {run.laden.stored:,} cases stored: {many:.0f} µs, "
        f"{many / few:.2f} of what it is with {LEAST:,}"
    )
    for carrier, long in run.backlogs.items():
        lines.append(_most(
            f"{carrier} backlog of {long.words:,}", long.drained_s, "drain", "s"))
        lines.append(_most(
            f"{carrier} new words meanwhile, p99", long.latency(.99), "foreground", "ms"))
    lines.append(_most("idle street node", run.idle_mib, "idle", "MiB"))
    crowd = run.crowd
    said = "met" if crowd.core <= TARGETS["crowd"] else "missed"
    lines.append(
        f"- {crowd.links} idle links: {crowd.core:.1%} of a core of {TARGETS['crowd']:.0%} "
        f"allowed, {said}"
    )
    for waited in run.pages:
        name = f"{waited.database} page"
        lines.append(_most(f"{name} of the worklist, p95", waited.worst(.95)[1], name, "ms"))
    return [*lines, ""]


def _least(name: str, value: float, target: float) -> str:
    said = "met" if value >= target else "missed"
    return f"- {name}: {value:,.0f}/s of {target:,.0f}/s wanted, {said}"


def _most(name: str, value: float, target: str, unit: str) -> str:
    allowed = TARGETS[target]
    said = "met" if value <= allowed else "missed"
    return f"- {name}: {value:,.0f} {unit} of {allowed:,.0f} {unit} allowed, {said}"


def _profile(title: str, profile: Profile) -> list[str]:
    return [
        f"{title}:", "", "| Thread | Function | Share |", "|---|---|---:|",
        *(f"| {thread} | `{place}` | {share:.0%} |"
          for thread, place, share in profile[:PROFILE_ROWS]),
        "",
    ]


def _cpu(run: Run) -> list[str]:
    cores = os.cpu_count() or 1
    costs = [
        *((f"{carrier} link, sustained", one.rate, median_cpu(one.cpus))
          for carrier, one in run.links.items()),
        *((f"{name}, sustained", one.sustained, median_cpu(one.sustained_cpus))
          for _, one, name in _offices(run)),
        *((f"{name}, catch-up", one.catch_up, median_cpu(one.catch_up_cpus))
          for _, one, name in _offices(run)),
    ]
    return [
        f"CPU per envelope, all threads of both processes, and what {cores} cores could do at most "
        "at that price (system calls of the disk and, with NATS, the broker's own work come on "
        "top, so nothing reaches it):",
        "",
        "| | Origin | Receiver | Most of this machine | Reached |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {cpu.origin:.0f} µs | {cpu.receiver:.0f} µs "
            f"| {_ceiling(cpu, cores):,.0f}/s | {rate / _ceiling(cpu, cores):.0%} |"
            for name, rate, cpu in costs
        ),
        "",
    ]


def _ceiling(cpu: Cpu, cores: int) -> float:
    return cores * 1e6 / (cpu.origin + cpu.receiver)


def _next() -> list[str]:
    return [
        "## What would be next",
        "",
        "- Verification is the largest single cost of a receiver, then the commit (one fsync and "
        "the index pages of a frame), then SQLAlchemy's work per row. On two cores both ends and "
        "the broker share the processor, so a figure above is bound by the sum of both columns of "
        "CPU, not by one.",
        "- The sequencer plans, seals and numbers one batch of 64 after another, because each "
        "chain value needs the one before. Sealing the next batch while the last one commits would "
        "shorten catch-up on machines with idle cores.",
        "- One seal per frame instead of one per envelope would save most of the verification, at "
        "the price of envelopes that can no longer be shown to a third party alone.",
    ]
