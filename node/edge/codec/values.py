"""Single values of a word, out and in: how each is written, and its limit.

Both ways enforce the same limits, so that a word this node can say, every node can read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from node.core.errors import Invalid
from node.core.facts import (
    Outcome,
    RequestKind,
)
from node.v1 import words_pb2 as pb

TEXT_CHARS_MAX = 8_000
"""Free text of a word: a screenful several times over; longer papers are attachments."""
NAME_CHARS_MAX = 500
"""Codes, names, addresses, references: what fits a line or two of a form."""
DETAILS_MAX = 32
"""Fields that a source of reports may bring along."""
NAMES_MAX = 32
"""Bodies named together in one word, such as those that assist."""
GENERATION_MAX = 2**32 - 1
"""uint32 on the wire."""
ORDINAL_MAX = 99
"""The how-manieth of its kind a request may call itself; the assignor counts for itself."""
SHEET_BYTES_MAX = 96 * 1024
"""JSON of one published sheet; leaves room for the envelope around it."""
SHEET_VERSION_MAX = 2**31 - 1
EVENT_BYTES_MAX = 96 * 1024
"""JSON of one journal event; leaves room for the entry and the report around it."""
TIME_US_MAX = 253_402_300_799_000_000
"""31 December 9999: the last instant a datetime can hold, in microseconds."""
_ID_BYTES = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

KIND_OUT = {
    RequestKind.RETURN: pb.Request.KIND_RETURN,
    RequestKind.EXTENSION: pb.Request.KIND_EXTENSION,
    RequestKind.SUSPENSION: pb.Request.KIND_SUSPENSION,
    RequestKind.VOID: pb.Request.KIND_VOID,
    RequestKind.APPEAL: pb.Request.KIND_APPEAL,
    RequestKind.DISPUTE: pb.Request.KIND_DISPUTE,
    RequestKind.COORDINATION: pb.Request.KIND_COORDINATION,
}
OUTCOME_OUT = {
    Outcome.REGISTERED: pb.Told.OUTCOME_REGISTERED,
    Outcome.ACCEPTED: pb.Told.OUTCOME_ACCEPTED,
    Outcome.FILED: pb.Told.OUTCOME_FILED,
    Outcome.TAKEN_BACK: pb.Told.OUTCOME_TAKEN_BACK,
    Outcome.NOT_ACCEPTED: pb.Told.OUTCOME_NOT_ACCEPTED,
    Outcome.NOT_FILED: pb.Told.OUTCOME_NOT_FILED,
    Outcome.CLOSED: pb.Told.OUTCOME_CLOSED,
    Outcome.VOIDED: pb.Told.OUTCOME_VOIDED,
}
OUTCOME_IN: Mapping[int, Outcome] = {number: one for one, number in OUTCOME_OUT.items()}
KIND_IN: Mapping[int, RequestKind] = {number: kind for kind, number in KIND_OUT.items()}


def malformed(why: str) -> Invalid:
    return Invalid(f"this word cannot be read: {why}", code="word.malformed")


def bound(holds: bool, field: str, why: str) -> None:
    if not holds:
        raise malformed(f"{field} {why}")


def raw_id(text: str) -> bytes:
    raw = bytes.fromhex(text.replace("-", ""))
    if len(raw) != _ID_BYTES:
        raise malformed("an id has not 16 bytes")
    return raw


def text_id(raw: bytes) -> str:
    if len(raw) != _ID_BYTES:
        raise malformed("an id has not 16 bytes")
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def digest_of(raw: bytes) -> bytes:
    bound(len(raw) == 32, "a photo's digest", "has not 32 bytes")
    return raw


def generation_of(value: int) -> int:
    if not 1 <= value <= GENERATION_MAX:
        raise malformed("generation is not between 1 and 2^32-1")
    return value


def text_of(value: str) -> str:
    if len(value) > TEXT_CHARS_MAX:
        raise malformed(f"text has more than {TEXT_CHARS_MAX} characters")
    return value


def name_of(value: str) -> str:
    if len(value) > NAME_CHARS_MAX:
        raise malformed(f"a field has more than {NAME_CHARS_MAX} characters")
    return value


def names_of(values: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name_of(value) for value in values)
    bound(len(names) <= NAMES_MAX, "names", f"more than {NAMES_MAX}")
    return names


def us_of(instant: datetime | None) -> int:
    return 0 if instant is None else (instant - _EPOCH) // _MICROSECOND


def time_of(us: int) -> datetime | None:
    return None if us == 0 else instant_of(us)


def instant_of(us: int) -> datetime:
    if not 0 <= us <= TIME_US_MAX:
        raise malformed("a time lies outside the years 1970 to 9999")
    return _EPOCH + timedelta(microseconds=us)
