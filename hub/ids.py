"""Names and numbers of the fabric. Every id is its own type, so two of them cannot be swapped.

This module must never read a clock or a random source by itself: whoever needs a fresh id is
handed an ``IdSource``.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NewType, Protocol

NodeId = NewType("NodeId", str)
"""Region code or unified social credit code, ``[0-9A-Z]{2,32}``."""
LinkId = NewType("LinkId", str)
"""``<parent>-<child>``."""
MsgId = NewType("MsgId", bytes)
"""16 bytes, UUIDv7; the end-to-end idempotency key of one word."""
Chain = NewType("Chain", bytes)
"""Chain value of an envelope: digest over its header."""

NODE_ID = re.compile(r"[0-9A-Z]{2,32}")
ZERO_CHAIN = Chain(bytes(32))


class Position(NamedTuple):
    """Where an envelope stands on its link and direction; ordered lexicographically."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"


START = Position(1, 0)
"""Before the first envelope of a new link: its chain value is ``ZERO_CHAIN``."""


class IdSource(Protocol):
    """Fresh ids. Production draws UUIDv7 from the operating system, a simulation from its seed."""

    def uuid7(self) -> bytes:
        """16 bytes, UUIDv7 (RFC 9562 section 5.7)."""
        ...


def link_id(*, parent: NodeId, child: NodeId) -> LinkId:
    """The id of the one link between a parent and its child."""
    return LinkId(f"{parent}-{child}")


def node_id(text: str) -> NodeId:
    """Validate ``text`` as a NodeId; ``ValueError`` says what a NodeId looks like."""
    if not NODE_ID.fullmatch(text):
        raise ValueError(f"{text!r} is not a node id: 2 to 32 of 0-9 and A-Z")
    return NodeId(text)
