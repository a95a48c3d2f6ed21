"""The roster: who exists, under whom, with which public sign keys. Signed, numbered, expiring.

One document for the whole tree, made at the root alone. A node that has lost contact works on with
the newest one it has: expiry is an alarm and, much later, a freeze of membership; it never stops
words between members that know each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from google.protobuf.message import DecodeError

from hub.errors import Malformed, UnknownPeer, Unsealed, Untrusted
from hub.ids import NodeId, node_id
from hub.seal import ED25519, Signer
from hub.suites import registry as suites
from hub.v1 import envelope_pb2, roster_pb2

ROSTER_BYTES_MAX = 768 * 1024
"""A roster travels as one link message on either carrier; NATS takes 1 MB at most."""
ROSTER_LIFE = timedelta(days=7)
FREEZE_AFTER = timedelta(hours=72)
"""How long after expiry new members and keys are still taken."""
KEY_LIFE = timedelta(days=730)
"""A sign key is listed for two years; rotation is expected within them."""
MEMBERS_MAX = 5000
"""More than a large city's units by an order of magnitude; about 750 KiB of roster."""
DEPTH_MAX = 16
"""Tiers of a tree; a guard against a roster that nests for ever."""
NAME_CHARS_MAX = 200
KEYS_LISTED_MAX = 32
"""Keys one member is listed with, those that ended included: a rotation a month for two years."""
KEY_LIFE_US = KEY_LIFE // timedelta(microseconds=1)
SEAL_CONTEXT = b"wanmi/roster/1\0"


class Freshness(StrEnum):
    """What the age of a roster allows."""

    FRESH = "fresh"
    EXPIRED = "expired"
    """An alarm; everything still works."""
    FROZEN = "frozen"
    """Expired for ``FREEZE_AFTER``: no new members, no new keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A public sign key as the roster lists it. ``revoked_from_us`` None = not revoked."""

    key_id: str
    public: bytes
    valid_from_us: int
    valid_to_us: int
    alg: str = ED25519
    revoked_from_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One node of the tree. ``parent`` None = the root."""

    id: NodeId
    parent: NodeId | None
    name: str
    sign_keys: tuple[PublicKey, ...]
    endpoints: tuple[str, ...] = ()
    """Where its own children reach it, ``host:port`` or a URL; empty: no door, or none told."""
    capabilities: tuple[str, ...] = ()
    """What its office may do, in the words of whoever runs on top of the fabric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A checked roster: exactly one root, every parent listed, no circle, no key id twice."""

    serial: int
    issued_at_us: int
    expires_at_us: int
    members: tuple[Member, ...]
    min_proto: int = 1
    _by_id: Mapping[NodeId, Member] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = MappingProxyType({member.id: member for member in self.members})
        object.__setattr__(self, "_by_id", by_id)
        _check(self, by_id)

    def member(self, node: NodeId) -> Member | None:
        """The member, or None when the roster does not know this node."""
        return self._by_id.get(node)

    def good_keys(self, node: NodeId) -> tuple[PublicKey, ...]:
        """Keys of a node that it lists and has not ended; () for a stranger."""
        member = self._by_id.get(node)
        listed = member.sign_keys if member is not None else ()
        return tuple(key for key in listed if key.revoked_from_us is None)

    def parent_of(self, node: NodeId) -> NodeId | None:
        """The parent; None for the root. Raises ``UnknownPeer`` for a stranger."""
        return self._known(node).parent

    def is_below(self, node: NodeId, above: NodeId) -> bool:
        """Whether ``node`` lies strictly below ``above``. Strangers are below nobody."""
        return node != above and above in self._line(node)

    def in_subtree(self, node: NodeId, top: NodeId) -> bool:
        """Whether ``node`` is ``top`` or below it."""
        return top in self._line(node)

    def next_hop(self, top: NodeId, target: NodeId) -> NodeId | None:
        """The child of ``top`` under which ``target`` lies; None when it lies elsewhere."""
        line = list(self._line(target))
        if top not in line or line[0] == top:
            return None
        return line[line.index(top) - 1]

    def children_of(self, node: NodeId) -> tuple[NodeId, ...]:
        """Direct children, in the roster's order."""
        return tuple(member.id for member in self.members if member.parent == node)

    def freshness(self, now_us: int) -> Freshness:
        """What the age of this roster allows at ``now_us``."""
        if now_us < self.expires_at_us:
            return Freshness.FRESH
        frozen_at_us = self.expires_at_us + FREEZE_AFTER // timedelta(microseconds=1)
        return Freshness.EXPIRED if now_us < frozen_at_us else Freshness.FROZEN

    def _known(self, node: NodeId) -> Member:
        member = self._by_id.get(node)
        if member is None:
            raise UnknownPeer(f"looking for {node} in roster {self.serial}", code="roster.stranger")
        return member

    def _line(self, node: NodeId) -> Iterator[NodeId]:
        """``node`` and its ancestors up to the root; nothing for a stranger."""
        member = self._by_id.get(node)
        while member is not None:
            yield member.id
            member = self._by_id.get(member.parent) if member.parent else None


