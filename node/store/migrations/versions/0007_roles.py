"""Tokens carry the roles in which their bearer decides; those made before decide in every role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_roles"
down_revision = "0006_evaluation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "api_token", sa.Column("roles", sa.String(), nullable=False, server_default="")
    )
    op.execute("UPDATE api_token SET roles = '*'")


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
