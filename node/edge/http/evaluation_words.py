"""What the routes of evaluation take and tell."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from node.core.errors import Invalid
from node.edge.http.asked import Asked
from node.edge.http.told import Told
from node.service.evaluation.room import Ask

WHERE_MAX = 50
"""Filters of one question."""
NAME = r"^[a-z][a-z_0-9]{0,63}$"
Subject = Annotated[str, Field(pattern=NAME, description="A subject of the indicators.")]
Period = Annotated[str, Query(
    max_length=10, examples=["2026-11", "2026-Q4"],
    description="2026-11-25, 2026-W48, 2026-11, 2026-Q4, 2026-H2 or 2026.")]
Version = Annotated[str, Query(
    max_length=64, description="Version of the indicators; empty = the one that held.")]
Where = Annotated[list[str] | None, Query(
    max_length=WHERE_MAX, examples=[["unit=420203001", "area*=420203"]],
    description="`column=value` (repeated: any of the values) or `column*=beginning`.")]
Group = Annotated[str, Query(
    max_length=64, examples=["higher"],
    description="Only lines of this group; the key of a group of the sheet.")]
Open = Annotated[bool, Query(description="Without personal data, for everybody.")]
Format = Literal["json", "html", "csv", "xlsx"]


def ask(
    subject: str, period: str, version: str, where: list[str] | None, group: str = "",
) -> Ask:
    """The question as the room takes it. ``Invalid`` (``evaluation.filter``)."""
    values: dict[str, tuple[str, ...]] = {}
    prefixes: dict[str, str] = {}
    for text in where or ():
        column, equals, value = text.partition("=")
        if not equals or not value or len(value) > 200:
            raise Invalid(f"{text!r} is no filter: column=value", code="evaluation.filter")
        if column.endswith("*"):
            prefixes[column.removesuffix("*")] = value
        else:
            values[column] = (*values.get(column, ()), value)
    return Ask(subject=subject, period=period, version=version, where=values, prefixes=prefixes,
               group=group)


class SubjectOut(Told):
    """One subject of a version."""

    name: str
    zh: str
    en: str
    kind: str
    personal: bool


class DefinitionOut(Told):
    """One version of the indicators."""

    version: str
    title: str
    valid_from: str
    digest: str
    source: str
    subjects: list[SubjectOut]


class DefinitionTextOut(DefinitionOut):
    """A version with the very text it was read from."""

    text: str


class SheetOut(Told):
    """A sheet: exact counts and fractions, with all that they depend on."""

    kind: str
    node: str
    node_name: str
    subject: dict[str, str]
    period: str
    begins: datetime
    ends: datetime
    as_of: datetime
    filter: dict[str, str]
    open: bool
    definition: dict[str, str]
    columns: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    groups: list[dict[str, Any]] = Field(
        description="What the lines of each group come to together.")
    total: dict[str, Any]


class LapsOut(Told):
    """Times from step to step, per key."""

    node: str
    subject: dict[str, str]
    period: str
    as_of: datetime
    filter: dict[str, str]
    definition: dict[str, str]
    laps: list[dict[str, str]]
    lines: list[dict[str, Any]]


class EvaluatedOut(Told):
    """One row behind a figure."""

    case_id: str
    case_no: str
    kind: str
    ref: str
    excluded: str
    area: str
    grid: str
    standard_ref: str
    category_kind: str
    code: str
    component: str
    source: str
    unit: str
    assignor: str
    filing_node: str
    maker: str
    post: str
    step: str
    actor: str
    score: str
    begun_at: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    settle_at: datetime | None
    filed_at: datetime | None
    rated_at: datetime | None
    marks: dict[str, datetime]


class FileOut(Told):
    """One file of a publication."""

    format: str
    digest: str
    bytes: int


class PublicationOut(Told):
    """What was published."""

    publication_id: str
    subject: str
    period: str
    definition: str
    definition_digest: str
    open: bool
    published_at: datetime
    published_by: str
    digest: str = Field(description="SHA-256 of the json file.")
    key_id: str


class PublicationWholeOut(PublicationOut):
    """A publication with its seal, its rules and its files."""

    signature: str = Field(description="Over `wanmi/evaluation/1`, a zero byte and the json file.")
    files: list[FileOut]
    definition_text: str = ""


class PublishIn(Asked):
    """What to publish."""

    subject: Subject
    period: str = Field(max_length=10)
    version: str = Field(default="", max_length=64)
    where: list[str] = Field(default=[], max_length=WHERE_MAX)
    group: str = Field(default="", max_length=64, description="Only lines of this group.")
    open: bool = Field(default=False, description="Made for the public: without personal data.")


class RebuiltOut(Told):
    """One step of a rebuild; ask again with `after` = `next` until it is empty."""

    cases: int
    total: int
    next: str


class ProjectedDifferenceOut(Told):
    """A stored row that is not what the journal says."""

    case_id: str
    kind: str
    ref: str
    column: str
    stored: str
    computed: str


class VerifiedOut(RebuiltOut):
    """One step of a proof."""

    differences: list[ProjectedDifferenceOut]
