"""The book of calls, read: page by page, one call, those beside a case, those that wait too long.

Whoever called is a mask here; ``node.service.calls.callers`` reads more, for a purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.errors import Invalid
from node.service.calls.ports import CallFilter, CallStore
from node.service.calls.telling import Telling, known
from node.service.instants import to_time, to_us
from node.service.phrases import phrase
from node.service.ports import Row
from node.service.views import Finding, Level, Page

STEPS_MAX: Final = 200
"""Steps of one call that are shown."""
OF_CASE_MAX: Final = 50
"""Calls shown beside a case, the newest."""
_CURSOR: Final = re.compile(r"(\d{1,18})\.([0-9A-Z]{1,60})", re.ASCII)


class CallBook:
    """Reads what was taken down."""

    def __init__(
        self, *, rows: CallStore, writer: Writer, telling: Telling, now_us: Callable[[], int],
        rows_max: int,
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._telling = telling
        self._now_us = now_us
        self._rows_max = rows_max

    async def page(self, which: CallFilter, after: str = "", limit: int = 50) -> Page:
        """Calls, newest first; ``Invalid`` (``page.cursor``). Items as ``one``, without steps."""
        limit = max(1, min(limit, self._rows_max))
        last = _cursor(after)
        filters = {
            **asdict(which),
            "since": to_us(which.since) if which.since is not None else None,
            "until": to_us(which.until) if which.until is not None else None,
        }
        now = self._now_us()
        rows = await self._writer.read(lambda conn: self._rows.calls(
            conn, filters=filters, now=now, after=last, limit=limit))
        end = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(self._telling.call(row, now) for row in rows),
            next="" if end is None else f"{end['received_at']}.{end['call_no']}",
        )

    async def one(self, call_no: str) -> dict[str, Any]:
        """One call: call_no kind kind_zh kind_en concerns channel words caller phone (masked)
        from_reporter case_id case_no case_status became became_no holder holder_name received_at
        received_by due_by state (open, overdue, answered, late) answered_at answer answer_channel
        answered_by reopened_at, and ``steps`` {at step actor detail}."""

        def read(conn: Connection) -> tuple[Row, Sequence[Row]]:
            row = known(self._rows.one_call(conn, call_no))
            return row, self._rows.steps(conn, call_no, STEPS_MAX)

        row, steps = await self._writer.read(read)
        return {
            **self._telling.call(row, self._now_us()),
            "steps": [{**one, "at": to_time(one["at"])} for one in steps],
        }

    async def of_case(self, case_id: str) -> tuple[Mapping[str, Any], ...]:
        """Calls about a case, and the one it came of, newest first."""
        return (await self.page(CallFilter(case_id=case_id), limit=OF_CASE_MAX)).items

    async def findings(self) -> list[Finding]:
        """Calls that should have been answered."""
        count = await self._writer.read(
            lambda conn: self._rows.count_overdue(conn, self._now_us()))
        if not count:
            return []
        return [Finding(
            level=Level.WARN, subject="calls", sentence=phrase("calls.overdue", count=count),
            remedy=phrase("calls.overdue.remedy"))]


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    found = _CURSOR.fullmatch(after)
    if found is None:
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(found[1]), found[2]