def first_roster(*, root: NodeId, name: str, key: PublicKey, now_us: int) -> Roster:
    """Serial 1: the root alone."""
    member = Member(id=root, parent=None, name=name, sign_keys=(key,))
    return Roster(
        serial=1, issued_at_us=now_us, expires_at_us=_expiry(now_us), members=(member,)
    )


def reissue(
    roster: Roster,
    *,
    now_us: int,
    members: Iterable[Member] | None = None,
    min_proto: int | None = None,
) -> Roster:
    """The next serial with a fresh term, with the same members and protocol unless others are
    given."""
    return Roster(
        serial=roster.serial + 1,
        issued_at_us=now_us,
        expires_at_us=_expiry(now_us),
        members=roster.members if members is None else tuple(members),
        min_proto=roster.min_proto if min_proto is None else min_proto,
    )


def with_member(roster: Roster, member: Member, *, now_us: int) -> Roster:
    """The next serial naming ``member``, or, for one it names already, also listing its new keys,
    and its doors and capabilities as they are now.

    The same again gives the same roster back. A node that is listed under another parent is
    refused: it changes its parent under its own procedure, not by being claimed twice.
    """
    known = roster.member(member.id)
    if known is None:
        return reissue(roster, now_us=now_us, members=(*roster.members, member))
    if known.parent != member.parent:
        raise Untrusted(
            f"adding {member.id}: the roster lists it under {known.parent or 'nobody'}",
            code="roster.other_parent",
        )
    listed = {key.key_id for key in known.sign_keys}
    fresh = tuple(key for key in member.sign_keys if key.key_id not in listed)
    told = (member.endpoints, member.capabilities)
    if not fresh and told == (known.endpoints, known.capabilities):
        return roster
    if len(known.sign_keys) + len(fresh) > KEYS_LISTED_MAX:
        raise Untrusted(
            f"adding a key of {member.id}: it is listed with {len(known.sign_keys)} already",
            code="roster.keys",
        )
    grown = replace(
        known,
        name=member.name,
        sign_keys=(*known.sign_keys, *fresh),
        endpoints=member.endpoints,
        capabilities=member.capabilities,
    )
    return reissue(
        roster, now_us=now_us, members=[grown if m is known else m for m in roster.members]
    )


def without_keys_of(
    roster: Roster,
    node: NodeId,
    *,
    from_us: int,
    now_us: int,
    only: frozenset[str] | None = None,
) -> Roster:
    """The next serial with every key of ``node`` (or ``only`` these) revoked from ``from_us`` on;
    the same roster where that changes nothing.

    The member stays listed: what it sealed before that time must stay verifiable.
    """
    member = roster.member(node)
    if member is None:
        raise UnknownPeer(f"revoking {node}: the roster does not list it", code="roster.stranger")
    keys = tuple(
        key if (key.revoked_from_us is not None and key.revoked_from_us <= from_us)
        or (only is not None and key.key_id not in only)
        else replace(key, revoked_from_us=from_us)
        for key in member.sign_keys
    )
    if keys == member.sign_keys:
        return roster
    revoked = replace(member, sign_keys=keys)
    return reissue(
        roster, now_us=now_us, members=[revoked if m is member else m for m in roster.members]
    )


def key_message(key: PublicKey) -> roster_pb2.SignKey:
    """A public key as the wire says it."""
    return roster_pb2.SignKey(
        key_id=key.key_id,
        alg=key.alg,
        public=key.public,
        valid_from_us=key.valid_from_us,
        valid_to_us=key.valid_to_us,
        revoked_from_us=key.revoked_from_us or 0,
    )


def key_of_message(message: roster_pb2.SignKey) -> PublicKey:
    """A public key as it was said; whether it is what its id says is not looked at here."""
    return PublicKey(
        key_id=message.key_id,
        alg=message.alg,
        public=message.public,
        valid_from_us=message.valid_from_us,
        valid_to_us=message.valid_to_us,
        revoked_from_us=message.revoked_from_us or None,
    )


