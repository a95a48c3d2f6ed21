"""Tables of the comprehensive evaluation: rows computed from the journal, groupings, publications.

``evaluation_row`` is a projection: it can be dropped and computed again from journal and traces.
Its instants are microseconds since the epoch, NULL = this has not become true. Publications are
records: what was published is kept as it was, byte for byte.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.store.tables import Bytes
from node.core.counters import KEYS, MARKS, TIMES
from node.store.tables.naming import UUID_TEXT, metadata


def _index(name: str, column: str) -> Index:
    """Rows of a kind by one of the instants that a period chooses by."""
    return Index(f"ix_evaluation_row_{name}", "kind", column)


evaluation_row = Table(
    "evaluation_row",
    metadata,
    Column("case_id", UUID_TEXT, nullable=False),
    Column("kind", String, nullable=False),  # case | leg | post
    Column("ref", String, nullable=False),
    Column("case_no", String, nullable=False, server_default=""),
    Column("excluded", String, nullable=False, server_default=""),
    *(Column(name, String, nullable=False, server_default="") for name in KEYS),
    *(Column(name, BigInteger, nullable=True) for name in TIMES),
    *(Column(f"m_{name}", BigInteger, nullable=True) for name in MARKS),
    PrimaryKeyConstraint("case_id", "kind", "ref"),
    _index("begun", "begun_at"),
    _index("due", "due_at"),
    _index("done", "done_at"),
    _index("settle", "settle_at"),
    _index("filed", "filed_at"),
    _index("rated", "rated_at"),
)
"""``m_`` columns are the marks of ``node.core.counters``: some of them are words of SQL."""

evaluation_group = Table(
    "evaluation_group",
    metadata,
    Column("scheme", String, nullable=False),
    Column("key", String, nullable=False),
    Column("member_of", String, nullable=False),
    Column("valid_from", BigInteger, nullable=False, server_default="0"),
    Column("valid_to", BigInteger, nullable=True),  # None = until further notice
    PrimaryKeyConstraint("scheme", "key", "valid_from"),
)

publication = Table(
    "publication",
    metadata,
    Column("publication_id", UUID_TEXT, primary_key=True),
    Column("subject", String, nullable=False),
    Column("period", String, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("definition", String, nullable=False),  # its version
    Column("definition_digest", String, nullable=False),
    Column("definition_text", Text, nullable=False),
    Column("open", Boolean, nullable=False),  # made for the public: without personal data
    Column("published_at", BigInteger, nullable=False),
    Column("published_by", String, nullable=False),
    Column("digest", String, nullable=False),  # SHA-256 of the sheet, hex
    Column("key_id", String, nullable=False, server_default=""),
    Column("signature", Bytes, nullable=False),
    Index("ix_publication_at", "published_at", "publication_id"),
)

publication_file = Table(
    "publication_file",
    metadata,
    Column("publication_id", UUID_TEXT, nullable=False),
    Column("format", String, nullable=False),  # json | html | csv | xlsx
    Column("digest", String, nullable=False),
    Column("bytes", Bytes, nullable=False),
    UniqueConstraint("publication_id", "format"),
)
