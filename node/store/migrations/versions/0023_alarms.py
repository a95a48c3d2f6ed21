"""Calls for help of collectors, and tokens that are locked because their device is lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from node.store.tables.naming import UUID_TEXT

revision = "0023_alarms"
down_revision = "0022_step_lights"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", UUID_TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False)
          for name in ("collector", "raised_by", "kind")),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Float(53), nullable=True) for name in ("lon", "lat", "x", "y")),
        sa.Column("crs", sa.String(), nullable=False, server_default=""),
        sa.Column("accuracy_m", sa.Float(53), nullable=True),
        sa.Column("taken_by", sa.String(), nullable=False, server_default=""),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False, server_default=""),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False, server_default=""),
        sa.Column("report", sa.Text(), nullable=False, server_default=""),
        sa.Column("reference", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index(
        "ix_alarm_open", "alarm", ["received_at", "id"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    for column in (
        sa.Column("locked_at", sa.BigInteger(), nullable=True),
        sa.Column("locked_by", sa.String(), nullable=False, server_default=""),
        sa.Column("lock_reason", sa.String(), nullable=False, server_default=""),
    ):
        op.add_column("api_token", column)


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
