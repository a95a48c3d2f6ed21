"""Administering accounts: made, locked, reset, given roles, ended; and the one-time links for it.

Whoever administers never knows a password: a link that opens once and soon lets its owner set one.
Every act here is written to the audit log in its own transaction, and ends what it takes away at
once, in every process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.accounts import AccountState, login_name, moved
from node.core.errors import Invalid, NotPermitted
from node.core.roles import WHOLE, RoleBook, Scope, combined, granters, scoped
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time
from node.service.people.login import PASSWORD_CHARS_MAX, Came, Login
from node.service.people.ports import PeopleStore
from node.service.people.rules import AccountRules
from node.service.people.sessions import SessionRow, Sessions, Visitor, parts
from node.service.ports import Row

LINK_BYTES: Final = 32
ACCOUNTS_MAX: Final = 5_000
"""Of one office: a large city has some hundreds."""
NAME_CHARS_MAX, REASON_CHARS_MAX = 60, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as its administrators see it."""

    login: str
    name: str
    state: str
    roles: tuple[str, ...]
    areas: tuple[str, ...]
    codes: tuple[str, ...]
    units: tuple[str, ...]
    second_factor: bool
    created_at: datetime
    created_by: str
    locked_at: datetime | None
    locked_by: str
    lock_reason: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A one-time link: the end of its address, said once, and until when it opens."""

    login: str
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link opens: ``login`` "" = the first account is made with it."""

    login: str
    name: str


def link_hash(token: str) -> bytes:
    """What is kept of a link."""
    return sha256(b"wanmi/link/" + token.encode()).digest()


