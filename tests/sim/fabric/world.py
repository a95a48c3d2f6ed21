"""One heap of events, one clock, one network: a parent and its children under faults.

The seed draws everything: which faults are on, when they strike, how long things take. Machines,
operations, seals and statements are the production ones; only carriers, clock and threads are
played. A crash may strike before any action; what a node wrote before it stays.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub import wire
from hub.carriers.port import Kind
from hub.envelope import Draft, Flag
from hub.errors import FabricError, Fenced, Overloaded, UnknownPeer, Unsealed
from hub.ids import LinkId, MsgId, NodeId, Position, link_id
from hub.link import session as machine
from hub.link import steps
from hub.link.applying import Applier
from hub.link.messages import Ack, Frame
from hub.link.operations import LinkOperations
from hub.link.sealing import Sealing
from hub.link.settling import NotSettled, Settler
from hub.store import inbox, links, outbox
from tests.sim.fabric.disk import Disk
from tests.sim.fabric.keys import SimKeyRing, signer_of
from tests.sim.fabric.office import FUTURE, WORD, SimOffice

MS = 1_000
SECOND = 1_000_000
PARENT = NodeId("420200")
CHILDREN = tuple(NodeId(f"42020{n}") for n in (2, 3, 4))
LANES = 5
FORGED = b"forged"
"""Body of a word that nobody said."""
WALL_AT_START = 1_700_000_000 * SECOND


EVENTS_MAX = 100_000
"""Events of one seed: several times what a long one takes. More is a machine that runs hot."""


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass(slots=True)
class Profile:
    """Which faults this seed has switched on; chances per message, action or opportunity."""

    loss: float = 0.0
    double: float = 0.0
    reorder: float = 0.0
    delay_ms: int = 20
    cuts: int = 0
    crash: float = 0.0
    disk_trouble: float = 0.0
    publish_unknown: float = 0.0
    wipes: int = 0
    restores: int = 0
    new_epochs: int = 0
    zombies: int = 0
    poison: float = 0.0
    discard: float = 0.0
    skew_ms: int = 0
    damage: float = 0.0
    kinds: tuple[Kind, ...] = (Kind.GRPC,)
    words: int = 60
    burst: int = 0


def draw_profile(rng: random.Random) -> Profile:
    """A subset of all faults, so that each seed looks at another corner."""

    def some(value: float, chance: float = 0.5) -> float:
        return value if rng.random() < chance else 0.0

    return Profile(
        loss=some(rng.uniform(0.005, 0.1)),
        double=some(rng.uniform(0.01, 0.2)),
        reorder=some(rng.uniform(0.01, 0.3)),
        delay_ms=rng.choice((5, 40, 400, 3_000)),
        cuts=rng.choice((0, 0, 1, 3)),
        crash=some(rng.choice((0.002, 0.01, 0.03))),
        disk_trouble=some(0.02, 0.25),
        publish_unknown=some(0.1, 0.3),
        wipes=rng.choice((0, 0, 1)),
        poison=some(rng.choice((0.03, 0.1)), 0.6),
        discard=some(0.5, 0.3),
        skew_ms=rng.choice((0, 0, 900, 40_000)),
        damage=some(0.01, 0.2),
        kinds=rng.choice(((Kind.GRPC,), (Kind.NATS,), (Kind.GRPC, Kind.NATS),
                          (Kind.NATS, Kind.GRPC))),
        words=rng.choice((15, 40, 80)),
        burst=rng.choice((0,) * 19 + (600,)),
        restores=rng.choice((0,) * 5 + (1,)),
        new_epochs=rng.choice((0,) * 5 + (1, 2)),
        zombies=rng.choice((0,) * 11 + (1,)),
    )


@dataclass(slots=True)
class Said:
    """One word in the observer's ledger, in commit order of its origin."""

    msg_id: bytes
    lane: bytes
    overtake: bool
    mark: str


