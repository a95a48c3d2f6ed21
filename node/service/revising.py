"""Imported tables keep their versions: what each changed stands beside it, so that an earlier one
can be put back.

Whoever writes rows of such a table writes them through ``revise``, in the same transaction.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from sqlalchemy import Connection

from hub.store.tx import Tx
from node.core.errors import WrongStatus
from node.core.revising import Change, Fields, counted, differences, going_back
from node.service.audit import NOBODY, PRESENT
from node.service.ports import Row

REVISIONS_KEPT: Final = 500
"""Versions of one table that stay readable: years of them, as tables are changed."""
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "responsibilities": (
        "standard_ref", "kind", "code", "area", "unit", "assignee", "qualifier", "zone", "phrase",
        "valid_from"),
    "units": ("unit_id",),
    "area-classes": ("dimension", "area"),
}
"""Tables whose versions are kept, and by what their rows are told apart."""


class RevisionStore(Protocol):
    """What versions need from below (``node.store.revisions``)."""

    def kept_rows(self, conn: Connection, name: str) -> Sequence[Row]: ...

    def put_kept_rows(
        self, conn: Connection, name: str, rows: Sequence[Row], now_us: int
    ) -> None: ...

    def drop_kept_rows(self, conn: Connection, name: str, rows: Sequence[Row]) -> None: ...

    def newest_revision(self, conn: Connection, name: str) -> int: ...

    def add_revision(self, conn: Connection, row: Row, changes: Sequence[Row]) -> None: ...

    def list_revisions(
        self, conn: Connection, name: str, before: int, limit: int
    ) -> Sequence[Row]: ...

    def revision_row(self, conn: Connection, name: str, number: int) -> Row | None: ...

    def revision_changes(
        self, conn: Connection, name: str, number: int, after: int, limit: int
    ) -> Sequence[Row]: ...

    def changed_since(self, conn: Connection, name: str, number: int) -> Sequence[Row]: ...

    def forget_revisions(self, conn: Connection, name: str, up_to: int) -> None: ...


def keyed(name: str, rows: Iterable[Row]) -> dict[str, Fields]:
    """Rows by their key; of rows with one key the last counts."""
    return {_text([row[one] for one in KEYS[name]]): row for row in rows}


def compared(
    store: RevisionStore, conn: Connection, name: str, rows: Iterable[Row], *, whole: bool = False
) -> tuple[Change, ...]:
    """What these rows would change."""
    there = keyed(name, store.kept_rows(conn, name))
    return differences(there, keyed(name, rows), whole=whole)


def compared_back(
    store: RevisionStore, conn: Connection, name: str, number: int
) -> tuple[Change, ...]:
    """What putting version ``number`` back would change; 0 = as it was before the first."""
    log = [(one["key"], _fields(one["before"]))
           for one in store.changed_since(conn, name, number)]
    return going_back(keyed(name, store.kept_rows(conn, name)), log)


def seal_of(changes: Iterable[Change]) -> str:
    """Says which changes somebody has seen: equal changes have equal seals."""
    whole = hashlib.sha256()
    for one in changes:
        # Rows of standards hold days, which JSON does not know.
        said = json.dumps([one.key, one.before, one.after], default=str, sort_keys=True)
        whole.update(said.encode())
    return whole.hexdigest()[:32]


def held(seen: str, changes: Iterable[Change]) -> None:
    """``WrongStatus`` (``upkeep.moved``): these are not the changes with the seal ``seen``."""
    if seen != seal_of(changes):
        raise WrongStatus("the table has changed since: look at what would change now",
                          code="upkeep.moved")


def revise(
    store: RevisionStore, tx: Tx, name: str, changes: Sequence[Change], *, source: str = "",
    back_to: int | None = None, seen: str = "",
) -> int:
    """Write the changes and the version that holds them; returns its number, or that of the newest
    where nothing changes. ``seen``: see ``held``; "" = nobody has looked."""
    if seen:
        held(seen, changes)
    if not changes:
        return store.newest_revision(tx.conn, name)
    store.drop_kept_rows(
        tx.conn, name, [one.before for one in changes if one.after is None and one.before])
    store.put_kept_rows(
        tx.conn, name, [one.after for one in changes if one.after is not None], tx.now_us)
    here = PRESENT.get()
    return write_down(
        store, tx, name, changes, actor=here.actor if here is not None else NOBODY, source=source,
        back_to=back_to)


def write_down(
    store: RevisionStore, tx: Tx, name: str, changes: Sequence[Change], *, actor: str,
    source: str = "", back_to: int | None = None,
) -> int:
    """The version that holds these changes, for whatever keeps what it says elsewhere; returns its
    number. Those before the newest ``REVISIONS_KEPT`` are forgotten."""
    number, counts = store.newest_revision(tx.conn, name) + 1, counted(changes)
    store.add_revision(
        tx.conn,
        {
            "name": name, "number": number, "at": tx.now_us, "actor": actor, "source": source,
            "back_to": back_to, "added": counts.added, "changed": counts.changed,
            "removed": counts.removed,
        },
        [{"key": one.key, "before": _json(one.before), "after": _json(one.after)}
         for one in changes],
    )
    if number > REVISIONS_KEPT:
        store.forget_revisions(tx.conn, name, number - REVISIONS_KEPT)
    return number


def change_of(row: Row) -> Change:
    """A row of ``revision_change``."""
    return Change(key=row["key"], before=_fields(row["before"]), after=_fields(row["after"]))


def _fields(written: str | None) -> Fields | None:
    return None if written is None else json.loads(written)


def _json(row: Fields | None) -> str | None:
    return None if row is None else _text(row)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
