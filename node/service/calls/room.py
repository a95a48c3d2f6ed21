"""``office.calls``: taking calls down, having them answered, and following what comes of them.

A call is no case and enters no journal: it is this office's own record. Who called lies apart
(``node.service.calls.callers``); what is told of a call carries masks. What is done with a call is
kept as steps, in the transaction that does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.calls import (
    CallRules,
    Concern,
    Standing,
    answer_by,
    known_channel,
    later_than,
    still_open,
    to_answer,
    to_become,
    to_reopen,
)
from node.core.capability import Capability
from node.core.case import CaseStatus
from node.core.clock import BEIJING
from node.core.commands import AskReopen, OpenCase
from node.core.errors import Invalid, NotPermitted, UnknownCase, UnknownUnit
from node.core.facts import CaseId, CommandId
from node.core.masks import masked_name, masked_phone
from node.core.reporter import Reporter
from node.service.calls.book import CallBook
from node.service.calls.callers import Callers
from node.service.calls.figures import CallFigures
from node.service.calls.ports import Answer, CallStore, Incoming, caller_of, kept_of
from node.service.calls.telling import Telling, known
from node.service.handle import Handler
from node.service.instants import to_time, to_us
from node.service.ports import Row, Store
from node.service.reporters import Reporters
from node.service.reporting import Reporting, Shot
from node.service.surroundings import Surroundings
from node.service.views import Reply

CALLS: Final = UUID("7b0a3c52-8a51-5b5e-9a8c-6a6d2f1e4c90")
"""Name space of what follows from a call: asking twice is one command."""
PREFIX: Final = "LD"
"""Of a call's number, so that nobody takes it for a case's."""
CHANGE: Final = "call"
"""What the change feed calls it: that somebody called about a case, never who."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRooms:
    """The rooms of calls, put together once."""

    log: Calls
    book: CallBook
    callers: Callers
    figures: CallFigures


