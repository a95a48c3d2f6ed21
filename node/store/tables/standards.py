"""Standards: editions with their classes and filing conditions, classes of area, the crosswalk.

An edition is written whole: classes and conditions carry its number, so that what was in force
stays readable for every case filed under it. Days are dates in China, instants microseconds.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from node.store.tables.naming import metadata

CODE = String().with_variant(String(collation="C"), "postgresql")
"""Codes sort by their bytes on both databases: pages depend on it."""

edition = Table(
    "edition",
    metadata,
    Column("standard_ref", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("major_digits", Integer, nullable=False),
    Column("minor_digits", Integer, nullable=False),
    Column("region_digits", Integer, nullable=False),
    Column("sequence_digits", Integer, nullable=False),
    Column("local_from", Integer, nullable=True),  # None = the standard names no border
    Column("authors", Text, nullable=False),  # JSON list of who wrote in it
    Column("approved", Boolean, nullable=False, server_default=false()),
    Column("approved_by", String, nullable=False, server_default=""),
    Column("approved_at", BigInteger, nullable=True),
    Column("basis", String, nullable=False, server_default="person"),
    Column("effective_from", Date, nullable=True),  # None = since ever
    Column("effective_to", Date, nullable=True),  # last day; None = until further notice
    Column("digest", String, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("published_by", String, nullable=False, server_default=""),
    Column("published_version", Integer, nullable=False, server_default="0"),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("standard_ref", "version"),
)

class_code = Table(
    "class_code",
    metadata,
    Column("standard_ref", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("code", CODE, nullable=False),  # of a major class alone: its digits
    Column("name", String, nullable=False),
    Column("major_name", String, nullable=False, server_default=""),
    Column("origin", String, nullable=False),  # national | local
    Column("incident", Boolean, nullable=False, server_default=false()),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("handling_unit", String, nullable=False, server_default=""),
    Column("department", String, nullable=False, server_default=""),
    Column("legal_basis", Text, nullable=False, server_default=""),
    Column("collection", Text, nullable=False, server_default=""),  # what a report must show
    PrimaryKeyConstraint("standard_ref", "version", "kind", "code"),
)

filing_condition = Table(
    "filing_condition",
    metadata,
    Column("standard_ref", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("code", CODE, nullable=False),
    Column("condition_no", Integer, nullable=False),
    Column("area_class", CODE, nullable=False, server_default=""),
    Column("dimension", String, nullable=False, server_default=""),
    Column("major_name", String, nullable=False, server_default=""),
    Column("name", String, nullable=False, server_default=""),
    Column("handling_unit", String, nullable=False, server_default=""),
    Column("department", String, nullable=False, server_default=""),
    Column("filing", Text, nullable=False),
    Column("closing", Text, nullable=False, server_default=""),
    Column("evidence", Text, nullable=False, server_default=""),  # kinds of proof, comma-separated
    Column("limit_text", String, nullable=False, server_default=""),
    Column("limit_count", Integer, nullable=True),
    Column("limit_unit", String, nullable=False, server_default=""),
    Column("limit_action", String, nullable=False, server_default=""),
    # The text could not be read, and the default stands in.
    Column("limit_assumed", Boolean, nullable=False, server_default=false()),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    PrimaryKeyConstraint(
        "standard_ref", "version", "kind", "code", "condition_no", "area_class"
    ),
)

area_class = Table(
    "area_class",
    metadata,
    Column("dimension", CODE, nullable=False),  # what is classed: zones, say
    Column("area", CODE, nullable=False),  # beginning of a division or grid code
    Column("area_class", String, nullable=False),
    PrimaryKeyConstraint("dimension", "area"),
)

crosswalk = Table(
    "crosswalk",
    metadata,
    Column("old_standard", CODE, nullable=False),
    Column("old_kind", CODE, nullable=False),
    Column("old_code", CODE, nullable=False),
    Column("version", Integer, nullable=False),  # counts the decisions about the old class
    Column("new_standard", CODE, nullable=False),  # "" = it goes nowhere
    Column("new_kind", CODE, nullable=False),
    Column("new_code", CODE, nullable=False),
    Column("old_name", String, nullable=False, server_default=""),
    Column("verdict", String, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("decided_by", String, nullable=False, server_default=""),
    Column("decided_at", BigInteger, nullable=False),
    PrimaryKeyConstraint(
        "old_standard", "old_kind", "old_code", "version", "new_standard", "new_kind", "new_code"
    ),
    Index("ix_crosswalk_new", "new_standard", "new_kind", "new_code"),
)
