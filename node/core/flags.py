"""What an office marks about a report: it is never refused for it, and never looked over.

Two sorts. A *note* says what a clerk has to see (outside the coverage, near a boundary, outside the
collector's own beat). A *doubt* says that a picture cannot be what it claims to be; a person
confirms or dismisses it, and a confirmed one is in the record of the collector.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FLAGS_KEPT_MAX: Final = 64
"""Flags of one case in its folded form, newest last; a report has a dozen photos at most."""


class FlagKind(StrEnum):
    """What is odd about it."""

    CLASS_UNLISTED = "class_unlisted"
    """Its class is in no list in force."""
    STANDARD_UNKNOWN = "standard_unknown"
    """Nothing is in force under the standard that it names."""
    DIVISION_UNKNOWN = "division_unknown"
    """Its division is in no register of ours."""
    OUTSIDE_COVERAGE = "outside_coverage"
    """Its point lies outside the area to which the method applies (覆盖范围)."""
    AREA_CONTRADICTED = "area_contradicted"
    """Its division is not the one in which its point lies."""
    OUTSIDE_BEAT = "outside_beat"
    """Its point lies outside the beat of the collector who reports it."""
    BOUNDARY = "boundary"
    """Its point is so near to a border that the division beyond may be responsible."""
    PHOTO_TIME = "photo_time"
    """A picture was taken at a time that does not fit the report."""
    PHOTO_PLACE = "photo_place"
    """A picture was taken too far from where the report says."""
    PHOTO_REPEATED = "photo_repeated"
    """The very same picture belongs to another case."""


DOUBTS: Final = frozenset(
    {FlagKind.PHOTO_TIME, FlagKind.PHOTO_PLACE, FlagKind.PHOTO_REPEATED}
)
"""Kinds that a person confirms or dismisses (虚报、假报)."""
UNLISTED: Final = frozenset({FlagKind.CLASS_UNLISTED, FlagKind.STANDARD_UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One mark. ``ref`` names it within its case (a doubt: kind and digest of the picture).
    ``values`` are what its sentence says, by name. ``confirmed`` None = a note, or a doubt that
    nobody has looked at; ``collector`` is who is charged with a confirmed one, "" = nobody known.
    """

    kind: FlagKind
    ref: str = ""
    values: tuple[tuple[str, str], ...] = ()
    collector: str = ""
    confirmed: bool | None = None
    decider: str = ""
    text: str = ""

    @property
    def waits(self) -> bool:
        """Does a person have to look?"""
        return self.kind in DOUBTS and self.confirmed is None

    def value(self, name: str) -> str:
        """One of its values, "" = it has none of that name."""
        return dict(self.values).get(name, "")
