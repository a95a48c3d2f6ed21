"""Keeps the evaluation's rows in step with journal and traces: lazily, in batches, from a cursor.

Nothing is computed when a command commits. Whoever wants figures calls ``refresh`` first, which
reads the change feed from where it last stood, computes the rows of the cases it names and puts
them in place of the old ones together with the new cursor. The cursor is compared before it is
moved, so of two processes that refresh at once one does nothing.

Rows can be thrown away: ``rebuild`` computes them case by case from the journal, ``verify``
computes a sample again and says where the stored rows differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.calendar import Calendar
from node.core.counters import KEYS, MARKS, TIMES
from node.core.events import EVENTS, Event
from node.core.facts import NodeId
from node.core.limits import LimitSet
from node.core.tally import PROJECTION, Noted, rows_of
from node.core.tally.rows import Row as Counted
from node.service.evaluation.port import EvaluationStore
from node.service.folding import read_event
from node.service.instants import to_us
from node.service.ports import Codec, Row

CHANGES_PER_BATCH: Final = 400
"""Changes read at a time: some fifty cases, whose rows are written in one short transaction, so
that nobody's command waits long behind them."""
CASES_PER_BATCH: Final = 50
"""Cases of one step of a rebuild, for the same reason."""
CURSOR_KEY: Final = "evaluation.cursor"
"""``<projection>/<limits>:<change n>``: how far the stored rows follow the change feed, and which
rules they were computed by; with other rules they are computed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """One step of a rebuild: ``next`` is where the following one starts, "" = done."""

    cases: int
    total: int
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A stored row that is not what the journal says. ``column`` "" = the row as a whole."""

    case_id: str
    kind: str
    ref: str
    column: str
    stored: str
    computed: str


class Projector:
    """Maintains ``evaluation_row``. ``judged_by`` gives the calendar and the limits by which the
    steps of posts are judged, as they are in force now."""

    def __init__(
        self, *, store: EvaluationStore, codec: Codec, writer: Writer,
        judged_by: Callable[[], tuple[Calendar, LimitSet]],
    ) -> None:
        self._store = store
        self._codec = codec
        self._writer = writer
        self._judged_by = judged_by
        self._one_at_a_time = asyncio.Lock()
        self.advance: tuple[int, int] | None = None
        """While rows are computed: how many cases or changes are done, of how many."""

    # --- following the feed -------------------------------------------------------------------

    async def refresh(self) -> int:
        """Bring the rows up to the last commit; returns how many cases were computed anew. A
        store that was never projected, or by an older program, is rebuilt first."""
        async with self._one_at_a_time:
            try:
                return await self._catch_up()
            finally:
                self.advance = None

    async def _catch_up(self) -> int:
        done, first = 0, None
        while True:
            cursor, latest = await self._writer.read(
                lambda conn: (self._cursor(conn), self._store.latest_change(conn)))
            if cursor is None:
                done += await self._rebuild_all()
                continue
            first = cursor if first is None else first
            self.advance = cursor - first, latest - first
            count = await self._follow(cursor)
            if count is None:
                return done
            done += count

    def _cursor(self, conn: Connection) -> int | None:
        kept = self._store.meta(conn, CURSOR_KEY) or ""
        rules, colon, n = kept.rpartition(":")
        return int(n) if colon and rules == self._rules() else None

    def _rules(self) -> str:
        calendar, limits = self._judged_by()
        return f"{PROJECTION}.{len(EVENTS)}/{limits.version}/{calendar.id}"

    async def _follow(self, cursor: int) -> int | None:
        """One batch; None when there is nothing new."""

        def read(conn: Connection) -> tuple[int, list[str], list[dict[str, Any]]]:
            changes = self._store.changes(conn, cursor, CHANGES_PER_BATCH)
            if not changes:
                return cursor, [], []
            ids = list(dict.fromkeys(change["case_id"] for change in changes))
            return changes[-1]["n"], ids, self._computed(conn, ids)

        upto, ids, rows = await self._writer.read(read)
        if upto == cursor:
            return None

        def write(tx: Tx) -> int:
            if self._cursor(tx.conn) != cursor:
                return 0  # somebody else was faster: their rows are as new as ours
            self._store.replace_evaluation(tx.conn, ids, rows)
            self._store.set_meta(tx.conn, CURSOR_KEY, f"{self._rules()}:{upto}")
            return len(ids)

        return await self._writer.write(write)

    # --- from scratch -------------------------------------------------------------------------

    async def _rebuild_all(self) -> int:
        after, done = "", 0
        while True:
            step = await self._step(after)
            done += step.cases
            self.advance = done, max(done, step.total)
            after = step.next
            if not after:
                return done

    async def rebuild(self, after: str = "") -> Rebuilt:
        """One step of computing every row anew, from the case behind ``after`` on; a caller goes
        on with ``next`` until it is "". Figures can be read meanwhile."""
        async with self._one_at_a_time:
            return await self._step(after)

    async def _step(self, after: str) -> Rebuilt:
        if not after:
            # What changes from here on is followed afterwards, whatever this pass saw of it.
            await self._writer.write(self._begin)

        def read(conn: Connection) -> tuple[Sequence[str], list[dict[str, Any]], int]:
            ids = self._store.evaluation_cases(conn, after, CASES_PER_BATCH)
            return ids, self._computed(conn, ids), self._store.evaluation_case_count(conn)

        ids, rows, total = await self._writer.read(read)

        def write(tx: Tx) -> str:
            # A case may have moved between our look at it and now: the feed brings it again.
            self._store.replace_evaluation(tx.conn, ids, rows)
            if len(ids) == CASES_PER_BATCH:
                return ids[-1]
            started = self._store.meta(tx.conn, f"{CURSOR_KEY}.rebuild") or "0"
            self._store.set_meta(tx.conn, CURSOR_KEY, f"{self._rules()}:{started}")
            return ""

        return Rebuilt(cases=len(ids), total=total, next=await self._writer.write(write))

    def _begin(self, tx: Tx) -> None:
        n = self._store.latest_change(tx.conn)
        self._store.set_meta(tx.conn, f"{CURSOR_KEY}.rebuild", str(n))

    # --- proof --------------------------------------------------------------------------------

    async def verify(self, after: str = "", limit: int = CASES_PER_BATCH) -> tuple[
        tuple[Difference, ...], Rebuilt
    ]:
        """Compute the rows of the cases behind ``after`` again and compare; changes nothing. Ask
        ``refresh`` first, or what has just happened counts as a difference."""

        def read(conn: Connection) -> tuple[tuple[Difference, ...], Rebuilt]:
            ids = self._store.evaluation_cases(conn, after, limit)
            computed = {_name(row): row for row in self._computed(conn, ids)}
            stored = {_name(row): row for row in self._store.stored_evaluation(conn, ids)}
            found = tuple(
                difference
                for name in sorted({*computed, *stored})
                for difference in _differences(name, stored.get(name), computed.get(name))
            )
            total = self._store.evaluation_case_count(conn)
            following = ids[-1] if len(ids) == limit else ""
            return found, Rebuilt(cases=len(ids), total=total, next=following)

        return await self._writer.read(read)

    # --- computing ----------------------------------------------------------------------------

    def _computed(self, conn: Connection, ids: Collection[str]) -> list[dict[str, Any]]:
        """The rows of these cases, every column."""
        if not ids:
            return []
        entries: dict[str, list[Noted]] = {}
        for raw in self._store.evaluation_entries(conn, ids):
            entry = self._codec.read_entry(raw)
            event = understood(entry.event_type, entry.event)
            if event is None:
                continue
            entries.setdefault(entry.case_id, []).append(
                Noted(
                    node=NodeId(entry.node),
                    branch=entry.branch,
                    version=entry.version,
                    actor=entry.actor,
                    event=event,
                )
            )
        calendar, limits = self._judged_by()
        return [
            columns(row)
            for case_id, theirs in entries.items()
            for row in rows_of(case_id, theirs, calendar=calendar, limits=limits)
        ]


