"""What callers are told about intake and the reporter."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from node.edge.http.told import Told


class DetailOut(Told):
    """One field that a source asks for."""

    key: str
    zh: str
    en: str
    required: bool


class SourceOut(Told):
    """One source of reports and what it asks for."""

    code: str = Field(examples=["media"])
    zh: str
    en: str
    group: str = Field(description="patrol, public, media, transfer or system.")
    verify: str = Field(description="required, optional or none: a look on site before filing.")
    public: bool
    photos: list[str] = Field(description="Roles of which at least one photo each is needed.")
    details: list[DetailOut]
    result_to: str = Field(default="", description="Who is told the end.")


class ClassRuleOut(Told):
    """What reports of a class bring besides; each text is a beginning, "" = any."""

    standard_ref: str
    kind: str
    code: str
    photos: list[str]
    details: list[DetailOut]


class ReasonOut(Told):
    """A reason that may be given."""

    verb: str = Field(description="not_accept, decline, void_case, or a kind of request.")
    code: str = Field(examples=["duplicate"])
    zh: str
    en: str
    needs_text: bool = Field(description="The code alone says nothing.")


class SourcesOut(Told):
    """Every source, with the version of the data."""

    version: str
    sources: list[SourceOut]
    classes: list[ClassRuleOut] = Field(
        default=[], description="What classes ask for besides their source.")
    reasons: list[ReasonOut] = Field(default=[], description="Reason codes by verb; a verb without "
                                     "any takes every code.")


class SimilarOut(Told):
    """A report that may be about the same problem; a person decides."""

    case_id: str
    case_no: str
    status: str
    address: str = ""
    source: str = ""
    duplicate_of: str = ""
    distance_m: float
    opened_at: datetime


class NoticeOut(Told):
    """What is to be told to whoever waits for the end of a case."""

    id: str
    case_id: str
    case_no: str
    kind: str = Field(description="closed, not_accepted, not_filed, voided, merged, …")
    recipient: str = Field(description="`reporter`, or the name of the body that handed it over.")
    reference: str = Field(default="", description="That body's own number.")
    channel: str
    text: str
    state: str = Field(description="pending, delivered or failed.")
    created_at: datetime
    told_at: datetime | None = None
    told_by: str = ""
    note: str = ""


class ReporterOut(Told):
    """Who reported it. Showing it is in the audit log."""

    name: str = ""
    phone: str = ""
    wants_reply: bool = False
    channel: str = ""


class UnmaskedOut(Told):
    """One field in the clear; "" = nobody left it."""

    field: str
    value: str


class CallerCaseOut(Told):
    """A case of a caller."""

    case_id: str
    case_no: str
    status: str
    name: str = ""
    address: str = ""
    opened_at: datetime


class CallerCasesOut(Told):
    """Cases of a caller, newest first."""

    cases: list[CallerCaseOut]


class PublicReceiptOut(Told):
    """Keep both: the report is followed by them."""

    case_no: str = Field(examples=["42020020260302Z0007"])
    code: str = Field(description="Opens `/public/cases/{case_no}?code=…`.", examples=["7K3M9QXA"])
    status: str = Field(examples=["reported"])


class PublicOut(Told):
    """How a report stands, to whoever has its code. Which members are there is data."""

    case_no: str
    may_rate: bool = Field(description="The reporter may say what the result is worth.")
    anew: str = Field(default="", description="Whether it is taken up again, where whoever "
                      "reported it was not content: asked, granted or refused.")
    status: str | None = None
    name: str | None = None
    area: str | None = None
    grid: str | None = None
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    result: str | None = None
    photo: bool | None = Field(default=None, description="A photo fit for the public is there.")
