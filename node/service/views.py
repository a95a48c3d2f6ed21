"""What the office shows to whoever asks: answers, pages and lines of status, as plain values.

The edge turns these into JSON, HTML or a terminal table and adds nothing of its own. All instants
are aware UTC datetimes, all ids text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from node.core.facts import Limits, TimeLimit
from node.core.passes import FREE, Terms
from node.core.roles import WHOLE, Scope
from node.service.phrases import NOTHING, Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a command; the same again for 72 h when its ``command_id`` is repeated.

    ``opened_id``, ``opened_no``: the case that the command began beside its own (a part, or what
    takes it up again). ``follow_up``: the code for the reporter, where one left a contact.
    ``warnings``: what is odd about a report that was taken all the same."""

    case_id: str
    version: int
    status: str
    case_no: str = ""
    repeated: bool = False
    opened_id: str = ""
    opened_no: str = ""
    follow_up: str = ""
    warnings: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerCase:
    """One case of a caller, found by phone; nothing in it says who that is."""

    case_id: str
    case_no: str
    status: str
    name: str
    address: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """What is to be told to whoever waits for the end of a case. ``recipient`` is ``reporter`` or
    the name of the body that handed it over, ``reference`` that body's own number. ``state``:
    pending, delivered or failed (to be tried again)."""

    id: str
    case_id: str
    case_no: str
    kind: str
    recipient: str
    reference: str
    channel: str
    text: str
    state: str
    created_at: datetime
    told_at: datetime | None
    told_by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a listing. ``next`` is the cursor of the following page, "" on the last."""

    items: tuple[Mapping[str, Any], ...]
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases to list; None or "" means any. ``text`` is looked for in the case number,
    ``overdue`` compares ``finish_by`` with now, or with when the work was done, for cases that are
    still open; ``light`` is green, yellow, red or grey; ``no_owner``: only those nobody answers
    for; ``origin``: ``own`` were opened here, ``above`` were handed down to us;
    ``handed``: ``yes`` somebody below has it, ``no`` nobody has; ``undispatched``: only those that
    this office has to hand to somebody, its own or what was handed down to it;
    ``flag``: only those marked with this kind of oddity; ``waits``: only those with an open work
    item of this kind (``request``, ``reply``), of requests also by what is asked
    (``request/extension``); ``scope``: of those, what whoever asks may see."""

    status: str = ""
    area: str = ""
    code: str = ""
    text: str = ""
    assignee: str = ""
    overdue: bool = False
    light: str = ""
    no_owner: bool = False
    contested: bool = False
    handed: str = ""
    undispatched: bool = False
    origin: str = ""
    source: str = ""
    task_for: str = ""
    flag: str = ""
    handler: str = ""
    waits: str = ""
    scope: Scope = WHOLE
    opened_from: datetime | None = None
    opened_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the change feed. ``n`` rises with commit order; ``kind`` is the event's name,
    or ``trace`` for news from below, or ``notice`` when a neighbour parked a word."""

    n: int
    case_id: str
    version: int
    kind: str
    at: datetime


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the doctor has to say, with what to do about it (``NOTHING``: all is well)."""

    level: Level
    subject: str
    sentence: Phrase
    remedy: Phrase = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemView:
    """Something that waits for a person: no route, a late report, a parked word at a neighbour."""

    id: str
    case_id: str
    kind: str
    detail: str
    created_at: datetime
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Whom the tables name. ``assignee`` "" = nobody, several, or nobody who can be reached:
    ``reason`` (a code of ``node.core.routing.Reason``) says which, ``candidates`` lists them.
    ``over`` gave way to a preference, ``assistants`` help. Units are named by their names.
    ``limits`` are as if it were handed over now; ``handling`` is the limit alone (None = what the
    leg above leaves), counted anew when it is."""

    assignee: str
    duty: str
    limits: Limits | None
    handling: TimeLimit | None = None
    candidates: tuple[str, ...] = ()
    reason: str = ""
    sentence: Phrase = NOTHING
    unit: str = ""
    units: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoStored:
    """A photo in the blob store. ``digest`` is SHA-256 in hex."""

    digest: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """A neighbour's answer to a question. ``code`` is "ok" or why there is none; ``stale`` means
    the stored traces were used instead of a live answer."""

    code: str
    target: str
    as_of: datetime | None
    document: Mapping[str, Any]
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """Who a bearer token speaks for and what it may do; ``roles`` are those in which it decides
    requests, ``*`` = all of them."""

    name: str
    scope: str
    roles: tuple[str, ...] = ()
    locked_at: datetime | None = None
    """Since when nobody comes in with it, because its device is lost."""
    locked_by: str = ""
    lock_reason: str = ""
    terms: Terms = FREE
    account: str = ""
    """Login name of whose it is, "" = a program's."""
    account_state: str = ""
    account_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsibility:
    """One row of the responsibility table: who answers for a category in an area.

    ``unit`` names a unit's card; ``assignee`` is an address, "" = where the unit's card says.
    ``area`` is a division code, longer ones win; ``zone`` beginnings of unit grids, separated by
    blanks. ``duty`` joins kinds of duty with a slash. ``valid_to`` None = until further notice.
    ``phrase`` is how the list words it; a row that is ``unmapped`` has no class yet, or one that a
    person has to look at first, and is kept aside.
    """

    standard_ref: str
    kind: str
    code: str
    area: str
    assignee: str = ""
    duty: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    unit: str = ""
    qualifier: str = ""
    zone: str = ""
    phrase: str = ""
    note: str = ""
    name: str = ""
    unmapped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingCondition:
    """One filing condition of a category, as the standard prints it: what makes it a case, what
    closes it, and how long handling may take. ``limit_count`` counts ``limit_unit`` (as
    ``node.core`` reads them); None = no limit is given, or ``limit_assumed``: the text could not
    be read and the node's default counts. ``evidence`` lists what must be shown, by commas."""

    standard_ref: str
    kind: str
    code: str
    condition_no: int
    name: str
    filing: str
    closing: str = ""
    evidence: str = ""
    dimension: str = ""
    area_class: str = ""
    major_name: str = ""
    handling_unit: str = ""
    department: str = ""
    limit_text: str = ""
    limit_count: int | None = None
    limit_unit: str = ""
    limit_action: str = ""
    limit_assumed: bool = False
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """How many rows an import added and how many it replaced; ``notes`` say what comes of them,
    ``aside`` how many wait for a person."""

    added: int
    replaced: int
    notes: tuple[Phrase, ...] = ()
    aside: int = 0
