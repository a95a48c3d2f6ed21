"""Fold events into a case: total, silent, and never a judge.

Whether something may happen is decided in ``decide`` and ``hear``; here it has happened. Every
event raises ``version`` by one. One function per event, found by type: the hot path copies only
what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from node.core import events as ev
from node.core import waiting
from node.core.case import (
    Case,
)
from node.core.evolve import (
    coordination,
    duty,
    handed,
    hands,
    intake,
    marks,
    own,
    passing,
    requests,
)


def evolve(case: Case | None, event: ev.Event) -> Case:
    """The case after ``event``. ``case`` None is right only for the three events that open one."""
    if case is None:
        return waiting.noted(None, _OPENING[type(event)](event), event)
    return waiting.noted(case, _APPLY[type(event)](case, event), event)


def fold(events: Iterable[ev.Event], case: Case | None = None) -> Case:
    """The case after all of them; ``events`` must not be empty if ``case`` is None."""
    for event in events:
        case = evolve(case, event)
    assert case is not None, "a case begins with an event"
    return case


_OPENING: Final[Mapping[type[ev.Event], Callable[[Any], Case]]] = {
    **own.OPENING,
    **duty.OPENING,
}
_USUAL: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    **intake.APPLY,
    **own.APPLY,
    **handed.APPLY,
    **duty.APPLY,
    **marks.APPLY,
    **requests.APPLY,
    **coordination.APPLY,
    **passing.APPLY,
}
_APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    **_USUAL,
    **coordination.apart(_USUAL),
    **hands.noting(_USUAL),
}
