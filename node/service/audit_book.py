"""``office.audit``: the audit log, read, signed, cut and looked through.

Writing rows is ``node.service.audit``'s. Here the node signs from time to time where its log ends,
lets go of what was kept long enough and says whether everything still hangs together.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core import audit as core
from node.core.audit import Head, HeadKind, Linked, Sealed, Verdict
from node.core.errors import Invalid
from node.service.audit import NOBODY, AuditEntry, Recorder, note
from node.service.instants import to_time, to_us
from node.service.phrases import Phrase, phrase
from node.service.ports import Row
from node.service.standards.signing import Keys
from node.service.views import Finding, Level, Page

EXPORT_MAX: Final = 100_000
"""Rows of one exported file."""
DELETED_MAX: Final = 5_000
"""Rows deleted in one transaction."""
FLAWS: Final = {
    "audit.gap": "flaw.audit.gap", "audit.begin": "flaw.audit.begin",
    "audit.chain": "flaw.audit.chain", "audit.head": "flaw.audit.head",
    "audit.tail": "flaw.audit.tail", "audit.anchor": "flaw.audit.anchor",
    "audit.seal": "flaw.audit.seal", "audit.node": "flaw.audit.node",
    "audit.young": "flaw.audit.young",
}
"""How each flaw is said."""
EXPORTED, PURGED = "ExportAudit", "PurgeAudit"


class Signer(Protocol):
    """The node's sign key (``hub.seal.Signer``)."""

    @property
    def key_id(self) -> str: ...

    @property
    def alg(self) -> str: ...

    def sign(self, data: bytes, /) -> bytes: ...


