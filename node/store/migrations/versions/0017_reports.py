"""Reports that are odd, and pictures with their cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_reports"
down_revision = "0016_organisation"
branch_labels = None
depends_on = None

UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("cases", sa.Column("flags", sa.String(), nullable=True))
    op.create_index(
        "ix_cases_flags",
        "cases",
        ["opened_at", "case_id"],
        sqlite_where=sa.text("flags IS NOT NULL"),
        postgresql_where=sa.text("flags IS NOT NULL"),
    )
    for mark in ("outside_beat", "false_report"):
        op.add_column("evaluation_row", sa.Column(f"m_{mark}", sa.BigInteger(), nullable=True))
    op.create_table(
        "picture",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "case_id", name="pk_picture"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
