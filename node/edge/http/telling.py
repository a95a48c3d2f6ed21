"""What callers are told of cases, as pydantic models over the views of the office.

Instants are ISO 8601 in UTC. Members may be added at any time; clients ignore what they do not
know. Documents whose inner shape belongs to the core (events) are passed through as objects.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.edge.http.told import Told


class ReplyOut(Told):
    """Answer to a verb."""

    case_id: str = Field(examples=["0197b5c0-4f6e-7d2a-8f10-2d5b6d1c9f00"])
    case_no: str = Field(default="", examples=["420200-2026-000017"])
    version: int = Field(description="To be said as `If-Match` with the next verb.", examples=[4])
    status: str = Field(examples=["dispatched"])
    repeated: bool = Field(default=False, description="True: the stored answer to an earlier call "
                           "with the same Idempotency-Key.")
    opened_id: str = Field(default="", description="The case that the verb began beside this one.")
    opened_no: str = ""
    follow_up: str = Field(default="", description="Code for the reporter: opens "
                           "`/public/cases/{case_no}?code=…`.")
    warnings: list[str] = Field(default=[], description="What is odd about a report that was taken "
                                "all the same, one sentence each, with what is near.",
                                examples=[["位置在覆盖范围之外，立案须说明理由"]])


class LimitsOut(Told):
    """Absolute instants; null = no limit."""

    sign_by: datetime | None = None
    finish_by: datetime | None = None
    calendar: str = Field(default="", description="What they were computed with.")
    starts_at: datetime | None = Field(default=None, description="Where the clock starts.")
    warn_at: datetime | None = Field(default=None, description="Yellow from here (80 %).")
    count: int = Field(default=0, description="The original limit; 0 = given by hand.")
    unit: str | None = Field(default=None, examples=["work_hour"])


class CaseRow(Told):
    """One line of the case list."""

    case_id: str
    case_no: str
    status: str
    version: int
    area: str
    address: str = ""
    standard_ref: str
    kind: str
    code: str
    name: str = ""
    urgent: bool = False
    assignee: str | None = Field(default=None, description="Whom it is handed to; null = nobody.")
    finish_by: datetime | None = None
    overdue: bool = False
    light: str = Field(default="grey", description="green, yellow (from 80 %), red (overdue), or "
                       "grey (nothing runs, or suspended).")
    source: str = ""
    origin: str = Field(default="own", description="own: opened here; `node:…`: handed down by it.")
    task_for: str | None = Field(default=None, description="Whose look on site is open; empty = "
                                 "anybody's, null = nobody's.")
    handler: str | None = Field(default=None, description="Who handles it inside this office.")
    duplicate_of: str | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None


class ClockOut(Told):
    """One clock of a case; minutes are of the limit's own kind (working time, or natural)."""

    kind: str = Field(description="step (环节时限), handling (处置时限) or overall.")
    post: str = Field(default="", description="accept, verify, file, dispatch, sign, check, close; "
                      "empty = no step.")
    node: str = Field(description="Where it runs.")
    ref: str = Field(default="", description="Of a leg: assignment and number.")
    to: str = Field(default="", description="Of a leg: who has it.")
    round: int = Field(default=0, description="Reworks before this one.")
    starts_at: datetime
    ended_at: datetime | None = Field(default=None, description="Null while it runs.")
    outcome: str = Field(default="", description="How it ended.")
    actor: str = Field(default="", description="Who ended it.")
    limit_count: int | None = Field(default=None, description="Null: no limit known.")
    limit_unit: str = ""
    counts_in: str = Field(default="", description="The kind of time that used and left are "
                           "counted in: working time in `work_hour` and `work_day`.")
    finish_by: datetime | None = None
    warn_at: datetime | None = None
    paused: bool = False
    moves: int = Field(default=0, description="How often the deadline was moved.")
    calendar: str = ""
    light: str
    used_minutes: int
    contested_minutes: int = Field(default=0, description="How much of it passed while it was "
                                   "undecided whose case it is.")
    left_minutes: int | None = Field(default=None, description="Negative: overdue; a begun minute "
                                     "counts. Null: no limit.")
    on_time: bool | None = Field(default=None, description="Null while it runs.")


class KinOut(Told):
    """Another case, briefly."""

    case_id: str
    case_no: str = ""
    status: str = Field(default="", description="Empty: not at this node.")


class DutyOut(Told):
    """What we owe our assignor."""

    assignor: str = Field(examples=["node:420200"])
    assignment_id: str
    generation: int
    state: str = Field(description="offered, signed, handling, done, or ended.")
    ended: str | None = None
    limits: LimitsOut
    text: str = ""
    suspended_until: datetime | None = None
    rework_count: int = Field(default=0, description="How often our assignor asked for rework.")
    extension_count: int = 0
    suspension_count: int = 0


