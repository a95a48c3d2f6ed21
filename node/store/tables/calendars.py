"""Working calendars: every version stays as it was, because limits name the one they came from."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table, Text

from node.store.tables.naming import metadata

calendar = Table(
    "calendar",
    metadata,
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", String, nullable=False),
    # Where the statutory days come from, with its version.
    Column("source", String, nullable=False),
    PrimaryKeyConstraint("name", "version"),
)

calendar_hours = Table(
    "calendar_hours",
    metadata,
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("valid_from", String(10), nullable=False),  # ISO date, "" = open
    Column("valid_to", String(10), nullable=False),
    Column("weekdays", String, nullable=False),  # "12345", Monday is 1
    Column("intervals", String, nullable=False),  # "08:00-12:00 14:00-18:00"
    PrimaryKeyConstraint("name", "version", "valid_from", "valid_to"),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("name", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("day", String(10), nullable=False),  # ISO date
    Column("kind", String, nullable=False),  # holiday | workday | ordinary
    Column("origin", String, nullable=False),  # statutory | local
    Column("note", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("name", "version", "day"),
)
