"""What is said to the root about members: a child was taken in, goes over to new keys, or ended.

A claim carries the seal of whoever makes it, so every hop and the root can judge it by themselves:
the parent of the node it is about (ADD, REVOKE), or the node itself under a key that is listed
(KEY, which every new key seals as well). What a parent claims follows from the children it took in
and the roster it has; so nothing is kept of it, a restart loses nothing, and it is over when the
roster shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from google.protobuf.message import DecodeError

from hub.errors import Malformed, UnknownPeer, Unsealed, Untrusted
from hub.ids import NodeId, node_id
from hub.roster.documents import KEYS_MAX, REQUEST_BYTES_MAX, JoinRequest, proven
from hub.roster.identity import Child
from hub.roster.roster import KEY_LIFE_US, PublicKey, Roster, key_message, key_of_message
from hub.seal import KeyRing, Signer
from hub.v1 import envelope_pb2, roster_pb2

CLAIM_CONTEXT = b"wanmi/claim/1\0"
CLAIM_BYTES_MAX = REQUEST_BYTES_MAX + 16 * 1024
"""A join request, some keys and the seals."""
SEALS_MAX = 2 * KEYS_MAX
ENDED_MAX = 32
"""Keys that one claim ends: all that a member may be listed with."""


class ClaimKind(StrEnum):
    """What is claimed."""

    ADD = "add"
    KEY = "key"
    REVOKE = "revoke"


_TO = {
    ClaimKind.ADD: roster_pb2.MemberClaim.ADD,
    ClaimKind.KEY: roster_pb2.MemberClaim.KEY,
    ClaimKind.REVOKE: roster_pb2.MemberClaim.REVOKE,
}
_FROM = {int(number): kind for kind, number in _TO.items()}


class Tree(Protocol):
    """Who sits below whom, as far as a hop knows (``hub.seal.KeyRing``)."""

    def parent_of(self, node: NodeId) -> NodeId | None: ...

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim. ``request``: of ADD; ``keys``: new ones (KEY) or those that end (REVOKE), from
    ``from_us`` on."""

    kind: ClaimKind
    node: NodeId
    by: NodeId
    made_at_us: int
    request: JoinRequest | None = None
    keys: tuple[PublicKey, ...] = ()
    from_us: int = 0

    @property
    def key_ids(self) -> frozenset[str]:
        """The keys it is about."""
        keys = self.request.sign_keys if self.request is not None else self.keys
        return frozenset(key.key_id for key in keys)

    def is_shown(self, roster: Roster | None) -> bool:
        """Whether this roster says it already; then there is nothing more to claim."""
        member = roster.member(self.node) if roster is not None else None
        if self.kind is ClaimKind.REVOKE:
            ended = member.sign_keys if member is not None else ()
            return not any(
                key.key_id in self.key_ids and key.revoked_from_us is None for key in ended
            )
        if member is None or not self.key_ids <= {key.key_id for key in member.sign_keys}:
            return False
        asked = self.request
        return asked is None or (
            (member.endpoints, member.capabilities) == (asked.doors, asked.capabilities)
        )


def of_children(
    me: NodeId, children: Iterable[Child], roster: Roster | None, *, now_us: int
) -> tuple[Claim, ...]:
    """What this parent has to claim: children it took in that the roster does not show as they
    are; and keys that the roster does not end yet, all of a retired child, or those that one had
    before it came with others."""
    found = []
    for child in children:
        if child.retired_at_us is None:
            found.append(Claim(
                kind=ClaimKind.ADD, node=child.node, by=me, made_at_us=now_us,
                request=child.request,
            ))
        if over := _over(child, roster):
            found.append(Claim(
                kind=ClaimKind.REVOKE, node=child.node, by=me, made_at_us=now_us, keys=over,
                from_us=child.retired_at_us or child.rekeyed_at_us,
            ))
    return tuple(claim for claim in found if not claim.is_shown(roster))


def _over(child: Child, roster: Roster | None) -> tuple[PublicKey, ...]:
    """Keys of a child that must end and that the roster lists as good."""
    listed = list(roster.good_keys(child.node)) if roster is not None else []
    if child.retired_at_us is None:
        own = {key.key_id for key in child.request.sign_keys}
        listed = [
            key for key in listed
            if key.key_id not in own and key.valid_from_us < child.rekeyed_at_us
        ]
    return tuple(listed[:ENDED_MAX])


def of_own_keys(
    me: NodeId, keys: Sequence[PublicKey], roster: Roster | None, *, now_us: int
) -> tuple[Claim, ...]:
    """What a node that goes over to another key has to claim: a roster that names it, and not all
    of its keys."""
    member = roster.member(me) if roster is not None else None
    listed = {key.key_id for key in member.sign_keys} if member is not None else set()
    fresh = tuple(key for key in keys if key.key_id not in listed)
    if not fresh or len(fresh) == len(keys):
        return ()  # nothing new, or nobody up there knows a key of ours yet
    return (Claim(kind=ClaimKind.KEY, node=me, by=me, made_at_us=now_us, keys=fresh),)


