"""What a person (or an adapter speaking for a unit) asks of this node: imperative, validated by
``decide`` alone. ``expected_version`` None means "whatever it is now"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
    RequestKind,
)
from node.core.reporter import Reporter
from node.core.spot import Spot, Taken

_AS_PROPOSED: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Common part. ``actor`` is who asks, as the audit trail shows it; ``roles`` are those in which
    they decide requests."""

    command_id: CommandId
    actor: str
    case_id: CaseId
    expected_version: int | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Command):
    """Register a problem (信息收集). ``case_id`` and ``case_no`` are fresh. ``reported_at`` None =
    now; a collector's device that was offline brings the time at which it was seen. ``spot`` is
    what our layers say of the point, None = nobody looked; ``taken`` what the device says of its
    pictures."""

    case_no: str
    category: Category
    place: Place
    text: str
    source: str
    urgent: bool = False
    photos: tuple[Photo, ...] = ()
    component: str = ""
    source_details: tuple[tuple[str, str], ...] = ()
    reporter: Reporter | None = None
    reported_at: datetime | None = None
    spot: Spot | None = None
    taken: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Command):
    """Take the report (受理)."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAccept(Command):
    """Do not take it (不予受理); the reason is mandatory. ``duplicate_of`` names the case that
    goes on."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartVerify(Command):
    """Send somebody to look whether it is so (核实)."""

    collector: str
    text: str = ""
    due_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerify(Command):
    """Say what was found on site before filing."""

    found: bool
    text: str = ""
    photos: tuple[Photo, ...] = ()
    collector: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfHandle(Command):
    """The collector put it right on the spot (自处置)."""

    result: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDoubt(Command):
    """Say whether a picture that was doubted is false (虚报核实); ``ref`` names the doubt."""

    ref: str
    confirmed: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Command):
    """Make it a case (立案) under a filing condition; ``category`` classes it anew, None = as
    reported. ``out_of_list_reason``: why a class outside the code set is filed all the same,
    ``outside_reason``: why a place outside the coverage, or not in the division it names, is."""

    text: str = ""
    condition_no: int = 0
    category: Category | None = None
    out_of_list_reason: str = ""
    outside_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline(Command):
    """Do not file it (不予立案); the reason is mandatory. ``duplicate_of`` names the case that
    goes on."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassUpCase(Command):
    """Hand the report to the office above (上报), which takes it up as ``as_case`` (fresh)."""

    as_case: CaseId
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallCase(Command):
    """Ask for it back (撤回上报), as long as nobody above has filed it."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPart(Command):
    """Let somebody assist (谁相关谁配合): open ``part_id`` beside this case, for what ``text``
    says. The lead's own feedback alone ends the lead. ``to``: hand the part over in the same
    breath, under ``limits``; if that is refused, no part is opened. None = it waits for
    dispatching."""

    part_id: CaseId
    text: str
    category: Category | None = None
    to: Address | None = None
    limits: Limits = _AS_PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveSatisfaction(Command):
    """What the reporter thinks of the result, 1 to 5, once (满意度)."""

    score: int
    text: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReopen(Command):
    """Ask that the closed case be taken up again."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideReopen(Command):
    """Answer that: granted, ``new_case_id`` (fresh) takes it up."""

    granted: bool
    text: str = ""
    new_case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TellReporter(Command):
    """Write down that a notice reached whom it was for, or did not (回告)."""

    notice_id: str
    channel: str
    outcome: str


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
    closing_met: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest(Command):
    """Ask our assignor (回退、延期、挂账、作废、申诉), with a reason code, words and photos.
    ``wanted_until``: the new deadline, or the end of the suspension."""

    request_id: RequestId
    kind: RequestKind
    reason_code: str
    text: str
    wanted_until: datetime | None = None
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest(Command):
    """Answer what our assignee asked, or agree to it as one step of several. ``until`` is the end
    of a suspension, or the deadline of an extension that has no original limit to go by; None = as
    it was asked."""

    request_id: RequestId
    granted: bool
    text: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassUpRequest(Command):
    """Ask our own assignor for what our assignee asked and we may not grant (转报)."""

    request_id: RequestId
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAssignment(Command):
    """End a suspension before its time (恢复)."""

    text: str


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
    collector: str = ""
    due_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoOwner(Command):
    """Nobody responsible can be named (无责任主体): it is listed apart and goes by territory."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCoordination(Command):
    """Ask the body of ``level`` to decide what no rule solves (协调). ``problem_id``: together with
    other cases, as one problem (综合治理)."""

    coordination_id: RequestId
    level: str
    kind: CoordinationKind
    text: str
    size: Size = Size.ORDINARY
    problem_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideCoordination(Command):
    """Name who leads and who assists. Bodies are named as the deciding office calls them.
    ``problem_id``: as the decision of the whole problem that this question is part of."""

    coordination_id: RequestId
    lead: str
    assistants: tuple[str, ...] = ()
    text: str
    problem_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinProblem(Command):
    """Treat an open question with those of other cases as one problem (并入综合问题)."""

    coordination_id: RequestId
    problem_id: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveProblem(Command):
    """Take a question out of its problem again (移出); it waits on its own."""

    coordination_id: RequestId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDispute(Command):
    """Contest whose case it is (责任争议), and go on handling it."""

    dispute_id: RequestId
    reason_code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDispute(Command):
    """Answer our assignee's contest; who has the case is not changed by it."""

    dispute_id: RequestId
    upheld: bool
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendCase(Command):
    """Let an own case that nobody holds wait (挂账)."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCase(Command):
    """It waits no longer."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCase(Command):
    """The case should not exist (作废): a duplicate, outside our scope, a false report."""

    reason: str
    reason_code: str = ""
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForceClose(Command):
    """Close it as it stands (强制结案); the reason is mandatory."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Command):
    """Hand it to a body outside the network (移送). ``digest``: SHA-256 in hex of the list of what
    is handed over."""

    receiver: str
    reference: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(Command):
    """The body outside gave it back."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PressAssignee(Command):
    """Hurry whoever has it (催办)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperviseAssignee(Command):
    """Ask for an answer by a time (督办): because it is late, a leader wants it, or it matters."""

    supervision_id: str
    text: str
    reply_by: datetime
    kind: str = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySupervision(Command):
    """Answer a supervision."""

    supervision_id: str
    text: str
