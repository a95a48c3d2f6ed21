"""The only translator between core words and protobuf bytes.

What cannot be read raises ``Invalid`` with code ``word.malformed``. Values and their limits:
``values``; words out and in: ``saying``, ``reading``; journal entries: ``entries``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from google.protobuf.message import DecodeError

from hub.envelope import BODY_BYTES_MAX
from node.core.words import (
    Order,
    RecalledReport,
    Report,
    Resume,
    SubmittedReport,
    Told,
    Word,
)
from node.edge.codec.entries import entry_bytes, entry_in, trace_body
from node.edge.codec.reading import read_directive, read_order, read_report, read_stock
from node.edge.codec.saying import say_directive, say_order, say_report
from node.edge.codec.values import (
    SHEET_BYTES_MAX,
    bound,
    malformed,
    name_of,
)
from node.service.ports import Entry, StockSheet, Trace
from node.v1 import words_pb2 as pb

ORDER, DIRECTIVE, REPORT = "node.v1.Order", "node.v1.Directive", "node.v1.Report"
STOCK = "node.v1.StockSheet"
TYPES: Mapping[str, int] = MappingProxyType({ORDER: 1, DIRECTIVE: 3, REPORT: 2, STOCK: 1})
"""The highest revision of each type that this node reads. A word is said in the lowest revision in
which nobody may misread it, so that an older neighbour is kept from as little as possible."""
_REV_OF_RESUME = 2
_REV_OF_TOLD = 3
_REV_OF_PASSING_UP = 2

_READERS: Mapping[str, Callable[[bytes], Word | Trace | StockSheet]] = MappingProxyType(
    {ORDER: read_order, DIRECTIVE: read_directive, REPORT: read_report, STOCK: read_stock}
)


class WordCodec:
    """``node.service.ports.Codec`` over ``node/v1/words.proto``. Stateless."""

    def types(self) -> Mapping[str, int]:
        """Readable types with their schema revision, as said in every Hello."""
        return TYPES

    def say(self, word: Word) -> tuple[str, int, bytes]:
        """Type, schema revision and body. ``Invalid`` if a value exceeds a limit."""
        rev = 1
        if isinstance(word, Report):
            type_, body = REPORT, say_report(word).SerializeToString()
            if isinstance(word.act, SubmittedReport | RecalledReport):
                rev = _REV_OF_PASSING_UP
        elif isinstance(word, Order):
            type_, body = ORDER, say_order(word).SerializeToString()
        else:
            type_, body = DIRECTIVE, say_directive(word).SerializeToString()
            if isinstance(word.act, Resume):
                rev = _REV_OF_RESUME
            elif isinstance(word.act, Told):
                rev = _REV_OF_TOLD
        bound(len(body) <= BODY_BYTES_MAX, "body", "is larger than a word may be")
        return type_, rev, body

    def say_stock(self, sheet: StockSheet) -> tuple[str, int, bytes]:
        """Type, schema revision and body. ``Invalid`` if a value exceeds a limit."""
        bound(len(sheet.document) <= SHEET_BYTES_MAX, "document", "is larger than a sheet may be")
        body = pb.StockSheet(
            node=name_of(sheet.node),
            period=name_of(sheet.period),
            version=sheet.version,
            document=sheet.document,
        ).SerializeToString()
        return STOCK, 1, body

    def read(self, type_: str, body: bytes) -> Word | Trace | StockSheet:
        """The word in ``body``."""
        reader = _READERS.get(type_)
        if reader is None:
            raise malformed(f"no reader for type {type_!r}")
        try:
            return reader(body)
        except (DecodeError, UnicodeDecodeError) as err:
            raise malformed(f"{type_} does not parse") from err
        except (ValueError, OverflowError) as err:
            raise malformed(f"{type_}: {err}") from err

    def say_entry(self, entry: Entry) -> bytes:
        """The bytes of a journal entry."""
        return entry_bytes(entry)

    def read_entry(self, raw: bytes) -> Entry:
        """The entry in those bytes."""
        return entry_in(raw)

    def say_trace(self, entry: Entry, raw: bytes) -> tuple[str, int, bytes]:
        """A report whose field ``trace`` is exactly ``raw``."""
        return REPORT, 1, trace_body(entry, raw)
