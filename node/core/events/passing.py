"""A report goes up to the office above, which says what becomes of it (上报)."""

from __future__ import annotations

from dataclasses import dataclass

from node.core.events.base import Event
from node.core.facts import CaseId, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePassedUp(Event):
    """The report went up; the office above takes it up as ``as_case``."""

    as_case: CaseId
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallAsked(Event):
    """It was asked back. Whether it comes back, the office above says: it may have been filed.
    ``below``: the office that had passed it up to us asked."""

    as_case: CaseId
    text: str = ""
    below: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedUpAnswered(Event):
    """The office above said what has become of it. ``case_no`` is the number it has there, ``by``
    the office that decided."""

    as_case: CaseId
    outcome: Outcome
    case_no: str = ""
    text: str = ""
    reason_code: str = ""
    by: str = ""
