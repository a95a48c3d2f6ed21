"""Collectors, their shifts and their training."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_collectors"
down_revision = "0020_recovery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collector",
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False, server_default="")
          for name in ("team", "firm", "beat")),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("collector", name="pk_collector"),
    )
    op.create_index("ix_collector_beat", "collector", ["beat"])
    op.create_table(
        "collector_shift",
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("collector", "begins_at", name="pk_collector_shift"),
    )
    op.create_index("ix_collector_shift_ends", "collector_shift", ["ends_at"])
    op.create_table(
        "collector_training",
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("course", sa.String(), nullable=False),
        sa.Column("hours", sa.String(), nullable=False, server_default=""),
        sa.Column("result", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("collector", "day", "course", name="pk_collector_training"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
