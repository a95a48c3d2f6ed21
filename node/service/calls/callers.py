"""Who called: read with a purpose, found by phone, erased when its time is over.

Name and phone of a call lie in a table of their own and nowhere else; a phone is found by the same
keyed hash as a reporter's. Every look is in the audit log before it is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from hub.store.tx import Tx, Writer
from node.core.calls import CallRules
from node.service.audit import AuditEntry, Recorder
from node.service.calls.ports import Caller, CallStore, caller_of
from node.service.calls.telling import Telling, known
from node.service.ports import Row
from node.service.reporters import Reporters, purpose_of

FOUND_MAX: Final = 50
"""Calls of one phone shown at once, newest first."""
FORGET_MAX: Final = 500
"""Callers erased in one transaction."""
READ, FOUND, ERASED = "GetCaller", "FindCalls", "EraseCaller"
"""Actions of the audit log."""
BY_ITSELF: Final = "clock"
"""Who erases what is due."""


class Callers:
    """Reads and erases what is private about calls."""

    def __init__(
        self,
        *,
        rules: CallRules,
        telling: Telling,
        audit: Recorder,
        rows: CallStore,
        writer: Writer,
        reporters: Reporters,
        now_us: Callable[[], int],
    ) -> None:
        self._rules = rules
        self._telling = telling
        self._audit = audit
        self._rows = rows
        self._writer = writer
        self._reporters = reporters
        self._now_us = now_us

    async def read(self, call_no: str, *, purpose: str, actor: str) -> Caller:
        """Who called; the look is logged before the answer. ``Invalid``: ``call.unknown``,
        ``reporter.purpose``."""
        why = purpose_of(purpose)

        def look(tx: Tx) -> Caller:
            known(self._rows.one_call(tx.conn, call_no))
            kept = self._rows.caller(tx.conn, call_no)
            self._log(tx, READ, actor, call_no, why, rows=int(kept is not None))
            return caller_of(kept, self._reporters.personal)

        return await self._writer.write(look, urgent=True)

    async def find(
        self, phone: str, *, purpose: str, actor: str
    ) -> list[dict[str, Any]]:
        """Calls from a phone, newest first; logged. ``Invalid``: ``reporter.phone``,
        ``reporter.purpose``."""
        why = purpose_of(purpose)
        hashed = self._reporters.sought(phone)

        def find(tx: Tx) -> Sequence[Row]:
            rows = self._rows.calls_by_phone(tx.conn, hashed, FOUND_MAX)
            self._log(tx, FOUND, actor, "", why, rows=len(rows))
            return rows

        rows = await self._writer.write(find, urgent=True)
        now = self._now_us()
        return [self._telling.call(row, now) for row in rows]

    async def erase(self, call_no: str, *, reason: str, actor: str) -> bool:
        """Erase name and phone now; what was said and answered stays. Raises as ``read``."""
        why = purpose_of(reason)

        def erase(tx: Tx) -> bool:
            known(self._rows.one_call(tx.conn, call_no))
            gone = self._rows.forget_caller(tx.conn, call_no)
            self._log(tx, ERASED, actor, call_no, why, rows=int(gone))
            if gone:
                self._step(tx, call_no, actor, why)
            return gone

        return await self._writer.write(erase, urgent=True)

    async def forget_due(self) -> int:
        """Erase callers whose time of keeping is over; how many. Safe to call at any time."""
        keep_us = self._rules.keep // timedelta(microseconds=1)

        def erase(tx: Tx) -> int:
            numbers = self._rows.calls_to_forget(tx.conn, tx.now_us - keep_us, FORGET_MAX)
            for number in numbers:
                self._rows.forget_caller(tx.conn, number)
                self._step(tx, number, BY_ITSELF, "")
            return len(numbers)

        total = 0
        while True:
            done = await self._writer.write(erase)
            total += done
            if done < FORGET_MAX:
                return total

    def _step(self, tx: Tx, call_no: str, actor: str, detail: str) -> None:
        self._rows.add_step(tx.conn, {
            "call_no": call_no, "at": tx.now_us, "step": "erased", "actor": actor,
            "detail": detail})

    def _log(
        self, tx: Tx, action: str, actor: str, call_no: str, purpose: str, *, rows: int
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, actor=actor, subject=f"call:{call_no}" if call_no else "",
            reason=purpose, detail={"rows": rows}))
