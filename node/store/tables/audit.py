"""The audit log and its signed heads: rows come and nothing else happens to them.

The database itself refuses to change a row, and to delete one that no signed head of kind PURGE
covers. Whoever can drop the guards breaks the chain instead (``node.core.audit``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    event,
    text,
)

from hub.store.tables import SERIAL, Bytes
from node.store.tables.naming import BYTEWISE, metadata

audit_log = Table(
    "audit_log",
    metadata,
    # Counted by the log itself: 1, 2, 3 without a gap.
    Column("n", SERIAL, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("origin", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", BYTEWISE, nullable=False),
    Column("outcome", String, nullable=False),  # done | refused | failed
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("alg", String, nullable=False),
    Column("chain", Bytes, nullable=False),
    Index("ix_audit_log_subject", "subject", "n"),
    Index("ix_audit_log_action", "action", "n"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("kind", String, nullable=False),  # HEAD | PURGE
    Column("n", BigInteger, nullable=False),
    Column("node", String, nullable=False),
    Column("branch", BigInteger, nullable=False),
    Column("chain", Bytes, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("key_id", String, nullable=False),
    Column("alg", String, nullable=False),
    Column("signature", Bytes, nullable=False),
    PrimaryKeyConstraint("kind", "n"),
)

GUARDS: Mapping[str, Sequence[str]] = {
    "sqlite": (
        "CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log BEGIN "
        "SELECT RAISE(ABORT, 'audit_log: rows are never changed'); END",
        "CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log WHEN NOT EXISTS "
        "(SELECT 1 FROM audit_head WHERE kind = 'PURGE' AND n >= old.n) BEGIN "
        "SELECT RAISE(ABORT, 'audit_log: rows are never deleted'); END",
        "CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head BEGIN "
        "SELECT RAISE(ABORT, 'audit_head: rows are never changed'); END",
        "CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head BEGIN "
        "SELECT RAISE(ABORT, 'audit_head: rows are never deleted'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%: rows are never changed or deleted', TG_TABLE_NAME; END $$",
        "CREATE OR REPLACE FUNCTION audit_log_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NOT EXISTS (SELECT 1 FROM audit_head WHERE kind = 'PURGE' AND n >= old.n) THEN "
        "RAISE EXCEPTION 'audit_log: rows are never deleted'; END IF; RETURN old; END $$",
        "CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log FOR EACH ROW "
        "EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log FOR EACH ROW "
        "EXECUTE FUNCTION audit_log_keep()",
        "CREATE TRIGGER audit_log_truncate BEFORE TRUNCATE ON audit_log "
        "EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_head_update BEFORE UPDATE OR DELETE ON audit_head FOR EACH ROW "
        "EXECUTE FUNCTION audit_refuse()",
        "CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head "
        "EXECUTE FUNCTION audit_refuse()",
    ),
}
"""How each database refuses; made once both tables are there."""


@event.listens_for(metadata, "after_create")
def _guard(_target: Any, conn: Connection, tables: Sequence[Table] = (), **_: Any) -> None:
    if audit_log in tables:
        for statement in GUARDS[conn.dialect.name]:
            conn.execute(text(statement))
