"""What a new sheet would change in a table, and what putting an earlier version back would.

Rows are compared by their key, field by field. A sheet is an addition (what it does not name stays)
or the whole table (what it does not name goes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Fields = Mapping[str, object]
"""The fields of one row; an absent field and an empty one are told apart by nobody here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row that differs. ``before`` None = it was not there, ``after`` None = it goes."""

    key: str
    before: Fields | None
    after: Fields | None

    @property
    def what(self) -> str:
        """added, changed or removed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def differing(self) -> Mapping[str, tuple[object, object]]:
        """Fields with their old and new value, where they differ."""
        old, new = self.before or {}, self.after or {}
        return {
            name: (old.get(name), new.get(name)) for name in {**old, **new}
            if old.get(name) != new.get(name)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows a version adds, changes and removes, and how many it names that stay."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


def differences(
    there: Mapping[str, Fields], given: Mapping[str, Fields], *, whole: bool = False
) -> tuple[Change, ...]:
    """What ``given`` changes in ``there``, in the order of ``given``; with ``whole``, rows that it
    does not name are removed, behind the others."""
    named = [Change(key=key, before=there.get(key), after=row) for key, row in given.items()]
    gone = [Change(key=key, before=row, after=None) for key, row in there.items()
            if whole and key not in given]
    return (*(one for one in named if one.before != one.after), *gone)


def counted(changes: Iterable[Change], *, named: int = 0) -> Counts:
    """``named``: how many rows the sheet has."""
    kinds = [one.what for one in changes]
    added, changed = kinds.count("added"), kinds.count("changed")
    return Counts(added=added, changed=changed, removed=kinds.count("removed"),
                  unchanged=max(0, named - added - changed))


def going_back(
    there: Mapping[str, Fields], newest_first: Iterable[tuple[str, Fields | None]]
) -> tuple[Change, ...]:
    """What undoing versions changes: each pair is a row that one of them wrote and what stood there
    before (None = nothing), the newest version first."""
    earlier = dict(newest_first)  # the last of each key is the oldest
    found = (Change(key=key, before=there.get(key), after=row) for key, row in earlier.items())
    return tuple(one for one in found if one.before != one.after)
