"""Who handles a duty inside the office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018_handlers"
down_revision = "0017_reports"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
PRESENT = sa.text("until IS NULL")


def upgrade() -> None:
    op.create_table(
        "handler",
        sa.Column("n", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("assignment_id", UUID_TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("until_by", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("n", name="pk_handler"),
    )
    op.create_index("ix_handler_case", "handler", ["case_id", "n"])
    op.create_index(
        "uq_handler_present", "handler", ["case_id"], unique=True,
        sqlite_where=PRESENT, postgresql_where=PRESENT,
    )
    op.create_index(
        "ix_handler_name", "handler", ["name", "case_id"],
        sqlite_where=PRESENT, postgresql_where=PRESENT,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
