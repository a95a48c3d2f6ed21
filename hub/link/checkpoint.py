"""Where a link stands: the ``link`` row as a pure value.

The machines keep it in their state, the store reads and writes it, views show it. It is always
what was committed, never what is hoped for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.ids import START, ZERO_CHAIN, Chain, LinkId, NodeId, Position


class LinkState(StrEnum):
    """``link.state``. Only UP and DOWN number, send and acknowledge."""

    UP = "UP"
    DOWN = "DOWN"
    FENCED = "FENCED"
    RECOVERING = "RECOVERING"
    QUARANTINED = "QUARANTINED"
    RETIRED = "RETIRED"


FLOWING = frozenset({LinkState.UP, LinkState.DOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The committed state of one link at its holder. Times are µs since the epoch."""

    link: LinkId
    peer: NodeId
    peer_is_parent: bool
    state: LinkState = LinkState.DOWN
    reason: str = ""
    paused: bool = False
    prefer: str = "GRPC"
    dual_seal: bool = False
    out: Position = START
    out_head: Chain = ZERO_CHAIN
    acked: Position = START
    inn: Position = START
    in_head: Chain = ZERO_CHAIN
    holder_no: int = 0
    holder_id: bytes = b""
    peer_hello: bytes = b""
    retry_n: int = 0
    retry_at_us: int = 0
    last_contact_at_us: int = 0
    drafts: int = 0
    unacked: int = 0
