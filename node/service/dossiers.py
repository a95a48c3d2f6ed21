"""What a case's record holds, as a list that proves it: for whoever it is handed to outside.

The list names every entry of our own journal and every photo by its digest. Its own digest goes
into the journal when the case is transferred, so either side can show later what was handed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from sqlalchemy import Connection

from hub.store.tx import Writer
from node.core.case import Case
from node.core.errors import Invalid, UnknownCase
from node.service.folding import CaseCache, event_fields
from node.service.ports import Codec, Row

ENTRIES_MAX = 5_000
"""Entries of one case that are listed; one with more has a problem that no list solves."""


class DossierStore(Protocol):
    """What is read for it."""

    def load_cases(self, conn: Connection, case_ids: Collection[str]) -> Mapping[str, Any]: ...

    def case_digests(
        self, conn: Connection, case_id: str, upto: int, limit: int
    ) -> Sequence[Row]:
        """branch version digest event_type occurred_at entry of our own entries, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One piece of evidence. ``kind``: entry or photo; ``digest``: SHA-256 in hex."""

    kind: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """The list of one case up to a version, and the digest of its text."""

    case_id: str
    case_no: str
    version: int
    lines: tuple[Line, ...]
    digest: str

    @staticmethod
    def text(lines: Sequence[Line]) -> str:
        """One line each: kind, name, digest; what the digest is taken of, in UTF-8."""
        return "".join(f"{line.kind} {line.name} {line.digest}\n" for line in lines)


class Dossiers:
    """Lists of evidence."""

    def __init__(self, *, store: DossierStore, codec: Codec, writer: Writer) -> None:
        self._store = store
        self._codec = codec
        self._writer = writer

    async def list(self, case_id: str, upto: int | None = None) -> Dossier:
        """Everything up to a version (None = all there is). Raises ``UnknownCase``, and
        ``Invalid`` for a version that is not there yet or a case beyond ``ENTRIES_MAX``."""

        def read(conn: Connection) -> tuple[Case, Sequence[Row]]:
            rows = self._store.load_cases(conn, [case_id])
            if not rows:
                raise UnknownCase(f"there is no case {case_id} here", case_id=case_id)
            case = CaseCache(1).read(case_id, rows[case_id].state)
            last = case.version if upto is None else upto
            return case, self._store.case_digests(conn, case_id, last, ENTRIES_MAX + 1)

        case, entries = await self._writer.read(read)
        if len(entries) > ENTRIES_MAX:
            raise Invalid(f"a list names {ENTRIES_MAX} entries at most", code="dossier.too_long")
        version = case.version if upto is None else upto
        if version > case.version or version < 1:
            raise Invalid(f"the case is at version {case.version}", code="dossier.version")
        lines = tuple(
            Line(
                kind="entry",
                name=f"{row['branch']}/{row['version']}/{row['event_type']}",
                digest=bytes(row["digest"]).hex(),
            )
            for row in entries
        )
        photos = tuple(
            Line(kind="photo", name=role, digest=digest)
            for digest, role in _photos(entries, self._codec)
        )
        lines = (*lines, *photos)
        return Dossier(
            case_id=case_id,
            case_no=case.facts.case_no if case.facts is not None else "",
            version=version,
            lines=lines,
            digest=sha256(Dossier.text(lines).encode()).hexdigest(),
        )


def _photos(entries: Sequence[Row], codec: Codec) -> list[tuple[str, str]]:
    """(digest, role) of the photos these entries name, each once, in a fixed order. Read from
    the entries and not from the case: a list of an older version stays what it was."""
    found: set[tuple[str, str]] = set()
    for row in entries:
        fields = event_fields(codec.read_entry(bytes(row["entry"])).event)
        facts = fields.get("facts") or {}
        for photo in (*facts.get("photos", ()), *fields.get("photos", ())):
            found.add((photo["digest"], photo["role"]))
    return sorted(found)
