"""What an office's own layers say of a point, as the machine is told it: the core looks nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """``covered`` None: no coverage is registered. ``beats`` None: no beats are drawn, () = beats
    are, and none of them is here. ``divisions`` are those within the set distance, its own first,
    each as (code, name). ``area_known`` None: no divisions are registered; ``area_near`` are what
    was perhaps meant by an unknown one. ``grid`` is the unit grid of the point and ``area`` that
    grid's division, as (code, name); "" = no grid is drawn there.
    """

    covered: bool | None = None
    beats: tuple[str, ...] | None = None
    divisions: tuple[tuple[str, str], ...] = ()
    area_known: bool | None = None
    area_near: tuple[tuple[str, str], ...] = ()
    grid: str = ""
    area: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a device says of a picture that it took: when (aware UTC) and where (CGCS2000 degrees);
    None = it does not say."""

    digest: str
    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRules:
    """From when on a picture cannot be of this report: older than ``age_h`` hours, more than
    ``ahead_min`` minutes younger, or taken more than ``metres`` away. 0 = not looked at."""

    age_h: float = 0.0
    ahead_min: float = 0.0
    metres: float = 0.0


UNDOUBTED: Final = PictureRules()
"""Nothing is looked at."""