def seal_claim(claim: Claim, signers: Sequence[Signer]) -> bytes:
    """The claim as it travels. ``signers``: of whoever claims, for KEY the old key and every new
    one."""
    data = roster_pb2.MemberClaim(
        kind=_TO[claim.kind],
        node=claim.node,
        by=claim.by,
        made_at_us=claim.made_at_us,
        request=claim.request.to_json().encode() if claim.request is not None else b"",
        keys=[key_message(key) for key in claim.keys],
        from_us=claim.from_us,
    ).SerializeToString()
    signed: bytes = roster_pb2.SignedClaim(
        claim=data,
        seals=[
            envelope_pb2.Signature(
                alg=one.alg, key_id=one.key_id, value=one.sign(CLAIM_CONTEXT + data)
            )
            for one in signers
        ],
    ).SerializeToString()
    return signed


def open_claim(signed: bytes, *, keys: KeyRing, at_us: int) -> Claim:
    """Read a claim whose seal holds.

    ``Malformed`` (``claim.malformed``), ``Unsealed`` (``claim.unsealed``) for a seal that is
    broken, ``UnknownPeer`` (``key.unknown``) where no key of the claimant is known here: it may be
    with the next roster.
    """
    outer, claim = _read(signed)
    known = False
    for seal in outer.seals:
        key = keys.public(seal.key_id, claim.by, at_us)
        if key is None:
            continue
        if key.alg != seal.alg or not key.holds(CLAIM_CONTEXT + outer.claim, seal.value):
            raise Unsealed(f"a claim about {claim.node}: the seal is broken", code="claim.unsealed")
        known = True
    if not known:
        raise UnknownPeer(
            f"a claim about {claim.node} by {claim.by}: no key that we know", code="key.unknown"
        )
    if claim.kind is ClaimKind.KEY:
        for new in claim.keys:
            if not any(
                seal.key_id == new.key_id and proven(new, seal.value, CLAIM_CONTEXT + outer.claim)
                for seal in outer.seals
            ):
                raise Unsealed(
                    f"a claim about {claim.node}: the new key {new.key_id} does not seal it",
                    code="claim.unsealed",
                )
    return claim


def judge(claim: Claim, *, sender: NodeId, tree: Tree) -> None:
    """Whether a hop takes this from its child ``sender``: it must be about the sender's subtree,
    and by whoever may say it. Raises ``Untrusted`` (``claim.not_below``, ``claim.not_yours``)."""
    if claim.by != sender and not tree.is_below(claim.by, sender):
        raise Untrusted(
            f"{sender} hands on a claim by {claim.by}, which is not below it",
            code="claim.not_below",
        )
    if claim.kind is ClaimKind.KEY:
        return
    above = tree.parent_of(claim.node)
    if claim.node == claim.by or (above is not None and above != claim.by) or (
        above is None and tree.is_below(claim.node, claim.node)  # the root itself
    ):
        raise Untrusted(
            f"{claim.by} claims {claim.node}, which is not its child", code="claim.not_yours"
        )


def _read(signed: bytes) -> tuple[roster_pb2.SignedClaim, Claim]:
    if len(signed) > CLAIM_BYTES_MAX:
        raise Malformed(f"a claim of {len(signed)} bytes is too large", code="claim.malformed")
    try:
        outer = roster_pb2.SignedClaim.FromString(signed)
        message = roster_pb2.MemberClaim.FromString(outer.claim)
        claim = Claim(
            kind=_FROM[message.kind],
            node=node_id(message.node),
            by=node_id(message.by),
            made_at_us=message.made_at_us,
            request=JoinRequest.from_json(message.request) if message.request else None,
            keys=tuple(key_of_message(key) for key in message.keys),
            from_us=message.from_us,
        )
    except (DecodeError, UnicodeDecodeError, ValueError, KeyError) as err:
        raise Malformed("reading a claim", code="claim.malformed") from err
    if len(outer.seals) > SEALS_MAX:
        raise Malformed("a claim with too many seals", code="claim.malformed")
    _check(claim)
    return outer, claim


def _check(claim: Claim) -> None:
    def wrong(what: str) -> Malformed:
        return Malformed(f"a claim about {claim.node}: {what}", code="claim.malformed")

    match claim.kind:
        case ClaimKind.ADD:
            asked = claim.request
            if asked is None or (asked.node, asked.parent) != (claim.node, claim.by):
                raise wrong("its join request is of another node, or of none")
        case ClaimKind.KEY:
            if claim.by != claim.node or not 1 <= len(claim.keys) <= KEYS_MAX:
                raise wrong("a node claims some keys of its own, no others")
            if any(key.valid_to_us - key.valid_from_us > KEY_LIFE_US for key in claim.keys):
                raise wrong("a key would be good for too long")
        case ClaimKind.REVOKE:
            if not 1 <= len(claim.keys) <= ENDED_MAX or claim.from_us <= 0:
                raise wrong("it names no key, or no time")
