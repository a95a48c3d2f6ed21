"""A parked word opened for a person: who said it to whom, and what it says, without secrets.

Whoever runs links is nobody who handles cases: of free texts long numbers are masked, for phones
stand in them, and nothing is shown of what stands beside a case (reporters never travel).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol

from hub.envelope import Flag, Outcome
from hub.errors import FabricError
from hub.seal import reopen
from hub.store.inbox import InboxRow
from hub.wire import sealed_parts
from node.core.errors import Refused
from node.core.masks import masked_numbers
from node.service.folding import event_fields
from node.service.instants import to_time
from node.service.link_views import ParkedItem, WordView
from node.service.ports import StockSheet, Trace

FREE: Final = frozenset({
    "text", "result", "reason", "address", "details", "source_details", "caption", "closing",
    "received_text", "words", "note",
})
"""Fields in which a person wrote: anything may stand there."""
LONG: Final = frozenset({"digest", "raw", "document"})
"""Fields that say nothing to a person."""


class Words(Protocol):
    """Reads what neighbours say (``node.edge.codec.WordCodec``)."""

    def read(self, type_: str, body: bytes) -> Any: ...


def opened(row: InboxRow, item: ParkedItem, words: Words) -> WordView | None:
    """The word of a row; None where none is parked. A word that nobody here can read is shown by
    its header, with the code of why."""
    if row.outcome is not Outcome.PARKED or row.sealed is None:
        return None
    outer = reopen(row.sealed)
    relayed = bool(outer.header.flags & Flag.RELAYED)
    said: Mapping[str, Any] = {}
    unread, word = "", outer
    try:
        word = reopen(outer.body) if relayed else outer
        said = _said(words.read(word.header.type, word.body))
    except (FabricError, Refused) as err:
        unread = err.code
    header = word.header
    _, _, seals = sealed_parts(row.sealed)
    return WordView(
        item=item, origin=header.origin, dest=header.dest, schema_rev=header.schema_rev,
        occurred_at=to_time(header.occurred_at_us), size=len(row.sealed),
        attachments=len(header.attachments), sealed_by=tuple(key for _, key, _ in seals),
        relayed=relayed, said=said, unread=unread,
    )


def _said(word: object) -> Mapping[str, Any]:
    if isinstance(word, Trace):
        entry = word.entry
        return {
            "kind": "trace", "node": entry.node, "case_id": entry.case_id,
            "version": entry.version, "event": entry.event_type,
            **_masked(event_fields(entry.event)),
        }
    if isinstance(word, StockSheet):
        return {"kind": "stock", "node": word.node, "period": word.period,
                "version": word.version}
    told = _plain(word)
    assert isinstance(told, dict), "a word has fields"
    act = getattr(word, "act", None)
    kind = type(act if act is not None else word).__name__.removesuffix("Report")
    return {"kind": kind.lower(), **_masked(told)}


def _plain(value: object) -> Any:
    """Plain values; what is empty is left out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        found = {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
        return {name: one for name, one in found.items() if one not in ("", None, [], {})}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(one) for one in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def _masked(told: Mapping[str, Any], *, free: bool = False) -> dict[str, Any]:
    return {
        name: _hidden(value, free=free or name in FREE)
        for name, value in told.items() if name not in LONG
    }


def _hidden(value: Any, *, free: bool) -> Any:
    if isinstance(value, Mapping):
        return _masked(value, free=free)
    if isinstance(value, list | tuple):
        return [_hidden(one, free=free) for one in value]
    return masked_numbers(value) if free and isinstance(value, str) else value
