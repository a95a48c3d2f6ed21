"""The transitions of a case at one node, as data.

``decide`` looks every command up here: no row, no transition. The rows of words and of the clock
are what ``hear`` may do to a status; a property test holds it to them. The diagrams of the docs
are drawn from this table (``node.core.diagram``).

To add a transition: row, event, consequence, property test, in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from node.core.capability import Capability
from node.core.case import CaseStatus


class Actor(StrEnum):
    """Who moves."""

    PERSON = "person"
    ASSIGNEE = "assignee"
    ASSIGNOR = "assignor"
    CLOCK = "clock"
    CASE = "case"
    """Another case of this office: out of it this one begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row. ``status`` None = there is no case yet. ``verb`` is the command's name, or the
    word's act. ``capability`` None = holding the duty is the right. ``next`` lists every status
    it may lead to; ``guards`` name what else must be true, in the order they are asked."""

    status: CaseStatus | None
    verb: str
    next: tuple[CaseStatus, ...]
    actor: Actor = Actor.PERSON
    capability: Capability | None = None
    guards: tuple[str, ...] = ()


_S = CaseStatus
_C = Capability
_LIVE = (_S.DISPATCHED, _S.HANDLING, _S.SUSPENDED)
_FILED = (_S.PENDING_DISPATCH, *_LIVE, _S.FEEDBACK_GIVEN, _S.CHECKING, _S.PENDING_CLOSE)
_OWN = (
    _S.REPORTED,
    _S.VERIFYING,
    _S.PENDING_FILING,
    _S.PENDING_DISPATCH,
    _S.DISPATCHED,
    _S.HANDLING,
    _S.SUSPENDED,
    _S.FEEDBACK_GIVEN,
    _S.CHECKING,
    _S.PENDING_CLOSE,
    _S.CLOSED,
    _S.NOT_ACCEPTED,
    _S.NOT_FILED,
    _S.TRANSFERRED,
    _S.PASSED_UP,
    _S.VOIDED,
)
_UNDER_WAY = (*_FILED, _S.TRANSFERRED)
"""An own case that is filed and not over."""
_AGAIN = (_S.PENDING_FILING, _S.VERIFYING, _S.PASSED_UP)
"""Where what was put right at once may be again after its check failed, with an answer owed."""
_APPEALED = (
    _S.PENDING_DISPATCH,
    _S.FEEDBACK_GIVEN,
    _S.CHECKING,
    _S.PENDING_CLOSE,
    _S.TRANSFERRED,
    _S.CLOSED,
    _S.VOIDED,
)
"""Where only an appeal may wait for its answer."""
_OVER = (_S.CLOSED, _S.VOIDED, _S.NOT_ACCEPTED, _S.NOT_FILED)
"""Ends of an own case: what is noted there moves nothing."""
AFTER_THE_END: Mapping[str, str] = MappingProxyType(
    {
        "GiveSatisfaction": "the reporter judges the result, which is known at the end only",
        "AskReopen": "what is wrong again is said of the case that was closed; a new one goes on",
        "DecideReopen": "and answered there",
        "SettleDoubt": "a false picture may be found out long after it served its purpose",
        "TellReporter": "whoever waits for the end is told when it has come",
        "AskRequest": "an appeal alone: an overdue mark is contested when the work is over",
        "DecideRequest": "an appeal alone: it is answered where it was asked",
        "DecideDispute": "act first, settle whose it is later (先行处置): nobody waited for it",
        "RecordRecovery": "repair first, settle later (代整治): what was paid is still owed",
    }
)
"""Verbs that start from an end, and why. None of them leads out of it, none hands anything on, and
nothing else does: a verb that works on a case has no row there."""
_LEADING = (_S.PENDING_DISPATCH, *_LIVE, _S.FEEDBACK_GIVEN)
"""An own case that may be assisted: it is filed, and its result does not stand yet."""


def _rows(
    statuses: tuple[CaseStatus | None, ...],
    verb: str,
    *to: CaseStatus,
    actor: Actor = Actor.PERSON,
    needs: Capability | None = None,
    guards: tuple[str, ...] = (),
) -> tuple[Transition, ...]:
    """One row per status; no ``to`` means that the status stays."""
    rows = []
    for status in statuses:
        following = to or ((status,) if status is not None else ())
        rows.append(
            Transition(
                status=status,
                verb=verb,
                next=following,
                actor=actor,
                capability=needs,
                guards=guards,
            )
        )
    return tuple(rows)


TABLE: tuple[Transition, ...] = (
    # an own case, by people
    *_rows((None,), "OpenCase", _S.REPORTED, needs=_C.INTAKE),
    *_rows(
        (_S.REPORTED,), "Accept", _S.PENDING_FILING, needs=_C.INTAKE, guards=("looked_at",)
    ),
    *_rows((_S.REPORTED, _S.VERIFYING), "NotAccept", _S.NOT_ACCEPTED, needs=_C.INTAKE),
    *_rows(
        (_S.REPORTED, _S.VERIFYING, _S.PENDING_FILING),
        "StartVerify",
        _S.VERIFYING,
        needs=_C.INTAKE,
    ),
    *_rows(
        (_S.VERIFYING,), "RecordVerify", _S.PENDING_FILING, _S.NOT_ACCEPTED, needs=_C.INTAKE
    ),
    *_rows(
        (_S.REPORTED,),
        "SelfHandle",
        _S.PENDING_CLOSE,
        needs=_C.INTAKE,
        guards=("closes_here",),
    ),
    *_rows(
        (_S.REPORTED, _S.PENDING_FILING),
        "File",
        _S.PENDING_DISPATCH,
        needs=_C.FILE,
        guards=("looked_at",),
    ),
    *_rows((_S.REPORTED, _S.PENDING_FILING), "Decline", _S.NOT_FILED, needs=_C.FILE),
    *_rows(
        (_S.PENDING_DISPATCH,), "Dispatch", _S.DISPATCHED, needs=_C.DISPATCH, guards=("reachable",)
    ),
    *_rows(
        (_S.PENDING_DISPATCH,),
        "AdoptLate",
        _S.FEEDBACK_GIVEN,
        needs=_C.DISPATCH,
        guards=("late_result",),
    ),
    *_rows(_LEADING, "OpenPart", needs=_C.DISPATCH, guards=("leads",)),
    *_rows(
        (*_LIVE, _S.FEEDBACK_GIVEN, _S.CHECKING),
        "WithdrawAssignment",
        _S.PENDING_DISPATCH,
        needs=_C.DISPATCH,
        guards=("handed_on", "return_answered"),
    ),
    *_rows((_S.FEEDBACK_GIVEN, _S.PENDING_CLOSE), "StartCheck", _S.CHECKING, needs=_C.CHECK),
    *_rows((_S.FEEDBACK_GIVEN, _S.CHECKING), "PassCheck", _S.PENDING_CLOSE, needs=_C.CHECK),
    *_rows(
        (_S.FEEDBACK_GIVEN, _S.CHECKING),
        "FailCheck",
        _S.HANDLING,
        _S.PENDING_DISPATCH,
        _S.PENDING_FILING,
        needs=_C.CHECK,
    ),
    *_rows((_S.PENDING_CLOSE,), "Close", _S.CLOSED, needs=_C.CLOSE),
    # a report that the office above is to take up
    *_rows(
        (_S.REPORTED, _S.PENDING_FILING),
        "PassUpCase",
        _S.PASSED_UP,
        needs=_C.INTAKE,
        guards=("office_above",),
    ),
    *_rows((_S.PASSED_UP,), "RecallCase", needs=_C.INTAKE, guards=("comes_back",)),
    # an own case that leaves the usual way
    *_rows((_S.TRANSFERRED,), "Close", _S.CLOSED, needs=_C.CLOSE),
    *_rows(_UNDER_WAY, "ForceClose", _S.CLOSED, needs=_C.CLOSE, guards=("return_answered",)),
    *_rows(_UNDER_WAY, "VoidCase", _S.VOIDED, needs=_C.FILE, guards=("return_answered",)),
    *_rows((_S.PENDING_DISPATCH,), "Transfer", _S.TRANSFERRED, needs=_C.FILE),
    *_rows((_S.TRANSFERRED,), "TakeBack", _S.PENDING_DISPATCH, needs=_C.FILE),
    *_rows((_S.PENDING_DISPATCH,), "SuspendCase", _S.SUSPENDED, needs=_C.DISPATCH),
    *_rows(
        (_S.SUSPENDED,),
        "ResumeCase",
        _S.PENDING_DISPATCH,
        needs=_C.DISPATCH,
        guards=("case_suspended",),
    ),
    # what our assignee asks, by people
    *[
        row
        for status in (_S.DISPATCHED, _S.HANDLING)
        for row in _rows(
            (status,),
            "DecideRequest",
            status,
            _S.PENDING_DISPATCH,
            _S.SUSPENDED,
            _S.VOIDED,
            needs=_C.DISPATCH,
        )
    ],
    *_rows(
        (_S.SUSPENDED,),
        "DecideRequest",
        _S.SUSPENDED,
        _S.PENDING_DISPATCH,
        _S.VOIDED,
        needs=_C.DISPATCH,
    ),
    *_rows((*_APPEALED, _S.HELD, _S.DONE, _S.ENDED), "DecideRequest", needs=_C.DISPATCH),
    *_rows((_S.HELD,), "PassUpRequest", needs=_C.DISPATCH, guards=("nothing_asked",)),
    *_rows(
        (_S.SUSPENDED,),
        "ResumeAssignment",
        _S.DISPATCHED,
        _S.HANDLING,
        needs=_C.DISPATCH,
        guards=("paused_below",),
    ),
    *_rows(
        (_S.HELD,), "ResumeAssignment", needs=_C.DISPATCH, guards=("paused_below", "clock_runs")
    ),
    # whoever watches over it
    *_rows(
        (_S.DISPATCHED, _S.HANDLING, _S.HELD),
        "PressAssignee",
        needs=_C.DISPATCH,
        guards=("at_work_below",),
    ),
    *_rows((*_UNDER_WAY, _S.HELD, _S.DONE), "SuperviseAssignee", needs=_C.OBSERVE),
    *_rows(
        (*_UNDER_WAY, *_AGAIN, _S.HELD, _S.DONE),
        "ReplySupervision",
        guards=("supervision_owed",),
    ),
    # after its end: notes that move nothing
    *_rows(
        (_S.CLOSED,),
        "GiveSatisfaction",
        needs=_C.INTAKE,
        guards=("left_contact", "not_rated"),
    ),
    *_rows((_S.CLOSED,), "AskReopen", needs=_C.INTAKE,
           guards=("ended_here", "not_reopening")),
    *_rows((_S.CLOSED,), "DecideReopen", needs=_C.FILE, guards=("reopen_asked",)),
    *_rows(_OVER, "TellReporter", needs=_C.INTAKE),
    *_rows(_OWN, "SettleDoubt", needs=_C.INTAKE, guards=("doubted",)),
    # a duty, by people
    *_rows((_S.HELD,), "Sign", guards=("unsigned",)),
    *_rows((_S.HELD,), "Progress"),
    *_rows((_S.HELD,), "OpenPart", needs=_C.DISPATCH, guards=("leads",)),
    *_rows((_S.HELD,), "FeedBack", _S.DONE, guards=("not_at_work_below",)),
    *_rows((_S.HELD,), "AskRequest", guards=("nothing_asked", "return_answered")),
    *_rows((_S.DONE, _S.ENDED), "AskRequest", guards=("nothing_asked",)),
    *_rows(
        (_S.HELD,),
        "Dispatch",
        needs=_C.DISPATCH,
        guards=("in_own_hands", "not_being_returned", "not_to_wait", "clock_runs", "reachable"),
    ),
    *_rows(
        (_S.HELD,),
        "WithdrawAssignment",
        needs=_C.DISPATCH,
        guards=("handed_on", "return_answered"),
    ),
    *_rows(
        (_S.HELD,),
        "FailCheck",
        needs=_C.DISPATCH,
        guards=("done_below", "not_to_wait", "clock_runs"),
    ),
    *_rows((_S.HELD, _S.DONE), "Close", needs=_C.DISPATCH, guards=("done_below",)),
    *_rows(
        (_S.HELD,),
        "AdoptLate",
        _S.DONE,
        needs=_C.DISPATCH,
        guards=("in_own_hands", "late_result"),
    ),
    # what no rule solves, by people
    *_rows((_S.PENDING_DISPATCH,), "MarkNoOwner", needs=_C.DISPATCH, guards=("has_an_owner",)),
    *_rows(
        (_S.HELD,), "MarkNoOwner", needs=_C.DISPATCH, guards=("in_own_hands", "has_an_owner")
    ),
    *_rows(
        (_S.PENDING_DISPATCH, *_LIVE),
        "AskCoordination",
        needs=_C.DISPATCH,
        guards=("right_level",),
    ),
    *_rows((_S.HELD,), "AskCoordination", guards=("right_level",)),
    # also while it is outside: a question that waits on somebody's desk can be decided there
    *_rows(
        (*_UNDER_WAY, _S.HELD, _S.DONE),
        "DecideCoordination",
        needs=_C.COORDINATE,
        guards=("ours_to_decide",),
    ),
    *_rows(
        (*_UNDER_WAY, _S.HELD, _S.DONE),
        "JoinProblem",
        needs=_C.COORDINATE,
        guards=("ours_to_decide",),
    ),
    *_rows(
        (*_UNDER_WAY, _S.HELD, _S.DONE),
        "LeaveProblem",
        needs=_C.COORDINATE,
        guards=("ours_to_decide",),
    ),
    *_rows((_S.HELD, _S.DONE), "RaiseDispute"),
    *_rows(
        (*_UNDER_WAY, _S.CLOSED, _S.VOIDED, _S.HELD, _S.DONE, _S.ENDED),
        "DecideDispute",
        needs=_C.DISPATCH,
    ),
    *_rows((*_FILED, _S.HELD, _S.DONE), "RecordProxyRepair", needs=_C.DISPATCH),
    *_rows(
        (*_UNDER_WAY, _S.CLOSED, _S.VOIDED, _S.HELD, _S.DONE, _S.ENDED),
        "RecordRecovery",
        needs=_C.DISPATCH,
        guards=("owed",),
    ),
    # our assignee speaks
    *_rows((_S.DISPATCHED,), "report signed", _S.HANDLING, actor=Actor.ASSIGNEE),
    *_rows((_S.DISPATCHED, _S.HANDLING), "report progress", _S.HANDLING, actor=Actor.ASSIGNEE),
    *_rows(_LIVE, "report done", _S.FEEDBACK_GIVEN, _S.HANDLING, actor=Actor.ASSIGNEE),
    *_rows((*_OWN, _S.HELD, _S.DONE, _S.ENDED), "report request", actor=Actor.ASSIGNEE),
    *_rows((*_OWN, _S.HELD, _S.DONE, _S.ENDED), "report reply", actor=Actor.ASSIGNEE),
    *_rows((_S.HELD,), "report signed", actor=Actor.ASSIGNEE),
    *_rows((_S.HELD,), "report progress", actor=Actor.ASSIGNEE),
    *_rows((_S.HELD,), "report done", _S.DONE, _S.HELD, actor=Actor.ASSIGNEE),
    # the office below passes a report up, or asks for it back
    *_rows((None,), "report submitted", _S.REPORTED, actor=Actor.ASSIGNEE),
    *_rows(
        (_S.REPORTED, _S.VERIFYING, _S.PENDING_FILING),
        "report recalled",
        _S.NOT_ACCEPTED,
        actor=Actor.ASSIGNEE,
    ),
    *_rows((_S.PASSED_UP,), "report recalled", actor=Actor.ASSIGNEE),
    # the office above says what became of a report that we passed up
    *_rows(
        (_S.PASSED_UP,),
        "directive told",
        _S.PASSED_UP,
        _S.REPORTED,
        _S.PENDING_FILING,
        _S.NOT_ACCEPTED,
        _S.NOT_FILED,
        _S.CLOSED,
        _S.VOIDED,
        actor=Actor.ASSIGNOR,
    ),
    # our assignor speaks
    *_rows((None, _S.HELD, _S.DONE, _S.ENDED), "order", _S.HELD, actor=Actor.ASSIGNOR),
    *_rows((_S.DONE,), "order", _S.DONE, actor=Actor.ASSIGNOR, guards=("repeat",)),
    *_rows(
        (None, _S.HELD, _S.DONE, _S.ENDED), "directive withdraw", _S.ENDED, actor=Actor.ASSIGNOR
    ),
    *_rows((_S.HELD, _S.DONE), "directive rework", _S.HELD, actor=Actor.ASSIGNOR),
    *_rows((_S.HELD, _S.DONE), "directive closed", _S.ENDED, actor=Actor.ASSIGNOR),
    *_rows((_S.HELD,), "directive decision", _S.HELD, _S.ENDED, actor=Actor.ASSIGNOR),
    *_rows((_S.DONE,), "directive decision", _S.DONE, _S.ENDED, actor=Actor.ASSIGNOR),
    *_rows((_S.HELD, _S.DONE), "directive press", actor=Actor.ASSIGNOR),
    *_rows((_S.HELD, _S.DONE), "directive supervise", actor=Actor.ASSIGNOR),
    *_rows((_S.HELD, _S.DONE), "directive resume", actor=Actor.ASSIGNOR),
    # another case of ours begins this one
    *_rows((None,), "part", _S.PENDING_DISPATCH, actor=Actor.CASE),
    *_rows((None,), "reopening", _S.REPORTED, actor=Actor.CASE),
    # the clock speaks
    *_rows((_S.DISPATCHED, _S.HANDLING, _S.HELD, _S.DONE), "TimerFired", actor=Actor.CLOCK),
    *_rows(
        (_S.SUSPENDED,),
        "TimerFired",
        _S.DISPATCHED,
        _S.HANDLING,
        _S.PENDING_DISPATCH,
        actor=Actor.CLOCK,
    ),
)

COMMANDS: Mapping[tuple[CaseStatus | None, str], Transition] = MappingProxyType(
    {(row.status, row.verb): row for row in TABLE if row.actor is Actor.PERSON}
)
"""What a person may do from where; ``decide`` knows no other way."""

MOVES: frozenset[tuple[CaseStatus | None, str, CaseStatus]] = frozenset(
    (row.status, row.verb, following) for row in TABLE for following in row.next
)
"""Every change of status that exists, by (from, verb, to)."""


_OF_THE_OWNER = frozenset({Capability.FILE, Capability.CHECK, Capability.CLOSE})


def of_part(needed: Capability | None) -> Capability | None:
    """The right that a verb takes on a part. A part is an inner matter of whoever may dispatch:
    its own end is theirs, wherever the lead is filed, checked and closed."""
    return Capability.DISPATCH if needed in _OF_THE_OWNER else needed


def allowed(
    status: CaseStatus | None,
    capabilities: frozenset[Capability],
    needed: Callable[[Transition], Capability | None] = lambda row: row.capability,
    *,
    part: bool = False,
) -> tuple[str, ...]:
    """The commands a screen may offer here, before guards. ``needed`` says which right a row
    needs, where a profile's matrix decides that; ``part``: the case assists another of ours."""
    found = []
    for (start, verb), row in COMMANDS.items():
        right = of_part(needed(row)) if part else needed(row)
        if start is status and right in (None, *capabilities):
            found.append(verb)
    return tuple(found)
