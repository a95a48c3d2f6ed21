"""What happens to a case at the office that opened it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.events.base import Event, StepBegins
from node.core.facts import (
    NOTHING_WANTED,
    CaseId,
    Category,
    Facts,
    Photo,
    Wanted,
)
from node.core.flags import Flag
from node.core.spot import Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(StepBegins):
    """A problem was registered here (信息收集). ``contact``: the reporter left one (kept apart from
    the journal); ``wants_reply``: and waits for the result. ``text``: why a closed case goes on
    in this one, or what the office below said that passed it up. ``flags``: what is odd about it,
    as it was found at once; ``taken``: what the device said of its pictures."""

    case_id: CaseId
    facts: Facts
    contact: bool = False
    wants_reply: bool = False
    text: str = ""
    flags: tuple[Flag, ...] = ()
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFiled(StepBegins):
    """It became a case (立案) under a condition of the code set ``catalog_version``, whose limit
    and closing condition are written down as they were. ``category`` None = classed as reported.
    ``out_of_list_reason``: why a class outside that set was filed all the same, ``outside_reason``
    why a place outside the coverage was. ``wanted``: what a feedback must show."""

    text: str = ""
    condition_no: int = 0
    category: Category | None = None
    catalog_version: str = ""
    out_of_list_reason: str = ""
    outside_reason: str = ""
    filing: str = ""
    closing: str = ""
    limit_count: int = 0
    limit_unit: str = ""
    wanted: Wanted = NOTHING_WANTED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDeclined(Event):
    """It did not become a case (不予立案). ``duplicate_of`` names the case that goes on."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStarted(StepBegins):
    """Somebody was sent to look at the result (核查). ``collector`` "" = whoever takes it. ``by``:
    the account that did it (so for every judgement below)."""

    text: str = ""
    collector: str = ""
    due_by: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPassed(StepBegins):
    """The result holds on site."""

    text: str = ""
    photos: tuple[Photo, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFailed(StepBegins):
    """The result does not hold on site; what becomes of the assignment is its own entry."""

    text: str
    photos: tuple[Photo, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The case is closed (结案). ``how``: checked, forced (强制结案, by decision of ``approver`` in
    that ``role``) or informational (告知性结案)."""

    text: str
    by: str = ""
    how: str = "checked"
    approver: str = ""
    role: str = ""
