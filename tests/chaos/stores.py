"""All databases of a run, read from outside, SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from hub.ids import NodeId
from hub.roster.identity import Identity
from hub.seal import Ed25519Key
from hub.store.engine import database_url
from node.core.case import Case
from node.core.events import Event
from node.edge.codec import WordCodec
from node.service.folding import CaseCache, read_event

CODEC = WordCodec()
PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One journal entry with its event."""

    n: int
    branch: int
    version: int
    cause: str
    part: int
    event: Event
    digest: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """One link by its ends."""

    parent: str
    child: str

    @property
    def link(self) -> str:
        """Its id."""
        return f"{self.parent}-{self.child}"


class Store:
    """One node's database; read only, a transaction per question."""

    def __init__(self, node: str, url: str) -> None:
        self.node = node
        self._engine = create_engine(database_url(url), poolclass=NullPool)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        if self.is_sqlite:
            event.listen(self._engine, "connect", _query_only)

    def rows(self, sql: str, *args: object) -> list[Any]:
        """What it answers; ``?`` stands for an argument."""
        with self._engine.connect() as conn:
            return _rows(conn, sql if self.is_sqlite else sql.replace("?", "%s"), args)

    def count(self, sql: str, *args: object) -> int:
        """The one number it answers."""
        return int(self.rows(sql, *args)[0][0])

    @cached_property
    def journals(self) -> dict[str, list[Written]]:
        """All entries by case, in order, as they are when first asked for."""
        found: dict[str, list[Written]] = {}
        for n, case_id, branch, version, raw, cause, part, digest in self.rows(
            "SELECT n, case_id, branch, version, entry, cause, part, digest FROM journal ORDER BY n"
        ):
            entry = CODEC.read_entry(raw)
            found.setdefault(case_id, []).append(Written(
                n=n, branch=branch, version=version, cause=cause, part=part, digest=digest, raw=raw,
                event=read_event(entry.event_type, entry.event)))
        return found

    @cached_property
    def apart(self) -> dict[tuple[str, int, int], bytes]:
        """Digests of own entries that came back and fitted nowhere, by case, branch and version.
        They stand beside the journal, as evidence."""
        return {(case_id, branch, version): digest
                for case_id, branch, version, digest in self.rows(
                    "SELECT case_id, branch, version, digest FROM trace WHERE node = ?",
                    self.node)}

    @cached_property
    def own_digests(self) -> frozenset[bytes]:
        """Of every own entry, in the journal or beside it."""
        return frozenset((*(entry.digest for entries in self.journals.values()
                            for entry in entries), *self.apart.values()))

    @cached_property
    def acknowledged(self) -> frozenset[bytes]:
        """Digests of own entries that the office above has acknowledged."""
        return frozenset(digest for digest, in self.rows(
            "SELECT j.digest FROM journal j JOIN outbox o ON o.msg_id = j.trace_msg "
            "WHERE o.acked_at IS NOT NULL"))

    @cached_property
    def cases(self) -> dict[str, Case]:
        """The folded cases as they are when first asked for."""
        cache = CaseCache(1)
        return {case_id: cache.read(case_id, bytes(state))
                for case_id, state in self.rows("SELECT case_id, state FROM cases")}

    def tables(self) -> tuple[str, ...]:
        """Every table there is."""
        if self.is_sqlite:
            return tuple(name for name, in self.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
        return tuple(name for name, in self.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))


def _query_only(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA busy_timeout=5000")


def _rows(conn: Connection, sql: str, args: tuple[object, ...]) -> list[Any]:
    return [tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row)
            for row in conn.exec_driver_sql(sql, args).fetchall()]


class Ring:
    """Public keys as the offices themselves have them on disk."""

    def __init__(self, homes: Mapping[str, Path], parents: Mapping[str, str]) -> None:
        self._parents = parents
        self._keys = {}
        for node, home in homes.items():
            key = Identity.load(home / "keys").sign
            self._keys[key.key_id, node] = Ed25519Key.of(key.public)

    def public(self, key_id: str, node: NodeId, at_us: int) -> Ed25519Key | None:
        """The key of that node."""
        return self._keys.get((key_id, node))

    def refusal(self, key_id: str, node: NodeId, at_us: int) -> str:
        """Why ``public`` gives nothing."""
        return "" if self.public(key_id, node, at_us) is not None else "key.unknown"

    def parent_of(self, node: NodeId) -> NodeId | None:
        """As the plan says."""
        return NodeId(self._parents[node]) if self._parents.get(node) else None

    def is_below(self, node: NodeId, ancestor: NodeId) -> bool:
        """A node is in its own subtree."""
        at: str | None = node
        while at and at != ancestor:
            at = self._parents.get(at)
        return at == ancestor

    def serial(self) -> int:
        """Never asked."""
        return 0


def surfaces(data: bytes) -> Iterator[bytes]:
    """The bytes, and whatever inflates inside of them, also inside of that."""
    yield data
    for head in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        at = data.find(head)
        while at >= 0:
            try:
                plain = zlib.decompressobj().decompress(data[at:at + PIECE], PIECE)
            except zlib.error:
                plain = b""
            if len(plain) > 16:
                yield from surfaces(plain)
            at = data.find(head, at + 1)


def fields(text: bytes) -> dict[str, Any]:
    """A JSON object."""
    found: dict[str, Any] = json.loads(text)
    return found
