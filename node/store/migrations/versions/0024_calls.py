"""Calls: what was said and answered, who called, what was done with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_calls"
down_revision = "0023_alarms"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")
BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
OPEN = sa.text("answered_at IS NULL")


def _text(name: str, kind: type[sa.String] = sa.String) -> sa.Column[str]:
    return sa.Column(name, kind(), nullable=False, server_default="")


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("call_no", BYTEWISE, nullable=False),
        sa.Column("command_id", UUID_TEXT, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("concerns", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _text("caller"),
        _text("phone"),
        sa.Column("from_reporter", sa.Boolean(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=True),
        sa.Column("became", UUID_TEXT, nullable=True),
        _text("holder"),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(), nullable=False),
        sa.Column("due_by", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        _text("answer", sa.Text),
        _text("answer_channel"),
        _text("answered_by"),
        sa.Column("reopened_at", sa.BigInteger(), nullable=True),
        sa.Column("rules", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("call_no", name="pk_call"),
    )
    op.create_index("ix_call_received", "call", ["received_at", "call_no"])
    op.create_index("uq_call_command", "call", ["command_id"], unique=True)
    op.create_index(
        "ix_call_open", "call", ["due_by"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_call_case", "call", ["case_id"])
    op.create_index("ix_call_became", "call", ["became"])
    op.create_table(
        "call_private",
        sa.Column("call_no", BYTEWISE, nullable=False),
        _text("name"),
        _text("phone"),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("call_no", name="pk_call_private"),
    )
    op.create_index("ix_call_private_phone", "call_private", ["phone_hash"])
    op.create_table(
        "call_step",
        sa.Column("n", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("call_no", BYTEWISE, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        _text("detail", sa.Text),
        sa.PrimaryKeyConstraint("n", name="pk_call_step"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_call_step_call", "call_step", ["call_no", "n"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
