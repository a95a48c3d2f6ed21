"""Rows of cases tell until when the post that they wait for has to act.

Cases of before get it with their next entry; until then their light is grey, as it was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_step_lights"
down_revision = "0014_worklist"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("step_by", sa.BigInteger(), nullable=True))
    op.add_column("cases", sa.Column("step_warn_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
