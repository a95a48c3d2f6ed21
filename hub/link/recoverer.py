"""What one end of a link remembers of a contact for recovery; ``hub.link.recovery`` moves it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.ids import Position
from hub.link.steps import EchoPlan

BEFORE_ALL = Position(0, 0)
"""Asked for what follows this, a peer gives everything that it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoverer:
    """What one end remembers of a contact for recovery. ``plan`` None: only the peer recovers."""

    plan: EchoPlan | None = None
    after: Position = BEFORE_ALL
    oldest: bool = False
    """Everything the peer keeps was asked for, and nothing of it has come yet."""
    everything: bool = False
    """That was tried already in this contact."""
    asked_at: int = 0
    """When the last page was asked for; 0 = nothing is awaited."""
    busy: bool = False
    answers: int = 0
