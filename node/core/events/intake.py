"""What happens before a report is a case, beside it, and after its end: intake and the reporter.

Whoever reported it is never named in here: name and phone live apart from the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event, StepBegins
from node.core.facts import CaseId, Category, Photo
from node.core.flags import Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccepted(StepBegins):
    """The report was taken (受理); it waits for filing."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotAccepted(Event):
    """The report was not taken (不予受理). ``duplicate_of`` names the case that goes on."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyStarted(StepBegins):
    """Somebody was sent to look whether it is so (核实)."""

    collector: str
    text: str = ""
    due_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDone(StepBegins):
    """What was found on site before filing. Not ``found``: the report is not taken."""

    found: bool
    text: str = ""
    photos: tuple[Photo, ...] = ()
    collector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSelfHandled(StepBegins):
    """The collector put it right on the spot (自处置): no dispatch takes place. ``by``: whose hands
    did it."""

    result: str
    photos: tuple[Photo, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFlagged(Event):
    """A picture that came later cannot be what it claims to be; a person looks."""

    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtSettled(Event):
    """Somebody looked: ``confirmed`` is a false report of ``collector`` (虚报、假报)."""

    ref: str
    confirmed: bool
    decider: str
    text: str = ""
    collector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOpened(Event):
    """An assisting case was opened beside this one; it lives its own life. ``category`` None =
    classed as this one."""

    part_id: CaseId
    role: str
    text: str = ""
    category: Category | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionGiven(Event):
    """The reporter said what it was worth, 1 to 5."""

    score: int
    text: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenAsked(Event):
    """Somebody wants the closed case taken up again; a person decides."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenDecided(Event):
    """Granted: ``new_case_id`` goes on, this case stays closed."""

    granted: bool
    decider: str
    text: str = ""
    new_case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReporterTold(Event):
    """A notice about the end reached whom it was for, or did not. ``outcome`` is delivered or
    failed."""

    notice_id: str
    channel: str
    outcome: str
