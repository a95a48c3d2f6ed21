"""Is everything in this home still what was written? Read only, running or not.

A database page can be damaged inside of a value, where no database notices. Everything that matters
has a digest, a seal or a second form: entries their digest, cases their journal, envelopes a chain
and a body digest, photos their name. ``wanmi verify`` compares them all.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from hub import wire
from hub.blobs.files import BlobStore
from hub.envelope import Alg
from hub.errors import FabricError
from hub.ids import ZERO_CHAIN
from hub.seal import chain_value, digest
from hub.store.blobs import BlobState
from hub.store.engine import connect, database_url, open_engine
from hub.store.tables import blob, inbox, outbox
from node.core.case import Case
from node.core.errors import Refused
from node.core.evolve import evolve
from node.edge.codec import WordCodec
from node.service.folding import CaseCache, read_event
from node.settings import load
from node.store.tables import cases, journal, trace

DIFFERS: Final = "differs"
PAGES_SAID_MAX: Final = 20
ROWS_AT_ONCE: Final = 500
Progress = Callable[[str, int], None]
"""(what is being compared, how many of it are done)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is not what was written. ``kind``: page, entry, case, envelope, trace or
    photo; ``where`` names it; ``what`` is a code, ``detail`` the database's own words; ``digest``
    of a photo, which a neighbour may still have."""

    kind: str
    where: str
    what: str
    detail: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was compared, by kind, and what is damaged. ``differing``: cases whose kept state is
    not what this version makes of their journal. An earlier version may have kept them so, so by
    itself that is no damage; the journal counts."""

    counts: dict[str, int]
    damages: tuple[Damage, ...]
    differing: tuple[str, ...]


def look_through(home: Path, progress: Progress = lambda _what, _n: None) -> Looked:
    """Compare everything in this home. Raises ``FabricError`` if the database cannot be opened."""
    settings = load(home)
    counts: dict[str, int] = {}
    damages: list[Damage] = []
    differing: list[str] = []
    engine = open_engine(settings.database_url, read_only=True)
    steps: tuple[tuple[str, Callable[[Connection], Iterator[Damage | None]]], ...] = (
        ("page", lambda _conn: _pages(settings.database_url)),
        ("entry", _entries), ("case", lambda conn: _cases(conn, differing)),
        ("envelope", _envelopes), ("trace", _traces),
        ("photo", lambda conn: _photos(conn, settings.blobs)),
    )
    with closing(connect(engine)) as conn, conn.begin():
        for kind, compare in steps:
            counts[kind] = 0
            try:
                for damage in compare(conn):
                    counts[kind] += 1
                    if damage is not None:
                        damages.append(damage)
                    if counts[kind] % ROWS_AT_ONCE == 0:
                        progress(kind, counts[kind])
            except DBAPIError as err:
                damages.append(Damage(kind="page", where=kind, what="page", detail=str(err.orig)))
            progress(kind, counts[kind])
    return Looked(counts=counts, damages=tuple(damages), differing=tuple(differing))


def _pages(url: str) -> Iterator[Damage | None]:
    """SQLite's own check of every page and index; PostgreSQL checks its pages when it reads."""
    parsed = database_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    conn = sqlite3.connect(str(parsed.database))
    try:
        conn.execute("PRAGMA query_only=ON")
        for said, in conn.execute(f"PRAGMA integrity_check({PAGES_SAID_MAX})"):
            yield None if said == "ok" else Damage(
                kind="page", where="database", what="page", detail=said)
    except sqlite3.DatabaseError as err:
        yield Damage(kind="page", where="database", what="page", detail=str(err))
    finally:
        conn.close()


def _rows(conn: Connection, statement: Any) -> Iterable[Any]:
    return conn.execution_options(yield_per=ROWS_AT_ONCE).execute(statement)


def _entries(conn: Connection) -> Iterator[Damage | None]:
    for case_id, version, entry, kept in _rows(conn, select(
            journal.c.case_id, journal.c.version, journal.c.entry, journal.c.digest)):
        yield None if hashlib.sha256(entry).digest() == kept else Damage(
            kind="entry", where=f"{case_id} v{version}", what="digest")


