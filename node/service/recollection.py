"""What an office remembers again after its history was lost: from its own words, handed back.

Entries of our own journal come back inside the traces we once sent up; they are journalled again,
byte for byte, where they join on to what we have. Those that do not join on are kept beside the
evidence from below, under our own name, and their case is shown to a person. Entries from below
come back with the envelopes in which we passed them on. Words of the trade are looked at once
everything is back (``mend``): what the journal does not show is put right by ``node.core.readopt``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from uuid import UUID, uuid5

from sqlalchemy import Connection

from hub.envelope import PRIO_TRACE, PRIO_WORD, Draft, Flag, Opened
from hub.ids import LinkId, MsgId
from hub.ids import NodeId as HubNodeId
from hub.seal import reopen
from hub.store import recoveries
from hub.store.outbox import enqueue
from hub.store.tx import Tx
from node.core import events as ev
from node.core.consequences import consequences
from node.core.effects import Say
from node.core.errors import Refused, UnknownCase
from node.core.evolve import evolve
from node.core.facts import Address, AddressKind, AssignmentId
from node.core.readopt import adopt, our_case, readopt
from node.core.words import Directive, Order, Report, Withdraw, Word
from node.service.desk import Desk
from node.service.folding import read_event
from node.service.ports import Entry, Row, Trace, TraceKey
from node.service.surroundings import uuid_bytes, uuid_text

KIND = "recovered"
"""Of work items: an entry of ours that came back and does not join on."""
ACTOR = "recovery"
ADOPTED = UUID("5d9a2a34-2f0b-5f2c-9c53-0f4a8f1c1e77")
"""Name space of the causes of assignments that an operator took over."""


_Key = tuple[bytes, type, str, int]
"""Cause, act, assignment and generation of a word: what an entry says to a neighbour is told apart
by them."""
ENTRIES_MAX = 100_000
"""Entries of one case that are read again; more than any case has."""


class LostJournal(Protocol):
    """What is looked up beside the tables of the other use cases."""

    def journal_clash(
        self, conn: Connection, place: tuple[str, int, int], cause: tuple[str, int]
    ) -> Sequence[Row]:
        """case_id branch version digest of our entries with this place, or this part of this
        cause."""
        ...

    def entries_from(
        self, conn: Connection, node: str, event_types: Collection[str]
    ) -> Sequence[Row]:
        """case_id version event_type entry of a node's entries of these types, in order."""
        ...


