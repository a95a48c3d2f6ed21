"""What may be filed: classes of problems with their conditions and limits.

A code means something only inside its standard and kind, and it is text: leading zeros count.
Each filing condition has its own limit and its own closing condition; the limit is kept as it was
written, and beside it as we read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from node.core.clock import TimeLimit, TimeUnit
from node.core.facts import Category

LIMIT: Final = re.compile(
    r"^(\d{1,6})(紧急工作时|紧急工作日|工作时|工作日|自然日|小时|天|分钟)(.*)$", re.DOTALL
)
"""How a city's sheet writes a limit; what follows the unit is an action note."""
DEFAULT_LIMIT: Final = TimeLimit(value=5, unit=TimeUnit.WORK_DAY)
"""For a limit that nobody can read, until somebody corrects the sheet."""

_UNITS: Final = {
    "紧急工作时": TimeUnit.URGENT_HOUR,
    "紧急工作日": TimeUnit.CALENDAR_DAY,
    "自然日": TimeUnit.CALENDAR_DAY,
    "工作时": TimeUnit.WORK_HOUR,
    "小时": TimeUnit.WORK_HOUR,
    "工作日": TimeUnit.WORK_DAY,
    "天": TimeUnit.WORK_DAY,
    "分钟": TimeUnit.MINUTE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitText:
    """A limit as it was read. ``limit`` None = unreadable: the default applies, with a warning."""

    text: str
    limit: TimeLimit | None
    action: str = ""

    @property
    def effective(self) -> TimeLimit:
        """What to compute with."""
        return self.limit if self.limit is not None else DEFAULT_LIMIT


def read_limit(text: str) -> LimitText:
    """Read a limit of a city's sheet; never raises, never repairs."""
    found = LIMIT.match(text.strip())
    if found is None or int(found[1]) == 0:
        return LimitText(text=text, limit=None)
    limit = TimeLimit(value=int(found[1]), unit=_UNITS[found[2]])
    return LimitText(text=text, limit=limit, action=found[3].strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingCondition:
    """One precise finding that makes a report a case."""

    standard_ref: str
    kind: str
    code: str
    condition_no: int
    name: str
    condition: str
    closing: str
    limit: LimitText

    @property
    def category(self) -> Category:
        """The type of a case filed under this condition."""
        return Category(
            standard_ref=self.standard_ref,
            kind=self.kind,
            code=self.code,
            name=self.name,
            condition_no=self.condition_no,
        )


def condition_of(
    conditions: Iterable[FilingCondition], category: Category
) -> FilingCondition | None:
    """The condition a case was filed under, by the full key; None if it names none we know."""
    key = (category.standard_ref, category.kind, category.code, category.condition_no)
    for one in conditions:
        if (one.standard_ref, one.kind, one.code, one.condition_no) == key:
            return one
    return None
