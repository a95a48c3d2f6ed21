"""Coming in: the password, the second factor, a new password where one is due.

Each step answers with a session of a stage; only a full one works. Whoever fails hears the same
whatever was wrong, after the same time, and the failure is written down before the password is
compared: many tries side by side gain nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.accounts import LOGIN_CHARS_MAX, AccountState, acceptable, is_old, moved
from node.core.audit import Outcome
from node.core.errors import Invalid, NotPermitted
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time
from node.service.people.factors import Factors, code_hash, fresh_codes
from node.service.people.passwords import Passwords, normal
from node.service.people.ports import PeopleStore
from node.service.people.rules import AccountRules, common_passwords
from node.service.people.sessions import Sessions, SessionView, Stage, Visitor, parts
from node.service.people.waits import FACTOR, Key, Waits
from node.service.ports import Row

PASSWORD_CHARS_MAX = 512
"""More is not even hashed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Who came in, and how far: the id is for the cookie."""

    session_id: str
    stage: Stage
    login: str


def wait(seconds: int) -> NotPermitted:
    """Too many failures: try again in so many seconds."""
    return NotPermitted(f"after too many failures: try again in {seconds} seconds",
                        code="login.wait", seconds=str(seconds))


class Login:
    """The way in."""

    def __init__(
        self, *, rows: PeopleStore, writer: Writer, rules: AccountRules, passwords: Passwords,
        factors: Factors, sessions: Sessions, audit: Recorder, office: str,
        now_us: Callable[[], int],
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._rules = rules
        self._passwords = passwords
        self._factors = factors
        self._sessions = sessions
        self._audit = audit
        self._office = office
        self._now_us = now_us
        self._waits = Waits(rows=rows, rules=rules.waits, known=rules.known)

    # --- the password ---------------------------------------------------------------------------

    async def enter(self, login: str, password: str, visitor: Visitor) -> Came:
        """By name and password. ``NotPermitted``: ``login.failed`` for whatever was wrong,
        ``login.wait``, ``login.locked`` (said only to whoever knows the password);
        ``Overloaded`` (``login.busy``)."""
        login = login.strip().lower()[:LOGIN_CHARS_MAX]
        if not login.isprintable():
            login = ""
        if len(password) > PASSWORD_CHARS_MAX:
            password = ""
        found, keys = await self._counted(login, visitor)
        fits = await self._passwords.fits(
            found["password"] if found is not None else None, password)
        if not fits or found is None or found["state"] == AccountState.ENDED:
            await self._refuse(login, "wrong", visitor)
            raise NotPermitted("name or password is wrong", code="login.failed")
        if found["state"] != AccountState.ACTIVE:
            await self._refuse(login, found["state"], visitor)
            raise NotPermitted(f"the account is {found['state']}", code="login.locked",
                               state=found["state"])
        fresh = (
            await self._passwords.hashed(password)
            if self._passwords.is_weaker(found["password"]) else ""
        )

        def write(tx: Tx) -> Came:
            account = self._unmoved(tx.conn, found)
            self._waits.forgive(tx, keys)
            if fresh:
                self._rows.change_account(tx.conn, account["id"], {"password": fresh})
            return self._admit(tx, account, visitor, factor=False)

        return await self._writer.write(write, urgent=True)

    async def _counted(
        self, login: str, visitor: Visitor
    ) -> tuple[Row | None, tuple[Key, ...]]:
        """The account of a name, and what this try is counted under. ``login.wait`` if it is too
        soon: that is not counted, or whoever keeps trying would never be let in again."""

        def read(conn: Connection) -> tuple[Row | None, tuple[Key, ...], int]:
            row = self._rows.account_by_login(conn, login)
            now_us = self._now_us()
            keys = tuple(self._waits.keys(
                conn, login, row["id"] if row is not None else "", visitor.address, now_us))
            return row, keys, self._waits.left_us(conn, keys, now_us)

        def count(tx: Tx) -> int:
            left = self._waits.left_us(tx.conn, keys, tx.now_us)
            if left <= 0:
                self._waits.count(tx, keys)
            return left

        row, keys, left_us = await self._writer.read(read)
        if left_us <= 0:
            left_us = await self._writer.write(count, urgent=True)
        if left_us > 0:
            raise wait(-(-left_us // 1_000_000))
        return row, keys

    def _admit(self, tx: Tx, account: Row, visitor: Visitor, *, factor: bool) -> Came:
        """Begin a session of the stage that is due now."""
        stage = self._due(account, tx.now_us, factor=factor)
        session_id = self._sessions.begin(tx, account["id"], stage, visitor)
        self._note(tx, account["login"], "Login", visitor, reason=stage.value)
        return Came(session_id=session_id, stage=stage, login=account["login"])

    def _due(self, account: Row, now_us: int, *, factor: bool) -> Stage:
        """What is still to be done; ``factor``: the second one was shown."""
        if account["factor_at"] is not None and not factor:
            return Stage.FACTOR
        if account["factor_at"] is None and self._rules.factor_roles.intersection(
                parts(account["roles"])):
            return Stage.ENROL
        changed = account["password_at"]
        old = changed is not None and is_old(
            to_time(changed), to_time(now_us), self._rules.password)
        return Stage.CHANGE if account["must_change"] or old else Stage.FULL

    # --- the second factor ------------------------------------------------------------------------

    async def second(self, session: SessionView, code: str, visitor: Visitor) -> Came:
        """By a code of the phone, or a recovery code. ``NotPermitted``: ``factor.wrong`` (also for
        one that was used before), ``login.wait``."""
        key = ((FACTOR, session.account),)

        def write(tx: Tx) -> Came | int | None:
            left = self._waits.left_us(tx.conn, key, tx.now_us)
            if left > 0:
                return -(-left // 1_000_000)
            account = self._account(tx.conn, session.account)
            how = self._shown(tx, account, code)
            if not how:
                self._waits.count(tx, key)
                self._note(tx, session.login, "ShowFactor", visitor, reason="wrong", refused=True)
                return None
            self._waits.forgive(tx, key)
            self._note(tx, session.login, "ShowFactor", visitor, reason=how)
            self._sessions.end_in(tx, session.key)
            return self._admit(tx, account, visitor, factor=True)

        came = await self._writer.write(write, urgent=True)
        if isinstance(came, int):
            raise wait(came)
        if came is None:
            raise NotPermitted("this code does not fit, or was used already", code="factor.wrong")
        return came

    def _shown(self, tx: Tx, account: Row, code: str) -> str:
        """``totp`` or ``recovery`` if the code is good and unused; it is used up by this."""
        if account["factor"] is None:
            return ""
        step = self._factors.step_of(account["factor"], code, tx.now_us)
        if step is not None:
            return "totp" if self._rows.use_factor_step(tx.conn, account["id"], step) else ""
        used = self._rows.use_recovery(
            tx.conn, account["id"], code_hash(account["id"], code), tx.now_us)
        return "recovery" if used else ""

    async def offer(self, session: SessionView) -> tuple[str, str]:
        """The address and the secret of a second factor that is being set up: one is made for an
        account that has none yet."""

        def write(tx: Tx) -> tuple[str, str]:
            account = self._account(tx.conn, session.account)
            sealed = account["factor"]
            if account["factor_at"] is not None:
                raise Invalid("there is a second factor already", code="factor.there")
            if sealed is None:
                sealed = self._factors.fresh()
                self._rows.change_account(tx.conn, account["id"], {"factor": sealed})
            return self._factors.uri(sealed, account["login"]), self._factors.secret(sealed)

        return await self._writer.write(write, urgent=True)

    async def enrol(
        self, session: SessionView, code: str, visitor: Visitor
    ) -> tuple[Came, list[str]]:
        """Set the second factor up by a first code; the recovery codes are shown this once.
        ``Invalid`` (``factor.wrong``)."""
        codes = fresh_codes(self._rules.recovery_codes)

        def write(tx: Tx) -> Came | None:
            account = self._account(tx.conn, session.account)
            if account["factor"] is None or account["factor_at"] is not None:
                raise Invalid("there is nothing to be set up", code="factor.there")
            step = self._factors.step_of(account["factor"], code, tx.now_us)
            if step is None or not self._rows.use_factor_step(tx.conn, account["id"], step):
                return None
            self._rows.change_account(tx.conn, account["id"], {"factor_at": tx.now_us})
            self._rows.put_recovery(
                tx.conn, account["id"], [code_hash(account["id"], one) for one in codes])
            self._note(tx, session.login, "EnrolFactor", visitor)
            self._sessions.end_all_in(tx, account["id"])
            return self._admit(
                tx, {**account, "factor_at": tx.now_us}, visitor, factor=True)

        came = await self._writer.write(write, urgent=True)
        if came is None:
            raise Invalid("this code does not fit: look at the clock of the phone",
                          code="factor.wrong")
        return came, codes

    # --- a new password ---------------------------------------------------------------------------

    async def change(
        self, session: SessionView, old: str, new: str, visitor: Visitor
    ) -> Came:
        """Change one's own password: every other session ends. ``Invalid`` (``password.…``);
        ``NotPermitted``: ``login.failed`` for the old one, ``login.wait``."""
        account, keys = await self._counted(session.login, visitor)
        assert account is not None, "its session is open"
        if not await self._passwords.fits(account["password"], old[:PASSWORD_CHARS_MAX]):
            await self._refuse(session.login, "wrong", visitor)
            raise NotPermitted("the present password is wrong", code="login.failed")
        kept = await self.checked(account, new)

        def write(tx: Tx) -> Came:
            now = self._unmoved(tx.conn, account)
            self._waits.forgive(tx, keys)
            self.put_password(tx, now, kept)
            self._note(tx, session.login, "ChangePassword", visitor)
            stage = Stage.FULL if session.stage is Stage.CHANGE else session.stage
            session_id = self._sessions.begin(tx, session.account, stage, visitor)
            return Came(session_id=session_id, stage=stage, login=session.login)

        return await self._writer.write(write, urgent=True)

    async def checked(self, account: Row, password: str) -> str:
        """The hash of a new password. ``Invalid`` (``password.…``) if it may not be taken."""
        # As it is kept: what only looks uncommon, in wide letters, is judged as what it is.
        acceptable(
            normal(password), self._rules.password,
            names=(account["login"], account["name"], self._office), common=common_passwords(),
        )
        history = self._rules.password.history
        if history:
            earlier = await self._writer.read(
                lambda conn: self._rows.old_passwords(conn, account["id"], history))
            if account.get("password"):
                earlier = [account["password"], *earlier]
            if await self._passwords.fits_any(earlier[:history], password):
                raise Invalid(f"one of the last {history} passwords", code="password.used",
                              count=str(history))
        return await self._passwords.hashed(password)

    def put_password(self, tx: Tx, account: Row, kept: str) -> None:
        """Keep a new password; every session of the account ends."""
        if account.get("password"):
            self._rows.add_password(tx.conn, {
                "account": account["id"], "password": account["password"], "at": tx.now_us})
        self._rows.change_account(tx.conn, account["id"], {
            "password": kept, "password_at": tx.now_us, "must_change": False,
            "state": moved(AccountState(account["state"]), "admit").value,
        })
        self._sessions.end_all_in(tx, account["id"])

    def admit(self, tx: Tx, account: Row, visitor: Visitor) -> Came:
        """Let somebody in who has just set a password by a one-time link."""
        now = self._account(tx.conn, account["id"])
        return self._admit(tx, now, visitor, factor=False)

    async def leave(self, session: SessionView, visitor: Visitor) -> None:
        """Log out."""

        def write(tx: Tx) -> None:
            self._sessions.end_in(tx, session.key)
            self._note(tx, session.login, "Logout", visitor)

        await self._writer.write(write, urgent=True)

    async def end_others(
        self, session: SessionView, visitor: Visitor, *, handle: str = ""
    ) -> int:
        """End one of one's own sessions by its handle, or all but this one; how many."""

        def write(tx: Tx) -> int:
            count = self._sessions.end_all_in(
                tx, session.account, handle=handle, but=session.key)
            self._note(tx, session.login, "EndSession", visitor)
            return count

        return await self._writer.write(write, urgent=True)

    # --- what is said of it -----------------------------------------------------------------------

    def _account(self, conn: Connection, account_id: str) -> Row:
        row = self._rows.account_by_id(conn, account_id)
        assert row is not None, "its session is open"
        return row

    def _unmoved(self, conn: Connection, seen: Row) -> Row:
        """The account as it is now. ``NotPermitted`` (``login.failed``) if it was locked, reset or
        given another password while the one before was compared: that takes its time."""
        now = self._account(conn, seen["id"])
        if (now["password"], now["state"]) != (seen["password"], seen["state"]):
            raise NotPermitted("the account was changed in this moment", code="login.failed")
        return now

    async def _refuse(self, login: str, reason: str, visitor: Visitor) -> None:
        await self._writer.write(
            lambda tx: self._note(tx, login, "Login", visitor, reason=reason, refused=True))

    def _note(
        self, tx: Tx, login: str, action: str, visitor: Visitor, *, reason: str = "",
        refused: bool = False,
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, subject=f"account:{login}", actor=login, origin=visitor.address,
            outcome=Outcome.REFUSED if refused else Outcome.DONE, reason=reason,
        ))
