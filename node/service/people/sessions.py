"""Sessions of browsers: an id in a cookie, its hash in the database, so that they hold in every
process of the node and a copy of the database opens none.

A session has a stage. Only a ``full`` one lets anybody to work; before that it waits for the second
factor (``factor``), for one to be set up (``enrol``), or for a new password (``change``). The id
changes whenever the stage becomes a higher one: an id that somebody knew before is worth nothing
after.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from hub.store.tx import Tx, Writer
from node.core.accounts import AccountState, SessionRules
from node.core.roles import Scope
from node.service.admission import TOPIC
from node.service.instants import to_time
from node.service.people.ports import PeopleStore
from node.service.ports import Row

ID_BYTES: Final = 32
ADDRESS_CHARS, AGENT_CHARS = 64, 200
SEEN_EVERY_US: Final = 60_000_000
"""How often use is written down: not with every call."""
KEEP_US: Final = 90 * 86_400_000_000
"""How long ended sessions and links stay: an address counts as known for some of it."""


class Stage(StrEnum):
    """How far somebody has come in."""

    FACTOR = "factor"
    ENROL = "enrol"
    CHANGE = "change"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session that lets somebody in, and whose. ``key``: a digest of the id, no secret."""

    key: bytes
    handle: str
    stage: Stage
    account: str
    login: str
    name: str
    roles: frozenset[str]
    scope: Scope
    second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session in its owner's list."""

    handle: str
    made_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where a call comes from."""

    address: str = ""
    agent: str = ""


def id_hash(session_id: str) -> bytes:
    """What is kept of an id."""
    return sha256(b"wanmi/session/" + session_id.encode()).digest()


def csrf_of(session_id: str) -> str:
    """What a form of this session carries: whoever cannot read the cookie cannot make it."""
    return sha256(b"wanmi/csrf/" + session_id.encode()).hexdigest()


def parts(text: str) -> tuple[str, ...]:
    """A list as the tables keep it."""
    return tuple(one for one in text.split(",") if one)


class Sessions:
    """Begins, finds and ends them."""

    def __init__(
        self, *, rows: PeopleStore, writer: Writer, rules: SessionRules,
        fresh_id: Callable[[], str], now_us: Callable[[], int],
    ) -> None:
        self._rows = rows
        self._writer = writer
        self._rules = rules
        self._fresh_id = fresh_id
        self._now_us = now_us

    def begin(self, tx: Tx, account: str, stage: Stage, visitor: Visitor) -> str:
        """A fresh session of an account; returns its id, which is nowhere else. Beyond the number
        that one account may have, the oldest end."""
        session_id = secrets.token_urlsafe(ID_BYTES)
        full = stage is Stage.FULL
        life = self._rules.absolute if full else self._rules.stage
        self._rows.add_session(tx.conn, {
            "id_hash": id_hash(session_id), "handle": self._fresh_id(), "account": account,
            "stage": stage.value, "made_at": tx.now_us, "seen_at": tx.now_us,
            "expires_at": tx.now_us + _us(life), "address": visitor.address[:ADDRESS_CHARS],
            "agent": visitor.agent[:AGENT_CHARS],
        })
        if full:
            there = [
                row for row in self._rows.sessions_of(
                    tx.conn, account, tx.now_us, _us(self._rules.idle))
                if row["stage"] == Stage.FULL
            ]
            for row in there[self._rules.most:]:
                self.end_in(tx, row["id_hash"])
        return session_id

    async def find(self, session_id: str) -> SessionView | None:
        """Whose it is; None = nobody's: unknown, ended, too long unused, too old, or its account
        does not let anybody in. Notes that it was used, now and then."""
        if not session_id or len(session_id) > 2 * ID_BYTES or not session_id.isascii():
            return None
        key = id_hash(session_id)
        row = await self._writer.read(lambda conn: self._rows.session_by_hash(conn, key))
        now_us = self._now_us()
        if row is None or not self._lives(row, now_us):
            return None
        if now_us - row["seen_at"] >= SEEN_EVERY_US:
            await self._writer.write(lambda tx: self._rows.seen(tx.conn, key, tx.now_us))
        return view(row)

    async def stands(self, key: bytes) -> bool:
        """Whether a session still lets somebody to work."""
        row = await self._writer.read(lambda conn: self._rows.session_by_hash(conn, key))
        return (
            row is not None and self._lives(row, self._now_us()) and row["stage"] == Stage.FULL
        )

    def _lives(self, row: Row, now_us: int) -> bool:
        return (
            row["ended_at"] is None
            and row["expires_at"] > now_us
            and row["seen_at"] + _us(self._rules.idle) > now_us
            and row["account_state"] == AccountState.ACTIVE
        )

    async def list(self, account: str, own: bytes = b"") -> list[SessionRow]:
        """Those of an account, the newest first."""
        idle_us, now_us = _us(self._rules.idle), self._now_us()
        rows = await self._writer.read(
            lambda conn: self._rows.sessions_of(conn, account, now_us, idle_us))
        return [
            SessionRow(
                handle=row["handle"], made_at=to_time(row["made_at"]),
                seen_at=to_time(row["seen_at"]), expires_at=to_time(row["expires_at"]),
                address=row["address"], agent=row["agent"], own=bytes(row["id_hash"]) == own,
            )
            for row in rows if row["stage"] == Stage.FULL
        ]

    def end_in(self, tx: Tx, key: bytes) -> int:
        """End one."""
        tx.wake(TOPIC)
        return self._rows.end_session(tx.conn, key, tx.now_us)

    def end_all_in(
        self, tx: Tx, account: str, *, handle: str = "", but: bytes = b""
    ) -> int:
        """End those of an account: one by its handle, or all but one."""
        tx.wake(TOPIC)
        return self._rows.end_sessions(
            tx.conn, account, tx.now_us, handle=handle, but=but)


def forget(rows: PeopleStore, tx: Tx) -> None:
    """Drop sessions, links and failures that nobody will ask for again."""
    before = tx.now_us - KEEP_US
    rows.tidy(tx.conn, before, before)


def view(row: Row) -> SessionView:
    """As the doors see it, from a row of ``session`` with its account's columns."""
    return SessionView(
        key=bytes(row["id_hash"]), handle=row["handle"], stage=Stage(row["stage"]),
        account=row["account"], login=row["account_login"], name=row["account_name"],
        roles=frozenset(parts(row["account_roles"])),
        scope=Scope(
            areas=parts(row["account_areas"]), codes=parts(row["account_codes"]),
            units=parts(row["account_units"]),
        ),
        second_factor=row["account_factor_at"] is not None,
    )


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
