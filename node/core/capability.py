"""What an office may do: granted by its profile and possible where it stands.

Cities differ in who files, checks and closes, so the code never asks for a tier: it asks for a
capability. Handling a duty needs none, because holding the duty is the right to handle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Capability(StrEnum):
    """A right of an office, never of a tier."""

    INTAKE = "intake"
    FILE = "file"
    DISPATCH = "dispatch"
    CHECK = "check"
    CLOSE = "close"
    COORDINATE = "coordinate"
    """Decide what no rule solves; which of it is the profile's table of levels."""
    EVALUATE = "evaluate"
    OBSERVE = "observe"


def possible(*, has_assignees: bool) -> frozenset[Capability]:
    """What the topology allows: whoever has neither child nor adapter can dispatch to nobody."""
    every = frozenset(Capability)
    return every if has_assignees else every - {Capability.DISPATCH}


def effective(granted: Iterable[Capability], *, has_assignees: bool) -> frozenset[Capability]:
    """Granted by the profile ∩ possible in this place."""
    return frozenset(granted) & possible(has_assignees=has_assignees)
