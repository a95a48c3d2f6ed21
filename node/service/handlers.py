"""Who handles a duty inside the office (内部交办): named, changed, taken back, counted.

Names are personal data of the office's own people. They are in a table of this node and nowhere
else: no event, no word, no trace, no answer to a neighbour carries one, and only this room reads
them. What was done is in the audit log, to whom only in the table's own history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.errors import Invalid, UnknownCase
from node.core.handling import duty_to_assign
from node.core.rights import ASSIGN_HANDLER
from node.service.audit import AuditEntry, Recorder
from node.service.folding import CaseCache
from node.service.instants import to_time, to_us
from node.service.ports import Row, Store
from node.service.surroundings import Surroundings
from node.service.views import Page

HISTORY_MAX = 100
"""Handlers of one case that are shown, the last ones."""
NAMES_MAX = 500
"""Names counted at once: more than any unit has people."""
ASSIGNED, TAKEN_BACK, COUNTED = "AssignHandler", "UnassignHandler", "CountHandlers"
"""Actions of the audit log."""
CHANGE = "handler"
"""What the change feed calls it: that it changed, never to whom."""
ENDED = "ended"


class HandlerStore(Protocol):
    """What this room needs from below (``node.store.handlers``)."""

    def current(self, conn: Connection, case_ids: Sequence[str]) -> Mapping[str, Row]: ...

    def history(self, conn: Connection, case_id: str, limit: int) -> Sequence[Row]: ...

    def end(self, conn: Connection, case_id: str, now_us: int, actor: str) -> int: ...

    def add(self, conn: Connection, row: Row) -> None: ...

    def counts(
        self, conn: Connection, now_us: int, since: int | None, until: int | None, limit: int
    ) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """One person or crew and the time in which the duty was theirs. ``until`` None = nobody else
    was named since; ``over``: the duty itself has ended."""

    name: str
    note: str
    by: str
    since: datetime
    until: datetime | None = None
    until_by: str = ""
    assignment_id: str
    generation: int
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerCount:
    """What was given to one name: cases in hand, overdue among them, fed back and not judged yet,
    ended; ever late and sent back for another round. Whoever had a case last counts for it."""

    name: str
    given: int
    held: int
    overdue: int
    done: int
    ended: int
    late: int
    reworked: int


class Handlers:
    """The handlers of one office."""

    def __init__(
        self, *, store: Store, rows: HandlerStore, writer: Writer, audit: Recorder,
        surroundings: Surroundings, now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._rows = rows
        self._writer = writer
        self._audit = audit
        self._surroundings = surroundings
        self._now_us = now_us

    async def assign(self, case_id: str, name: str, *, note: str, actor: str) -> Handling:
        """Name whoever handles it, in the place of whoever did; the same name and note again
        change nothing. Raises ``UnknownCase``; ``WrongStatus`` where no duty is held;
        ``NotPermitted``."""

        def write(tx: Tx) -> Handling:
            row, duty = self._duty(tx, case_id)
            found = self._rows.current(tx.conn, (case_id,)).get(case_id)
            if found is not None and (found["name"], found["note"]) == (name, note):
                return _handling(found)
            self._rows.end(tx.conn, case_id, tx.now_us, actor)
            fresh = {
                "case_id": case_id, "assignment_id": duty.assignment_id,
                "generation": duty.generation, "name": name, "note": note, "given_by": actor,
                "since": tx.now_us,
            }
            self._rows.add(tx.conn, fresh)
            self._tell(tx, case_id, row.version, ASSIGNED, actor)
            return _handling({**fresh, "until": None, "until_by": "", "duty": ""})

        return await self._writer.write(write, urgent=True)

    async def unassign(self, case_id: str, *, actor: str) -> bool:
        """Nobody handles it any more; False if nobody did. Raises as ``assign`` does."""

        def write(tx: Tx) -> bool:
            row, _ = self._duty(tx, case_id)
            found = self._rows.current(tx.conn, (case_id,)).get(case_id)
            if found is None:
                return False
            self._rows.end(tx.conn, case_id, tx.now_us, actor)
            self._tell(tx, case_id, row.version, TAKEN_BACK, actor)
            return True

        return await self._writer.write(write, urgent=True)

    async def of(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What belongs beside a case document: ``handler``, who handles the duty that it has now,
        or None; ``handlers``, everybody who was named for it, the last one first."""
        case_id = document["case_id"]
        if document["duty"] is None:
            return {"handler": None, "handlers": []}

        def read(conn: Connection) -> tuple[Row | None, Sequence[Row]]:
            return (
                self._rows.current(conn, (case_id,)).get(case_id),
                self._rows.history(conn, case_id, HISTORY_MAX),
            )

        found, before = await self._writer.read(read)
        now = _handling(found) if found is not None else None
        last = found["n"] if found is not None else None
        return {
            "handler": now,
            # One without an end that is not the present one ended with its duty.
            "handlers": [
                now if row["n"] == last and now is not None
                else replace(_handling(row), over=row["until"] is None)
                for row in before
            ],
        }

    async def beside(self, page: Page) -> Page:
        """A page of the worklist with ``handler``, the name or None, in every item."""
        held = [item["case_id"] for item in page.items if not item["own"]]
        found: Mapping[str, Row] = {}
        if held:  # an office that holds nothing for others does not look
            found = await self._writer.read(lambda conn: self._rows.current(conn, held))
        return replace(page, items=tuple(
            {**item, "handler": found[one]["name"] if (one := item["case_id"]) in found else None}
            for item in page.items
        ))

    async def counts(
        self, since: datetime | None, until: datetime | None, *, actor: str
    ) -> list[HandlerCount]:
        """By name, over what was given to them in [since, until), the busiest first. Looking is
        in the audit log: these are figures about persons."""
        if since is not None and until is not None and since >= until:
            raise Invalid("the time ends before it begins", why="empty_time")

        def read(tx: Tx) -> Sequence[Row]:
            rows = self._rows.counts(
                tx.conn, tx.now_us,
                to_us(since) if since is not None else None,
                to_us(until) if until is not None else None,
                NAMES_MAX,
            )
            self._audit.record(
                tx, AuditEntry(action=COUNTED, actor=actor, detail={"rows": len(rows)}))
            return rows

        rows = await self._writer.write(read, urgent=True)
        return [HandlerCount(**row) for row in rows]

    def _duty(self, tx: Tx, case_id: str) -> tuple[Any, Any]:
        """The case's row, locked, and the duty that somebody may be named for."""
        row = self._store.load_cases(tx.conn, (case_id,)).get(case_id)
        if row is None:
            raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
        here = self._surroundings
        rights = here.arrangement.rights if here.arrangement is not None else None
        needed = rights.at_desk(ASSIGN_HANDLER) if rights is not None else None
        case = CaseCache(1).read(case_id, bytes(row.state))
        return row, duty_to_assign(case, here.capabilities, needed)

    def _tell(self, tx: Tx, case_id: str, version: int, action: str, actor: str) -> None:
        # Without the name: a row of the audit log stays, and the names stand in their own table.
        self._audit.record(
            tx, AuditEntry(action=action, actor=actor, subject=f"case:{case_id}"))
        self._store.add_changes(
            tx.conn,
            [{"case_id": case_id, "version": version, "kind": CHANGE, "at": tx.now_us}],
        )
        tx.wake("case")


def _handling(row: Row) -> Handling:
    return Handling(
        name=row["name"], note=row["note"], by=row["given_by"], since=to_time(row["since"]),
        until=to_time(row["until"]) if row["until"] is not None else None,
        until_by=row["until_by"], assignment_id=row["assignment_id"],
        generation=row["generation"], over=row.get("duty") == ENDED,
    )
