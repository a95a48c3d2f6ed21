"""What has happened to a case at this node: past tense, journalled, folded by ``evolve``.

Fields are plain values (text, numbers, aware UTC instants, enums, nested values of
``node.core.facts``), because every entry is written once, sealed, and read by every ancestor for
ever: fields are only added, with a default. ``at`` is this node's time; ``said_at`` the time of
the speaker that counts against limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from node.core.facts import (
    Address,
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
class Event:
    """Common part of every entry."""

    at: datetime


# --- the case at the node that opened it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A problem was registered here (信息收集)."""

    case_id: CaseId
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(Event):
    """It became a case (立案)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeclined(Event):
    """It did not become a case (不予立案)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStarted(Event):
    """Somebody was sent to look (核查)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPassed(Event):
    """The result holds on site."""

    text: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(Event):
    """The result does not hold on site; what becomes of the assignment is its own entry."""

    text: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The case is closed (结案)."""

    text: str


# --- what we handed on


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Event):
    """Handed over (派遣) under a fresh number."""

    assignment_id: AssignmentId
    to: Address
    generation: int
    limits: Limits
    text: str = ""


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
class AssigneeDone(Event):
    """Our assignee says that it is handled (反馈). ``to_confirm``: it goes up only with our own
    word, by the policy of this office."""

    assignment_id: AssignmentId
    generation: int
    said_at: datetime
    result: str
    photos: tuple[Photo, ...] = ()
    text: str = ""
    to_confirm: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDecided(Event):
    """We decided what our assignee asked. A granted return or void is followed by its ending."""

    assignment_id: AssignmentId
    generation: int
    request_id: RequestId
    kind: RequestKind
    granted: bool
    decider: str
    text: str = ""


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
class AssignmentEnded(Event):
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
class LateResultAdopted(Event):
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


# --- what we hold for our assignor


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTaken(Event):
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
    """Work goes on, here or below."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDone(Event):
    """We said that it is handled (反馈)."""

    result: str
    photos: tuple[Photo, ...] = ()
    said_at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRaised(Event):
    """We asked our assignor."""

    request_id: RequestId
    kind: RequestKind
    reason_code: str
    asker: str
    text: str = ""
    wanted_until: datetime | None = None


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


# --- marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(Event):
    """Hurry up (催办), passed on to whoever has it."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(Event):
    """An answer is owed (督办), passed on to whoever has it."""

    supervision_id: str
    reply_by: datetime
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionAnswered(Event):
    """We answered a supervision of our assignor."""

    supervision_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Event):
    """A limit passed. ``kind`` is sign_by, finish_by or reply_by."""

    kind: str
    ref: str
    due_at: datetime


EVENTS: Mapping[str, type[Event]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (
            CaseOpened,
            CaseFiled,
            CaseDeclined,
            CheckStarted,
            CheckPassed,
            CheckFailed,
            CaseClosed,
            Assigned,
            AssigneeSigned,
            AssigneeProgressed,
            AssigneeDone,
            AssigneeAsked,
            RequestDecided,
            AssigneeReplied,
            AssignmentReworked,
            AssignmentEnded,
            ReportLate,
            ReportStale,
            LateResultAdopted,
            RouteMissed,
            OrderTaken,
            OrderRepeated,
            DutySigned,
            DutyProgressed,
            DutyDone,
            RequestRaised,
            RequestAnswered,
            DutyReworked,
            DutyEnded,
            DutyBuried,
            WordLate,
            Pressed,
            Supervised,
            SupervisionAnswered,
            Overdue,
        )
    }
)
"""Every event by the name under which it is journalled (``JournalEntry.event_type``)."""
