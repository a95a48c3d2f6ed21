"""What a node measured of itself: one small row a month, written over until the month is over."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from node.store.tables.naming import metadata

storage_month = Table(
    "storage_month",
    metadata,
    Column("month", String, primary_key=True),  # 2026-11, of Beijing time
    Column("measured_at", BigInteger, nullable=False),
    Column("database_bytes", BigInteger, nullable=False),
    Column("blob_bytes", BigInteger, nullable=False),
    Column("blobs", BigInteger, nullable=False),
    Column("accounts", BigInteger, nullable=False),
    Column("clerks", BigInteger, nullable=False),
)
