"""What every journal entry has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.limits import StepLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Common part of every entry."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegins(Event):
    """An entry with which steps of posts may begin. ``steps``: the limits that the office had for
    them at that time; () = it was written before limits were written down, or nothing began."""

    steps: tuple[StepLimit, ...] = ()
