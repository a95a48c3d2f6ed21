"""What the stopwatch is given: a journal entry, and who made it."""

from __future__ import annotations

from dataclasses import dataclass

from node.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A journal entry, the office that made it, and who acted."""

    node: str
    event: Event
    actor: str = ""
