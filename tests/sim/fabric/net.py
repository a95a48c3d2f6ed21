"""The network between two ends: pipes, boxes, and what goes wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.carriers.port import Kind
from hub.ids import LinkId, NodeId
from hub.link import steps
from tests.sim.fabric.terms import MS, SECOND

if TYPE_CHECKING:
    from tests.sim.fabric.end import End
    from tests.sim.fabric.node import Node
    from tests.sim.fabric.world import World


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
