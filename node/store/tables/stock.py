"""Sheets of the problem library: our own as published, and those received from below.

They are records: a sheet is written once and never changed. A later version stands beside the
earlier one.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from hub.store.tables import Bytes
from node.store.tables.naming import NODE_ID, metadata

stock_sheet = Table(
    "stock_sheet",
    metadata,
    Column("node", NODE_ID, nullable=False),  # whose library
    Column("period", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("span", String, nullable=False),  # day | week | month
    Column("begins_at", BigInteger, nullable=False),
    Column("drawn_at", BigInteger, nullable=False),  # published there
    Column("drawn_by", String, nullable=False, server_default=""),
    Column("digest", String, nullable=False),  # SHA-256 of the document, hex
    Column("document", Bytes, nullable=False),
    Column("msg", Bytes, nullable=True),  # the word that carried it up; None = it went nowhere
    Column("received_at", BigInteger, nullable=True),  # None = our own
    Column("sealed", Bytes, nullable=True),  # the sender's own envelope: the evidence
    PrimaryKeyConstraint("node", "period", "version"),
    Index("ix_stock_sheet_begins", "begins_at", "node", "period", "version"),
)
