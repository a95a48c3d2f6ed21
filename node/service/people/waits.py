"""How long somebody waits after failures: by login name, by address, and by both together.

What is counted is stored, so a restart forgets nothing. An address from which the account came in
lately answers for its own failures only: whoever fails elsewhere on purpose does not keep its owner
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from hub.store.tx import Tx
from node.core.accounts import WaitRules, wait_after
from node.service.people.ports import PeopleStore

LOGIN, ADDRESS, PAIR, FACTOR = "login", "address", "pair", "factor"
"""Kinds of what is counted."""
ADDRESS_FREE: Final = 4
"""A whole office may stand behind one address: so many times the free failures of one person."""
Key = tuple[str, str]


class Waits:
    """Counts failures and says how long to wait."""

    def __init__(self, *, rows: PeopleStore, rules: WaitRules, known: timedelta) -> None:
        self._rows = rows
        self._rules = rules
        self._known_us = known // timedelta(microseconds=1)

    def keys(
        self, conn: Connection, login: str, account: str, address: str, now_us: int
    ) -> Sequence[Key]:
        """What a try with this name from there is counted under."""
        known = bool(account) and self._rows.came_from(
            conn, account, address, now_us - self._known_us)
        if known:
            return ((PAIR, f"{login}|{address}"),)
        return (LOGIN, login), (ADDRESS, address)

    def left_us(self, conn: Connection, keys: Sequence[Key], now_us: int) -> int:
        """Microseconds until the next try, 0 = now."""
        rows = self._rows.failures(conn, keys)
        return max((row["wait_until"] - now_us for row in rows), default=0)

    def count(self, tx: Tx, keys: Sequence[Key]) -> timedelta:
        """One failure more; how long it makes one wait."""
        longest = timedelta(0)
        for kind, subject in keys:
            failures = self._rows.count_failure(
                tx.conn, kind, subject, now_us=tx.now_us,
                forget_before_us=tx.now_us - self._rules.forget // timedelta(microseconds=1),
            )
            if kind == ADDRESS:
                failures //= ADDRESS_FREE
            wait = wait_after(failures, self._rules)
            if wait:
                self._rows.set_wait(
                    tx.conn, kind, subject, tx.now_us + wait // timedelta(microseconds=1))
            longest = max(longest, wait)
        return longest

    def forgive(self, tx: Tx, keys: Sequence[Key]) -> None:
        """It was the right one: forget the failures of the name, and take back what was counted
        of its address. The others' failures from there stay."""
        for kind, subject in keys:
            if kind == ADDRESS:
                self._rows.take_back(tx.conn, kind, subject)
            else:
                self._rows.forgive(tx.conn, kind, subject)
