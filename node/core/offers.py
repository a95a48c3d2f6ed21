"""Which verbs a screen offers for a case: those that the table allows and that nothing in the case
itself speaks against.

The guards of ``decide`` that look at the case, or at the case and the office (a source that asks
for a look on site first, a right of closing, an office above), are asked as they are; those that
look at what a command names are asked whether there is anything it could name. What depends on what
will be named (a reachable assignee) may still refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from node.core.approvals import FORCED_CLOSE, Ladders
from node.core.capability import Capability
from node.core.case import Case, Duty, is_part
from node.core.context import Context
from node.core.decide.asking import open_to
from node.core.decide.guards import GUARDS
from node.core.errors import Refused
from node.core.facts import Rank, RequestKind
from node.core.transitions import COMMANDS, Transition, allowed

ASK: Final = "AskRequest"
KINDS: Final = (
    RequestKind.RETURN, RequestKind.EXTENSION, RequestKind.SUSPENSION, RequestKind.VOID,
    RequestKind.APPEAL,
)
"""What is asked by that one verb; a contest and a coordination have verbs of their own."""


_DECIDED: Final = {
    "ForceClose": FORCED_CLOSE, "VoidCase": RequestKind.VOID.value,
    "SuspendCase": RequestKind.SUSPENSION.value,
}
"""What is decided without a request, and under what the rules of approval have it."""


def offered(
    case: Case,
    capabilities: frozenset[Capability],
    needed: Callable[[Transition], Capability | None] = lambda row: row.capability,
    office: Context | None = None,
) -> tuple[str, ...]:
    """The commands that may be tried on ``case`` now, by name. ``office`` None = what only the
    office's own rules speak against is not asked."""
    return tuple(
        verb
        for verb in allowed(case.status, capabilities, needed, part=is_part(case))
        if all(_is_open(case, guard, office) for guard in COMMANDS[case.status, verb].guards)
        and _NAMEABLE.get(verb, _always)(case)
        and (verb != ASK or office is None or askable(case, office))
    )


def askable(case: Case, office: Context) -> tuple[RequestKind, ...]:
    """The kinds of requests by the one verb that may be made of our assignor now. That it may be
    too long, or without a listed reason, is said when it is made."""
    row, duty = COMMANDS.get((case.status, ASK)), case.duty
    if row is None or duty is None or not all(_is_open(case, one, office) for one in row.guards):
        return ()
    return tuple(kind for kind in KINDS if _may_be_asked(case, duty, kind, office))


def deciders(case: Case, ladders: Ladders | None) -> Mapping[str, tuple[str, ...]]:
    """Commands that take a role by the rules of approval, and the roles of which one is enough."""
    if ladders is None:
        return {}
    return {verb: ladders.deciders(what, case.facts) for verb, what in _DECIDED.items()}


def _may_be_asked(case: Case, duty: Duty, kind: RequestKind, office: Context) -> bool:
    try:
        open_to(case, duty, kind, office)
    except Refused:
        return False
    return True


def _is_open(case: Case, guard: str, office: Context | None) -> bool:
    answer = _SOMETHING_THERE.get(guard)
    if answer is not None:
        return answer(case)
    asked: Any = _NOTHING
    if guard in _OF_THE_OFFICE and office is not None:
        asked = office
    elif guard not in _OF_THE_CASE:
        return True
    try:
        GUARDS[guard](case, _NOTHING, asked)
    except Refused:
        return False
    return True


def _always(case: Case) -> bool:  # noqa: ARG001
    return True


def _done_below(case: Case) -> bool:
    return case.live is not None and case.live.rank is Rank.DONE


def _late_result(case: Case) -> bool:
    return any(not one.adopted for one in case.late)


def _answer_owed(case: Case) -> bool:
    return any(not one.replied for one in case.supervisions)


def _coordination_open(case: Case) -> bool:
    return any(one.is_open and not one.upward for one in case.coordinations)


def _joinable(case: Case) -> bool:
    return any(
        one.is_open and not one.upward and not one.problem_id for one in case.coordinations
    )


def _joined(case: Case) -> bool:
    return any(one.is_open and not one.upward and one.problem_id for one in case.coordinations)


def _outstanding(case: Case) -> bool:
    return any(one.outstanding_fen > 0 for one in case.repairs)


def _doubt_waits(case: Case) -> bool:
    return any(one.waits for one in case.flags)


def _asked_of_us(case: Case) -> bool:
    return any(one is not None and one.request is not None for one in (case.live, *case.past))


def _contested_to_us(case: Case) -> bool:
    return any(one.upheld is None and one.assignment_id is not None for one in case.disputes)


_NOTHING: Final[Any] = None
"""Instead of a command and its surroundings: these guards look at neither."""
_OF_THE_CASE: Final = frozenset({
    "handed_on", "in_own_hands", "not_at_work_below", "unsigned", "nothing_asked",
    "not_being_returned", "not_to_wait", "return_answered", "clock_runs", "paused_below",
    "case_suspended", "at_work_below", "has_an_owner", "leads", "left_contact", "not_rated",
    "not_reopening", "reopen_asked", "comes_back", "ended_here",
})
_OF_THE_OFFICE: Final = frozenset({"looked_at", "closes_here", "office_above"})
"""Guards that look at the case and at what the office works by."""
_SOMETHING_THERE: Final[Mapping[str, Callable[[Case], bool]]] = {
    "done_below": _done_below,
    "late_result": _late_result,
    "supervision_owed": _answer_owed,
    "ours_to_decide": _coordination_open,
    "owed": _outstanding,
    "doubted": _doubt_waits,
}
_NAMEABLE: Final[Mapping[str, Callable[[Case], bool]]] = {
    "DecideRequest": _asked_of_us,
    "PassUpRequest": _asked_of_us,
    "DecideDispute": _contested_to_us,
    "JoinProblem": _joinable,
    "LeaveProblem": _joined,
}
"""Verbs without a guard that name something, and whether there is one."""
