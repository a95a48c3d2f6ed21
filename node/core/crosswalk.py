"""From one generation of class codes to the next.

A rule of arithmetic only **proposes**; what counts is a stored row with its verdict. Cases are
never re-coded: figures that reach across a change-over go through the rows when they are read. One
class may go to several and several to one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from node.core.codes import GB_2013, GB_2026, ClassKey, Kind
from node.core.errors import Invalid


class Verdict(StrEnum):
    """What became of a class."""

    SAME = "same"
    RENAMED = "renamed"
    MOVED = "moved"
    """Another number than the rule says, perhaps in another major class."""
    DROPPED = "dropped"
    NATIONALISED = "nationalised"
    """A local class that the newer standard has; often a component that became a matter."""
    REVIEW = "review"
    """A person still has to decide; a target, if any, is a suggestion."""
    LOCAL_ONLY = "local-only"


AIMED: Final = frozenset({Verdict.SAME, Verdict.RENAMED, Verdict.MOVED, Verdict.NATIONALISED})
"""Verdicts that name a class of the newer standard."""
AIMLESS: Final = frozenset({Verdict.DROPPED, Verdict.LOCAL_ONLY})
"""Verdicts that name none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One row. ``version`` counts the decisions about ``old``: its newest version as a whole is in
    force. ``new`` None = it goes nowhere."""

    old: ClassKey
    new: ClassKey | None
    verdict: Verdict
    version: int = 1
    source: str = ""
    note: str = ""


def propose(old: ClassKey, existing: Collection[ClassKey] | None = None) -> ClassKey | None:
    """What the arithmetic of 2013 to 2026 says: components ``BB-SS`` to ``BB0SS``, matters of
    01-03 to ``(BB+5)0SS``, of 04 to ``090SS``; None for everything else, and for a class that is
    not among the ``existing`` ones."""
    if old.standard_ref != GB_2013 or len(old.code) != 4 or not old.code.isdigit():
        return None
    major, minor = int(old.code[:2]), old.code[2:]
    if old.kind == Kind.COMPONENT:
        code = f"{old.code[:2]}0{minor}"
    elif old.kind == Kind.MATTER and 1 <= major <= 4:
        code = f"{major + 5:02}0{minor}"
    else:
        return None
    new = ClassKey(standard_ref=GB_2026, kind=old.kind, code=code)
    return new if existing is None or new in existing else None


def propose_by_name(
    name: str, kind: str, targets: Mapping[ClassKey, str]
) -> tuple[ClassKey, ...]:
    """Classes of the same kind and name: all there is where no arithmetic holds (CJ/T 214 to
    2013)."""
    return tuple(sorted(
        key for key, other in targets.items() if key.kind == kind and other == name))


def check_crossing(row: Crossing) -> None:
    """``Invalid`` (``crosswalk.verdict``) if verdict and target contradict each other."""
    if row.verdict in AIMED and row.new is None:
        raise Invalid(f"{row.old}: {row.verdict} needs a class to go to", code="crosswalk.verdict")
    if row.verdict in AIMLESS and row.new is not None:
        raise Invalid(f"{row.old}: {row.verdict} goes nowhere", code="crosswalk.verdict")
    if row.new is not None and row.new.standard_ref == row.old.standard_ref:
        raise Invalid(f"{row.old}: goes to its own standard", code="crosswalk.verdict")


def disagrees(row: Crossing) -> ClassKey | None:
    """What the rule would have said, where a row that says "same" or "renamed" says otherwise."""
    rule = propose(row.old)
    if row.verdict not in (Verdict.SAME, Verdict.RENAMED) or rule is None or rule == row.new:
        return None
    return rule


class Crosswalk:
    """Rows in force, to be read from both ends."""

    def __init__(self, rows: Iterable[Crossing]) -> None:
        newest: dict[ClassKey, list[Crossing]] = {}
        for row in rows:
            kept = newest.setdefault(row.old, [])
            if kept and kept[0].version > row.version:
                continue
            if kept and kept[0].version < row.version:
                kept.clear()
            kept.append(row)
        self._from = newest
        self._to: dict[ClassKey, list[Crossing]] = {}
        for kept in newest.values():
            for row in kept:
                if row.new is not None:
                    self._to.setdefault(row.new, []).append(row)

    def of(self, old: ClassKey) -> tuple[Crossing, ...]:
        """What became of a class; () = nobody has decided."""
        return tuple(self._from.get(old, ()))

    def into(self, new: ClassKey) -> tuple[Crossing, ...]:
        """Which classes became this one."""
        return tuple(self._to.get(new, ()))

    def counted_as(self, key: ClassKey) -> tuple[ClassKey, ...]:
        """The classes under which a case of ``key`` counts in figures of the newer standard: the
        targets of a decided row, else the class itself."""
        found = tuple(row.new for row in self.of(key)
                      if row.new is not None and row.verdict in AIMED)
        return found or (key,)
