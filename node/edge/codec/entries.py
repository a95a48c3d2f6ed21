"""Journal entries and the traces that carry them.

An entry inside a trace is never serialised again: its bytes are cut out of the body as they came,
because every tier compares their digest.
"""

from __future__ import annotations

from google.protobuf.message import DecodeError

from hub.envelope import BODY_BYTES_MAX
from node.edge.codec.values import (
    EVENT_BYTES_MAX,
    GENERATION_MAX,
    bound,
    malformed,
    name_of,
    raw_id,
    text_id,
)
from node.service.ports import Entry
from node.v1 import words_pb2 as pb

_TRACE_TAG = (10 << 3) | 2
"""Field 10 of Report, length-delimited: where the entry's own bytes stand."""


def entry_bytes(entry: Entry) -> bytes:
    """The bytes of a journal entry. ``Invalid`` if its event is too large."""
    bound(len(entry.event) <= EVENT_BYTES_MAX, "event", "is larger than an entry may carry")
    return pb.JournalEntry(
        node=entry.node,
        case_id=raw_id(entry.case_id),
        branch=entry.branch,
        version=entry.version,
        generation=entry.generation,
        occurred_at_us=entry.occurred_at_us,
        hlc=entry.hlc,
        actor=entry.actor,
        cause=raw_id(entry.cause) if entry.cause else b"",
        part=entry.part,
        event_type=entry.event_type,
        event=entry.event,
    ).SerializeToString(deterministic=True)


def entry_in(raw: bytes) -> Entry:
    """The entry in those bytes."""
    try:
        message = pb.JournalEntry.FromString(raw)
    except (DecodeError, UnicodeDecodeError) as err:
        raise malformed("a journal entry does not parse") from err
    return entry_of(message)


def trace_body(entry: Entry, raw: bytes) -> bytes:
    """The body of a report whose field ``trace`` is exactly ``raw``."""
    frame = pb.Report(
        case_id=raw_id(entry.case_id), generation=min(entry.generation, GENERATION_MAX)
    ).SerializeToString()
    body = b"".join((frame, bytes((_TRACE_TAG,)), _varint(len(raw)), raw))
    bound(len(body) <= BODY_BYTES_MAX, "body", "is larger than a word may be")
    return body


def entry_of(message: pb.JournalEntry) -> Entry:
    if not 1 <= message.version <= 2**63 - 1 or message.branch > 2**63 - 1:
        raise malformed("a journal entry with a version or branch out of range")
    bound(len(message.event) <= EVENT_BYTES_MAX, "event", "is larger than an entry may carry")
    return Entry(
        node=name_of(message.node),
        case_id=text_id(message.case_id),
        branch=message.branch,
        version=message.version,
        generation=message.generation,
        occurred_at_us=message.occurred_at_us,
        hlc=message.hlc & (2**63 - 1),
        actor=name_of(message.actor),
        cause=text_id(message.cause) if message.cause else "",
        part=message.part,
        event_type=name_of(message.event_type),
        event=message.event,
    )


def cut_trace(body: bytes) -> bytes:
    """The bytes of field ``trace``, exactly as they stand in the body (the last one, as a proto3
    reader takes it). A body that sends the field twice would be merged by a reader and is no
    longer one entry: refused."""
    at, end, found = 0, len(body), b""
    while at < end:
        tag, at = _take_varint(body, at)
        wire = tag & 7
        if wire == 2:
            size, at = _take_varint(body, at)
            if tag == _TRACE_TAG:
                if found:
                    raise malformed("a report with two traces")
                found = body[at : at + size]
            at += size
        elif wire == 0:
            _, at = _take_varint(body, at)
        elif wire == 1:
            at += 8
        elif wire == 5:
            at += 4
        else:
            raise malformed("a report with groups")
    return found


def _take_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
