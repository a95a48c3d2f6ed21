"""Who is responsible, the units' cards, and the ledger of repairs by proxy."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from hub.store.tables import SERIAL
from node.store.tables.naming import UUID_TEXT, metadata

responsibility = Table(
    "responsibility",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("standard_ref", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("code", String, nullable=False),
    Column("area", String, nullable=False),  # a division code; it covers all that begin with it
    Column("unit", String, nullable=False, server_default=""),
    Column("assignee", String, nullable=False, server_default=""),  # "" = the unit's own address
    Column("duty", String, nullable=False),  # rectify/manage
    Column("qualifier", String, nullable=False, server_default=""),
    Column("zone", Text, nullable=False, server_default=""),  # beginnings of grids, by blanks
    Column("phrase", String, nullable=False, server_default=""),  # as the list words it
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", BigInteger, nullable=False, server_default="0"),  # 0 = since ever
    Column("valid_to", BigInteger, nullable=True),  # None = until further notice
    UniqueConstraint(
        "standard_ref", "code", "kind", "area", "unit", "assignee", "qualifier", "zone", "phrase",
        "valid_from", name="uq_responsibility",
    ),
)

responsibility_phrase = Table(
    "responsibility_phrase",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("unit", String, nullable=False),
    Column("phrase", String, nullable=False),
    Column("area", String, nullable=False, server_default=""),
    Column("duty", String, nullable=False, server_default=""),
    Column("qualifier", String, nullable=False, server_default=""),
    Column("standard_ref", String, nullable=False, server_default=""),
    Column("kind", String, nullable=False, server_default=""),
    Column("code", String, nullable=False, server_default=""),  # proposed, to be looked at
    Column("name", String, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger, nullable=True),
    Column("settled_by", String, nullable=False, server_default=""),
    UniqueConstraint("unit", "phrase", "area", name="uq_responsibility_phrase"),
)

unit = Table(
    "unit",
    metadata,
    Column("unit_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body_group", String, nullable=False, server_default=""),
    Column("parent", String, nullable=False, server_default=""),
    Column("region", String, nullable=False, server_default=""),
    Column("territorial", Boolean, nullable=False, server_default=false()),
    Column("address", String, nullable=False, server_default=""),
    Column("way", String, nullable=False, server_default=""),  # node | system | form | ""
    Column("credit_code", String, nullable=False, server_default=""),
    Column("leader", String, nullable=False, server_default=""),
    Column("leader_phone", String, nullable=False, server_default=""),
    Column("section", String, nullable=False, server_default=""),
    Column("crew", String, nullable=False, server_default=""),
    Column("duty_phone", String, nullable=False, server_default=""),
    Column("clerks", Text, nullable=False, server_default="[]"),  # JSON
    Column("plans", Text, nullable=False, server_default="[]"),  # JSON
    Column("note", Text, nullable=False, server_default=""),
    Column("valid_from", BigInteger, nullable=False, server_default="0"),
    Column("valid_to", BigInteger, nullable=True),
    Column("updated_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("unit_id"),
    Index("ix_unit_name", "name"),
)

fund_entry = Table(
    "fund_entry",
    metadata,
    Column("n", BigInteger, nullable=False),  # the journal's own number: rebuilt from there
    Column("case_id", UUID_TEXT, nullable=False),
    Column("case_no", String, nullable=False, server_default=""),
    Column("repair_id", String, nullable=False),
    Column("kind", String, nullable=False),  # repair | recovery
    Column("at", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("performer", String, nullable=False, server_default=""),
    Column("payer", String, nullable=False, server_default=""),
    Column("actor", String, nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("n"),
    Index("ix_fund_entry_repair", "case_id", "repair_id"),
)

fund_deposit = Table(
    "fund_deposit",
    metadata,
    Column("deposit_id", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("amount_fen", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("deposit_id"),
)
