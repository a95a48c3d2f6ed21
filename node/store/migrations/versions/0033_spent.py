"""What was taken from each neighbour on one day, in bytes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033_spent"
down_revision = "0032_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("spent_day", "spent_words", "spent_photos"):
        op.add_column("link", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
