"""Contested cases are listed, and joint problems with the cases that are treated as one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027_problems"
down_revision = "0026_ownership"
branch_labels = None
depends_on = None

UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column(
        "cases", sa.Column("contested", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_cases_contested",
        "cases",
        ["opened_at", "case_id"],
        sqlite_where=sa.text("contested"),
        postgresql_where=sa.text("contested"),
    )
    for mark in ("contested", "contest_settled", "handled_on_time_apart"):
        op.add_column("evaluation_row", sa.Column(f"m_{mark}", sa.BigInteger(), nullable=True))
    op.create_table(
        "problem_case",
        sa.Column("problem_id", sa.String(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("coordination_id", UUID_TEXT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "problem_id", "case_id", "coordination_id", name="pk_problem_case"
        ),
    )
    op.create_index("ix_problem_case_case", "problem_case", ["case_id"])
    op.create_index(
        "ix_problem_case_open",
        "problem_case",
        ["asked_at", "problem_id"],
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
