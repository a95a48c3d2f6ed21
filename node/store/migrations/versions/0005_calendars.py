"""Working calendars with their versions, and what a light needs beside the deadline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_calendars"
down_revision = "0004_duties"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name="pk_calendar"),
    )
    op.create_table(
        "calendar_hours",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.String(10), nullable=False),
        sa.Column("valid_to", sa.String(10), nullable=False),
        sa.Column("weekdays", sa.String(), nullable=False),
        sa.Column("intervals", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint(
            "name", "version", "valid_from", "valid_to", name="pk_calendar_hours"
        ),
    )
    op.create_table(
        "calendar_day",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", "version", "day", name="pk_calendar_day"),
    )
    op.add_column("cases", sa.Column("warn_at", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("done_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "cases", sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