@dataclass(slots=True)
class Pipe:
    """One contact as the network knows it; a side hears of its end only if told."""

    link: LinkId
    kind: Kind
    child_contact: int
    parent_contact: int
    child_life: int
    parent_life: int
    open: bool = True
    drained: bool = False
    """Ended in good order: what was said before the end still arrives."""
    arrives: dict[NodeId, int] = field(default_factory=dict)


class SimIds:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def uuid7(self) -> bytes:
        return self._rng.randbytes(16)


class End:
    """One end of a link: session machine, operations, and the hands that carry actions out."""

    def __init__(self, node: Node, link: LinkId, peer: NodeId) -> None:
        self.node = node
        self.link = link
        self.peer = peer
        self.dials = node.world.keys.parent_of(node.id) == peer
        self.session: machine.Session | None = None
        self.ops: LinkOperations | None = None
        self.alarms: list[str] = []
        self.said: list[Said] = []
        self.accepted_contacts = 0
        self._tick_at = 0
        world = node.world
        self.sealing = Sealing(
            link=link, me=node.id, peer=peer, signers=(signer_of(node.id),), keys=world.keys,
            lower=node.office.lower,
        )

    def applier(self) -> Applier:
        node = self.node
        return Applier(
            link=self.link, me=node.id, peer=self.peer, peer_is_parent=self.dials,
            application=node.office, ids=node.world.ids, report=lambda _type, _err: None,
        )

    def start(self) -> None:
        node, world = self.node, self.node.world
        holder_id = world.rng.randbytes(8)
        checkpoint, _ = node.disk.write(
            lambda tx: links.take(tx, self.link, holder_id=holder_id, lease_until_us=0)
        )
        applier = self.applier()
        self.ops = LinkOperations(applier=applier, holder_no=checkpoint.holder_no)
        self.session = machine.begin(
            checkpoint=checkpoint,
            me=node.id,
            kinds=world.profile.kinds if self.dials else (),
            types=tuple(sorted(applier.types.items())),
        )
        self._tick_at = 0
        self.feed(steps.Started(checkpoint=checkpoint))

    def settler(self) -> Settler:
        return Settler(applier=self.applier(), keys=self.node.world.keys)

    def feed(self, given: steps.Input) -> None:
        if not self.node.up or self.session is None:
            return
        world = self.node.world
        now = steps.Now(world.now, self.node.wall(), world.rng.uniform(0.8, 1.4))
        self.session, actions = machine.step(self.session, given, now)
        world.log(self.node.id, self.link, type(given).__name__,
                  ",".join(type(action).__name__ for action in actions))
        for action in actions:
            if world.strikes(world.profile.crash):
                self.node.crash()
                return
            self.perform(action)
        self._arm()

    def _arm(self) -> None:
        assert self.session is not None
        at = machine.due(self.session)
        if at is None:
            return
        at = max(at, self.node.world.now + 1)
        if self._tick_at > self.node.world.now and self._tick_at <= at:
            return
        self._tick_at = at
        self.node.later(at - self.node.world.now, self._tick)

    def _tick(self) -> None:
        if self._tick_at <= self.node.world.now:
            self._tick_at = 0
            self.feed(steps.Tick())

    def perform(self, action: steps.Action) -> None:
        node, world = self.node, self.node.world
        match action:
            case steps.Say():
                message = self.sealing.sign(action.message)
                if isinstance(message, Ack):
                    world.observe_ack(self, message)
                data = wire.message_bytes(message)
                world.net.say(self, action.contact, data, isinstance(message, Frame))
                if isinstance(message, Frame):
                    world.mutant.after_publish(self, message)
            case steps.Dial():
                world.net.dial(self, action.contact, action.kind)
            case steps.Drop():
                world.net.drop(self, action.contact)
            case steps.Finish():
                world.net.finish(action.token)
            case steps.Read():
                node.later(world.rng.randint(50, 2 * MS), lambda: self._read(action))
            case steps.Write():
                node.disk_at(lambda: self._write(action))
            case steps.Seal():
                node.later(
                    world.rng.randint(50, 5 * MS),
                    lambda: self.feed(
                        steps.Done(ticket=action.ticket, result=self.sealing.seal(action))
                    ),
                )
            case steps.Verify():
                node.later(world.rng.randint(50, 8 * MS), lambda: self._verify(action))
            case steps.Alarm():
                self.alarms.append(action.code)
            case _:
                pass

    def _verify(self, action: steps.Verify) -> None:
        result = self.sealing.verify(action.frame, self.node.wall())
        self.feed(steps.Done(ticket=action.ticket, result=result))

    def _read(self, action: steps.Read) -> None:
        ops = self.ops
        assert ops is not None
        try:
            result = self.node.disk.read(
                lambda conn: ops.read(conn, action.operation, now_us=self.node.wall())
            )
        except FabricError as err:
            self._failed(action.ticket, err)
            return
        self.feed(steps.Done(ticket=action.ticket, result=result))

    def _write(self, action: steps.Write) -> None:
        ops, world = self.ops, self.node.world
        assert ops is not None
        try:
            if world.strikes(world.profile.disk_trouble):
                raise Overloaded("writing: the disk is full", code="store.disk_full")
            result, woken = self.node.disk.write(lambda tx: ops.write(tx, action.operation))
        except FabricError as err:
            self.node.answer(lambda err=err: self._failed(action.ticket, err))
            return
        if isinstance(action.operation, steps.Number):
            world.observe_signed(self, [row.sealed for row in action.operation.rows])
        if isinstance(action.operation, steps.Accept) and any(
            one.opened.body == FORGED for one in action.operation.envelopes
        ):
            world.zombie_heard.add(self.link)
        world.observe_commit(self)
        self.node.woken(woken)
        self.node.answer(
            lambda: self.feed(steps.Done(ticket=action.ticket, result=result))
        )

    def _failed(self, ticket: steps.Ticket, err: FabricError) -> None:
        fenced = isinstance(err, Fenced) and err.code == Fenced.family
        self.feed(steps.Failed(ticket=ticket, code=err.code, fenced=fenced))

    def hear(self, contact: int, data: bytes, token: int) -> None:
        """A message came out of the network."""
        try:
            message = wire.message_from(data)
            given = self.sealing.check(
                message, contact=contact, token=token, now_us=self.node.wall()
            )
        except UnknownPeer as err:
            self.feed(steps.Strange(contact=contact, why=str(err)))
            return
        except (FabricError, Unsealed):
            self.node.world.net.finish(token)
            self.node.world.net.drop(self, contact)
            self.feed(steps.Closed(contact=contact, why="unreadable message"))
            return
        self.feed(given)

    def state(self) -> tuple[str, str]:
        rows = self.node.disk.rows("SELECT state, reason FROM link WHERE link = ?", self.link)
        return rows[0][0], rows[0][1]


