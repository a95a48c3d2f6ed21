"""Sheets of the problem library, our own and those from below."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_stock"
down_revision = "0012_generations"
branch_labels = None
depends_on = None

NODE_ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "stock_sheet",
        sa.Column("node", NODE_ID, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False, server_default=""),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("msg", sa.LargeBinary(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("node", "period", "version", name="pk_stock_sheet"),
    )
    op.create_index(
        "ix_stock_sheet_begins", "stock_sheet", ["begins_at", "node", "period", "version"]
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
