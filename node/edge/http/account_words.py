"""What callers send and are told about accounts, roles and their own sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from node.edge.http.asked import Asked, Name
from node.edge.http.told import Told

Entries = Annotated[tuple[Name, ...], Field(max_length=50)]
_AREAS = Field(default=(), examples=[["420203"]], description="Only cases of these divisions and "
               "what lies below them; empty = of all.")
_CODES = Field(default=(), examples=[["02"]], description="Only classes whose code begins so; "
               "empty = all.")
_UNITS = Field(default=(), examples=[["node:420203"]], description="Only cases that are with these "
               "units, or were closed by them: an assignee, or the id on a unit's card.")


class GrantIn(Asked):
    """The roles of an account and the scope they cover, instead of those it had."""

    roles: Entries = Field(examples=[["dispatcher"]], description="Names of `GET /roles`.")
    areas: Entries = _AREAS
    codes: Entries = _CODES
    units: Entries = _UNITS


class AccountIn(GrantIn):
    """A new account."""

    login: Name = Field(examples=["wang.li"], description="2 to 40 of a-z 0-9 . _ -; never given "
                        "twice.")
    name: Name = Field(examples=["王丽"], description="Whom it belongs to.")


class AccountLockIn(Asked):
    """Why an account is locked."""

    reason: Name = Field(examples=["长期离岗"])


class ResetIn(Asked):
    """What is set up anew besides the password."""

    factor: bool = Field(default=False, description="The second factor too: the phone is lost.")


class MyTokenIn(Asked):
    """A token for one's own programs: never more than one may oneself."""

    name: Name = Field(examples=["phone"], description="What it is for; the token is called "
                       "`<login>/<name>`.")
    scope: Literal["read", "operate", "admin"] = "operate"
    roles: Entries = Field(default=(), description="Only these of one's roles; empty = all.")
    acts: Annotated[tuple[Name, ...], Field(max_length=100)] = Field(
        default=(), description="Only these verbs and tools; empty = all.")
    days: int = Field(default=90, ge=1, le=365, description="Days until it ends.")
    addresses: Annotated[tuple[Name, ...], Field(max_length=20)] = Field(
        default=(), description="Where it may come from; empty = anywhere.")


class AccountOut(Told):
    """An account; never anything of its password."""

    login: str
    name: str
    state: str = Field(description="invited, active, locked or ended.")
    roles: list[str]
    areas: list[str]
    codes: list[str]
    units: list[str]
    second_factor: bool
    created_at: datetime
    created_by: str
    locked_at: datetime | None = None
    locked_by: str = ""
    lock_reason: str = ""
    ended_at: datetime | None = None


class InvitationOut(Told):
    """A one-time link, shown this once: whoever opens it sets the password."""

    login: str
    url: str = Field(examples=["https://city.example/account/setup/4wZ…"])
    expires_at: datetime


class RoleOut(Told):
    """A role of this office."""

    role: str
    title: str
    title_en: str
    alone: bool = Field(description="Held by an account that has no other (三员分立).")
    verbs: list[str]
    tools: list[str]


class MeOut(Told):
    """Who calls, and what they may do."""

    name: str
    scope: str = Field(description="read, operate or admin: the most that this caller may do.")
    roles: list[str]
    by_roles: bool = Field(description="false: a program's token, held by its scope alone.")
    areas: list[str]
    codes: list[str]
    units: list[str]
    acts: list[str] = Field(description="Verbs and tools that their roles hold.")
    csrf: str = Field(default="", description="What a browser's writes carry as `X-CSRF-Token`.")


class SessionOut(Told):
    """From where somebody is logged in, and since when."""

    handle: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str


class MySessionOut(SessionOut):
    """A session of one's own."""

    own: bool
