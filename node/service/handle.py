"""How the office carries out a person's command: load, decide, write, answer; once per id.

The answer is stored in the same transaction as its effect and kept for 72 hours, so an asker that
lost it may simply ask again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from hub.errors import Overloaded
from hub.store.tx import Tx, Writer
from node.core.case import Case
from node.core.commands import Command, DecideReopen, Dispatch, OpenCase, OpenPart, TimerFired
from node.core.decide import decide
from node.core.effects import ALARM_WORK
from node.core.errors import Invalid, WrongStatus
from node.core.facts import CaseId, Photo
from node.service.audit import AuditEntry, Recorder
from node.service.desk import Desk
from node.service.flag_lines import flag_line
from node.service.numbering import case_number
from node.service.phrases import phrase
from node.service.ports import Row
from node.service.views import Reply

COMMANDS = UUID("b1a3f9b2-0c55-5c0e-8a0f-3d6c7f0b2e11")
"""Name space that turns any command id an asker may invent into a cause of 16 bytes."""
_HOUR_US = 3_600_000_000


def cause_of(command_id: str) -> str:
    """The journal's cause for a command: its own id if that is a UUID, else one derived from it."""
    try:
        return str(UUID(command_id))
    except ValueError:
        return str(uuid5(COMMANDS, command_id))


