"""Versions of imported tables with what each changed, and sheets that wait to be taken."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from hub.store.tables import SERIAL
from node.store.tables.naming import UUID_TEXT, metadata

revision = Table(
    "revision",
    metadata,
    Column("name", String, nullable=False),  # of the imported table
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("source", String, nullable=False, server_default=""),  # name of the file
    Column("back_to", Integer, nullable=True),  # the version that was put back
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    PrimaryKeyConstraint("name", "number"),
)

revision_change = Table(
    "revision_change",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("name", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("before", Text, nullable=True),  # JSON; None = the row was not there
    Column("after", Text, nullable=True),  # JSON; None = it went
    Index("ix_revision_change", "name", "number", "id"),
)

revision_draft = Table(
    "revision_draft",
    metadata,
    Column("id", UUID_TEXT, nullable=False),
    Column("name", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("source", String, nullable=False),
    Column("whole", Boolean, nullable=False, server_default=false()),
    Column("body", Text, nullable=False),  # the sound lines, as CSV
    Column("report", Text, nullable=False),  # JSON: what is wrong, and what to look at
    Column("rejects", Text, nullable=False, server_default=""),  # the other lines, as CSV
    PrimaryKeyConstraint("id"),
    Index("ix_revision_draft", "name", "at"),
)
