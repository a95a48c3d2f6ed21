"""What is written down of joining: who did what to which node, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hub.ids import NodeId
from hub.store.tx import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act. ``actor``: an account, or the node itself; "" = nobody who is known."""

    action: str
    actor: str
    node: NodeId
    outcome: str
    reason: str = ""
    origin: str = ""
    """The address it came from, where a node acts."""


Note = Callable[[Tx, Deed], None]
"""Whoever writes it down."""
