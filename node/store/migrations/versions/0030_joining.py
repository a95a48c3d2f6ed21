"""Nodes are invited and join over the network; at the root, new members that wait for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_joining"
down_revision = "0029_people"
branch_labels = None
depends_on = None


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")


def upgrade() -> None:
    op.create_table(
        "claim",
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("parent_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("signed", sa.LargeBinary(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _text("decided_by"),
        _number("decided_at"),
        _text("reason"),
        sa.PrimaryKeyConstraint("node_id", name="pk_claim"),
    )
    # The table of the beginning was never written to.
    op.drop_table("invite")
    op.create_table(
        "invite",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("doors", sa.String(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        _text("approved_by"),
        _number("approved_at"),
        sa.Column("request", sa.Text(), nullable=False, server_default=""),
        _number("submitted_at"),
        _number("used_at"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        _text("ended_as"),
        _text("ended_by"),
        _number("ended_at"),
        _text("reason"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_invite"),
    )
    op.create_index("ix_invite_node_id", "invite", ["node_id"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
