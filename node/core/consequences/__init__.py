"""What follows from what has happened: words to neighbours, timers, work for people.

Pure of the event and the case around it. Every event that a neighbour must know of says exactly
one word; which event says it is written here once (a granted return is said by the decision, not
by the ending).
"""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core.case import Case
from node.core.consequences import (
    coordination,
    disputes,
    duty,
    handed,
    intake,
    marks,
    own,
    passing,
    requests,
)
from node.core.consequences.saying import (
    Effects,
    Follow,
)


def consequences(before: Case | None, event: ev.Event, after: Case) -> Effects:
    """The effects of ``event``, which took the case from ``before`` to ``after``."""
    if disputes.is_settled(event):
        return disputes.settled(before, event, after)
    follow = _FOLLOW.get(type(event))
    effects = () if follow is None else follow(before, event, after)
    beside = coordination.OVER.get(type(event))
    if beside is not None:
        effects = (*effects, *beside(before, event, after))
    return (
        *effects,
        *intake.ended(before, event, after),
        *intake.parts(before, event, after),
        *passing.told(before, event, after),
    )


_FOLLOW: Final[Follow] = {
    **intake.FOLLOW,
    **own.FOLLOW,
    **handed.FOLLOW,
    **duty.FOLLOW,
    **marks.FOLLOW,
    **requests.FOLLOW,
    **coordination.FOLLOW,
    **passing.FOLLOW,
}
