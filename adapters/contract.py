"""The contract between a node and one legacy system: a small set of calls, three outcomes.

An adapter is the last child of its node: it is handed a work order, may have it withdrawn, and
reports back. It keeps no truth: submissions are keyed by ``WorkOrder.key`` (case and generation),
events by the unit system's own event id, and the cursor is stored by the node in the same
transaction as what the events caused.

Calls may be repeated at any time with the same arguments; ``submit`` twice MUST be one job in the
unit's system. An answer that was lost is UNKNOWN, and the host looks it up before it ever submits
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol


class AdapterError(Exception):
    """The unit's system spoke, or did not.

        AdapterError
        ├── UnitRejected      it said no to this order           retry NEVER (becomes a request)
        ├── UnitUnavailable   it does not answer                 retry LATER
        ├── OutcomeUnknown    it may or may not have taken it    look up first
        └── UnitUnreadable    it said something we cannot read   quarantine
    """

    code: ClassVar[str] = "adapter.failed"

    def __init__(self, message: str, *, evidence: bytes = b"") -> None:
        super().__init__(message)
        self.evidence = evidence[:65536]


class UnitRejected(AdapterError):
    """The unit's system refused the order, with a reason; never retried by itself."""

    code = "adapter.unit_rejected"


class UnitUnavailable(AdapterError):
    """No connection or a clear "not now"; nothing was taken. Retried with back-off."""

    code = "adapter.unit_unavailable"


class OutcomeUnknown(AdapterError):
    """The request may have been taken: the answer was lost, late, or a 5xx after the body."""

    code = "adapter.outcome_unknown"


class UnitUnreadable(AdapterError):
    """Bytes we cannot read or a status that the mapping does not know; ``evidence`` is kept."""

    code = "adapter.unit_unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRef:
    """A photo with its bytes at hand (``path`` on local disk), or none yet (``path`` empty)."""

    digest: str
    media_type: str
    role: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What the unit is asked to do. Times are aware UTC. ``key`` is unique per round:
    ``<assignment_id>/<generation>``."""

    key: str
    case_id: str
    case_no: str
    generation: int
    standard_ref: str
    kind: str
    code: str
    code_name: str
    area: str
    address: str
    lon: float | None
    lat: float | None
    text: str
    urgent: bool
    finish_by: datetime | None
    photos: tuple[PhotoRef, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The unit's "got it", with its own number for the work."""

    unit_reference: str


class UnitAct(StrEnum):
    """What a unit's system can say about a work order, in our words (total mapping)."""

    SIGNED = "signed"
    PROGRESS = "progress"
    DONE = "done"
    RETURN = "return"
    NONE = "none"  # a status that means nothing to us, declared so on purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPhoto:
    """A photo that came with an event; ``data`` is the file itself."""

    data: bytes
    media_type: str
    role: str = "handle_after"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEvent:
    """One thing the unit's system said. ``event_id`` is its own and stable across repeats;
    ``order`` sorts events of one work order (its time, then its id)."""

    event_id: str
    key: str
    act: UnitAct
    text: str
    order: str
    unit_reference: str = ""
    reason_code: str = ""
    photos: tuple[UnitPhoto, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something the system sent that could not be read; kept with its bytes, visible, replayable."""

    source: str
    code: str
    detail: str
    evidence: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Result of one poll: events in order, what could not be read, and where to go on.

    The host stores ``cursor`` in the transaction that applies ``events``; then calls
    ``settle(cursor)``. ``more`` asks for another poll at once."""

    events: tuple[UnitEvent, ...]
    cursor: str
    unreadable: tuple[Unreadable, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Answer of a harmless probe, in words for ``wanmi doctor``."""

    ok: bool
    detail: str


class Adapter(Protocol):
    """One configured legacy system."""

    async def probe(self) -> Health:
        """Harmless: reach the system, check credentials, change nothing."""
        ...

    async def submit(self, order: WorkOrder) -> Receipt:
        """Hand the order over. Raises the four errors; idempotent by ``order.key``."""
        ...

    async def lookup(self, key: str) -> Receipt | None:
        """Was this order taken? None = certainly not. Raises ``UnitUnavailable`` if unsure."""
        ...

    async def withdraw(self, key: str, unit_reference: str, reason: str) -> None:
        """Call it back; a no-op if it never arrived. After it the unit does no work for ``key``,
        even if a delayed submission arrives later."""
        ...

    async def poll(self, cursor: str) -> Page:
        """What is new since ``cursor`` ("" = from the beginning)."""
        ...

    async def settle(self, cursor: str) -> None:
        """What lies before ``cursor`` is committed here: files may be archived, notices signed."""
        ...

    def webhook(self, headers: Mapping[str, str], body: bytes) -> tuple[UnitEvent, ...]:
        """Read a pushed notification; raises ``UnitUnreadable``, or ``UnitRejected`` when its
        signature does not hold."""
        ...

    async def close(self) -> None: ...

