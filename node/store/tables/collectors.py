"""Collectors (采集员、监督员): who they are, when they patrol which beat, what they were taught."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, String, Table, Text

from node.store.tables.naming import metadata

collector = Table(
    "collector",
    metadata,
    Column("collector", String, primary_key=True),  # as reports and accounts name them
    Column("name", String, nullable=False),
    Column("team", String, nullable=False, server_default=""),
    Column("firm", String, nullable=False, server_default=""),
    Column("beat", String, nullable=False, server_default=""),  # where they usually patrol
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),  # the last day; None = until further notice
    Column("note", Text, nullable=False, server_default=""),
    Index("ix_collector_beat", "beat"),
)

collector_shift = Table(
    "collector_shift",
    metadata,
    Column("collector", String, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("beat", String, nullable=False),
    PrimaryKeyConstraint("collector", "begins_at"),
    Index("ix_collector_shift_ends", "ends_at"),
)

collector_training = Table(
    "collector_training",
    metadata,
    Column("collector", String, nullable=False),
    Column("day", Date, nullable=False),
    Column("course", String, nullable=False),
    Column("hours", String, nullable=False, server_default=""),
    Column("result", String, nullable=False, server_default=""),
    PrimaryKeyConstraint("collector", "day", "course"),
)
