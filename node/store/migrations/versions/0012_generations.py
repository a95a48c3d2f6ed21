"""Rows of components and addresses live from one version of their layer to another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_generations"
down_revision = "0011_satisfaction"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("component", "address"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("born", sa.Integer(), nullable=False, server_default="0"))
            table.add_column(sa.Column("died", sa.Integer(), nullable=True))
            table.drop_constraint(f"pk_{name}", type_="primary")
            table.create_primary_key(f"pk_{name}", ["code", "born"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
