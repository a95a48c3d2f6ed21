"""An account may be known by the name that a login service elsewhere has for its owner."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_identity"
down_revision = "0031_terms"
branch_labels = None
depends_on = None

KNOWN = sa.text("subject IS NOT NULL")


def upgrade() -> None:
    for name in ("issuer", "subject"):
        op.add_column("account", sa.Column(name, sa.String(), nullable=True))
    op.create_index(
        "uq_account_identity", "account", ["issuer", "subject"], unique=True,
        sqlite_where=KNOWN, postgresql_where=KNOWN)


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