def understood(event_type: str, raw: bytes) -> Event | None:
    """The event, None if a newer program wrote it in words that are not known here: an office
    below may be a release ahead. It stays in the journal, and counts once this program knows it
    (the rules of the rows name how many events are known, so they are then computed anew)."""
    if event_type not in EVENTS:
        return None
    try:
        return read_event(event_type, raw)
    except ValueError:  # pydantic's error is one
        return None


def columns(row: Counted) -> dict[str, Any]:
    """Every column of ``evaluation_row``."""
    about = row.about
    found: dict[str, Any] = {
        "case_id": row.case_id,
        "kind": row.kind.value,
        "ref": row.ref,
        "case_no": about.case_no,
        "excluded": str(row.excluded),
    }
    for name in KEYS:
        found[name] = str(getattr(row if hasattr(row, name) else about, name))
    for name in TIMES:
        found[name] = _us(getattr(row, name))
    for name in MARKS:
        found[f"m_{name}"] = _us(row.marks.get(name))
    return found


def _us(instant: datetime | None) -> int | None:
    return None if instant is None else to_us(instant)


def _name(row: Row) -> tuple[str, str, str]:
    return row["case_id"], row["kind"], row["ref"]


def _differences(
    name: tuple[str, str, str],
    stored: Mapping[str, Any] | None,
    computed: Mapping[str, Any] | None,
) -> list[Difference]:
    case_id, kind, ref = name

    def one(column: str, was: object, now: object) -> Difference:
        return Difference(
            case_id=case_id, kind=kind, ref=ref, column=column, stored=str(was), computed=str(now)
        )

    if stored is None or computed is None:
        return [one("", stored is not None, computed is not None)]
    return [
        one(column, stored[column], value)
        for column, value in computed.items()
        if stored[column] != value
    ]

