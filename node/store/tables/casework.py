"""Tables of one office: cases, assignments, journal, evidence from below, timers, adapters.

Ids are UUID text (36 characters, lower case), times microseconds since the epoch. What an event
or a folded case contains is opaque here: ``entry`` are the bytes of one journal entry, ``state``,
``private``, ``limits`` and ``reply`` are JSON, all encoded by the service. Columns beside them
exist because a query filters or sorts by them, never to be a second truth.

``trace_msg`` and ``relay_msg`` are raw bytes: they are joined with ``outbox.msg_id``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from hub.store.dialect import partial_index
from hub.store.tables import SERIAL, Bytes
from node.store.tables.naming import BYTEWISE, NODE_ID, UUID_TEXT, metadata

cases = Table(
    "cases",
    metadata,
    Column("case_id", UUID_TEXT, primary_key=True),
    Column("assignor", String, nullable=True),  # None = the case is our own
    Column("assignment_id", UUID_TEXT, nullable=True),  # of the duty we hold
    Column("held_generation", BigInteger, nullable=False, server_default="0"),
    Column("issued_generation", BigInteger, nullable=False, server_default="0"),
    Column("duty", String, nullable=False, server_default="own"),  # own | held | done | ended
    Column("status", String, nullable=False),
    # False once nothing is left to do here
    Column("live", Boolean, nullable=False, server_default=true()),
    Column("version", BigInteger, nullable=False),
    Column("state", Bytes, nullable=False),
    # Personal data that is never written into entries.
    Column("private", Bytes, nullable=True),
    # What the worklist filters, sorts and shows.
    Column("case_no", String, nullable=False),
    Column("area", BYTEWISE, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    # Pieces of number and address, see node.core.grams.
    Column("words", Text, nullable=False, server_default=""),
    Column("standard_ref", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("code", String, nullable=False),
    Column("name", String, nullable=False, server_default=""),  # of the category
    Column("lon", Float(53), nullable=True),
    Column("lat", Float(53), nullable=True),
    Column("component", String, nullable=False, server_default=""),  # instance code
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("assignee", String, nullable=True),  # of the live assignment
    Column("finish_by", BigInteger, nullable=True),
    # What the light needs beside ``finish_by``: from when it is yellow, when the work was done,
    # whether the clock stands still.
    Column("warn_at", BigInteger, nullable=True),
    Column("done_at", BigInteger, nullable=True),
    Column("paused", Boolean, nullable=False, server_default=false()),
    # While nobody holds it: until when the post that it waits for has to act, and yellow from when.
    Column("step_by", BigInteger, nullable=True),
    Column("step_warn_at", BigInteger, nullable=True),
    # Nobody responsible can be named: listed separately.
    Column("no_owner", Boolean, nullable=False, server_default=false()),
    # Whose case it is, is undecided.
    Column("contested", Boolean, nullable=False, server_default=false()),
    Column("source", String, nullable=False, server_default=""),  # of the report
    Column("cell", BigInteger, nullable=True),  # coarse place, see node.core.similar
    Column("task_for", String, nullable=True),  # whose look on site is open; "" = anybody's
    Column("duplicate_of", UUID_TEXT, nullable=True),
    # What is odd about it: kinds between commas, ",outside_beat,"; NULL = nothing.
    Column("flags", String, nullable=True),
    Column("opened_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    partial_index(
        "ix_cases_similar",
        "cell",
        "code",
        "opened_at",
        where="cell IS NOT NULL",
    ),
    partial_index(
        "ix_cases_task_for",
        "task_for",
        "opened_at",
        where="task_for IS NOT NULL",
    ),
    partial_index(
        "ix_cases_duplicate_of",
        "duplicate_of",
        where="duplicate_of IS NOT NULL",
    ),
    # The worklist, newest first; the columns behind the order are tested without the row.
    Index("ix_cases_opened", "opened_at", "case_id", "status", "area", "code", "source"),
    Index("ix_cases_status", "status", "opened_at", "case_id", "area"),
    Index("ix_cases_code", "code", "opened_at", "case_id", "status", "area"),
    Index("ix_cases_area", "area", "opened_at", "case_id", "status", "code"),
    Index("ix_cases_source", "source", "opened_at", "case_id"),
    partial_index(
        "ix_cases_assignee",
        "assignee",
        "opened_at",
        "case_id",
        where="assignee IS NOT NULL",
    ),
    partial_index(
        "ix_cases_no_owner",
        "opened_at",
        "case_id",
        where="no_owner",
    ),
    partial_index(
        "ix_cases_contested",
        "opened_at",
        "case_id",
        where="contested",
    ),
    partial_index(
        "ix_cases_live",
        "opened_at",
        "case_id",
        "finish_by",
        "warn_at",
        "step_by",
        "step_warn_at",
        "done_at",
        "paused",
        "area",
        where="live",
    ),
    partial_index(
        "ix_cases_flags",
        "opened_at",
        "case_id",
        where="flags IS NOT NULL",
    ),
    Index("ix_cases_assignor", "assignor", "case_id"),
    Index("ix_cases_no", "case_no"),
    partial_index(
        "ix_cases_component",
        "component",
        "opened_at",
        where="component <> ''",
    ),
)

LIVE = text("cases.live")
NO_OWNER = text("cases.no_owner")
CONTESTED = text("cases.contested")
"""In the words of the indexes over such cases: SQLite uses one for nothing else."""

assignment = Table(
    "assignment",
    metadata,
    Column("assignment_id", UUID_TEXT, primary_key=True),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("assignee", String, nullable=False),  # node:<id> | adapter:<id>
    Column("generation", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("ended", String, nullable=True),  # closed | withdrawn | returned | voided
    Column("limits", Bytes, nullable=False),
    Index("ix_assignment_case", "case_id"),
    # One live assignment per case and node.
    partial_index(
        "uq_assignment_live",
        "case_id",
        unique=True,
        where="ended IS NULL",
    ),
    partial_index(
        "ix_assignment_assignee",
        "assignee",
        "assignment_id",
        where="ended IS NULL",
    ),
)

journal = Table(
    "journal",
    metadata,
    Column("n", SERIAL, Identity(cache=1), primary_key=True),  # local order, on no wire
    Column("case_id", UUID_TEXT, nullable=False),
    Column("branch", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("entry", Bytes, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("cause", UUID_TEXT, nullable=True),
    Column("part", Integer, nullable=False, server_default="0"),
    Column("event_type", String, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("trace_msg", Bytes, nullable=True),
    UniqueConstraint("case_id", "branch", "version"),
    UniqueConstraint("cause", "part"),
    # What the habits of units are counted by.
    partial_index(
        "ix_journal_watched",
        "occurred_at",
        where=(
            "event_type IN ('AssigneeAsked', 'AssignmentResumed', 'Overdue', 'RequestDecided')"
        ),
    ),
    # The fund's ledger is rebuilt from these few entries among very many.
    partial_index(
        "ix_journal_fund",
        "n",
        where="event_type IN ('CostRecovered', 'ProxyRepairRecorded')",
    ),
)

trace = Table(
    "trace",
    metadata,
    Column("case_id", UUID_TEXT, nullable=False),
    Column("node", NODE_ID, nullable=False),
    Column("branch", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("via", String, nullable=False),  # the neighbour that handed it up to us
    Column("entry", Bytes, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("event_type", String, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("sealed", Bytes, nullable=False),  # the maker's own envelope: the evidence
    Column("received_at", BigInteger, nullable=False),
    Column("relay_msg", Bytes, nullable=True),
    PrimaryKeyConstraint("case_id", "node", "branch", "version"),
)

timer = Table(
    "timer",
    metadata,
    Column("case_id", UUID_TEXT, nullable=False),
    Column("kind", String, nullable=False),
    Column("ref", String, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("fired_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("case_id", "kind", "ref"),
    partial_index(
        "ix_timer_due",
        "due_at",
        where="fired_at IS NULL",
    ),
)

command = Table(
    "command",
    metadata,
    Column("command_id", String, primary_key=True),
    Column("fingerprint", Bytes, nullable=False),  # of what was asked; b"" = not compared
    Column("reply", Bytes, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
)

change = Table(
    "change",
    metadata,
    Column("n", SERIAL, Identity(cache=1), primary_key=True),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    # Readers hold on to the last n they saw: it must never come again.
    sqlite_autoincrement=True,
)

work_item = Table(
    "work_item",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),  # made from case, kind and ref by the service
    Column("case_id", UUID_TEXT, nullable=True),
    Column("kind", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger, nullable=True),
    Index("ix_work_item_case", "case_id"),
    partial_index(
        "ix_work_item_open",
        "created_at",
        "id",
        where="settled_at IS NULL",
    ),
)

adapter_job = Table(
    "adapter_job",
    metadata,
    Column("adapter", String, nullable=False),
    Column("assignment_id", UUID_TEXT, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("wish", String, nullable=False),  # SUBMIT | WITHDRAW
    Column("outcome", String, nullable=True),  # ACCEPTED | REJECTED | UNKNOWN, of the last call
    Column("unit_reference", String, nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),  # the order's words, or the reason
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", BigInteger, nullable=True),  # None = nothing to do
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("adapter", "assignment_id", "generation"),
    Index("ix_adapter_job_case", "case_id"),
    partial_index(
        "ix_adapter_job_due",
        "adapter",
        "next_try_at",
        where="next_try_at IS NOT NULL",
    ),
)

adapter_cursor = Table(
    "adapter_cursor",
    metadata,
    Column("adapter", String, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

adapter_event = Table(
    "adapter_event",
    metadata,
    Column("adapter", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("cause", UUID_TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("adapter", "event_id"),
)

adapter_quarantine = Table(
    "adapter_quarantine",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("adapter", String, nullable=False),
    Column("source", Text, nullable=False),
    Column("code", String, nullable=False),
    Column("detail", Text, nullable=False),
    Column("bytes", Bytes, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("settled_at", BigInteger, nullable=True),
    Index("ix_adapter_quarantine_adapter", "adapter", "id"),
    sqlite_autoincrement=True,
)

api_token = Table(
    "api_token",
    metadata,
    Column("token_hash", Bytes, primary_key=True),
    Column("name", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    # The roles in which its bearer decides, with commas between; "*" = all of them.
    Column("roles", String, nullable=False, server_default=""),
    # Its device is lost: nobody comes in with it until an administrator unlocks it.
    Column("locked_at", BigInteger, nullable=True),
    Column("locked_by", String, nullable=False, server_default=""),
    Column("lock_reason", String, nullable=False, server_default=""),
    # Whose it is; NULL = a program's.
    Column("account", UUID_TEXT, nullable=True),
    Column("expires_at", BigInteger, nullable=True),
    # Held by roles and scope, not by its ceiling alone.
    Column("by_roles", Boolean, nullable=False, server_default=false()),
    # With commas between; "" = any, all.
    Column("addresses", String, nullable=False, server_default=""),
    Column("acts", String, nullable=False, server_default=""),
    Column("areas", String, nullable=False, server_default=""),
    Column("codes", String, nullable=False, server_default=""),
    Column("units", String, nullable=False, server_default=""),
    partial_index(
        "uq_api_token_name",
        "name",
        unique=True,
        where="revoked_at IS NULL",
    ),
)

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
