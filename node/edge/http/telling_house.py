"""What callers are told about the house itself: its adapters, its findings, whom it knows, its
tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from node.edge.http.told import Told
from node.service.views import Level


class AdapterOut(Told):
    """Standing of one adapter."""

    adapter: str
    waiting: int
    unknown: int
    parked: int = Field(description="Jobs that wait for a person.")
    rejected: int
    quarantined: int
    cursor: str = ""
    cursor_at: datetime | None = None
    oldest_waiting_s: float | None = None
    sentence: str = ""


class OpenJobOut(Told):
    """A job for a unit's system that is not settled."""

    adapter: str
    key: str = Field(description="`<assignment>/<generation>`, for resume.")
    case_id: str
    wish: str = Field(examples=["SUBMIT", "WITHDRAW"])
    state: str = Field(description="`waiting`, or `parked` until a person resumes it.")
    outcome: str = Field(description="How the last call ended; empty: certainly not taken.")
    tries: int
    created_at: datetime
    next_try_at: datetime | None = None


class AdapterQuarantinedOut(Told):
    """Something a unit's system said that nobody could read."""

    id: int
    adapter: str
    source: str
    code: str
    detail: str
    evidence: str = Field(description="The bytes, base64.")
    at: datetime


class ReheardOut(Told):
    """What became of a replayed message of a unit's system."""

    item: int
    settled: bool = Field(description="False: it still cannot be taken; see `detail`.")
    applied: int = 0
    late: int = 0
    repeated: int = 0
    detail: str = ""


class FindingOut(Told):
    """One sentence of the doctor, with its remedy."""

    level: Level
    subject: str
    sentence: str
    remedy: str = ""


class DirectoryOut(Told):
    """Whom this node may hand work to, and what it may do."""

    node: str
    name: str = ""
    parent: Any = None
    children: list[Any] = Field(default=[])
    adapters: list[Any] = Field(default=[])
    capabilities: list[str] = Field(default=[])
    profile: Any = None


class TokenOut(Told):
    """A live token; never the token itself."""

    name: str
    scope: str
    roles: list[str] = Field(default=[], description="Roles in which it decides requests.")
    locked_at: datetime | None = Field(
        default=None, description="Since when nobody comes in with it: its device is lost.")
    locked_by: str = ""
    lock_reason: str = ""
    account: str = Field(default="", description="Whose it is; empty = a program's.")
    by_roles: bool = False
    acts: list[str] = Field(default=[])
    expires_at: datetime | None = None
    addresses: list[str] = Field(default=[])


class TokenMade(Told):
    """A fresh token. This is the only time it is shown."""

    name: str
    scope: str
    roles: list[str] = Field(default=[])
    token: str