@dataclass(slots=True)
class Counted:
    """What came back since this process began."""

    entries: int = 0
    """Journalled again."""
    apart: int = 0
    """Kept, but joined on to nothing."""
    below: int = 0
    """Entries of nodes below us."""
    mended: int = 0
    """Events that stand in for lost ones."""
    retold: int = 0
    """Words that our entries say and no neighbour had heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """An assignment that a neighbour works for and we do not know, as its own entries tell it.
    ``order`` None: they do not tell it yet."""

    link: LinkId
    neighbour: str
    assignment_id: str
    order: Order | None = None


class Recollection:
    """Belongs to the writer's thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._journal: LostJournal = desk.store  # type: ignore[assignment]
        self.counted = Counted()

    # --- entries ------------------------------------------------------------------------------

    def take(self, tx: Tx, opened: Opened) -> int:
        """One of our own words, in the order in which they were said; returns its class."""
        header = opened.header
        if header.lane:
            return PRIO_WORD
        self._desk.clock.hear(header.hlc, tx.now_us)
        inner = opened.original or opened
        try:
            word = self._desk.codec.read(inner.header.type, inner.body)
        except Refused:
            return PRIO_TRACE
        if not isinstance(word, Trace):
            return PRIO_TRACE
        entry = word.entry
        self._desk.load(tx, (entry.case_id,))
        if opened.original is not None:
            self._from_below(tx, opened, word)
        elif entry.node == self._desk.surroundings.node:
            self._own(tx, opened, word)
        return PRIO_TRACE

    def _own(self, tx: Tx, opened: Opened, trace: Trace) -> None:
        entry, desk = trace.entry, self._desk
        # What stands on the desk is not in the tables yet.
        desk.flush(tx)
        desk.load(tx, (entry.case_id,))
        digest = sha256(trace.raw).digest()
        clash = self._journal.journal_clash(
            tx.conn, (entry.case_id, entry.branch, entry.version), (entry.cause, entry.part)
        )
        if any(bytes(row["digest"]) == digest for row in clash):
            return
        case = desk.case(entry.case_id)
        follows = (case.version if case is not None else 0) + 1 == entry.version
        if not clash and follows and self._append(tx, entry, trace.raw, opened.header.msg_id):
            self.counted.entries += 1
            return
        self.counted.apart += 1
        self._keep(tx, opened, trace, node=desk.surroundings.node, sealed=opened.sealed)
        desk.work.open(
            entry.case_id,
            KIND,
            f"{entry.branch}:{entry.version}",
            f"{entry.event_type} ({entry.branch}:{entry.version})",
            now_us=tx.now_us,
        )

    def _append(self, tx: Tx, entry: Entry, raw: bytes, msg_id: MsgId) -> bool:
        """Whether it could be folded: an entry of the future, or of a case whose beginning is
        lost, cannot."""
        before = self._desk.case(entry.case_id)
        try:
            event = read_event(entry.event_type, entry.event)
        except (KeyError, ValueError):
            return False
        if before is None and not isinstance(event, _OPENING):
            return False
        if before is not None and isinstance(event, ev.CaseOpened):
            return False
        self._desk.readopt(tx, entry, raw, trace_msg=msg_id)
        return True

    def _from_below(self, tx: Tx, opened: Opened, trace: Trace) -> None:
        original = opened.original
        assert original is not None, "a relayed word has its original"
        entry = trace.entry
        if entry.node != original.header.origin:
            return
        key = TraceKey(entry.case_id, entry.node, entry.branch, entry.version)
        if key in self._desk.store.known_traces(tx.conn, (key,)):
            return
        self.counted.below += 1
        self._keep(tx, opened, trace, node=entry.node, sealed=original.sealed)

    def _keep(self, tx: Tx, opened: Opened, trace: Trace, *, node: str, sealed: bytes) -> None:
        entry = trace.entry
        self._desk.add_trace(
            {
                "case_id": entry.case_id,
                "node": node,
                "branch": entry.branch,
                "version": entry.version,
                "via": self._via(node),
                "entry": trace.raw,
                "digest": sha256(trace.raw).digest(),
                "event_type": entry.event_type,
                "occurred_at": entry.occurred_at_us,
                "hlc": entry.hlc,
                "sealed": sealed,
                "received_at": tx.now_us,
                "relay_msg": opened.header.msg_id,
            },
            now_us=tx.now_us,
        )

    def _via(self, node: str) -> str:
        """The child through whom the entries of a node come; ours come back from above."""
        around = self._desk.surroundings
        at, here = HubNodeId(node), HubNodeId(around.node)
        while at != here:
            above = around.tree.parent_of(at)
            if above is None or above == here:
                return str(at)
            at = above
        return around.parent

    # --- words --------------------------------------------------------------------------------

    def mend(self, tx: Tx, link: LinkId) -> int:
        """Compare the words that came back on a link with the journal; how many events it took.
        Does nothing a second time."""
        desk = self._desk
        to = self._said_to(link)
        done = 0
        for sealed in recoveries.words(tx.conn, link):
            opened = reopen(sealed)
            if not opened.header.lane:
                continue
            try:
                word = desk.codec.read(opened.header.type, opened.body)
            except (Refused, KeyError):
                continue
            if isinstance(word, Order | Directive | Report):
                done += self._mend_one(tx, opened, word, to)
        self.counted.mended += done
        return done

    def _mend_one(self, tx: Tx, opened: Opened, word: Word, to: Address | None) -> int:
        desk = self._desk
        cause = uuid_text(opened.header.msg_id)
        if desk.store.known_causes(tx.conn, (cause,)):
            return 0
        desk.clear()
        case_id = our_case(word)
        desk.load(tx, (case_id,))
        context = desk.surroundings.context(
            now_us=tx.now_us, actor=ACTOR, cause=cause,
            said_at_us=opened.header.occurred_at_us,
        )
        events = readopt(desk.case(case_id), word, to, context)
        if events:
            desk.apply(
                tx, case_id, events, cause=cause, actor=ACTOR,
                correlation=opened.header.correlation_id or opened.header.msg_id, again=True,
            )
            desk.flush(tx)
        return len(events)

    def retell(self, tx: Tx, link: LinkId) -> int:
        """Say again on ``link`` what our entries that came back from above say to this child and
        it does not give back: it died in our outbox. To be called when all words are back, and
        before anything newer is said, which the child could not make sense of. How many words."""
        desk, above = self._desk, self._desk.surroundings.parent_link
        to = self._said_to(link)
        if above is None or to is None:
            return 0
        back = self._back(tx.conn, above)
        heard = Counter(self._heard(tx.conn, link)) if back else Counter[_Key]()
        desk.clear()
        done = 0
        for case_id, digests in back.items():
            for say, entry in self._said_in(tx.conn, case_id, digests, to):
                key = _key(uuid_bytes(entry.cause) if entry.cause else b"", say.word)
                if heard[key]:
                    heard[key] -= 1
                    continue
                desk.say_again(tx, say, entry)
                done += 1
        desk.flush(tx)
        self.counted.retold += done
        return done

    def _back(self, conn: Connection, above: LinkId) -> dict[str, set[bytes]]:
        """Digests of our entries that came back, by case."""
        found: dict[str, set[bytes]] = {}
        for sealed in recoveries.words(conn, above):
            opened = reopen(sealed)
            if opened.header.lane or opened.header.flags & Flag.RELAYED:
                continue
            try:
                word = self._desk.codec.read(opened.header.type, opened.body)
            except (Refused, KeyError):
                continue
            if isinstance(word, Trace) and word.entry.node == self._desk.surroundings.node:
                found.setdefault(word.entry.case_id, set()).add(sha256(word.raw).digest())
        return found

    def _heard(self, conn: Connection, link: LinkId) -> Iterator[_Key]:
        """What the neighbour gave back."""
        for sealed in recoveries.words(conn, link):
            opened = reopen(sealed)
            if not opened.header.lane:
                continue
            try:
                word = self._desk.codec.read(opened.header.type, opened.body)
            except (Refused, KeyError):
                continue
            if isinstance(word, Order | Directive):
                yield _key(opened.header.causation_id, word)

    def _said_in(
        self, conn: Connection, case_id: str, digests: set[bytes], to: Address
    ) -> Iterator[tuple[Say, Entry]]:
        """What these entries of a case say to one neighbour, in their order."""
        desk, case = self._desk, None
        for row in desk.store.case_journal(conn, case_id, 0, ENTRIES_MAX):
            raw = bytes(row["entry"])
            entry = desk.codec.read_entry(raw)
            event = read_event(entry.event_type, entry.event)
            before, case = case, evolve(case, event)
            if sha256(raw).digest() not in digests:
                continue
            for effect in consequences(before, event, case):
                if isinstance(effect, Say) and effect.to == to:
                    yield effect, entry

    def _said_to(self, link: LinkId) -> Address | None:
        around = self._desk.surroundings
        if link == around.parent_link:
            return None
        return Address(kind=AddressKind.NODE, id=self._neighbour(link))

    def _neighbour(self, link: LinkId) -> str:
        around = self._desk.surroundings
        return next(child for child in around.children if around.link_to(child) == link)

    # --- assignments that nobody here knows ---------------------------------------------------

    def unclaimed(
        self, conn: Connection, found: Sequence[tuple[LinkId, str]]
    ) -> tuple[Unclaimed, ...]:
        """What the neighbours' own entries tell of assignments that we do not know."""
        told: list[Unclaimed] = []
        for link in sorted({link for link, _ in found}):
            neighbour = self._neighbour(link)
            orders = self._orders(conn, neighbour)
            told += [
                Unclaimed(
                    link=link, neighbour=neighbour, assignment_id=assignment_id,
                    order=orders.get(assignment_id),
                )
                for of, assignment_id in found
                if of == link
            ]
        return tuple(told)

    def _orders(self, conn: Connection, neighbour: str) -> dict[str, Order]:
        """The orders that a neighbour took, as its entries tell; a rework has raised the number."""
        orders: dict[str, Order] = {}
        rows = self._journal.entries_from(conn, neighbour, ("OrderTaken", "DutyReworked"))
        at: dict[str, str] = {}
        for row in rows:
            entry = self._desk.codec.read_entry(bytes(row["entry"]))
            event = read_event(entry.event_type, entry.event)
            if isinstance(event, ev.OrderTaken):
                at[entry.case_id] = event.assignment_id
                orders[event.assignment_id] = Order(
                    case_id=event.case_id, assignment_id=event.assignment_id,
                    generation=event.generation, limits=event.limits, facts=event.facts,
                    text=event.text,
                )
            elif isinstance(event, ev.DutyReworked) and entry.case_id in at:
                taken = orders[at[entry.case_id]]
                orders[at[entry.case_id]] = Order(
                    case_id=taken.case_id, assignment_id=taken.assignment_id,
                    generation=event.generation, limits=event.limits, facts=taken.facts,
                    text=event.text,
                )
        return orders

    def adopt(self, tx: Tx, one: Unclaimed) -> bool:
        """An operator takes it over: the case is ours to follow again. False if its case goes
        another way here; then it can only be called back. ``UnknownCase`` without an order."""
        order, desk = _told(one), self._desk
        cause = str(uuid5(ADOPTED, one.assignment_id))
        desk.clear()
        desk.load(tx, (order.case_id,))
        context = desk.surroundings.context(now_us=tx.now_us, actor=ACTOR, cause=cause)
        to = Address(kind=AddressKind.NODE, id=one.neighbour)
        events = adopt(desk.case(order.case_id), order, to, context)
        if events:
            desk.apply(tx, order.case_id, events, cause=cause, actor=ACTOR, again=True)
        desk.flush(tx)
        return bool(events)

    def leave(self, tx: Tx, one: Unclaimed) -> None:
        """Nobody decided: an item for whoever opens the worklist."""
        case_id = one.order.case_id if one.order is not None else ""
        self._desk.clear()
        self._desk.work.open(
            case_id,
            "orphan",
            uuid_bytes(one.assignment_id).hex(),
            f"{one.neighbour} works on assignment {one.assignment_id}, unknown here",
            now_us=tx.now_us,
        )
        self._desk.flush(tx)

    def call_back(self, tx: Tx, one: Unclaimed, reason: str) -> None:
        """An operator calls it back: the neighbour ends it. ``UnknownCase`` without an order."""
        order, desk = _told(one), self._desk
        word = Directive(
            case_id=order.case_id,
            assignment_id=AssignmentId(one.assignment_id),
            generation=order.generation,
            act=Withdraw(reason=reason),
        )
        type_, rev, body = desk.codec.say(word)
        enqueue(
            tx,
            one.link,
            [
                Draft(
                    msg_id=MsgId(desk.surroundings.ids.uuid7()),
                    type=type_,
                    schema_rev=rev,
                    occurred_at_us=tx.now_us,
                    hlc=desk.clock.tick(tx.now_us),
                    body=body,
                    lane=uuid_bytes(order.case_id),
                    flags=Flag.OVERTAKE,
                )
            ],
        )


def _key(cause: bytes, word: Word) -> _Key:
    act = type(word.act) if isinstance(word, Directive | Report) else type(word)
    return cause, act, word.assignment_id, word.generation


_OPENING = ev.CaseOpened | ev.OrderTaken | ev.DutyBuried


def _told(one: Unclaimed) -> Order:
    if one.order is None:
        raise UnknownCase(f"{one.neighbour} has not told of assignment {one.assignment_id} yet")
    return one.order