def _cases(conn: Connection, differing: list[str]) -> Iterator[Damage | None]:
    """The kept state of a case against the fold of its journal; both are read in the order of
    their cases, so that a database of millions passes by."""
    cache = CaseCache(1)
    kept = iter(_rows(conn, select(cases.c.case_id, cases.c.state).order_by(cases.c.case_id)))
    row = next(kept, None)
    entries = _rows(conn, select(journal.c.case_id, journal.c.entry).order_by(
        journal.c.case_id, journal.c.n))
    for case_id, group in groupby(entries, key=itemgetter(0)):
        while row is not None and row[0] < case_id:
            yield Damage(kind="case", where=row[0], what="no_journal")
            row = next(kept, None)
        folded = _folded(raw for _, raw in group)
        state = None
        if row is not None and row[0] == case_id:
            state, row = bytes(row[1]), next(kept, None)
        what = _differs(folded, state, case_id, cache)
        if what == DIFFERS:
            differing.append(case_id)
            what = ""
        yield Damage(kind="case", where=case_id, what=what) if what else None
    while row is not None:
        yield Damage(kind="case", where=row[0], what="no_journal")
        row = next(kept, None)


def _folded(entries: Iterable[bytes]) -> Case | None:
    """None: an entry cannot be read."""
    codec = WordCodec()
    folded: Case | None = None
    try:
        for raw in entries:
            entry = codec.read_entry(raw)
            folded = evolve(folded, read_event(entry.event_type, entry.event))
    except (ValueError, KeyError, Refused, AssertionError):
        return None
    return folded


def _differs(folded: Case | None, state: bytes | None, case_id: str, cache: CaseCache) -> str:
    if folded is None:
        return "journal_unreadable"
    if state is None:
        return "gone"
    try:
        kept = cache.read(case_id, state)
    except ValueError:
        return "unreadable"
    if kept.version != folded.version:
        return "version"
    return "" if kept == folded else DIFFERS


def _envelopes(conn: Connection) -> Iterator[Damage | None]:
    """Kept bytes of both directions against chain value and body digest."""
    for name, table in (("outbox", outbox), ("inbox", inbox)):
        previous: dict[tuple[str, int], tuple[int, bytes]] = {}
        for link, epoch, seq, chain, sealed in _rows(conn, select(
            table.c.link, table.c.epoch, table.c.seq, table.c.chain, table.c.sealed
        ).where(table.c.seq.is_not(None), table.c.sealed.is_not(None)).order_by(
                table.c.link, table.c.epoch, table.c.seq)):
            what, prev = _envelope(sealed, bytes(chain))
            before_seq, before = previous.get((link, epoch), (0, bytes(ZERO_CHAIN)))
            if not what and before_seq == seq - 1 and (seq > 1 or epoch == 1) and prev != before:
                what = "order"
            previous[link, epoch] = (seq, bytes(chain))
            yield Damage(kind="envelope", where=f"{name} {link} {epoch}:{seq}",
                         what=what) if what else None


def _envelope(sealed: bytes, chain: bytes) -> tuple[str, bytes]:
    """What is wrong with it ("" = nothing), and the chain value it says it follows."""
    try:
        head, body, _ = wire.sealed_parts(sealed)
        header = wire.header_from(head)
        if digest(header.digest_alg, body) != header.body_digest:
            return "body", b""
        if chain_value(header.digest_alg, head) != chain:
            return "header", b""
    except FabricError:
        return "unreadable", b""
    return "", bytes(header.prev_hash)


def _traces(conn: Connection) -> Iterator[Damage | None]:
    for case_id, node, version, entry, kept, sealed in _rows(conn, select(
        trace.c.case_id, trace.c.node, trace.c.version, trace.c.entry, trace.c.digest,
        trace.c.sealed,
    )):
        what = "" if hashlib.sha256(entry).digest() == kept else "digest"
        if not what:
            try:
                head, body, _ = wire.sealed_parts(sealed)
                header = wire.header_from(head)
                if digest(header.digest_alg, body) != header.body_digest:
                    what = "body"
            except FabricError:
                what = "unreadable"
        yield Damage(kind="trace", where=f"{case_id} v{version} of {node}",
                     what=what) if what else None


def _photos(conn: Connection, folder: Path) -> Iterator[Damage | None]:
    files = BlobStore(folder)
    for name, alg in _rows(conn, select(blob.c.digest, blob.c.alg).where(
            blob.c.state == BlobState.WHOLE.value)):
        yield None if files.verify(name, alg=Alg(alg)) else Damage(
            kind="photo", where=name.hex()[:16], what="photo",
            digest=name.hex())
