"""Bearer tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from hashlib import sha256

from hub.store.tx import Tx, Writer
from node.core.errors import Invalid
from node.service.ports import Row, Store
from node.service.views import TokenView

TOKEN_BYTES = 32
"""256 random bits: guessing is hopeless, so a plain hash is enough to store."""
PREFIX = "wanmi_"
"""Makes a leaked token recognisable to secret scanners."""


ROLES_MAX = 20
"""Roles of one token: an office has no more posts."""
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}|\*")


def _view(row: Row) -> TokenView:
    roles = tuple(role for role in row["roles"].split(",") if role)
    return TokenView(name=row["name"], scope=row["scope"], roles=roles)


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()


class Admission:
    """Who may come in by token."""

    def __init__(self, *, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer

    async def verify(self, token: str) -> TokenView | None:
        """Who it speaks for; None = nobody. Looked up by hash, so timing tells nothing."""
        row = await self._writer.read(
            lambda conn: self._store.token(conn, token_hash(token))
        )
        if row is None or row["revoked_at"] is not None:
            return None
        return _view(row)

    async def create(self, name: str, scope: str, roles: Collection[str] = ()) -> str:
        """A fresh token. ``Invalid``: the name is in use."""
        return await self._writer.write(
            lambda tx: self.create_in(tx, name, scope, roles), urgent=True
        )

    def create_in(self, tx: Tx, name: str, scope: str, roles: Collection[str] = ()) -> str:
        """The operation itself, for a node that is not running."""
        wrong = sorted(role for role in roles if not _ROLE.fullmatch(role))
        if wrong or len(roles) > ROLES_MAX:
            raise Invalid(
                f"{', '.join(wrong) or len(roles)}: a role is a word like shift_leader, or *; "
                f"{ROLES_MAX} at most",
                code="token.roles",
            )
        if any(self._is_live(row, name) for row in self._store.tokens(tx.conn)):
            raise Invalid(f"there is a token {name!r} already", code="token.name_in_use")
        token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
        self._store.save_token(
            tx.conn,
            {
                "token_hash": token_hash(token),
                "name": name,
                "scope": scope,
                "created_at": tx.now_us,
                "roles": ",".join(sorted(set(roles))),
            },
        )
        return token

    async def revoke(self, name: str) -> int:
        """Revoke every token of this name."""
        return await self._writer.write(
            lambda tx: self._store.revoke_tokens(tx.conn, name, tx.now_us), urgent=True
        )

    async def tokens(self) -> list[TokenView]:
        """Live tokens by name."""
        rows = await self._writer.read(self._store.tokens)
        return [
            _view(row)
            for row in rows
            if row["revoked_at"] is None
        ]

    @staticmethod
    def _is_live(row: Row, name: str) -> bool:
        return bool(row["name"] == name and row["revoked_at"] is None)
