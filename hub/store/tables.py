"""Tables of the fabric: links, outbox, inbox, evidence, roster, certificates, blobs.

Times are microseconds since the epoch, positions are (epoch, seq) pairs, ids and digests are raw
bytes. There are no foreign keys: rows of these tables arrive in any order (a reference to a photo
before the photo, a parked word before the key that opens it), and the hot tables would pay a
look-up per row for something their statements already guarantee.

This module must never know what a body means.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    false,
)

from hub.store.dialect import partial_index

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has the same name on both databases, so that migrations can name it."""



class Bytes(LargeBinary):
    """Raw bytes, given to the driver as they are. Both drivers take and return ``bytes``; wrapping
    each value for older interfaces was a tenth of what writing a frame costs (measured)."""

    cache_ok = True

    def bind_processor(self, dialect: Any) -> None:
        """Nothing to convert on the way in."""

    def result_processor(self, dialect: Any, coltype: Any) -> None:
        """Nothing to convert on the way out."""


SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""An id the database counts: SQLite only counts a column of type INTEGER."""

metadata = MetaData(naming_convention=NAMING)

link = Table(
    "link",
    metadata,
    Column("link", String, primary_key=True),
    Column("peer", String, nullable=False, unique=True),
    Column("peer_is", String, nullable=False),  # PARENT | CHILD
    # UP | DOWN | FENCED | RECOVERING | QUARANTINED | RETIRED
    Column("state", String, nullable=False, server_default="DOWN"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("paused", Boolean, nullable=False, server_default=false()),  # by a person
    Column("prefer", String, nullable=False, server_default="GRPC"),  # GRPC | NATS
    Column("dual_seal", Boolean, nullable=False, server_default=false()),
    Column("out_epoch", BigInteger, nullable=False, server_default="1"),
    Column("out_seq", BigInteger, nullable=False, server_default="0"),
    Column("out_head", Bytes, nullable=False),
    Column("acked_epoch", BigInteger, nullable=False, server_default="1"),
    Column("acked_seq", BigInteger, nullable=False, server_default="0"),
    Column("in_epoch", BigInteger, nullable=False, server_default="1"),
    Column("in_seq", BigInteger, nullable=False, server_default="0"),
    Column("in_head", Bytes, nullable=False),
    Column("holder_no", BigInteger, nullable=False, server_default="0"),
    Column("holder_id", Bytes, nullable=True),
    Column("lease_until", BigInteger, nullable=True),
    Column("peer_hello", Bytes, nullable=True),  # its last Hello, still sealed
    Column("retry_n", Integer, nullable=False, server_default="0"),
    Column("retry_at", BigInteger, nullable=True),
    Column("last_contact_at", BigInteger, nullable=True),
    # Bytes taken from the peer on one day (days since 1970-01-01); another day begins at nothing.
    Column("spent_day", BigInteger, nullable=False, server_default="0"),
    Column("spent_words", BigInteger, nullable=False, server_default="0"),
    Column("spent_photos", BigInteger, nullable=False, server_default="0"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("link", String, nullable=False),
    Column("msg_id", Bytes, nullable=False, unique=True),
    Column("lane", Bytes, nullable=False),  # b"" = unordered
    Column("type", String, nullable=False),
    Column("prio", Integer, nullable=False),
    Column("draft", Bytes, nullable=True),
    Column("epoch", BigInteger, nullable=True),
    Column("seq", BigInteger, nullable=True),
    Column("chain", Bytes, nullable=True),
    Column("sealed", Bytes, nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("acked_at", BigInteger, nullable=True),
    CheckConstraint("(draft IS NULL) = (seq IS NOT NULL)", name="draft_or_numbered"),
    partial_index(
        "uq_outbox_position",
        "link",
        "epoch",
        "seq",
        unique=True,
        where="seq IS NOT NULL",
    ),
    # The sequencer's work list.
    partial_index(
        "ix_outbox_drafts",
        "link",
        "prio",
        "id",
        where="seq IS NULL",
    ),
    # What became of a lane's words: the bond of a case, and what anti-entropy must leave alone.
    Index("ix_outbox_lane", "lane", "link"),
    # Ids are never used twice, also after the newest row was trimmed: they are the order of lanes.
    sqlite_autoincrement=True,
)

inbox = Table(
    "inbox",
    metadata,
    Column("link", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("msg_id", Bytes, nullable=False),
    Column("lane", Bytes, nullable=False),
    Column("type", String, nullable=False),
    Column("chain", Bytes, nullable=False),
    Column("sealed", Bytes, nullable=True),
    # APPLIED | LATE | DUPLICATE | PARKED | DISCARDED
    Column("outcome", String, nullable=False),
    Column("code", String, nullable=False, server_default=""),
    Column("offset_ms", BigInteger, nullable=False, server_default="0"),
    Column("received_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger, nullable=True),
    Column("settled_by", String, nullable=True),
    PrimaryKeyConstraint("link", "epoch", "seq"),
    partial_index(
        "uq_inbox_msg_id",
        "msg_id",
        unique=True,
        where="outcome <> 'DUPLICATE'",
    ),
    # "Is this lane held?"
    partial_index(
        "ix_inbox_parked",
        "link",
        "lane",
        "epoch",
        "seq",
        where="outcome = 'PARKED'",
    ),
)

# The recovery of a link: how far it is, so that a crash costs nothing, and what it brought back.
recovery = Table(
    "recovery",
    metadata,
    Column("link", String, primary_key=True),
    # ECHO | ECHOED | OPENED | DONE | WAIVED
    Column("step", String, nullable=False),
    Column("by", String, nullable=False, server_default=""),
    Column("began_at", BigInteger, nullable=False),
    Column("done_at", BigInteger, nullable=True),
    Column("verdict", String, nullable=False, server_default=""),  # of the peer's last Hello
    Column("tries", Integer, nullable=False, server_default="0"),
    # Where the echo begins (none: with the oldest word that the peer keeps), and how far it is.
    Column("base_epoch", BigInteger, nullable=True),
    Column("base_seq", BigInteger, nullable=True),
    Column("at_epoch", BigInteger, nullable=True),
    Column("at_seq", BigInteger, nullable=True),
    Column("at_head", Bytes, nullable=True),
    # What the peer has of us: there our history is cut.
    Column("cut_epoch", BigInteger, nullable=True),
    Column("cut_seq", BigInteger, nullable=True),
    Column("cut_head", Bytes, nullable=True),
    Column("echoed", BigInteger, nullable=False, server_default="0"),
    Column("redrafted", BigInteger, nullable=False, server_default="0"),
    Column("lost", BigInteger, nullable=False, server_default="0"),
    Column("epoch", BigInteger, nullable=True),  # the new one
    Column("in_epoch", BigInteger, nullable=False),  # what we had of the peer when it began
    Column("in_seq", BigInteger, nullable=False),
)

# Our own words that came back in the present recovery of a link.
echoed = Table(
    "echoed",
    metadata,
    Column("link", String, nullable=False),
    Column("msg_id", Bytes, nullable=False),
    PrimaryKeyConstraint("link", "msg_id"),
)

countersign = Table(
    "countersign",
    metadata,
    Column("link", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("committed_at", BigInteger, nullable=False),
    Column("sealed", Bytes, nullable=False),
    PrimaryKeyConstraint("link", "epoch", "seq"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", SERIAL, Identity(cache=1), primary_key=True),
    Column("link", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("code", String, nullable=False),
    Column("bytes", Bytes, nullable=False),
    Index("ix_quarantine_link", "link", "id"),
    sqlite_autoincrement=True,
)

roster = Table(
    "roster",
    metadata,
    Column("serial", BigInteger, primary_key=True, autoincrement=False),
    Column("signed", Bytes, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

node_key = Table(
    "node_key",
    metadata,
    Column("key_id", String, primary_key=True),
    Column("node_id", String, nullable=False, index=True),
    Column("alg", String, nullable=False),
    Column("public", Bytes, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_to", BigInteger, nullable=False),
    Column("revoked_from", BigInteger, nullable=True),
    Column("source", String, nullable=False),  # ROSTER | ENROLLED
)

claim = Table(
    "claim",
    metadata,
    # At the root: new members that wait for a person. One row for each node.
    Column("node_id", String, primary_key=True),
    Column("parent_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("signed", Bytes, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # WAITING | APPROVED | REFUSED
    Column("decided_by", String, nullable=False, server_default=""),
    Column("decided_at", BigInteger, nullable=False, server_default="0"),
    Column("reason", String, nullable=False, server_default=""),
)

invite = Table(
    "invite",
    metadata,
    # Of the token only the digest; times of 0: not yet.
    Column("token_hash", Bytes, primary_key=True),
    Column("node_id", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),  # NEW | REKEY
    Column("doors", String, nullable=False),  # JSON: those of gRPC, those of NATS
    Column("created_by", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("needs_approval", Boolean, nullable=False),
    Column("approved_by", String, nullable=False, server_default=""),
    Column("approved_at", BigInteger, nullable=False, server_default="0"),
    Column("request", Text, nullable=False, server_default=""),
    Column("submitted_at", BigInteger, nullable=False, server_default="0"),
    Column("used_at", BigInteger, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("ended_as", String, nullable=False, server_default=""),  # WITHDRAWN | REFUSED | SPOILT
    Column("ended_by", String, nullable=False, server_default=""),
    Column("ended_at", BigInteger, nullable=False, server_default="0"),
    Column("reason", String, nullable=False, server_default=""),
)

certificate = Table(
    "certificate",
    metadata,
    Column("serial", String, primary_key=True),  # hex: X.509 serials have up to 160 bits
    Column("link", String, nullable=False, index=True),
    Column("spki_digest", Bytes, nullable=False, index=True),
    Column("nkey", String, nullable=False, server_default=""),
    Column("not_after", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
)

blob = Table(
    "blob",
    metadata,
    Column("digest", Bytes, primary_key=True),
    Column("alg", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String, nullable=False),
    Column("state", String, nullable=False),  # WANTED | PARTIAL | WHOLE | GONE
    Column("source_link", String, nullable=True),
    Column("prio", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", BigInteger, nullable=True),
    # What is still to be pulled, most wanted first.
    partial_index(
        "ix_blob_wanted",
        "source_link",
        "prio",
        "next_try_at",
        where="state IN ('WANTED', 'PARTIAL')",
    ),
)

blob_chunk = Table(
    "blob_chunk",
    metadata,
    Column("digest", Bytes, nullable=False),
    Column("n", Integer, nullable=False),
    Column("chunk_digest", Bytes, nullable=False),
    Column("have", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("digest", "n"),
)

blob_ref = Table(
    "blob_ref",
    metadata,
    # A peer may ask only for what is listed here.
    Column("link", String, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("msg_id", Bytes, nullable=False),
    PrimaryKeyConstraint("link", "digest"),
    Index("ix_blob_ref_digest", "digest"),
)

ownership = Table(
    "ownership",
    metadata,
    # One row. On PostgreSQL whoever writes locks it first: processes write one after another.
    Column("name", String, primary_key=True),
    # Rises whenever another process becomes the owner; the one before can write nothing more.
    Column("term", BigInteger, nullable=False, server_default="0"),
    Column("holder", String, nullable=False, server_default=""),
    Column("since", BigInteger, nullable=False, server_default="0"),
)

process = Table(
    "process",
    metadata,
    # The processes that serve this node, by the database's own clock.
    Column("id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("place", String, nullable=False),
    Column("session", String, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
