"""Seals: who signed these bytes, and does the digest hold.

Seal inputs carry a domain tag, so that a signature over a Hello can never pass for one over an
envelope. Received bytes are verified before their header or body is read. The link never names
an algorithm: it holds a ``Signer`` and a ``KeyRing``.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_BYTES, crypto_sign_open, crypto_sign_PUBLICKEYBYTES
from nacl.exceptions import BadSignatureError

from hub import wire
from hub.envelope import INFLATED_BYTES_MAX, Alg, Flag, Header, Opened
from hub.errors import Incompatible, Malformed, UnknownPeer, Unsealed
from hub.ids import Chain, LinkId, NodeId
from hub.link import messages as say

SEAL_TAG = b"wanmi/seal/1\0"
CHAIN_TAG = b"wanmi/chain/1\0"
HELLO_TAG = b"wanmi/hello/1\0"
COUNTERSIGN_TAG = b"wanmi/countersign/1\0"
ED25519 = "ed25519"
SEALS_MAX = 2
"""Seals on one envelope: two only while a link changes its algorithm."""

KEY_UNKNOWN, KEY_REVOKED = "key.unknown", "key.revoked"
KNOWN_FLAGS = int(Flag.DEFLATED | Flag.OVERTAKE | Flag.RELAYED)


class Signer(Protocol):
    """Holds a sign key, or speaks to the device that does."""

    @property
    def key_id(self) -> str:
        """As the roster lists it."""
        ...

    @property
    def alg(self) -> str:
        """Signature algorithm, as in ``Signature.alg``."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``; called from worker threads."""
        ...


class PublicKey(Protocol):
    """One verifying key of a node."""

    @property
    def alg(self) -> str: ...

    def holds(self, data: bytes, signature: bytes) -> bool:
        """Whether ``signature`` over ``data`` was made with this key; called from threads."""
        ...


class KeyRing(Protocol):
    """Whose key is valid when, and who sits below whom. Answers from memory, thread-safe."""

    def public(self, key_id: str, node: NodeId, at_us: int) -> PublicKey | None:
        """The key, if it belongs to ``node`` and was neither expired nor revoked at ``at_us``."""
        ...

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        """Why ``public`` gives nothing: ``key.unknown``, ``key.revoked`` and the like; ""."""
        ...

    def parent_of(self, node: NodeId) -> NodeId | None:
        """The node above, None for the root and for nodes we do not know."""
        ...

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        """Whether ``node`` is in the subtree of ``ancestor`` (a node is in its own subtree)."""
        ...

    def serial(self) -> int:
        """Serial of the newest valid roster, 0 without one."""
        ...


@dataclass(frozen=True, slots=True)
class Ed25519Signer:
    """Signs with a key held in memory; its repr never shows it."""

    key_id: str
    private: Ed25519PrivateKey
    alg: str = ED25519

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)

    def __repr__(self) -> str:
        return f"Ed25519Signer(key_id={self.key_id!r})"


@dataclass(frozen=True, slots=True)
class Ed25519Key:
    """Verifies with libsodium: half the time of OpenSSL (measured), and verification is the
    largest part of what receiving an envelope costs. Other threads run meanwhile."""

    raw: bytes
    alg: str = ED25519

    @classmethod
    def of(cls, raw: bytes) -> Ed25519Key:
        """From the 32 raw bytes of the roster."""
        if len(raw) != crypto_sign_PUBLICKEYBYTES:
            raise ValueError(f"an Ed25519 key has {crypto_sign_PUBLICKEYBYTES} bytes")
        return cls(raw)

    def holds(self, data: bytes, signature: bytes) -> bool:
        # The library takes both in one piece: a seal of another length would shift the border.
        if len(signature) != crypto_sign_BYTES:
            return False
        try:
            crypto_sign_open(signature + data, self.raw)
        except BadSignatureError:
            return False
        return True


