"""Tokens, and the few values a node keeps about itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from hub.store.dialect import upsert
from node.store.rows import Row, all_rows, one_row
from node.store.tables import account, api_token
from node.store.tables import meta as meta_table

_OWNED = select(api_token, *(account.c[name].label(f"account_{name}") for name in (
    "login", "state", "roles", "areas", "codes", "units",
))).outerjoin(account, account.c.id == api_token.c.account)
_TOKEN = _OWNED.where(api_token.c.token_hash == bindparam("hash"))
_META = select(meta_table.c.value).where(meta_table.c.key == bindparam("of_key"))
_SET_META = upsert(meta_table, ["key"], ["value"])


def token(conn: Connection, token_hash: bytes) -> Row | None:
    """Every column of a token, by the hash of its text, and ``account_…`` of whose it is."""
    return one_row(conn.execute(_TOKEN, {"hash": token_hash}))


def save_token(conn: Connection, row: Row) -> None:
    """token_hash name scope created_at roles, and its terms. A name in use is an
    ``IntegrityError``."""
    conn.execute(insert(api_token), row)


def revoke_tokens(conn: Connection, name: str, now_us: int) -> int:
    """Revoke the token of this name; returns how many there were (0 or 1)."""
    statement = (
        update(api_token)
        .where(api_token.c.name == name, api_token.c.revoked_at.is_(None))
        .values(revoked_at=now_us)
    )
    return conn.execute(statement).rowcount


def lock_tokens(conn: Connection, name: str, row: Row, *, also_admin: bool) -> int:
    """Lock the live token of this name: locked_at locked_by lock_reason; returns how many were
    open (0 or 1). One of scope ``admin`` only if ``also_admin``."""
    statement = update(api_token).where(_live(name), api_token.c.locked_at.is_(None))
    if not also_admin:
        statement = statement.where(api_token.c.scope != "admin")
    return conn.execute(statement.values(dict(row))).rowcount


def unlock_tokens(conn: Connection, name: str) -> int:
    """Let the live token of this name in again; returns how many were locked (0 or 1)."""
    statement = update(api_token).where(_live(name), api_token.c.locked_at.is_not(None))
    return conn.execute(
        statement.values(locked_at=None, locked_by="", lock_reason="")
    ).rowcount


def live_token(conn: Connection, name: str) -> Row | None:
    """The same of the token of this name that was not revoked."""
    return one_row(conn.execute(_OWNED.where(_live(name))))


def _live(name: str) -> ColumnElement[bool]:
    return and_(api_token.c.name == name, api_token.c.revoked_at.is_(None))


def tokens(conn: Connection) -> Sequence[Row]:
    """All tokens ever made, oldest first; never their text, which nobody keeps."""
    statement = _OWNED.order_by(api_token.c.created_at, api_token.c.name)
    return all_rows(conn.execute(statement))


def count_tokens(conn: Connection) -> int:
    """How many tokens are live."""
    live = select(func.count()).select_from(api_token).where(api_token.c.revoked_at.is_(None))
    return conn.execute(live).scalar_one()


def meta(conn: Connection, key: str) -> str | None:
    """A value the node keeps about itself, None if it was never set."""
    value: str | None = conn.execute(_META, {"of_key": key}).scalar()
    return value


def set_meta(conn: Connection, key: str, value: str) -> None:
    """Keep it."""
    _SET_META.run(conn, {"key": key, "value": value})
