"""What a staged import of a layer would change, and what its rows were before some versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from node.core.errors import Invalid
from node.core.revising import Change, Counts
from node.service.places.layers import columns_of, digest_of
from node.service.places.ports import LayerStore, Row

READ_ROWS: Final = 5_000
UNTOLD: Final = frozenset({"digest", "label", "west", "south", "east", "north"})
"""Columns that say nothing to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a staged import would change; ``changes`` are the first of them, outlines and boxes
    left out. ``done`` of ``rows`` are written so far."""

    counts: Counts
    changes: tuple[Change, ...]
    rows: int
    done: int


def compared(
    conn: Connection, store: LayerStore, opened: Row, *, gone: Sequence[str], most: int
) -> Compared:
    """``opened``: the row of the import; ``gone``: keys that its end will retire."""
    layer, rows, moved, fresh, after = opened["layer"], 0, 0, 0, ""
    shown: list[tuple[str, bytes]] = []
    while True:
        part = store.staged(conn, opened["id"], after, READ_ROWS)
        old = store.digests(conn, layer, [row["key"] for row in part])
        for row in part:
            if old.get(row["key"]) == digest_of(bytes(row["body"])):
                continue
            moved, fresh = moved + 1, fresh + (row["key"] not in old)
            if len(shown) < most:
                shown.append((row["key"], bytes(row["body"])))
        rows += len(part)
        if len(part) < READ_ROWS:
            break
        after = part[-1]["key"]
    going = list(gone)[: max(0, most - len(shown))]
    there = store.rows_of(conn, layer, [*(key for key, _ in shown), *going])
    changes = [Change(key=key, before=_told(there.get(key)), after=_told(columns_of(body)))
               for key, body in shown]
    changes += [Change(key=key, before=_told(there[key]), after=None) for key in going]
    return Compared(
        counts=Counts(added=fresh, changed=moved - fresh, removed=len(gone),
                      unchanged=rows - moved),
        changes=tuple(changes), rows=rows, done=written(opened))


def written(opened: Row) -> int:
    """How many of its rows are written so far."""
    return int(opened["added"] + opened["changed"] + opened["unchanged"])


def earlier(
    conn: Connection, store: LayerStore, layer: str, number: int
) -> dict[str, bytes | None]:
    """Rows that changed after version ``number``, as they were then: key to canonical row, None =
    it was not there. ``Invalid`` (``import.unknown``): there is no such version."""
    known = {row["number"] for row in store.versions(conn, layer, READ_ROWS)}
    if number not in {0, *known}:
        raise Invalid(f"{layer} has no version {number}", code="import.unknown")
    found: dict[str, bytes | None] = {}
    for one in sorted((one for one in known if one > number), reverse=True):
        after = 0
        while part := store.changes_of(conn, layer, one, after, READ_ROWS):
            found.update((row["key"], row["before"]) for row in part)
            after = part[-1]["id"]
    return found


def _told(row: Mapping[str, Any] | None) -> Mapping[str, object] | None:
    return None if row is None else {
        name: value for name, value in row.items() if name not in UNTOLD}
