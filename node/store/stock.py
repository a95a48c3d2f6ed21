"""Sheets of the problem library, and the journals that they are counted from.

A sheet is drawn up a few times a month: candidates are found by one walk over the cases in the
order of their ids, page by page, so no index of their own is kept up by every command.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
)

from hub.store.dialect import insert_ignore
from node.store.rows import Row, all_rows, one_row
from node.store.tables import cases, journal, stock_sheet

STILL = (
    "CaseSuspended", "DutyResumed", "DutyReworked", "Overdue", "RequestAnswered", "RequestDecided",
)
"""Events without which no case of a deadline still to come was ever in the library."""

_S = stock_sheet.c
_LISTED = [column for column in stock_sheet.c if column.name not in ("document", "sealed")]
_ONCE = exists().where(journal.c.case_id == cases.c.case_id, journal.c.event_type.in_(STILL))
_CANDIDATES = (
    select(cases.c.case_id, cases.c.case_no, cases.c.name, cases.c.area, cases.c.opened_at)
    .where(
        cases.c.case_id > bindparam("after"),
        cases.c.opened_at < bindparam("ends"),
        or_(cases.c.live, cases.c.updated_at >= bindparam("begins")),
        or_(
            cases.c.finish_by < bindparam("overdue_before"),
            # The row of a duty that has ended names no deadline any more.
            and_(cases.c.duty == "ended", cases.c.opened_at < bindparam("overdue_before")),
            _ONCE,
        ),
    )
    .order_by(cases.c.case_id)
    .limit(bindparam("count"))
)
_ENTRIES = (
    select(journal.c.case_id, journal.c.entry)
    .where(
        journal.c.case_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(journal.c.case_id, journal.c.n)
)
_INSERT = insert(stock_sheet)
_KEEP = insert_ignore(stock_sheet, ["node", "period", "version"])


def stock_candidates(
    conn: Connection, *, begins: int, ends: int, overdue_before: int, after: str, limit: int
) -> Sequence[Row]:
    """Cases that may have been in the library within [begins, ends) (µs), in the order of their
    ids behind ``after``: case_id case_no name area opened_at. ``overdue_before``: what was due
    before it may be long overdue at the end."""
    given = {"after": after, "begins": begins, "ends": ends, "overdue_before": overdue_before,
             "count": limit}
    return all_rows(conn.execute(_CANDIDATES, given))


def stock_entries(conn: Connection, case_ids: Collection[str]) -> Sequence[Row]:
    """case_id entry of our whole journal of these cases, case by case in order."""
    return all_rows(conn.execute(_ENTRIES, {"ids": list(case_ids)}))


def add_sheet(conn: Connection, row: Row) -> None:
    """Insert one sheet of our own: every column."""
    conn.execute(_INSERT, row)


def keep_sheet(conn: Connection, row: Row) -> str:
    """Keep a sheet from below, unless it is there; returns the digest of what is kept under its
    node, period and version."""
    _KEEP.run(conn, row)
    found = conn.execute(
        select(_S.digest).where(
            _S.node == row["node"], _S.period == row["period"], _S.version == row["version"]
        )
    )
    return str(found.scalar_one())


def one_sheet(conn: Connection, node: str, period: str, version: int) -> Row | None:
    """One version of a sheet (0 = the newest), every column; None = there is none."""
    statement = select(stock_sheet).where(_S.node == node, _S.period == period)
    if version:
        statement = statement.where(_S.version == version)
    return one_row(conn.execute(statement.order_by(_S.version.desc()).limit(1)))


def sheets(
    conn: Connection,
    *,
    node: str,
    span: str,
    before: tuple[int, str, str, int] | None,
    limit: int,
) -> Sequence[Row]:
    """Sheets by their begin, newest first, without documents; ``node`` and ``span`` "" = any.
    ``before``: begins_at, node, period and version of the last one seen."""
    statement = select(*_LISTED)
    if node:
        statement = statement.where(_S.node == node)
    if span:
        statement = statement.where(_S.span == span)
    if before is not None:
        place = tuple_(_S.begins_at, _S.node, _S.period, _S.version)
        statement = statement.where(place < before)
    order = (_S.begins_at.desc(), _S.node.desc(), _S.period.desc(), _S.version.desc())
    return all_rows(conn.execute(statement.order_by(*order).limit(limit)))


def newest_sheets(conn: Connection, nodes: Collection[str], period: str) -> Sequence[Row]:
    """The newest version of each of these nodes' sheets of a period, every column but sealed."""
    if not nodes:
        return ()
    newest = (
        select(_S.node, func.max(_S.version).label("version"))
        .where(_S.node.in_(list(nodes)), _S.period == period)
        .group_by(_S.node)
        .subquery()
    )
    columns = [column for column in stock_sheet.c if column.name != "sealed"]
    statement = (
        select(*columns)
        .join(newest, and_(newest.c.node == _S.node, newest.c.version == _S.version))
        .where(_S.period == period)
        .order_by(_S.node)
    )
    return all_rows(conn.execute(statement))


def drawn_periods(conn: Connection, node: str, span: str, since: int) -> Sequence[str]:
    """The names of the periods of this length beginning at ``since`` (µs) or later, for which this
    node has a sheet."""
    statement = select(_S.period).where(
        _S.node == node, _S.span == span, _S.begins_at >= since
    ).distinct()
    return list(conn.execute(statement).scalars())