class BookStore(Protocol):
    """What is asked of the tables (``node.store.audit``)."""

    def last_link(self, conn: Connection) -> tuple[int, bytes] | None: ...

    def rows(
        self, conn: Connection, where: Row, *, before: int | None, limit: int
    ) -> Sequence[Row]: ...

    def every_row(self, conn: Connection) -> Iterator[Row]: ...

    def heads(self, conn: Connection) -> Sequence[Row]: ...

    def last_head(self, conn: Connection) -> Row | None: ...

    def add_head(self, conn: Connection, row: Row) -> None: ...

    def first_since(self, conn: Connection, at_us: int) -> int | None: ...

    def purged_up_to(self, conn: Connection) -> int: ...

    def link_at(self, conn: Connection, n: int) -> bytes | None: ...

    def forget(self, conn: Connection, up_to: int, limit: int) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows; empty means any. ``about``: what ``subject`` begins with (``token:``)."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    about: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> dict[str, Any]:
        """As the store asks for it. ``Invalid`` for a time that ends before it begins."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise Invalid("the time ends before it begins", why="empty_time")
        return {
            "actor": self.actor, "action": self.action, "subject": self.subject,
            "begins": self.about, "outcome": self.outcome,
            "since": to_us(self.since) if self.since is not None else None,
            "until": to_us(self.until) if self.until is not None else None,
        }


class AuditBook:
    """The audit log of one office. ``anchor`` is given every signed head as one line of JSON;
    called on a thread, it may write a file."""

    def __init__(
        self, *, node: str, store: BookStore, writer: Writer, audit: Recorder,
        seal: Signer | None, keys: Keys | None, branch: Callable[[], int],
        auditors: tuple[str, ...], keep: timedelta, every: timedelta,
        anchor: Callable[[bytes], None] | None, now_us: Callable[[], int], rows_max: int,
    ) -> None:
        self._node = node
        self._store = store
        self._writer = writer
        self._audit = audit
        self._seal = seal
        self._keys = keys
        self._branch = branch
        self._auditors = auditors
        self._keep = keep
        self._every_us = every // timedelta(microseconds=1)
        self._anchor = anchor
        self._now_us = now_us
        self._rows_max = rows_max
        self._unanchored = ""

    def findings(self) -> list[Finding]:
        """What the doctor says: heads that could not be written where the auditor wants them."""
        if not self._unanchored:
            return []
        return [Finding(
            level=Level.ALARM, subject="audit",
            sentence=phrase("audit.unanchored", reason=self._unanchored),
            remedy=phrase("audit.unanchored.remedy"))]

    # --- reading ------------------------------------------------------------------------------

    async def page(
        self, which: AuditFilter, after: str = "", limit: int = 50, *, roles: frozenset[str]
    ) -> Page:
        """Rows, the newest first. ``NotPermitted`` (``audit.role``)."""
        core.permit(roles, self._auditors)
        before = _cursor(after)
        limit = max(1, min(limit, self._rows_max))
        where = which.where()
        rows = await self._writer.read(
            lambda conn: self._store.rows(conn, where, before=before, limit=limit))
        return Page(
            items=tuple(told(row) for row in rows),
            next=str(rows[-1]["n"]) if len(rows) == limit else "")

    async def export(
        self, which: AuditFilter, *, actor: str, roles: frozenset[str]
    ) -> list[dict[str, Any]]:
        """Rows for a file, the oldest first, at most ``EXPORT_MAX`` of the newest; that they were
        taken out is recorded. ``NotPermitted``."""
        core.permit(roles, self._auditors)
        where = which.where()

        def take(tx: Tx) -> Sequence[Row]:
            rows = self._store.rows(tx.conn, where, before=None, limit=EXPORT_MAX)
            self._audit.record(tx, AuditEntry(
                action=EXPORTED, actor=actor, subject="audit:", detail={"rows": len(rows)}))
            return rows

        rows = await self._writer.write(take, urgent=True)
        return [told(row) for row in reversed(rows)]

    async def verify(self, *, roles: frozenset[str]) -> Verdict:
        """Look through the whole log. ``NotPermitted``."""
        core.permit(roles, self._auditors)
        return await self._writer.read(lambda conn: look_through(
            conn, self._store, keys=self._keys, node=self._node, branch=self._branch()))

    async def note(self, entry: AuditEntry) -> None:
        """Record what was done to this node from outside."""
        await note(self._writer, self._audit, entry)

    # --- keeping ------------------------------------------------------------------------------

    async def tend(self) -> None:
        """What is done by itself: sign where the log ends, let go of what was kept long enough.
        Safe to call at any time; only the owner of a node does."""
        await self.sign()
        await self.purge()

    async def sign(self) -> bool:
        """Sign where the log ends, if rows came since and the last head is old enough."""
        found, last = await self._writer.read(
            lambda conn: (self._store.last_link(conn), self._store.last_head(conn)))
        if self._seal is None or found is None:
            return False
        if last is not None and (
            last["n"] >= found[0] or self._now_us() - last["at"] < self._every_us
        ):
            return False
        await self._add(Head(
            kind=HeadKind.HEAD, node=self._node, branch=self._branch(), n=found[0],
            chain=found[1], at_us=self._now_us()))
        return True

    async def purge(self) -> int:
        """Delete rows that were kept long enough, under a signed head that takes their place; how
        many went. The newest row always stays."""
        now_us = self._now_us()
        before = core.cut(now_us, self._keep)

        def look(conn: Connection) -> tuple[int, bytes, bool] | None:
            last = self._store.last_link(conn)
            if last is None:
                return None
            up_to = (self._store.first_since(conn, before) or last[0]) - 1
            chain = self._store.link_at(conn, up_to)
            if chain is None:
                return None
            return up_to, chain, self._store.purged_up_to(conn) >= up_to

        found = await self._writer.read(look)
        if found is None or self._seal is None:
            return 0
        up_to, chain, signed = found
        if not signed:  # else the last purge was killed between its head and its rows
            await self._add(Head(
                kind=HeadKind.PURGE, node=self._node, branch=self._branch(), n=up_to, chain=chain,
                at_us=now_us, before_us=before))

        def forget(tx: Tx) -> int:
            return self._store.forget(tx.conn, up_to, DELETED_MAX)

        total = 0
        while done := await self._writer.write(forget):
            total += done
        await self._writer.write(lambda tx: self._audit.record(tx, AuditEntry(
            action=PURGED, actor=NOBODY, subject="audit:",
            detail={"up_to": up_to, "rows": total, "before": to_time(before).isoformat()})))
        return total

    async def _add(self, head: Head) -> None:
        seal = self._seal
        assert seal is not None, "whoever cannot sign makes no heads"
        signature = await asyncio.to_thread(seal.sign, core.statement(head))
        row = {
            "kind": head.kind.value, "n": head.n, "node": head.node, "branch": head.branch,
            "chain": head.chain, "at": head.at_us, "before": head.before_us,
            "key_id": seal.key_id, "alg": seal.alg, "signature": signature,
        }
        await self._writer.write(lambda tx: self._store.add_head(tx.conn, row))
        if self._anchor is not None:
            try:
                await asyncio.to_thread(self._anchor, anchor_line(row))
            except OSError as err:  # the head is in the database; the next one is tried again
                self._unanchored = str(err)
            else:
                self._unanchored = ""


def look_through(
    conn: Connection, store: BookStore, *, keys: Keys | None, node: str, branch: int,
    anchors: Sequence[Row] = (),
) -> Verdict:
    """The whole log of an open database, and the heads that were kept elsewhere."""
    return core.examine(
        map(_linked, store.every_row(conn)),
        [_sealed(row, keys) for row in store.heads(conn)],
        node=node, branch=branch, anchors=[_sealed(row, keys) for row in anchors])


def flaw_said(code: str, n: int, other: int) -> Phrase:
    """Where the log does not hold, as a sentence."""
    return phrase(FLAWS[code], n=n, other=other)


def anchor_line(row: Row) -> bytes:
    """A head as one line of an anchor file."""
    told_ = {**row, "chain": bytes(row["chain"]).hex(), "signature": bytes(row["signature"]).hex()}
    return json.dumps(told_, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_anchors(data: bytes) -> list[dict[str, Any]]:
    """The heads of an anchor file. ``Invalid`` (``audit.anchor_file``) names the line that is
    none; a last line that was cut short by a full disk or a power cut is left out."""
    heads = []
    lines = data.split(b"\n")
    for n, line in enumerate(lines[:-1], start=1):
        try:
            row = json.loads(line)
            HeadKind(row["kind"])
            heads.append({
                **row, "chain": bytes.fromhex(row["chain"]),
                "signature": bytes.fromhex(row["signature"]), "n": int(row["n"]),
                "branch": int(row["branch"]), "at": int(row["at"]), "before": int(row["before"]),
            })
        except (ValueError, KeyError, TypeError) as err:
            raise Invalid(f"line {n} is no signed head: {err}", code="audit.anchor_file",
                          line=str(n)) from err
    return heads


def told(row: Row) -> dict[str, Any]:
    """A row for people: n at actor roles[] origin action subject outcome reason detail{}
    chain(hex)."""
    return {
        "n": row["n"], "at": to_time(row["at"]), "actor": row["actor"],
        "roles": [role for role in row["roles"].split(",") if role], "origin": row["origin"],
        "action": row["action"], "subject": row["subject"], "outcome": row["outcome"],
        "reason": row["reason"], "detail": json.loads(row["detail"] or "{}"),
        "chain": bytes(row["chain"]).hex(),
    }


def verdict_told(verdict: Verdict) -> dict[str, Any]:
    """A verdict as a document: rows first last heads lost proven holds flaws[{n code other}]."""
    document: Mapping[str, Any] = asdict(verdict)
    return {**document, "flaws": list(document["flaws"]), "holds": not verdict.flaws}


def _linked(row: Row) -> Linked:
    return Linked(
        row=core.Row(
            n=row["n"], at_us=row["at"], actor=row["actor"], roles=row["roles"],
            origin=row["origin"], action=row["action"], subject=row["subject"],
            outcome=row["outcome"], reason=row["reason"], detail=row["detail"], alg=row["alg"]),
        chain=bytes(row["chain"]))


def _sealed(row: Row, keys: Keys | None) -> Sealed:
    head = Head(
        kind=HeadKind(row["kind"]), node=row["node"], branch=row["branch"], n=row["n"],
        chain=bytes(row["chain"]), at_us=row["at"], before_us=row["before"])
    key = keys.public(row["key_id"], row["node"], row["at"]) if keys is not None else None
    if key is None:
        return Sealed(head=head, trouble="key.unknown")
    holds = key.holds(core.statement(head), bytes(row["signature"]))
    return Sealed(head=head, trouble="" if holds else "audit.seal")


def _cursor(after: str) -> int | None:
    if not after:
        return None
    if not after.isascii() or not after.isdecimal() or len(after) > 18:
        raise Invalid("this is no cursor of a page", code="page.cursor")
    return int(after)
