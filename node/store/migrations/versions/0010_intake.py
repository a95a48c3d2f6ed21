"""Intake: notices, callers, and what similar reports and open looks are found by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_intake"
down_revision = "0009_ledger"
branch_labels = None
depends_on = None

UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
FILL_CELLS = {
    # floor and truncation are the same here: both sums are positive
    "sqlite": "UPDATE cases SET cell = CAST((lat + 90) / 0.01 AS INTEGER) * 100000 "
    "+ CAST((lon + 180) / 0.01 AS INTEGER) WHERE lat IS NOT NULL AND lon IS NOT NULL",
    "postgresql": "UPDATE cases SET cell = floor((lat + 90) / 0.01)::bigint * 100000 "
    "+ floor((lon + 180) / 0.01)::bigint WHERE lat IS NOT NULL AND lon IS NOT NULL",
}


def upgrade() -> None:
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("source", sa.String(), nullable=False, server_default=""))
        cases.add_column(sa.Column("cell", sa.BigInteger(), nullable=True))
        cases.add_column(sa.Column("task_for", sa.String(), nullable=True))
        cases.add_column(sa.Column("duplicate_of", UUID_TEXT, nullable=True))
    op.execute(FILL_CELLS[op.get_bind().dialect.name])
    for name, columns, where in (
        ("ix_cases_similar", ["cell", "code", "opened_at"], "cell IS NOT NULL"),
        ("ix_cases_task_for", ["task_for", "opened_at"], "task_for IS NOT NULL"),
        ("ix_cases_duplicate_of", ["duplicate_of"], "duplicate_of IS NOT NULL"),
    ):
        op.create_index(
            name, "cases", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "notice",
        sa.Column("id", UUID_TEXT, nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("case_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False, server_default=""),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("told_by", sa.String(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_case", "notice", ["case_id"])
    op.create_index("ix_notice_state", "notice", ["state", "created_at", "id"])
    op.create_table(
        "reporter",
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_reporter"),
    )
    op.create_index("ix_reporter_phone", "reporter", ["phone_hash", "opened_at"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