class AssignmentOut(Told):
    """One handing-over by this node."""

    assignment_id: str
    assignee: str
    generation: int
    rank: str = Field(description="offered, signed, handling or done: as reported.")
    limits: LimitsOut
    text: str = ""
    unit_reference: str = ""
    assigned_at: datetime | None = None
    signed_at: datetime | None = None
    result: dict[str, Any] | None = None
    ended: str | None = Field(default=None, description="closed, withdrawn, returned, voided; "
                              "null while it lives.")
    ended_at: datetime | None = None
    climbed: dict[str, Any] | None = Field(
        default=None, description="Whose turn it is on the unit's card while nobody signs: step, "
        "post (clerk, deputy, leader, duty), name, since, next_at.")
    lacks: list[str] = Field(default=[], description="What its feedback does not show (校核): "
                             "roles of photos, `closing`.")
    returned_count: int = Field(default=0, description="How often one went back by itself.")
    sign_overdue: bool = False
    finish_overdue: bool = False
    rework_count: int = 0
    suspended_until: datetime | None = None
    pause_reason: str = Field(default="", description="Why it is, or was last, suspended.")
    extension_count: int = 0
    suspension_count: int = 0


class TurnOut(Told):
    """The step of the ladder that comes next."""

    step: int
    of: int
    roles: list[str] = Field(description="One of these takes it.")
    since: datetime
    until: datetime | None = Field(
        default=None, description="Deadline of the work, which runs while it is asked for.")
    but: list[str] = Field(default=[], description="Who took a step before and may not take this.")


class RequestOut(Told):
    """An open request."""

    request_id: str
    kind: str
    direction: str = Field(description="`in`: our assignee asks us; `out`: we ask our assignor.")
    neighbour: str = Field(default="", description="Who asks, or is asked.")
    asked_at: datetime | None = None
    wanted_until: datetime | None = None
    reason_code: str = ""
    text: str = ""
    asker: str = ""
    ordinal: int = Field(default=1, description="The how-manieth of its kind it would be.")
    photos: list[dict[str, Any]] = Field(default=[])
    reviews: list[dict[str, Any]] = Field(default=[], description="Steps of the ladder that "
                                          "agreed: step, role, reviewer.")
    passed_up: str = Field(default="", description="Our own request that will answer it.")
    reason_zh: str = Field(default="", description="The name of `reason_code` in the list of the "
                           "office that is asked; empty: it is not listed here.")
    reason_en: str = ""
    turn: TurnOut | None = Field(default=None, description="Whose turn it is; null: not ours, or "
                                 "there is no ladder.")
    deadline: datetime | None = Field(default=None, description="That of the work as it stands.")
    would_end: datetime | None = Field(
        default=None, description="The deadline, were it granted as it was asked; null: it moves "
        "none.")


class BondOut(Told):
    """Delivery of this case's words to one neighbour. Delivery is never case status."""

    neighbour: str
    state: str
    queued: int = 0
    unacked: int = 0
    since: datetime | None = None
    unit_reference: str = ""
    sentence: str = Field(default="", examples=["自 11-23 14:02 起排队等待送往 420203"])


class PhotoOut(Told):
    """A photo of a case; `state` says whether its bytes are here yet."""

    digest: str
    size: int
    media_type: str
    role: str
    caption: str = ""
    state: str = ""


class WorkItemOut(Told):
    """Something that waits for a person."""

    id: str
    case_id: str
    kind: str
    detail: str
    created_at: datetime
    settled_at: datetime | None = None


class HandlingOut(Told):
    """A person or crew of this office and the time in which the duty was theirs (经办人)."""

    name: str
    note: str = ""
    by: str = Field(description="Who named them.")
    since: datetime
    until: datetime | None = Field(
        default=None, description="When somebody else was named, or nobody; null = not yet.")
    until_by: str = ""
    assignment_id: str
    generation: int = Field(description="Of the duty, when they were named.")
    over: bool = Field(default=False, description="The duty that they were named for has ended.")


class CallBesideOut(Told):
    """A call about a case, or the one that it came of; who called is masked."""

    call_no: str
    kind: str
    kind_zh: str
    kind_en: str
    concerns: str = Field(description="none (the case came of it), case or result.")
    state: str = Field(description="open, overdue, answered or late.")
    words: str
    caller: str
    from_reporter: bool
    received_at: datetime
    due_by: datetime
    holder_name: str
    answer: str
    answered_at: datetime | None
    reopened_at: datetime | None


