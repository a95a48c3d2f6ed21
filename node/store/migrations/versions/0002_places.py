"""Places: layers with their versions, the index of their words; a case names its component."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_places"
down_revision = "0001_backbone"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    _layers()
    _texts()
    _versions()
    _cases()


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")


def _layers() -> None:
    op.create_table(
        "address",
        sa.Column("code", CODE, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area", CODE, nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("x", sa.Float(precision=53), nullable=False),
        sa.Column("y", sa.Float(precision=53), nullable=False),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_address")),
    )
    op.create_index("ix_address_label", "address", ["label"], unique=False)
    op.create_index("ix_address_point", "address", ["lat", "lon"], unique=False)
    op.create_table(
        "component",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_code", sa.String(), nullable=False),
        sa.Column("department_name", sa.String(), nullable=False),
        sa.Column("owner_code", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("maintainer_code", sa.String(), nullable=False),
        sa.Column("maintainer_name", sa.String(), nullable=False),
        sa.Column("grid", CODE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("initial_on", sa.Date(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("street_code", CODE, nullable=False),
        sa.Column("street_name", sa.String(), nullable=False),
        sa.Column("community_code", CODE, nullable=False),
        sa.Column("community_name", sa.String(), nullable=False),
        sa.Column("standard_ref", sa.String(), nullable=False),
        sa.Column("type_code", CODE, nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("x", sa.Float(precision=53), nullable=True),
        sa.Column("y", sa.Float(precision=53), nullable=True),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("maintained_from", sa.Date(), nullable=True),
        sa.Column("maintained_to", sa.Date(), nullable=True),
        sa.Column("update_due_on", sa.Date(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_component")),
    )
    op.create_index("ix_component_due", "component", ["update_due_on"], unique=False)
    op.create_index("ix_component_grid", "component", ["grid", "code"], unique=False)
    op.create_index("ix_component_label", "component", ["label"], unique=False)
    op.create_index("ix_component_point", "component", ["lat", "lon"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_m2", sa.Float(precision=53), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.Column("west", sa.Float(precision=53), nullable=False),
        sa.Column("south", sa.Float(precision=53), nullable=False),
        sa.Column("east", sa.Float(precision=53), nullable=False),
        sa.Column("north", sa.Float(precision=53), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_coverage")),
    )
    op.create_table(
        "grid",
        sa.Column("kind", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("area", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("standard", sa.String(), nullable=False),
        sa.Column("area_m2", sa.Float(precision=53), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("void", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=True),
        sa.Column("west", sa.Float(precision=53), nullable=True),
        sa.Column("south", sa.Float(precision=53), nullable=True),
        sa.Column("east", sa.Float(precision=53), nullable=True),
        sa.Column("north", sa.Float(precision=53), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name=op.f("pk_grid")),
    )
    op.create_index("ix_grid_area", "grid", ["area"], unique=False)
    op.create_table(
        "grid_unit",
        sa.Column("kind", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("unit", CODE, nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", "unit", name=op.f("pk_grid_unit")),
    )
    op.create_index("ix_grid_unit_unit", "grid_unit", ["unit"], unique=False)
    op.create_table(
        "region",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pseudo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )


def _texts() -> None:
    op.create_table(
        "place_gram",
        sa.Column("gram", CODE, nullable=False),
        sa.Column("text_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gram", "text_id", name=op.f("pk_place_gram")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "place_text",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("signs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_text")),
        sa.UniqueConstraint("layer", "text", name="uq_place_text"),
    )


def _versions() -> None:
    op.create_table(
        "layer_version",
        sa.Column("layer", CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("layer", "number", name=op.f("pk_layer_version")),
    )
    op.create_table(
        "place_change",
        sa.Column("id", SERIAL, sa.Identity(cache=1), nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", CODE, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_place_change_key", "place_change", ["layer", "key", "at"], unique=False)
    op.create_index(
        "ix_place_change_number", "place_change", ["layer", "number", "id"], unique=False
    )
    op.create_table(
        "place_import",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("area", CODE, nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_import")),
        sa.UniqueConstraint("layer", name=op.f("uq_place_import_layer")),
    )
    op.create_table(
        "place_staged",
        sa.Column("import_id", sa.String(length=36), nullable=False),
        sa.Column("key", CODE, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "key", name=op.f("pk_place_staged")),
        sqlite_with_rowid=False,
    )


def _cases() -> None:
    op.add_column("cases", sa.Column("component", sa.String(), server_default="", nullable=False))
    op.create_index(
        "ix_cases_component",
        "cases",
        ["component", "opened_at"],
        unique=False,
        sqlite_where=sa.text("component <> ''"),
        postgresql_where=sa.text("component <> ''"),
    )
    # What is folded already says which component it is about.
    if op.get_bind().dialect.name == "sqlite":
        read = "json_extract(CAST(state AS TEXT), '$.facts.component')"
    else:
        read = "convert_from(state, 'UTF8')::json #>> '{facts,component}'"
    op.execute(f"UPDATE cases SET component = coalesce({read}, '')")  # noqa: S608
