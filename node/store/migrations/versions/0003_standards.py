"""Standards in editions: classes, filing conditions by edition, classes of area, the crosswalk.

Filing conditions that were imported before belong to edition 1 of their standard, in force since
ever. An older program cannot write conditions without an edition.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0003_standards"
down_revision = "0002_places"
branch_labels = None
depends_on = None

CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("standard_ref", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("major_digits", sa.Integer(), nullable=False),
        sa.Column("minor_digits", sa.Integer(), nullable=False),
        sa.Column("region_digits", sa.Integer(), nullable=False),
        sa.Column("sequence_digits", sa.Integer(), nullable=False),
        sa.Column("local_from", sa.Integer(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("approved_by", sa.String(), nullable=False, server_default=""),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False, server_default="person"),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("published_by", sa.String(), nullable=False, server_default=""),
        sa.Column("published_version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("standard_ref", "version", name="pk_edition"),
    )
    op.create_table(
        "class_code",
        sa.Column("standard_ref", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("major_name", sa.String(), nullable=False, server_default=""),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("incident", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("handling_unit", sa.String(), nullable=False, server_default=""),
        sa.Column("department", sa.String(), nullable=False, server_default=""),
        sa.Column("legal_basis", sa.Text(), nullable=False, server_default=""),
        sa.Column("collection", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("standard_ref", "version", "kind", "code", name="pk_class_code"),
    )
    op.create_table(
        "area_class",
        sa.Column("dimension", CODE, nullable=False),
        sa.Column("area", CODE, nullable=False),
        sa.Column("area_class", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "area", name="pk_area_class"),
    )
    op.create_table(
        "crosswalk",
        sa.Column("old_standard", CODE, nullable=False),
        sa.Column("old_kind", CODE, nullable=False),
        sa.Column("old_code", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("new_standard", CODE, nullable=False),
        sa.Column("new_kind", CODE, nullable=False),
        sa.Column("new_code", CODE, nullable=False),
        sa.Column("old_name", sa.String(), nullable=False, server_default=""),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_by", sa.String(), nullable=False, server_default=""),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "old_standard", "old_kind", "old_code", "version", "new_standard", "new_kind",
            "new_code", name="pk_crosswalk",
        ),
    )
    op.create_index("ix_crosswalk_new", "crosswalk", ["new_standard", "new_kind", "new_code"])
    _conditions()


def _conditions() -> None:
    conn = op.get_bind()
    old = sa.Table("filing_condition", sa.MetaData(), autoload_with=conn)
    kept = [dict(row) for row in conn.execute(sa.select(old)).mappings()]
    op.drop_table("filing_condition")
    new = op.create_table(
        "filing_condition",
        sa.Column("standard_ref", CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("condition_no", sa.Integer(), nullable=False),
        sa.Column("area_class", CODE, nullable=False, server_default=""),
        sa.Column("dimension", sa.String(), nullable=False, server_default=""),
        sa.Column("major_name", sa.String(), nullable=False, server_default=""),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("handling_unit", sa.String(), nullable=False, server_default=""),
        sa.Column("department", sa.String(), nullable=False, server_default=""),
        sa.Column("filing", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=False, server_default=""),
        sa.Column("evidence", sa.Text(), nullable=False, server_default=""),
        sa.Column("limit_text", sa.String(), nullable=False, server_default=""),
        sa.Column("limit_count", sa.Integer(), nullable=True),
        sa.Column("limit_unit", sa.String(), nullable=False, server_default=""),
        sa.Column("limit_action", sa.String(), nullable=False, server_default=""),
        sa.Column("limit_assumed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint(
            "standard_ref", "version", "kind", "code", "condition_no", "area_class",
            name="pk_filing_condition",
        ),
    )
    if not kept:
        return
    now_us = time.time_ns() // 1000
    edition = sa.table(
        "edition", *(sa.column(name) for name in (
            "standard_ref", "version", "major_digits", "minor_digits", "region_digits",
            "sequence_digits", "authors", "approved", "basis", "digest", "created_at")))
    classes = sa.table("class_code", *(sa.column(name) for name in (
        "standard_ref", "version", "kind", "code", "name", "major_name", "origin")))
    conn.execute(sa.insert(edition), [
        {"standard_ref": ref, "version": 1, "major_digits": 2,
         # Two-digit minor numbers until the generation of 2026.
         "minor_digits": max(len(row["code"]) for row in kept if row["standard_ref"] == ref) - 2
         if any(len(row["code"]) > 2 for row in kept if row["standard_ref"] == ref) else 2,
         "region_digits": 6, "sequence_digits": 6, "authors": "[]", "approved": True,
         "basis": "installed", "digest": "", "created_at": now_us}
        for ref in sorted({row["standard_ref"] for row in kept})])
    named = {(row["standard_ref"], row["kind"], row["code"]): row for row in kept}
    conn.execute(sa.insert(classes), [
        {"standard_ref": ref, "version": 1, "kind": kind, "code": code,
         "name": row["name"] or code, "major_name": row["major_name"], "origin": "local"}
        for (ref, kind, code), row in sorted(named.items())])
    conn.execute(sa.insert(new), [{**row, "version": 1} for row in kept])
