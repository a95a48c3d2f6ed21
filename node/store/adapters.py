"""What the node keeps about its adapters: jobs, cursors, events heard, bytes nobody could read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, or_, select, update

from hub.store.dialect import insert_ignore, upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import adapter_cursor as cursor_table
from node.store.tables import adapter_event
from node.store.tables import adapter_job as job
from node.store.tables import adapter_quarantine as quarantine

_KEY = ["adapter", "assignment_id", "generation"]
_SAVE_JOBS = upsert(job, _KEY, ["wish", "text", "next_try_at", "tries"])
_THIS_JOB = and_(
    job.c.adapter == bindparam("of_adapter"),
    job.c.assignment_id == bindparam("of_assignment"),
    job.c.generation == bindparam("of_generation"),
)
_JOB = select(job).where(_THIS_JOB)
_UPDATE_JOB = (
    update(job)
    .where(_THIS_JOB)
    .values(
        outcome=bindparam("outcome"),
        unit_reference=bindparam("unit_reference"),
        tries=bindparam("tries"),
        next_try_at=bindparam("next_try_at"),
    )
)
_earlier = job.alias("earlier")
_DUE_JOBS = (
    select(job)
    .where(
        job.c.adapter == bindparam("of_adapter"),
        job.c.next_try_at <= bindparam("now"),
        # A unit hears of one case in the order we decided: an unfinished round holds the next.
        ~exists().where(
            _earlier.c.adapter == job.c.adapter,
            _earlier.c.case_id == job.c.case_id,
            _earlier.c.generation < job.c.generation,
            _earlier.c.next_try_at.is_not(None),
        ),
    )
    .order_by(case((job.c.wish == "WITHDRAW", 0), else_=1), job.c.next_try_at, job.c.assignment_id)
    .limit(bindparam("count"))
)
_PARKED = and_(
    job.c.next_try_at.is_(None), or_(job.c.outcome.is_(None), job.c.outcome == "UNKNOWN")
)
"""Nothing to do and neither taken nor refused: it waits for a person."""
_OPEN_JOBS = (
    select(job)
    .where(
        job.c.adapter == bindparam("of_adapter"), or_(job.c.next_try_at.is_not(None), _PARKED)
    )
    .order_by(job.c.next_try_at.is_not(None), job.c.created_at, job.c.assignment_id)
    .limit(bindparam("count"))
)
_CURSOR = select(cursor_table).where(cursor_table.c.adapter == bindparam("of_adapter"))
_SAVE_CURSOR = upsert(cursor_table, ["adapter"], ["cursor", "at"])
_KNOWN_EVENTS = select(adapter_event.c.event_id).where(
    adapter_event.c.adapter == bindparam("of_adapter"),
    adapter_event.c.event_id.in_(bindparam("events", expanding=True)),
)
_ADD_EVENTS = insert_ignore(adapter_event)
_WAITS = and_(
    quarantine.c.adapter == bindparam("of_adapter"), quarantine.c.settled_at.is_(None)
)
_WAITING = (
    select(quarantine).where(_WAITS).order_by(quarantine.c.id).limit(bindparam("count"))
)
_WAITING_COUNT = select(func.count()).select_from(quarantine).where(_WAITS)
_WAITING_ITEM = select(quarantine).where(_WAITS, quarantine.c.id == bindparam("item"))
_ADD_QUARANTINE = insert(quarantine)


def save_adapter_jobs(conn: Connection, rows: Sequence[Row]) -> None:
    """Wish for calls: adapter assignment_id generation case_id wish text next_try_at created_at.
    On conflict the wish is replaced and counts its tries anew; outcome and reference stay."""
    if rows:
        _SAVE_JOBS.run(conn, [{"tries": 0, **row} for row in rows])


def due_adapter_jobs(conn: Connection, adapter: str, now_us: int, limit: int) -> Sequence[Row]:
    """Jobs whose time has come, withdrawals first. A later round of a case waits until the
    earlier one is settled (``next_try_at`` NULL)."""
    given = {"of_adapter": adapter, "now": now_us, "count": limit}
    return all_rows(conn.execute(_DUE_JOBS, given))


def open_adapter_jobs(conn: Connection, adapter: str, limit: int) -> Sequence[Row]:
    """Jobs that are not settled: the parked ones first, then the oldest."""
    return all_rows(conn.execute(_OPEN_JOBS, {"of_adapter": adapter, "count": limit}))


def adapter_job(conn: Connection, adapter: str, assignment_id: str, generation: int) -> Row | None:
    """One job by its key."""
    return one_row(conn.execute(_JOB, _job_key(adapter, assignment_id, generation)))


def update_adapter_job(conn: Connection, row: Row) -> None:
    """Note how a call ended: the key and outcome unit_reference tries next_try_at."""
    given = _job_key(row["adapter"], row["assignment_id"], row["generation"])
    for name in ("outcome", "unit_reference", "tries", "next_try_at"):
        given[name] = row[name]
    conn.execute(_UPDATE_JOB, given)


def adapter_cursor(conn: Connection, adapter: str) -> Row | None:
    """cursor at, None before the first poll."""
    return one_row(conn.execute(_CURSOR, {"of_adapter": adapter}))


def save_adapter_cursor(conn: Connection, row: Row) -> None:
    """adapter cursor at; in the transaction of what the polled events caused."""
    _SAVE_CURSOR.run(conn, row)


def known_adapter_events(conn: Connection, adapter: str, event_ids: Collection[str]) -> set[str]:
    """Which of these events were heard already."""
    if not event_ids:
        return set()
    given = {"of_adapter": adapter, "events": list(event_ids)}
    return set(conn.execute(_KNOWN_EVENTS, given).scalars())


def add_adapter_events(conn: Connection, rows: Sequence[Row]) -> None:
    """adapter event_id cause at; one that is there stays."""
    if rows:
        _ADD_EVENTS.run(conn, rows)


def add_adapter_quarantine(conn: Connection, rows: Sequence[Row]) -> None:
    """adapter source code detail bytes at."""
    if rows:
        conn.execute(_ADD_QUARANTINE, rows)


def adapter_quarantine(conn: Connection, adapter: str, limit: int) -> Sequence[Row]:
    """What waits for a person, oldest first."""
    return all_rows(conn.execute(_WAITING, {"of_adapter": adapter, "count": limit}))


def adapter_quarantine_count(conn: Connection, adapter: str) -> int:
    """How many items wait for a person."""
    counted: int = conn.execute(_WAITING_COUNT, {"of_adapter": adapter}).scalar_one()
    return counted


def adapter_quarantine_item(conn: Connection, adapter: str, item: int) -> Row | None:
    """One item that waits for a person."""
    return one_row(conn.execute(_WAITING_ITEM, {"of_adapter": adapter, "item": item}))


def settle_adapter_quarantine(conn: Connection, item: int, now_us: int) -> int:
    """Settle one; 0 if it is unknown or settled already."""
    statement = (
        update(quarantine)
        .where(quarantine.c.id == item, quarantine.c.settled_at.is_(None))
        .values(settled_at=now_us)
    )
    return conn.execute(statement).rowcount


def adapter_counts(conn: Connection) -> Sequence[Row]:
    """Per adapter that has left any trace here: adapter waiting unknown parked rejected
    quarantined cursor cursor_at oldest_waiting_at."""
    waiting = job.c.next_try_at.is_not(None)
    counts: dict[str, dict[str, Any]] = {}

    def of(adapter: str) -> dict[str, Any]:
        return counts.setdefault(
            adapter,
            {
                "adapter": adapter,
                "waiting": 0,
                "unknown": 0,
                "parked": 0,
                "rejected": 0,
                "quarantined": 0,
                "cursor": "",
                "cursor_at": None,
                "oldest_waiting_at": None,
            },
        )

    jobs = select(
        job.c.adapter,
        func.count(case((waiting, 1))).label("waiting"),
        func.count(case((and_(waiting, job.c.outcome == "UNKNOWN"), 1))).label("unknown"),
        func.count(case((_PARKED, 1))).label("parked"),
        func.count(case((job.c.outcome == "REJECTED", 1))).label("rejected"),
        func.min(case((waiting, job.c.created_at))).label("oldest_waiting_at"),
    ).group_by(job.c.adapter)
    for row in all_rows(conn.execute(jobs)):
        of(row["adapter"]).update(row)
    unread = (
        select(quarantine.c.adapter, func.count().label("quarantined"))
        .where(quarantine.c.settled_at.is_(None))
        .group_by(quarantine.c.adapter)
    )
    for row in all_rows(conn.execute(unread)):
        of(row["adapter"]).update(row)
    for row in all_rows(conn.execute(select(cursor_table))):
        of(row["adapter"]).update(cursor=row["cursor"], cursor_at=row["at"])
    return [counts[adapter] for adapter in sorted(counts)]


def _job_key(adapter: str, assignment_id: str, generation: int) -> dict[str, Any]:
    return {
        "of_adapter": adapter,
        "of_assignment": assignment_id,
        "of_generation": generation,
    }
