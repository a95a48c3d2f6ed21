"""The audit log, written: whoever does something that must be told afterwards says so in the
transaction in which it is done, or it is not done.

``Audit.record`` gives the row its number and its place in the chain. Transactions that write follow
one another in a node, also where several processes share a PostgreSQL, so there is one chain. Who
acts, in which roles and from where is known at the door: it puts a ``Presence`` into ``PRESENT``,
and the writer runs an operation in the context of whoever waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.audit import SHA256, START, Outcome, Plain, Row, chained, detail_text
from node.service import ports
from node.service.views import ImportResult

IMPORTED: Final = "ImportTable"
NOBODY: Final = "system"
"""Who acts where nobody is named: the program by itself."""
TEXT_CHARS_MAX: Final = 2_000
"""Characters of a reason or a detail; more is cut off with a sign."""
NAME_CHARS_MAX: Final = 200
"""The same of every other value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Who is at the door. ``origin``: the address, or ``machine`` for somebody at the console."""

    actor: str
    roles: frozenset[str] = frozenset()
    origin: str = ""


PRESENT: ContextVar[Presence | None] = ContextVar("wanmi_present", default=None)
"""Whoever this piece of work is done for; set by the door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What is recorded. ``actor``, ``roles`` and ``origin`` are those of ``PRESENT`` where they
    are empty. ``subject``: ``kind:id``. Names, phones and whatever else may have to be erased do
    not belong here: a row stays."""

    action: str
    subject: str = ""
    outcome: Outcome = Outcome.DONE
    reason: str = ""
    detail: Mapping[str, Plain] = field(default_factory=dict)
    actor: str = ""
    roles: frozenset[str] = frozenset()
    origin: str = ""


class ChainStore(Protocol):
    """What writing the log needs from below (``node.store.audit``)."""

    def last_link(self, conn: Connection) -> tuple[int, bytes] | None: ...

    def add_row(self, conn: Connection, row: ports.Row) -> None: ...


class Recorder(Protocol):
    """What a use case needs of the audit log."""

    def record(self, tx: Tx, entry: AuditEntry) -> None:
        """Write it down in this transaction."""
        ...


class Audit:
    """Writes the log. ``alg``: digest of the chain, sha256 or sm3."""

    def __init__(self, store: ChainStore, *, alg: str = SHA256) -> None:
        self._store = store
        self._alg = alg

    def record(self, tx: Tx, entry: AuditEntry) -> None:
        """Write it down in this transaction; it stands or falls with it."""
        here = PRESENT.get()
        n, before = self._store.last_link(tx.conn) or (0, START)
        roles = entry.roles or (here.roles if here is not None else frozenset())
        row = Row(
            n=n + 1,
            at_us=tx.now_us,
            actor=_cut(entry.actor or (here.actor if here is not None else NOBODY)),
            roles=_cut(",".join(sorted(roles))),
            origin=_cut(entry.origin or (here.origin if here is not None else "")),
            action=_cut(entry.action),
            subject=_cut(entry.subject),
            outcome=entry.outcome.value,
            reason=_cut(entry.reason, TEXT_CHARS_MAX),
            detail=detail_text(_short(entry.detail)),
            alg=self._alg,
        )
        self._store.add_row(tx.conn, {
            "n": row.n, "at": row.at_us, "actor": row.actor, "roles": row.roles,
            "origin": row.origin, "action": row.action, "subject": row.subject,
            "outcome": row.outcome, "reason": row.reason, "detail": row.detail, "alg": row.alg,
            "chain": chained(before, row),
        })


def imported(table: str, result: ImportResult, *, actor: str = "") -> AuditEntry:
    """What is recorded of an import: the table and how many rows."""
    return AuditEntry(
        action=IMPORTED, actor=actor, subject=f"table:{table}",
        detail={"added": result.added, "replaced": result.replaced})


async def note(writer: Writer, audit: Recorder, entry: AuditEntry) -> None:
    """Record by itself what no transaction of its own belongs to: a refusal, an answer given."""
    await writer.write(lambda tx: audit.record(tx, entry), urgent=True)


def _short(detail: Mapping[str, Plain]) -> dict[str, Plain]:
    return {
        _cut(name): _cut(value, TEXT_CHARS_MAX) if isinstance(value, str) else value
        for name, value in detail.items()
    }


def _cut(text: str, chars: int = NAME_CHARS_MAX) -> str:
    """Text of a bounded length. PostgreSQL keeps no NUL, and a lone surrogate is no UTF-8: neither
    may keep the rest from being recorded."""
    plain = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return plain if len(plain) <= chars else plain[: chars - 1] + "…"
