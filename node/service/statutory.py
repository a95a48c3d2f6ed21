"""Statutory holidays and make-up workdays (法定节假日与调休) as the State Council published them.

They come from the ``chinesecalendar`` package, which follows the yearly notice; it is loaded only
when a calendar is built from it, once per release of that package. What it does not know yet, a
city imports from the notice itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from node.service.ports import Row

PACKAGE: Final = "chinesecalendar"
YEAR_FIRST: Final = 2019
"""Older years cannot matter: no limit reaches back, and an import brings no older case."""
NAMES: Final[Mapping[str, str]] = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利七十周年纪念日",
}


def source() -> str:
    """Name and version of what ``days`` come from, without loading it."""
    return f"{PACKAGE} {version(PACKAGE)}"


def days() -> list[Row]:
    """Rows of ``calendar_day``: day kind origin note."""
    from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped]

    found: dict[str, Row] = {}
    for kind, listed in (("holiday", holidays), ("workday", workdays)):
        for day, name in listed.items():
            if day.year >= YEAR_FIRST:
                found[day.isoformat()] = {
                    "day": day.isoformat(),
                    "kind": kind,
                    "origin": "statutory",
                    "note": NAMES.get(name, name),
                }
    return [found[day] for day in sorted(found)]
