"""Where a responsibility table names nobody, or several who cannot both answer.

A gap is a class of the supervision list for which no row that leads holds in an area. A conflict is
several units in equally specific rows whose times overlap: routing would answer ``several``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.core.codes import ClassKey
from node.core.routing import LEADING, Prefer, Qualifier, Responsibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """A class without a lead; ``areas``: where, () = everywhere."""

    key: ClassKey
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Equally specific rows that name different units; the first of them says for what."""

    rows: tuple[Responsibility, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """Whom they name, in their order."""
        return tuple(dict.fromkeys(row.who for row in self.rows))


def uncovered(
    rows: Iterable[Responsibility], classes: Iterable[ClassKey], areas: Sequence[str], at: datetime
) -> list[Uncovered]:
    """Classes for which nobody leads at that time: in none of the areas, or in some. ``areas``:
    division codes that the office answers for; () asks for any row at all."""
    leading = [row for row in rows if row.duties & LEADING and row.holds_at(at)]
    by_code: dict[str, list[Responsibility]] = {}
    for row in leading:
        by_code.setdefault(row.code, []).append(row)
    found = []
    for key in classes:
        fitting = [
            row for length in range(len(key.code) + 1)
            for row in by_code.get(key.code[:length], ())
            if row.kind in ("", key.kind) and row.standard_ref in ("", key.standard_ref)
            and (row.standard_ref or not row.code)
        ]
        if not fitting:
            found.append(Uncovered(key=key))
            continue
        lacking = tuple(one for one in areas
                        if not any(one.startswith(row.area) for row in fitting))
        if lacking:
            found.append(Uncovered(key=key, areas=() if len(lacking) == len(areas) else lacking))
    return found


def conflicts(
    rows: Iterable[Responsibility], at: datetime, *, prefer: Prefer = Prefer.NEITHER
) -> list[Conflict]:
    """Conflicts now and later, in the order of the rows. Limits that hang on whose thing it is are
    decided case by case and are none; nor are an area and a bureau, where one of them goes
    first."""
    grouped: dict[tuple[object, ...], list[Responsibility]] = {}
    for row in rows:
        over = row.valid_to is not None and row.valid_to <= at
        if over or not row.duties & LEADING or row.qualifier not in (
                Qualifier.NONE, Qualifier.OPERATING_AREA):
            continue
        key = (row.standard_ref, row.kind, row.code, row.area, row.qualifier,
               row.territorial and prefer is not Prefer.NEITHER)
        grouped.setdefault(key, []).append(row)
    found = []
    for some in grouped.values():
        clashing = [one for one in some if any(_clash(one, other) for other in some)]
        if clashing:
            found.append(Conflict(rows=tuple(clashing)))
    return found


def _clash(one: Responsibility, other: Responsibility) -> bool:
    return (one.who != other.who and _at_once(one, other)
            and (not one.zone or not other.zone or _overlap(one.zone, other.zone)))


def _at_once(one: Responsibility, other: Responsibility) -> bool:
    return all(
        begin.valid_from is None or end.valid_to is None or begin.valid_from < end.valid_to
        for begin, end in ((one, other), (other, one)))


def _overlap(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether some grid begins as one of either says."""
    return any(one.startswith(other) or other.startswith(one) for one in ours for other in theirs)
