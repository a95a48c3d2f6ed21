"""One case as one node sees it: the fold of its journal at this node.

Two roles share the value. A case that this node opened is *own* and has a ``stage``; a case that
was handed to this node has a ``duty``. Either may have handed the work on (``live``). Nothing here
knows about delivery, tiers or clocks; ``status`` is computed, never stored as truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from node.core.climbing import Climbed
from node.core.coordination import (
    CONTESTS_THE_CLOCK,
    Coordination,
    Dispute,
)
from node.core.facts import (
    Address,
    AssignmentId,
    CaseId,
    Ending,
    Facts,
    Limits,
    NodeId,
    Photo,
    Rank,
    RequestId,
    RequestKind,
)
from node.core.flags import Flag
from node.core.fund import ProxyRepair
from node.core.limits import StepLimit
from node.core.passing import Passing

PAST_KEPT_MAX = 64
"""Ended assignments kept in the folded case, newest last; older ones stay in the journal. A case
that was handed over more often than this has a problem that no program solves."""
LATE_KEPT_MAX = 32
"""Late results kept for adoption, newest last; a bound against a peer that floods."""
REQUESTS_KEPT_MAX = 16
"""Settled requests remembered per duty and per assignment, so that an echo reopens nothing."""
PUBLIC_PHOTOS_MAX = 4
"""Photos fit for the public kept in the folded case, newest last."""
PARTS_MAX = 16
"""Assisting cases of one lead: more than this is a project, not a case."""
SUPERVISIONS_KEPT_MAX = 32
"""Supervisions (督办) remembered per case, newest last."""
HANDS_KEPT_MAX = 16
"""Accounts remembered per case on each side of supervision and handling, newest last."""


class CaseStatus(StrEnum):
    """Where a case stands at this node. The first group is for own cases, the last for duties.

    ``transferred``: it waits outside the network, with a body that took it over. ``passed_up``: the
    office above has the report, and says what becomes of it.
    """

    REPORTED = "reported"
    VERIFYING = "verifying"
    PENDING_FILING = "pending_filing"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    FEEDBACK_GIVEN = "feedback_given"
    CHECKING = "checking"
    PENDING_CLOSE = "pending_close"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    PASSED_UP = "passed_up"
    VOIDED = "voided"
    NOT_ACCEPTED = "not_accepted"
    NOT_FILED = "not_filed"

    HELD = "held"
    DONE = "done"
    ENDED = "ended"


OVER = frozenset(
    {
        CaseStatus.CLOSED,
        CaseStatus.VOIDED,
        CaseStatus.NOT_ACCEPTED,
        CaseStatus.NOT_FILED,
        CaseStatus.ENDED,
    }
)
"""The ends, of an own case and of a duty."""


class Holding(StrEnum):
    """By what right the case is here: opened here, or held for an assignor (and how far)."""

    OWN = "own"
    HELD = "held"
    DONE = "done"
    ENDED = "ended"


class Stage(StrEnum):
    """Our own word about an own case; between filing and checking the assignment speaks."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    FILED = "filed"
    CHECKING = "checking"
    CHECKED = "checked"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    PASSED_UP = "passed_up"
    VOIDED = "voided"
    NOT_ACCEPTED = "not_accepted"
    NOT_FILED = "not_filed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One step of the approval ladder that agreed; ``step`` counts from 1. ``at`` None = it was
    taken before this was kept."""

    step: int
    role: str
    reviewer: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an assignee asked of its assignor; open until decided or moot. ``answered`` is known
    to the asker alone: a moot request may still be answered, an answered one only repeats.

    ``ordinal``: the how-manieth of its kind, were it granted. ``reviews`` and ``passed_up`` (our
    own request upward that will answer it) are known to the assignor alone. ``asked_at`` is the
    time that counts."""

    request_id: RequestId
    kind: RequestKind
    reason_code: str
    asker: str
    text: str
    asked_at: datetime
    wanted_until: datetime | None = None
    answered: bool = False
    photos: tuple[Photo, ...] = ()
    ordinal: int = 1
    reviews: tuple[Review, ...] = ()
    passed_up: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was done, with photos of it. ``said_at`` is the time that counts against limits;
    ``closing`` the closing condition that is named as met."""

    result: str
    photos: tuple[Photo, ...]
    said_at: datetime
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One handing-over by us. ``ended`` None = live. ``request`` is the one open request.
    ``to_confirm``: its result waits for our own word before it goes up.

    Suspended while ``suspended_until`` is set; its clock stands since ``paused_at`` by the request
    ``paused_by``, which both stay until the clock runs again, even if it was handled meanwhile.
    ``moved``: how often the deadline of this round was moved. The three counts are of grants (of
    decisions, for appeals). ``lacks``: what its feedback does not show, so that a person looks at
    it; ``returned_count``: how often one went back for that by itself. ``climbed``: whose turn it
    is on the unit's card while nobody signs. ``given_back_for``: why it was last asked to be taken
    back."""

    assignment_id: AssignmentId
    to: Address
    generation: int
    limits: Limits
    assigned_at: datetime
    text: str = ""
    rank: Rank = Rank.OFFERED
    unit_reference: str = ""
    signed_at: datetime | None = None
    result: Result | None = None
    to_confirm: bool = False
    request: Request | None = None
    settled_requests: tuple[RequestId, ...] = ()
    suspended_until: datetime | None = None
    paused_at: datetime | None = None
    paused_by: RequestId | None = None
    pause_reason: str = ""
    moved: int = 0
    extension_count: int = 0
    suspension_count: int = 0
    appeal_count: int = 0
    sign_overdue: bool = False
    climbed: Climbed | None = None
    finish_overdue: bool = False
    rework_count: int = 0
    lacks: tuple[str, ...] = ()
    returned_count: int = 0
    given_back_for: str = ""
    ended: Ending | None = None
    ended_at: datetime | None = None

    @property
    def round_ref(self) -> str:
        """Names this round for the timer of its signing."""
        return f"{self.assignment_id}/{self.generation}"

    @property
    def climb_ref(self) -> str:
        """Names the present rung for its work item."""
        return f"{self.round_ref}/{self.climbed.step if self.climbed is not None else 0}"

    @property
    def timer_ref(self) -> str:
        """Names this deadline for timers: a rework, or a deadline that was moved, has new ones."""
        return f"{self.round_ref}/{self.moved}" if self.moved else self.round_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What we hold for our assignor, under its number. ``ended`` None = held or done.
    ``paused_by``: the granted suspension whose end we were not told yet."""

    assignor: NodeId
    assignment_id: AssignmentId
    generation: int
    limits: Limits
    taken_at: datetime
    text: str = ""
    rank: Rank = Rank.OFFERED
    unit_reference: str = ""
    result: Result | None = None
    request: Request | None = None
    settled_requests: tuple[Request, ...] = ()
    suspended_until: datetime | None = None
    paused_by: RequestId | None = None
    extension_count: int = 0
    suspension_count: int = 0
    appeal_count: int = 0
    rework_count: int = 0
    ended: Ending | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateResult:
    """A result that came for an assignment no longer live; ``cause`` names the word to adopt."""

    cause: str
    assignment_id: AssignmentId
    generation: int
    frm: Address
    result: Result
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """An answer owed (督办): to our assignor if we hold a duty, else to ourselves. ``kind``:
    overdue, leader or important."""

    supervision_id: str
    reply_by: datetime
    text: str
    replied: bool = False
    reply: str = ""
    overdue: bool = False
    kind: str = "important"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Somebody was sent to look: before filing (核实) or after handling (核查). ``collector`` "" =
    whoever takes it; ``due_by`` None = no limit."""

    collector: str
    sent_at: datetime
    due_by: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The filing condition under which it was filed, as the code set of that day had it.
    ``limit_count`` 0 = that set gives no limit."""

    condition_no: int
    filing: str = ""
    closing: str = ""
    limit_count: int = 0
    limit_unit: str = ""
    catalog_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """What the reporter thinks of it, 1 (very unhappy) to 5; given once, after the closing."""

    score: int
    text: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening:
    """It was asked to take the closed case up again. ``granted`` None = not decided yet;
    ``new_case_id`` is the case that goes on."""

    text: str
    asked_at: datetime
    granted: bool | None = None
    new_case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The case is with a body outside the network (移送): whose number it has there, and the digest
    of what was handed over."""

    receiver: str
    reference: str
    reason: str
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The folded case. ``facts`` is None only for the tombstone of a case never seen here.

    ``held_generation`` fences what comes from above, ``issued_generation`` numbers what we hand
    down; neither ever falls. ``version`` is the number of journal entries. ``unrouted``: the table
    did not know whom to hand it to, a person has to.

    ``contact``: the reporter left one (kept apart, never in here); ``wants_reply``: and waits for
    the result. ``task`` is the open look on site. ``verified`` None = nobody looked before filing.
    ``self_handled`` is what the collector did at once, without any dispatch. ``duplicate_of`` names
    the case that goes on, ``parts`` the cases that assist this one.

    ``no_owner``: nobody responsible can be named. ``handlers`` and ``checkers``: the accounts of
    this office that did the work, and that judged it; no account may be both. ``flags``: what is
    odd about the report and its pictures, newest last.

    ``suspended_until``: nobody holds it and it waits (挂账); a suspended handing-over says so
    itself. ``appeals``: asked about handings-over before the present one and not answered; the
    answer counts for the case, whatever order we hold by then. ``closed_how``: checked, forced or
    informational. The counts are of what we granted, and of what we refused, over all
    handings-over. ``waits_since``: since when it waits for one of our own posts
    (``node.core.waiting``), None = it does not; ``waits_by``: the limit that this
    step was set. ``passing``: the report was passed up, the last time that it was. ``opened_why``:
    in whose words it came here, if it takes another case up again or came up from an office below.
    """

    case_id: CaseId
    version: int
    facts: Facts | None
    stage: Stage | None = None
    duty: Duty | None = None
    held_generation: int = 0
    issued_generation: int = 0
    live: Assignment | None = None
    past: tuple[Assignment, ...] = ()
    adopted: Result | None = None
    late: tuple[LateResult, ...] = ()
    unrouted: bool = False
    press_count: int = 0
    press_text: str = ""
    supervisions: tuple[Supervision, ...] = ()
    return_count: int = 0
    rework_count: int = 0
    extension_count: int = 0
    suspension_count: int = 0
    appeal_count: int = 0
    refusal_count: int = 0
    exempt: bool = False
    appeals: tuple[RequestId, ...] = ()
    suspended_until: datetime | None = None
    suspended_since: datetime | None = None
    suspended_reason: str = ""
    transfer: Transfer | None = None
    closed_how: str = ""
    contact: bool = False
    wants_reply: bool = False
    task: Task | None = None
    verified: bool | None = None
    condition: Condition | None = None
    self_handled: Result | None = None
    duplicate_of: str = ""
    parts: tuple[CaseId, ...] = ()
    public_photos: tuple[Photo, ...] = ()
    satisfaction: Satisfaction | None = None
    reopening: Reopening | None = None
    no_owner: bool = False
    coordinations: tuple[Coordination, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    repairs: tuple[ProxyRepair, ...] = ()
    handlers: tuple[str, ...] = ()
    checkers: tuple[str, ...] = ()
    waits_since: datetime | None = None
    waits_by: StepLimit | None = None
    flags: tuple[Flag, ...] = ()
    passing: Passing | None = None
    opened_why: str = ""
    updated_at: datetime

    @property
    def wait_ref(self) -> str:
        """Names the present wait of an own case for its timer."""
        return f"case/{self.suspension_count}"

    @property
    def holding(self) -> Holding:
        """Own, or the state of the duty we hold."""
        duty = self.duty
        if duty is None:
            return Holding.OWN
        if duty.ended is not None:
            return Holding.ENDED
        return Holding.DONE if duty.rank is Rank.DONE else Holding.HELD

    @property
    def status(self) -> CaseStatus:
        """Computed from our own closing word, the duty and the live assignment."""
        duty = self.duty
        if duty is not None:
            if duty.ended is not None:
                return CaseStatus.ENDED
            return CaseStatus.DONE if duty.rank is Rank.DONE else CaseStatus.HELD
        stage = self.stage
        if stage is not Stage.FILED:
            assert stage is not None, "a case is own or a duty"
            return _STATUS_OF_STAGE[stage]
        live = self.live
        if live is None:
            if self.adopted is not None:
                return CaseStatus.FEEDBACK_GIVEN
            waits = self.suspended_until is not None
            return CaseStatus.SUSPENDED if waits else CaseStatus.PENDING_DISPATCH
        if live.suspended_until is not None:
            return CaseStatus.SUSPENDED
        return _STATUS_OF_RANK[live.rank]

    @property
    def contested(self) -> bool:
        """Whose case it is, is undecided: its clock runs on and is marked as contested."""
        return any(one.contests for one in self.disputes) or any(
            one.is_open and one.kind in CONTESTS_THE_CLOCK for one in self.coordinations
        )

    @property
    def result(self) -> Result | None:
        """The newest result that this case rests on, whoever gave it."""
        if self.adopted is not None:
            return self.adopted
        if self.self_handled is not None:
            return self.self_handled
        if self.live is not None and self.live.result is not None:
            return self.live.result
        if self.duty is not None:
            return self.duty.result
        # a closed case rests on the handing-over that was closed with it
        last = self.past[-1] if self.past else None
        return last.result if last is not None and last.ended is Ending.CLOSED else None


def is_over(case: Case) -> bool:
    """Has it come to its end here? What is noted after that moves nothing."""
    return case.status in OVER


def is_part(case: Case) -> bool:
    """Does it assist another case of this office?"""
    return case.facts is not None and bool(case.facts.part_of) and case.duty is None


_STATUS_OF_STAGE = {
    Stage.REPORTED: CaseStatus.REPORTED,
    Stage.VERIFYING: CaseStatus.VERIFYING,
    Stage.ACCEPTED: CaseStatus.PENDING_FILING,
    Stage.CHECKING: CaseStatus.CHECKING,
    Stage.CHECKED: CaseStatus.PENDING_CLOSE,
    Stage.CLOSED: CaseStatus.CLOSED,
    Stage.TRANSFERRED: CaseStatus.TRANSFERRED,
    Stage.PASSED_UP: CaseStatus.PASSED_UP,
    Stage.VOIDED: CaseStatus.VOIDED,
    Stage.NOT_ACCEPTED: CaseStatus.NOT_ACCEPTED,
    Stage.NOT_FILED: CaseStatus.NOT_FILED,
}
_STATUS_OF_RANK = {
    Rank.OFFERED: CaseStatus.DISPATCHED,
    Rank.SIGNED: CaseStatus.HANDLING,
    Rank.HANDLING: CaseStatus.HANDLING,
    Rank.DONE: CaseStatus.FEEDBACK_GIVEN,
}
