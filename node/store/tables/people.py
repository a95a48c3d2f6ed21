"""Accounts of people, their sessions, one-time links and failures.

Nothing here opens a door by itself: of session ids, links and recovery codes a hash is kept, of
passwords an Argon2id string, and the secret of a second factor is sealed with a key that lies
outside of the database.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from hub.store.dialect import partial_index
from hub.store.tables import SERIAL, Bytes
from node.store.tables.naming import UUID_TEXT, metadata

account = Table(
    "account",
    metadata,
    Column("id", UUID_TEXT, primary_key=True),
    # Small letters; never given twice, so that a name in a log stays one person's.
    Column("login", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("state", String, nullable=False),
    # With commas between; "" = none, and for the three of the scope: all.
    Column("roles", String, nullable=False, server_default=""),
    Column("areas", String, nullable=False, server_default=""),
    Column("codes", String, nullable=False, server_default=""),
    Column("units", String, nullable=False, server_default=""),
    Column("password", Text, nullable=True),
    Column("password_at", BigInteger, nullable=True),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    # The sealed secret; it counts once ``factor_at`` is set.
    Column("factor", Bytes, nullable=True),
    Column("factor_at", BigInteger, nullable=True),
    Column("factor_step", BigInteger, nullable=False, server_default="0"),
    Column("locked_at", BigInteger, nullable=True),
    Column("locked_by", String, nullable=False, server_default=""),
    Column("lock_reason", String, nullable=False, server_default=""),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", String, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    # What a login service elsewhere calls its owner.
    Column("issuer", String, nullable=True),
    Column("subject", String, nullable=True),
    partial_index(
        "uq_account_identity",
        "issuer",
        "subject",
        unique=True,
        where="subject IS NOT NULL",
    ),
)

account_password = Table(
    "account_password",
    metadata,
    Column("n", SERIAL, Identity(cache=1), primary_key=True),
    Column("account", UUID_TEXT, nullable=False),
    Column("password", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_account_password_account", "account", "n"),
    sqlite_autoincrement=True,
)

account_recovery = Table(
    "account_recovery",
    metadata,
    Column("code_hash", Bytes, primary_key=True),
    Column("account", UUID_TEXT, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    Index("ix_account_recovery_account", "account"),
)

account_link = Table(
    "account_link",
    metadata,
    Column("link_hash", Bytes, primary_key=True),
    # NULL: whoever comes first makes the first account with it.
    Column("account", UUID_TEXT, nullable=True),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", String, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
)

login_failure = Table(
    "login_failure",
    metadata,
    # A login name, an address, or both.
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("wait_until", BigInteger, nullable=False),
    PrimaryKeyConstraint("kind", "subject"),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", Bytes, primary_key=True),
    # What lists show and ends it: it opens nothing.
    Column("handle", UUID_TEXT, nullable=False, unique=True),
    Column("account", UUID_TEXT, nullable=False),
    # factor | enrol | change | full
    Column("stage", String, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Column("address", String, nullable=False, server_default=""),
    Column("agent", String, nullable=False, server_default=""),
    Index("ix_session_account", "account", "made_at"),
)
