"""What an office needs the next year: how its data grow from month to month.

A month is known by its last measurement. Growth is the difference to the last month that was
measured before it; where months were not measured (the node was away), theirs is in it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The last measurement of a month (``2026-11``). Bytes; ``accounts`` are tokens that are live,
    ``clerks`` the active people on the units' cards."""

    month: str
    database_bytes: int
    blob_bytes: int
    blobs: int
    accounts: int
    clerks: int

    @property
    def bytes(self) -> int:
        """Everything kept."""
        return self.database_bytes + self.blob_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A month and what came in it, in bytes; None = nothing was measured before it. A database
    that was vacuumed shrinks: growth may be negative. ``since``: the month compared with."""

    stored: Stored
    since: str
    database_growth: int | None
    blob_growth: int | None

    @property
    def growth(self) -> int | None:
        """Of everything kept."""
        if self.database_growth is None or self.blob_growth is None:
            return None
        return self.database_growth + self.blob_growth


def growth(measured: Iterable[Stored]) -> tuple[Grown, ...]:
    """Every month with its growth, in order; months are in any order."""
    found: list[Grown] = []
    for one in sorted(measured, key=lambda one: one.month):
        last = found[-1].stored if found else None
        found.append(Grown(
            stored=one,
            since=last.month if last is not None else "",
            database_growth=one.database_bytes - last.database_bytes if last is not None else None,
            blob_growth=one.blob_bytes - last.blob_bytes if last is not None else None,
        ))
    return tuple(found)