class Accounts:
    """The accounts of one office."""

    def __init__(
        self, *, rows: PeopleStore, writer: Writer, rules: AccountRules, book: RoleBook,
        sessions: Sessions, login: Login, audit: Recorder, fresh_id: Callable[[], str],
        now_us: Callable[[], int],
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._rules = rules
        self._book = book
        self._sessions = sessions
        self._login = login
        self._audit = audit
        self._fresh_id = fresh_id
        self._now_us = now_us

    # --- making and changing ----------------------------------------------------------------------

    def create_in(
        self, tx: Tx, login: str, name: str, *, actor: str, roles: Collection[str] = (),
        areas: Collection[str] = (), codes: Collection[str] = (), units: Collection[str] = (),
    ) -> Invitation:
        """A new account, and the link by which its owner sets a password. ``Invalid``:
        ``account.login``, ``account.login_in_use``, ``account.name``, ``account.too_many``,
        ``role.…``."""
        login, name = login_name(login), _name(name)
        if self._rows.account_by_login(tx.conn, login) is not None:
            raise Invalid(f"there is an account {login}, or was one", code="account.login_in_use")
        if self._rows.count_accounts(tx.conn) >= ACCOUNTS_MAX:
            raise Invalid(f"an office has {ACCOUNTS_MAX} accounts at most",
                          code="account.too_many", most=str(ACCOUNTS_MAX))
        account_id = self._add(tx, login, name, roles, scoped(areas, codes, units), actor=actor)
        self._note(tx, actor, "CreateAccount", login, roles=",".join(sorted(roles)))
        return self._invite(tx, account_id, login, actor=actor, first=True)

    def _add(
        self, tx: Tx, login: str, name: str, roles: Collection[str], scope: Scope, *, actor: str,
    ) -> str:
        account_id = self._fresh_id()
        self._rows.add_account(tx.conn, {
            "id": account_id, "login": login, "name": name,
            "state": AccountState.INVITED.value, "roles": ",".join(combined(self._book, roles)),
            "areas": ",".join(scope.areas), "codes": ",".join(scope.codes),
            "units": ",".join(scope.units), "created_at": tx.now_us, "created_by": actor,
        })
        return account_id

    def grant_in(
        self, tx: Tx, login: str, *, actor: str, roles: Collection[str],
        areas: Collection[str] = (), codes: Collection[str] = (), units: Collection[str] = (),
    ) -> None:
        """These roles and this scope instead of those it had; it logs in anew. Nobody changes
        their own: ``Invalid`` (``account.own``)."""
        account = self._one(tx.conn, login)
        self._not_own(account, actor)
        named, scope = combined(self._book, roles), scoped(areas, codes, units)
        if not set(named) & set(granters(self._book)):
            self._not_last(tx.conn, account)
        self._rows.change_account(tx.conn, account["id"], {
            "roles": ",".join(named), "areas": ",".join(scope.areas),
            "codes": ",".join(scope.codes), "units": ",".join(scope.units),
        })
        self._sessions.end_all_in(tx, account["id"])
        self._note(
            tx, actor, "GrantRoles", account["login"],
            before=account["roles"], roles=",".join(named), areas=",".join(scope.areas),
            codes=",".join(scope.codes), units=",".join(scope.units),
        )

    def lock_in(self, tx: Tx, login: str, *, actor: str, reason: str) -> None:
        """Let nobody in with it, at once and until ``unlock``."""
        account = self._one(tx.conn, login)
        self._not_own(account, actor)
        self._not_last(tx.conn, account)
        self._move(tx, account, "lock", {
            "locked_at": tx.now_us, "locked_by": actor, "lock_reason": reason[:REASON_CHARS_MAX]})
        self._sessions.end_all_in(tx, account["id"])
        self._note(tx, actor, "LockAccount", account["login"], reason=reason)

    def unlock_in(self, tx: Tx, login: str, *, actor: str) -> None:
        """Let it in again, and forget its failures."""
        account = self._one(tx.conn, login)
        if account["state"] == AccountState.LOCKED:
            self._move(tx, account, "unlock", {
                "locked_at": None, "locked_by": "", "lock_reason": "",
                **({} if account["password"] or account["subject"]
                   else {"state": AccountState.INVITED.value})})
        self._rows.forgive_login(tx.conn, account["login"])
        self._note(tx, actor, "UnlockAccount", account["login"])

    def reset_in(
        self, tx: Tx, login: str, *, actor: str, factor: bool = False
    ) -> Invitation:
        """A link by which its owner sets a new password; the old one is void from now on. With
        ``factor`` the second factor is set up anew too: the phone is lost."""
        account = self._one(tx.conn, login)
        self._move(tx, account, "reset", {
            "password": None, **({"factor": None, "factor_at": None} if factor else {})})
        if account["password"]:
            self._rows.add_password(tx.conn, {
                "account": account["id"], "password": account["password"], "at": tx.now_us})
        if factor:
            self._rows.put_recovery(tx.conn, account["id"], ())
        self._sessions.end_all_in(tx, account["id"])
        self._note(tx, actor, "ResetAccount", account["login"],
                   factor=factor)
        return self._invite(tx, account["id"], account["login"], actor=actor, first=False)

    def end_in(self, tx: Tx, login: str, *, actor: str) -> None:
        """For good. Its name is never given again."""
        account = self._one(tx.conn, login)
        self._not_own(account, actor)
        self._not_last(tx.conn, account)
        self._move(tx, account, "end", {"ended_at": tx.now_us, "password": None})
        self._sessions.end_all_in(tx, account["id"])
        self._note(tx, actor, "EndAccount", account["login"])

    def end_sessions_in(self, tx: Tx, login: str, *, actor: str) -> int:
        """End every session of an account: it may log in again. How many there were."""
        account = self._one(tx.conn, login)
        count = self._sessions.end_all_in(tx, account["id"])
        self._note(tx, actor, "EndSessions", account["login"], sessions=str(count))
        return count

    # --- links ------------------------------------------------------------------------------------

    def first_link_in(self, tx: Tx) -> Invitation | None:
        """A link with which the first account is made; None if there is one. An earlier one opens
        nothing any more."""
        if self._rows.count_accounts(tx.conn):
            return None
        return self._invite(tx, None, "", actor="operator", first=True)

    def _invite(
        self, tx: Tx, account_id: str | None, login: str, *, actor: str, first: bool
    ) -> Invitation:
        token = secrets.token_urlsafe(LINK_BYTES)
        life = self._rules.setup_link if first else self._rules.reset_link
        expires_at = to_time(tx.now_us) + life
        self._rows.add_link(tx.conn, {
            "link_hash": link_hash(token), "account": account_id, "made_at": tx.now_us,
            "made_by": actor, "expires_at": tx.now_us + int(life.total_seconds()) * 1_000_000,
        })
        return Invitation(login=login, token=token, expires_at=expires_at)

    async def opened(self, token: str) -> Opened:
        """What a link opens. ``NotPermitted`` (``account.link``): it was used, is too old, or never
        was one."""
        def read(conn: Connection) -> Opened | None:
            link = self._live(conn, token, self._now_us())
            if link is None:
                return None
            if link["account"] is None:
                return Opened(login="", name="")
            account = self._rows.account_by_id(conn, link["account"])
            if account is None or account["state"] != AccountState.INVITED:
                return None
            return Opened(login=account["login"], name=account["name"])

        found = await self._writer.read(read)
        if found is None:
            raise _no_link()
        return found

    async def set_up(
        self, token: str, password: str, visitor: Visitor, *, login: str = "", name: str = ""
    ) -> Came:
        """Set a password by a link, and come in. The first account of a node is made here, with the
        roles that the data give it. ``NotPermitted`` (``account.link``); ``Invalid``."""
        opened = await self.opened(token)
        if opened.login:
            account = await self._writer.read(lambda conn: self._one(conn, opened.login))
        else:
            login, name = login_name(login), _name(name)
            account = {"id": "", "login": login, "name": name, "password": None}
        kept = await self._login.checked(account, password[:PASSWORD_CHARS_MAX + 1])

        def write(tx: Tx) -> Came:
            if not self._rows.use_link(tx.conn, link_hash(token), tx.now_us):
                raise _no_link()
            if account["id"]:
                row = self._one(tx.conn, account["login"])
                if row["state"] != AccountState.INVITED:
                    raise _no_link()
            else:
                if self._rows.count_accounts(tx.conn):
                    raise _no_link()
                self._add(
                    tx, account["login"], account["name"], self._book.first, WHOLE,
                    actor=account["login"])
                row = self._one(tx.conn, account["login"])
            self._login.put_password(tx, row, kept)
            self._note(tx, row["login"], "SetUpAccount", row["login"], origin=visitor.address)
            return self._login.admit(tx, row, visitor)

        return await self._writer.write(write, urgent=True)

    def _live(self, conn: Connection, token: str, now_us: int) -> Row | None:
        if not token or len(token) > 2 * LINK_BYTES or not token.isascii():
            return None
        return self._rows.live_link(conn, link_hash(token), now_us)

    # --- looking ----------------------------------------------------------------------------------

    async def list(self) -> Sequence[AccountView]:
        """All of them, by login name."""
        return await self._writer.read(self.list_in)

    def list_in(self, conn: Connection) -> Sequence[AccountView]:
        """The same, inside a transaction."""
        return [view(row) for row in self._rows.accounts(conn, ACCOUNTS_MAX)]

    async def named(self, logins: Collection[str]) -> dict[str, str]:
        """Login → name of its owner, for those that are logins of accounts here."""
        def read(conn: Connection) -> dict[str, str]:
            found = (self._rows.account_by_login(conn, one) for one in sorted(set(logins)))
            return {row["login"]: row["name"] for row in found if row is not None}

        return await self._writer.read(read)

    async def one(self, login: str) -> AccountView:
        """``Invalid`` (``account.unknown``)."""
        return view(await self._writer.read(lambda conn: self._one(conn, login)))

    async def sessions(self, login: str) -> Sequence[SessionRow]:
        """From where somebody is logged in now. ``Invalid`` (``account.unknown``)."""
        account = await self._writer.read(lambda conn: self._one(conn, login))
        return await self._sessions.list(account["id"])

    def _one(self, conn: Connection, login: str) -> Row:
        row = self._rows.account_by_login(conn, login.strip().lower())
        if row is None:
            raise Invalid(f"there is no account {login}", code="account.unknown")
        return row

    # --- rules that need the other rows -----------------------------------------------------------

    def _not_own(self, account: Row, actor: str) -> None:
        if account["login"] == actor:
            raise Invalid("nobody does this to their own account", code="account.own")

    def _not_last(self, conn: Connection, account: Row) -> None:
        """Somebody who gives roles remains: an office does not lock itself out."""
        giving = set(granters(self._book))
        if not giving & set(parts(account["roles"])):
            return
        others = [
            row for row in self._rows.accounts(conn, ACCOUNTS_MAX)
            if row["id"] != account["id"] and row["state"] == AccountState.ACTIVE
            and giving & set(parts(row["roles"]))
        ]
        if not others:
            raise NotPermitted("this is the last account that can give rights",
                               code="account.last")

    def _move(self, tx: Tx, account: Row, act: str, more: Row) -> None:
        state = moved(AccountState(account["state"]), act)
        self._rows.change_account(
            tx.conn, account["id"], {"state": state.value, **more})

    def _note(
        self, tx: Tx, actor: str, action: str, login: str, *, reason: str = "", origin: str = "",
        **detail: str | bool,
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, subject=f"account:{login}", actor=actor, reason=reason,
            origin=origin, detail=detail))


def view(row: Row) -> AccountView:
    """As administrators see it."""
    return AccountView(
        login=row["login"], name=row["name"], state=row["state"], roles=parts(row["roles"]),
        areas=parts(row["areas"]), codes=parts(row["codes"]), units=parts(row["units"]),
        second_factor=row["factor_at"] is not None, created_at=to_time(row["created_at"]),
        created_by=row["created_by"], locked_at=_time(row["locked_at"]),
        locked_by=row["locked_by"], lock_reason=row["lock_reason"],
        ended_at=_time(row["ended_at"]),
    )


def _time(us: int | None) -> datetime | None:
    return None if us is None else to_time(us)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_CHARS_MAX:
        raise Invalid(f"a name has 1 to {NAME_CHARS_MAX} signs", code="account.name",
                      most=str(NAME_CHARS_MAX))
    return name


def _no_link() -> NotPermitted:
    return NotPermitted("this link was used, or is too old", code="account.link")
