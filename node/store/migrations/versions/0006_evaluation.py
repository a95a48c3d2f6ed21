"""The comprehensive evaluation: rows computed from the journal, groupings, publications."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_evaluation"
down_revision = "0005_calendars"
branch_labels = None
depends_on = None

UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
KEYS = (
    "area", "grid", "standard_ref", "category_kind", "code", "component", "source",
    "unit", "assignor", "filing_node", "maker", "post", "step", "actor",
)
TIMES = (
    "begun_at", "due_at", "done_at", "settle_at", "filed_at",
)
MARKS = (
    "reported", "registered", "accepted", "accepted_on_time", "rejected", "verify_sent",
    "verify_sent_on_time", "verified", "verified_on_time", "filed", "filed_on_time",
    "filed_correctly", "declined", "valid_report", "dispatched", "dispatched_on_time",
    "misdispatched", "signed", "signed_on_time", "handled", "handled_on_time",
    "handled_on_time_by_round", "handled_late", "check_sent", "check_sent_on_time",
    "checked", "checked_on_time", "should_close", "closed", "closed_on_time", "ended",
    "reworked", "shirked", "returned", "extended", "suspended", "voided", "withdrawn",
    "supervised", "pressed", "exempt", "forced", "self_handled", "transferred", "unowned",
)
INDEXES = {
    "begun": "begun_at",
    "due": "due_at",
    "done": "done_at",
    "settle": "settle_at",
    "filed": "filed_at",
}


def upgrade() -> None:
    op.create_table(
        "evaluation_row",
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("case_no", sa.String(), nullable=False, server_default=""),
        sa.Column("excluded", sa.String(), nullable=False, server_default=""),
        *(sa.Column(name, sa.String(), nullable=False, server_default="") for name in KEYS),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in TIMES),
        *(sa.Column(f"m_{name}", sa.BigInteger(), nullable=True) for name in MARKS),
        sa.PrimaryKeyConstraint("case_id", "kind", "ref", name="pk_evaluation_row"),
    )
    for name, column in INDEXES.items():
        op.create_index(f"ix_evaluation_row_{name}", "evaluation_row", ["kind", column])
    op.create_table(
        "evaluation_group",
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("member_of", sa.String(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("scheme", "key", "valid_from", name="pk_evaluation_group"),
    )
    op.create_table(
        "publication",
        sa.Column("publication_id", UUID_TEXT, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("definition_digest", sa.String(), nullable=False),
        sa.Column("definition_text", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False, server_default=""),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", name="pk_publication"),
    )
    op.create_index(
        "ix_publication_at", "publication", ["published_at", "publication_id"]
    )
    op.create_table(
        "publication_file",
        sa.Column("publication_id", UUID_TEXT, nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("bytes", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint(
            "publication_id", "format", name="uq_publication_file_publication_id_format"
        ),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
