"""Rows of cases tell when their reporter rated them, and how."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_satisfaction"
down_revision = "0010_intake"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "evaluation_row", sa.Column("score", sa.String(), nullable=False, server_default="")
    )
    op.add_column("evaluation_row", sa.Column("rated_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_evaluation_row_rated", "evaluation_row", ["kind", "rated_at"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
