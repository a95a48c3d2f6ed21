"""What is asked and told about calls (来电登记), as pydantic models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from node.edge.http.asked import Asked, Instant, Short, Text, Words
from node.edge.http.asking_intake import CaseIdText, OpenIn, Phone
from node.edge.http.told import Told
from node.service.calls.ports import Answer, Incoming

CODE = r"^[a-z][a-z0-9_]{0,31}$"
Code = Annotated[str, Field(pattern=CODE)]


class AnswerIn(Asked):
    """What the caller was told, and how."""

    text: Text = Field(default="", examples=["已告知办理流程和所需材料"],
                       description="Needed unless nobody was reached.")
    channel: Code = Field(default="phone", examples=["phone", "sms"])
    by: Short = Field(default="", examples=["市政局 张工"],
                      description="Who answered; empty = the unit that had to, or the account.")
    reached: bool = Field(default=True, description="False: tried, nobody heard it; it stays open.")

    def value(self) -> Answer:
        return Answer(text=self.text, channel=self.channel, by=self.by, reached=self.reached)


class CallIn(Asked):
    """Take a call down (登记来电)."""

    kind: Code = Field(examples=["consultation", "urge", "opinion"],
                       description="One of `GET /calls/rules`.")
    channel: Code = Field(default="phone", examples=["phone"])
    words: Words = Field(examples=["询问路灯报修由谁负责"], description="What was said. Readable "
                         "by everybody here: leave out who called.")
    name: Short = Field(default="", examples=["王女士"], description="Kept apart; lists show a "
                        "mask.")
    phone: Phone = Field(default="", examples=["13800000000"], description="Kept apart as well.")
    case_id: CaseIdText = Field(default="", description="The case that it is about; needed "
                                "exactly if its kind concerns one.")
    unit: Short = Field(default="", description="The unit that has to answer, by id or name; empty "
                        "= our own desk.")
    answer_by: Instant | None = Field(
        default=None, examples=["2026-11-27T12:00:00+08:00"],
        description="Absent = within the limit of the kind, by the working calendar.")
    answer: AnswerIn | None = Field(default=None, description="What was answered at once.")

    def value(self) -> Incoming:
        return Incoming(
            kind=self.kind, channel=self.channel, words=self.words, name=self.name,
            phone=self.phone, case_id=self.case_id, unit=self.unit, answer_by=self.answer_by,
            answer=self.answer.value() if self.answer is not None else None)


class HandIn(Asked):
    """Let a unit answer it (转办)."""

    unit: Short = Field(default="", description="Id or name; empty = our own desk again.")
    text: Text = Field(default="", examples=["请于明日前告知处理办法"])
    answer_by: Instant | None = Field(
        default=None, description="Another time to answer by; absent = the time goes on.")


class BecameIn(Asked):
    """The case that came of it (转案卷)."""

    case_id: CaseIdText = Field(min_length=36)


class ReopenIn(Asked):
    """Ask that the case be taken up again (申请重办)."""

    text: Words = Field(examples=["来电人称次日同一处又缺失"],
                        description="Enters the case's journal: leave out who called.")


class CallOpenIn(OpenIn):
    """Register the case that comes of a call; whoever called is its reporter."""

    wants_reply: bool = Field(default=True, description="The caller is told its end.")


class ReasonIn(Asked):
    """Why name and phone are erased before their time."""

    reason: Words = Field(examples=["来电人要求删除"])


class StepOut(Told):
    """One thing that was done with a call."""

    at: datetime
    step: str = Field(description="received, handed, taken_back, tried, answered, became, reopen, "
                      "erased.")
    actor: str
    detail: str


class CallOut(Told):
    """One call. Name and phone are masks; `POST /calls/{call_no}/caller` shows them."""

    call_no: str
    kind: str
    kind_zh: str
    kind_en: str
    concerns: str = Field(description="none, case or result.")
    channel: str
    channel_zh: str
    channel_en: str
    words: str
    caller: str
    phone: str
    from_reporter: bool = Field(description="The phone is the one that the case's reporter left.")
    case_id: str | None
    case_no: str | None
    case_status: str | None
    became: str | None = Field(description="The case that came of it.")
    became_no: str | None
    holder: str = Field(description="The unit that has to answer; empty = our own desk.")
    holder_name: str
    received_at: datetime
    received_by: str
    due_by: datetime
    state: str = Field(description="open, overdue, answered (in time) or late.")
    answered_at: datetime | None
    answer: str
    answer_channel: str
    answer_channel_zh: str
    answer_channel_en: str
    answered_by: str
    reopened_at: datetime | None
    rules: str = Field(description="Version of the rules that set its limit.")


class CallWholeOut(CallOut):
    """One call with everything that was done with it."""

    steps: list[StepOut]


class KindOut(Told):
    """A kind of call."""

    code: str
    zh: str
    en: str
    concerns: str
    answer_within: str = Field(description="The limit, by the working calendar of this office.")


class ChannelOut(Told):
    """A way of calling and answering."""

    code: str
    zh: str
    en: str


class RulesOut(Told):
    """The rules of this office."""

    version: str
    keep_days: int = Field(description="Days after the answer that name and phone are kept.")
    kinds: list[KindOut]
    channels: list[ChannelOut]


class CallerOut(Told):
    """Who called; empty where nothing was left, or it was erased."""

    name: str
    phone: str


class CallsOut(Told):
    """Calls from one phone."""

    calls: list[CallOut]


class CountOut(Told):
    """Calls received in a period, and what has become of each by now."""

    key: str
    name: str
    received: int
    answered: int
    in_time: int
    late: int
    overdue: int = Field(description="Should have been answered.")
    waiting: int = Field(description="May still wait.")
    in_time_share: float | None = Field(
        description="In time, of those that were answered or are overdue; null = there are none.")
    became: int
    reopened: int


class FiguresOut(Told):
    """Figures of a period."""

    period: str
    begins: datetime
    ends: datetime
    as_of: datetime
    rules: str
    total: CountOut
    by_concern: list[CountOut]
    by_kind: list[CountOut]
    by_holder: list[CountOut]
    by_channel: list[CountOut]
