"""One audit log whose rows hang together; what the access log held begins it."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0028_audit"
down_revision = "0027_problems"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TAG = b"wanmi/audit/1\0"
GUARDS = {
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


def upgrade() -> None:
    log = op.create_table(
        "audit_log",
        sa.Column("n", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", BYTEWISE, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("alg", sa.String(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "n"])
    op.create_index("ix_audit_log_action", "audit_log", ["action", "n"])
    op.create_table(
        "audit_head",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.Column("branch", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("alg", sa.String(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "n", name="pk_audit_head"),
    )
    _take_over(log)
    op.drop_index("ix_access_log_case", table_name="access_log")
    op.drop_table("access_log")
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _take_over(log: sa.Table) -> None:
    """What was logged before gets its place in the chain, in the order in which it was logged."""
    conn = op.get_bind()
    old = sa.table("access_log", *map(sa.column, (
        "id", "at", "side", "peer", "actor", "purpose", "method", "case_id", "row_count")))
    chain, rows = hashlib.sha256(TAG).digest(), []
    for n, one in enumerate(conn.execute(sa.select(old).order_by(old.c.id)).mappings(), start=1):
        detail = {"rows": one["row_count"], "side": one["side"]}
        if one["peer"]:
            detail["peer"] = one["peer"]
        row = {
            "n": n, "at": one["at"], "actor": one["actor"], "roles": "", "origin": "",
            "action": one["method"],
            "subject": f"case:{one['case_id']}" if one["case_id"] else "",
            "outcome": "refused" if one["side"] == "REFUSED" else "done",
            "reason": one["purpose"],
            "detail": json.dumps(
                detail, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            "alg": "sha256",
        }
        said = json.dumps(list(row.values()), ensure_ascii=False, separators=(",", ":")).encode()
        chain = hashlib.sha256(TAG + chain + said).digest()
        rows.append({**row, "chain": chain})
        if len(rows) == 1000:
            conn.execute(sa.insert(log), rows)
            rows = []
    if rows:
        conn.execute(sa.insert(log), rows)


def downgrade() -> None:
    raise NotImplementedError("going back is restoring a backup")
