"""What the responsibility table leaves open, for a list that somebody works through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from node.core.codes import ClassKey
from node.core.coverage import Uncovered, conflicts, uncovered
from node.core.routing import Responsibility
from node.core.standards import ClassEntry, day_of
from node.service.holdings import responsibility
from node.service.instants import to_time
from node.service.ports import Row
from node.service.surroundings import Surroundings

ENDING: Final = timedelta(days=30)
"""A row that ends this soon is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClass:
    """A class of a list in force for which nobody leads; ``areas``: in these, () = anywhere."""

    entry: ClassEntry
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A row, and the units that it and its equals name."""

    row: Responsibility
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """Everything that is open. ``nameless``: named by rows, without a card; ``shut``: units with
    rows whom no order reaches; ``ending``: rows that end soon; ``strange``: rows that hold for a
    class that no list in force has. ``classes``: how many were looked at."""

    classes: int
    open: tuple[OpenClass, ...]
    clashes: tuple[Clash, ...]
    nameless: tuple[str, ...]
    shut: tuple[str, ...]
    ending: tuple[Responsibility, ...]
    strange: tuple[Responsibility, ...] = ()

    @property
    def count(self) -> int:
        """Of all kinds together."""
        return sum(map(len, (
            self.open, self.clashes, self.nameless, self.shut, self.ending, self.strange)))


class Coverage:
    """Looks at the table that the office routes by; it lies in memory."""

    def __init__(self, *, surroundings: Surroundings, now_us: Callable[[], int]) -> None:
        self._surroundings = surroundings
        self._now_us = now_us

    def after(self, rows: Iterable[Row]) -> Gaps:
        """What would be open with these rows of the table instead."""
        register = self._surroundings.register
        return self._look(tuple(responsibility(row, register) for row in rows))

    def look(self) -> Gaps:
        """What is open now."""
        return self._look(tuple(self._surroundings.table.rows()))

    def _look(self, rows: Sequence[Responsibility]) -> Gaps:
        """Areas are those that territorial units answer for."""
        here, now = self._surroundings, to_time(self._now_us())
        classes = self._classes()
        areas = tuple(sorted({one.region for one in here.register.units
                              if one.territorial and one.region}))
        lacking: list[Uncovered] = uncovered(rows, classes, areas, now)
        named = {row.who: row for row in rows if row.holds_at(now)}
        return Gaps(
            classes=len(classes),
            open=tuple(OpenClass(entry=classes[one.key], areas=one.areas) for one in lacking),
            clashes=tuple(
                Clash(row=one.rows[0], units=tuple(here.register.called(who) for who in one.units))
                for one in conflicts(rows, now, prefer=here.profile.prefer)),
            nameless=tuple(sorted(
                {row.who for row in rows if here.register.find(row.who) is None})),
            shut=tuple(sorted(
                here.register.called(who) for who, row in named.items()
                if row.assignee is None or here.way_in(row.assignee))),
            ending=tuple(row for row in rows
                         if row.valid_to is not None and now < row.valid_to <= now + ENDING),
            strange=strange(rows, classes, now),
        )

    def _classes(self) -> dict[ClassKey, ClassEntry]:
        catalog, day = self._surroundings.catalog, day_of(to_time(self._now_us()))
        if catalog is None:
            return {}
        return {entry.key: entry for entry in catalog.every_class(day)}


def strange(
    rows: Iterable[Responsibility], classes: Iterable[ClassKey], now: datetime
) -> tuple[Responsibility, ...]:
    """Rows in force whose code begins no class of their standard, where that is in force."""
    beginnings = {
        (key.standard_ref, kind, key.code[:length]) for key in classes
        for kind in ("", key.kind) for length in range(len(key.code) + 1)}
    standards = {standard for standard, _, _ in beginnings}
    return tuple(
        row for row in rows if row.holds_at(now) and row.standard_ref in standards
        and (row.standard_ref, row.kind, row.code) not in beginnings)
