"""What happens to what we hold for our assignor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event, StepBegins
from node.core.facts import (
    AssignmentId,
    CaseId,
    Ending,
    Facts,
    Limits,
    NodeId,
    Photo,
    RequestId,
    RequestKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTaken(StepBegins):
    """The case was handed to us."""

    case_id: CaseId
    assignor: NodeId
    assignment_id: AssignmentId
    generation: int
    limits: Limits
    facts: Facts
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRepeated(Event):
    """The same order again: facts refreshed, nothing else."""

    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class DutySigned(Event):
    """We signed for it, or our assignee did and we passed it on."""

    unit_reference: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyProgressed(Event):
    """Work goes on, here or below. ``by``: the account that is at work here, "" = below."""

    text: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDone(Event):
    """We said that it is handled (反馈). ``by``: the account that handled it here, "" = below.
    ``closing``: the closing condition that is met, "" = none is named."""

    result: str
    photos: tuple[Photo, ...] = ()
    said_at: datetime
    text: str = ""
    by: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRaised(Event):
    """We asked our assignor."""

    request_id: RequestId
    kind: RequestKind
    reason_code: str
    asker: str
    text: str = ""
    wanted_until: datetime | None = None
    photos: tuple[Photo, ...] = ()
    ordinal: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """Our assignor decided what we asked. A granted return or void is followed by our ending."""

    request_id: RequestId
    kind: RequestKind
    granted: bool
    decider: str
    limits: Limits | None = None
    until: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyReworked(Event):
    """Our assignor sent it round again under a new number."""

    generation: int
    limits: Limits
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEnded(Event):
    """Our assignor ended what we held."""

    ending: Ending
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyBuried(Event):
    """A withdrawal came before its order: the tombstone that keeps the order dead."""

    case_id: CaseId
    assignor: NodeId
    assignment_id: AssignmentId
    generation: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLate(Event):
    """An order or directive of an ended or older handing-over: kept, moves nothing."""

    assignment_id: AssignmentId
    generation: int
    act: str
    text: str = ""
