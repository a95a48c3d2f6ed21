"""Places: divisions, grids, coverage, components, addresses, and the versions of these layers.

A layer's tables hold what is true now. Each row carries a ``digest`` of its own content, so that
an import that changes nothing is recognised without comparing columns. What a row was before an
import changed or retired it lies in ``place_change`` as JSON (``before`` NULL = it was not there),
so any earlier version of a row can be shown. Days are ISO dates, points CGCS2000 degrees beside the
original ``x``, ``y``, ``crs``; ``outline`` is WKB.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from hub.store.tables import SERIAL, Bytes
from node.store.tables.naming import metadata

CODE = String().with_variant(String(collation="C"), "postgresql")
"""Codes sort by their bytes on both databases: pages and ranges of prefixes depend on it."""


def _box() -> tuple[Column[float], ...]:
    return tuple(
        Column(side, Float(53), nullable=False) for side in ("west", "south", "east", "north")
    )


def _point(*, needed: bool) -> tuple[Column[float], ...]:
    return (
        Column("lon", Float(53), nullable=not needed),
        Column("lat", Float(53), nullable=not needed),
        Column("x", Float(53), nullable=not needed),
        Column("y", Float(53), nullable=not needed),
    )


def _generation() -> tuple[Column[int], ...]:
    """The version that brought a row, and the one that ended it: ``node.store.generations``."""
    return (
        Column("born", Integer, nullable=False, server_default="0"),
        Column("died", Integer, nullable=True),
    )


region = Table(
    "region",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("name", String, nullable=False),
    Column("pseudo", Boolean, nullable=False, server_default=false()),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("digest", Bytes, nullable=False),
)

grid = Table(
    "grid",
    metadata,
    Column("kind", CODE, nullable=False),  # unit | beat | responsibility
    Column("code", CODE, nullable=False),
    Column("area", CODE, nullable=False),
    Column("name", String, nullable=False),
    Column("standard", String, nullable=False),
    Column("area_m2", Float(53), nullable=False),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    # Retired: the row stays, so that the code is never used again.
    Column("void", Boolean, nullable=False, server_default=false()),
    Column("note", Text, nullable=False, server_default=""),
    Column("outline", Bytes, nullable=True),  # None: a beat given by its unit grids alone
    Column("west", Float(53), nullable=True),
    Column("south", Float(53), nullable=True),
    Column("east", Float(53), nullable=True),
    Column("north", Float(53), nullable=True),
    Column("digest", Bytes, nullable=False),
    PrimaryKeyConstraint("kind", "code"),
    Index("ix_grid_area", "area"),
)

grid_unit = Table(
    "grid_unit",
    metadata,
    Column("kind", CODE, nullable=False),
    Column("code", CODE, nullable=False),  # of a beat or responsibility grid
    Column("unit", CODE, nullable=False),  # code of a unit grid in it
    PrimaryKeyConstraint("kind", "code", "unit"),
    Index("ix_grid_unit_unit", "unit"),
)

coverage = Table(
    "coverage",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("name", String, nullable=False),
    Column("area_m2", Float(53), nullable=False),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("outline", Bytes, nullable=False),
    *_box(),
    Column("digest", Bytes, nullable=False),
)

component = Table(
    "component",
    metadata,
    Column("code", CODE, nullable=False),
    Column("name", String, nullable=False),
    Column("department_code", String, nullable=False),
    Column("department_name", String, nullable=False),
    Column("owner_code", String, nullable=False),
    Column("owner_name", String, nullable=False),
    Column("maintainer_code", String, nullable=False),
    Column("maintainer_name", String, nullable=False),
    Column("grid", CODE, nullable=False),
    Column("state", String, nullable=False),
    Column("initial_on", Date, nullable=True),
    Column("changed_on", Date, nullable=True),
    Column("source", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("street_code", CODE, nullable=False),
    Column("street_name", String, nullable=False),
    Column("community_code", CODE, nullable=False),
    Column("community_name", String, nullable=False),
    Column("standard_ref", String, nullable=False),
    Column("type_code", CODE, nullable=False),
    *_point(needed=False),
    Column("crs", String, nullable=False),
    Column("maintained_from", Date, nullable=True),
    Column("maintained_to", Date, nullable=True),
    Column("update_due_on", Date, nullable=True),
    # What the look-up of places by words finds it under.
    Column("label", String, nullable=False),
    Column("digest", Bytes, nullable=False),
    *_generation(),
    PrimaryKeyConstraint("code", "born"),
    Index("ix_component_point", "lat", "lon"),
    Index("ix_component_grid", "grid", "code"),
    Index("ix_component_label", "label"),
    Index("ix_component_due", "update_due_on"),
)

address = Table(
    "address",
    metadata,
    Column("code", CODE, nullable=False),
    Column("text", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("area", CODE, nullable=False),
    *_point(needed=True),
    Column("crs", String, nullable=False),
    Column("label", String, nullable=False),
    Column("digest", Bytes, nullable=False),
    *_generation(),
    PrimaryKeyConstraint("code", "born"),
    Index("ix_address_point", "lat", "lon"),
    Index("ix_address_label", "label"),
)

organisation = Table(
    "organisation",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("parent", CODE, nullable=False),
    Column("area", CODE, nullable=False),
    Column("address", String, nullable=False),
    *_point(needed=False),
    Column("crs", String, nullable=False),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("outline", Bytes, nullable=True),  # the ground that it answers for
    Column("west", Float(53), nullable=True),
    Column("south", Float(53), nullable=True),
    Column("east", Float(53), nullable=True),
    Column("north", Float(53), nullable=True),
    Column("digest", Bytes, nullable=False),
    Index("ix_organisation_point", "lat", "lon"),
)

place_text = Table(
    "place_text",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("layer", CODE, nullable=False),  # address | component | grid
    Column("text", String, nullable=False),
    Column("signs", Integer, nullable=False),  # how many pieces the text was cut into
    UniqueConstraint("layer", "text", name="uq_place_text"),
)

place_gram = Table(
    "place_gram",
    metadata,
    Column("gram", CODE, nullable=False),
    Column("text_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("gram", "text_id"),
    sqlite_with_rowid=False,
)

layer_version = Table(
    "layer_version",
    metadata,
    Column("layer", CODE, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("dated", Date, nullable=False),  # the day that the data speak of
    Column("source", String, nullable=False),  # name of the file
    Column("actor", String, nullable=False),
    Column("digest", Bytes, nullable=False),  # of the whole layer after it
    Column("row_count", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    PrimaryKeyConstraint("layer", "number"),
)

place_change = Table(
    "place_change",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("layer", CODE, nullable=False),
    Column("number", Integer, nullable=False),  # of the version that it led to
    Column("key", CODE, nullable=False),
    Column("what", String, nullable=False),  # added | changed | removed
    Column("at", BigInteger, nullable=False),
    Column("before", Bytes, nullable=True),
    Index("ix_place_change_key", "layer", "key", "at"),
    Index("ix_place_change_number", "layer", "number", "id"),
    sqlite_autoincrement=True,
)

place_import = Table(
    "place_import",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("layer", CODE, nullable=False, unique=True),  # one at a time
    Column("source", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("dated", Date, nullable=False),
    Column("complete", Boolean, nullable=False),  # what it does not name is retired
    Column("area", CODE, nullable=False),  # "" = the whole layer
    Column("begun_at", BigInteger, nullable=False),
    Column("checked", Boolean, nullable=False, server_default=false()),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
)

place_staged = Table(
    "place_staged",
    metadata,
    Column("import_id", String(36), nullable=False),
    Column("key", CODE, nullable=False),
    Column("n", Integer, nullable=False),  # line of the file
    Column("body", Bytes, nullable=False),
    PrimaryKeyConstraint("import_id", "key"),
    sqlite_with_rowid=False,
)