class CaseOut(Told):
    """The whole document of one case as this node knows it."""

    case_id: str
    case_no: str
    node: str = Field(default="", description="The node that tells this.")
    status: str
    version: int
    own: bool = Field(description="True: opened here. False: held for an assignor.")
    facts: dict[str, Any] | None = Field(description="What is known about the problem.")
    overdue: bool = False
    light: str = Field(default="grey", description="Of the deadline that counts here.")
    clocks: list[ClockOut] = Field(default=[], description="The overall one first, then by start.")
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    duty: DutyOut | None = None
    assignment: AssignmentOut | None = None
    assignments: list[AssignmentOut] = Field(default=[])
    result: dict[str, Any] | None = Field(default=None, description="What was done, as it stands.")
    late: list[dict[str, Any]] = Field(default=[], description="Results that came after their "
                                       "assignment had ended; `adopt-late` takes one.")
    supervisions: list[dict[str, Any]] = Field(default=[])
    press_count: int = 0
    return_count: int = 0
    rework_count: int = 0
    stage: dict[str, Any] | None = Field(
        default=None, description="Where it stands among the stages that this office shows: `zh`, "
        "`en`, `position` of `of`.")
    flags: list[dict[str, Any]] = Field(
        default=[], description="What is odd about the report and its pictures: `kind`, `ref`, "
        "`sentence`; a doubt about a picture also `collector`, `confirmed` (null = it waits), "
        "`decider`, `text`.")
    no_owner: bool = Field(
        default=False, description="Nobody responsible can be named (无责任主体).")
    contested: bool = Field(default=False, description="Whose case it is, is undecided; the clock "
                            "runs on.")
    coordinations: list[dict[str, Any]] = Field(
        default=[], description="Questions that no rule solves, and who leads by which decision.")
    disputes: list[dict[str, Any]] = Field(
        default=[], description="Contests that run beside the handling.")
    repairs: list[dict[str, Any]] = Field(
        default=[], description="Repairs by proxy and what is outstanding, in fen.")
    extension_count: int = 0
    suspension_count: int = 0
    appeal_count: int = 0
    refusal_count: int = Field(default=0, description="Requests that were refused.")
    exempt: bool = Field(default=False, description="An appeal was upheld (超期豁免).")
    suspended_until: datetime | None = Field(
        default=None, description="An own case that nobody holds waits until then (挂账).")
    transfer: dict[str, Any] | None = Field(
        default=None, description="The body outside that has it (移送).")
    closed_how: str = Field(default="", description="checked, forced or informational.")
    requests: list[RequestOut] = Field(default=[])
    bonds: list[BondOut] = Field(default=[])
    photos: list[PhotoOut] = Field(default=[])
    work_items: list[WorkItemOut] = Field(default=[])
    calls: list[CallBesideOut] = Field(default=[], description="Calls about it, newest first.")
    verbs: list[str] = Field(default=[], description="Verbs that may be tried now.")
    deciders: dict[str, list[str]] = Field(
        default={}, description="Verbs among them that take a role by the rules of approval, and "
        "the roles of which one is enough.")
    askable: list[str] = Field(
        default=[], description="Kinds of requests that `POST …/request` may make now.")
    contact: bool = Field(default=False, description="The reporter left one; `POST …/reporter` "
                          "shows it, with a purpose.")
    wants_reply: bool = False
    verified: bool | None = Field(default=None, description="What the look before filing found; "
                                  "null = nobody looked.")
    self_handled: bool = False
    task: dict[str, Any] | None = Field(default=None, description="Who was sent to look.")
    condition: dict[str, Any] | None = Field(default=None, description="The filing condition, with "
                                             "limit and closing condition as they were.")
    satisfaction: dict[str, Any] | None = None
    reopening: dict[str, Any] | None = None
    similar: list[dict[str, Any]] = Field(default=[], description="Reports that may be about the "
                                          "same problem, while a person still decides.")
    duplicate_of: KinOut | None = None
    goes_on_as: KinOut | None = Field(default=None, description="Where the report goes on, if what "
                                      "it is a duplicate of was merged as well.")
    duplicates: list[KinOut] = Field(default=[])
    lead: KinOut | None = Field(default=None, description="The case that this one assists.")
    handler: HandlingOut | None = Field(
        default=None, description="Who handles the duty inside this office; told to no neighbour.")
    handlers: list[HandlingOut] = Field(
        default=[], description="Everybody who was named for it, the last one first.")
    problems: list[dict[str, Any]] = Field(
        default=[], description="Joint problems that it is part of (综合治理): `problem_id`, and "
        "the other `cases` by `case_id`, `case_no`, `status`.")
    parts: list[KinOut] = Field(default=[], description="Cases that assist this one.")
    reopens: KinOut | None = None
    reopened_as: KinOut | None = None
    opened_why: str = Field(default="", description="Why a closed case goes on in this one, or "
                            "what the office below said that passed it up.")
    passing: dict[str, Any] | None = Field(
        default=None, description="The report was passed up (上报): `as_case` and `case_no` above, "
        "`outcome` (registered, accepted, filed, taken_back, not_accepted, not_filed, closed, "
        "voided), `words`, `said_by`. A report that came up has `facts.origin`.")


class PhotoStoredOut(Told):
    """A stored photo; name it by these three in `photos` of a verb."""

    digest: str
    size: int
    media_type: str


class ChangeOut(Told):
    """One line of the change feed. Of the kind `alarm`, the id is an alarm's (`GET /alarms`)."""

    n: int
    case_id: str
    version: int
    kind: str
    at: datetime
