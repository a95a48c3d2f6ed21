"""What is known about a problem in the city: values that travel unchanged through every tier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

CaseId = NewType("CaseId", str)
"""UUIDv7 as text, made by the node that opened the case; also its lane on every link."""
AssignmentId = NewType("AssignmentId", str)
RequestId = NewType("RequestId", str)
CommandId = NewType("CommandId", str)
"""Made by the asker; repeating it returns the same answer."""
NodeId = NewType("NodeId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """Type of a problem. The key is the triple (standard_ref, kind, code), never the code alone:
    0405 means two things in two standards."""

    standard_ref: str
    kind: str  # "component" or "matter"
    code: str
    name: str
    condition_no: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where. ``area`` is a division code (GB/T 2260, GB/T 10114); the point carries its datum.

    An office that opens a case converts the point to CGCS2000 and keeps what it was given:
    ``original_x`` (longitude or easting), ``original_y`` (latitude or northing) in
    ``original_crs``; "" = nothing else was given.
    """

    area: str
    address: str
    lon: float | None = None
    lat: float | None = None
    crs: str = "CGCS2000"
    grid: str = ""
    original_x: float | None = None
    original_y: float | None = None
    original_crs: str = ""


class PhotoRole(StrEnum):
    """What a photo shows."""

    NEAR = "near"
    FAR = "far"
    REFERENCE = "reference"
    BEFORE = "handle_before"
    AFTER = "handle_after"
    PUBLIC = "public"
    """Faces, plates and house numbers made unreadable by a person: anybody may see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo by content address. ``digest`` is SHA-256 in hex."""

    digest: str
    size: int
    media_type: str
    role: PhotoRole
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a feedback must show: a photo of each of these roles, and with ``closing`` that the
    closing condition, where there is one, is named as met."""

    photos: tuple[PhotoRole, ...] = ()
    closing: bool = False


NOTHING_WANTED = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a report was registered that came up from an office below (上报): that office, and its
    own name and number for it. ``registered_by`` is the office at which it began, where several
    passed it up one after the other."""

    node: NodeId
    case_id: CaseId
    case_no: str
    registered_by: NodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything an assignee needs to know. ``reported_at`` is aware UTC.

    ``source_details`` are the fields that the source's data asks for (outlet, camera, ordering_no,
    …), in its order. ``part_of`` names the lead case that this one assists, ``reopens`` the closed
    case that it takes up again; "" = none. ``closing`` is the closing condition (结案条件) under
    which it was filed, "" = none; ``wanted`` what a feedback must show. ``origin``: an office below
    registered it and passed it up, None = it began at the filing office. ``borders``: the divisions
    (code and name) within the set distance of the place, its own first, where there are several.
    Whoever reported it is never in here.
    """

    case_no: str
    filing_node: NodeId
    category: Category
    place: Place
    text: str
    source: str
    reported_at: datetime
    urgent: bool = False
    photos: tuple[Photo, ...] = ()
    component: str = ""
    source_details: tuple[tuple[str, str], ...] = ()
    part_of: str = ""
    part_role: str = ""
    reopens: str = ""
    closing: str = ""
    wanted: Wanted = NOTHING_WANTED
    origin: Origin | None = None
    borders: tuple[str, ...] = ()


class TimeUnit(StrEnum):
    """What a limit counts: natural time, or only the working time of a calendar."""

    URGENT_HOUR = "urgent_hour"
    """Natural hours, nights and holidays included (紧急工作时)."""
    WORK_HOUR = "work_hour"
    """Hours within working time (工作时)."""
    WORK_DAY = "work_day"
    """Working days, make-up workdays included (工作日)."""
    CALENDAR_DAY = "calendar_day"
    """Continuous days of 24 hours (自然日, 紧急工作日)."""
    MINUTE = "minute"
    """Natural minutes (分钟); for step limits."""


LIMIT_COUNT_MAX = 999_999
"""So many hours or days of one limit, at most: what a city's sheet can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """So many of a unit, e.g. four working hours."""

    value: int
    unit: TimeUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Absolute instants, aware UTC; None = no limit. They are computed by the office that hands
    over, so that both ends of a hop show the same deadline and the same light.

    ``calendar`` is the id (with version) of the calendar they were computed with. ``starts_at`` is
    where the handling clock starts, ``warn_at`` where its light turns yellow. ``count`` and
    ``unit`` are the original limit, by which an extension moves the deadline; 0 and None = not
    known, the deadline was given by hand.
    """

    sign_by: datetime | None = None
    finish_by: datetime | None = None
    calendar: str = ""
    starts_at: datetime | None = None
    warn_at: datetime | None = None
    count: int = 0
    unit: TimeUnit | None = None

    @property
    def limit(self) -> TimeLimit | None:
        """The original limit in the city's own unit."""
        if self.unit is None or self.count <= 0:
            return None
        return TimeLimit(value=self.count, unit=self.unit)


class AddressKind(StrEnum):
    """How a handing-over is delivered; the act is the same."""

    NODE = "node"
    ADAPTER = "adapter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An assignee: ``node:<NodeId>`` or ``adapter:<id>``. An adapter is just the last child."""

    kind: AddressKind
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """``ValueError`` if the text is not ``node:…`` or ``adapter:…``."""
        kind, colon, name = text.partition(":")
        if not colon or not name:
            raise ValueError(f"{text!r} is not an address: node:<id> or adapter:<id>")
        return cls(kind=AddressKind(kind), id=name)


class Rank(IntEnum):
    """How far the assignee has come with one assignment; moved forward only, by its reports."""

    OFFERED = 0
    SIGNED = 1
    HANDLING = 2
    DONE = 3


class Ending(StrEnum):
    """How an assignment ended; decided by the assignor alone, exactly once."""

    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    VOIDED = "voided"


class Outcome(StrEnum):
    """What the office above says of a report that was passed up to it (上报), in the order in which
    it may come; from ``NOT_ACCEPTED`` on these are ends."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    FILED = "filed"
    TAKEN_BACK = "taken_back"
    """It is the passing office's again: it asked for it back before anybody filed it."""
    NOT_ACCEPTED = "not_accepted"
    NOT_FILED = "not_filed"
    CLOSED = "closed"
    VOIDED = "voided"


class RequestKind(StrEnum):
    """What an assignee may ask of its assignor."""

    RETURN = "return"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    VOID = "void"
    APPEAL = "appeal"
    DISPUTE = "dispute"
    """Whose case it is (责任争议); recorded beside the handling, which goes on."""
    COORDINATION = "coordination"
    """A body above has to decide (协调)."""