class Handler:
    """Commands, one transaction each."""

    def __init__(
        self,
        *,
        desk: Desk,
        writer: Writer,
        audit: Recorder,
        keep_h: int,
        disk_full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._desk = desk
        self._writer = writer
        self._audit = audit
        self._keep_us = keep_h * _HOUR_US
        self._disk_full = disk_full

    def fresh_id(self) -> str:
        """A fresh UUIDv7 as text."""
        return self._desk.surroundings.fresh_id()

    async def handle(self, command: Command, fingerprint: bytes = b"") -> Reply:
        """Carry it out; see ``Office.handle``."""
        if isinstance(command, TimerFired):
            raise Invalid("the clock speaks through timers only", why="clock")
        if isinstance(command, OpenCase) and self._disk_full():
            raise Overloaded(
                "opening a case: the disk is nearly full, new cases are refused until there is "
                "room",
                code="node.disk_full",
            )
        return await self._writer.write(
            lambda tx: self.carry_out(tx, command, fingerprint), urgent=True
        )

    def carry_out(self, tx: Tx, command: Command, fingerprint: bytes = b"") -> Reply:
        """The operation itself, inside a transaction."""
        desk = self._desk
        stored = desk.store.command(tx.conn, command.command_id)
        if stored is not None:
            return _repeat(stored, fingerprint)
        desk.clear()
        try:
            return self._decide(tx, command, fingerprint)
        finally:
            desk.clear()

    def _decide(self, tx: Tx, command: Command, fingerprint: bytes) -> Reply:
        desk = self._desk
        named = _named(command)
        desk.load(tx, (command.case_id, *named))
        if isinstance(command, OpenCase) and not command.case_no:
            command = replace(command, case_no=case_number(desk.store, tx, desk.surroundings.node))
        cause = cause_of(command.command_id)
        context = desk.surroundings.context(
            now_us=tx.now_us,
            actor=command.actor,
            cause=cause,
            asset_of=lambda code: desk.asset_of(tx, code),
            roles=command.roles,
        )
        photos: tuple[Photo, ...] = getattr(command, "photos", ())
        if photos:
            context = replace(context, pictured=desk.pictured(tx, command.case_id, photos))
        case = desk.case(command.case_id)
        others = {one: found for one in named if (found := desk.case(one)) is not None}
        events = decide(case, command, replace(context, others=others) if named else context)
        if isinstance(command, OpenCase) and command.reporter is not None:
            desk.keep_private(tx, command.case_id, command.reporter)
        after = desk.apply(tx, command.case_id, events, cause=cause, actor=command.actor)
        assert after is not None, "a command that is not refused has a case"
        if isinstance(command, OpenPart) and command.to is not None:
            given = Dispatch(
                command_id=command.command_id, actor=command.actor, roles=command.roles,
                case_id=command.part_id, to=command.to, limits=command.limits, text=command.text,
            )
            handed = decide(desk.case(command.part_id), given, context)
            desk.apply(tx, command.part_id, handed, cause=cause, actor=command.actor)
        reply = Reply(
            case_id=after.case_id,
            version=after.version,
            status=after.status.value,
            case_no=after.facts.case_no if after.facts is not None else "",
            **self._beside(command, after),
        )
        desk.flush(tx)
        desk.store.save_command(
            tx.conn,
            {
                "command_id": command.command_id,
                "fingerprint": fingerprint,
                "reply": json.dumps(
                    [
                        reply.case_id,
                        reply.version,
                        reply.status,
                        reply.case_no,
                        reply.opened_id,
                        reply.opened_no,
                        reply.follow_up,
                        [[one.key, one.values] for one in reply.warnings],
                    ]
                ).encode(),
                "at": tx.now_us,
            },
        )
        return reply

    def _beside(self, command: Command, after: Case) -> dict[str, Any]:
        """What the asker has to know besides: the case that was begun, the reporter's code."""
        desk = self._desk
        found: dict[str, Any] = {}
        if isinstance(command, OpenPart):
            found["opened_id"] = command.part_id
        elif isinstance(command, DecideReopen) and command.granted:
            found["opened_id"] = command.new_case_id
        if "opened_id" in found:
            begun = desk.case(found["opened_id"])
            assert begun is not None, "it was begun a moment ago"
            assert begun.facts is not None, "a case that begins is known"
            found["opened_no"] = begun.facts.case_no
        if isinstance(command, OpenCase):
            if desk.reporters is not None and after.contact:
                found["follow_up"] = desk.reporters.code(after.case_id)
            found["warnings"] = tuple(flag_line(one) for one in after.flags)
        return found

    def answered(self, tx: Tx, command_id: str) -> bool:
        """Whether this command was carried out before."""
        return self._desk.store.command(tx.conn, command_id) is not None

    async def settle_work(self, item: str, *, actor: str) -> bool:
        """Tick a work item off. ``WrongStatus`` (``alarm.unsaid``) for a call for help: that is
        settled by saying what was done."""

        def settle(tx: Tx) -> bool:
            if self._desk.store.open_work_kind(tx.conn, item) == ALARM_WORK:
                raise WrongStatus("say what was done about this alarm", code="alarm.unsaid")
            settled = self._desk.store.settle_work_items(tx.conn, tx.now_us, item=item)
            if settled:
                self._audit.record(
                    tx, AuditEntry(action="SettleWork", actor=actor, subject=f"work:{item}"))
            tx.wake("case")
            return settled > 0

        return await self._writer.write(settle, urgent=True)

    def forget(self, tx: Tx) -> int:
        """Drop answers older than their keeping time."""
        return self._desk.store.forget_commands(tx.conn, tx.now_us - self._keep_us)


def _repeat(stored: Row, fingerprint: bytes) -> Reply:
    if fingerprint and stored["fingerprint"] and stored["fingerprint"] != fingerprint:
        raise Invalid(
            "this command id was used for something else", code="idempotency.mismatch"
        )
    # an answer of an earlier release is shorter
    case_id, version, status, case_no, *more = json.loads(stored["reply"])
    opened_id, opened_no, follow_up = more[:3] or ("", "", "")
    warnings = more[3] if len(more) > 3 else ()
    return Reply(
        case_id=CaseId(case_id),
        version=version,
        status=status,
        case_no=case_no,
        repeated=True,
        opened_id=opened_id,
        opened_no=opened_no,
        follow_up=follow_up,
        warnings=tuple(phrase(key, **dict(values)) for key, values in warnings),
    )


def _named(command: Command) -> tuple[str, ...]:
    """Cases that the command speaks of besides its own."""
    names = ("duplicate_of", "part_id", "new_case_id", "as_case")
    found = (getattr(command, name, "") for name in names)
    return tuple(one for one in found if one)
