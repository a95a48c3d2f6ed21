"""Keys that change: the production roster, keeper and key ring, with papers kept in memory.

Seeds whose weather has ``trust`` seal with Ed25519 and go by a roster that the root signs; a child
may come with new keys (accepted by the parent, entered by the child some time later), and a child
may be retired. Only files and threads are played.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from hub import wire
from hub.ids import NodeId
from hub.link import steps
from hub.link.messages import Renew
from hub.roster import keeper as keeping
from hub.roster import renewal
from hub.roster.keys import SignKey
from hub.roster.roster import (
    Member,
    PublicKey,
    Roster,
    open_roster,
    sign_roster,
    with_member,
    without_keys_of,
)
from hub.store.tx import Tx
from hub.suites.openssl import openssl
from hub.suites.registry import ED25519
from hub.suites.sm2 import Sm2Private
from tests.sim.fabric.terms import DAY, SECOND, WALL_AT_START

if TYPE_CHECKING:
    from tests.sim.fabric.end import End
    from tests.sim.fabric.node import Node
    from tests.sim.fabric.world import World

RENEWED_FROM = 1_000
"""Numbers of TLS keys that were asked for over the link begin above those that came by paper."""
LOOK_US = 30 * SECOND
"""How often a running node looks at its papers."""


SM2_SCALAR = bytes.fromhex(
    "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")
"""PKCS#8 of an SM2 key up to its 32 secret bytes."""


def suite_of(node: NodeId, number: int) -> str:
    """What the node's n-th sign key is of; some seeds are played with another suite."""
    del node, number
    return ED25519


def key_of(node: NodeId, number: int) -> SignKey:
    """The node's n-th sign key."""
    raw = hashlib.sha256(f"sign key {number} of {node}".encode()).digest()
    if suite_of(node, number) == ED25519:
        return SignKey(Ed25519PrivateKey.from_private_bytes(raw))
    return SignKey(Sm2Private(openssl().private(SM2_SCALAR + bytes([raw[0] & 127]) + raw[1:])))


def public_of(key: SignKey) -> PublicKey:
    return PublicKey(key_id=key.key_id, alg=key.alg, public=key.public,
                     valid_from_us=WALL_AT_START - DAY,
                     valid_to_us=WALL_AT_START + 700 * DAY)


