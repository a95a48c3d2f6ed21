"""How long it takes to find similar reports: ``python -m tests.bench.similar``.

Case rows of a year are made by the database itself, spread over a city, two hundred classes and
365 days, one in forty at a dozen hot spots where everybody complains. What is measured is the whole
question as intake asks it: four cells of the index, then the exact distance.

The promise is about a million, so that is what is measured; ``--rows`` for a look in between.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rich.console import Console
from sqlalchemy import text

from hub.store.engine import connect, open_engine
from hub.store.writer import GroupWriter
from node.core.facts import Category, Place
from node.core.similar import Similarity
from node.service.kin import Kin
from node.store.intake import IntakeStore
from node.store.schema import migrate
from tests.bench.evaluate import postgres

ROWS, QUICK_ROWS = 1_000_000, 50_000
ASKS = 400
BEGIN_US = 1_764_000_000_000_000
YEAR_S = 365 * 86_400
LON, LAT, WIDE, HIGH = 115.0, 30.1, 0.3, 0.2
"""A city of about 640 square kilometres."""
CLASSES, SPOTS = 200, 12
STANDARD = "GB/T 47678.5-2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Milliseconds per question on one database, sorted; ``hits`` = how many questions found
    anything."""

    database: str
    rows: int
    took_ms: list[float]
    hits: int

    def share(self, part: float) -> float:
        """The time within which that part of the questions was answered."""
        return self.took_ms[min(len(self.took_ms) - 1, int(len(self.took_ms) * part))]


def fill(url: str, rows: int) -> None:
    """Cases of a year, made in the database; their cells by the rule of the program."""
    hot = "i % 40 = 0 AND dice % 2 = 0"
    statement = f"""
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows}),
        dice AS (
            SELECT i, (i * 48271) % 2147483647 AS dice, (i * 16807) % 2147483647 AS more,
                   (i * 69621) % 2147483647 AS most FROM n
        ),
        spot AS (
            SELECT i, dice, more, most,
                CASE WHEN {hot} THEN {LON} + (dice % {SPOTS}) * 0.02 + (more % 100) * 0.000002
                     ELSE {LON} + (more % 100000) * {WIDE} / 100000 END AS lon,
                CASE WHEN {hot} THEN {LAT} + (dice % {SPOTS}) * 0.01 + (most % 100) * 0.000002
                     ELSE {LAT} + (most % 100000) * {HIGH} / 100000 END AS lat
            FROM dice
        )
        INSERT INTO cases (
            case_id, status, live, version, state, case_no, area, address, standard_ref, kind,
            code, lon, lat, source, cell, opened_at, updated_at
        )
        SELECT 'c' || i, CASE WHEN i % 20 = 0 THEN 'handling' ELSE 'closed' END, i % 20 = 0, 9,
            'x', 'no' || i, '420203001', '', '{STANDARD}', 'matter',
            CASE WHEN {hot} THEN '09001' ELSE '0' || (9001 + dice % {CLASSES}) END, lon, lat,
            'collector',
            CAST((lat + 90) / 0.01 - 0.5 AS BIGINT) * 100000
                + CAST((lon + 180) / 0.01 - 0.5 AS BIGINT),
            {BEGIN_US} + (most % {YEAR_S}) * 1000000, {BEGIN_US}
        FROM spot
    """
    with connect(open_engine(url)) as conn:
        with conn.begin():
            if conn.dialect.name == "postgresql":
                # there a cast to a whole number rounds, here it cuts off
                statement = statement.replace("SELECT 0 UNION", "SELECT CAST(0 AS bigint) UNION")
                statement = statement.replace("'x', 'no'", "'x'::bytea, 'no'")
            else:
                statement = statement.replace(" - 0.5 AS BIGINT", " AS INTEGER")
            conn.execute(text(statement))
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE cases"))


async def ask(url: str, database: str, rows: int) -> Found:
    """Questions from all over the city and the year, every fourth at a hot spot."""
    random, took, hits = Random(7), [], 0
    with GroupWriter(url) as writer:
        kin = Kin(rows=IntakeStore(), writer=writer, now_us=lambda: BEGIN_US,
                  similarity=Similarity())
        for n in range(ASKS):
            hot = n % 4 == 0
            spot = random.randrange(SPOTS)
            place = Place(
                area="", address="",
                lon=LON + (spot * 0.02 if hot else random.random() * WIDE),
                lat=LAT + (spot * 0.01 if hot else random.random() * HIGH))
            code = "09001" if hot else f"0{9001 + random.randrange(CLASSES)}"
            at_us = BEGIN_US + random.randrange(YEAR_S) * 1_000_000
            began = time.perf_counter()
            found = await writer.read(lambda conn, p=place, c=code, t=at_us: kin.near(
                conn, p, Category(standard_ref=STANDARD, kind="matter", code=c, name=""),
                at_us=t))
            took.append((time.perf_counter() - began) * 1e3)
            hits += bool(found)
    assert hits, "the questions find what is there"
    return Found(database=database, rows=rows, took_ms=sorted(took), hits=hits)


def measure_sqlite(rows: int) -> Found:
    """On a file of its own."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'cases.db'}"
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "SQLite", rows))


def measure_postgres(rows: int) -> Found:
    """The same on the PostgreSQL of the wheel."""
    with postgres() as url:
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "PostgreSQL", rows))


def line(found: Found) -> str:
    """What was measured, in a row of figures."""
    return (f"{found.database}: {found.rows:,} cases, {found.hits} of {len(found.took_ms)} "
            f"questions found something; p50 {found.share(0.5):.2f} ms, "
            f"p95 {found.share(0.95):.2f} ms, p99 {found.share(0.99):.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.similar")
    parser.add_argument("--rows", type=int, default=ROWS)
    options = parser.parse_args()
    console = Console()
    for measured in (measure_sqlite, measure_postgres):
        console.print(line(measured(options.rows)))


if __name__ == "__main__":
    main()
