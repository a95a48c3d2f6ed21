"""What has happened to a case at this node: past tense, journalled, folded by ``evolve``.

Fields are plain values (text, numbers, aware UTC instants, enums, nested values of
``node.core.facts``), because every entry is written once, sealed, and read by every ancestor for
ever: fields are only added, with a default. ``at`` is this node's time; ``said_at`` the time of
the speaker that counts against limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.core.events.base import Event
from node.core.events.coordination import (
    CoordinationAsked,
    CoordinationDecided,
    CostRecovered,
    NoOwnerMarked,
    ProxyRepairRecorded,
)
from node.core.events.duty import (
    DutyBuried,
    DutyDone,
    DutyEnded,
    DutyProgressed,
    DutyReworked,
    DutySigned,
    OrderRepeated,
    OrderTaken,
    RequestAnswered,
    RequestRaised,
    WordLate,
)
from node.core.events.handed import (
    Assigned,
    AssigneeAsked,
    AssigneeDone,
    AssigneeProgressed,
    AssigneeReplied,
    AssigneeSigned,
    AssignmentEnded,
    AssignmentReworked,
    LateResultAdopted,
    ReportLate,
    ReportStale,
    RequestDecided,
    RouteMissed,
)
from node.core.events.intake import (
    CaseAccepted,
    CaseNotAccepted,
    CaseSelfHandled,
    PartOpened,
    ReopenAsked,
    ReopenDecided,
    ReporterTold,
    SatisfactionGiven,
    VerifyDone,
    VerifyStarted,
)
from node.core.events.marks import (
    Overdue,
    Pressed,
    Supervised,
    SupervisionAnswered,
)
from node.core.events.own import (
    CaseClosed,
    CaseDeclined,
    CaseFiled,
    CaseOpened,
    CheckFailed,
    CheckPassed,
    CheckStarted,
)

__all__ = [
    "EVENTS",
    "Assigned",
    "AssigneeAsked",
    "AssigneeDone",
    "AssigneeProgressed",
    "AssigneeReplied",
    "AssigneeSigned",
    "AssignmentEnded",
    "AssignmentReworked",
    "CaseAccepted",
    "CaseClosed",
    "CaseDeclined",
    "CaseFiled",
    "CaseNotAccepted",
    "CaseOpened",
    "CaseSelfHandled",
    "CheckFailed",
    "CheckPassed",
    "CheckStarted",
    "CoordinationAsked",
    "CoordinationDecided",
    "CostRecovered",
    "DutyBuried",
    "DutyDone",
    "DutyEnded",
    "DutyProgressed",
    "DutyReworked",
    "DutySigned",
    "Event",
    "LateResultAdopted",
    "NoOwnerMarked",
    "OrderRepeated",
    "OrderTaken",
    "Overdue",
    "PartOpened",
    "Pressed",
    "ProxyRepairRecorded",
    "ReopenAsked",
    "ReopenDecided",
    "ReportLate",
    "ReportStale",
    "ReporterTold",
    "RequestAnswered",
    "RequestDecided",
    "RequestRaised",
    "RouteMissed",
    "SatisfactionGiven",
    "Supervised",
    "SupervisionAnswered",
    "VerifyDone",
    "VerifyStarted",
    "WordLate",
]

EVENTS: Mapping[str, type[Event]] = MappingProxyType(
    {
        cls.__name__: cls
        for cls in (
            CaseOpened,
            CaseAccepted,
            CaseNotAccepted,
            VerifyStarted,
            VerifyDone,
            CaseSelfHandled,
            CaseFiled,
            CaseDeclined,
            PartOpened,
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
            SatisfactionGiven,
            ReopenAsked,
            ReopenDecided,
            ReporterTold,
            NoOwnerMarked,
            CoordinationAsked,
            CoordinationDecided,
            ProxyRepairRecorded,
            CostRecovered,
        )
    }
)
"""Every event by the name under which it is journalled (``JournalEntry.event_type``)."""