def encode(roster: Roster) -> bytes:
    """The bytes a signature covers."""
    words = sorted({word for member in roster.members for word in member.capabilities})
    places = {word: n for n, word in enumerate(words)}
    return roster_pb2.Roster(
        serial=roster.serial,
        issued_at_us=roster.issued_at_us,
        expires_at_us=roster.expires_at_us,
        min_proto=roster.min_proto,
        words=words,
        members=[
            roster_pb2.Member(
                id=member.id,
                parent=member.parent or "",
                name=member.name,
                sign_keys=[key_message(key) for key in member.sign_keys],
                endpoints=member.endpoints,
                capabilities=[places[word] for word in member.capabilities],
            )
            for member in roster.members
        ],
    ).SerializeToString()


def decode(data: bytes) -> Roster:
    """Read roster bytes whose signature has been verified; ``Malformed`` when they break a rule."""
    try:
        message = roster_pb2.Roster.FromString(data)
        words = tuple(message.words)
        return Roster(
            serial=message.serial,
            issued_at_us=message.issued_at_us,
            expires_at_us=message.expires_at_us,
            min_proto=message.min_proto,
            members=tuple(
                Member(
                    id=node_id(member.id),
                    parent=node_id(member.parent) if member.parent else None,
                    name=member.name,
                    sign_keys=tuple(key_of_message(key) for key in member.sign_keys),
                    endpoints=tuple(member.endpoints),
                    capabilities=tuple(words[n] for n in member.capabilities),
                )
                for member in message.members
            ),
        )
    except (DecodeError, ValueError, IndexError) as err:
        raise Malformed("reading a roster", code="roster.malformed") from err


def sign_roster(roster: Roster, signer: Signer) -> bytes:
    """The signed form that travels and is stored byte for byte."""
    data = encode(roster)
    signed = roster_pb2.SignedRoster(
        roster=data,
        seal=envelope_pb2.Signature(
            alg=signer.alg, key_id=signer.key_id, value=signer.sign(SEAL_CONTEXT + data)
        ),
    ).SerializeToString()
    if len(signed) > ROSTER_BYTES_MAX:
        raise Malformed(f"a roster of {len(signed)} bytes is too large", code="roster.too_large")
    return signed


def open_roster(signed: bytes, *, root_key: PublicKey) -> Roster:
    """Verify against the pinned root key, then read. The signature comes before any parsing of
    what it covers. Age is not judged here: an expired roster is still the newest we have."""
    if len(signed) > ROSTER_BYTES_MAX:
        raise Malformed(f"a roster of {len(signed)} bytes is too large", code="roster.too_large")
    try:
        message = roster_pb2.SignedRoster.FromString(signed)
    except DecodeError as err:
        raise Malformed("reading a signed roster", code="roster.malformed") from err
    seal = message.seal
    if seal.alg != root_key.alg or seal.key_id != root_key.key_id:
        raise Untrusted(
            f"the roster is signed by key {seal.key_id!r}, not by our root's", code="roster.key"
        )
    statement = SEAL_CONTEXT + message.roster
    if not suites.verify(root_key.alg, root_key.public, seal.value, statement):
        raise Unsealed("the roster's signature does not hold", code="roster.unsealed")
    return decode(message.roster)


def _expiry(now_us: int) -> int:
    return now_us + ROSTER_LIFE // timedelta(microseconds=1)


def _check(roster: Roster, by_id: Mapping[NodeId, Member]) -> None:
    def wrong(what: str) -> Malformed:
        return Malformed(f"roster {roster.serial}: {what}", code="roster.malformed")

    if roster.serial < 1 or roster.expires_at_us <= roster.issued_at_us:
        raise wrong("its serial or term makes no sense")
    if len(by_id) != len(roster.members) or not 1 <= len(by_id) <= MEMBERS_MAX:
        raise wrong("a node twice, or none, or too many")
    if sum(member.parent is None for member in roster.members) != 1:
        raise wrong("not exactly one root")
    key_ids: set[str] = set()
    for member in roster.members:
        if len(member.name) > NAME_CHARS_MAX:
            raise wrong(f"the name of {member.id} is too long")
        for key in member.sign_keys:
            if key.key_id in key_ids:
                raise wrong(f"key {key.key_id!r} is listed twice")
            if not suites.fits(key.alg, key.public, key.key_id):
                raise wrong(f"key {key.key_id!r} is not what its id says")
            key_ids.add(key.key_id)
        above: Member | None = member
        for _ in range(DEPTH_MAX):
            if above is None or above.parent is None:
                break
            above = by_id.get(above.parent)
        if above is None:
            raise wrong(f"the line of {member.id} leads to a node that is not listed")
        if above.parent is not None:
            raise wrong(f"the line of {member.id} is too deep or a circle")
