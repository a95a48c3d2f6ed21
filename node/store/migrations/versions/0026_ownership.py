"""Several processes on one PostgreSQL: who owns the links, and who is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_ownership"
down_revision = "0025_tracks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ownership = op.create_table(
        "ownership",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("holder", sa.String(), nullable=False, server_default=""),
        sa.Column("since", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("name", name="pk_ownership"),
    )
    op.create_table(
        "process",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process"),
    )
    op.bulk_insert(ownership, [{"name": "node"}])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
