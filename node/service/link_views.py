"""What the office shows of its links: how each stands, and what is parked or quarantined there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from node.service.phrases import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundView:
    """How the last comparison of both ends over one scope went, as the end that asked knows it:
    ``missing`` keys were sent again, ``pending`` are on their way. ``error`` "" = it ended."""

    scope: str
    at: datetime
    missing: int
    pending: int
    surplus: int
    differ: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """One link with its one sentence of why. Seconds are None where nothing has happened yet."""

    link: str
    peer: str
    peer_is: str  # PARENT or CHILD
    state: str
    reason: str
    sentence: Phrase
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
    parked_codes: Mapping[str, int] | None = None
    quarantined: int = 0
    paused: bool = False
    words_today_bytes: int = 0
    photos_today_bytes: int = 0
    parked_bytes: int = 0
    reached: tuple[str, ...] = ()
    """Which bounds of its quota the neighbour has reached: ``words``, ``photos``, ``parked``."""
    peer_proto: int = 0
    """Newest protocol version that its last greeting named; 0 = it never greeted."""
    peer_roster: int = 0
    """Serial of the roster it had then."""
    rounds: tuple[RoundView, ...] = ()

    @property
    def retired(self) -> bool:
        """Whether its child was ended: nobody waits for it, and its silence is no trouble."""
        return self.state == "RETIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedItem:
    """A word from a neighbour that waits for a person or a change. ``position`` is
    ``<epoch>:<seq>``, as the replay and discard verbs take it."""

    link: str
    position: str
    msg_id: str
    lane: str
    type: str
    code: str
    received_at: datetime
    waits_for: str  # "person", "change" or "lane"
    sentence: Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class WordView:
    """One parked word, opened: who said it to whom, and ``said``, what it says as plain values.
    Phones and other long numbers in its texts are masked; ``unread`` says why nothing of it can be
    read ("" = it could). ``sealed_by`` are ids of keys."""

    item: ParkedItem
    origin: str
    dest: str
    schema_rev: int
    occurred_at: datetime
    size: int
    attachments: int
    sealed_by: tuple[str, ...]
    relayed: bool
    said: Mapping[str, Any]
    unread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedItem:
    """Bytes that were no acceptable envelope; kept, never applied."""

    id: int
    link: str
    code: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Result of one anti-entropy round on a link, per scope. ``missing`` were sent again."""

    link: str
    scope: str
    missing: int
    pending: int
    surplus: int
    differ: int
