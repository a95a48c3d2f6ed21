"""What a node measures of itself, month by month."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_budget"
down_revision = "0018_handlers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "storage_month",
        sa.Column("month", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in (
            "measured_at", "database_bytes", "blob_bytes", "blobs", "accounts", "clerks")),
        sa.PrimaryKeyConstraint("month", name="pk_storage_month"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
