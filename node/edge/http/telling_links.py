"""What callers are told of links and of the words that wait on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.edge.http.told import Told


class RoundOut(Told):
    """The last comparison over one scope that this end asked for."""

    scope: str = Field(examples=["trace"])
    at: datetime
    missing: int = Field(description="Keys that were said again.")
    pending: int = Field(description="Keys on their way.")
    surplus: int
    differ: int
    error: str = Field(default="", description="Empty: it was carried to its end.")


class LinkOut(Told):
    """One link and, in `sentence`, why it is as it is."""

    link: str = Field(examples=["420200-420203"])
    peer: str
    peer_is: str = Field(examples=["CHILD"])
    state: str = Field(examples=["UP"])
    reason: str = ""
    sentence: str = ""
    connected: bool = False
    carrier: str = ""
    prefer: str = ""
    drafts: int = 0
    unacked: int = 0
    oldest_undelivered_s: float | None = None
    last_contact: datetime | None = None
    credit: int = 0
    peer_backlog: int = 0
    clock_offset_s: float | None = None
    parked: int = 0
    parked_codes: dict[str, int] | None = None
    quarantined: int = 0
    paused: bool = False
    words_today_bytes: int = Field(default=0, description="Taken from it today (UTC).")
    photos_today_bytes: int = 0
    parked_bytes: int = 0
    reached: list[str] = Field(
        default_factory=list, examples=[["photos"]],
        description="Bounds of its quota that it has reached: `words`, `photos`, `parked`.")
    peer_proto: int = Field(
        default=0, description="Newest protocol version of its last greeting; 0 = none.")
    peer_roster: int = Field(default=0, description="Serial of the roster it had then.")
    rounds: list[RoundOut] = Field(default_factory=list)


class WhyOut(Told):
    """Why a link is behind, in one sentence."""

    link: str
    state: str
    reason: str
    sentence: str
    oldest_undelivered_s: float | None = None


class ParkedOut(Told):
    """A word that waits."""

    link: str
    position: str = Field(description="`<epoch>:<seq>`, for replay and discard.")
    msg_id: str
    lane: str
    type: str
    code: str
    received_at: datetime
    waits_for: str = Field(description="`person`, `change` or `lane`.")
    sentence: str = Field(description="What it waits for and what to do, in words.")


class WordOut(Told):
    """A parked word, opened."""

    item: ParkedOut
    origin: str
    dest: str
    schema_rev: int
    occurred_at: datetime
    size: int = Field(description="Bytes, sealed.")
    attachments: int
    sealed_by: list[str] = Field(description="Ids of keys.")
    relayed: bool = Field(description="Said by another node and passed on.")
    said: dict[str, Any] = Field(description="What it says; long numbers in texts are masked.")
    unread: str = Field(default="", description="Code of why it cannot be read; empty = it can.")


class OutcomeOut(Told):
    """What became of a replayed word."""

    link: str
    position: str
    outcome: str = Field(examples=["APPLIED"])


class QuarantinedOut(Told):
    """Bytes that were no acceptable envelope."""

    id: int
    link: str
    code: str
    size: int
    at: datetime


class ReconciledOut(Told):
    """Counts of one comparison, per scope."""

    link: str
    scope: str
    missing: int
    pending: int
    surplus: int
    differ: int
