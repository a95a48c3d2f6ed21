"""How a link is doing, for views, metrics and the doctor: one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from hub.ids import START, LinkId, NodeId, Position
from hub.link.checkpoint import LinkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How the last round of anti-entropy over one scope ended that this end asked for, and when
    (µs since the epoch). ``error`` "" = it was carried to its end; counts are of keys."""

    scope: str
    at_us: int
    missing: int
    pending: int
    surplus: int
    differ: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """One look at a running link. Wall times in µs since the epoch, None = never."""

    link: LinkId
    peer: NodeId
    peer_is_parent: bool
    state: LinkState
    reason: str
    """A stable code, a colon and a sentence for people; "" while all is well."""
    paused: bool
    up: bool
    """A contact is open and judged right now."""
    in_echo: bool
    """A contact is open that serves the recovery of one end and nothing else."""
    carrier: str
    """"GRPC", "NATS", "MEMORY", or "" without a contact."""
    contact_since_us: int | None = None
    last_contact_us: int | None = None
    credit: int = 0
    """Envelopes the peer takes beyond what it has acknowledged."""
    rtt_s: float = 0.0
    offset_s: float = 0.0
    """Peer's clock minus ours."""
    out: Position = START
    acked: Position = START
    inn: Position = START
    drafts: int = 0
    """As of the last Hello or batch; exact counts come from ``links.counts``."""
    unacked: int = 0
    peer_backlog: int = 0
    retries: int = 0
    next_dial_s: float | None = None
    """Seconds until the next dial, None while nothing is to be dialed."""
    rounds: tuple[Round, ...] = ()
    """The last round over each scope since this process took the link."""
