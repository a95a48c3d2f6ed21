"""One end of a link: the production machine and operations, with simulated hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub import wire
from hub.envelope import WINDOW_ENVELOPES_MAX
from hub.errors import FabricError, Fenced, Overloaded, UnknownPeer, Unsealed
from hub.ids import START, LinkId, NodeId, Position
from hub.link import session as machine
from hub.link import steps
from hub.link.applying import Applier
from hub.link.messages import Ack, Frame, RosterOffer
from hub.link.operations import LinkOperations
from hub.link.sealing import Sealing
from hub.link.settling import Settler
from hub.store import links
from tests.sim.fabric.keys import signer_of
from tests.sim.fabric.terms import MS, Said
from tests.sim.fabric.trust import hear, offered

if TYPE_CHECKING:
    from tests.sim.fabric.node import Node


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
        self.credits: list[tuple[int, Position, int]] = []
        """(when, the peer's ``in``, credit) as it was heard on the present contact."""
        self.sent: tuple[int, int, Position] = (0, 0, START)
        """Life and contact, and how far was sent on it."""
        self.asked = 0
        """Hellos and Pulls that were heard and not yet answered by a resend."""
        self.retired = False
        """The child on it was retired: nobody listens here any more."""
        self.sealing = self._sealing()

    def _sealing(self) -> Sealing:
        node = self.node
        trust = node.keeping
        return Sealing(
            link=self.link, me=node.id, peer=self.peer,
            signers=(trust.papers.sign if trust is not None else signer_of(node.id),),
            keys=trust.keeper.keys if trust is not None else node.world.keys,
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
        if self.retired:
            return
        self.sealing = self._sealing()
        holder_id = world.rng.randbytes(8)
        checkpoint, _ = node.disk.write(
            lambda tx: links.take(tx, self.link, holder_id=holder_id, lease_until_us=0)
        )
        applier = self.applier()
        self.ops = LinkOperations(
            applier=applier, holder_no=checkpoint.holder_no, signers=self.sealing.signers
        )
        self.session = machine.begin(
            checkpoint=checkpoint,
            me=node.id,
            kinds=world.profile.kinds if self.dials else (),
            types=tuple(sorted(applier.types.items())),
            roster_serial=node.serial,
            renews=bool(world.profile.renewals),
        )
        self._tick_at = 0
        self.feed(steps.Started(checkpoint=checkpoint))
        self.room(0 if node.tight else WINDOW_ENVELOPES_MAX)

    def steer(self, paused: bool) -> bool:
        """A person pauses or resumes the link; False if the office cannot be asked now."""
        node = self.node
        if not node.up or node.full or self.session is None:
            return False
        node.disk.write(lambda tx: links.set_paused(tx, self.link, paused))
        self.feed(steps.Steered(paused=paused))
        return True

    def room(self, credit: int) -> None:
        """How much this node takes now, as the upkeep of a running link tells it."""
        if self.session is not None and self.session.rcv.room != credit:
            self.feed(steps.Room(credit=credit))

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
            if world.strikes("crash"):
                world.tell(f"{self.node.id} dies before {type(action).__name__}")
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
                    world.observe_sending(self, action.contact, message)
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
            case steps.OfferRoster():
                self._offer_roster(action)
            case steps.TakeRoster():
                node.later(world.rng.randint(50, 5 * MS), lambda: self._take_roster(action.signed))
            case steps.OfferRenewal():
                for message in offered(self):
                    self.perform(steps.Say(contact=action.contact, message=message))
            case steps.TakeRenewal():
                node.later(
                    world.rng.randint(50, 5 * MS),
                    lambda: hear(self, action.renew, action.contact),
                )
            case steps.Alarm():
                self.alarms.append(action.code)
                world.observe_alarm(self, action.code)
            case _:
                pass

    def _offer_roster(self, action: steps.OfferRoster) -> None:
        trust = self.node.keeping
        if trust is not None and trust.keeper.newest_serial() >= action.serial:
            message = RosterOffer(signed=trust.keeper.newest_signed())
            self.perform(steps.Say(contact=action.contact, message=message))

    def _take_roster(self, signed: bytes) -> None:
        trust = self.node.keeping
        if trust is None or self.node.full:
            return
        before = trust.keeper.newest_serial()
        trust.offer(signed)
        if trust.keeper.newest_serial() > before:
            self.node.world.tell(f"{self.node.id} takes roster {trust.keeper.newest_serial()}")
        self.node.rostered()

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
            if self.node.full or world.strikes("disk_trouble"):
                raise Overloaded("writing: the disk is full", code="store.disk_full")
            result, woken = self.node.disk.write(lambda tx: ops.write(tx, action.operation))
        except FabricError as err:
            self.node.answer(lambda err=err: self._failed(action.ticket, err))
            return
        if world.notes is not None and not isinstance(action.operation, steps.Postpone):
            world.tell(_did(self, action.operation, result))
        if isinstance(action.operation, steps.Number):
            world.observe_signed(self, [row.sealed for row in action.operation.rows])
        if isinstance(action.operation, steps.Accept):
            world.observe_taken(self, action.operation, result)
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
        world = self.node.world
        world.observe_heard(self, contact, message)
        self.feed(given)

    def state(self) -> tuple[str, str]:
        rows = self.node.disk.rows("SELECT state, reason FROM link WHERE link = ?", self.link)
        return rows[0][0], rows[0][1]


def _did(end: End, operation: steps.Writing, result: object) -> str:
    """A committed operation in words."""
    node, peer = end.node.id, end.peer
    match operation, result:
        case steps.Number(), _:
            first, last = operation.rows[0].position, operation.rows[-1].position
            return f"{node} numbers {len(operation.rows)} words for {peer}: {first} to {last}"
        case steps.Accept(), steps.Accepted():
            became = ", ".join(f"{count} {what}" for what, count in result.outcomes)
            return (f"{node} commits a frame of {peer} ({result.taken}): "
                    f"{became or 'nothing new'}; it stands at {result.inn}")
        case steps.Acknowledge(), steps.Acked():
            return f"{node} knows that {peer} has {result.acked}"
        case steps.Greet(), steps.Judged():
            return f"{node} judges the hello of {peer}: {result.verdict or result.fault}"
        case steps.Stop(), _:
            return f"{node} writes that the link with {peer} is {operation.state}: " + (
                operation.reason[:80])
        case _:
            return f"{node} writes {type(operation).__name__} on the link with {peer}"
