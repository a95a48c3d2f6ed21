"""How the numbers of an acceptance run are shown, on a screen and on paper.

What is shown never hides why a check failed: a share is cut off, not rounded, and stands with the
two counts it is of; a greatest value is rounded up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor
from typing import Any, Final

UNITS: Final = {"per_km2": "/km²", "hours": " h"}


def shown(check: Mapping[str, Any]) -> str:
    """The number of a check, e.g. ``94.8% (37/39)``; ``—`` where there is nothing to count."""
    value, unit = check["value"], check["unit"]
    if value is None:
        return "—"
    if unit == "share":
        return f"{_cut(value * 100)}% ({check['counted']}/{check['out_of']})"
    return _with_unit(_cut(value, up=check["at_most"] is not None), unit)


def demanded(check: Mapping[str, Any]) -> str:
    """What is asked, e.g. ``≥ 95%``."""
    sign, value = ("≥", check["at_least"]) if check["at_least"] is not None else (
        "≤", check["at_most"])
    if check["unit"] == "share":
        return f"{sign} {_cut(value * 100)}%"
    return f"{sign} {_with_unit(_cut(value), check['unit'])}"


def _with_unit(number: str, unit: str) -> str:
    return number + UNITS.get(unit, "")


def _cut(value: float, *, up: bool = False) -> str:
    """One decimal, cut off (or up); none where it is whole."""
    tenths = ceil(value * 10 - 1e-9) if up else floor(value * 10 + 1e-9)
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths / 10:.1f}"
