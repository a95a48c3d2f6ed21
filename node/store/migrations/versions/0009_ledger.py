"""Finding what stands still, and the events that the habits of units are counted by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_ledger"
down_revision = "0008_no_owner"
branch_labels = None
depends_on = None

PAUSED = sa.text("live AND paused")
WATCHED = sa.text(
    "event_type IN ('AssigneeAsked', 'AssignmentResumed', 'Overdue', 'RequestDecided')"
)


def upgrade() -> None:
    op.create_index(
        "ix_cases_paused",
        "cases",
        ["opened_at", "case_id"],
        sqlite_where=PAUSED,
        postgresql_where=PAUSED,
    )
    op.create_index(
        "ix_journal_watched",
        "journal",
        ["occurred_at"],
        sqlite_where=WATCHED,
        postgresql_where=WATCHED,
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
