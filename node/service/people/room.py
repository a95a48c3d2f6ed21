"""``office.people``: accounts, the way in, sessions, and what each may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hub.store.tx import Tx, Writer
from node.core.roles import RoleBook
from node.service.audit import Recorder
from node.service.people.accounts import Accounts
from node.service.people.factors import Factors
from node.service.people.federated import Elsewhere, Federated
from node.service.people.login import Login
from node.service.people.passwords import Passwords
from node.service.people.ports import PeopleStore
from node.service.people.rules import AccountRules
from node.service.people.sessions import Sessions

T = TypeVar("T")


class People:
    """Everything about the people of one office."""

    def __init__(
        self, *, rows: PeopleStore, writer: Writer, rules: AccountRules, book: RoleBook,
        audit: Recorder, key: bytes, office: str, fresh_id: Callable[[], str],
        now_us: Callable[[], int], elsewhere: Elsewhere | None = None,
    ) -> None:
        self._rows = rows
        self._writer = writer
        self.rules = rules
        self.book = book
        self.sessions = Sessions(
            rows=rows, writer=writer, rules=rules.session, fresh_id=fresh_id, now_us=now_us)
        self.login = Login(
            rows=rows, writer=writer, rules=rules, passwords=Passwords(rules.hash),
            factors=Factors(key=key, issuer=office, drift_steps=rules.drift_steps),
            sessions=self.sessions, audit=audit, office=office, now_us=now_us,
        )
        self.accounts = Accounts(
            rows=rows, writer=writer, rules=rules, book=book, sessions=self.sessions,
            login=self.login, audit=audit, fresh_id=fresh_id, now_us=now_us,
        )

        self.federated = None
        if elsewhere is not None:
            self.federated = Federated(
                elsewhere=elsewhere, rows=rows, writer=writer, login=self.login,
                sessions=self.sessions, book=book, audit=audit, key=key, fresh_id=fresh_id,
                now_us=now_us,
            )

    async def write(self, act: Callable[[Accounts, Tx], T]) -> T:
        """One act of an administrator, in a transaction of its own."""
        return await self._writer.write(lambda tx: act(self.accounts, tx), urgent=True)
