"""The three words that cross a link. ``node.edge.codec`` gives them their wire form.

Every word carries case, assignment and generation: the generation fences (old news moves
nothing).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.core.facts import (
    AssignmentId,
    CaseId,
    Facts,
    Limits,
    Outcome,
    Photo,
    RequestId,
    RequestKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The duty ends (撤回)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Hurry up (催办)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise:
    """An answer is owed by ``reply_by`` (督办). ``kind``: overdue, leader or important."""

    supervision_id: str
    reply_by: datetime
    kind: str = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Answer to a request of the assignee. ``lead`` set: a coordination was decided, and binds
    whoever has the case, asked or not; ``problem_id``: with those of other cases."""

    request_id: RequestId
    granted: bool
    decider: str
    limits: Limits | None = None
    until: datetime | None = None
    lead: str = ""
    assistants: tuple[str, ...] = ()
    problem_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkVerdict:
    """The check failed: the duty reopens under ``next_generation`` (返工)."""

    next_generation: int
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedVerdict:
    """The case, or this leg of it, is closed (结案)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """The suspension that ``request_id`` asked for is over (恢复计时): the clock runs again under
    ``limits``. ``how``: due, person, done or above."""

    request_id: RequestId
    limits: Limits
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What has become of a report that the child passed up (上报): said of the child's own case,
    under the id that the report has here. ``case_no`` is its number here, ``by`` who decided."""

    outcome: Outcome
    case_no: str = ""
    reason_code: str = ""
    by: str = ""


DirectiveAct = (
    Withdraw | Press | Supervise | Decision | ReworkVerdict | ClosedVerdict | Resume | Told
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedReport:
    """Received and taken (签收). ``unit_reference``: the unit's own number for the work."""

    unit_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """Work goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneReport:
    """Handled (反馈), with what was done and photos of it. ``closing``: the closing condition that
    is met, as it is worded; "" = none is named."""

    result: str
    photos: tuple[Photo, ...] = ()
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReport:
    """The assignee asks; the assignor's decision is owed. A coordination says its kind in
    ``reason_code``, and whose ``level`` it thinks right for its ``size``; it may be part of a joint
    problem, and ``rule`` is the article by which it was asked by itself."""

    request_id: RequestId
    kind: RequestKind
    reason_code: str
    asker: str
    wanted_until: datetime | None = None
    level: str = ""
    size: str = ""
    photos: tuple[Photo, ...] = ()
    ordinal: int = 1
    problem_id: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReport:
    """Answers a 督办."""

    supervision_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedReport:
    """A report that was registered here goes up (上报), to begin a case of the office above: the
    word's case id is that of the new case, ``facts.origin`` names ours."""

    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledReport:
    """We ask for a submitted report back."""


ReportAct = (
    SignedReport
    | ProgressReport
    | DoneReport
    | RequestReport
    | ReplyReport
    | SubmittedReport
    | RecalledReport
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Hand a case over (派遣)."""

    case_id: CaseId
    assignment_id: AssignmentId
    generation: int
    limits: Limits
    facts: Facts
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """Bind what was handed over."""

    case_id: CaseId
    assignment_id: AssignmentId
    generation: int
    act: DirectiveAct
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Speak back to the assignor."""

    case_id: CaseId
    assignment_id: AssignmentId
    generation: int
    act: ReportAct
    text: str = ""


Word = Order | Directive | Report
