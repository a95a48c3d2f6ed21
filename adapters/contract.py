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

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

from adapters.remarks import Remark


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
        self.remark = message
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


class Secret:
    """A password, token or key. It never shows in a repr, a log or an error; ``reveal`` is the one
    way to its value, so a reviewer can find every use."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """The value itself, for the one call that needs it."""
        return self._value

    def text(self) -> str:
        """The value as UTF-8 text without surrounding blanks, as files usually carry it."""
        return self._value.decode().strip()

    def __repr__(self) -> str:
        return "<secret>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything a kind needs to make one adapter; handed to its ``create(setup)``.

    ``config`` is validated against the kind's manifest, defaults filled in, secret files already
    read. ``mapping`` is the raw table of ``mapping.toml``. ``folder`` belongs to this adapter
    alone: what the kind keeps there survives restarts. ``now`` gives aware UTC."""

    id: str
    folder: Path
    config: Mapping[str, Any]
    mapping: Mapping[str, Any]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRef:
    """A photo with its bytes at hand (``path`` on local disk), or none yet (``path`` empty).
    ``digest`` names the evidence; the file is the picture alone, without what a camera wrote
    beside it."""

    digest: str
    media_type: str
    role: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What the unit is asked to do. Times are aware UTC. ``key`` is unique per round:
    ``<assignment_id>/<generation>``. ``closing``: the closing condition that must be met; ""
    where there is none."""

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
    closing: str = ""


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
    ``order`` sorts events of one work order (its time, then its id). ``closing_met``: done, and
    the unit says that the closing condition is met."""

    event_id: str
    key: str
    act: UnitAct
    text: str
    order: str
    unit_reference: str = ""
    reason_code: str = ""
    photos: tuple[UnitPhoto, ...] = ()
    closing_met: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Something the system sent that could not be read; kept with its bytes, visible."""

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

    def webhook(self, headers: Mapping[str, str], body: bytes) -> Page:
        """Read a pushed notification (its page has no cursor); raises ``UnitUnreadable``, or
        ``UnitRejected`` when its signature does not hold or this system pushes nothing."""
        ...

    async def close(self) -> None: ...


@runtime_checkable
class Rereader(Protocol):
    """What a kind offers besides ``Adapter`` when its quarantined records can be read again, after
    a person has mended the mapping."""

    async def reread(self, evidence: bytes) -> UnitEvent:
        """The event of one record as it was quarantined. ``UnitUnreadable`` if it still cannot be
        read, or if the bytes were no single record (a broken file, an answer cut short)."""
        ...


class FormState(StrEnum):
    """What a form link opens. Everything but OPEN is a page that says so and takes nothing."""

    OPEN = "open"
    DONE = "done"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A work order as a person without a system sees it.

    ``acts`` are those still open to them, ``ticket`` makes one rendering of the form count once,
    ``said`` is what they have reported so far (time, act, text)."""

    state: FormState
    ticket: str = ""
    order: WorkOrder | None = None
    acts: tuple[UnitAct, ...] = ()
    said: tuple[tuple[datetime, UnitAct, str], ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLink:
    """A link for a clerk to pass on. ``url`` is a credential: show it only to who may dispatch."""

    key: str
    case_id: str
    case_no: str
    url: str
    state: FormState
    expires_at: datetime


@runtime_checkable
class FormDesk(Protocol):
    """What a kind offers besides ``Adapter`` when people answer through a web form.

    A token is a capability: whoever has it may act on one work order until it expires."""

    async def form(self, token: str) -> Form:
        """What the token opens; an unknown or foreign one gives ``FormState.UNKNOWN``."""
        ...

    async def fill(
        self,
        token: str,
        *,
        ticket: str,
        act: UnitAct,
        text: str,
        reason_code: str = "",
        photos: tuple[UnitPhoto, ...] = (),
        closing_met: bool = False,
    ) -> Form:
        """Take one answer, durably, before returning. Repeating a ticket or an act that counts
        once changes nothing. Gives the form as it stands afterwards."""
        ...

    async def links(self, case_id: str = "") -> tuple[FormLink, ...]:
        """Links of one case, or of all open work."""
        ...

    async def renew(self, key: str) -> FormLink | None:
        """A new link for a work order; the old one is void. None: no such work here."""
        ...


class MappingError(ValueError):
    """The mapping is not usable. ``problems`` lists every finding, not only the first; ``where``
    says whose it is."""

    def __init__(self, problems: Iterable[Remark], where: str = "mapping") -> None:
        self.problems = tuple(problems)
        super().__init__(f"{where}: " + "; ".join(self.problems))
