"""What passes between the office and the systems of units, and what is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.core.facts import Facts, Limits
from node.service.phrases import Phrase


class JobOutcome(StrEnum):
    """How one call to a unit's system ended. LATER = clearly not taken now, ask again."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"
    LATER = "LATER"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterJob:
    """Work for the adapter host, claimed for a while: submit or withdraw one work order.

    ``key`` is ``<assignment_id>/<generation>``. ``outcome`` is how the last try ended ("" = never
    tried): UNKNOWN must be looked up before it is repeated. ``text`` is the order's text, for a
    withdrawal its reason."""

    adapter: str
    key: str
    case_id: str
    assignment_id: str
    generation: int
    wish: str  # SUBMIT or WITHDRAW
    outcome: str
    unit_reference: str
    tries: int
    facts: Facts
    limits: Limits
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPhotoStored:
    """A photo of a unit event whose bytes are in the blob store already (``Office.put_photo``)."""

    digest: str
    size: int
    media_type: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWord:
    """One thing a unit's system said, in our words. ``act`` is signed, progress, done, return or
    none; ``event_id`` is the system's own and keeps repeats harmless."""

    event_id: str
    key: str
    act: str
    text: str = ""
    unit_reference: str = ""
    reason_code: str = ""
    photos: tuple[UnitPhotoStored, ...] = ()
    closing_met: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitBytes:
    """Something a unit's system sent that nobody could read; kept in the adapter quarantine."""

    source: str
    code: str
    detail: str
    evidence: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitHeard:
    """What became of a batch of unit words."""

    applied: int = 0
    late: int = 0
    repeated: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterView:
    """One adapter's standing: what waits, what failed, where its cursor is."""

    adapter: str
    waiting: int
    unknown: int
    parked: int
    rejected: int
    quarantined: int
    cursor: str
    sentence: Phrase
    cursor_at: datetime | None = None
    oldest_waiting_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJob:
    """A job that is not settled. ``state``: ``waiting``, or ``parked`` until a person resumes it;
    ``outcome`` is how the last call ended, "" = certainly not taken."""

    adapter: str
    key: str
    case_id: str
    wish: str
    state: str
    outcome: str
    tries: int
    created_at: datetime
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterQuarantined:
    """Bytes of a unit's system that could not be read."""

    id: int
    adapter: str
    source: str
    code: str
    detail: str
    evidence: bytes
    at: datetime
