"""What callers send about intake and the reporter: the shape only."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from node.core.reporter import Reporter
from node.edge.http.asked import CLEAN, Asked, Instant, Name, Short, Text, Words
from node.edge.http.asking import AddressText, CategoryIn, LimitsIn, Photos, PlaceIn, VerbIn
from node.edge.http.limits import SHORT_CHARS_MAX

DETAILS_MAX = 16
Phone = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9+\-() ]{0,32}$")
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Value = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=SHORT_CHARS_MAX), CLEAN
]
CaseIdText = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$"),
]
Collector = Annotated[Name, Field(examples=["C-17"], description="Number of the collector.")]


class ReporterIn(Asked):
    """Who reports. Kept apart from the case: in no listing, no journal, no word to another node."""

    name: Short = Field(default="", examples=["张先生"])
    phone: Phone = Field(default="", examples=["13800000000"])
    wants_reply: bool = Field(default=False, description="Wants to hear the end of it; then a "
                              "phone is needed.")
    channel: Short = Field(default="", examples=["phone", "sms"], description="How to be told; "
                           "empty = by phone.")

    def value(self) -> Reporter:
        return Reporter(name=self.name, phone=self.phone, wants_reply=self.wants_reply,
                        channel=self.channel)


Details = Annotated[
    dict[Key, Value],
    Field(max_length=DETAILS_MAX, examples=[{"outlet": "东楚晚报", "link": "A3版"}],
          json_schema_extra={"additionalProperties": False},
          description="What the source asks for; `GET /sources` lists the fields of each."),
]


class OpenIn(Asked):
    """Register a problem (信息收集)."""

    category: CategoryIn
    place: PlaceIn
    text: Words = Field(examples=["人行道上水井盖缺失，存在安全隐患"])
    source: Name = Field(default="hotline", examples=["collector", "hotline", "camera"])
    urgent: bool = False
    photos: Photos = ()
    component: Short = Field(default="", description="Number of the component (部件标识码).")
    case_no: Short = Field(default="", description="Your own number; empty = numbered here.")
    details: Details = Field(default_factory=dict)
    reporter: ReporterIn | None = None
    reported_at: Instant | None = Field(
        default=None, description="When it was seen, for a device that was offline; absent = now.",
        examples=["2026-03-02T08:40:00+08:00"],
    )


class PublicReportIn(Asked):
    """What a citizen reports; nothing of the reporter is in the case itself."""

    category: CategoryIn
    place: PlaceIn
    text: Words = Field(examples=["人行道上水井盖缺失，存在安全隐患"])
    source: Name = Field(default="website", examples=["website", "app"])
    details: Details = Field(default_factory=dict)
    reporter: ReporterIn | None = None


class FileIn(VerbIn):
    """立案."""

    text: Text = ""
    condition_no: int = Field(default=0, ge=0, le=999, examples=[1], description="Number of the "
                              "filing condition that is met; 0 = the one of the report, if any.")
    category: CategoryIn | None = Field(default=None, description="Class it anew; absent = as "
                                        "reported.")
    out_of_list_reason: Text = Field(default="", description="Why a class outside of the code set "
                                     "in force is filed all the same.")
    outside_reason: Text = Field(default="", description="Why a place outside of the coverage, or "
                                "one whose division its own point contradicts, is "
                                 "filed all the same.")


class DeclineIn(VerbIn):
    """不予立案."""

    reason: Words = Field(examples=["未达到立案条件"], description="The reporter is told.")
    reason_code: Short = Field(default="", examples=["below_condition", "duplicate"])
    duplicate_of: CaseIdText = Field(default="", description="The case that goes on in its place.")


class StartCheckIn(VerbIn):
    """Send somebody to look (核查派出)."""

    text: Text = ""
    collector: Short = Field(default="", examples=["C-17"], description="Empty = whoever takes it.")
    due_by: Instant | None = Field(default=None, examples=["2026-03-04T18:00:00+08:00"])


class AcceptIn(VerbIn):
    """受理."""

    text: Text = Field(default="", examples=["反映属实，转立案审核"])


class NotAcceptIn(VerbIn):
    """不予受理."""

    reason: Words = Field(examples=["不属于城市管理范围"], description="The reporter is told.")
    reason_code: Short = Field(default="", examples=["out_of_scope", "duplicate"])
    duplicate_of: CaseIdText = Field(default="", description="The case that goes on in its place.")


class StartVerifyIn(VerbIn):
    """Send somebody to look before filing (派出核实)."""

    collector: Collector
    text: Text = ""
    due_by: Instant | None = Field(default=None, examples=["2026-03-02T10:00:00+08:00"])


class VerifyIn(VerbIn):
    """What was found on site before filing (核实)."""

    found: bool = Field(description="False: the report is not taken, and the reporter is told.")
    text: Text = Field(default="", examples=["现场井盖缺失，情况属实"],
                       description="Needed when nothing was found.")
    collector: Short = Field(default="", description="Empty = whoever was sent.")
    photos: Photos = ()


class SelfHandleIn(VerbIn):
    """The collector put it right on the spot (自处置)."""

    result: Words = Field(examples=["已将倒伏共享单车扶正摆放"])
    photos: Photos = ()


class DoubtIn(VerbIn):
    """Say whether a doubted picture is false (存疑核实)."""

    ref: Name = Field(examples=["photo_repeated/9f86d081884c"],
                      description="As the case's `flags` name it.")
    confirmed: bool = Field(description="True: it is false, and counts against the collector.")
    text: Words = Field(examples=["经核对原图，与前案为同一张照片"])


class PartIn(VerbIn):
    """Let somebody assist (协办)."""

    text: Words = Field(examples=["请协助围挡并设置警示标志"], description="What is to be done.")
    category: CategoryIn | None = Field(default=None, description="Absent: classed as the lead.")
    to: AddressText | None = Field(
        default=None, examples=["node:420203"],
        description="Hand the part over at once, to `node:<id>` or `adapter:<id>`; if that is "
        "refused no part is opened.")
    unit: Short = Field(default="", description="Instead of `to`: a unit's card, by id or name.")
    limits: LimitsIn | None = Field(
        default=None, description="Of that handing-over; absent: as a proposal would say.")

    @model_validator(mode="after")
    def _names_one_at_most(self) -> Self:
        if self.to is not None and self.unit:
            raise ValueError("name to or unit, not both")
        return self


class SubmitIn(VerbIn):
    """Pass the report up (上报): the office above takes it up as a case of its own."""

    text: Text = Field(default="", examples=["超出本街道职责，请区中心受理"])


class RecallIn(VerbIn):
    """Ask for it back (撤回上报)."""

    text: Words = Field(examples=["已由本街道当场处理"])


class SatisfactionIn(VerbIn):
    """What the reporter says of it (满意度), once."""

    score: int = Field(ge=1, le=5, examples=[4], description="1 very unhappy to 5 very happy.")
    text: Text = ""
    channel: Short = Field(default="phone", examples=["phone", "sms"])


class AskReopenIn(VerbIn):
    """Ask that it be taken up again (申请重办)."""

    text: Words = Field(examples=["次日同一井盖再次缺失"])


class ReopenDecisionIn(VerbIn):
    """Answer to that (重办审批); granted, a new case goes on."""

    granted: bool
    text: Text = Field(default="", description="Needed when it is refused; the reporter is told.")


class NoticeOutcomeIn(Asked):
    """How telling it went."""

    delivered: bool = Field(description="False: it failed, and may be tried again.")
    channel: Short = Field(default="", description="Empty = the one it was queued for.")
    note: Short = Field(default="", examples=["已电话告知本人", "三次无人接听"])


class PurposeIn(Asked):
    """Why somebody looks at a reporter; recorded with name and time."""

    purpose: Words = Field(examples=["回访"])


class UnmaskIn(Asked):
    """One masked field, and why."""

    field: Name = Field(examples=["reporter.phone"])
    reason: Words = Field(examples=["现场找不到位置，须向举报人问路"])


class PhoneIn(PurposeIn):
    """Find a caller's cases."""

    phone: Phone = Field(examples=["13800000000"])

    @field_validator("phone")
    @classmethod
    def _is_given(cls, value: str) -> str:
        if not value:
            raise ValueError("a phone is needed")
        return value


class PublicRatingIn(Asked):
    """What the reporter says of it, over the public page."""

    score: int = Field(ge=1, le=5, examples=[4])
    text: Text = ""
