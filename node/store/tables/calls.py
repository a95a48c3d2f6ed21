"""Calls (来电): what was said and answered; apart from it who called; and what was done with it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, String, Table, Text

from hub.store.dialect import partial_index
from hub.store.tables import SERIAL, Bytes
from node.store.tables.naming import BYTEWISE, UUID_TEXT, metadata

call = Table(
    "call",
    metadata,
    Column("call_no", BYTEWISE, primary_key=True),
    Column("command_id", UUID_TEXT, nullable=False),  # the act that took it down
    Column("fingerprint", Bytes, nullable=False),
    Column("kind", String, nullable=False),
    Column("concerns", String, nullable=False),  # none | case | result
    Column("channel", String, nullable=False),
    Column("words", Text, nullable=False),
    Column("caller", String, nullable=False, server_default=""),  # masked
    Column("phone", String, nullable=False, server_default=""),  # masked
    Column("from_reporter", Boolean, nullable=False),  # the phone is the reporter's of the case
    Column("case_id", UUID_TEXT, nullable=True),  # the case that it is about
    Column("became", UUID_TEXT, nullable=True),  # the case that came of it
    Column("holder", String, nullable=False, server_default=""),  # a unit's id; "" = our own desk
    Column("received_at", BigInteger, nullable=False),
    Column("received_by", String, nullable=False),
    Column("due_by", BigInteger, nullable=False),
    Column("answered_at", BigInteger, nullable=True),
    Column("answer", Text, nullable=False, server_default=""),
    Column("answer_channel", String, nullable=False, server_default=""),
    Column("answered_by", String, nullable=False, server_default=""),
    Column("reopened_at", BigInteger, nullable=True),  # asked that the case be taken up again
    Column("rules", String, nullable=False),  # version of the rules that set its limit
    Index("ix_call_received", "received_at", "call_no"),
    Index("uq_call_command", "command_id", unique=True),
    partial_index("ix_call_open", "due_by", where="answered_at IS NULL"),
    Index("ix_call_case", "case_id"),
    Index("ix_call_became", "became"),
)

call_private = Table(
    "call_private",
    metadata,
    Column("call_no", BYTEWISE, primary_key=True),
    Column("name", String, nullable=False, server_default=""),
    Column("phone", String, nullable=False, server_default=""),
    Column("phone_hash", Bytes, nullable=True),  # keyed; None = no phone to be found by
    Index("ix_call_private_phone", "phone_hash"),
)

call_step = Table(
    "call_step",
    metadata,
    Column("n", SERIAL, Identity(cache=1), primary_key=True),
    Column("call_no", BYTEWISE, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("step", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_call_step_call", "call_no", "n"),
    sqlite_autoincrement=True,
)
