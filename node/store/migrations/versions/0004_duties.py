"""Who is responsible: units and their cards, qualified rows, unmapped phrases, the repair fund."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_duties"
down_revision = "0003_standards"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UUID_TEXT = sa.String(36).with_variant(sa.String(36, collation="C"), "postgresql")


def upgrade() -> None:
    _responsibility()
    _phrases()
    _units()
    _fund()
    # The fund is rebuilt from these entries alone; they are few among very many.
    op.create_index(
        "ix_journal_fund", "journal", ["n"],
        sqlite_where=sa.text("event_type IN ('CostRecovered', 'ProxyRepairRecorded')"),
        postgresql_where=sa.text("event_type IN ('CostRecovered', 'ProxyRepairRecorded')"),
    )


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")


def _responsibility() -> None:
    """The table is made anew: its key gains the unit, the qualifier and the day it begins."""
    op.execute(sa.text("CREATE TABLE responsibility_old AS SELECT * FROM responsibility"))
    op.drop_table("responsibility")
    op.create_table(
        "responsibility",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("standard_ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False, server_default=""),
        sa.Column("assignee", sa.String(), nullable=False, server_default=""),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("qualifier", sa.String(), nullable=False, server_default=""),
        sa.Column("zone", sa.Text(), nullable=False, server_default=""),
        sa.Column("phrase", sa.String(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("valid_from", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_responsibility"),
        sa.UniqueConstraint(
            "standard_ref", "code", "kind", "area", "unit", "assignee", "qualifier", "zone",
            "phrase", "valid_from", name="uq_responsibility",
        ),
    )
    op.execute(sa.text(
        "INSERT INTO responsibility (standard_ref, kind, code, area, assignee, duty, phrase, "
        "valid_from, valid_to) SELECT standard_ref, kind, code, area, assignee, "
        "CASE duty WHEN 'supervise' THEN 'regulate' WHEN 'assist' THEN 'assist' "
        "ELSE 'rectify' END, CASE duty WHEN 'lead' THEN '' ELSE duty END, "
        "COALESCE(valid_from, 0), valid_to FROM responsibility_old ORDER BY id"
    ))
    op.drop_table("responsibility_old")


def _phrases() -> None:
    op.create_table(
        "responsibility_phrase",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("phrase", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, server_default=""),
        sa.Column("duty", sa.String(), nullable=False, server_default=""),
        sa.Column("qualifier", sa.String(), nullable=False, server_default=""),
        sa.Column("standard_ref", sa.String(), nullable=False, server_default=""),
        sa.Column("kind", sa.String(), nullable=False, server_default=""),
        sa.Column("code", sa.String(), nullable=False, server_default=""),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_responsibility_phrase"),
        sa.UniqueConstraint("unit", "phrase", "area", name="uq_responsibility_phrase"),
    )


def _units() -> None:
    op.create_table(
        "unit",
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body_group", sa.String(), nullable=False, server_default=""),
        sa.Column("parent", sa.String(), nullable=False, server_default=""),
        sa.Column("region", sa.String(), nullable=False, server_default=""),
        sa.Column("territorial", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("address", sa.String(), nullable=False, server_default=""),
        sa.Column("way", sa.String(), nullable=False, server_default=""),
        sa.Column("credit_code", sa.String(), nullable=False, server_default=""),
        sa.Column("leader", sa.String(), nullable=False, server_default=""),
        sa.Column("leader_phone", sa.String(), nullable=False, server_default=""),
        sa.Column("section", sa.String(), nullable=False, server_default=""),
        sa.Column("crew", sa.String(), nullable=False, server_default=""),
        sa.Column("duty_phone", sa.String(), nullable=False, server_default=""),
        sa.Column("clerks", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("plans", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("valid_from", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit"),
    )
    op.create_index("ix_unit_name", "unit", ["name"])


def _fund() -> None:
    op.create_table(
        "fund_entry",
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("case_id", UUID_TEXT, nullable=False),
        sa.Column("case_no", sa.String(), nullable=False, server_default=""),
        sa.Column("repair_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("performer", sa.String(), nullable=False, server_default=""),
        sa.Column("payer", sa.String(), nullable=False, server_default=""),
        sa.Column("actor", sa.String(), nullable=False, server_default=""),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("n", name="pk_fund_entry"),
    )
    op.create_index("ix_fund_entry_repair", "fund_entry", ["case_id", "repair_id"])
    op.create_table(
        "fund_deposit",
        sa.Column("deposit_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("deposit_id", name="pk_fund_deposit"),
    )
