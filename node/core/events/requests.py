"""What becomes of requests between asking and deciding, of pauses, and of cases that leave the way.

Asking and deciding themselves stand beside what they move: ``handed`` and ``duty``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event, StepBegins
from node.core.facts import AssignmentId, Limits, RequestId, RequestKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReviewed(Event):
    """One step of the approval ladder agreed; a further one decides. ``step`` counts from 1."""

    assignment_id: AssignmentId
    generation: int
    request_id: RequestId
    kind: RequestKind
    step: int
    role: str
    reviewer: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPassedUp(Event):
    """Our assignee's request is beyond what we may grant: our own request ``own_request_id`` asks
    our assignor, and its answer answers this one."""

    assignment_id: AssignmentId
    generation: int
    request_id: RequestId
    own_request_id: RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentResumed(Event):
    """The clock of a suspended handing-over runs again under ``limits``. ``how``: due (its end
    came), person, done (handled meanwhile), or above (our own duty was resumed)."""

    assignment_id: AssignmentId
    generation: int
    limits: Limits
    how: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyResumed(Event):
    """Our assignor let the clock of what we hold run again under ``limits``."""

    limits: Limits
    how: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSuspended(Event):
    """Our own case, which nobody holds, waits (挂账) until then at the latest."""

    until: datetime
    reason: str
    decider: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(StepBegins):
    """The wait is over. ``how``: due or person."""

    how: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseVoided(Event):
    """The case should not exist (作废). ``duplicate_of`` names the case that goes on."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""
    decider: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTransferred(Event):
    """The case was handed to a body outside the network (移送) with its evidence. ``reference`` is
    the receiver's own number, ``digest`` the SHA-256 of the list of what was handed over."""

    receiver: str
    reference: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTakenBack(StepBegins):
    """The body outside gave it back; it waits for dispatching again."""

    text: str = ""
