"""Telling the end of a report to whoever waits for it: queued in the transaction that ends it.

The core says that a case has come to an end; who waits for it is known here alone: a reporter who
wants a reply (kept apart from the case), or the body that handed the problem over (in the details
of its source). The words are data. A person or a channel's adapter tells them and says how it
went; that is journalled, and tried again after a failure.

A duplicate follows its original: its reporter hears first that there is one already, and then the
end of that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.ids import IdSource
from hub.store.tx import Tx, Writer
from node.core.case import Case
from node.core.commands import TellReporter
from node.core.effects import EndKind, Tell
from node.core.errors import Invalid, Refused, WrongStatus
from node.core.facts import CaseId, CommandId
from node.core.sources import Sources
from node.service.folding import CaseCache
from node.service.handle import Handler
from node.service.instants import to_minute, to_time
from node.service.kin import CHAIN_MAX
from node.service.ports import Row
from node.service.reporters import reporter_of
from node.service.sources import BODY, MERGED, MERGED_ENDED, REPORTER, NoticeTexts
from node.service.surroundings import uuid_text
from node.service.views import NoticeView, Page

PENDING, DELIVERED, FAILED = "pending", "delivered", "failed"
CHANNEL = "phone"
"""How a reporter is told who did not say how."""
LETTER = "letter"
"""How a body is told."""
FOLLOWERS_MAX = 200
"""Duplicates of one case that are told its end in the transaction that ends it."""
ENDS = frozenset({EndKind.CLOSED, EndKind.NOT_ACCEPTED, EndKind.NOT_FILED, EndKind.VOIDED})
"""Kinds that end a case; the others speak of one that has ended."""
ENDED = {"closed": EndKind.CLOSED, "not_accepted": EndKind.NOT_ACCEPTED,
         "not_filed": EndKind.NOT_FILED, "voided": EndKind.VOIDED}


class NoticeStore(Protocol):
    """What is kept about notices and duplicates (``node.store.intake``)."""

    def add_notices(self, conn: Connection, rows: Sequence[Row]) -> None: ...

    def notice(self, conn: Connection, notice_id: str) -> Row | None: ...

    def tell_notice(self, conn: Connection, row: Row) -> None: ...

    def notices(
        self,
        conn: Connection,
        *,
        state: str = "",
        case_id: str = "",
        after: tuple[int, str] | None = None,
        limit: int,
    ) -> Sequence[Row]: ...

    def duplicates(
        self, conn: Connection, case_ids: Sequence[str], limit: int
    ) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Herald:
    """Queues notices inside the transaction of an event."""

    rows: NoticeStore
    texts: NoticeTexts
    sources: Sources | None
    ids: IdSource
    office: str

    def tell(
        self, tx: Tx, case: Case, effect: Tell, *, private: bytes | None, other: Case | None = None
    ) -> None:
        """Queue what ``effect`` owes. ``other``: the original of a duplicate, as it stands now,
        or the case that takes this one up again."""
        if effect.duplicate_of and other is not None:
            over = ENDED.get(other.status.value)
            kind = MERGED_ENDED if over else MERGED
            words = _words_of(other) if over else effect.text
            self._queue(tx, case, kind, words, private=private, other=other)
            if over:  # its end was told before they followed it
                self._tell_followers(tx, case, words, original=other)
            return
        self._queue(tx, case, effect.kind.value, effect.text, private=private, other=other)
        if effect.kind in ENDS:
            self._tell_followers(tx, case, effect.text, original=case)

    def _tell_followers(self, tx: Tx, of: Case, words: str, *, original: Case) -> None:
        """Whoever reported the same as ``of`` hears the end of the case that went on."""
        wave: list[str] = [of.case_id]
        seen: set[str] = {of.case_id}
        cache = CaseCache(1)
        for _ in range(CHAIN_MAX):
            rows = self.rows.duplicates(tx.conn, wave, FOLLOWERS_MAX)
            wave = [row["case_id"] for row in rows if row["case_id"] not in seen]
            if not wave:
                return
            seen.update(wave)
            for row in rows:
                follower = cache.read(row["case_id"], bytes(row["state"]))
                private = bytes(row["private"]) if row["private"] is not None else None
                self._queue(
                    tx, follower, MERGED_ENDED, words, private=private, other=original
                )

    def _queue(
        self, tx: Tx, case: Case, kind: str, words: str, *, private: bytes | None,
        other: Case | None,
    ) -> None:
        facts = case.facts
        assert facts is not None, "only an own case is told about"
        values = {
            "case_no": facts.case_no,
            "name": facts.category.name or facts.category.code,
            "address": facts.place.address,
            "text": words.rstrip("。.") if words else "",
            "original_no": _number(other),
            "new_no": _number(other),
            "closed_at": to_minute(to_time(tx.now_us)),
            "office": self.office,
        }
        found = []
        reporter = reporter_of(private) if case.wants_reply else None
        if reporter is not None and (text := self.texts.say(kind, **values)):
            found.append(self._row(tx, case, kind, REPORTER, "", reporter.channel or CHANNEL, text))
        if (body := self._body(case, kind)) is not None:
            name, number = body
            end = self.texts.end(kind, **values)
            text = self.texts.say(BODY, **{**values, "reference": number, "end": end})
            if text:
                found.append(self._row(tx, case, kind, name, number, LETTER, text))
        self.rows.add_notices(tx.conn, found)

    def _body(self, case: Case, kind: str) -> tuple[str, str] | None:
        """The body that handed it over, with its own number, if it is told this kind of end."""
        facts = case.facts
        if self.sources is None or facts is None:
            return None
        source = self.sources.rows.get(facts.source)
        if source is None or source.result_to in ("", REPORTER):
            return None
        told = set(source.tells)
        merged = kind in (MERGED, MERGED_ENDED)
        if kind not in told and not (merged and told):
            return None
        details = dict(facts.source_details)
        name = details.get(source.result_to, "")
        return (name, details.get(source.reference, "")) if name else None

    def _row(  # noqa: PLR0917
        self, tx: Tx, case: Case, kind: str, recipient: str, reference: str, channel: str,
        text: str,
    ) -> dict[str, Any]:
        assert case.facts is not None, "it was told about"
        return {
            "id": uuid_text(self.ids.uuid7()),
            "case_id": case.case_id,
            "case_no": case.facts.case_no,
            "kind": kind,
            "recipient": recipient,
            "reference": reference,
            "channel": channel,
            "text": text,
            "state": PENDING,
            "created_at": tx.now_us,
            "told_at": None,
            "told_by": "",
            "note": "",
        }


def _number(case: Case | None) -> str:
    return case.facts.case_no if case is not None and case.facts is not None else ""


def _words_of(case: Case) -> str:
    """What became of a case that has ended, in its own words."""
    result = case.result
    return result.result if result is not None else ""


class Notices:
    """Listing notices, and writing down how telling them went."""

    def __init__(
        self,
        *,
        rows: NoticeStore,
        writer: Writer,
        handler: Handler,
        now_us: Callable[[], int],
        rows_max: int,
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._handler = handler
        self._now_us = now_us
        self._rows_max = rows_max

    async def list(self, *, state: str = "", case_id: str = "", after: str = "",
                   limit: int = 50) -> Page:
        """One page, oldest first."""
        limit = max(1, min(limit, self._rows_max))
        cursor = _cursor(after)
        rows = await self._writer.read(
            lambda conn: self._rows.notices(
                conn, state=state, case_id=case_id, after=cursor, limit=limit
            )
        )
        last = rows[-1] if len(rows) == limit else None
        return Page(
            items=tuple(_plain(row) for row in rows),
            next=f"{last['created_at']}.{last['id']}" if last is not None else "",
        )

    async def record(
        self, notice_id: str, *, outcome: str, channel: str = "", note: str = "", actor: str,
        command_id: str,
    ) -> NoticeView:
        """Write down that it was delivered, or failed (it may be tried again then). Repeating the
        same ``command_id`` says the same again. Raises ``Refused``: ``notice.unknown``,
        ``notice.delivered`` for one that has arrived already."""

        def record(tx: Tx) -> NoticeView:
            row = self._rows.notice(tx.conn, notice_id)
            if row is None:
                raise Refused("there is no such notice", code="notice.unknown", id=notice_id)
            stored = self._handler.answered(tx, CommandId(command_id))
            if stored:
                return _view(row)
            if row["state"] == DELIVERED:
                raise WrongStatus(
                    "it has been delivered already", code="notice.delivered", id=notice_id
                )
            by = channel or row["channel"]
            self._handler.carry_out(
                tx,
                TellReporter(
                    command_id=CommandId(command_id),
                    actor=actor,
                    case_id=CaseId(row["case_id"]),
                    notice_id=notice_id,
                    channel=by,
                    outcome=outcome,
                ),
            )
            told = {
                **row,
                "state": outcome,
                "channel": by,
                "told_at": tx.now_us,
                "told_by": actor,
                "note": note,
            }
            self._rows.tell_notice(tx.conn, told)
            return _view(told)

        return await self._writer.write(record, urgent=True)


def _view(row: Row) -> NoticeView:
    told = row["told_at"]
    return NoticeView(
        id=row["id"],
        case_id=row["case_id"],
        case_no=row["case_no"],
        kind=row["kind"],
        recipient=row["recipient"],
        reference=row["reference"],
        channel=row["channel"],
        text=row["text"],
        state=row["state"],
        created_at=to_time(row["created_at"]),
        told_at=to_time(told) if told is not None else None,
        told_by=row["told_by"],
        note=row["note"],
    )


def _plain(row: Row) -> Mapping[str, Any]:
    view = _view(row)
    return {name: getattr(view, name) for name in NoticeView.__dataclass_fields__}


def _cursor(after: str) -> tuple[int, str] | None:
    if not after:
        return None
    at, dot, notice_id = after.partition(".")
    if not dot or not at.isdecimal():
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(at), notice_id
