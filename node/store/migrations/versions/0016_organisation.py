"""Organisations on the ground: a layer of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_organisation"
down_revision = "0015_step_lights"
branch_labels = None
depends_on = None

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "organisation",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("parent", CODE, nullable=False),
        sa.Column("area", CODE, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        *(sa.Column(name, sa.Float(53), nullable=True) for name in ("lon", "lat", "x", "y")),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("outline", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.Float(53), nullable=True)
          for name in ("west", "south", "east", "north")),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_organisation"),
    )
    op.create_index("ix_organisation_point", "organisation", ["lat", "lon"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