class Node:
    """One office: a disk that lasts, and ends of links that live until the next crash."""

    def __init__(self, world: World, id_: NodeId, peers: tuple[NodeId, ...]) -> None:
        self.world = world
        self.id = id_
        self.up = False
        self.life = 0
        self.office = self.make_office()
        self.skew_us = world.rng.randint(-1, 1) * world.profile.skew_ms * MS
        self.disk = self.make_disk()
        self._disk_free = 0
        self._answered = 0
        self.ends = {}
        parent = world.keys.parent_of(id_)
        for peer in peers:
            link = (
                link_id(parent=peer, child=id_) if peer == parent
                else link_id(parent=id_, child=peer)
            )
            self.disk.write(
                lambda tx, link=link, peer=peer: links.create(
                    tx, link=link, peer=peer, peer_is_parent=peer == parent,
                    prefer=world.profile.kinds[0].value,
                )
            )
            self.ends[link] = self.make_end(link, peer)

    def make_office(self) -> Any:
        return SimOffice()

    def make_disk(self) -> Disk:
        return Disk(self.wall, unique_inbox=self.world.mutant.unique_inbox)

    def make_end(self, link: LinkId, peer: NodeId) -> End:
        return End(self, link, peer)

    def wall(self) -> int:
        return WALL_AT_START + self.world.now + self.skew_us

    def later(self, delay: int, call: Callable[[], None]) -> None:
        """Run unless this life has ended by then."""
        life = self.life

        def run() -> None:
            if self.up and self.life == life:
                call()

        self.world.at(delay, run)

    def disk_at(self, call: Callable[[], None]) -> None:
        """Writes happen one after another."""
        at = max(self.world.now, self._disk_free) + self.world.rng.randint(100, 3 * MS)
        self._disk_free = at
        self.later(at - self.world.now, call)

    def answer(self, call: Callable[[], None]) -> None:
        """Results of writes come back in order."""
        at = max(self.world.now + self.world.rng.randint(1, MS), self._answered + 1)
        self._answered = at
        self.later(at - self.world.now, call)

    def woken(self, topics: set[str]) -> None:
        for end in self.ends.values():
            if f"link:{end.link}" in topics:
                self.later(1, lambda end=end: end.feed(steps.Woken()))

    def start(self) -> None:
        self.up = True
        self.life += 1
        for end in self.ends.values():
            end.start()

    def crash(self) -> None:
        if not self.up:
            return
        world = self.world
        world.log(self.id, "", "crash", "")
        self.up = False
        self.life += 1
        world.net.forget(self)
        for end in self.ends.values():
            end.session = None
        if not world.calm:
            world.at(world.rng.randint(10 * MS, 90 * SECOND), self.start_again)

    def start_again(self) -> None:
        if not self.up:
            self.start()


