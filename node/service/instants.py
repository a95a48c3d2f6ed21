"""Instants as the tables keep them (microseconds since the epoch) and as the core reads
them; and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from node.core.calendar import BEIJING

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Microseconds since the epoch of an aware instant."""
    return (instant - _EPOCH) // _MICROSECOND


def to_time(us: int) -> datetime:
    """The aware UTC instant of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=us)


def to_minute(instant: datetime) -> str:
    """An aware instant in Beijing time to the minute, as papers and lists write it."""
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def to_second(instant: datetime) -> str:
    """The same to the second."""
    return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def minute_in(written: str | None) -> str:
    """The same of an ISO 8601 instant of a document; "" = there is none."""
    return to_minute(datetime.fromisoformat(written)) if written else ""
