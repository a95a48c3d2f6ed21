"""Tokens belong to an account or a program, and have terms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_terms"
down_revision = "0030_joining"
branch_labels = None
depends_on = None

UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def upgrade() -> None:
    """Tokens there are keep what they have: a ceiling, no end, from anywhere."""
    op.add_column("api_token", sa.Column("account", UUID_TEXT, nullable=True))
    op.add_column("api_token", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "api_token",
        sa.Column("by_roles", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for name in ("addresses", "acts", "areas", "codes", "units"):
        op.add_column(
            "api_token", sa.Column(name, sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
