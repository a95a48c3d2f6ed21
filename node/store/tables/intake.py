"""Tables of intake: what is owed to whoever reported a problem, how a caller is found again, and
whose pictures are whose.

Name and phone themselves are in ``cases.private`` and nowhere else; here is a keyed hash of the
phone, by which one can look but not read. Times are microseconds since the epoch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, String, Table, Text

from hub.store.tables import Bytes
from node.store.tables.naming import UUID_TEXT, metadata

notice = Table(
    "notice",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("case_no", String, nullable=False),
    Column("kind", String, nullable=False),  # closed | not_accepted | not_filed | voided | …
    Column("recipient", String, nullable=False),  # reporter, or the body's name
    Column("reference", String, nullable=False, server_default=""),  # the body's own number
    Column("channel", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String, nullable=False),  # pending | delivered | failed
    Column("created_at", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=True),
    Column("told_by", String, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),  # why it failed, or who took it
    Index("ix_notice_case", "case_id"),
    Index("ix_notice_state", "state", "created_at", "id"),
)

reporter = Table(
    "reporter",
    metadata,
    Column("case_id", UUID_TEXT, primary_key=True),
    Column("phone_hash", Bytes, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Index("ix_reporter_phone", "phone_hash", "opened_at"),
)

picture = Table(
    "picture",
    metadata,
    Column("digest", Bytes, nullable=False),  # SHA-256
    Column("case_id", UUID_TEXT, nullable=False),
    Column("at", BigInteger, nullable=False),  # when it first came with this case
    PrimaryKeyConstraint("digest", "case_id"),
)
"""Which pictures came with which own case: the same one in two of them is odd."""
