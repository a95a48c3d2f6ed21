"""Values of the envelope: header, draft, attachment, and the limits of the layout.

Pure values, shared by the link machines, the store and the application. The protobuf form lives
in ``hub.wire``; signing and checking in ``hub.seal``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, StrEnum

from hub.ids import Chain, LinkId, MsgId, NodeId, Position

VERSION = 1
BODY_BYTES_MAX = 128 * 1024
"""A body made by a node; larger things travel as attachments."""
SEALED_BYTES_MAX = 160 * 1024
HEADER_BYTES_MAX = 8 * 1024
INFLATED_BYTES_MAX = 1024 * 1024
"""What a DEFLATED body may inflate to; a guard against decompression bombs."""
LANE_BYTES_MAX = 64
ATTACHMENTS_MAX = 32
FRAME_ENVELOPES_MAX = 64
FRAME_BYTES_MAX = 256 * 1024
WINDOW_ENVELOPES_MAX = 512
"""Sealed, unacknowledged envelopes per direction: what an urgent word may have to wait for."""

PRIO_WORD, PRIO_TRACE, PRIO_RESUPPLY = 0, 1, 2


class Flag(IntFlag):
    """``Header.flags``; any other bit parks the word as ``schema.unsupported``."""

    NONE = 0
    DEFLATED = 1
    OVERTAKE = 2
    RELAYED = 4


class Alg(StrEnum):
    """Digest algorithms of the layout."""

    SHA256 = "sha256"
    SM3 = "sm3"


class Outcome(StrEnum):
    """What became of an envelope at its receiver (``inbox.outcome``)."""

    APPLIED = "APPLIED"
    LATE = "LATE"
    DUPLICATE = "DUPLICATE"
    PARKED = "PARKED"
    DISCARDED = "DISCARDED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A photo or paper, by content address; the bytes are pulled separately."""

    digest: bytes
    size: int
    media_type: str
    alg: Alg = Alg.SHA256


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A word that waits to be numbered and sealed. ``lane`` and ``prio`` are outbox columns.

    Times are microseconds since the epoch. Rows of one lane MUST share one prio.
    """

    msg_id: MsgId
    type: str
    schema_rev: int
    occurred_at_us: int
    hlc: int
    body: bytes
    lane: bytes = b""
    prio: int = PRIO_WORD
    causation_id: bytes = b""
    correlation_id: bytes = b""
    traceparent: str = ""
    attachments: tuple[Attachment, ...] = ()
    flags: Flag = Flag.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the seals cover. docs/link-protocol.md gives each rule."""

    version: int = VERSION
    msg_id: MsgId
    origin: NodeId
    dest: NodeId
    position: Position
    prev_hash: Chain
    lane: bytes
    type: str
    schema_rev: int
    digest_alg: Alg = Alg.SHA256
    body_digest: bytes
    occurred_at_us: int
    hlc: int
    causation_id: bytes = b""
    correlation_id: bytes = b""
    traceparent: str = ""
    attachments: tuple[Attachment, ...] = ()
    flags: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope whose seal and digest held. ``body`` is inflated; ``sealed`` are the bytes as
    they came. ``original`` is set for RELAYED envelopes: the verified inner envelope."""

    header: Header
    body: bytes
    sealed: bytes
    chain: Chain
    original: Opened | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An opened envelope with where it came from, as handed to the application."""

    link: LinkId
    peer: NodeId
    peer_is_parent: bool
    received_at_us: int
    offset_ms: int
    opened: Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the peer did with one of our envelopes when it could not simply apply it."""

    msg_id: MsgId
    outcome: str
    code: str
    detail: str = ""
    sealed: bytes = b""
