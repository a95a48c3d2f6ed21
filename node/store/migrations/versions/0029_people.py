"""Accounts of people, their sessions, one-time links and failures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029_people"
down_revision = "0028_audit"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", UUID_TEXT, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _text("roles"),
        _text("areas"),
        _text("codes"),
        _text("units"),
        sa.Column("password", sa.Text(), nullable=True),
        _at("password_at", nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("factor", sa.LargeBinary(), nullable=True),
        _at("factor_at", nullable=True),
        sa.Column("factor_step", sa.BigInteger(), nullable=False, server_default="0"),
        _at("locked_at", nullable=True),
        _text("locked_by"),
        _text("lock_reason"),
        _at("created_at"),
        sa.Column("created_by", sa.String(), nullable=False),
        _at("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login", name="uq_account_login"),
    )
    op.create_table(
        "account_password",
        sa.Column("n", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("account", UUID_TEXT, nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("n", name="pk_account_password"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_password_account", "account_password", ["account", "n"])
    op.create_table(
        "account_recovery",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", UUID_TEXT, nullable=False),
        _at("used_at", nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_account_recovery"),
    )
    op.create_index("ix_account_recovery_account", "account_recovery", ["account"])
    op.create_table(
        "account_link",
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account", UUID_TEXT, nullable=True),
        _at("made_at"),
        sa.Column("made_by", sa.String(), nullable=False),
        _at("expires_at"),
        _at("used_at", nullable=True),
        sa.PrimaryKeyConstraint("link_hash", name="pk_account_link"),
    )
    op.create_table(
        "login_failure",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        _at("last_at"),
        _at("wait_until"),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_login_failure"),
    )
    op.create_table(
        "session",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("handle", UUID_TEXT, nullable=False),
        sa.Column("account", UUID_TEXT, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        _at("made_at"),
        _at("seen_at"),
        _at("expires_at"),
        _at("ended_at", nullable=True),
        _text("address"),
        _text("agent"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
        sa.UniqueConstraint("handle", name="uq_session_handle"),
    )
    op.create_index("ix_session_account", "session", ["account", "made_at"])


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
