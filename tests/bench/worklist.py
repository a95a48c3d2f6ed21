"""How long a clerk waits for a page of the worklist: ``python -m tests.bench.worklist``.

Cases of five years are made by the database itself, as a city of three million of them has them:
one in two hundred still open, roads and house numbers in every address, numbers by day. What is
measured is one page of fifty as the screen asks for it, question by question, newest first.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from sqlalchemy import text

from hub.store.engine import connect, open_engine
from hub.store.writer import GroupWriter
from node.core.grams import line_of
from node.store import listing
from node.store.schema import migrate
from tests.bench.evaluate import postgres

ROWS, QUICK_ROWS = 3_000_000, 100_000
ASKS = 60
PAGE = 50
YEARS_S = 5 * 365 * 86_400
BEGIN_US = 1_600_000_000_000_000
STATE_BYTES = 1_200
"""What a folded case of a few months takes."""
ROADS = (
    "黄石大道", "湖滨中路", "颐阳路", "杭州西路", "桂林北路", "花湖大道", "迎宾大道", "团城山路",
)
HOUSES = 900
SCHOOL = "铁山小学东门"
"""One case in five thousand is at its gate."""
OPEN_EACH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Milliseconds per page on one database by question, sorted."""

    database: str
    rows: int
    took_ms: dict[str, list[float]]

    def share(self, question: str, part: float) -> float:
        """The time within which that part of the pages of a question was there."""
        took = self.took_ms[question]
        return took[min(len(took) - 1, int(len(took) * part))]

    def worst(self, part: float) -> tuple[str, float]:
        """The question that takes longest, and how long."""
        return max(((one, self.share(one, part)) for one in self.took_ms), key=lambda one: one[1])


def fill(url: str, rows: int, *, open_each: int = OPEN_EACH) -> None:
    """Cases of five years, made in the database; one in ``open_each`` is open, none for 0."""
    is_open = f"i % {open_each} = 0" if open_each else "1 = 0"
    now = BEGIN_US + YEARS_S * 1_000_000
    step = YEARS_S * 1_000_000 // rows
    number = f"'no' || ({BEGIN_US} / 1000000 + i * 52) || '-' || (10000 + i % 9999)"
    pieces = " || ' ' || ".join(f"substr(no, {n}, 4)" for n in (*range(1, 10), 14, 15))
    statement = f"""
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows}),
        dice AS (
            SELECT i, (i * 48271) % 2147483647 AS dice, (i * 16807) % 2147483647 AS more,
                {number} AS no, CASE WHEN i % 5000 = 7 THEN 1 ELSE 0 END AS school FROM n
        )
        INSERT INTO cases (
            case_id, status, live, version, state, case_no, area, address, words, standard_ref,
            kind, code, name, source, assignee, finish_by, warn_at, no_owner, opened_at, updated_at
        )
        SELECT 'c' || i,
            CASE WHEN {is_open} THEN CASE dice % 3 WHEN 0 THEN 'pending_dispatch' WHEN 1 THEN
                'handling' ELSE 'pending_check' END ELSE 'closed' END,
            {is_open}, 9, BLOB, no,
            '4202' || (10 + dice % 6) || (100 + more % 10) || (100 + dice % 12),
            house.address, house.words || ' ' || {pieces},
            'GB/T 47678.5-2026', 'matter', '0' || (1000 + dice % 200), '供水井盖异常',
            CASE dice % 3 WHEN 0 THEN 'collector' WHEN 1 THEN 'hotline' ELSE 'video' END,
            CASE WHEN {is_open} THEN 'node:4202' || (10 + dice % 6) END,
            CASE WHEN {is_open} THEN {now} + (dice % 20 - 10) * 3600000000 END,
            CASE WHEN {is_open} THEN {now} + (dice % 20 - 12) * 3600000000 END,
            {is_open} AND dice % 40 = 3, {BEGIN_US} + i * {step}, {BEGIN_US} + i * {step}
        FROM dice JOIN house ON house.n = (
            (dice % {len(ROADS)}) * {HOUSES} + more % {HOUSES}) * 2 + school
    """
    with connect(open_engine(url)) as conn:
        postgresql = conn.dialect.name == "postgresql"
        blob = f"decode(repeat('7b', {STATE_BYTES}), 'hex')" if postgresql else (
            f"zeroblob({STATE_BYTES})")
        statement = statement.replace("BLOB", blob)
        if postgresql:
            statement = statement.replace("SELECT 0 UNION", "SELECT CAST(0 AS bigint) UNION")
        with conn.begin():
            conn.execute(text("CREATE TEMP TABLE house (n integer, address text, words text)"))
            conn.execute(text("INSERT INTO house VALUES (:n, :address, :words)"), _houses())
            conn.execute(text("CREATE INDEX by_house ON house (n)"))
            conn.execute(text(statement))
        if postgresql:
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE cases"))


