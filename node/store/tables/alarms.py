"""Calls for help of collectors. Where they were is in no other table, and goes to no neighbour."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, String, Table, Text

from hub.store.dialect import partial_index
from node.store.tables.naming import UUID_TEXT, metadata

alarm = Table(
    "alarm",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("collector", String, nullable=False),
    Column("raised_by", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("text", Text, nullable=False, server_default=""),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    # Where: CGCS2000 degrees, and as the device gave it.
    Column("lon", Float(53), nullable=True),
    Column("lat", Float(53), nullable=True),
    Column("x", Float(53), nullable=True),
    Column("y", Float(53), nullable=True),
    Column("crs", String, nullable=False, server_default=""),
    Column("accuracy_m", Float(53), nullable=True),
    Column("taken_by", String, nullable=False, server_default=""),
    Column("taken_at", BigInteger, nullable=True),
    Column("settled_by", String, nullable=False, server_default=""),
    Column("settled_at", BigInteger, nullable=True),
    Column("outcome", String, nullable=False, server_default=""),
    Column("report", Text, nullable=False, server_default=""),
    Column("reference", String, nullable=False, server_default=""),
    partial_index("ix_alarm_open", "received_at", "id", where="settled_at IS NULL"),
)