class Net:
    """Pipes, boxes and what goes wrong in them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pipes: list[Pipe] = []
        self.cut: set[LinkId] = set()
        self.boxes: dict[tuple[LinkId, NodeId], dict[int, bytes]] = {}
        self._tokens = 0

    def dial(self, end: End, contact: int, kind: Kind) -> None:
        node, world = end.node, self.world
        node.later(
            world.rng.randint(MS, 2 * world.profile.delay_ms * MS),
            lambda: self._dialed(end, contact, kind),
        )

    def _dialed(self, end: End, contact: int, kind: Kind) -> None:
        world = self.world
        parent = world.nodes[end.peer]
        if end.link in self.cut or not parent.up or world.strikes(world.profile.loss):
            end.feed(steps.Closed(contact=contact, why="no answer"))
            return
        other = parent.ends[end.link]
        other.accepted_contacts += 1
        pipe = Pipe(
            end.link, kind, contact, other.accepted_contacts, end.node.life, parent.life
        )
        self.pipes = [one for one in self.pipes if one.open]
        self.pipes.append(pipe)
        other.feed(steps.Arrived(contact=pipe.parent_contact, kind=kind))
        end.feed(steps.Arrived(contact=contact, kind=kind))
        if kind is Kind.NATS:
            for target in (end, other):
                for token in list(self.boxes.get((end.link, target.node.id), ())):
                    self._from_box(target, token, world.rng.randint(MS, 50 * MS))

    def find(self, end: End, contact: int) -> Pipe | None:
        for pipe in self.pipes:
            if pipe.link == end.link and pipe.open:
                mine = pipe.child_contact if end.dials else pipe.parent_contact
                life = pipe.child_life if end.dials else pipe.parent_life
                if mine == contact and life == end.node.life:
                    return pipe
        return None

    def say(self, end: End, contact: int, data: bytes, frame: bool) -> None:
        world = self.world
        if frame:
            world.observe_frame(end, data)
        pipe = self.find(end, contact)
        if pipe is None:
            end.node.later(1, lambda: end.feed(steps.Closed(contact=contact, why="gone")))
            return
        if frame and world.strikes(world.profile.damage):
            at = world.rng.randrange(len(data) // 2, len(data))
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
        target = self._other(end)
        if frame and pipe.kind is Kind.NATS:
            if not world.strikes(world.profile.loss) and end.link not in self.cut:
                self._store(end, target, data)
            if world.strikes(world.profile.publish_unknown):
                # Stored or not: the publisher only knows that nobody answered.
                end.node.later(
                    5 * SECOND,
                    lambda: end.feed(steps.Closed(contact=contact, why="publish timed out")),
                )
                self.drop(end, contact)
            return
        if world.strikes(world.profile.loss):
            if pipe.kind is Kind.GRPC and frame and world.rng.random() < 0.5:
                self._break(pipe)
            return
        copies = 2 if world.strikes(world.profile.double) else 1
        for _ in range(copies):
            self._under_way(pipe, target, data)

    def _under_way(self, pipe: Pipe, target: End, data: bytes) -> None:
        world = self.world
        delay = world.rng.randint(MS, world.profile.delay_ms * MS)
        at = world.now + delay
        if not world.strikes(world.profile.reorder):
            at = max(at, pipe.arrives.get(target.node.id, 0) + 1)
            pipe.arrives[target.node.id] = at
        contact = pipe.child_contact if target.dials else pipe.parent_contact
        life = target.node.life

        def arrive() -> None:
            alive = pipe.open or pipe.drained
            if alive and target.node.life == life and pipe.link not in self.cut:
                target.hear(contact, data, 0)

        world.at(at - world.now, arrive)

    def _store(self, end: End, target: End, data: bytes) -> None:
        world = self.world
        box = self.boxes.setdefault((end.link, target.node.id), {})
        for _ in range(2 if world.strikes(world.profile.double) else 1):
            self._tokens += 1
            box[self._tokens] = data
            self._from_box(target, self._tokens, world.rng.randint(MS, 60 * MS))

    def _from_box(self, target: End, token: int, delay: int) -> None:
        """Deliver a stored frame, and again while it is not finished with."""
        world = self.world
        box = self.boxes[target.link, target.node.id]

        def deliver() -> None:
            if token not in box:
                return
            pipe = next(
                (
                    one for one in self.pipes
                    if one.open and one.kind is Kind.NATS and one.link == target.link
                    and (one.child_life if target.dials else one.parent_life)
                    == target.node.life
                ),
                None,
            )
            if pipe is None or not target.node.up or target.link in self.cut:
                return
            contact = pipe.child_contact if target.dials else pipe.parent_contact
            self._from_box(target, token, 60 * SECOND)
            target.hear(contact, box[token], token)

        world.at(delay, deliver)

    def finish(self, token: int) -> None:
        for box in self.boxes.values():
            box.pop(token, None)

    def drop(self, end: End, contact: int) -> None:
        pipe = self.find(end, contact)
        if pipe is None:
            return
        pipe.open, pipe.drained = False, True
        self._tell(pipe, self._other(end))

    def forget(self, node: Node) -> None:
        """A node died: its pipes are gone; the other side may or may not notice."""
        for end in node.ends.values():
            for pipe in self.pipes:
                if pipe.open and pipe.link == end.link:
                    pipe.open = False
                    if self.world.rng.random() < 0.7:
                        self._tell(pipe, self._other(end))

    def _break(self, pipe: Pipe) -> None:
        pipe.open = False
        child = self.world.end_of(pipe.link, child=True)
        self._tell(pipe, child)
        self._tell(pipe, self._other(child))

    def _tell(self, pipe: Pipe, end: End) -> None:
        contact = pipe.child_contact if end.dials else pipe.parent_contact
        life = pipe.child_life if end.dials else pipe.parent_life

        def closed() -> None:
            if end.node.life == life:
                end.feed(steps.Closed(contact=contact, why="the other side is gone"))

        at = max(
            self.world.now + self.world.rng.randint(MS, 200 * MS),
            pipe.arrives.get(end.node.id, 0) + 1,
        )
        self.world.at(at - self.world.now, closed)

    def cut_off(self, link: LinkId, *, silently: bool) -> None:
        self.cut.add(link)
        if not silently:
            for pipe in self.pipes:
                if pipe.open and pipe.link == link:
                    self._break(pipe)

    def _other(self, end: End) -> End:
        return self.world.nodes[end.peer].ends[end.link]


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
        self.profile = profile or draw_profile(self.rng)
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
        self.zombie_heard: set[LinkId] = set()
        self.reworked: set[tuple[NodeId, LinkId]] = set()
        self.net = Net(self)
        self.nodes = self.found()

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

    def strikes(self, chance: float) -> bool:
        return not self.calm and chance > 0 and self.rng.random() < chance

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

    def utter(self, count: int | None = None) -> None:
        """Somebody commits a few words at some office."""
        node = self.nodes[self.rng.choice((PARENT, *CHILDREN))]
        end = self.rng.choice(list(node.ends.values()))
        drafts, said = [], []
        for _ in range(count or self.rng.randint(1, 6)):
            number = self.rng.randrange(LANES)
            lane = f"{end.link}/{number}".encode() if number else b""
            overtake = self.rng.random() < 0.05
            mark, type_ = "ok", WORD
            if self.rng.random() < self.profile.poison:
                mark = self.rng.choice(("park", "fail"))
                type_ = self.rng.choice((WORD, WORD, FUTURE))
            msg_id = self.ids.uuid7()
            drafts.append(
                Draft(
                    msg_id=MsgId(msg_id), type=type_, schema_rev=1,
                    occurred_at_us=node.wall(), hlc=0, body=mark.encode(), lane=lane,
                    prio=number % 3, flags=Flag.OVERTAKE if overtake else Flag.NONE,
                )
            )
            said.append(Said(msg_id, lane, overtake, mark))
        _, woken = node.disk.write(lambda tx: outbox.enqueue(tx, end.link, drafts))
        end.said.extend(said)
        node.woken(woken)

    def discard_one(self) -> None:
        """A person gives up some parked word."""
        for end in self.ends():
            rows = end.node.disk.read(
                lambda conn, end=end: inbox.parked(conn, end.link, limit=1)
            )
            if rows and rows[0].code != "lane.held":
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
                return

    def heal(self) -> None:
        """Every office understands everything now, and says so to its parked words."""
        for node in self.nodes.values():
            node.office.healed = True
        for node in self.nodes.values():
            for end in node.ends.values():
                settler = end.settler()
                _, woken = node.disk.write(
                    lambda tx, settler=settler: settler.release(
                        tx,
                        {"codes.unknown", "schema.unsupported", "handler.failed", "lane.held"},
                        actor="upgrade",
                    )
                )
                node.woken(woken)

    # -- observers -----------------------------------------------------------------------

    def observe_frame(self, end: End, data: bytes) -> None:
        message = wire.message_from(data)
        assert isinstance(message, Frame)
        self.observe_signed(end, message.envelopes)

    def observe_signed(self, end: End, envelopes: Sequence[bytes]) -> None:
        """I17: no origin signs two headers for one position, whether they were sent or not."""
        for sealed in envelopes:
            head, _, _ = wire.sealed_parts(sealed)
            header = wire.header_from(head)
            key = (end.node.id, end.link, header.position)
            if self.signed.setdefault(key, head) != head:
                if not self._peer_has(end, header.position):
                    # Put back to before a word that nobody had by then: only the marker beside
                    # the database could have told, and that is the node's, not the link's.
                    self.signed[key] = head
                    continue
                raise Broken(f"I17: {end.node.id} signed two headers at {header.position}")

    def _peer_has(self, end: End, at: Position) -> bool:
        if end.node.id not in self.restored:
            return True
        return tuple(at) <= self.had.get((end.node.id, end.link), (0, 0))

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