def _houses() -> list[dict[str, object]]:
    addresses = [
        f"{road}{house}号{more}" for road in ROADS for house in range(HOUSES)
        for more in ("", SCHOOL)
    ]
    return [
        {"n": n, "address": address, "words": line_of(address)}
        for n, address in enumerate(addresses)
    ]


def questions(rows: int) -> dict[str, Callable[[Random], dict[str, Any]]]:
    """What clerks ask for, by name; the values change from one to the next."""
    now = BEGIN_US + YEARS_S * 1_000_000
    step = YEARS_S * 1_000_000 // rows
    return {
        "everything": lambda dice: {},
        "by status": lambda dice: {
            "status": dice.choice(("pending_dispatch", "handling", "pending_check", "closed"))},
        "by status and district": lambda dice: {
            "status": dice.choice(("handling", "pending_check")),
            "area": f"4202{dice.randrange(10, 16)}"},
        "by street": lambda dice: {"area": f"4202{dice.randrange(10, 16)}1{dice.randrange(10):02}"},
        "by class": lambda dice: {"code": f"0{1000 + dice.randrange(200)}"},
        "by source": lambda dice: {"source": dice.choice(("collector", "hotline", "video"))},
        "by assignee": lambda dice: {"assignee": f"node:4202{dice.randrange(10, 16)}"},
        "overdue": lambda dice: {"overdue_at": now},
        "by light": lambda dice: {"light": (dice.choice(("red", "yellow", "green")), now)},
        "by light and district": lambda dice: {
            "light": ("red", now), "area": f"4202{dice.randrange(10, 16)}"},
        "without an owner": lambda dice: {"no_owner": True},
        "of a day": lambda dice: _day(BEGIN_US + dice.randrange(rows) * step),
        "closed of a class in a district": lambda dice: {
            "status": "closed", "code": f"0{1000 + dice.randrange(200)}",
            "area": f"4202{dice.randrange(10, 16)}"},
        "of a place without cases": lambda dice: {"area": "420299"},
        "search: a number": lambda dice: {
            "text": f"no{BEGIN_US // 1_000_000 + dice.randrange(rows) * 52}"},
        "search: the end of a number": lambda dice: {"text": f"{10_000 + dice.randrange(9_999)}"},
        "search: a road": lambda dice: {"text": dice.choice(ROADS)},
        "search: an address": lambda dice: {
            "text": f"{dice.choice(ROADS)}{dice.randrange(900)}号"},
        "search: a rare word": lambda dice: {"text": dice.choice(("铁山小学", "小学东门"))},
        "search: two characters": lambda dice: {"text": dice.choice(("铁山", "东门", "湖滨"))},
        "search: nothing there": lambda dice: {"text": dice.choice(("北京路口", "no-such-no"))},
    }


def _day(at_us: int) -> dict[str, Any]:
    return {"opened_from": at_us, "opened_to": at_us + 86_400_000_000}


async def ask(url: str, database: str, rows: int) -> Waited:
    """Every question with other values each time."""
    dice, took = Random(7), {}
    with GroupWriter(url) as writer:
        for name, draw in questions(rows).items():
            times = []
            for _ in range(ASKS):
                where = draw(dice)
                began = time.perf_counter()
                await writer.read(
                    lambda conn, where=where: listing.list_cases(
                        conn, where, before=None, limit=PAGE))
                times.append((time.perf_counter() - began) * 1e3)
                if sum(times) > 20_000:
                    break
            took[name] = sorted(times)
    return Waited(database=database, rows=rows, took_ms=took)


def measure_sqlite(rows: int) -> Waited:
    """On a file of its own."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'cases.db'}"
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "SQLite", rows))


def measure_postgres(rows: int) -> Waited:
    """The same on the PostgreSQL of the wheel."""
    with postgres() as url:
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "PostgreSQL", rows))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.worklist")
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()
    console = Console()
    for measured in (measure_sqlite, measure_postgres):
        waited = measured(options.rows)
        for name, took in waited.took_ms.items():
            console.print(
                f"{waited.database}, {name}: p50 {waited.share(name, .5):.1f} ms, "
                f"p95 {waited.share(name, .95):.1f} ms ({len(took)} pages)")


if __name__ == "__main__":
    main()
