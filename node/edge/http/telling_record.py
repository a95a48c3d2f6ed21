"""What callers are told of the record of a case: the journal, the line of time over all offices,
the list of evidence, a neighbour's answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.edge.http.told import Big, Told


class EvidenceOut(Told):
    """One line of a list of evidence."""

    kind: str = Field(description="`entry` of our journal, or `photo`.")
    name: str
    digest: str = Field(description="SHA-256 in hex.")


class DossierOut(Told):
    """What a case's record holds, and the digest of that list."""

    case_id: str
    case_no: str
    version: int
    lines: list[EvidenceOut]
    digest: str = Field(description="SHA-256 of the lines `kind name digest`, each with a newline.")


class JournalOut(Told):
    """One entry of this node's own journal."""

    node: str
    version: int
    generation: int = 0
    occurred_at: datetime | None = None
    hlc: Big = Field(default="0", description="Hybrid clock; sorts, as text of digits.")
    actor: str = ""
    cause: str | None = None
    event_type: str
    event: dict[str, Any] = Field(default={})


class TimelineEntry(Told):
    """One entry of the merged timeline."""

    node: str
    version: int
    generation: int = 0
    occurred_at: datetime | None = None
    hlc: Big = Field(default="0", description="Hybrid clock; sorts, as text of digits.")
    actor: str = ""
    event_type: str
    event: dict[str, Any] = Field(default={})
    own: bool = Field(description="False: reported from below.")
    verified: bool = Field(description="The original seal of the node was checked.")
    late: bool = False
    office: str = Field(default="", description="The office by its name.")
    who: str = Field(default="", description="The actor, a unit by its name.")
    step: str = Field(default="", description="What happened, in Chinese as in printed records.")
    words: str = Field(default="", description="To whom, the answer, until when, the text.")
    worked_minutes: int | None = Field(
        default=None, description="Working time of the asked office since the entry before.")


class TimelineOut(Told):
    """Own journal and what came up from below, in one order."""

    entries: list[TimelineEntry]
    as_of: dict[str, Any] = Field(description="How fresh the news from each node is.")


class DrilledOut(Told):
    """A neighbour's answer."""

    code: str = Field(description="`ok`, or why there is no live answer.")
    target: str
    as_of: datetime | None = None
    document: dict[str, Any] = Field(default={})
    stale: bool = Field(default=False, description="True: stored traces instead of an answer.")
