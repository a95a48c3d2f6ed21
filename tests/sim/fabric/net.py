"""The network between two ends: pipes, boxes, and what goes wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.carriers.port import Kind
from hub.ids import LinkId, NodeId
from hub.link import steps
from tests.sim.fabric.terms import MS, SECOND
from tests.sim.fabric.trust import spki_of

if TYPE_CHECKING:
    from tests.sim.fabric.end import End
    from tests.sim.fabric.node import Node
    from tests.sim.fabric.world import World

QUEUE_BYTES_MAX = 512 * 1024
"""What a clogged pipe takes in before it breaks (a stream) or drops (a subject)."""


@dataclass(slots=True)
class Pipe:
    """One contact as the network knows it; a side hears of its end only if told. A side that has
    begun another life meanwhile is not there any more."""

    link: LinkId
    kind: Kind
    child: End
    parent: End
    child_contact: int
    parent_contact: int
    child_life: int
    parent_life: int
    open: bool = True
    drained: bool = False
    """Ended in good order: what was said before the end still arrives."""
    arrives: dict[NodeId, int] = field(default_factory=dict)

    def other(self, end: End) -> End:
        return self.parent if end is self.child else self.child

    def contact_of(self, end: End) -> int:
        return self.child_contact if end is self.child else self.parent_contact

    def life_of(self, end: End) -> int:
        return self.child_life if end is self.child else self.parent_life

    def lives(self, end: End) -> bool:
        """Is this end still in the life in which the pipe was made?"""
        return end.node.up and end.node.life == self.life_of(end)


class Net:
    """Pipes, boxes and what goes wrong in them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pipes: list[Pipe] = []
        self.cut: set[LinkId] = set()
        """Nothing passes, either way."""
        self.deaf: set[tuple[LinkId, NodeId]] = set()
        """Nothing arrives at this node over this link; what it says still leaves."""
        self.down: set[tuple[LinkId, Kind]] = set()
        """Carriers that do not work on a link."""
        self.narrow: dict[LinkId, int] = {}
        """Clogged links: bytes a second."""
        self.stalled: set[tuple[LinkId, NodeId]] = set()
        """Boxes that take and do not give."""
        self.boxes: dict[tuple[LinkId, NodeId], dict[int, bytes]] = {}
        self._free: dict[tuple[LinkId, NodeId], int] = {}
        self._tokens = 0

    def calm(self) -> None:
        """The network is sound again, and whatever was stuck in a box comes out."""
        for trouble in (self.cut, self.deaf, self.down, self.narrow, self.stalled):
            trouble.clear()

    # -- contacts ------------------------------------------------------------------------

    def dial(self, end: End, contact: int, kind: Kind) -> None:
        node, world = end.node, self.world
        world.dialed(end)
        node.later(
            world.rng.randint(MS, 2 * world.profile.delay_ms * MS),
            lambda: self._dialed(end, contact, kind),
        )

    def _dialed(self, end: End, contact: int, kind: Kind) -> None:
        world = self.world
        parent = world.nodes[end.peer]
        unreachable = (
            end.link in self.cut
            or any(link == end.link for link, _ in self.deaf)  # no handshake one way
            or (end.link, kind) in self.down
            or not parent.up
        )
        if unreachable or world.strikes("loss"):
            end.feed(steps.Closed(contact=contact, why="no answer"))
            return
        other = parent.ends[end.link]
        if not self._admitted(end, parent):
            end.feed(steps.Closed(contact=contact, why="not admitted", refused=True))
            return
        other.accepted_contacts += 1
        pipe = Pipe(
            end.link, kind, end, other, contact, other.accepted_contacts, end.node.life,
            parent.life,
        )
        self.pipes = [one for one in self.pipes if one.open]
        self.pipes.append(pipe)
        world.tell(f"{end.node.id} reaches {other.node.id} by {kind.value}")
        other.feed(steps.Arrived(contact=pipe.parent_contact, kind=kind))
        end.feed(steps.Arrived(contact=contact, kind=kind))
        if kind is Kind.NATS:
            for target in (end, other):
                for token in list(self.boxes.get((end.link, target.node.id), ())):
                    self._from_box(target, token, world.rng.randint(MS, 50 * MS))

    def _admitted(self, end: End, parent: Node) -> bool:
        """Does the listener let this caller's certificate in?"""
        if parent.keeping is None or end.node.keeping is None:
            return True
        names = frozenset({str(end.node.id)})
        spki = spki_of(end.node.id, end.node.keeping.papers.tls)
        return parent.keeping.keeper.admit(names, spki) == end.link

    def find(self, end: End, contact: int) -> Pipe | None:
        for pipe in self.pipes:
            if (
                pipe.open and end in (pipe.child, pipe.parent)
                and pipe.contact_of(end) == contact and pipe.life_of(end) == end.node.life
            ):
                return pipe
        return None

    # -- saying --------------------------------------------------------------------------

    def say(self, end: End, contact: int, data: bytes, frame: bool) -> None:
        world = self.world
        if frame:
            world.observe_frame(end, data)
        pipe = self.find(end, contact)
        if pipe is None:
            end.node.later(1, lambda: end.feed(steps.Closed(contact=contact, why="gone")))
            return
        if frame and world.strikes("damage"):
            at = world.rng.randrange(len(data) // 2, len(data))
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
        target = pipe.other(end)
        if frame and pipe.kind is Kind.NATS:
            self._publish(end, target, contact, data)
            return
        if world.strikes("loss"):
            if pipe.kind is Kind.GRPC and frame and world.rng.random() < 0.5:
                self._break(pipe)
            return
        copies = 2 if world.strikes("double") else 1
        for _ in range(copies):
            self._under_way(pipe, target, data)

    def _publish(self, end: End, target: End, contact: int, data: bytes) -> None:
        world = self.world
        stored = (
            not world.strikes("loss") and not self._blocked(end.link, target)
            and self._store(end, target, data)
        )
        full = not stored and self._box_is_full(end.link, target)
        if full or world.strikes("publish_unknown"):
            # Stored or not: the publisher only knows that nobody answered, or was refused.
            end.node.later(
                5 * SECOND,
                lambda: end.feed(steps.Closed(contact=contact, why="publish timed out")),
            )
            self.drop(end, contact)

    def _under_way(self, pipe: Pipe, target: End, data: bytes) -> None:
        world = self.world
        passed = self._passes(pipe.link, target, len(data))
        if passed is None:
            world.struck["clog"] += 1
            if pipe.kind is Kind.GRPC:
                self._break(pipe)
            return
        at = passed + world.rng.randint(MS, world.profile.delay_ms * MS)
        if not world.strikes("reorder"):
            at = max(at, pipe.arrives.get(target.node.id, 0) + 1)
            pipe.arrives[target.node.id] = at
        contact = pipe.contact_of(target)

        def arrive() -> None:
            alive = pipe.open or pipe.drained
            if alive and pipe.lives(target) and not self._blocked(pipe.link, target):
                target.hear(contact, data, 0)

        world.at(at - world.now, arrive)

    def _passes(self, link: LinkId, target: End, size: int) -> int | None:
        """When the last byte is through; None if the queue before a clogged link is full."""
        rate = self.narrow.get(link)
        if rate is None:
            return self.world.now
        start = max(self.world.now, self._free.get((link, target.node.id), 0))
        if (start - self.world.now) * rate > QUEUE_BYTES_MAX * SECOND:
            return None
        through = start + size * SECOND // rate
        self._free[link, target.node.id] = through
        return through

    def _blocked(self, link: LinkId, target: End) -> bool:
        return link in self.cut or (link, target.node.id) in self.deaf

    # -- boxes ---------------------------------------------------------------------------

    def _store(self, end: End, target: End, data: bytes) -> bool:
        world = self.world
        box = self.boxes.setdefault((end.link, target.node.id), {})
        if world.strikes("stale"):
            self._much_later(target, data)
            return True
        for _ in range(2 if world.strikes("double") else 1):
            if self._box_is_full(end.link, target):
                world.struck["box_full"] += 1
                if not world.profile.box_drops_old:
                    return False
                box.pop(next(iter(box)))
            self._tokens += 1
            box[self._tokens] = data
            self._from_box(target, self._tokens, world.rng.randint(MS, 60 * MS))
        return True

    def _much_later(self, target: End, data: bytes) -> None:
        def deliver() -> None:
            if target.node.up and target.session is not None:
                target.hear(target.session.contact or 1, data, 0)

        self.world.at(self.world.rng.randint(20 * SECOND, 150 * SECOND), deliver)

    def _box_is_full(self, link: LinkId, target: End) -> bool:
        limit = 0 if self.world.calm else self.world.profile.box_frames
        return bool(limit) and len(self.boxes.get((link, target.node.id), ())) >= limit

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
                    if one.open and one.kind is Kind.NATS and target in (one.child, one.parent)
                    and one.life_of(target) == target.node.life
                ),
                None,
            )
            if pipe is None or not target.node.up or self._blocked(target.link, target):
                return
            self._from_box(target, token, 60 * SECOND)
            if (target.link, target.node.id) in self.stalled:
                world.struck["stall"] += 1
                return
            through = self._passes(target.link, target, len(box[token]))
            if through is None:
                return
            if through > world.now:
                data = box[token]
                target.node.later(
                    through - world.now, lambda: self._late(target, pipe, token, data))
                return
            target.hear(pipe.contact_of(target), box[token], token)

        world.at(delay, deliver)

    def _late(self, target: End, pipe: Pipe, token: int, data: bytes) -> None:
        if pipe.open and pipe.lives(target) and not self._blocked(target.link, target):
            target.hear(pipe.contact_of(target), data, token)

    def finish(self, token: int) -> None:
        for box in self.boxes.values():
            box.pop(token, None)

    def wipe(self) -> None:
        """The server lost its store."""
        for box in self.boxes.values():
            box.clear()

    # -- ends of contacts ----------------------------------------------------------------

    def drop(self, end: End, contact: int) -> None:
        pipe = self.find(end, contact)
        if pipe is None:
            return
        pipe.open, pipe.drained = False, True
        self._tell(pipe, pipe.other(end))

    def forget(self, node: Node) -> None:
        """A node died: its pipes are gone; the other side may or may not notice."""
        for end in node.ends.values():
            for pipe in self.pipes:
                if pipe.open and end in (pipe.child, pipe.parent):
                    pipe.open = False
                    if self.world.rng.random() < 0.7:
                        self._tell(pipe, pipe.other(end))

    def break_all(self, link: LinkId, kind: Kind | None = None) -> None:
        """Every contact of a link (on one carrier) breaks, and both sides are told."""
        for pipe in self.pipes:
            if pipe.open and pipe.link == link and kind in (None, pipe.kind):
                self._break(pipe)

    def _break(self, pipe: Pipe) -> None:
        pipe.open = False
        self._tell(pipe, pipe.child)
        self._tell(pipe, pipe.parent)

    def _tell(self, pipe: Pipe, end: End) -> None:
        contact, life = pipe.contact_of(end), pipe.life_of(end)

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
            self.break_all(link)
