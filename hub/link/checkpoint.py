"""Where a link stands: the ``link`` row as a pure value.

The machines keep it in their state, the store reads and writes it, views show it. It is always
what was committed, never what is hoped for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.ids import START, ZERO_CHAIN, Chain, LinkId, NodeId, Position
from hub.link.quota import NOTHING, Spent


class LinkState(StrEnum):
    """``link.state``. Only UP and DOWN number, send and acknowledge."""

    UP = "UP"
    DOWN = "DOWN"
    FENCED = "FENCED"
    RECOVERING = "RECOVERING"
    QUARANTINED = "QUARANTINED"
    RETIRED = "RETIRED"


class Recovery(StrEnum):
    """How far the recovery of a link is; the first word of its reason while it is RECOVERING."""

    NONE = ""
    ECHO = "recovery.echo"
    ECHOED = "recovery.echoed"
    OPENED = "recovery.opened"
    WAIVED = "recovery.waived"


RECOVERING_REASONS = {
    Recovery.ECHO: "our own words are fetched back from the peer",
    Recovery.ECHOED: "our own words are back; a person confirms what is next",
    Recovery.OPENED: "a new epoch is opened, the peer has not taken it yet",
    Recovery.WAIVED: "left out of the recovery by a person; it stands still until it is recovered",
}
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
    spent: Spent = NOTHING
    drafts: int = 0
    unacked: int = 0

    @property
    def recovery(self) -> Recovery:
        """The step of our own recovery of this link, NONE while there is none."""
        if self.state is not LinkState.RECOVERING:
            return Recovery.NONE
        first = self.reason.split(":", 1)[0]
        return Recovery(first) if first in set(Recovery) else Recovery.NONE

    @property
    def recovers(self) -> bool:
        """Whether we say Hello as one who is being recovered."""
        return self.recovery in (Recovery.ECHO, Recovery.ECHOED, Recovery.OPENED)
