"""Coming in by a login service elsewhere (OpenID Connect, authorization code with PKCE).

What is remembered between leaving and coming back (state, nonce, verifier) lies sealed in a cookie
of ten minutes. An account is known by the service's own name for the person (issuer and subject),
never by a name that they may choose there; it is made by the first row of the mapping that fits,
and follows the mapping with every login. The second factor that a role needs here is asked here.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from hub.store.tx import Tx, Writer
from node.core.accounts import AccountState, login_name, moved
from node.core.audit import Outcome
from node.core.errors import Invalid, NotPermitted
from node.core.mapping import Grant, mapped
from node.core.roles import RoleBook, combined
from node.service.audit import AuditEntry, Recorder
from node.service.people.login import Came, Login
from node.service.people.ports import PeopleStore
from node.service.people.sessions import Sessions, Visitor
from node.service.ports import Row

AWAY_US: Final = 600 * 1_000_000
"""How long somebody may be away at the service."""
SECRET_BYTES: Final = 32
CLAIM_CHARS_MAX: Final = 200


class Provider(Protocol):
    """``node.edge.oidc``: the service elsewhere. Both raise ``Unreachable``; ``redeem``
    ``NotPermitted`` (``oidc.refused``) for whatever cannot be relied on."""

    issuer: str

    async def address(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where the browser is sent to log in."""
        ...

    async def redeem(
        self, *, code: str, redirect_uri: str, verifier: str, nonce: str
    ) -> Mapping[str, Any]:
        """The claims of a code, from an ID token whose signature, issuer, audience, time and nonce
        hold."""
        ...

    async def leaving(self) -> str:
        """Where one logs out there, "" = nowhere."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where to send the browser, and what it brings back in a cookie."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A login service and what its claims mean here. ``title``: what the button says."""

    provider: Provider
    grants: tuple[Grant, ...]
    login_claim: str
    name_claim: str
    title: str


