"""What callers send about requests, pauses, and cases that leave the usual way: the shape only."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from node.core.decide.asking import REASON_CODE_MAX
from node.core.facts import RequestKind
from node.edge.http.asked import CLEAN, Instant, Name, Short, Text, Words
from node.edge.http.asking import Digest, Photos, VerbIn

ReasonCode = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=REASON_CODE_MAX), CLEAN
]


class RequestIn(VerbIn):
    """Ask our assignor (回退、延期、挂账、作废、申诉)."""

    kind: RequestKind = Field(examples=["extension"])
    reason_code: ReasonCode = Field(examples=["not_ours", "engineering", "misdispatch"],
                                    description="A word of the city's list; ladders may look at "
                                    "it.")
    text: Words = Field(examples=["管线改迁需与热力公司同步施工，申请延期"])
    wanted_until: Instant | None = Field(
        default=None, examples=["2026-03-09T18:00:00+08:00"],
        description="End of a suspension; wanted deadline of an extension without a limit to go "
        "by.")
    photos: Photos = ()


class RequestDecisionIn(VerbIn):
    """Answer what our assignee asked, or agree to it as one step of several (审批)."""

    request_id: Name = Field(description="As listed under `requests` of the case.")
    granted: bool
    text: Text = Field(default="", examples=["情况属实，同意"])
    until: Instant | None = Field(
        default=None, description="End of a suspension (absent: as asked), or deadline of an "
        "extension that has no original limit to go by.")


class PassUpIn(VerbIn):
    """Ask our own assignor for what our assignee asked (转报)."""

    request_id: Name = Field(description="As listed under `requests` of the case.")
    text: Text = Field(default="", examples=["经现场核实，本级时限内无法完成，转报市中心"])


class InWords(VerbIn):
    """A verb that needs words."""

    text: Words = Field(examples=["条件已具备，恢复处置"])


class SuspendIn(VerbIn):
    """Let an own case that nobody holds wait (挂账)."""

    until: Instant = Field(examples=["2026-09-30T18:00:00+08:00"])
    reason: Words = Field(examples=["等待房屋征收，暂不具备处置条件"])


class VoidIn(VerbIn):
    """The case should not exist (作废)."""

    reason: Words = Field(examples=["与在办案卷重复"])
    reason_code: Short = Field(default="", examples=["duplicate", "out_of_scope", "false_report"])
    duplicate_of: Short = Field(default="", description="Id of the case that goes on.")


class TransferIn(VerbIn):
    """Hand it to a body outside the network (移送)."""

    receiver: Name = Field(examples=["市城市管理执法支队"])
    reference: Short = Field(default="", examples=["黄城执移〔2026〕17号"],
                             description="The receiver's own number, as far as there is one.")
    reason: Words = Field(examples=["涉嫌违法建设，移送立案查处"])
    digest: Digest | None = Field(
        default=None, description="SHA-256 of the list of evidence that was handed over "
        "(`GET …/dossier`); absent: as it is now.")


class SuperviseIn(VerbIn):
    """Ask for an answer by a time (督办)."""

    text: Words = Field(examples=["该案超期两日，请说明原因和办结时间"])
    reply_by: Instant = Field(examples=["2026-03-05T18:00:00+08:00"])
    kind: Literal["overdue", "leader", "important"] = Field(
        default="important", description="超期督办、领导督办 or 重点督办.")


class ReplyIn(VerbIn):
    """Answer a supervision (督办回复)."""

    supervision_id: Name = Field(description="As listed under `supervisions` of the case.")
    text: Words = Field(examples=["已协调施工单位，三日内办结"])
