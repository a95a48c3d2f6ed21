"""Hands a peer's words to the application, a frame at a time, and says what became of each.

The ordinary path is one savepoint for the whole frame: one look for known words, one for held
lanes, one ``prefetch`` and one ``flush``. Whatever raises there is rolled back and tried word by
word, so that one bad word parks alone. Trouble of the database is nobody's fault: it is raised,
nothing is stored and the frame comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from hub import wire
from hub.application import Application
from hub.envelope import PRIO_WORD, Draft, Flag, Header, Notice, Opened, Outcome, Received
from hub.ids import IdSource, LinkId, MsgId, NodeId
from hub.link.steps import Checked
from hub.seal import KNOWN_FLAGS
from hub.store import blobs, inbox, outbox
from hub.store.engine import transient
from hub.store.tx import Tx

LANE_HELD = "lane.held"
UNSUPPORTED = "schema.unsupported"
HANDLER_FAILED = "handler.failed"
DETAIL_CHARS_MAX = 500
"""Of an exception's text in a notice: enough to recognise it, too little to carry data away."""
NOTICE_SEALED_BYTES_MAX = 120 * 1024


class Became(NamedTuple):
    """What became of one word."""

    outcome: Outcome
    code: str = ""
    detail: str = ""


APPLIED = Became(Outcome.APPLIED)
DUPLICATE = Became(Outcome.DUPLICATE)
HELD = Became(Outcome.PARKED, LANE_HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applier:
    """Everything the words of one link need on their way into the office."""

    link: LinkId
    me: NodeId
    peer: NodeId
    peer_is_parent: bool
    application: Application
    ids: IdSource
    report: Callable[[str, Exception], None]
    """Told of each exception of a handler, once, where it is handled: message type, error."""

    @property
    def types(self) -> Mapping[str, int]:
        """Types this node reads, with their highest revision: said in every Hello."""
        return {**self.application.types(), **wire.HUB_TYPES}

    def apply(self, tx: Tx, words: Sequence[Checked], offset_ms: int) -> list[Became]:
        """Apply new words in order. The caller writes the inbox rows in the same transaction."""
        known = inbox.seen(tx.conn, [word.opened.header.msg_id for word in words])
        held = inbox.held_lanes(
            tx.conn,
            self.link,
            list({word.opened.header.lane for word in words if word.opened.header.lane}),
        )
        received = [self.received(tx, word.opened, offset_ms) for word in words]
        savepoint = tx.conn.begin_nested()
        try:
            outcomes = self._together(tx, words, received, set(known), set(held))
        except Exception as err:  # a handler may raise anything: one by one then
            savepoint.rollback()
            self.application.discard()
            if transient(err) is not None:
                raise
            return self._one_by_one(tx, words, received, set(known), set(held))
        savepoint.commit()
        return outcomes

    def apply_alone(self, tx: Tx, word: Checked, offset_ms: int) -> Became:
        """One word whose lane is its own by now: a parked one that is settled."""
        return self._alone(tx, self.received(tx, word.opened, offset_ms), word.park)

    def received(self, tx: Tx, opened: Opened, offset_ms: int) -> Received:
        return Received(
            link=self.link,
            peer=self.peer,
            peer_is_parent=self.peer_is_parent,
            received_at_us=tx.now_us,
            offset_ms=offset_ms,
            opened=opened,
        )

    def want_attachments(self, tx: Tx, words: Sequence[Checked]) -> None:
        """Ask for the photos of new words; of a relayed one, for those of its original."""
        for word in words:
            header = (word.opened.original or word.opened).header
            if header.attachments and blobs.want(
                tx.conn, self.link, header.attachments, header.msg_id, tx.now_us
            ):
                tx.wake("blob")

    def notices(
        self, tx: Tx, became: Sequence[tuple[MsgId, str, Became, bytes]]
    ) -> None:
        """Tell the peer of words ``(msg_id, type, what became, bytes)`` that did not simply
        apply. A Notice never causes a Notice; waiting behind another word is not news."""
        drafts = []
        for msg_id, type_, what, sealed in became:
            if type_ == wire.NOTICE_TYPE:
                continue
            body = wire.notice_bytes(
                Notice(
                    msg_id=msg_id,
                    outcome=what.outcome.value if not sealed else "FENCED",
                    code=what.code,
                    detail=what.detail,
                    sealed=sealed if len(sealed) <= NOTICE_SEALED_BYTES_MAX else b"",
                )
            )
            drafts.append(
                Draft(
                    msg_id=MsgId(self.ids.uuid7()),
                    type=wire.NOTICE_TYPE,
                    schema_rev=1,
                    occurred_at_us=tx.now_us,
                    hlc=(tx.now_us // 1_000) << 16,
                    body=body,
                    prio=PRIO_WORD,
                    causation_id=msg_id,
                )
            )
        outbox.enqueue(tx, self.link, drafts)

    # -- the two paths -------------------------------------------------------------------

    def _together(
        self,
        tx: Tx,
        words: Sequence[Checked],
        received: Sequence[Received],
        known: set[bytes],
        held: set[bytes],
    ) -> list[Became]:
        self.application.prefetch(
            tx,
            [
                one
                for word, one in zip(words, received, strict=True)
                if self._refusal(word, known, held) is None
                and word.opened.header.type not in wire.HUB_TYPES
            ],
        )
        outcomes: list[Became] = []
        for word, one in zip(words, received, strict=True):
            header = word.opened.header
            what = self._refusal(word, known, held) or self._hear(tx, one)
            _remember(header, what, known, held)
            outcomes.append(what)
        self.application.flush(tx)
        return outcomes

    def _one_by_one(
        self,
        tx: Tx,
        words: Sequence[Checked],
        received: Sequence[Received],
        known: set[bytes],
        held: set[bytes],
    ) -> list[Became]:
        outcomes: list[Became] = []
        for word, one in zip(words, received, strict=True):
            header = word.opened.header
            what = self._refusal(word, known, held) or self._alone(tx, one, "")
            _remember(header, what, known, held)
            outcomes.append(what)
        return outcomes

    def _alone(self, tx: Tx, one: Received, park: str) -> Became:
        refusal = self._unreadable(one.opened.header, park)
        if refusal is not None:
            return refusal
        savepoint = tx.conn.begin_nested()
        try:
            if one.opened.header.type not in wire.HUB_TYPES:
                self.application.prefetch(tx, [one])
            what = self._hear(tx, one)
            self.application.flush(tx)
        except Exception as err:
            savepoint.rollback()
            self.application.discard()
            if transient(err) is not None:
                raise
            self.report(one.opened.header.type, err)
            detail = f"{type(err).__name__}: {err}"[:DETAIL_CHARS_MAX]
            return Became(Outcome.PARKED, HANDLER_FAILED, detail)
        savepoint.commit()
        return what

    def _hear(self, tx: Tx, one: Received) -> Became:
        type_ = one.opened.header.type
        if type_ == wire.EPOCH_START_TYPE:
            return APPLIED
        if type_ == wire.NOTICE_TYPE:
            self.application.notice(tx, self.link, wire.notice_from(one.opened.body))
            return APPLIED
        settled = self.application.receive(tx, one)
        return Became(settled.outcome, settled.code)

    def _refusal(self, word: Checked, known: set[bytes], held: set[bytes]) -> Became | None:
        """Why the application does not get to see this word, None if it does."""
        header = word.opened.header
        if header.msg_id in known:
            return DUPLICATE
        if header.lane in held and not header.flags & Flag.OVERTAKE:
            return HELD
        return self._unreadable(header, word.park)

    def _unreadable(self, header: Header, park: str) -> Became | None:
        readable = (
            wire.HUB_TYPES.get(header.type) or self.application.types().get(header.type)
        )
        if readable is None or header.schema_rev > readable or header.flags & ~KNOWN_FLAGS:
            detail = f"{header.type} revision {header.schema_rev}, flags {header.flags}"
            return Became(Outcome.PARKED, UNSUPPORTED, detail)
        return Became(Outcome.PARKED, park) if park else None


def _remember(header: Header, what: Became, known: set[bytes], held: set[bytes]) -> None:
    """What the rest of the frame must know of this word."""
    known.add(header.msg_id)
    if what.outcome is Outcome.PARKED and header.lane:
        held.add(header.lane)
