"""``office.alarms``: collectors who call for help, and what the duty desk did about it.

Where somebody was when they called is personal: it is in one table of this node, in no journal and
in no word to a neighbour. Whoever looks at it is in the audit log. Everybody who works here is
told *that* there is an alarm: it leads the list of work, and the change feed says so at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core import alarms as core
from node.core.alarms import Alarm, AlarmRules
from node.core.effects import ALARM_WORK
from node.core.errors import Invalid
from node.service.admission import Admission
from node.service.audit import AuditEntry, Recorder
from node.service.feed import ALARM
from node.service.instants import to_time, to_us
from node.service.phrases import phrase
from node.service.ports import Row, Store
from node.service.projection import to_cgcs2000
from node.service.views import Finding, Level, Page

RAISED, READ, TAKEN, SETTLED = "RaiseAlarm", "ReadAlarm", "TakeAlarm", "SettleAlarm"
"""Actions of the audit log."""
SEEN = (
    "id", "version", "collector", "kind", "taken_by", "settled_by", "outcome",
)
INSTANTS = ("at", "received_at", "taken_at", "settled_at")
PRIVATE = (
    "raised_by", "text", "lon", "lat", "x", "y", "crs", "accuracy_m", "report", "reference",
)
"""What only the duty desk reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What somebody raises. ``at``: as the device says, aware; None = now. The point in its own
    ``crs``, None = not known; ``accuracy_m`` metres, None = not said."""

    alarm_id: str
    kind: str
    collector: str
    text: str = ""
    at: datetime | None = None
    x: float | None = None
    y: float | None = None
    crs: str = "CGCS2000"
    accuracy_m: float | None = None


class AlarmStore(Protocol):
    """What this room needs from below (``node.store.alarms``)."""

    def add_alarm(self, conn: Connection, row: Row) -> None: ...

    def one_alarm(self, conn: Connection, alarm_id: str) -> Row | None: ...

    def change_alarm(self, conn: Connection, row: Row) -> None: ...

    def alarms(
        self, conn: Connection, *, settled: bool, before: tuple[int, str] | None, limit: int
    ) -> Sequence[Row]: ...


class AlarmDesk:
    """The alarms of one office."""

    def __init__(
        self, *, store: Store, rows: AlarmStore, writer: Writer, rules: AlarmRules,
        admission: Admission, audit: Recorder, now_us: Callable[[], int], rows_max: int,
    ) -> None:
        self._now_us = now_us
        self._store = store
        self._admission = admission
        self._audit = audit
        self._rows = rows
        self._writer = writer
        self._rules = rules
        self._rows_max = rows_max

    def choices(self) -> Mapping[str, Any]:
        """``{kinds[{code zh en}], outcomes[…], duty[roles], take_within_min}``."""
        return {
            "kinds": list(self._rules.kinds.values()),
            "outcomes": list(self._rules.outcomes.values()),
            "duty": list(self._rules.duty),
            "take_within_min": self._rules.take_within.total_seconds() / 60,
        }

    def findings(self, waiting: int, first_us: int | None) -> list[Finding]:
        """What the doctor says of so many alarms that nobody has taken, the first of which came
        then: nothing before the time that the rules give."""
        if first_us is None:
            return []
        waited = timedelta(microseconds=self._now_us() - first_us)
        if waited < self._rules.take_within:
            return []
        return [Finding(
            level=Level.ALARM, subject="alarms",
            sentence=phrase(
                "alarm.waiting", count=waiting, minutes=int(waited / timedelta(minutes=1))),
            remedy=phrase("alarm.waiting.remedy"),
        )]

    async def raise_one(self, call: Call, *, actor: str) -> Mapping[str, Any]:
        """Somebody calls for help. The same id again returns what is there. ``Invalid``:
        ``alarm.kind``, ``place.crs``, ``place.point``; ``idempotency.mismatch`` for the same id
        with other content."""
        core.kind_of(self._rules, call.kind)
        point = (
            to_cgcs2000(call.x, call.y, call.crs)
            if call.x is not None and call.y is not None else (None, None)
        )

        def write(tx: Tx) -> Row:
            said = {
                "collector": call.collector, "raised_by": actor, "kind": call.kind,
                "text": call.text, "lon": point[0], "lat": point[1], "x": call.x, "y": call.y,
                "crs": call.crs if call.x is not None else "", "accuracy_m": call.accuracy_m,
            }
            there = self._rows.one_alarm(tx.conn, call.alarm_id)
            if there is not None:
                if any(there[name] != value for name, value in said.items()):
                    raise Invalid(
                        "this id was used for something else", code="idempotency.mismatch"
                    )
                return there
            at = core.raised_at(call.at, to_time(tx.now_us))
            row = {
                **said, "id": call.alarm_id, "version": 1, "at": to_us(at),
                "received_at": tx.now_us,
            }
            self._rows.add_alarm(tx.conn, row)
            self._store.add_work_items(tx.conn, [{
                "id": call.alarm_id, "case_id": None, "kind": ALARM_WORK,
                "detail": f"{call.collector} {call.kind}", "created_at": tx.now_us,
            }])
            self._tell(tx, call.alarm_id, 1, RAISED, actor)
            found = self._rows.one_alarm(tx.conn, call.alarm_id)
            assert found is not None, "it was written just now"
            return found

        return _outline(await self._writer.write(write, urgent=True))

    async def list(
        self, *, settled: bool = False, after: str = "", limit: int = 50
    ) -> Page:
        """Open or settled alarms, the newest first, without what only the duty desk reads."""
        limit = max(1, min(limit, self._rows_max))
        before = _cursor(after)
        rows = await self._writer.read(
            lambda conn: self._rows.alarms(conn, settled=settled, before=before, limit=limit)
        )
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_outline(row) for row in rows),
            next=f"{last['received_at']}|{last['id']}" if last is not None else "",
        )

    async def one(
        self, alarm_id: str, *, actor: str, roles: frozenset[str]
    ) -> Mapping[str, Any]:
        """The whole alarm with its place; the look is logged. ``Invalid`` (``alarm.unknown``);
        ``NotPermitted`` (``alarm.role``) away from the duty desk, but for whoever raised it."""

        def read(tx: Tx) -> Row:
            row = self._one(tx, alarm_id)
            if actor not in (row["raised_by"], row["collector"]):
                core.on_duty(self._rules, roles)
            self._log(tx, READ, alarm_id, actor)
            return row

        return _whole(await self._writer.write(read, urgent=True))

    async def take(
        self, alarm_id: str, *, actor: str, roles: frozenset[str], over: bool = False
    ) -> Mapping[str, Any]:
        """Look after it; see ``node.core.alarms.take``. Answers the whole alarm with its place."""
        core.on_duty(self._rules, roles)
        return await self._change(
            alarm_id, TAKEN, actor,
            lambda alarm, now: core.take(alarm, actor, now, over=over),
        )

    async def settle(
        self, alarm_id: str, *, outcome: str, report: str, reference: str, actor: str,
        roles: frozenset[str],
    ) -> Mapping[str, Any]:
        """Say what was done; see ``node.core.alarms.settle``."""
        core.on_duty(self._rules, roles)
        return await self._change(
            alarm_id, SETTLED, actor,
            lambda alarm, now: core.settle(
                alarm, self._rules, actor, now, outcome=outcome, report=report,
                reference=reference),
        )

    async def lock_out(
        self, name: str, *, reason: str, actor: str, roles: frozenset[str], admin: bool
    ) -> int:
        """A device is lost: nobody comes in with the token of this name any more, and open
        sessions end. The duty desk, an administrator, or whoever carries the token may say so;
        only an administrator lets it in again. See ``Admission.lock``."""
        if not admin and name != actor:
            core.on_duty(self._rules, roles)
        return await self._admission.lock(name, reason=reason, actor=actor, also_admin=admin)

    async def _change(
        self, alarm_id: str, method: str, actor: str, act: Callable[[Alarm, datetime], Alarm]
    ) -> Mapping[str, Any]:
        def write(tx: Tx) -> Row:
            row = self._one(tx, alarm_id)
            before = _alarm(row)
            after = act(before, to_time(tx.now_us))
            if after is before:
                return row
            self._rows.change_alarm(tx.conn, _changed(after))
            if after.settled_at is not None:
                self._store.settle_work_items(tx.conn, tx.now_us, item=alarm_id)
            self._tell(tx, alarm_id, after.version, method, actor)
            return self._one(tx, alarm_id)

        return _whole(await self._writer.write(write, urgent=True))

    def _one(self, tx: Tx, alarm_id: str) -> Row:
        row = self._rows.one_alarm(tx.conn, alarm_id)
        if row is None:
            raise Invalid(f"there is no alarm {alarm_id} here", code="alarm.unknown")
        return row

    def _tell(self, tx: Tx, alarm_id: str, version: int, method: str, actor: str) -> None:
        self._log(tx, method, alarm_id, actor)
        self._store.add_changes(tx.conn, [
            {"case_id": alarm_id, "version": version, "kind": ALARM, "at": tx.now_us}])
        tx.wake("case")

    def _log(self, tx: Tx, method: str, alarm_id: str, actor: str) -> None:
        self._audit.record(
            tx, AuditEntry(action=method, actor=actor, subject=f"alarm:{alarm_id}"))


def _alarm(row: Row) -> Alarm:
    return Alarm(
        alarm_id=row["id"], version=row["version"], taken_by=row["taken_by"],
        taken_at=_time(row["taken_at"]), settled_by=row["settled_by"],
        settled_at=_time(row["settled_at"]), outcome=row["outcome"], report=row["report"],
        reference=row["reference"],
    )


def _changed(alarm: Alarm) -> dict[str, Any]:
    return {
        "id": alarm.alarm_id, "version": alarm.version, "taken_by": alarm.taken_by,
        "taken_at": to_us(alarm.taken_at) if alarm.taken_at is not None else None,
        "settled_by": alarm.settled_by,
        "settled_at": to_us(alarm.settled_at) if alarm.settled_at is not None else None,
        "outcome": alarm.outcome, "report": alarm.report, "reference": alarm.reference,
    }


def _outline(row: Row) -> dict[str, Any]:
    return {
        **{name: row[name] for name in SEEN},
        **{name: _time(row[name]) for name in INSTANTS},
        "state": _alarm(row).state.value,
    }


def _whole(row: Row) -> dict[str, Any]:
    return {**_outline(row), **{name: row[name] for name in PRIVATE}}


def _time(us: int | None) -> datetime | None:
    return None if us is None else to_time(us)


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    at, bar, alarm_id = after.partition("|")
    if not bar or not at.isdecimal() or len(at) > 18:
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(at), alarm_id
