"""One heap of events, one clock, one network: a parent and its children under faults.

The seed draws everything: which faults are on, when they strike, how long things take. Machines,
operations, seals and statements are the production ones; only carriers, clock and threads are
played. A crash may strike before any action; what a node wrote before it stays. ``faults`` says
what can go wrong, ``end`` and ``node`` carry the production parts, ``net`` carries the bytes.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hub import wire
from hub.envelope import Draft, Flag, Header
from hub.ids import LinkId, MsgId, NodeId, Position
from hub.link import steps
from hub.link.messages import Ack, Frame, Hello, Pull
from hub.link.settling import NotSettled
from hub.store import inbox, outbox
from hub.store.tx import Tx
from tests.sim.fabric import foul
from tests.sim.fabric.end import End
from tests.sim.fabric.faults import FAULTS, Profile, draw_profile
from tests.sim.fabric.keys import SimKeyRing
from tests.sim.fabric.net import Net
from tests.sim.fabric.node import Node
from tests.sim.fabric.office import FUTURE, NEWEST, WORD, number_of, numbered
from tests.sim.fabric.terms import (
    CHILDREN,
    EVENTS_MAX,
    FORGED,
    LANES,
    MS,
    PARENT,
    SECOND,
    STRANGE,
    WALL_AT_START,
    Broken,
    Said,
)
from tests.sim.fabric.trust import Trust

__all__ = ["CHILDREN", "FORGED", "MS", "PARENT", "SECOND", "WALL_AT_START", "Broken", "End",
           "Mutant", "Node", "Profile", "World"]

DIALS_MAX = 30
"""Tries in less than three minutes of refusals: doubling waits on two carriers need half of it."""
CREDIT_US = 5 * SECOND
"""How long an older credit may still be acted on while a newer one is being committed."""


class SimIds:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def uuid7(self) -> bytes:
        return self._rng.randbytes(16)


class Mutant:
    """The production code as it is; subclasses break one thing each."""

    unique_inbox = True

    def after_publish(self, end: End, frame: Frame) -> None:
        """Called when a carrier took a frame."""

    def __enter__(self) -> Mutant:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class World:
    """A parent, its children, and everything that happens to them."""

    events_max = EVENTS_MAX

    def __init__(self, seed: int, *, profile: Profile | None = None,
                 mutant: Mutant | None = None) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.profile = profile or draw_profile(seed)
        self.mutant = mutant or Mutant()
        self.now = 0
        self.calm = False
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._events = 0
        self._trace = hashlib.sha256()
        self.ids = SimIds(self.rng)
        self.keys = SimKeyRing(self.tree())
        self.signed: dict[tuple[NodeId, LinkId, Any], bytes] = {}
        self.restored: set[NodeId] = set()
        self.had: dict[tuple[NodeId, LinkId], tuple[int, int]] = {}
        """How far the peer had each direction of a node when that was put back."""
        self.cloned: set[NodeId] = set()
        self.guided = bool(self.profile.recoveries or self.profile.clones)
        """Whoever lost history is led through a recovery; in the end nothing stands still."""
        self.numbers: dict[tuple[NodeId, LinkId, bytes, int], bytes] = {}
        self.zombie_heard: set[LinkId] = set()
        self.believed: set[LinkId] = set()
        """Links on which a word was taken that its origin never said, under its own key."""
        self.reworked: set[tuple[NodeId, LinkId]] = set()
        self.struck: Counter[str] = Counter()
        """How often each fault struck."""
        self.dials: Counter[LinkId] = Counter()
        self.notes: list[tuple[int, str]] | None = None
        """What happened, in sentences, if somebody wants to read it."""
        self.revoked: dict[NodeId, dict[LinkId, tuple[int, int]]] = {}
        """Retired nodes, and how far each link had heard them by then."""
        self.rotating: set[NodeId] = set()
        self.ghosts: list[Node] = []
        """Processes that believe they are still the one that serves their node."""
        self.backups: dict[NodeId, bytes] = {}
        """The newest of each node that loses its disk: whoever puts an older one in its place
        may hear words again, behind newer ones, that were lost in between."""
        self.trust: Trust | None = None
        self.net = Net(self)
        self.nodes = self.found()
        if self.profile.trust:
            self.trust = Trust(self, PARENT)

    def tree(self) -> dict[NodeId, NodeId | None]:
        """Parents by node."""
        return {PARENT: None, **dict.fromkeys(CHILDREN, PARENT)}

    def found(self) -> dict[NodeId, Node]:
        """The offices, parents first."""
        nodes = {PARENT: Node(self, PARENT, CHILDREN)}
        for child in CHILDREN:
            nodes[child] = Node(self, child, (PARENT,))
        return nodes

    # -- time ----------------------------------------------------------------------------

    def at(self, delay: int, call: Callable[[], None]) -> None:
        self._events += 1
        heapq.heappush(self._heap, (self.now + max(1, delay), self._events, call))

    def run_until(self, end: int) -> None:
        while self._heap and self._heap[0][0] <= end:
            self.now, number, call = heapq.heappop(self._heap)
            if number > self.events_max:
                raise Broken("I14: a storm: events follow each other without end")
            call()
        self.now = end

    def strikes(self, fault: str) -> bool:
        """Does this fault strike here and now, by its chance in the profile?"""
        chance = getattr(self.profile, fault)
        if self.calm or chance <= 0 or self.rng.random() >= chance:
            return False
        self.struck[fault] += 1
        if self.notes is not None:
            self.tell(f"{fault} strikes: {FAULTS.get(fault, fault)}")
        return True

    def tell(self, sentence: str) -> None:
        """For the reader of a story; costs nothing while nobody reads."""
        if self.notes is not None:
            self.notes.append((self.now, sentence))

    def dialed(self, end: End) -> None:
        self.dials[end.link] += 1

    def grow_calm(self) -> None:
        """No fault strikes any more; everybody is up, and every disk has room."""
        self.calm = True
        self.net.calm()
        foul.end_ghosts(self)
        for node in self.nodes.values():
            node.empty()
        for node in self.nodes.values():
            node.start_again()
        for end in self.ends():
            if end.session is not None and end.session.mark.paused:
                end.steer(False)

    def log(self, *parts: str) -> None:
        self._trace.update(f"{self.now}|{'|'.join(parts)}\n".encode())

    @property
    def trace(self) -> str:
        return self._trace.hexdigest()

    def end_of(self, link: LinkId, *, child: bool) -> End:
        node = NodeId(link.split("-")[1 if child else 0])
        return self.nodes[node].ends[link]

    def ends(self) -> list[End]:
        return [end for node in self.nodes.values() for end in node.ends.values()]

    # -- what people do ------------------------------------------------------------------

    def utter(self, count: int | None = None, *, rng: random.Random | None = None) -> None:
        """Somebody commits a few words at some office; where the disk is full they are told so,
        and nothing was said."""
        rng = rng or self.rng
        node = self.nodes[rng.choice((PARENT, *CHILDREN))]
        end = rng.choice(list(node.ends.values()))
        if node.full or node.read_only():
            return
        drafts, said = [], []
        for _ in range(count or rng.randint(1, 6)):
            number = rng.randrange(LANES)
            lane = f"{end.link}/{number}".encode() if number else b""
            overtake = rng.random() < 0.05
            mark, type_ = "ok", WORD
            if rng.random() < self.profile.poison:
                self.struck["poison"] += 1
                mark = rng.choice(("park", "fail"))
                type_ = rng.choice((WORD, WORD, FUTURE))
            rev, body = node.office.speak(mark, only=rng.random() < 0.2)
            msg_id = rng.randbytes(16)
            drafts.append(
                Draft(
                    msg_id=MsgId(msg_id), type=type_, schema_rev=rev,
                    occurred_at_us=node.wall(), hlc=0, body=body, lane=lane,
                    prio=number % 3, flags=Flag.OVERTAKE if overtake else Flag.NONE,
                )
            )
            said.append(Said(msg_id, lane, overtake, mark))

        def say(tx: Tx) -> None:
            with_numbers = [
                replace(
                    one,
                    body=numbered(
                        one.body, node.office.issue(tx, end.link, one.lane, one.msg_id)
                    ),
                )
                for one in drafts
            ]
            outbox.enqueue(tx, end.link, with_numbers)

        _, woken = node.disk.write(say)
        end.said.extend(said)
        self.tell(f"{node.id} commits {len(said)} words for {end.peer}: "
                  + ", ".join(word.msg_id.hex()[:4] + f" ({word.mark})" * (word.mark != "ok")
                              for word in said[:6]))
        node.woken(woken)

    def discard_one(self) -> None:
        """A person gives up some parked word."""
        for end in self.ends():
            rows = end.node.disk.read(
                lambda conn, end=end: inbox.parked(conn, end.link, limit=1)
            )
            if rows and rows[0].code != "lane.held" and not end.node.full:
                settler = end.settler()
                try:
                    _, woken = end.node.disk.write(
                        lambda tx, row=rows[0], settler=settler: settler.discard(
                            tx, row.position, reason="not ours", actor="op"
                        )
                    )
                except NotSettled:
                    continue
                end.node.woken(woken)
                self.struck["discard"] += 1
                self.tell(f"a person at {end.node.id} gives up a parked word of {end.peer}")
                return

    def heal(self) -> None:
        """Every office understands everything now, and says so to its parked words."""
        for node in self.nodes.values():
            node.office.healed, node.office.version = True, NEWEST
        codes = {"codes.unknown", "schema.unsupported", "handler.failed", "lane.held"}
        for node in self.nodes.values():
            node.release(codes, actor="upgrade")

    # -- observers -----------------------------------------------------------------------

    def observe_frame(self, end: End, data: bytes) -> None:
        message = wire.message_from(data)
        assert isinstance(message, Frame)
        self.observe_signed(end, message.envelopes)

    def observe_signed(self, end: End, envelopes: Sequence[bytes]) -> None:
        """I17: no origin signs two headers for one position, whether they were sent or not."""
        for sealed in envelopes:
            head, body, _ = wire.sealed_parts(sealed)
            header = wire.header_from(head)
            if header.origin != end.node.id:
                continue  # an echo: it was signed long ago, by the other end
            self._observe_number(end, header, body)
            key = (end.node.id, end.link, header.position)
            if end.node.id in self.cloned:
                continue
            if self.signed.setdefault(key, head) != head:
                if not self._peer_has(end, header.position):
                    # Put back to before a word that nobody had by then: only the marker beside
                    # the database could have told, and that is the node's, not the link's.
                    self.signed[key] = head
                    continue
                raise Broken(f"I17: {end.node.id} signed two headers at {header.position}")

    def observe_epoch(self, end: End) -> None:
        """The start of an epoch is signed as well."""
        rows = end.node.disk.rows(
            "SELECT sealed FROM outbox WHERE link = ? AND type = 'hub.v1.EpochStart' "
            "AND acked_at IS NULL", end.link,
        )
        self.observe_signed(end, [row[0] for row in rows])

    def _observe_number(self, end: End, header: Header, body: bytes) -> None:
        """I20: no number is given to two different words on a link, whatever was lost."""
        if header.type not in (WORD, FUTURE) or not self.guided or end.node.id in self.cloned:
            return
        number = number_of(body)
        key = (end.node.id, end.link, header.lane, number)
        if number and self.numbers.setdefault(key, header.msg_id) != header.msg_id:
            raise Broken(f"I20: {end.node.id} gave number {number} of {header.lane!r} twice")

    def _peer_has(self, end: End, at: Position) -> bool:
        if end.node.id not in self.restored or self.guided:
            return True
        return tuple(at) <= self.had.get((end.node.id, end.link), (0, 0))

    def observe_taken(self, end: End, operation: steps.Accept, result: object) -> None:
        """What became of words that their origin never said."""
        bodies = {one.opened.body for one in operation.envelopes}
        if FORGED in bodies:
            self.zombie_heard.add(end.link)
        if STRANGE in bodies:
            raise Broken(f"I13: {end.node.id} took a word under a key that does not count")
        if FORGED in bodies and isinstance(result, steps.Accepted) and result.fresh:
            self.believed.add(end.link)

    def observe_alarm(self, end: End, code: str) -> None:
        """Without proof a peer can stop its own link, nothing else."""
        another = self.ghosts or self.restored or self.believed or self.zombie_heard
        if code == "copy.proven" and not another:
            raise Broken(f"I14: {end.node.id} believes in another copy that nobody has shown it")

    def observe_dials(self, end: End, tries: int) -> None:
        """Hearing from a peer is no success: whoever gets nowhere waits longer and longer."""
        if tries > DIALS_MAX:
            raise Broken(f"I14: {tries} tries on {end.link} while every one was refused")

    def observe_heard(self, end: End, contact: int, message: object) -> None:
        if isinstance(message, Hello | Ack):
            end.credits = [*end.credits[-8:], (self.now, message.inn, message.credit)]
        if isinstance(message, Hello | Pull):
            end.asked += 1

    def observe_sending(self, end: End, contact: int, frame: Frame) -> None:
        """Not more than the peer has room for, and nothing twice on one contact unless asked. An
        echo is pulled page by page, and the start of an epoch is said until it is taken."""
        if frame.origin != end.node.id:
            return
        ends = [
            wire.header_from(wire.sealed_parts(one)[0])
            for one in (frame.envelopes[0], frame.envelopes[-1])
        ]
        if ends[1].type == wire.EPOCH_START_TYPE:
            return
        first, last = (header.position for header in ends)
        here = (end.node.life, contact)
        if end.sent[:2] != here:
            end.asked = max(0, end.asked - 1)
        elif first <= end.sent[2] and end.asked:
            end.asked -= 1
        elif first <= end.sent[2]:
            raise Broken(f"G8: {end.node.id} sent {first} twice on one contact, unasked")
        end.sent = (*here, last)
        fresh = [one for one in end.credits if one[0] >= self.now - CREDIT_US] or end.credits[-1:]
        if not fresh or last.epoch > max(inn.epoch for _, inn, _ in fresh):
            return
        room = max((inn.epoch, inn.seq + credit) for _, inn, credit in fresh)
        if tuple(last) > room:
            raise Broken(f"I14: {end.node.id} sent {last}, the peer has room up to {room}")

    def observe_ack(self, end: End, ack: Ack) -> None:
        """I10: what is acknowledged is committed."""
        rows = end.node.disk.rows("SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link)
        if tuple(ack.inn) > rows[0]:
            raise Broken(f"I10: {end.node.id} acknowledged {ack.inn}, committed {rows[0]}")

    def observe_commit(self, end: End) -> None:
        """G1: only what the peer has is marked as delivered; the window is kept."""
        if self.restored:
            return
        acked = end.node.disk.rows(
            "SELECT acked_epoch, acked_seq FROM link WHERE link = ?", end.link
        )[0]
        peer = self.nodes[end.peer].disk.rows(
            "SELECT in_epoch, in_seq FROM link WHERE link = ?", end.link
        )[0]
        if acked > peer:
            raise Broken(f"G1: {end.node.id} believes {acked} delivered, the peer has {peer}")
