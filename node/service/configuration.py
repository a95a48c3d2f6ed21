"""What an office works by, as versions: its profile and each file that it names, as they stood at
the start from which they counted.

The files themselves lie in the home, or come with the program; whoever changes one restarts the
node. Here is what they were, so that an earlier text can be laid there again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx, Writer
from node.core.revising import Change, differences
from node.service.audit import NOBODY, AuditEntry, Recorder
from node.service.instants import to_time
from node.service.ports import Row
from node.service.revising import REVISIONS_KEPT, RevisionStore, change_of, write_down

NAME: Final = "configuration"
CHANGED: Final = "ChangeConfiguration"
TEXT: Final = "text"
FILES_MAX: Final = 100
"""Files that one profile names, at most."""


class ConfigurationStore(RevisionStore, Protocol):
    """What these versions need from below (``node.store.revisions``)."""

    def newest_rows(self, conn: Connection, name: str) -> Sequence[Row]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationView:
    """One version; ``files``: the settings whose text it changed."""

    number: int
    at: datetime
    files: tuple[str, ...]


def keep(store: ConfigurationStore, tx: Tx, audit: Recorder, texts: Mapping[str, str]) -> int:
    """Write down what counts from this start on, by the setting that names each file, unless it is
    what counted before; returns the number of its version. The first says nothing in the audit
    log: nothing has changed."""
    whole = json.dumps(texts, ensure_ascii=False, sort_keys=True)
    mark = hashlib.sha256(whole.encode()).hexdigest()
    newest = store.newest_revision(tx.conn, NAME)
    row = store.revision_row(tx.conn, NAME, newest)
    if row is not None and row["source"] == mark:
        return newest
    there = {one["key"]: change_of({"before": None, **one}).after or {}
             for one in store.newest_rows(tx.conn, NAME) if one["after"] is not None}
    changes = differences(there, {key: {TEXT: text} for key, text in texts.items()}, whole=True)
    number = write_down(store, tx, NAME, changes, actor=NOBODY, source=mark)
    if newest:
        audit.record(tx, AuditEntry(
            action=CHANGED, actor=NOBODY, subject=f"{NAME}:{number}",
            detail={"files": ", ".join(one.key for one in changes)}))
    return number


class Configurations:
    """The versions, for whoever asks what changed and when."""

    def __init__(self, *, store: ConfigurationStore, writer: Writer) -> None:
        self._store, self._writer = store, writer

    async def versions(self, before: int, limit: int) -> list[ConfigurationView]:
        """Newest first, those below ``before`` (0 = all)."""
        def read(conn: Connection) -> list[ConfigurationView]:
            return [
                ConfigurationView(
                    number=row["number"], at=to_time(row["at"]),
                    files=tuple(one["key"] for one in self._store.revision_changes(
                        conn, NAME, row["number"], 0, FILES_MAX)))
                for row in self._store.list_revisions(
                    conn, NAME, before, min(limit, REVISIONS_KEPT))]

        return await self._writer.read(read)

    async def changed(self, number: int) -> list[tuple[str, str, str]] | None:
        """What a version changed: setting, text before and after ("" = there was none). None: there
        is no such version."""
        def read(conn: Connection) -> list[Change] | None:
            if self._store.revision_row(conn, NAME, number) is None:
                return None
            return [change_of(one) for one in self._store.revision_changes(
                conn, NAME, number, 0, FILES_MAX)]

        found = await self._writer.read(read)
        if found is None:
            return None
        return [(one.key, _text(one.before), _text(one.after)) for one in found]


def _text(fields: Mapping[str, object] | None) -> str:
    return str(fields[TEXT]) if fields else ""
