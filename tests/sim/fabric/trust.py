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
from hub.roster import keeper as keeping
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
    from tests.sim.fabric.node import Node
    from tests.sim.fabric.world import World

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


def _accepted(child: NodeId, number: int) -> SimpleNamespace:
    return SimpleNamespace(
        node=child,
        request=SimpleNamespace(sign_keys=(public_of(key_of(child, number)),), nkey=""),
        certificate=SimpleNamespace(serial=f"{child}-{number}", spki_digest=spki_of(child, number),
                                    not_after_us=WALL_AT_START + 30 * DAY),
        retired_at_us=None,
    )


def spki_of(node: NodeId, number: int) -> bytes:
    """The digest of the TLS key that goes with the n-th sign key."""
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
        above.accepted[child] = _accepted(child, number)
        signed = self.papers[self.root].signed

        def enter() -> None:
            papers = self.papers[child]
            papers.number, papers.sign = number, key_of(child, number)
            papers.signed = signed

        return enter

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
