"""The backbone: links, boxes, cases, journal, evidence, timers, adapters.

Tables are spelled out, never taken from today's metadata: what a migration did stays what it did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_backbone"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
NODE_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _links_and_boxes()
    _trust_and_blobs()
    _cases()
    _work_to_do()
    _adapters()
    _city_and_access()


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")


def _links_and_boxes() -> None:
    op.create_table(
        "link",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("peer", sa.String(), nullable=False),
        sa.Column("peer_is", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, server_default="DOWN"),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("prefer", sa.String(), nullable=False, server_default="GRPC"),
        sa.Column("dual_seal", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("out_epoch", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("out_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("out_head", sa.LargeBinary(), nullable=False),
        sa.Column("acked_epoch", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("in_epoch", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("in_seq", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("in_head", sa.LargeBinary(), nullable=False),
        sa.Column("holder_no", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("holder_id", sa.LargeBinary(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("peer_hello", sa.LargeBinary(), nullable=True),
        sa.Column("retry_n", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.Column("last_contact_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("link", name="pk_link"),
        sa.UniqueConstraint("peer", name="uq_link_peer"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("msg_id", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("prio", sa.Integer(), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("chain", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("acked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.CheckConstraint(
            "(draft IS NULL) = (seq IS NOT NULL)", name=op.f("ck_outbox_draft_or_numbered")
        ),
        sa.UniqueConstraint("msg_id", name="uq_outbox_msg_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_drafts",
        "outbox",
        ["link", "prio", "id"],
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    )
    op.create_index("ix_outbox_lane", "outbox", ["lane", "link"])
    op.create_index(
        "uq_outbox_position",
        "outbox",
        ["link", "epoch", "seq"],
        unique=True,
        sqlite_where=sa.text("seq IS NOT NULL"),
        postgresql_where=sa.text("seq IS NOT NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("msg_id", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False, server_default=""),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("link", "epoch", "seq", name="pk_inbox"),
    )
    op.create_index(
        "ix_inbox_parked",
        "inbox",
        ["link", "lane", "epoch", "seq"],
        sqlite_where=sa.text("outcome = 'PARKED'"),
        postgresql_where=sa.text("outcome = 'PARKED'"),
    )
    op.create_index(
        "uq_inbox_msg_id",
        "inbox",
        ["msg_id"],
        unique=True,
        sqlite_where=sa.text("outcome <> 'DUPLICATE'"),
        postgresql_where=sa.text("outcome <> 'DUPLICATE'"),
    )
    op.create_table(
        "countersign",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("link", "epoch", "seq", name="pk_countersign"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_quarantine_link", "quarantine", ["link", "id"])


def _trust_and_blobs() -> None:
    op.create_table(
        "roster",
        sa.Column("serial", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name="pk_roster"),
    )
    op.create_table(
        "node_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("alg", sa.String(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=False),
        sa.Column("revoked_from", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_node_key"),
    )
    op.create_index("ix_node_key_node_id", "node_key", ["node_id"])
    op.create_table(
        "invite",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invite"),
    )
    op.create_table(
        "certificate",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("spki_digest", sa.LargeBinary(), nullable=False),
        sa.Column("nkey", sa.String(), nullable=False, server_default=""),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name="pk_certificate"),
    )
    op.create_index("ix_certificate_link", "certificate", ["link"])
    op.create_index("ix_certificate_spki_digest", "certificate", ["spki_digest"])
    op.create_table(
        "blob",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("alg", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source_link", sa.String(), nullable=True),
        sa.Column("prio", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_blob"),
    )
    op.create_index(
        "ix_blob_wanted",
        "blob",
        ["source_link", "prio", "next_try_at"],
        sqlite_where=sa.text("state IN ('WANTED', 'PARTIAL')"),
        postgresql_where=sa.text("state IN ('WANTED', 'PARTIAL')"),
    )
    op.create_table(
        "blob_chunk",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("chunk_digest", sa.LargeBinary(), nullable=False),
        sa.Column("have", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("digest", "n", name="pk_blob_chunk"),
    )
    op.create_table(
        "blob_ref",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("msg_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("link", "digest", name="pk_blob_ref"),
    )
    op.create_index("ix_blob_ref_digest", "blob_ref", ["digest"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("assignor", sa.String(), nullable=True),
        sa.Column("assignment_id", UUID_TEXT, nullable=True),
        sa.Column("held_generation", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("issued_generation", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("duty", sa.String(), nullable=False, server_default="own"),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, server_default=""),
        sa.Column("standard_ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("lon", sa.Float(53), nullable=True),
        sa.Column("lat", sa.Float(53), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("finish_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
    )
    op.create_index("ix_cases_assignor", "cases", ["assignor", "case_id"])
    op.create_index(
        "ix_cases_finish_by",
        "cases",
        ["finish_by"],
        sqlite_where=sa.text("live AND finish_by IS NOT NULL"),
        postgresql_where=sa.text("live AND finish_by IS NOT NULL"),
    )
    op.create_index("ix_cases_no", "cases", ["case_no"])
    op.create_index("ix_cases_opened", "cases", ["opened_at", "case_id"])
    op.create_index("ix_cases_status", "cases", ["status", "opened_at", "case_id"])
    op.create_table(
        "assignment",
        sa.Column("assignment_id", UUID_TEXT, nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ended", sa.String(), nullable=True),
        sa.Column("limits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignment"),
    )
    op.create_index(
        "ix_assignment_assignee",
        "assignment",
        ["assignee", "assignment_id"],
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_index("ix_assignment_case", "assignment", ["case_id"])
    op.create_index(
        "uq_assignment_live",
        "assignment",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_table(
        "journal",
        sa.Column("n", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("branch", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("cause", UUID_TEXT, nullable=True),
        sa.Column("part", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("trace_msg", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_journal"),
        sa.UniqueConstraint(
            "case_id", "branch", "version", name="uq_journal_case_id_branch_version"
        ),
        sa.UniqueConstraint("cause", "part", name="uq_journal_cause_part"),
    )
    op.create_table(
        "trace",
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("node", NODE_ID, nullable=False),
        sa.Column("branch", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("event_type", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("relay_msg", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "node", "branch", "version", name="pk_trace"),
    )
    op.create_table(
        "change",
        sa.Column("n", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_change"),
        sqlite_autoincrement=True,
    )


def _work_to_do() -> None:
    op.create_table(
        "timer",
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("fired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("case_id", "kind", "ref", name="pk_timer"),
    )
    op.create_index(
        "ix_timer_due",
        "timer",
        ["due_at"],
        sqlite_where=sa.text("fired_at IS NULL"),
        postgresql_where=sa.text("fired_at IS NULL"),
    )
    op.create_table(
        "command",
        sa.Column("command_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("command_id", name="pk_command"),
    )
    op.create_index("ix_command_at", "command", ["at"])
    op.create_table(
        "work_item",
        sa.Column("id", UUID_TEXT, nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_work_item"),
    )
    op.create_index("ix_work_item_case", "work_item", ["case_id"])
    op.create_index(
        "ix_work_item_open",
        "work_item",
        ["created_at", "id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _adapters() -> None:
    op.create_table(
        "adapter_job",
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("assignment_id", UUID_TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("unit_reference", sa.String(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("adapter", "assignment_id", "generation", name="pk_adapter_job"),
    )
    op.create_index("ix_adapter_job_case", "adapter_job", ["case_id"])
    op.create_index(
        "ix_adapter_job_due",
        "adapter_job",
        ["adapter", "next_try_at"],
        sqlite_where=sa.text("next_try_at IS NOT NULL"),
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_table(
        "adapter_cursor",
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("adapter", name="pk_adapter_cursor"),
    )
    op.create_table(
        "adapter_event",
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("cause", UUID_TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("adapter", "event_id", name="pk_adapter_event"),
    )
    op.create_table(
        "adapter_quarantine",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_adapter_quarantine"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_adapter_quarantine_adapter", "adapter_quarantine", ["adapter", "id"])


def _city_and_access() -> None:
    op.create_table(
        "responsibility",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("standard_ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_responsibility"),
        sa.UniqueConstraint(
            "standard_ref", "code", "kind", "area", "assignee", "duty", name="uq_responsibility"
        ),
    )
    op.create_table(
        "filing_condition",
        sa.Column("standard_ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("condition_no", sa.Integer(), nullable=False),
        sa.Column("area_class", sa.String(), nullable=False, server_default=""),
        sa.Column("major_name", sa.String(), nullable=False, server_default=""),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("handling_unit", sa.String(), nullable=False, server_default=""),
        sa.Column("department", sa.String(), nullable=False, server_default=""),
        sa.Column("filing", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False, server_default=""),
        sa.Column("limit_text", sa.String(), nullable=False, server_default=""),
        sa.Column("limit_count", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint(
            "standard_ref", "kind", "code", "condition_no", "area_class", name="pk_filing_condition"
        ),
    )
    op.create_table(
        "access_log",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("peer", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_log_case", "access_log", ["case_id"])
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_api_token"),
    )
    op.create_index(
        "uq_api_token_name",
        "api_token",
        ["name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
