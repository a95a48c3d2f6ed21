"""Bearer tokens: made once, shown once, kept as a hash; locked at once when a device is lost."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256

from hub.store.tx import Tx, Writer
from node.core.accounts import AccountState
from node.core.audit import Plain
from node.core.errors import Invalid, NotPermitted
from node.core.passes import FREE, Terms
from node.core.roles import Scope
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time, to_us
from node.service.ports import Row, Store
from node.service.views import TokenView

TOKEN_BYTES = 32
"""256 random bits: guessing is hopeless, so a plain hash is enough to store."""
PREFIX = "wanmi_"
"""Makes a leaked token recognisable to secret scanners."""


ROLES_MAX = 20
"""Roles of one token: an office has no more posts."""
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}|\*")


TOPIC = "token"
"""What the writer wakes when a token was locked or revoked."""
ADMIN = "admin"
"""The scope that only another of the same scope locks."""
MADE, REVOKED, LOCKED, UNLOCKED = "CreateToken", "RevokeToken", "LockToken", "UnlockToken"
"""Actions of the audit log."""


def _view(row: Row) -> TokenView:
    since, until = row["locked_at"], row["expires_at"]
    owned = row["account"] is not None
    whose = "account_" if owned else ""
    return TokenView(
        name=row["name"], scope=row["scope"], roles=_parts(row["roles"]),
        locked_at=to_time(since) if since is not None else None,
        locked_by=row["locked_by"], lock_reason=row["lock_reason"],
        account=row["account_login"] or "" if owned else "",
        account_state=row["account_state"] or "" if owned else "",
        account_roles=_parts(row["account_roles"] or "") if owned else (),
        terms=Terms(
            expires_at=to_time(until) if until is not None else None,
            addresses=_parts(row["addresses"]), by_roles=bool(row["by_roles"]) or owned,
            acts=_parts(row["acts"]),
            scope=Scope(
                areas=_parts(row[f"{whose}areas"]), codes=_parts(row[f"{whose}codes"]),
                units=_parts(row[f"{whose}units"]),
            ),
        ),
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return sha256(token.encode()).digest()


class Admission:
    """Who may come in by token."""

    def __init__(
        self, *, store: Store, writer: Writer, audit: Recorder,
        now_us: Callable[[], int],
    ) -> None:
        self._now_us = now_us
        self._store = store
        self._writer = writer
        self._audit = audit
        self._turns = 0
        self._unlisten: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Notice when a token ends; inside the loop, before whoever holds a session open listens
        to ``TOPIC``."""
        self._unlisten = self._writer.listen(TOPIC, self._turned)

    def close(self) -> None:
        """Stop noticing."""
        self._unlisten()

    def _turned(self, topic: str) -> None:
        del topic
        self._turns += 1

    @property
    def turns(self) -> int:
        """Rises when somebody lost the right to come in, in any process of this node: whoever
        holds a session open asks ``stands`` again, and at each heartbeat, should word of it be
        lost."""
        return self._turns

    async def stands(self, name: str) -> bool:
        """Whether the token of this name still lets somebody in."""
        row = await self._writer.read(lambda conn: self._store.live_token(conn, name))
        if row is None or row["locked_at"] is not None:
            return False
        view, now = _view(row), to_time(self._now_us())
        ended = view.terms.expires_at is not None and now >= view.terms.expires_at
        return not ended and (row["account"] is None or view.account_state == AccountState.ACTIVE)

    async def verify(self, token: str) -> TokenView | None:
        """Who it speaks for; None = nobody. A locked one is told with its ``locked_at``: it lets
        nobody in. Looked up by hash, so timing tells nothing."""
        row = await self._writer.read(
            lambda conn: self._store.token(conn, token_hash(token))
        )
        if row is None or row["revoked_at"] is not None:
            return None
        return _view(row)

    async def create(
        self, name: str, scope: str, roles: Collection[str] = (), terms: Terms = FREE,
        account: str = "",
    ) -> str:
        """A fresh token. ``Invalid``: the name is in use."""
        return await self._writer.write(
            lambda tx: self.create_in(tx, name, scope, roles, terms, account), urgent=True
        )

    def create_in(  # noqa: PLR0917
        self, tx: Tx, name: str, scope: str, roles: Collection[str] = (), terms: Terms = FREE,
        account: str = "",
    ) -> str:
        """The operation itself, for a node that is not running. ``account``: id of whose it is,
        "" = a program's."""
        wrong = sorted(role for role in roles if not _ROLE.fullmatch(role))
        if wrong or len(roles) > ROLES_MAX:
            raise Invalid(
                f"{', '.join(wrong) or len(roles)}: a role is a word like shift_leader, or *; "
                f"{ROLES_MAX} at most",
                code="token.roles",
            )
        if self._store.live_token(tx.conn, name) is not None:
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
                "account": account or None,
                "expires_at": to_us(terms.expires_at) if terms.expires_at is not None else None,
                "by_roles": terms.by_roles,
                "addresses": ",".join(terms.addresses),
                "acts": ",".join(terms.acts),
                "areas": ",".join(terms.scope.areas),
                "codes": ",".join(terms.scope.codes),
                "units": ",".join(terms.scope.units),
            },
        )
        self._log(tx, MADE, name, detail={"scope": scope, "roles": ",".join(sorted(set(roles)))})
        return token

    async def revoke(self, name: str) -> int:
        """Revoke every token of this name."""

        def write(tx: Tx) -> int:
            tx.wake(TOPIC)
            count = self._store.revoke_tokens(tx.conn, name, tx.now_us)
            self._log(tx, REVOKED, name, detail={"tokens": count})
            return count

        return await self._writer.write(write, urgent=True)

    async def lock(self, name: str, *, reason: str, actor: str, also_admin: bool) -> int:
        """Let nobody in with the token of this name any more, at once and until ``unlock``: its
        device is lost. Returns how many were locked by this (0: it was already, or there is none).
        One of scope ``admin`` only if ``also_admin``, else ``NotPermitted`` (``token.admin``);
        nobody locks their own: ``Invalid`` (``token.own``) for an administrator's."""

        def write(tx: Tx) -> int:
            row = self._store.live_token(tx.conn, name)
            if row is not None and row["scope"] == ADMIN:
                if not also_admin:
                    raise NotPermitted(
                        "an administrator's token is locked by another administrator",
                        code="token.admin",
                    )
                if name == actor:
                    raise Invalid("nobody locks themselves out", code="token.own")
            count = self._store.lock_tokens(
                tx.conn, name,
                {"locked_at": tx.now_us, "locked_by": actor, "lock_reason": reason},
                also_admin=also_admin,
            )
            self._log(tx, LOCKED, name, actor=actor, reason=reason, detail={"tokens": count})
            tx.wake(TOPIC)
            return count

        return await self._writer.write(write, urgent=True)

    async def unlock(self, name: str, *, actor: str) -> int:
        """Let the token of this name in again; how many were locked (0 or 1)."""

        def write(tx: Tx) -> int:
            count = self._store.unlock_tokens(tx.conn, name)
            self._log(tx, UNLOCKED, name, actor=actor, detail={"tokens": count})
            return count

        return await self._writer.write(write, urgent=True)

    def _log(
        self, tx: Tx, action: str, name: str, *, actor: str = "", reason: str = "",
        detail: Mapping[str, Plain],
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, actor=actor, subject=f"token:{name}", reason=reason, detail=detail))

    async def tokens(self) -> list[TokenView]:
        """Live tokens by name."""
        rows = await self._writer.read(self._store.tokens)
        return [
            _view(row)
            for row in rows
            if row["revoked_at"] is None
        ]
