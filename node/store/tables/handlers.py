"""Who handles a duty inside the office: names that are in no entry, no word and no answer to a
neighbour.

A row is written when somebody is assigned and gets its end once, when somebody else is or nobody;
nothing is deleted. Times are microseconds since the epoch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, String, Table, Text

from hub.store.dialect import partial_index
from hub.store.tables import SERIAL
from node.store.tables.naming import UUID_TEXT, metadata

handler = Table(
    "handler",
    metadata,
    Column("n", SERIAL, Identity(cache=1), primary_key=True),
    Column("case_id", UUID_TEXT, nullable=False),
    Column("assignment_id", UUID_TEXT, nullable=False),  # of the duty it is for
    Column("generation", BigInteger, nullable=False),  # of that duty, when it was written
    Column("name", String, nullable=False),  # a person or a crew
    Column("note", Text, nullable=False, server_default=""),
    Column("given_by", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=True),  # None = nobody else was named since
    Column("until_by", String, nullable=False, server_default=""),
    Index("ix_handler_case", "case_id", "n"),
    # One handler at a time.
    partial_index("uq_handler_present", "case_id", unique=True, where="until IS NULL"),
    partial_index("ix_handler_name", "name", "case_id", where="until IS NULL"),
)
