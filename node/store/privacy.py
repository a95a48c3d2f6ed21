"""Statements about personal data whose time is over. Each kind has two: what is due, and erasing
it; both take a bounded part."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, not_, or_, select, update

from node.core.case import OVER
from node.store.rows import Row, all_rows
from node.store.tables import alarm, audit_log, cases, handler, notice, reporter

_C = cases.c
_OVER = _C.status.in_(sorted(one.value for one in OVER))


def reporters_due(conn: Connection, before: int, limit: int) -> Sequence[str]:
    """Cases that ended before a time, with a reporter to whom nothing is still to be told."""
    told_yet = select(notice.c.case_id).where(
        notice.c.case_id == _C.case_id, notice.c.state == "pending")
    return list(conn.execute(
        select(_C.case_id).where(
            _C.private.is_not(None), _OVER, _C.updated_at < before, ~told_yet.exists())
        .limit(limit)).scalars())


def erase_reporters(conn: Connection, case_ids: Collection[str]) -> int:
    """Name, phone and the hash by which the phone was found; the case stays."""
    ids = list(case_ids)
    conn.execute(delete(reporter).where(reporter.c.case_id.in_(ids)))
    return conn.execute(
        update(cases).where(_C.case_id.in_(ids), _C.private.is_not(None), _OVER)
        .values(private=None)).rowcount


def alarms_due(conn: Connection, before: int, limit: int) -> Sequence[str]:
    """Alarms settled before a time that still say where and what."""
    return list(conn.execute(
        select(alarm.c.id).where(
            alarm.c.settled_at < before,
            or_(alarm.c.lon.is_not(None), alarm.c.text != "", alarm.c.report != ""))
        .limit(limit)).scalars())


def erase_alarms(conn: Connection, ids: Collection[str]) -> int:
    """Place and words; that there was an alarm, and how it ended, stays."""
    return conn.execute(
        update(alarm).where(alarm.c.id.in_(list(ids)))
        .values(lon=None, lat=None, x=None, y=None, crs="", accuracy_m=None, text="", report="")
    ).rowcount


def handlers_due(conn: Connection, before: int, limit: int) -> Sequence[str]:
    """Names given before a time for duties that have ended; a mask is not named again."""
    ended = select(_C.case_id).where(_C.case_id == handler.c.case_id, _OVER)
    return [str(n) for n in conn.execute(
        select(handler.c.n).where(
            handler.c.since < before, ended.exists(),
            or_(handler.c.note != "", not_(handler.c.name.endswith("*"))))
        .limit(limit)).scalars()]


def handlers(conn: Connection, numbers: Collection[str]) -> Sequence[Row]:
    """n name of these rows."""
    return all_rows(conn.execute(
        select(handler.c.n, handler.c.name).where(handler.c.n.in_(map(int, numbers)))))


def mask_handler(conn: Connection, number: int, name: str) -> None:
    """A mask in the place of a name, and nothing in that of the note."""
    conn.execute(update(handler).where(handler.c.n == number).values(name=name, note=""))


def unmaskings(conn: Connection, action: str, since: int, limit: int) -> Sequence[Row]:
    """actor count last of those who saw masked fields since a time, the busiest first."""
    log = audit_log.c
    count = func.count().label("count")
    return all_rows(conn.execute(
        select(log.actor, count, func.max(log.at).label("last"))
        .where(log.action == action, log.outcome == "done", log.at >= since)
        .group_by(log.actor).order_by(count.desc(), log.actor).limit(limit)))
