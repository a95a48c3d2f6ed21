"""What all tables share: the metadata with its naming rule, and how ids sort."""

from __future__ import annotations

from sqlalchemy import MetaData, String

from hub.store.tables import NAMING

UUID_TEXT = String(36).with_variant(String(36, collation="C"), "postgresql")
"""Ids sort by their bytes on both databases: prefixes of them are ranges, and neighbours compare
their sets in this order."""
NODE_ID = String().with_variant(String(collation="C"), "postgresql")

metadata = MetaData(naming_convention=NAMING)
