"""What all tables share: the metadata with its naming rule, and how ids sort."""

from __future__ import annotations

from sqlalchemy import MetaData, String

from hub.store.tables import NAMING

UUID_TEXT = String(36).with_variant(String(36, collation="C"), "postgresql")
"""Ids sort by their bytes on both databases: prefixes of them are ranges, and neighbours compare
their sets in this order."""
BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by its bytes, so that a prefix of it is a range."""
NODE_ID = BYTEWISE

metadata = MetaData(naming_convention=NAMING)
