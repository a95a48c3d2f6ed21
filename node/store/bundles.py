"""Statements about everything that proves what happened to one case."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from node.store.rows import Row, all_rows
from node.store.tables import audit_log, journal, trace

_J, _T = journal.c, trace.c


def own_entries(conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
    """branch version entry cause trace_msg of our own entries, in order."""
    return all_rows(conn.execute(
        select(_J.branch, _J.version, _J.entry, _J.cause, _J.trace_msg)
        .where(_J.case_id == case_id).order_by(_J.branch, _J.version).limit(limit)))


def traces(conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
    """node branch version entry sealed relay_msg of entries from below, in order."""
    return all_rows(conn.execute(
        select(_T.node, _T.branch, _T.version, _T.entry, _T.sealed, _T.relay_msg)
        .where(_T.case_id == case_id).order_by(_T.node, _T.branch, _T.version).limit(limit)))


def audit_rows(conn: Connection, subject: str, limit: int) -> Sequence[Row]:
    """Every column of the audit log's rows about a subject, in order."""
    return all_rows(conn.execute(
        select(audit_log).where(audit_log.c.subject == subject)
        .order_by(audit_log.c.n).limit(limit)))