def digest(alg: Alg, data: bytes) -> bytes:
    """Digest by algorithm name; ``Unsealed`` where this build has none (SM3)."""
    if alg is Alg.SHA256:
        return hashlib.sha256(data).digest()
    try:
        return hashlib.new(alg.value, data).digest()
    except ValueError as err:
        raise Unsealed(f"digesting with {alg}: this build has none", code="seal.alg") from err


def chain_value(alg: Alg, header: bytes) -> Chain:
    """What the next envelope's ``prev_hash`` must say."""
    return Chain(digest(alg, CHAIN_TAG + header))


def seal(header: Header, body: bytes, signers: Sequence[Signer]) -> tuple[bytes, Chain]:
    """Seal one envelope: its bytes and its chain value. ``body`` is as it will be stored."""
    head = wire.header_bytes(header)
    seals = tuple((s.alg, s.key_id, s.sign(SEAL_TAG + head)) for s in signers)
    return wire.sealed_bytes(head, body, seals), chain_value(header.digest_alg, head)


def reseal(sealed: bytes, signers: Sequence[Signer]) -> bytes:
    """Our own envelope as it can be sent today: as it is if all of ``signers`` sealed it, else the
    same header and body under their seals. The chain does not change: it never covers a seal."""
    head, body, seals = wire.sealed_parts(sealed)
    if {key_id for _, key_id, _ in seals} >= {signer.key_id for signer in signers}:
        return sealed
    fresh = tuple((s.alg, s.key_id, s.sign(SEAL_TAG + head)) for s in signers)
    return wire.sealed_bytes(head, body, fresh)


def open_envelope(
    data: bytes, *, keys: KeyRing, node: NodeId, at_us: int, dual: bool = False
) -> Opened:
    """Verify and read one envelope that ``node`` must have sealed.

    Raises ``UnknownPeer`` (no key of ours verifies it, ask for the roster), ``Unsealed`` (seal or
    digest broken), ``Malformed`` or ``Incompatible``. RELAYED bodies stay sealed here: see
    ``open_original``.
    """
    head, body, seals = wire.sealed_parts(data)
    _check_seals(SEAL_TAG + head, seals, keys=keys, node=node, at_us=at_us, dual=dual)
    header = wire.header_from(head)
    if digest(header.digest_alg, body) != header.body_digest:
        raise Unsealed("opening an envelope: the body is not the one that was sealed")
    if header.flags & Flag.DEFLATED:
        body = inflate(body)
    return Opened(
        header=header, body=body, sealed=data, chain=chain_value(header.digest_alg, head)
    )


def reopen(data: bytes) -> Opened:
    """Read an envelope of our own inbox again: it was verified before it was stored."""
    head, body, _ = wire.sealed_parts(data)
    header = wire.header_from(head)
    if header.flags & Flag.DEFLATED:
        body = inflate(body)
    return Opened(
        header=header, body=body, sealed=data, chain=chain_value(header.digest_alg, head)
    )


def open_original(outer: Opened, *, keys: KeyRing, sender: NodeId) -> tuple[Opened, str]:
    """Verify the original inside a RELAYED envelope: ``outer`` with ``original`` set, and the
    code under which it must be parked ("" = it holds). The link itself stays healthy."""
    try:
        head, _, _ = wire.sealed_parts(outer.body)
        # The origin decides whose key is asked for; it is believed only once the seal holds.
        claimed = wire.header_from(head)
        inner = open_envelope(
            outer.body, keys=keys, node=claimed.origin, at_us=outer.header.occurred_at_us
        )
    except UnknownPeer as err:
        return outer, err.code
    except Incompatible:
        return outer, "schema.unsupported"
    except (Unsealed, Malformed):
        return outer, "trace.unsealed"
    header = inner.header
    if header.flags & Flag.RELAYED:
        return outer, "trace.unsealed"
    if header.flags & ~KNOWN_FLAGS:
        return outer, "schema.unsupported"
    if keys.parent_of(header.origin) != header.dest or not keys.is_below(header.origin, sender):
        return outer, "trace.not_below"
    return replace(outer, original=inner), ""


