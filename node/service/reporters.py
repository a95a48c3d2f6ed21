"""Who reported a problem: kept apart, found by a phone without being readable, read with a purpose.

Name and phone live in ``cases.private`` and are never in an event, a word or a log line. Beside
them is a keyed hash of the phone's digits: whoever has a phone finds the cases of its owner,
whoever has the table alone finds nobody, because the key lies outside of the database. Every
reading and every look by phone is in the audit log.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.audit import Plain
from node.core.errors import Invalid, UnknownCase
from node.core.reporter import Reporter
from node.service.audit import AuditEntry, Recorder
from node.service.instants import to_time
from node.service.personal import Personal
from node.service.ports import Row, Store
from node.service.views import CallerCase

READ, FOUND = "GetReporter", "FindByPhone"
"""Actions of the audit log."""
PLACE = "cases.private"
"""Where name and phone lie: sealed there, they open nowhere else."""
DIGITS_MIN = 5
"""A phone is at least that long: short service numbers have five digits."""
FOUND_MAX = 50
"""Cases of one caller shown at once, newest first."""
CODE_CHARS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters of a follow-up code: none that people take for another."""
CODE_LENGTH = 8
"""40 bits: guessing one over the public door would take centuries."""


class ReporterStore(Protocol):
    """What is kept about callers (``node.store.intake``)."""

    def remember(self, conn: Connection, row: Row) -> None: ...

    def phone_hash(self, conn: Connection, case_id: str) -> bytes | None: ...

    def by_phone(self, conn: Connection, phone_hash: bytes, limit: int) -> Sequence[Row]: ...


class Reporters:
    """Writes and reads what is private about a case."""

    def __init__(
        self,
        *,
        store: Store,
        rows: ReporterStore,
        writer: Writer,
        audit: Recorder,
        now_us: Callable[[], int],
        key: bytes,
        personal: Personal | None = None,
    ) -> None:
        self.personal = personal or Personal()
        self._store = store
        self._rows = rows
        self._writer = writer
        self._audit = audit
        self._now_us = now_us
        self._key = key

    # --- inside the transaction of the case ---------------------------------------------------

    def remember(self, tx: Tx, case_id: str, reporter: Reporter) -> bytes:
        """What goes into ``cases.private``; the phone becomes findable."""
        digits = _digits(reporter.phone)
        if digits:
            self._rows.remember(
                tx.conn,
                {"case_id": case_id, "phone_hash": self._hash(digits), "opened_at": tx.now_us},
            )
        return private_of(reporter, self.personal)

    def inherit(self, tx: Tx, old: str, new: str) -> None:
        """The same caller stands behind another case."""
        found = self._rows.phone_hash(tx.conn, old)
        if found is not None:
            self._rows.remember(
                tx.conn, {"case_id": new, "phone_hash": found, "opened_at": tx.now_us}
            )

    def hashed(self, phone: str) -> bytes | None:
        """How a phone is found again without being readable; None = there are no digits."""
        digits = _digits(phone)
        return self._hash(digits) if digits else None

    def sought(self, phone: str) -> bytes:
        """The same of a phone that somebody looks for; ``Invalid`` (``reporter.phone``) for one of
        too few digits."""
        digits = _digits(phone)
        if len(digits) < DIGITS_MIN:
            raise Invalid("a phone has more digits", code="reporter.phone", field="phone")
        return self._hash(digits)

    def is_of(self, conn: Connection, case_id: str, phone: str) -> bool:
        """Whether this is the phone that the reporter of a case left."""
        given = self.hashed(phone)
        return given is not None and given == self._rows.phone_hash(conn, case_id)

    # --- the follow-up number -----------------------------------------------------------------

    def code(self, case_id: str) -> str:
        """The code that opens the public page of a case to whoever was given it."""
        digest = self._digest(b"follow", case_id.encode())
        number = int.from_bytes(digest[:8], "big")
        return "".join(CODE_CHARS[number >> 5 * place & 31] for place in range(CODE_LENGTH))

    def opens(self, case_id: str, code: str) -> bool:
        """Whether the code is that of the case; blanks and small letters are forgiven."""
        given = code.replace(" ", "").replace("-", "").upper().encode("ascii", "replace")
        return hmac.compare_digest(given, self.code(case_id).encode())

    # --- reading, with a purpose --------------------------------------------------------------

    async def read(
        self, case_id: str, *, purpose: str, actor: str, action: str = READ, field: str = ""
    ) -> Reporter | None:
        """Who reported it, None if nobody left a name or phone. The reading is logged before the
        answer, as this action, with the ``field`` that alone will be shown. Raises
        ``UnknownCase``; ``Invalid`` (``reporter.purpose``) without a purpose."""
        why = purpose_of(purpose)

        def read(tx: Tx) -> Reporter | None:
            row = self._store.load_cases(tx.conn, (case_id,)).get(case_id)
            if row is None:
                raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
            reporter = reporter_of(row.private, self.personal)
            self._log(
                tx, action, actor, why, f"case:{case_id}", rows=int(reporter is not None),
                **({"field": field} if field else {}))
            return reporter

        return await self._writer.write(read, urgent=True)

    async def find(self, phone: str, *, purpose: str, actor: str) -> list[CallerCase]:
        """The cases of whoever has this phone, newest first; logged like a reading."""
        why = purpose_of(purpose)
        wanted = self.sought(phone)

        def find(tx: Tx) -> list[CallerCase]:
            rows = self._rows.by_phone(tx.conn, wanted, FOUND_MAX)
            self._log(tx, FOUND, actor, why, "", rows=len(rows))
            return [
                CallerCase(
                    case_id=row["case_id"],
                    case_no=row["case_no"],
                    status=row["status"],
                    name=row["name"],
                    address=row["address"],
                    opened_at=to_time(row["opened_at"]),
                )
                for row in rows
            ]

        return await self._writer.write(find, urgent=True)

    def _log(
        self, tx: Tx, action: str, actor: str, purpose: str, subject: str, **detail: Plain
    ) -> None:
        self._audit.record(tx, AuditEntry(
            action=action, actor=actor, subject=subject, reason=purpose, detail=detail))

    def _hash(self, digits: str) -> bytes:
        return self._digest(b"phone", digits.encode())

    def _digest(self, use: bytes, data: bytes) -> bytes:
        return blake2b(data, key=self._key, person=use, digest_size=32).digest()


