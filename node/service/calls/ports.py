"""What the room of calls asks of the tables, and the values that go in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from node.service.personal import Personal, is_sealed
from node.service.ports import Row

PLACE = "call_private"
"""Where name and phone of a caller lie."""


class CallStore(Protocol):
    """Tables of calls (``node.store.calls``)."""

    def add_call(self, conn: Connection, row: Row) -> None: ...

    def change_call(self, conn: Connection, call_no: str, **values: object) -> None: ...

    def one_call(self, conn: Connection, call_no: str, *, lock: bool = False) -> Row | None: ...

    def call_of_command(self, conn: Connection, command_id: str) -> Row | None: ...

    def calls(
        self, conn: Connection, *, filters: Row, now: int, after: tuple[int, str] | None,
        limit: int,
    ) -> Sequence[Row]: ...

    def brief_case(self, conn: Connection, case_id: str) -> Row | None: ...

    def add_step(self, conn: Connection, row: Row) -> None: ...

    def steps(self, conn: Connection, call_no: str, limit: int) -> Sequence[Row]: ...

    def keep_caller(self, conn: Connection, row: Row) -> None: ...

    def caller(self, conn: Connection, call_no: str) -> Row | None: ...

    def calls_by_phone(
        self, conn: Connection, phone_hash: bytes, limit: int
    ) -> Sequence[Row]: ...

    def forget_caller(self, conn: Connection, call_no: str) -> bool: ...

    def calls_to_forget(
        self, conn: Connection, answered_before: int, limit: int
    ) -> Sequence[str]: ...

    def count_calls(
        self, conn: Connection, *, begins: int, ends: int, now: int, by: str
    ) -> Sequence[Row]: ...

    def count_overdue(self, conn: Connection, now: int) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the caller was told. ``by`` "" = whoever writes it down; ``reached`` False = it was
    tried, and nobody heard it."""

    text: str
    channel: str
    by: str = ""
    reached: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A call as somebody takes it down. ``case_id`` "" = it is about none; ``unit`` "" = our own
    desk answers; ``answer_by`` None = within the limit of its kind; ``answer`` None = later."""

    kind: str
    channel: str
    words: str
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    case_id: str = ""
    unit: str = ""
    answer_by: datetime | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What to list. ``holder``: a unit's id, or ``own`` for our own desk; ``state``: open, overdue,
    answered or late. Empty = all."""

    kind: str = ""
    concerns: str = ""
    channel: str = ""
    holder: str = ""
    state: str = ""
    text: str = ""
    case_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who called, as given; empty where nothing was left, or it was erased."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


def kept_of(name: str, phone: str, personal: Personal) -> dict[str, str]:
    """The columns ``name`` and ``phone`` of a caller: as they are, or both sealed in the first."""
    sealed = personal.closed(PLACE, {"name": name, "phone": phone})
    return {"name": sealed, "phone": ""} if sealed else {"name": name, "phone": phone}


def caller_of(kept: Row | None, personal: Personal) -> Caller:
    """Who stands in a row of the table; nobody in None."""
    if kept is None:
        return Caller()
    if is_sealed(kept["name"]):
        return Caller(**personal.opened(PLACE, kept["name"]))
    return Caller(name=kept["name"], phone=kept["phone"])
