"""Cases without anybody responsible are listed separately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_no_owner"
down_revision = "0007_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("no_owner", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
