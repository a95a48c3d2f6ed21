"""No statement of a frame, a heartbeat or a screen may read a table that grows for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event

from hub.ids import LinkId, Position
from hub.store import blobs, inbox, links, outbox
from hub.store.engine import memory_engine, open_engine
from hub.store.tables import metadata as hub_metadata
from hub.store.tx import Tx
from node.core.similar import cells_around
from node.store import traces
from node.store.intake import IntakeStore
from node.store.tables import metadata as node_metadata
from tests.bench.similar import BEGIN_US, LAT, LON, fill

LINK = LinkId("420200-420203")
KEYS = [("case", "420203", 0, 7), ("case", "", 0, 8)]
QUERIES: dict[str, Callable[[Connection], object]] = {
    "seen": lambda conn: inbox.seen(conn, [b"m"]),
    "held lanes": lambda conn: inbox.held_lanes(conn, LINK, [b"lane"]),
    "lane head": lambda conn: inbox.lane_head(conn, LINK, b"lane"),
    "parked": lambda conn: inbox.parked(conn, LINK),
    "parked counts": lambda conn: inbox.parked_counts(conn, LINK),
    "plan": lambda conn: outbox.plan(conn, LINK, 64),
    "load": lambda conn: outbox.load(conn, LINK, after=Position(1, 1), limit=9, bytes_max=9),
    "chain": lambda conn: outbox.chain_at(conn, LINK, Position(1, 1)),
    "acknowledge": lambda conn: outbox.acknowledge(
        Tx(conn, 1), LINK, after=Position(1, 1), upto=Position(1, 9)
    ),
    "counts": lambda conn: links.counts(conn, LINK),
    "oldest": lambda conn: links.oldest_undelivered_us(conn, LINK),
    "known traces": lambda conn: traces.known_traces(conn, KEYS),
    "evidence": lambda conn: traces.evidence(conn, KEYS),
    "similar reports": lambda conn: IntakeStore.near(
        conn, cells=(1, 2, 3, 4), code="01001", since=1, until=2, limit=9
    ),
    "duplicates": lambda conn: IntakeStore.duplicates(conn, ["case"], 9),
    "briefly": lambda conn: IntakeStore.brief(conn, ["case"]),
    "case by number": lambda conn: IntakeStore.by_number(conn, "420200"),
    "caller": lambda conn: IntakeStore.by_phone(conn, b"hash", 9),
    "pending notices": lambda conn: IntakeStore.notices(conn, state="pending", limit=9),
    "notices of a case": lambda conn: IntakeStore.notices(conn, case_id="case", limit=9),
}
BOUNDED = ("SEARCH link ", "ix_inbox_parked", "ix_outbox_drafts")
"""What may be searched by link alone: one row a link, what waits for a person, what waits to go."""


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = memory_engine()
    hub_metadata.create_all(engine)
    node_metadata.create_all(engine)
    with engine.connect() as conn, conn.begin():
        yield conn
    engine.dispose()


def plans_of(conn: Connection, ask: Callable[[Connection], object]) -> list[str]:
    """The steps by which SQLite answers it."""
    plans: list[str] = []

    def explain(*given: Any) -> None:
        cursor, statement, parameters = given[1], given[2], given[3]
        if not statement.startswith("EXPLAIN"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(conn, "before_cursor_execute", explain)
    ask(conn)
    return plans


@pytest.mark.parametrize("name", QUERIES)
def test_growing_tables_are_searched_never_read(name: str, conn: Connection) -> None:
    plans = plans_of(conn, QUERIES[name])
    read = [
        step for step in plans
        if step.startswith("SCAN")
        or (step.startswith("SEARCH") and not any(known in step for known in BOUNDED)
            and ("USING" not in step or step.endswith("(link=?)")))
    ]
    assert plans
    assert read == []


@pytest.mark.parametrize("ask", [
    lambda conn: blobs.next_wanted(conn, LINK, 9), lambda conn: blobs.next_try_at(conn, LINK),
])
def test_what_is_to_be_pulled_is_found_among_what_is_not_whole(
    ask: Callable[[Connection], object], conn: Connection
) -> None:
    plans = plans_of(conn, ask)
    read = [step for step in plans if step.startswith(("SCAN blob", "SEARCH blob"))]
    assert read
    assert all("USING" in step for step in read), plans
    assert "ix_blob_wanted" in read[0], plans


def test_the_same_statements_run_on_both_databases(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as conn, conn.begin():
        for query in QUERIES.values():
            query(conn)
    engine.dispose()


def test_similar_reports_are_found_by_class_and_time_on_both_databases(
    database_url: str,
) -> None:
    """One index serves class and time together, with a year of cases in the table."""
    fill(database_url, 5_000)
    engine = open_engine(database_url)
    with engine.connect() as conn, conn.begin():
        plans: list[str] = []

        def explain(*given: Any) -> None:
            cursor, statement, parameters = given[1], given[2], given[3]
            if not statement.startswith("EXPLAIN"):
                how = "EXPLAIN" if conn.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
                cursor.execute(f"{how} {statement}", parameters)
                plans.extend(str(row) for row in cursor.fetchall())

        event.listen(conn, "before_cursor_execute", explain)
        IntakeStore.near(
            conn, cells=cells_around(LON, LAT, 50), code="09001", since=BEGIN_US,
            until=BEGIN_US + 48 * 3_600_000_000, limit=9,
        )
    engine.dispose()
    # Either index is narrow: by class and time, or by place and class and time.
    assert any("ix_cases_similar" in step or "ix_cases_code" in step for step in plans), plans
    assert any("opened_at>" in step or "opened_at >" in step for step in plans), plans
