"""Case rows, assignments, journal and the change feed: what every use case writes.

All functions take a whole frame's rows at once and run one prepared statement each, on the
caller's transaction. What ``state`` or ``entry`` mean is the service's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select

from hub.store.dialect import upsert
from hub.store.engine import READ_ONLY
from node.store.rows import Row, all_rows
from node.store.tables import assignment, cases, change, journal

_LOAD = (
    select(
        cases.c.case_id,
        cases.c.version,
        cases.c.assignor,
        cases.c.state,
        cases.c.private,
        cases.c.opened_at,
    )
    .where(cases.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(cases.c.case_id)
)
_LOAD_AND_LOCK = _LOAD.with_for_update()
_CASE_COLUMNS = [column.name for column in cases.columns if not column.primary_key]
_SAVE_CASES = upsert(
    cases,
    ["case_id"],
    _CASE_COLUMNS,
    # A row never goes back: two writers, or a bug, would otherwise lose what the first one did.
    guard=lambda new: cases.c.version <= new.version,
)
_SAVE_ASSIGNMENTS = upsert(
    assignment,
    ["assignment_id"],
    ["case_id", "assignee", "generation", "rank", "ended", "limits"],
)
_CAUSES = (
    select(journal.c.cause)
    .where(journal.c.cause.in_(bindparam("causes", expanding=True)))
    .distinct()
)
_ADD_JOURNAL = insert(journal)
_ADD_CHANGES = insert(change)
_CHANGES = (
    select(change)
    .where(change.c.n > bindparam("after"))
    .order_by(change.c.n)
    .limit(bindparam("count"))
)
_LATEST_CHANGE = select(func.coalesce(func.max(change.c.n), 0))
_DIGESTS_OF_CASE = (
    select(
        journal.c.branch,
        journal.c.version,
        journal.c.digest,
        journal.c.event_type,
        journal.c.occurred_at,
        journal.c.entry,
    )
    .where(journal.c.case_id == bindparam("of"), journal.c.version <= bindparam("upto"))
    .order_by(journal.c.branch, journal.c.version)
    .limit(bindparam("count"))
)
_JOURNAL_OF_CASE = (
    select(journal)
    .where(journal.c.case_id == bindparam("of"), journal.c.version > bindparam("after"))
    .order_by(journal.c.branch, journal.c.version)
    .limit(bindparam("count"))
)
_ASSIGNMENTS = select(assignment).where(
    assignment.c.assignment_id.in_(bindparam("ids", expanding=True))
)
_ASSIGNMENTS_OF_CASE = (
    select(assignment)
    .where(assignment.c.case_id == bindparam("of"))
    .order_by(assignment.c.generation, assignment.c.assignment_id)
)


def load_cases(conn: Connection, case_ids: Collection[str]) -> Mapping[str, Any]:
    """Rows (case_id version assignor state private opened_at) of these cases, missing ones
    absent. On a writing connection they are locked, in the order of their ids, so that two
    processes cannot lock each other out."""
    if not case_ids:
        return {}
    read_only = conn.get_execution_options().get(READ_ONLY, False)
    rows = conn.execute(_LOAD if read_only else _LOAD_AND_LOCK, {"ids": list(case_ids)})
    return {row.case_id: row for row in rows}


def save_cases(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert or overwrite; every row carries every column. ``AssertionError`` if a stored row is
    newer than the one given: whoever loaded it did not hold its lock."""
    if rows:
        saved = _SAVE_CASES.run(conn, rows).rowcount
        assert saved == len(rows), f"{len(rows) - saved} of {len(rows)} case rows had moved on"


def save_assignments(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert or overwrite. A second live assignment of one case is an ``IntegrityError``."""
    # What ends must be written before what begins, or the two would be live at once.
    if rows:
        _SAVE_ASSIGNMENTS.run(conn, sorted(rows, key=lambda row: row["ended"] is None))


def known_causes(conn: Connection, causes: Collection[str]) -> set[str]:
    """Which of these causes have journal entries already."""
    if not causes:
        return set()
    return set(conn.execute(_CAUSES, {"causes": list(causes)}).scalars())


def add_journal(conn: Connection, rows: Sequence[Row]) -> None:
    """Append; every column but ``n``. A repeated (cause, part) is an ``IntegrityError``."""
    if rows:
        conn.execute(_ADD_JOURNAL, rows)


def journal_clash(
    conn: Connection, place: tuple[str, int, int], cause: tuple[str, int]
) -> Sequence[Row]:
    """case_id branch version digest of our entries at this place (case, branch, version), or with
    this part of this cause."""
    case_id, branch, version = place
    there = and_(
        journal.c.case_id == case_id, journal.c.branch == branch, journal.c.version == version
    )
    same = and_(journal.c.cause == cause[0], journal.c.part == cause[1])
    statement = select(
        journal.c.case_id, journal.c.branch, journal.c.version, journal.c.digest
    ).where(or_(there, same) if cause[0] else there)
    return all_rows(conn.execute(statement))


def add_changes(conn: Connection, rows: Sequence[Row]) -> None:
    """Append: case_id version kind at."""
    if rows:
        conn.execute(_ADD_CHANGES, rows)


def changes(conn: Connection, after: int, limit: int) -> Sequence[Row]:
    """n case_id version kind at, from the one after ``after`` on."""
    return all_rows(conn.execute(_CHANGES, {"after": after, "count": limit}))


def latest_change(conn: Connection) -> int:
    """Highest ``n``, 0 if there is none."""
    return int(conn.execute(_LATEST_CHANGE).scalar_one())


def case_journal(conn: Connection, case_id: str, after: int, limit: int) -> Sequence[Row]:
    """Our own entries of a case in order; ``after`` is a version."""
    given = {"of": case_id, "after": after, "count": limit}
    return all_rows(conn.execute(_JOURNAL_OF_CASE, given))


def case_digests(conn: Connection, case_id: str, upto: int, limit: int) -> Sequence[Row]:
    """branch version digest event_type occurred_at entry of our own entries up to a version, in
    order."""
    given = {"of": case_id, "upto": upto, "count": limit}
    return all_rows(conn.execute(_DIGESTS_OF_CASE, given))


def assignments(conn: Connection, ids: Collection[str]) -> Sequence[Row]:
    """These assignments, live or ended."""
    return all_rows(conn.execute(_ASSIGNMENTS, {"ids": list(ids)})) if ids else ()


def case_assignments(conn: Connection, case_id: str) -> Sequence[Row]:
    """All assignments of a case, oldest generation first."""
    return all_rows(conn.execute(_ASSIGNMENTS_OF_CASE, {"of": case_id}))
