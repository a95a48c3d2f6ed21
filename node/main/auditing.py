"""Puts the book of the audit log together; looks through the log of a home, running or not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hub.roster.identity import Identity
from hub.roster.keeper import shelf
from hub.roster.keyring import RosterKeyRing
from hub.roster.roster import open_roster
from hub.seal import Signer
from hub.store.engine import connect, open_engine
from hub.store.rosters import KeyRow
from hub.store.tx import Writer
from node.core.errors import Invalid
from node.edge.codec import WordCodec
from node.service.audit import Recorder
from node.service.audit_book import AuditBook, look_through, read_anchors, verdict_told
from node.service.standards.signing import Keys
from node.service.surroundings import Surroundings
from node.settings import Settings, load
from node.store import audit as rows
from node.store import schema
from node.store.access import meta
from node.store.repository import NodeStore
from node.store.snapshot import BRANCH

if TYPE_CHECKING:
    from node.service.bundles import Bundles
    from node.service.papers import Papers

ANCHOR_BYTES_MAX: Final = 256 * 1024 * 1024
"""An anchor file of many years is a few megabytes a year."""


def audit_book(
    settings: Settings, *, writer: Writer, audit: Recorder, surroundings: Surroundings,
    seal: Signer | None, keys: Keys | None, now_us: Callable[[], int],
) -> AuditBook:
    """The book over one writer, with what the settings say."""
    told = settings.audit
    return AuditBook(
        node=settings.node.id, store=rows, writer=writer, audit=audit, seal=seal, keys=keys,
        branch=lambda: surroundings.branch, auditors=surroundings.profile.auditors,
        keep=timedelta(days=told.keep_days), every=timedelta(minutes=told.head_every_min),
        anchor=_appender(settings.home / told.anchor) if told.anchor else None,
        now_us=now_us, rows_max=settings.limits.page_rows_max)


def bundles_room(
    settings: Settings, *, writer: Writer, audit: Recorder, surroundings: Surroundings,
    seal: Signer | None, photo: Callable[[str], Awaitable[tuple[Path, str] | None]],
    papers: Callable[[], Papers], now_us: Callable[[], int],
) -> Bundles:
    """Evidence over one writer, with the page of the case that people print."""
    # Loaded here: most offices never take evidence out.
    from node.edge.paper_pages import page
    from node.service.bundles import Bundles, RootKey
    from node.store import bundles

    def root_key() -> RootKey:
        key = Identity.load(settings.keys).root_key()
        return RootKey(key_id=key.key_id, alg=key.alg, public=key.public)

    async def drawn(case_id: str) -> bytes:
        return await asyncio.to_thread(page, await papers().file(case_id))

    return Bundles(
        node=settings.node.id, store=bundles, cases=NodeStore(), links=rows, codec=WordCodec(),
        writer=writer, audit=audit, seal=seal, root_key=root_key, photo=photo, page=drawn,
        verifier=_verifier, takers=surroundings.profile.evidence, folder=settings.data,
        now_us=now_us)


def _verifier() -> bytes:
    return (files("node") / "verifier" / "verify_evidence.py").read_bytes()


def verify_audit(home: Path, anchors: Path | None) -> dict[str, Any]:
    """Look through the audit log of this home's database; read only, running or not. ``anchors``:
    a file of heads, None = the one that the settings name, if it is there. Raises ``FabricError``
    if the database cannot be opened, ``OSError`` for a file that cannot be read, ``Invalid`` for
    one that holds no heads."""
    settings = load(home)
    schema.check(settings.database_url)
    identity = Identity.load(settings.keys)
    own = home / settings.audit.anchor if settings.audit.anchor else None
    file = anchors or (own if own is not None and own.exists() else None)
    heads = read_anchors(_bounded(file)) if file is not None else []
    engine = open_engine(settings.database_url, read_only=True)
    with closing(connect(engine)) as conn, conn.begin():
        found = shelf(conn)
        roster = (
            open_roster(found.signed, root_key=identity.root_key())
            if found.signed is not None else None
        )
        keys = RosterKeyRing(roster, (_own(identity), *found.enrolled))
        verdict = look_through(
            conn, rows, keys=keys, node=settings.node.id,
            branch=int(meta(conn, BRANCH) or 0), anchors=heads)
    return {**verdict_told(verdict), "anchors": len(heads),
            "anchor_file": str(file) if file is not None else ""}


def _bounded(file: Path) -> bytes:
    if file.stat().st_size > ANCHOR_BYTES_MAX:
        raise Invalid(f"{file} is larger than {ANCHOR_BYTES_MAX} bytes", code="audit.anchor_file",
                      line="-")
    return file.read_bytes()


def _own(identity: Identity) -> KeyRow:
    key = identity.public_key()
    return KeyRow(
        key_id=key.key_id, node=identity.node, alg=key.alg, public=key.public,
        valid_from_us=key.valid_from_us, valid_to_us=key.valid_to_us)


def _appender(file: Path) -> Callable[[bytes], None]:
    """Adds a line to a file, durably. A file that cannot be written stops nothing: the head is in
    the database, and ``OSError`` goes to the log of whoever tends."""

    def append(line: bytes) -> None:
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    return append
