"""What the use cases need from below and beside: tables, wire form, links, photos, time.

``node.store`` satisfies ``Store`` by shape, ``node.edge.codec`` satisfies ``Codec``; neither is
imported here. Every ``Store`` method runs on the connection of the caller's transaction, takes
all rows of a frame at once and never commits. Instants in rows are microseconds since the epoch,
ids are UUID text of 36 characters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from node.core.roles import WHOLE, Scope
from node.core.words import Word

Row = Mapping[str, Any]
"""One table row; the keys are the column names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a node's journal (``node.v1.JournalEntry``), the same bytes on every tier.
    ``event`` is the UTF-8 JSON of the event's fields; ``cause`` a UUID as text."""

    node: str
    case_id: str
    branch: int
    version: int
    generation: int
    occurred_at_us: int
    hlc: int
    actor: str
    cause: str
    part: int
    event_type: str
    event: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A report that carries a journal entry from below. ``entry`` bytes are kept as they came."""

    entry: Entry
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSheet:
    """A published sheet of an office's problem library on its way up. ``document`` is kept as it
    came; ``period`` names a day, a week or a month."""

    node: str
    period: str
    version: int
    document: bytes


class CaseRow(NamedTuple):
    """What one case keeps beside its journal. ``state`` is the folded case as JSON."""

    case_id: str
    version: int
    assignor: str | None
    state: bytes
    private: bytes | None
    opened_at: int


class TraceKey(NamedTuple):
    """Identity of a journal entry in the whole tree."""

    case_id: str
    node: str
    branch: int
    version: int


class Codec(Protocol):
    """The only translator between core words and bytes. Raises ``Invalid`` (code
    ``word.malformed``) for bytes it cannot read or values beyond a limit."""

    def types(self) -> Mapping[str, int]:
        """Readable types with their schema revision."""
        ...

    def say(self, word: Word) -> tuple[str, int, bytes]:
        """Type, schema revision and body of a word."""
        ...

    def read(self, type_: str, body: bytes) -> Word | Trace | StockSheet:
        """The word in a body."""
        ...

    def say_stock(self, sheet: StockSheet) -> tuple[str, int, bytes]:
        """Type, schema revision and body of a sheet."""
        ...

    def say_entry(self, entry: Entry) -> bytes:
        """The bytes of a journal entry, for ``journal.entry`` and its digest."""
        ...

    def read_entry(self, raw: bytes) -> Entry:
        """The entry in those bytes."""
        ...

    def say_trace(self, entry: Entry, raw: bytes) -> tuple[str, int, bytes]:
        """The report that carries an entry up, around its very bytes."""
        ...


class Store(Protocol):
    """Tables of ``node.store`` as the use cases use them. All methods take whole batches."""

    # cases, journal, assignments (dict keys = columns of the table)
    def load_cases(self, conn: Connection, case_ids: Collection[str]) -> Mapping[str, CaseRow]:
        """Rows of these cases; missing ones are absent. Locks them where the database can."""
        ...

    def save_cases(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by ``case_id``; every row carries every column of ``cases``."""
        ...

    def save_assignments(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by ``assignment_id``: assignment_id case_id assignee generation rank ended
        limits."""
        ...

    def known_causes(self, conn: Connection, causes: Collection[str]) -> set[str]:
        """Which of these causes have journal entries already."""
        ...

    def add_journal(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert: every column of ``journal`` but ``n``."""
        ...

    def add_traces(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert, ignoring keys that are there: every column of ``trace``."""
        ...

    def known_traces(self, conn: Connection, keys: Collection[TraceKey]) -> set[TraceKey]:
        """Which of these entries are stored in ``trace`` already."""
        ...

    def add_changes(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert: case_id version kind at. ``n`` follows commit order."""
        ...

    # timers
    def save_timers(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by (case_id, kind, ref): case_id kind ref due_at fired_at(None)."""
        ...

    def cancel_timers(self, conn: Connection, keys: Sequence[Row]) -> None:
        """Delete unfired timers by case_id kind ref."""
        ...

    def due_timers(self, conn: Connection, now_us: int, limit: int) -> Sequence[Row]:
        """Unfired timers with ``due_at`` <= now, oldest first."""
        ...

    def fire_timers(self, conn: Connection, keys: Sequence[Row], now_us: int) -> None:
        """Set ``fired_at``."""
        ...

    def next_timer(self, conn: Connection) -> int | None:
        """When the next timer is due, or None."""
        ...

    # commands
    def command(self, conn: Connection, command_id: str) -> Row | None:
        """The stored answer: reply fingerprint at."""
        ...

    def save_command(self, conn: Connection, row: Row) -> None:
        """Insert: command_id reply fingerprint at."""
        ...

    def forget_commands(self, conn: Connection, before_us: int) -> int:
        """Delete answers older than this; returns how many."""
        ...

    def next_case_no(self, conn: Connection, day: str) -> int:
        """Count up the case number of a day (kept in ``meta``), from 1."""
        ...

    # work items
    def add_work_items(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by ``id`` (UUID text of case, kind and ref): id case_id kind detail created_at;
        ``settled_at`` := NULL."""
        ...

    def settle_work_items(
        self, conn: Connection, now_us: int, *, item: str = "", case_id: str = "", kind: str = ""
    ) -> int:
        """Settle one by id, or all unsettled of a case (and kind, "" = any)."""
        ...

    def work_items(
        self, conn: Connection, *, case_id: str = "", settled: bool = False, limit: int,
        scope: Scope = WHOLE,
    ) -> Sequence[Row]:
        """Calls for help, then the others, oldest first: id case_id kind detail created_at
        settled_at."""
        ...

    def open_work_kind(self, conn: Connection, item: str) -> str:
        """Kind of an unsettled item, "" = it is settled, or there is none."""
        ...

    # adapters
    def save_adapter_jobs(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by (adapter, assignment_id, generation): those and case_id wish text
        next_try_at created_at. On conflict wish, text and next_try_at are overwritten and tries
        := 0; outcome and unit_reference stay."""
        ...

    def due_adapter_jobs(
        self, conn: Connection, adapter: str, now_us: int, limit: int
    ) -> Sequence[Row]:
        """Jobs with ``next_try_at`` <= now, withdrawals first; ``next_try_at`` NULL = settled."""
        ...

    def open_adapter_jobs(self, conn: Connection, adapter: str, limit: int) -> Sequence[Row]:
        """Unsettled jobs: the parked ones (``next_try_at`` NULL, neither accepted nor rejected)
        first."""
        ...

    def adapter_job(
        self, conn: Connection, adapter: str, assignment_id: str, generation: int
    ) -> Row | None: ...

    def update_adapter_job(self, conn: Connection, row: Row) -> None:
        """Update by key; sets outcome unit_reference tries next_try_at (all given)."""
        ...

    def adapter_cursor(self, conn: Connection, adapter: str) -> Row | None:
        """cursor at."""
        ...

    def save_adapter_cursor(self, conn: Connection, row: Row) -> None:
        """Upsert by adapter: adapter cursor at."""
        ...

    def known_adapter_events(
        self, conn: Connection, adapter: str, event_ids: Collection[str]
    ) -> set[str]: ...

    def add_adapter_events(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert: adapter event_id cause at."""
        ...

    def add_adapter_quarantine(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Insert: adapter source code detail bytes at."""
        ...

    def adapter_quarantine(self, conn: Connection, adapter: str, limit: int) -> Sequence[Row]:
        """Unsettled, oldest first: id adapter source code detail bytes at."""
        ...

    def adapter_quarantine_count(self, conn: Connection, adapter: str) -> int:
        """How many are unsettled."""
        ...

    def adapter_quarantine_item(self, conn: Connection, adapter: str, item: int) -> Row | None:
        """One unsettled item of this adapter."""
        ...

    def settle_adapter_quarantine(self, conn: Connection, item: int, now_us: int) -> int: ...

    def adapter_counts(self, conn: Connection) -> Sequence[Row]:
        """Per adapter: adapter waiting unknown parked rejected quarantined cursor cursor_at
        oldest_waiting_at."""
        ...

    # evidence (anti-entropy)
    def trace_set_below(
        self, conn: Connection, *, assignor: str, prefix: str, after: TraceKey | None, limit: int
    ) -> Sequence[Row]:
        """Child side of scope trace: case_id node branch version digest of own journal (node =
        "") and of ``trace``, for cases with this assignor whose ``case_id`` starts with
        ``prefix``, without those whose outbox row (``trace_msg`` / ``relay_msg``) is unacked;
        ordered by (case_id, node, branch, version)."""
        ...

    def trace_set_above(
        self,
        conn: Connection,
        *,
        via: str,
        prefix: str,
        after: TraceKey | None,
        limit: int,
    ) -> Sequence[Row]:
        """Parent side: the same columns from ``trace`` handed up by this neighbour."""
        ...

    def unacked_traces(
        self, conn: Connection, link: str, case_prefix: str
    ) -> set[tuple[str, str, int, int]]:
        """Keys whose trace to this link is enqueued and not acknowledged yet (node "" = ours)."""
        ...

    def evidence(self, conn: Connection, keys: Collection[TraceKey]) -> Sequence[Row]:
        """case_id node branch version entry sealed(None for our own) of these keys."""
        ...

    def mark_trace_msg(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Set ``journal.trace_msg`` (node "" rows) or ``trace.relay_msg``: case_id node branch
        version msg."""
        ...

    def assignments(self, conn: Connection, ids: Collection[str]) -> Sequence[Row]:
        """Every column of these assignments, live or ended."""
        ...

    def lane_of(self, conn: Connection, msg_id: bytes) -> bytes | None:
        """The lane of an outbox row, or None."""
        ...

    def assignments_on(self, conn: Connection, assignee: str, prefix: str) -> Sequence[Row]:
        """Live assignments of one assignee by id: assignment_id generation case_id."""
        ...

    def duties_from(self, conn: Connection, assignor: str, prefix: str) -> Sequence[Row]:
        """Held or done duties of one assignor by id: assignment_id held_generation case_id."""
        ...

    # queries
    def list_cases(
        self, conn: Connection, where: Row, *, before: tuple[int, str] | None, limit: int
    ) -> Sequence[Row]:
        """Listing columns (not state, not private) by (opened_at, case_id) descending. ``where``
        keys: status area(prefix) code text(in case_no) assignee overdue_at opened_from opened_to
        (absent = any)."""
        ...

    def sorted_cases(
        self, conn: Connection, where: Row, *, order: tuple[str, bool],
        behind: tuple[Any, str] | None, limit: int,
    ) -> Sequence[Row]:
        """The same in another order: opened, no, status, code or limit (only what is alive), and
        whether the greatest comes first. ``behind`` is the ``sort_key`` and id of the row before
        the page."""
        ...

    def count_cases(self, conn: Connection, where: Row, *, most: int) -> int:
        """How many rows the same filters let through, ``most`` at most."""
        ...

    def count_lights(
        self, conn: Connection, now_us: int, length: int
    ) -> Sequence[tuple[str, str, int]]:
        """Open cases by the beginning of their area, so many characters of it, and by light."""
        ...

    def case_journal(
        self, conn: Connection, case_id: str, after: int, limit: int
    ) -> Sequence[Row]:
        """entry branch version hlc trace_msg, by (branch, version), ``after`` = version."""
        ...

    def case_traces(self, conn: Connection, case_id: str, limit: int) -> Sequence[Row]:
        """node branch version entry received_at hlc, by hlc."""
        ...

    def case_assignments(self, conn: Connection, case_id: str) -> Sequence[Row]: ...

    def bonds(self, conn: Connection, lane: bytes) -> Sequence[Row]:
        """Per link with rows of this lane in the outbox: link drafts unacked acked oldest_at (of
        what is not acknowledged)."""
        ...

    def latest_change(self, conn: Connection) -> int:
        """Highest ``n``, 0 = none."""
        ...

    def changes(self, conn: Connection, after: int, limit: int) -> Sequence[Row]:
        """n case_id version kind at."""
        ...

    def cases_inside(
        self, conn: Connection, case_ids: Collection[str], scope: Scope
    ) -> set[str]:
        """Which of these cases a scope takes in."""
        ...

    # responsibility
    def responsibilities_for(self, conn: Connection, standard_ref: str, code: str) -> Sequence[Row]:
        """Rows of this category (any area, any validity)."""
        ...

    def component_bodies(self, conn: Connection, code: str) -> Row | None:
        """owner_code owner_name maintainer_code maintainer_name maintained_to of a component."""
        ...

    def put_phrases(self, conn: Connection, rows: Sequence[Row]) -> None:
        """Upsert by (unit, phrase, area): unit phrase area duty qualifier standard_ref kind code
        name note created_at. What was settled stays settled."""
        ...

    def list_rows(self, conn: Connection, table: str, after: int, limit: int) -> Sequence[Row]:
        """Rows of these two tables in key order, skipping ``after`` rows."""
        ...

    # tokens, meta
    def token(self, conn: Connection, token_hash: bytes) -> Row | None:
        """Every column of a token, and ``account_…`` of whose it is."""
        ...

    def save_token(self, conn: Connection, row: Row) -> None:
        """Insert: token_hash name scope created_at roles, and its terms."""
        ...

    def revoke_tokens(self, conn: Connection, name: str, now_us: int) -> int: ...

    def lock_tokens(
        self, conn: Connection, name: str, row: Row, *, also_admin: bool
    ) -> int:
        """Lock the live token of a name: locked_at locked_by lock_reason; how many (0 or 1)."""
        ...

    def unlock_tokens(self, conn: Connection, name: str) -> int: ...

    def live_token(self, conn: Connection, name: str) -> Row | None:
        """The same of the token of this name that was not revoked."""
        ...

    def tokens(self, conn: Connection) -> Sequence[Row]: ...

    def meta(self, conn: Connection, key: str) -> str | None: ...

    def set_meta(self, conn: Connection, key: str, value: str) -> None: ...
