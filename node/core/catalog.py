"""Reading a city's catalogue of filing conditions: what its sheets write, in our units.

Each filing condition has its own limit. It is kept as it was written, and beside it as we read it;
what we cannot read stays as it is and warns, nothing is repaired in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from node.core.clock import TimeLimit, TimeUnit

LIMIT: Final = re.compile(
    r"^(\d{1,6})(紧急工作时|紧急工作日|工作时|工作日|自然日|小时|天|分钟)(.*)$", re.DOTALL
)
"""How a city's sheet writes a limit; what follows the unit is an action note."""

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
    """A limit as it was read. ``limit`` None = unreadable: import it with a warning. ``action`` is
    what the sheet adds after the unit, such as "stop it"."""

    text: str
    limit: TimeLimit | None
    action: str = ""


def read_limit(text: str) -> LimitText:
    """Read a limit of a city's sheet; never raises, never repairs."""
    found = LIMIT.match(text.strip())
    if found is None or int(found[1]) == 0:
        return LimitText(text=text, limit=None)
    limit = TimeLimit(value=int(found[1]), unit=_UNITS[found[2]])
    return LimitText(text=text, limit=limit, action=found[3].strip())
