"""What follows from an event, as values; the shell carries them out in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from node.core.case import Condition
from node.core.context import Neighbour
from node.core.facts import CaseId, Facts
from node.core.words import Word


class TimerKind(StrEnum):
    """What a timer watches."""

    SIGN_BY = "sign_by"
    FINISH_BY = "finish_by"
    REPLY_BY = "reply_by"
    CLIMB = "climb"
    """Nobody has signed yet: the next on the unit's card."""
    RESUME_AT = "resume_at"
    """The end of a suspension (挂账)."""


ALARM_WORK: Final = "alarm"
"""Kind of the work that no case asks for: a collector calls for help (``node.core.alarms``)."""


class WorkKind(StrEnum):
    """Why something waits for a person."""

    ROUTE = "route"
    """The responsibility table names nobody, or several."""
    REQUEST = "request"
    """An assignee asked and waits for our decision."""
    LATE_REPORT = "late_report"
    """A result came for an assignment that had ended; it may be adopted."""
    CONFIRM = "confirm"
    """An assignee says done; our own word is needed before it goes up."""
    REPLY = "reply"
    """A supervision waits for an answer."""
    OVERDUE = "overdue"
    """A limit passed."""
    COORDINATION = "coordination"
    """A question that no rule solves waits for this office's decision."""
    PRESS = "press"
    """Nobody signed in time: press them, or hand it elsewhere."""
    CLIMB = "climb"
    """Nobody has signed: whose turn it is on the unit's card; it moves on to the next."""
    VERIFY = "verify"
    """Somebody has to look on site before filing."""
    CHECK = "check"
    """Somebody has to look at the result."""
    PROOFREAD = "proofread"
    """A feedback lacks evidence and was not sent back by itself."""
    REOPEN = "reopen"
    """It was asked to take a closed case up again; a person decides."""
    LEAD_OVER = "lead_over"
    """The case that this one assists has ended: whether the assistance goes on, a person says."""
    DOUBT = "doubt"
    """A picture cannot be what it claims to be; a person confirms or dismisses it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A word to a neighbour: an outbox row, or an adapter job if ``to`` is an adapter.
    ``overtake``: it may pass a held lane (withdrawals only)."""

    to: Neighbour
    word: Word
    overtake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTimer:
    """Fire once at ``due_at``, unless cancelled. The key is (case, kind, ref)."""

    kind: TimerKind
    ref: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTimer:
    """No longer needed; nothing happens if it has fired or never was."""

    kind: TimerKind
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """Something waits for a person. The key is (case, kind, ref); repeating it is harmless."""

    kind: WorkKind
    ref: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleWork:
    """It no longer waits. ``ref`` "" settles every item of that kind of this case."""

    kind: WorkKind
    ref: str = ""


class EndKind(StrEnum):
    """What whoever waits for a case is told."""

    CLOSED = "closed"
    NOT_ACCEPTED = "not_accepted"
    NOT_FILED = "not_filed"
    VOIDED = "voided"
    REOPENED = "reopened"
    KEPT_CLOSED = "kept_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Whoever reported or ordered it is owed a notice; who that is, and in which words, is no
    business of the core. ``duplicate_of`` names the case that goes on in its place."""

    kind: EndKind
    text: str
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAnother:
    """A case that begins out of this one, in the same transaction: an assisting part or one that
    takes this one up again. ``facts`` have no number yet. ``text`` says why. ``filed``: it is filed
    at once, with these words; None = it waits like any report."""

    case_id: CaseId
    facts: Facts
    text: str = ""
    contact: bool = False
    wants_reply: bool = False
    filed: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWaits:
    """A case that assists this one waits for a person because this one has ended, if it has not
    ended itself (``is_over``): the item lies on the part, under ``LEAD_OVER`` and the id of this
    case. ``waits`` False = this one goes on after all, nothing waits."""

    part_id: CaseId
    waits: bool


Effect = PartWaits | Tell | OpenAnother | Say | SetTimer | CancelTimer | OpenWork | SettleWork
