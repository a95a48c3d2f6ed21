"""What two ends of a link say to each other, as pure values (``hub/v1/link.proto``).

``hub.wire`` translates them to bytes and back. ``Hello`` travels signed; here it is carried
together with its signed bytes, because the peer's last Hello is kept as proof.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.ids import START, ZERO_CHAIN, Chain, LinkId, NodeId, Position

PROTO_MIN, PROTO_MAX = 1, 3
CLAIMS_PROTO = 2
"""From this version on a parent reads ``Claims``; an older one would take them for no message."""
RENEW_PROTO = 3
"""From this version on both ends read ``Renew``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """First message on every carrier, in both directions; compares checkpoints."""

    link: LinkId
    sender: NodeId
    out: Position
    inn: Position
    in_head: Chain
    holder_no: int
    holder_id: bytes
    backlog: int = 0
    proto_min: int = PROTO_MIN
    proto_max: int = PROTO_MAX
    recovering: bool = False
    """The sender lost history: it asks for its own words and takes nothing yet."""
    standing: bool = False
    """The sender stands still until a person acts; it only answers a peer that is recovering."""
    roster_serial: int = 0
    types: tuple[tuple[str, int], ...] = ()
    credit: int = 0
    sent_at_us: int = 0
    signed: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Sealed envelopes at consecutive positions; ``origin`` = the receiver itself is an echo."""

    link: LinkId
    origin: NodeId
    envelopes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersign:
    """The receiver's signed "I have it"; ``signed`` are the bytes to keep."""

    position: Position
    head: Chain
    committed_at_us: int
    signed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """Everything up to ``inn`` is committed here. Also the heartbeat."""

    inn: Position
    in_head: Chain
    credit: int
    sent_at_us: int
    echo_at_us: int = 0
    echo_held_us: int = 0
    out: Position = START
    backlog: int = 0
    countersign: Countersign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Say again what comes after this position; ``echo``: our own envelopes, for recovery."""

    after: Position
    echo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why we do not go on. Codes: FENCED FORK CUT_MOVED TWIN UNSEALED UNKNOWN_KEY MALFORMED
    INCOMPATIBLE GOODBYE."""

    code: str
    detail: str = ""
    inn: Position = START
    in_head: Chain = ZERO_CHAIN
    proof: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterOffer:
    """Ask for a roster at least this new, or hand one over."""

    want_serial: int = 0
    signed: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a child's subtree says about its members, each under the seal of whoever says it."""

    signed: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renew:
    """A child asks for newer papers (``request``; ``grpc`` and ``nats`` are where it reaches its
    parent), or says under which certificate it speaks (``in_use``, its serial). The parent answers
    with papers (``kit``), or with why there are none (``code``, ``detail``)."""

    request: bytes = b""
    grpc: tuple[str, ...] = ()
    nats: tuple[str, ...] = ()
    in_use: str = ""
    kit: bytes = b""
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """One row of anti-entropy: a prefix or key, how many keys lie under it, their digest."""

    key: bytes
    count: int
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAsk:
    """Depth 0: per 3-byte prefix (a time window). 1: per case. 2: per key."""

    round: bytes
    scope: str
    depth: int
    prefix: bytes = b""
    after: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Answer to ``DigestAsk``; ``next`` is empty on the last page."""

    round: bytes
    rows: tuple[DigestRow, ...]
    next: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """Depth 2: the asker's own rows under ``prefix``; the child finds the differences."""

    round: bytes
    scope: str
    prefix: bytes
    rows: tuple[DigestRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the child found: ``missing`` were enqueued again."""

    round: bytes
    missing: int
    pending: int
    surplus: tuple[bytes, ...] = ()
    differ: tuple[bytes, ...] = ()


Message = (
    Hello | Frame | Ack | Pull | Fault | RosterOffer | Claims | Renew | DigestAsk | Tell | List
    | Result
)
