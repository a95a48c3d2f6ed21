"""What a person (or an adapter speaking for a unit) asks of this node: imperative, validated by
``decide`` alone. ``expected_version`` None means "whatever it is now"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.coordination import CoordinationKind, Size
from node.core.facts import (
    Address,
    CaseId,
    Category,
    CommandId,
    Limits,
    Photo,
    Place,
    RequestId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Common part. ``actor`` is who asks, as the audit trail shows it."""

    command_id: CommandId
    actor: str
    case_id: CaseId
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Command):
    """Register a problem (信息收集). ``case_id`` and ``case_no`` are fresh."""

    case_no: str
    category: Category
    place: Place
    text: str
    source: str
    urgent: bool = False
    photos: tuple[Photo, ...] = ()
    component: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Command):
    """Make it a case (立案)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Command):
    """Do not file it (不予立案); the reason is mandatory."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Command):
    """Hand it to an assignee (派遣)."""

    to: Address
    limits: Limits
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign(Command):
    """Sign for the duty we hold (签收)."""

    unit_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Command):
    """Say that work goes on."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBack(Command):
    """Say that it is handled (反馈)."""

    result: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReturn(Command):
    """Ask the assignor to take it back (回退), with a reason code and words."""

    request_id: RequestId
    reason_code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReturn(Command):
    """Answer our assignee's return."""

    request_id: RequestId
    granted: bool
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAssignment(Command):
    """Call the live assignment back (撤回)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCheck(Command):
    """The result was checked on site and holds (核查通过)."""

    text: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailCheck(Command):
    """The check failed: send it round again (返工)."""

    text: str
    limits: Limits
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Command):
    """Close the case (结案). A closing always carries its words."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptLate(Command):
    """Take a late result of an ended assignment as ours, while nothing newer is live."""

    cause: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck(Command):
    """Send somebody to look at the result (核查)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoOwner(Command):
    """Nobody responsible can be named (无责任主体): it is listed apart and goes by territory."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCoordination(Command):
    """Ask the body of ``level`` to decide what no rule solves (协调)."""

    coordination_id: RequestId
    level: str
    kind: CoordinationKind
    text: str
    size: Size = Size.ORDINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCoordination(Command):
    """Name who leads and who assists. Bodies are named as the deciding office calls them."""

    coordination_id: RequestId
    lead: str
    assistants: tuple[str, ...] = ()
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProxyRepair(Command):
    """Somebody repaired it first (代整治), paid from the fund; ``payer`` "" = the fund bears it."""

    repair_id: str
    performer: str
    cost_fen: int
    payer: str = ""
    photos: tuple[Photo, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRecovery(Command):
    """Money of a repair by proxy came back (追缴)."""

    repair_id: str
    amount_fen: int
    payer: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Command):
    """The clock speaks: a timer that ``consequences`` set is due. Never refused, may mean
    nothing any more (then it yields no event)."""

    kind: str
    ref: str
    due_at: datetime
