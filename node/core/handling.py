"""Who handles a duty inside the office that holds it (内部交办).

No event says it: every entry of a duty is traced to the assignor, and whom an office puts to work
is its own affair. The rule stands here all the same, once.
"""

from __future__ import annotations

from node.core.capability import Capability
from node.core.case import Case, Duty
from node.core.errors import NotPermitted, WrongStatus
from node.core.rights import ASSIGN_HANDLER


def may_assign(
    case: Case, capabilities: frozenset[Capability], needed: Capability | None
) -> bool:
    """Whether somebody may be named for ``case`` now: a duty that has not ended, and the right."""
    held = case.duty is not None and case.duty.ended is None
    return held and (needed is None or needed in capabilities)


def duty_to_assign(
    case: Case, capabilities: frozenset[Capability], needed: Capability | None
) -> Duty:
    """The duty that somebody is named for. ``WrongStatus`` without one, ``NotPermitted`` without
    the right."""
    duty = case.duty
    if duty is None or duty.ended is not None:
        raise WrongStatus(
            "a handler is named for a duty that this office holds", why="no_duty",
            verb=ASSIGN_HANDLER,
        )
    if not may_assign(case, capabilities, needed):
        assert needed is not None, "who holds the duty may, unless the matrix says more"
        raise NotPermitted(
            f"{ASSIGN_HANDLER} needs the capability {needed}", why="capability",
            capability=needed, verb=ASSIGN_HANDLER,
        )
    return duty
