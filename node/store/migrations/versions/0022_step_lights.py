"""The index over open cases has the columns by which a waiting step's light is judged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_step_lights"
down_revision = "0021_collectors"
branch_labels = None
depends_on = None

COLUMNS = (
    "opened_at", "case_id", "finish_by", "warn_at", "step_by", "step_warn_at", "done_at", "paused",
    "area",
)


def upgrade() -> None:
    op.drop_index("ix_cases_live", "cases")
    op.create_index(
        "ix_cases_live", "cases", list(COLUMNS), sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
