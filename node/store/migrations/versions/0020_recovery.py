"""A link that lost history remembers how far its recovery is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.tables import Bytes

revision = "0020_recovery"
down_revision = "0019_budget"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False, server_default=""),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.String(), nullable=False, server_default=""),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("base_epoch", sa.BigInteger(), nullable=True),
        sa.Column("base_seq", sa.BigInteger(), nullable=True),
        sa.Column("at_epoch", sa.BigInteger(), nullable=True),
        sa.Column("at_seq", sa.BigInteger(), nullable=True),
        sa.Column("at_head", Bytes(), nullable=True),
        sa.Column("cut_epoch", sa.BigInteger(), nullable=True),
        sa.Column("cut_seq", sa.BigInteger(), nullable=True),
        sa.Column("cut_head", Bytes(), nullable=True),
        sa.Column("echoed", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("redrafted", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("lost", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("in_epoch", sa.BigInteger(), nullable=False),
        sa.Column("in_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("link", name="pk_recovery"),
    )
    op.create_table(
        "echoed",
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("msg_id", Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("link", "msg_id", name="pk_echoed"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
