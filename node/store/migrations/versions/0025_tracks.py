"""Where collectors were on duty, and what came out for each shift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_tracks"
down_revision = "0024_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "track_point",
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("step_at", sa.BigInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False),
        sa.Column("accuracy_m", sa.Float(53), nullable=True),
        sa.PrimaryKeyConstraint("collector", "step_at", "x", "y", name="pk_track_point"),
    )
    op.create_index("ix_track_point_at", "track_point", ["at"])
    op.create_table(
        "track_result",
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("beat", "rules", "ground")),
        *(sa.Column(name, sa.Integer(), nullable=False)
          for name in ("points", "covered", "total", "on_s", "off_s")),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("collector", "begins_at", name="pk_track_result"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
