"""Statements about the audit log and its signed heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, delete, func, insert, select

from node.store.rows import Row, all_rows, one_row
from node.store.tables import audit_head, audit_log

_L, _H = audit_log.c, audit_head.c
_LAST = select(_L.n, _L.chain).order_by(_L.n.desc()).limit(1)
_FLOOR = select(_H.n, _H.chain).where(_H.kind == "PURGE").order_by(_H.n.desc()).limit(1)
_ADD = insert(audit_log)
ROWS_AT_ONCE = 1_000
"""Rows that a look through the whole log holds at a time."""


def last_link(conn: Connection) -> tuple[int, bytes] | None:
    """Number and chain value that the next row follows; None = there was none yet."""
    found = conn.execute(_LAST).first() or conn.execute(_FLOOR).first()
    return None if found is None else (int(found[0]), bytes(found[1]))


def add_row(conn: Connection, row: Row) -> None:
    """Insert: every column. Only ``node.service.audit`` may: it knows the chain."""
    conn.execute(_ADD, row)


def rows(
    conn: Connection, where: Row, *, before: int | None, limit: int
) -> Sequence[Row]:
    """Every column, the newest first, from behind ``before``. ``where`` keys: actor, action,
    subject, outcome (equal), begins (``subject`` begins with), since, until (``at``, µs)."""
    statement = select(audit_log)
    for name in ("actor", "action", "subject", "outcome"):
        if where.get(name):
            statement = statement.where(_L[name] == where[name])
    if where.get("begins"):
        statement = statement.where(_L.subject.startswith(where["begins"], autoescape=True))
    if where.get("since") is not None:
        statement = statement.where(_L.at >= where["since"])
    if where.get("until") is not None:
        statement = statement.where(_L.at < where["until"])
    if before is not None:
        statement = statement.where(_L.n < before)
    return all_rows(conn.execute(statement.order_by(_L.n.desc()).limit(limit)))


def every_row(conn: Connection) -> Iterator[Row]:
    """Every column of every row in order, a thousand in memory at a time."""
    found = conn.execution_options(yield_per=ROWS_AT_ONCE).execute(
        select(audit_log).order_by(_L.n))
    for row in found.mappings():
        yield dict(row)


def heads(conn: Connection) -> Sequence[Row]:
    """Every column of every head, in order."""
    return all_rows(conn.execute(select(audit_head).order_by(_H.n, _H.kind)))


def last_head(conn: Connection) -> Row | None:
    """The newest head of any kind."""
    return one_row(conn.execute(select(audit_head).order_by(_H.n.desc(), _H.at.desc()).limit(1)))


def add_head(conn: Connection, row: Row) -> None:
    """Insert: every column."""
    conn.execute(insert(audit_head), row)


def first_since(conn: Connection, at_us: int) -> int | None:
    """Number of the oldest row that was recorded at or after a time; None = there is none."""
    found: int | None = conn.execute(
        select(_L.n).where(_L.at >= at_us).order_by(_L.n).limit(1)).scalar()
    return found


def purged_up_to(conn: Connection) -> int:
    """The highest row that a head of kind PURGE lets go; 0 = there is no such head."""
    found = conn.execute(_FLOOR).first()
    return 0 if found is None else int(found[0])


def link_at(conn: Connection, n: int) -> bytes | None:
    """The chain value of a row."""
    found: bytes | None = conn.execute(select(_L.chain).where(_L.n == n)).scalar()
    return None if found is None else bytes(found)


def forget(conn: Connection, up_to: int, limit: int) -> int:
    """Delete up to ``limit`` rows, the oldest first, none above ``up_to``; how many. The database
    refuses unless a head of kind PURGE covers them."""
    first: int | None = conn.execute(select(func.min(_L.n))).scalar()
    if first is None or first > up_to:
        return 0
    last = min(up_to, first + limit - 1)
    return conn.execute(delete(audit_log).where(_L.n <= last)).rowcount
