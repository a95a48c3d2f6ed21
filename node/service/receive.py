"""How the office takes words from its neighbours: ``hub.application.Application``.

One desk per frame: ``prefetch`` reads bodies and rows for all words at once, ``receive`` lets the
core hear each of them, ``flush`` writes everything in batches. A body that cannot be read parks
its word; a word whose ``cause`` is journalled already is applied and moves nothing again, so a
restored inbox does no harm.

Traces are evidence, not words of the trade: they are stored under their maker's own seal, never
journalled, and passed up unless the case is our own. A sheet of a problem library is about no case:
it is kept as it came, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from hub.application import APPLIED, Compared, Settled, parked
from hub.application import LATE as HEARD_LATE
from hub.envelope import PRIO_TRACE, Draft, Flag, Notice, Opened, Received
from hub.ids import LinkId, MsgId
from hub.ids import NodeId as HubNodeId
from hub.link.messages import DigestRow
from hub.store.tx import Tx
from node.core.context import PARENT, Neighbour
from node.core.errors import Refused
from node.core.facts import Address, AddressKind
from node.core.hear import Standing, hear
from node.core.words import Report, Word
from node.service.desk import Desk
from node.service.evidence import Evidence
from node.service.numbering import case_number
from node.service.ports import StockSheet, Trace, TraceKey
from node.service.recollection import Recollection
from node.service.stock.room import Stock
from node.service.surroundings import OFFSET_TRUSTED_MS, uuid_bytes, uuid_text

NOT_YOURS, NOT_BELOW, MALFORMED = "word.not_yours", "trace.not_below", "word.malformed"


@dataclass(frozen=True, slots=True)
class Read:
    """A body that was read, or the code under which it parks."""

    word: Word | Trace | StockSheet | None
    code: str = ""


class Receiver:
    """The application of one node. Belongs to the writer's thread."""

    def __init__(self, desk: Desk, evidence: Evidence, stock: Stock) -> None:
        self._desk = desk
        self._evidence = evidence
        self._stock = stock
        self.recollection = Recollection(desk)
        self._read: dict[bytes, Read] = {}
        self._known_causes: set[str] = set()
        self._known_traces: set[TraceKey] = set()
        self.late = 0
        """Words since the start that came too late to move a case."""
        self.newest_trace_us = 0
        """When the newest entry from below happened, by its maker's clock."""

    def types(self) -> Mapping[str, int]:
        """Readable types with their highest schema revision."""
        return self._desk.codec.types()

    # --- a frame ------------------------------------------------------------------------------

    def prefetch(self, tx: Tx, words: Sequence[Received]) -> None:
        """Read bodies, and with one statement each the cases, causes and traces they touch."""
        case_ids: dict[str, None] = {}
        causes: list[str] = []
        keys: list[TraceKey] = []
        for received in words:
            msg_id = received.opened.header.msg_id
            read = self._read[msg_id] = self._body(received.opened)
            word = read.word
            if isinstance(word, Trace):
                keys.append(_key(word))
                case_ids[word.entry.case_id] = None
            elif word is not None and not isinstance(word, StockSheet):
                causes.append(uuid_text(msg_id))
                case_ids[word.case_id] = None
        self._desk.load(tx, case_ids)
        if causes:
            self._known_causes |= self._desk.store.known_causes(tx.conn, causes)
        if keys:
            self._known_traces |= self._desk.store.known_traces(tx.conn, keys)

    def receive(self, tx: Tx, word: Received) -> Settled:
        """Take one word. Raises only for bugs; the fabric then parks it as ``handler.failed``."""
        header = word.opened.header
        if header.msg_id not in self._read:
            self.prefetch(tx, (word,))
        read = self._read[header.msg_id]
        self._desk.clock.hear(header.hlc, tx.now_us)
        if read.word is None:
            return parked(read.code)
        if isinstance(read.word, Trace):
            return self._trace(tx, word, read.word)
        if isinstance(read.word, StockSheet):
            return self._stock.hear(tx, word, read.word)
        return self._word(tx, word, read.word)

    def list_unclaimed(self) -> list[tuple[LinkId, str]]:
        """From now on list what neighbours work for and we do not know, instead of ending it."""
        self._evidence.unclaimed = []
        return self._evidence.unclaimed

    def readopt(self, tx: Tx, link: LinkId, word: Opened) -> int:
        """A word of our own comes back from a neighbour, after our history was lost."""
        del link  # whom it was said to counts when all of them are back
        return self.recollection.take(tx, word)

    def flush(self, tx: Tx) -> None:
        """Write what the frame staged."""
        self._desk.flush(tx)
        self._forget()

    def discard(self) -> None:
        """The savepoint was rolled back."""
        self._desk.clear()
        self._forget()

    def _forget(self) -> None:
        self._read.clear()
        self._known_causes.clear()
        self._known_traces.clear()

    def _body(self, opened: Opened) -> Read:
        inner = opened.original if opened.original is not None else opened
        try:
            word = self._desk.codec.read(inner.header.type, inner.body)
        except Refused as refused:
            return Read(None, refused.code)
        if opened.original is not None and not isinstance(word, Trace):
            return Read(None, MALFORMED)  # only evidence is passed on under another's seal
        if isinstance(word, Trace | StockSheet):
            return Read(word)
        if opened.header.lane != uuid_bytes(word.case_id):
            return Read(None, MALFORMED)  # outside its lane it could overtake its own past
        return Read(word)

    # --- words of the trade -------------------------------------------------------------------

    def _word(self, tx: Tx, received: Received, word: Word) -> Settled:
        header = received.opened.header
        cause = uuid_text(header.msg_id)
        if cause in self._known_causes:
            return APPLIED
        speaks_up = isinstance(word, Report)
        if speaks_up is received.peer_is_parent:
            return parked(NOT_YOURS)
        frm: Neighbour = (
            PARENT
            if received.peer_is_parent
            else Address(kind=AddressKind.NODE, id=received.peer)
        )
        trusted = abs(received.offset_ms) <= OFFSET_TRUSTED_MS
        desk = self._desk
        context = desk.surroundings.context(
            now_us=tx.now_us,
            actor=f"node:{received.peer}",
            cause=cause,
            said_at_us=header.occurred_at_us if trusted else received.received_at_us,
            asset_of=lambda code: desk.asset_of(tx, code),
            number=lambda: case_number(desk.store, tx, desk.surroundings.node),
        )
        heard = hear(desk.case(word.case_id), word, frm, context)
        if heard.events:
            self._known_causes.add(cause)
            desk.apply(
                tx,
                word.case_id,
                heard.events,
                cause=cause,
                actor=context.actor,
                correlation=header.correlation_id or header.msg_id,
            )
        if heard.standing is Standing.PARKED:
            return parked(heard.code)
        if heard.standing is not Standing.LATE:
            return APPLIED
        self.late += 1
        return HEARD_LATE

    # --- evidence -----------------------------------------------------------------------------

    def _trace(self, tx: Tx, received: Received, trace: Trace) -> Settled:
        desk, opened, entry = self._desk, received.opened, trace.entry
        if received.peer_is_parent:
            return parked(NOT_YOURS)
        if entry.node != self._maker(received):
            return parked(NOT_BELOW)
        key = _key(trace)
        if key in self._known_traces:
            return APPLIED
        self._known_traces.add(key)
        sealed = opened.original.sealed if opened.original is not None else opened.sealed
        relay_msg = self._pass_up(tx, received, entry.case_id, sealed)
        desk.add_trace(
            {
                "case_id": entry.case_id,
                "node": entry.node,
                "branch": entry.branch,
                "version": entry.version,
                "via": received.peer,
                "entry": trace.raw,
                "digest": sha256(trace.raw).digest(),
                "event_type": entry.event_type,
                "occurred_at": entry.occurred_at_us,
                "hlc": entry.hlc,
                "sealed": sealed,
                "received_at": received.received_at_us,
                "relay_msg": relay_msg,
            },
            now_us=tx.now_us,
        )
        self.newest_trace_us = max(self.newest_trace_us, entry.occurred_at_us)
        return APPLIED

    def _maker(self, received: Received) -> str:
        """Whose entry this may be: the peer's own, or for a relayed one that of a node in the
        peer's subtree whose own parent was addressed. "" = nobody's."""
        original = received.opened.original
        if original is None:
            return received.peer
        maker, dest = original.header.origin, original.header.dest
        tree = self._desk.surroundings.tree
        peer = HubNodeId(received.peer)
        if tree.parent_of(maker) == dest and tree.is_below(maker, peer):
            return maker
        return ""

    def _pass_up(
        self, tx: Tx, received: Received, case_id: str, sealed: bytes
    ) -> bytes | None:
        """Stage the original for our assignor, byte for byte; None if the case is our own."""
        desk = self._desk
        surroundings = desk.surroundings
        case, link = desk.case(case_id), surroundings.parent_link
        if case is None or case.duty is None or link is None:
            return None
        if case.duty.assignor != surroundings.parent:
            return None
        inner = received.opened.original or received.opened
        relay_msg = surroundings.ids.uuid7()
        desk.relay(
            link,
            Draft(
                msg_id=MsgId(relay_msg),
                type=inner.header.type,
                schema_rev=inner.header.schema_rev,
                occurred_at_us=received.received_at_us,
                hlc=desk.clock.tick(tx.now_us),
                body=sealed,
                prio=PRIO_TRACE,
                causation_id=received.opened.header.msg_id,
                correlation_id=inner.header.correlation_id,
                flags=Flag.RELAYED,
            ),
        )
        return relay_msg

    # --- what the fabric tells ----------------------------------------------------------------

    def notice(self, tx: Tx, link: LinkId, notice: Notice) -> None:
        """A neighbour could not simply apply a word of ours: show it to a person."""
        self._evidence.notice(tx, link, notice)

    # --- anti-entropy -------------------------------------------------------------------------

    def digest(  # noqa: PLR0917 - the fabric's port
        self,
        tx: Tx,
        link: LinkId,
        scope: str,
        depth: int,
        prefix: bytes,
        after: bytes,
        limit: int,
    ) -> Sequence[DigestRow]:
        """Anti-entropy rows of our side, ordered by key."""
        return self._evidence.digest(tx, link, scope, depth, prefix, after, limit)

    def compare(
        self, tx: Tx, link: LinkId, scope: str, prefix: bytes, rows: Sequence[DigestRow]
    ) -> Compared:
        """Child side, depth 2."""
        return self._evidence.compare(tx, link, scope, prefix, rows)

    def resupply(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """Enqueue again what the peer lacks."""
        return self._evidence.resupply(tx, link, scope, keys)

    def surplus(self, tx: Tx, link: LinkId, scope: str, keys: Sequence[bytes]) -> int:
        """The peer holds keys that we do not."""
        return self._evidence.surplus(tx, link, scope, keys)

    def lower(self, type_: str, from_rev: int, to_rev: int, body: bytes) -> bytes | None:
        """A word goes out in the lowest revision that says it; what is above that an older
        neighbour must not ignore, so it waits there for the upgrade."""
        del type_, from_rev, to_rev, body
        return None


def _key(trace: Trace) -> TraceKey:
    entry = trace.entry
    return TraceKey(entry.case_id, entry.node, entry.branch, entry.version)