@contextmanager
def no_threads() -> Iterator[None]:
    """The keeper's slow work is done at once."""

    async def at_once(call: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return call(*args, **values)

    played = SimpleNamespace(to_thread=at_once, Lock=asyncio.Lock)
    with mock.patch.object(keeping, "asyncio", played):
        yield


@contextmanager
def headers_of_the_future() -> Iterator[None]:
    """Everybody's headers carry a field that this version does not know."""
    original = wire.header_bytes
    unknown = bytes([0xF8, 0x3F, 0x01])  # field 1023, varint 1
    with mock.patch.object(wire, "header_bytes", lambda header: original(header) + unknown):
        yield


class Papers:
    """What a node's key directory holds, as far as the keeper asks for it."""

    def __init__(self, node: NodeId, root: NodeId, parent: NodeId | None) -> None:
        self.node = node
        self.root = root
        self.parent = parent
        self.is_root = node == root
        self.number = 0
        self.sign = key_of(node, 0)
        self.signed = b""
        self.tls = 0
        """Number of the TLS key that it shows its parent."""
        self.asking: int | None = None
        """Number of the one that it asks papers for, over the link."""
        self.accepted: dict[NodeId, SimpleNamespace] = {}

    def public_keys(self) -> tuple[PublicKey, ...]:
        return (public_of(self.sign),)

    def root_key(self) -> PublicKey:
        return public_of(key_of(self.root, 0))

    def kit(self) -> Any:
        if self.parent is None:
            return None
        return SimpleNamespace(parent=self.parent, parent_keys=(public_of(key_of(self.parent, 0)),))

    def roster(self) -> Roster | None:
        return open_roster(self.signed, root_key=self.root_key()) if self.signed else None

    def signed_roster(self) -> bytes:
        return self.signed

    def keep_roster(self, signed: bytes) -> None:
        self.signed = signed

    def children(self) -> tuple[Any, ...]:
        return tuple(self.accepted.values())


def _accepted(child: NodeId, number: int, *, rekeyed_at_us: int = 0) -> SimpleNamespace:
    return SimpleNamespace(
        node=child,
        request=SimpleNamespace(sign_keys=(public_of(key_of(child, number)),), nkey=""),
        certificate=_certificate(child, number),
        retired_at_us=None,
        rekeyed_at_us=rekeyed_at_us,
        before=(),
    )


def _certificate(child: NodeId, tls: int) -> SimpleNamespace:
    return SimpleNamespace(serial=f"{child}-{tls}", spki_digest=spki_of(child, tls),
                           not_after_us=WALL_AT_START + 30 * DAY)


def spki_of(node: NodeId, number: int) -> bytes:
    """The digest of its n-th TLS key."""
    return hashlib.sha256(f"tls key {number} of {node}".encode()).digest()


class Trust:
    """Papers of all nodes, and what administrators do with them."""

    def __init__(self, world: World, root: NodeId) -> None:
        self.world = world
        self.root = root
        tree = world.tree()
        self.papers = {node: Papers(node, root, parent) for node, parent in tree.items()}
        members = tuple(
            Member(id=node, parent=parent, name=node, sign_keys=(public_of(key_of(node, 0)),))
            for node, parent in tree.items()
        )
        self.roster = Roster(serial=1, issued_at_us=WALL_AT_START - DAY,
                             expires_at_us=WALL_AT_START + 6 * DAY, members=members)
        self._publish(self.roster)
        for node, parent in tree.items():
            self.papers[node].signed = self.papers[root].signed
            if parent is not None:
                self.papers[parent].accepted[node] = _accepted(node, 0)

    def _publish(self, roster: Roster) -> None:
        self.roster = roster
        self.papers[self.root].signed = sign_roster(roster, key_of(self.root, 0))

    def accept_again(self, child: NodeId) -> Callable[[], None]:
        """The parent takes new keys of a child; what the child does with its kit comes later."""
        above = self.papers[self.papers[child].parent or self.root]
        number = self.papers[child].number + 1
        member = self.roster.member(child)
        assert member is not None
        grown = Member(id=child, parent=member.parent, name=member.name,
                       sign_keys=(public_of(key_of(child, number)),))
        self._publish(with_member(self.roster, grown, now_us=self.world.nodes[self.root].wall()))
        above.accepted[child] = _accepted(
            child, number, rekeyed_at_us=self.world.nodes[above.node].wall())
        signed = self.papers[self.root].signed

        def enter() -> None:
            papers = self.papers[child]
            papers.number, papers.sign = number, key_of(child, number)
            papers.tls, papers.asking = number, None
            papers.signed = signed

        return enter

    def grant(self, child: NodeId, tls: int) -> bool:
        """The parent issues papers for another TLS key; those before are good until this one is
        heard of."""
        accepted = self.papers[self.papers[child].parent or self.root].accepted
        kept = accepted[child]
        if kept.retired_at_us is not None:
            return False
        fresh = _certificate(child, tls)
        if kept.certificate.serial != fresh.serial:
            # The keeper compares what it saw before: a file that is written anew is another one.
            accepted[child] = SimpleNamespace(**{
                **vars(kept), "certificate": fresh,
                "before": renewal.beside(kept.before, (kept.request, kept.certificate)),
            })
        return True

    def confirm(self, child: NodeId, serial: str) -> bool:
        """The child speaks under these papers: what was issued before them ends."""
        accepted = self.papers[self.papers[child].parent or self.root].accepted
        kept = accepted[child]
        left = renewal.still_good(kept.before, (kept.request, kept.certificate), serial)
        if left == kept.before:
            return False
        accepted[child] = SimpleNamespace(**{**vars(kept), "before": left})
        return True

    def waits(self, child: NodeId) -> bool:
        """Whether a child that asked for papers does not have them, or its parent does not know
        that it has."""
        papers = self.papers[child]
        kept = self.papers[papers.parent or self.root].accepted[child]
        return papers.asking is not None or bool(kept.before)

    def retire(self, child: NodeId) -> None:
        """The parent ends a child; the root revokes its keys for everybody else."""
        parent = self.papers[child].parent or self.root
        now = self.world.nodes[parent].wall()
        self.papers[parent].accepted[child].retired_at_us = now
        self._publish(without_keys_of(self.roster, child, from_us=now, now_us=now))


class Keeping:
    """The production keeper of one node's life."""

    def __init__(self, node: Node, papers: Papers) -> None:
        self._node = node
        self.papers = papers
        self.keeper = keeping.RosterKeeper(
            identity=papers, writer=_AtOnce(node), now_us=node.wall,  # type: ignore[arg-type]
            alarm=lambda _code, _detail: None,
        )

    def refresh(self) -> None:
        _run(self.keeper.refresh())

    def offer(self, signed: bytes) -> None:
        _run(self.keeper.offer(signed))


class _AtOnce:
    """The writer's port over a simulated disk."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def write(self, operation: Callable[[Tx], Any], *, urgent: bool = False) -> Any:
        return self._node.disk.write(operation)[0]

    async def read(self, query: Callable[[Connection], Any]) -> Any:
        return self._node.disk.read(query)


def _run(coroutine: Any) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as ended:
        return ended.value
    raise AssertionError("the keeper waited for something that never comes")


# -- what happens to keys --------------------------------------------------------------------


def rotate(world: World, rng: random.Random) -> None:
    """A child comes with new keys: accepted now, in use at its next start after the kit came."""
    if world.trust is None:
        return
    child = rng.choice([one for one in sorted(world.nodes) if one != world.trust.root])
    if child in world.revoked or child in world.rotating:
        return
    world.rotating.add(child)
    world.struck["rotations"] += 1
    world.tell(f"the parent accepts new keys of {child}")
    enter = world.trust.accept_again(child)

    def arrives() -> None:
        world.tell(f"{child} enters its kit and begins again with new keys")
        enter()
        world.rotating.discard(child)
        world.nodes[child].crash()
        world.at(2 * SECOND, world.nodes[child].start_again)

    world.at(rng.randint(SECOND, 90 * SECOND), arrives)


def revoke(world: World, rng: random.Random) -> None:
    """A device is stolen: its node is retired above, and goes on speaking with what it has."""
    if world.trust is None:
        return
    child = rng.choice([one for one in sorted(world.nodes) if one != world.trust.root])
    if child in world.revoked or child in world.rotating:
        return
    node = world.nodes[world.trust.papers[child].parent or world.trust.root]
    if not node.up or node.full:
        return
    world.struck["revocations"] += 1
    world.tell(f"{child} is retired by {node.id}")
    world.trust.retire(child)
    world.revoked[child] = {}
    node.look()


def renew(world: World, rng: random.Random) -> None:
    """A certificate is two thirds through its life: papers for a fresh key are asked for, where
    links have somebody who keeps papers at all."""
    if world.trust is None or not world.profile.renewals:
        return
    child = rng.choice([one for one in sorted(world.nodes) if one != world.trust.root])
    papers = world.trust.papers[child]
    if child in world.revoked or child in world.rotating or papers.asking is not None:
        return
    world.struck["renewals"] += 1
    papers.asking = RENEWED_FROM + world.struck["renewals"]
    world.tell(f"{child} wants newer papers")
    for end in world.nodes[child].ends.values():
        if end.dials:
            end.feed(steps.Aged())


def hear(end: End, message: Renew, contact: int) -> None:
    """What either end does with a message about papers."""
    node = end.node
    world, trust = node.world, node.keeping
    if trust is None or world.trust is None or node.full:
        return
    if end.dials:
        papers = trust.papers
        if papers.asking is not None and message.kit == b"%d" % papers.asking:
            papers.tls, papers.asking = papers.asking, None
            world.tell(f"{node.id} has newer papers")
            end.feed(steps.Renewed())
        return
    if message.in_use:
        if world.trust.confirm(end.peer, message.in_use):
            world.tell(f"{node.id} ends the papers that {end.peer} had before")
            trust.refresh()
    elif end.peer not in world.rotating and world.trust.grant(end.peer, int(message.request)):
        trust.refresh()
        end.perform(steps.Say(contact=contact, message=Renew(kit=message.request)))


def offered(end: End) -> tuple[Renew, ...]:
    """What a child says of its papers now."""
    trust = end.node.keeping
    if trust is None:
        return ()
    papers = trust.papers
    said = []
    if papers.tls >= RENEWED_FROM:
        said.append(Renew(in_use=f"{papers.node}-{papers.tls}"))
    if papers.asking is not None:
        said.append(Renew(request=b"%d" % papers.asking))
    return tuple(said)