class Federated:
    """The other way in."""

    def __init__(
        self, *, elsewhere: Elsewhere, rows: PeopleStore, writer: Writer, login: Login,
        sessions: Sessions, book: RoleBook, audit: Recorder, key: bytes,
        fresh_id: Callable[[], str], now_us: Callable[[], int],
    ) -> None:
        for grant in elsewhere.grants:
            combined(book, grant.roles)  # a mapping to what there is not is no mapping
        self.title = elsewhere.title
        self._provider = elsewhere.provider
        self._grants = elsewhere.grants
        self._login_claim = elsewhere.login_claim
        self._name_claim = elsewhere.name_claim
        self._rows = rows
        self._writer = writer
        self._login = login
        self._sessions = sessions
        self._book = book
        self._audit = audit
        self._key = sha256(b"wanmi/oidc/" + key).digest()
        self._fresh_id = fresh_id
        self._now_us = now_us

    async def depart(self, redirect_uri: str) -> Departure:
        """Begin a login there. ``Unreachable``."""
        state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
        url = await self._provider.address(
            redirect_uri=redirect_uri, state=state, nonce=nonce, challenge=challenge.decode())
        return Departure(url=url, kept=self._seal({
            "state": state, "nonce": nonce, "verifier": verifier, "until": self._now_us() + AWAY_US,
        }))

    async def arrive(
        self, *, kept: str, state: str, code: str, redirect_uri: str, visitor: Visitor
    ) -> Came:
        """Somebody comes back. ``NotPermitted``: ``oidc.state`` (another browser, or too late),
        ``oidc.refused``, ``oidc.unmapped``, ``login.locked``; ``Unreachable``."""
        left = self._unseal(kept)
        if (left is None or left["until"] < self._now_us()
                or not secrets.compare_digest(left["state"].encode(), state.encode())):
            raise NotPermitted("this login was begun elsewhere, or too long ago",
                               code="oidc.state")
        claims = await self._provider.redeem(
            code=code, redirect_uri=redirect_uri, verifier=left["verifier"], nonce=left["nonce"])
        grant = mapped(claims, self._grants)

        def write(tx: Tx) -> Came | str:
            subject = _claim(claims, "sub")
            account = self._rows.account_by_identity(tx.conn, self._provider.issuer, subject)
            if grant is None:
                return self._refuse(tx, subject, "oidc.unmapped", visitor)
            if account is None:
                account = self._make(tx, claims, subject, grant)
            elif account["state"] not in {AccountState.ACTIVE, AccountState.INVITED}:
                return self._refuse(tx, account["login"], "login.locked", visitor)
            else:
                account = self._follow(tx, account, grant)
            return self._login.admit(tx, account, visitor)

        came = await self._writer.write(write, urgent=True)
        if isinstance(came, str):
            raise NotPermitted("the login service's word is not enough here", code=came)
        return came

    async def leaving(self) -> str:
        """Where one logs out there, "" = nowhere."""
        return await self._provider.leaving()

    def _make(self, tx: Tx, claims: Mapping[str, Any], subject: str, grant: Grant) -> Row:
        login = login_name(_claim(claims, self._login_claim))
        if self._rows.account_by_login(tx.conn, login) is not None:
            raise Invalid(f"there is an account {login} that is not of this login service",
                          code="account.login_in_use")
        account_id, scope = self._fresh_id(), grant.scope
        self._rows.add_account(tx.conn, {
            "id": account_id, "login": login,
            "name": str(claims.get(self._name_claim) or login)[:60],
            "state": AccountState.ACTIVE.value,
            "roles": ",".join(combined(self._book, grant.roles)), "areas": ",".join(scope.areas),
            "codes": ",".join(scope.codes), "units": ",".join(scope.units),
            "created_at": tx.now_us, "created_by": "oidc", "issuer": self._provider.issuer,
            "subject": subject,
        })
        self._note(tx, login, "CreateAccount", roles=",".join(grant.roles))
        return self._one(tx, account_id)

    def _follow(self, tx: Tx, account: Row, grant: Grant) -> Row:
        """Roles and scope as the mapping says now; what was open under others ends."""
        scope = grant.scope
        wanted = {
            "state": moved(AccountState(account["state"]), "admit").value,
            "roles": ",".join(combined(self._book, grant.roles)), "areas": ",".join(scope.areas),
            "codes": ",".join(scope.codes), "units": ",".join(scope.units),
        }
        if all(account[key] == value for key, value in wanted.items()):
            return account
        self._rows.change_account(tx.conn, account["id"], wanted)
        self._sessions.end_all_in(tx, account["id"])
        self._note(tx, account["login"], "GrantRoles", before=account["roles"], **wanted)
        return self._one(tx, account["id"])

    def _one(self, tx: Tx, account_id: str) -> Row:
        row = self._rows.account_by_id(tx.conn, account_id)
        assert row is not None, "it was written just now"
        return row

    def _refuse(self, tx: Tx, who: str, code: str, visitor: Visitor) -> str:
        self._audit.record(tx, AuditEntry(
            action="Login", actor=who, subject=f"account:{who}", outcome=Outcome.REFUSED,
            reason=code, origin=visitor.address))
        return code

    def _note(self, tx: Tx, login: str, action: str, **detail: str) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, actor="oidc", subject=f"account:{login}", detail=detail))

    # --- what is remembered meanwhile -------------------------------------------------------------

    def _seal(self, what: Mapping[str, Any]) -> str:
        from nacl.secret import SecretBox

        sealed = SecretBox(self._key).encrypt(json.dumps(what).encode())
        return base64.urlsafe_b64encode(bytes(sealed)).decode("ascii")

    def _unseal(self, kept: str) -> dict[str, Any] | None:
        from nacl.exceptions import CryptoError
        from nacl.secret import SecretBox

        try:
            opened = SecretBox(self._key).decrypt(base64.urlsafe_b64decode(kept.encode()))
        except (CryptoError, ValueError):
            return None
        found: dict[str, Any] = json.loads(opened)
        return found


def _claim(claims: Mapping[str, Any], name: str) -> str:
    said = claims.get(name)
    if not isinstance(said, str) or not said or len(said) > CLAIM_CHARS_MAX:
        raise NotPermitted(f"the login service does not say {name}", code="oidc.refused")
    return said
