"""What the office and its adapter host say to one another about units with a legacy system.

The office owns the rows (``adapter_job``, ``adapter_cursor``, ``adapter_quarantine``); the host
owns the calls to the outside. These values are all that passes between them, so neither has to
know the other: the office has never heard of an adapter's contract, the host of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from node.core.facts import AssignmentId, CaseId, Facts, Limits
from node.core.words import ReportAct


class Wish(StrEnum):
    """What the unit's system shall be told about one assignment and generation."""

    SUBMIT = "SUBMIT"
    WITHDRAW = "WITHDRAW"


class Outcome(StrEnum):
    """How one outside call ended. UNKNOWN is looked up before anything is repeated."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitJob:
    """One due row of ``adapter_job`` with what the unit needs to know.

    ``outcome`` None: never taken, as far as we know. ``since``: when this wish arose (aware UTC).
    ``reason`` is the reason of a withdrawal, empty for a submission."""

    adapter: str
    case_id: CaseId
    assignment_id: AssignmentId
    generation: int
    wish: Wish
    outcome: Outcome | None
    unit_reference: str
    tries: int
    since: datetime
    facts: Facts
    limits: Limits
    text: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        """The key of the work order at the unit: one per assignment and round."""
        return f"{self.assignment_id}/{self.generation}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """How a try ended.

    ACCEPTED and REJECTED end the wish. UNKNOWN or None (nothing was taken) with ``next_try_at``
    try again then; without it the job is parked and waits for a person. ``code`` is the stable
    error code, ``reason`` says it in words; ``reason_code`` is the unit's, for a rejection."""

    outcome: Outcome | None
    unit_reference: str = ""
    reason_code: str = ""
    reason: str = ""
    code: str = ""
    next_try_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSaid:
    """One event of a unit's system, in the words of the core.

    ``cause`` is UUIDv5 text of adapter and event id: it makes a repeat harmless for ever.
    Photos inside ``act`` are already stored by digest."""

    cause: str
    event_id: str
    assignment_id: AssignmentId
    generation: int
    act: ReportAct
    text: str = ""
    unit_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUnread:
    """What a unit's system sent and we could not read: kept with its bytes, visible."""

    source: str
    code: str
    detail: str
    evidence: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCounts:
    """What one batch did: moved a case, was old or repeated, could not be read or placed."""

    applied: int
    late: int
    quarantined: int


class StoredPhoto(Protocol):
    """A photo as the office stored it."""

    @property
    def digest(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def media_type(self) -> str: ...


class UnitDesk(Protocol):
    """The side of the office that the adapter host leans on."""

    async def adapter_jobs(self, adapter: str, *, limit: int) -> Sequence[UnitJob]:
        """Due jobs, oldest first, at most one per case: the next one of a case waits until this
        one has ended (a parked job holds its case, others flow)."""
        ...

    async def begin_adapter_job(self, job: UnitJob, *, next_try_at: datetime) -> bool:
        """Write down, durably, that a call goes out now: outcome UNKNOWN, tries + 1. A crash
        during the call therefore leads to a lookup, not to a second work order. False: the wish
        has changed meanwhile, do not call."""
        ...

    async def end_adapter_job(self, job: UnitJob, result: JobResult) -> None:
        """Record the result in one transaction with what follows from it: a REJECTED submission
        becomes a RETURN request with the unit's reason. If the wish has turned to WITHDRAW while
        we were calling, only ``unit_reference`` is kept and the withdrawal stays due."""
        ...

    async def adapter_cursor(self, adapter: str) -> str:
        """Where polling goes on; "" = from the beginning."""
        ...

    async def hear_adapter(
        self,
        adapter: str,
        said: Sequence[UnitSaid],
        *,
        cursor: str | None,
        unread: Sequence[UnitUnread] = (),
    ) -> HeardCounts:
        """Apply events, quarantine what could not be read and move the cursor: one transaction.
        ``cursor`` None (a webhook) leaves it where it is."""
        ...

    async def put_photo(self, data: bytes, media_type: str) -> StoredPhoto:
        """Store a photo under its digest; storing it again changes nothing."""
        ...

    def photo_path(self, digest: str) -> Path | None:
        """Where the whole photo lies on local disk; None while its bytes are still on the way."""
        ...
