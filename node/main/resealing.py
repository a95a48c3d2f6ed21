"""Names and phones of a stopped node, sealed under its newest key; or laid open again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hub.store.tx import Tx
from hub.store.writer import GroupWriter
from node.main.data_keys import personal_of
from node.main.offline import at_rest
from node.main.secrets import DATA_FILE
from node.service.audit import Audit, AuditEntry
from node.service.calls.ports import caller_of, kept_of
from node.service.personal import Personal
from node.service.reporters import private_of, reporter_of
from node.settings import load
from node.store import audit, personal

BATCH: Final = 1_000
"""Rows of one transaction."""


def reseal(home: Path, *, suite: str, progress: Callable[[int], None]) -> dict[str, int]:
    """Write every name and phone anew as the settings want them: sealed under the newest key, or
    open. Safe to repeat. Returns ``{reporters, callers}``. Raises ``Untrusted`` (``cipher.key``)
    at the first that does not open; what was done until then stays done."""
    settings = load(home)
    keeping = personal_of(settings.keys / DATA_FILE, seals=settings.personal.sealed, suite=suite)
    done = {"reporters": 0, "callers": 0}
    for what, step in (("reporters", _reporters), ("callers", _callers)):
        after = ""
        while True:
            count, after = at_rest(home, _once(step, keeping, after))
            done[what] += count
            progress(sum(done.values()))
            if not after:
                break
    at_rest(home, lambda _writer, tx: Audit(audit, alg=settings.audit.digest).record(tx, AuditEntry(
        action="ResealPersonal", subject="personal:",
        detail={**done, "sealed": settings.personal.sealed})))
    return done


Step = Callable[[Tx, Personal, str], tuple[int, str]]


def _once(
    step: Step, keeping: Personal, after: str
) -> Callable[[GroupWriter, Tx], tuple[int, str]]:
    return lambda _writer, tx: step(tx, keeping, after)


def _reporters(tx: Tx, keeping: Personal, after: str) -> tuple[int, str]:
    """How many were written, and the last id; "" after the last."""
    rows: Any = personal.reporters_after(tx.conn, after, BATCH)
    for row in rows:
        reporter = reporter_of(bytes(row["private"]), keeping)
        if reporter is not None:
            personal.put_reporter(tx.conn, row["case_id"], private_of(reporter, keeping))
    return len(rows), rows[-1]["case_id"] if len(rows) == BATCH else ""


def _callers(tx: Tx, keeping: Personal, after: str) -> tuple[int, str]:
    rows: Any = personal.callers_after(tx.conn, after, BATCH)
    for row in rows:
        caller = caller_of(row, keeping)
        personal.put_caller(
            tx.conn, row["call_no"], **kept_of(caller.name, caller.phone, keeping))
    return len(rows), rows[-1]["call_no"] if len(rows) == BATCH else ""