class Calls:
    """Calls of one office."""

    def __init__(
        self,
        *,
        rules: CallRules,
        telling: Telling,
        book: CallBook,
        store: Store,
        rows: CallStore,
        writer: Writer,
        handler: Handler,
        reporting: Reporting,
        reporters: Reporters,
        surroundings: Surroundings,
    ) -> None:
        self.rules = rules
        self._telling = telling
        self._book = book
        self._store = store
        self._rows = rows
        self._writer = writer
        self._handler = handler
        self._reporting = reporting
        self._reporters = reporters
        self._here = surroundings

    # --- taking down --------------------------------------------------------------------------

    async def record(
        self, call: Incoming, *, command_id: str, fingerprint: bytes = b"", actor: str
    ) -> dict[str, Any]:
        """Take a call down, once per ``command_id``; as ``CallBook.one`` tells it.
        ``NotPermitted``; ``Invalid`` (``call.kind``, ``call.channel``, ``call.case``,
        ``call.answer_by``, ``idempotency.mismatch``); ``UnknownCase``; ``UnknownUnit``."""
        self._may("RecordCall")
        number = await self._writer.write(
            lambda tx: self._record(tx, call, command_id, fingerprint, actor), urgent=True)
        return await self._book.one(number)

    def _record(
        self, tx: Tx, call: Incoming, command_id: str, fingerprint: bytes, actor: str
    ) -> str:
        known = self._rows.call_of_command(tx.conn, command_id)
        if known is not None:
            if fingerprint and bytes(known["fingerprint"]) != fingerprint:
                raise Invalid(
                    "this key was used for another call", code="idempotency.mismatch")
            number: str = known["call_no"]
            return number
        about = self._case(tx.conn, call.case_id) if call.case_id else None
        kind, due_by = answer_by(
            self.rules, call.kind, channel=call.channel,
            case=CaseStatus(about["status"]) if about is not None else None,
            at=to_time(tx.now_us), calendar=self._here.calendar, wanted=call.answer_by,
        )
        number = self._number(tx)
        hashed = self._reporters.hashed(call.phone)
        self._rows.add_call(tx.conn, {
            "call_no": number, "command_id": command_id, "fingerprint": fingerprint,
            "kind": kind.code, "concerns": kind.concerns.value, "channel": call.channel,
            "words": call.words, "caller": masked_name(call.name),
            "phone": masked_phone(call.phone),
            "from_reporter": about is not None and self._reporters.is_of(
                tx.conn, about["case_id"], call.phone),
            "case_id": about["case_id"] if about is not None else None, "became": None,
            "holder": self._unit(call.unit), "received_at": tx.now_us, "received_by": actor,
            "due_by": to_us(due_by), "answered_at": None, "answer": "", "answer_channel": "",
            "answered_by": "", "reopened_at": None, "rules": self.rules.version,
        })
        if call.name or call.phone:
            self._rows.keep_caller(tx.conn, {
                "call_no": number, "phone_hash": hashed,
                **kept_of(call.name, call.phone, self._reporters.personal)})
        self._step(tx, number, "received", actor, self._telling.unit(call.unit))
        if call.answer is not None:
            row = self._call(tx, number)
            self._answer(tx, row, call.answer, actor)
        if about is not None:
            self._tell(tx, about)
        return number

    def _number(self, tx: Tx) -> str:
        day = to_time(tx.now_us).astimezone(BEIJING).strftime("%Y%m%d")
        count = self._store.next_case_no(tx.conn, f"{PREFIX}{day}")
        return f"{PREFIX}{self._here.node}{day}{count:05d}"

    # --- following through --------------------------------------------------------------------

    async def hand(
        self, call_no: str, *, unit: str, text: str = "", answer_by: datetime | None = None,
        actor: str,
    ) -> dict[str, Any]:
        """Let a unit of this office answer it, "" = our own desk again; its time goes on unless
        ``answer_by`` sets another. Raises as ``record``, ``Invalid`` (``call.unknown``) and
        ``WrongStatus`` (``call.answered``)."""
        self._may("HandCall")

        def write(tx: Tx) -> None:
            row = self._call(tx, call_no)
            still_open(_standing(row))
            holder = self._unit(unit)
            values: dict[str, object] = {"holder": holder}
            if answer_by is not None:
                later_than(answer_by, to_time(tx.now_us))
                values["due_by"] = to_us(answer_by)
            if holder == row["holder"] and answer_by is None:
                return
            self._rows.change_call(tx.conn, call_no, **values)
            words = [self._telling.unit(unit), text]
            self._step(tx, call_no, "handed" if holder else "taken_back", actor,
                       " · ".join(filter(None, words)))

        await self._writer.write(write, urgent=True)
        return await self._book.one(call_no)

    async def answer(self, call_no: str, answer: Answer, *, actor: str) -> dict[str, Any]:
        """Write down what the caller was told and how. Raises as ``hand`` does, and ``Invalid``
        (``call.answer``, ``call.channel``)."""
        self._may("AnswerCall")
        await self._writer.write(
            lambda tx: self._answer(tx, self._call(tx, call_no), answer, actor), urgent=True)
        return await self._book.one(call_no)

    def _answer(self, tx: Tx, row: Row, answer: Answer, actor: str) -> None:
        number = row["call_no"]
        if not answer.reached:
            still_open(_standing(row))
            known_channel(self.rules, answer.channel)
            self._step(tx, number, "tried", actor, answer.text)
            return
        to_answer(self.rules, _standing(row), channel=answer.channel, text=answer.text)
        by = answer.by or self._telling.unit(row["holder"]) or actor
        self._rows.change_call(
            tx.conn, number, answered_at=tx.now_us, answer=answer.text,
            answer_channel=answer.channel, answered_by=by)
        self._step(tx, number, "answered", actor, by if by != actor else "")
        if row["case_id"] is not None:
            self._tell(tx, self._case(tx.conn, row["case_id"]))

    async def became(self, call_no: str, case_id: str, *, actor: str) -> dict[str, Any]:
        """A case of this office came of the call; the two point at each other. Raises as ``hand``
        does, ``UnknownCase``, ``WrongStatus`` (``call.about_case``, ``call.became``)."""
        self._may("LinkCall")
        await self._writer.write(
            lambda tx: self._became(tx, self._call(tx, call_no), case_id, actor), urgent=True)
        return await self._book.one(call_no)

    def _became(self, tx: Tx, row: Row, case_id: str, actor: str) -> None:
        found = self._case(tx.conn, case_id)
        if to_become(_standing(row), found["case_id"]):
            self._rows.change_call(tx.conn, row["call_no"], became=found["case_id"])
            self._step(tx, row["call_no"], "became", actor, found["case_no"])
            self._tell(tx, found)

    async def open(
        self, call_no: str, command: OpenCase, *, shots: Sequence[Shot] = (),
        wants_reply: bool = True, actor: str,
    ) -> Reply:
        """Register the case that comes of a call, at most one. Whoever called is its reporter,
        unless the command names one. Raises as ``became`` and as ``Reporting.open`` do."""
        self._may("LinkCall")

        once = str(uuid5(CALLS, f"open/{call_no}"))

        def read(conn: Connection) -> tuple[Row, Row | None, bool]:
            row = known(self._rows.one_call(conn, call_no))
            again = self._store.command(conn, once) is not None
            return row, self._rows.caller(conn, call_no), again

        row, kept, again = await self._writer.read(read)
        if not again:  # the same act once more only gives its answer once more
            to_become(_standing(row), "")
        reporter = command.reporter
        if reporter is None and kept is not None:
            caller = caller_of(kept, self._reporters.personal)
            phone = caller.phone
            reporter = Reporter(
                name=caller.name, phone=phone, wants_reply=wants_reply and bool(phone),
                channel="phone" if phone else "")
        reply = await self._reporting.open(
            replace(command, command_id=CommandId(once), reporter=reporter), shots=shots)
        await self.became(call_no, reply.case_id, actor=actor)
        return reply

    async def reopen(self, call_no: str, *, text: str, actor: str) -> dict[str, Any]:
        """Ask, for an opinion on its result, that the case be taken up again; ``text`` enters the
        case's journal, so it says nothing of who called. Raises ``WrongStatus``
        (``call.no_opinion``) and as ``AskReopen`` does."""
        self._may("LinkCall")

        def write(tx: Tx) -> None:
            row = self._call(tx, call_no)
            to_reopen(_standing(row))
            self._handler.carry_out(tx, AskReopen(
                command_id=CommandId(str(uuid5(CALLS, f"reopen/{call_no}"))), actor=actor,
                case_id=CaseId(row["case_id"]), text=text))
            if row["reopened_at"] is None:
                self._rows.change_call(tx.conn, call_no, reopened_at=tx.now_us)
                self._step(tx, call_no, "reopen", actor, text)

        await self._writer.write(write, urgent=True)
        return await self._book.one(call_no)

    # --- inside -------------------------------------------------------------------------------

    def _may(self, verb: str) -> None:
        arrangement = self._here.arrangement
        needed: Capability | None = Capability.INTAKE
        if arrangement is not None:
            needed = arrangement.rights.on_call(verb)
        if needed is not None and needed not in self._here.capabilities:
            raise NotPermitted(
                f"this office takes no calls: it is not granted {needed}",
                code="case.not_permitted", why="calls", verb=verb, needed=needed.value)

    def _call(self, tx: Tx, call_no: str) -> Row:
        """The call, locked."""
        return known(self._rows.one_call(tx.conn, call_no, lock=True))

    def _case(self, conn: Connection, case_id: str) -> Row:
        found = self._rows.brief_case(conn, case_id)
        if found is None:
            raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
        return found

    def _unit(self, named: str) -> str:
        if not named:
            return ""
        found = self._here.register.find(named)
        if found is None:
            raise UnknownUnit(f"there is no unit {named} here", unit=named)
        return found.unit_id

    def _step(self, tx: Tx, call_no: str, step: str, actor: str, detail: str) -> None:
        self._rows.add_step(tx.conn, {
            "call_no": call_no, "at": tx.now_us, "step": step, "actor": actor, "detail": detail})

    def _tell(self, tx: Tx, about: Row) -> None:
        """Whoever has the case on the screen hears that something beside it changed."""
        self._store.add_changes(tx.conn, [{
            "case_id": about["case_id"], "version": about["version"], "kind": CHANGE,
            "at": tx.now_us}])
        tx.wake("case")


def _standing(row: Row) -> Standing:
    return Standing(
        concerns=Concern(row["concerns"]), answered=row["answered_at"] is not None,
        became=row["became"] or "")
