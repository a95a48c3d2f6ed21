"""What a Hello tells: does the peer still have what we sent, and is it still the same peer?

Two tables as pure functions. ``judge`` compares the peer's ``in`` with our outgoing direction;
each side judges its own. It is total and takes the first match. ``holder`` compares the peer's
``holder_no`` with the last Hello we accepted, so that of two live copies only one goes on.

This module must never know how a remedy is carried out: operations act on the verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.ids import START, ZERO_CHAIN, Chain, Position
from hub.link.checkpoint import LinkState
from hub.link.messages import PROTO_MAX, PROTO_MIN, Hello


class Verdict(StrEnum):
    """Rows of the table, in the order in which they are tried."""

    FENCED = "fenced"
    BEHIND = "behind"
    HISTORY_GONE = "history_gone"
    CUT_MOVED = "cut_moved"
    FORK = "fork"
    PEER_RESTORED = "peer_restored"
    NORMAL = "normal"
    ACKS_LOST = "acks_lost"


STOPS: dict[Verdict, tuple[LinkState, str]] = {
    Verdict.FENCED: (
        LinkState.FENCED,
        "link.fenced: the peer knows a newer epoch of ours than we do; this database is an old "
        "backup or a second copy of this node. Recover it, or switch this copy off.",
    ),
    Verdict.BEHIND: (
        LinkState.FENCED,
        "link.behind: the peer holds words of ours that we do not; this database was restored "
        "from a backup or is a second copy. Recover it, or switch this copy off.",
    ),
    Verdict.HISTORY_GONE: (
        LinkState.RECOVERING,
        "link.history_gone: the peer lost words that we no longer keep; the link needs a new "
        "epoch and a comparison of both sides.",
    ),
    Verdict.CUT_MOVED: (
        LinkState.RECOVERING,
        "link.cut_moved: the peer stands at a position that is not in our history; it followed "
        "another copy of this node. The link needs recovery.",
    ),
    Verdict.FORK: (
        LinkState.QUARANTINED,
        "link.fork: at one position the peer holds another envelope than we do; somebody sealed "
        "twice in our name. Keep both databases and decide which copy shall live.",
    ),
}
"""Verdicts after which a link stands still until a person acts, with the sentence they read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What our own store says about the peer's position P."""

    out: Position
    acked: Position
    chain_at_peer: Chain | None
    """Chain value of our row at P; None without such a row."""
    oldest: Position | None
    """Our oldest row whose bytes are kept; None if nothing was ever numbered."""
    before_oldest: Position | None
    """The position before ``oldest``; None if it was trimmed or never was."""


def judge(evidence: Evidence, *, peer_in: Position, peer_head: Chain) -> Verdict:
    """The first matching row for a peer whose ``in`` is ``peer_in``."""
    if peer_in.epoch > evidence.out.epoch:
        return Verdict.FENCED
    if peer_in > evidence.out:
        return Verdict.BEHIND
    at_start = peer_in == START
    if evidence.oldest is not None and peer_in < evidence.acked:
        # What follows ``acked`` is always kept, so only an older position can be out of reach.
        floor = evidence.before_oldest
        if floor is None:
            floor = START if evidence.oldest == Position(1, 1) else evidence.oldest
        if peer_in < floor:
            return Verdict.HISTORY_GONE
    chain = ZERO_CHAIN if at_start else evidence.chain_at_peer
    if chain is None:
        return Verdict.CUT_MOVED
    if chain != peer_head:
        return Verdict.FORK
    if peer_in < evidence.acked:
        return Verdict.PEER_RESTORED
    if peer_in == evidence.acked:
        return Verdict.NORMAL
    return Verdict.ACKS_LOST


class Holder(StrEnum):
    """What the peer's holder fields say."""

    ACCEPT = "accept"
    RECONNECT = "reconnect"
    ECHO_ONLY = "echo_only"
    FENCED = "fenced"
    TWIN = "twin"


def holder(hello: Hello, *, our_in: Position, last: Hello | None) -> Holder:
    """Whether this is the living copy of the peer. ``last``: the Hello accepted before it."""
    if hello.recovering:
        return Holder.ECHO_ONLY
    if hello.out.epoch < our_in.epoch:
        return Holder.FENCED
    if hello.out.epoch > our_in.epoch or last is None or hello.holder_no > last.holder_no:
        return Holder.ACCEPT
    if hello.holder_no < last.holder_no:
        return Holder.FENCED
    return Holder.RECONNECT if hello.holder_id == last.holder_id else Holder.TWIN


def protocols_meet(hello: Hello, min_proto: int = PROTO_MIN) -> bool:
    """Whether some protocol version is spoken on both sides that the roster does not call too
    old."""
    return max(hello.proto_min, PROTO_MIN, min_proto) <= min(hello.proto_max, PROTO_MAX)
