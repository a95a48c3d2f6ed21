"""What happens to what we handed on: our own acts, and what our assignee says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event, StepBegins
from node.core.facts import (
    Address,
    AssignmentId,
    Ending,
    Limits,
    Photo,
    RequestId,
    RequestKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Event):
    """Handed over (派遣) under a fresh number. ``basis`` says what chose the assignee (a reason of
    ``node.core.routing``, or ``own_choice``), ``over`` whom else it might have been."""

    assignment_id: AssignmentId
    to: Address
    generation: int
    limits: Limits
    text: str = ""
    basis: str = ""
    over: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeSigned(Event):
    """Our assignee took it (签收)."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    unit_reference: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeProgressed(Event):
    """Our assignee says that work goes on."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeDone(StepBegins):
    """Our assignee says that it is handled (反馈). ``to_confirm``: it goes up only with our own
    word, by the policy of this office. ``closing``: the closing condition it names as met."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    result: str
    photos: tuple[Photo, ...] = ()
    text: str = ""
    to_confirm: bool = False
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackLacking(Event):
    """The feedback does not show what the case wants (校核): roles of photos, ``closing``.
    ``returned``: it goes round again by itself, which is its own entry; else a person decides."""

    assignment_id: AssignmentId
    generation: int
    lacks: tuple[str, ...]
    returned: bool

@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeAsked(Event):
    """Our assignee asks (回退, 延期, 挂账, 作废, 申诉); our decision is owed."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    request_id: RequestId
    kind: RequestKind
    reason_code: str
    asker: str
    text: str = ""
    wanted_until: datetime | None = None
    photos: tuple[Photo, ...] = ()
    ordinal: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided(Event):
    """We decided what our assignee asked. A granted return or void is followed by its ending; an
    extension carries the new ``limits``, a suspension its end (``until``). ``role`` is the office
    in which the decider spoke, at that ``step`` of the ladder; 0 = there is none."""

    assignment_id: AssignmentId
    generation: int
    request_id: RequestId
    kind: RequestKind
    granted: bool
    decider: str
    text: str = ""
    limits: Limits | None = None
    until: datetime | None = None
    role: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AssigneeReplied(Event):
    """Our assignee answered a supervision."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    supervision_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentReworked(Event):
    """Sent round again (返工): same assignment, new number, rank back to signed."""

    assignment_id: AssignmentId
    previous_generation: int
    generation: int
    limits: Limits
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentEnded(StepBegins):
    """The handing-over ended, exactly once."""

    assignment_id: AssignmentId
    generation: int
    ending: Ending
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLate(Event):
    """A report came for an assignment that is not the live one: kept, moves nothing. ``act`` is
    the report's name; ``cause`` names the word, by which a late result can be adopted."""

    assignment_id: AssignmentId
    generation: int
    frm: Address
    act: str
    cause: str
    said_at: datetime
    text: str = ""
    result: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStale(Event):
    """A report of the live assignment that says nothing new: kept, moves nothing."""

    assignment_id: AssignmentId
    generation: int
    act: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateResultAdopted(StepBegins):
    """An operator took a late result as ours."""

    cause: str
    result: str
    photos: tuple[Photo, ...] = ()
    said_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMissed(Event):
    """The responsibility table names nobody, or several: a person decides."""

    candidates: tuple[Address, ...] = ()