def inflate(body: bytes) -> bytes:
    """Inflate a DEFLATED body; ``Malformed`` beyond ``INFLATED_BYTES_MAX``."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(body, INFLATED_BYTES_MAX)
    except zlib.error as err:
        raise Malformed("inflating a body: these bytes do not inflate") from err
    if inflater.unconsumed_tail or not inflater.eof:
        raise Malformed("inflating a body: too large or cut short", code="envelope.too_large")
    return plain


def sign_hello(hello: say.Hello, signer: Signer) -> say.Hello:
    """The Hello with its signed bytes."""
    data = wire.hello_bytes(hello)
    seal_ = (signer.alg, signer.key_id, signer.sign(HELLO_TAG + data))
    return replace(hello, signed=wire.signed_hello_bytes(data, seal_))


def check_hello(hello: say.Hello, *, keys: KeyRing, node: NodeId, at_us: int) -> None:
    """``Unsealed`` or ``UnknownPeer`` unless ``node`` signed it."""
    data, seal_ = wire.signed_hello_parts(hello.signed)
    if hello.sender != node:
        raise Unsealed("checking a hello: it speaks for another node")
    _check_seals(HELLO_TAG + data, (seal_,), keys=keys, node=node, at_us=at_us, dual=False)


def sign_countersign(
    countersign: say.Countersign, *, link: LinkId, origin: NodeId, signer: Signer
) -> say.Countersign:
    """The receiver's evidence that everything up to ``position`` is committed."""
    data = wire.countersign_statement(
        link=link,
        origin=origin,
        position=countersign.position,
        head=countersign.head,
        committed_at_us=countersign.committed_at_us,
    )
    seal_ = (signer.alg, signer.key_id, signer.sign(COUNTERSIGN_TAG + data))
    return replace(countersign, signed=wire.signed_countersign_bytes(data, seal_))


def check_countersign(
    countersign: say.Countersign,
    *,
    link: LinkId,
    origin: NodeId,
    keys: KeyRing,
    node: NodeId,
    at_us: int,
) -> None:
    """``Unsealed`` or ``UnknownPeer`` unless ``node`` signed this statement about our words."""
    data, seal_, link_, origin_, values = wire.countersign_parts(countersign.signed)
    if link_ != link or origin_ != origin or values != countersign:
        raise Unsealed("checking a countersign: it speaks of something else")
    _check_seals(COUNTERSIGN_TAG + data, (seal_,), keys=keys, node=node, at_us=at_us, dual=False)


def _check_seals(
    data: bytes,
    seals: tuple[tuple[str, str, bytes], ...],
    *,
    keys: KeyRing,
    node: NodeId,
    at_us: int,
    dual: bool,
) -> None:
    """One seal by a known key must hold (all of two, where ``dual``); none may be broken."""
    if not 0 < len(seals) <= SEALS_MAX:
        raise Unsealed("checking seals: none, or too many")
    known = set()
    for alg, key_id, value in seals:
        key = keys.public(key_id, node, at_us)
        if key is None:
            continue
        if key.alg != alg or not key.holds(data, value):
            raise Unsealed(f"checking the seal of {node}: it is broken")
        known.add(key_id)
    if not known:
        # No newer roster brings back what was ended; whatever else may be in the next one.
        if any(keys.refusal(key_id, node, at_us) == KEY_REVOKED for _, key_id, _ in seals):
            raise UnknownPeer(f"checking a seal of {node}: its key has ended", code=KEY_REVOKED)
        raise UnknownPeer(f"checking a seal of {node}: no key of ours", code=KEY_UNKNOWN)
    if dual and len(known) < SEALS_MAX:
        raise Unsealed(f"checking the seals of {node}: this link needs two", code="seal.dual")
