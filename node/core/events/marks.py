"""Marks beside the state: pressed, supervised, overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event
from node.core.facts import AssignmentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Event):
    """Hurry up (催办), passed on to whoever has it."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(Event):
    """An answer is owed (督办), passed on to whoever has it. ``kind``: overdue, leader or
    important."""

    supervision_id: str
    reply_by: datetime
    text: str = ""
    kind: str = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionAnswered(Event):
    """We answered a supervision of our assignor."""

    supervision_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClimbed(Event):
    """Nobody has signed: it is the turn of ``post`` on the unit's card, whose ``name`` "" = nobody
    is named there. ``text`` is what the unit was told."""

    assignment_id: AssignmentId
    generation: int
    step: int
    post: str
    name: str
    since: datetime
    next_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Event):
    """A limit passed. ``kind`` is sign_by, finish_by or reply_by."""

    kind: str
    ref: str
    due_at: datetime