def private_of(reporter: Reporter, personal: Personal) -> bytes:
    """``cases.private`` of a case: JSON, never written anywhere else. Sealed are name and phone;
    how the result is to be told stays readable, for whoever queues it need not know them."""
    who = {"name": reporter.name, "phone": reporter.phone}
    sealed = personal.closed(PLACE, who)
    return json.dumps(
        {
            "reporter": {
                **({"sealed": sealed} if sealed else who),
                "wants_reply": reporter.wants_reply,
                "channel": reporter.channel,
            }
        },
        ensure_ascii=False,
    ).encode()


def reporter_of(private: bytes | None, personal: Personal | None = None) -> Reporter | None:
    """Who stands in ``cases.private``, None if nobody does. Without ``personal`` a sealed name and
    phone stay empty; with it they are opened (``Untrusted``, ``Unsealed`` if they do not)."""
    if not private:
        return None
    kept: dict[str, Any] = json.loads(private).get("reporter") or {}
    sealed = kept.pop("sealed", "")
    if sealed and personal is not None:
        kept |= personal.opened(PLACE, sealed)
    return Reporter(**kept) if kept else None


def _digits(phone: str) -> str:
    """The digits of a phone without the country's own prefix, however it was written."""
    digits = "".join(char for char in phone if char.isdecimal() and char.isascii())
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) >= len(prefix) + 10:
            return digits[len(prefix):]
    return digits


def purpose_of(purpose: str) -> str:
    """Why somebody looks at who reported or called; ``Invalid`` (``reporter.purpose``) if they do
    not say."""
    if not purpose.strip():
        raise Invalid(
            "looking at a reporter takes a purpose", code="reporter.purpose", field="purpose"
        )
    return purpose.strip()
