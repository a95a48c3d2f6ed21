"""What the layers say of the place of a report, as the core is told it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from node.core.grids import GridKind
from node.core.regions import DIVISION_DIGITS, LEVELS, plain_region
from node.core.spot import Spot
from node.service.places import atlas
from node.service.places.ports import LookupStore

SIBLINGS_MAX: Final = 500
"""Divisions of one parent that an unknown code is compared with: no parent has so many."""
NEAR_MAX: Final = 3
_ALIKE: Final = 0.5


def spot_of(
    conn: Connection,
    lookups: LookupStore,
    *,
    found: atlas.Spot | None,
    near: Mapping[str, float],
    area: str,
) -> Spot:
    """``found`` None: the report has no point. ``near``: divisions within the set distance."""
    known, like = _division(conn, lookups, area)
    if found is None:
        return Spot(area_known=known, area_near=like)
    beats: tuple[str, ...] | None = None
    if lookups.has_grids(conn, GridKind.BEAT.value):
        named = lookups.beats_of(conn, found.unit) if found.unit else ()
        here = {*found.others, *((row["kind"], row["code"]) for row in named)}
        beats = tuple(sorted(code for kind, code in here if kind == GridKind.BEAT.value))
    own = found.area[:DIVISION_DIGITS]
    around = [found.area[:digits] for digits in LEVELS if digits >= DIVISION_DIGITS]
    within = dict.fromkeys(one for one in around if one)
    names = lookups.region_names(conn, (*near, *within))
    order = sorted(near, key=lambda code: (code != own, near[code], code))
    return Spot(
        covered=found.covered,
        beats=beats,
        divisions=tuple((code, names.get(code, "")) for code in order),
        area_known=known,
        area_near=like,
        grid=found.unit,
        area=(found.area, "".join(names.get(code, "") for code in within)),
    )


def _division(
    conn: Connection, lookups: LookupStore, area: str
) -> tuple[bool | None, tuple[tuple[str, str], ...]]:
    """Whether the division is registered, and what was perhaps meant. A code that goes deeper than
    the register does is known by its beginning; where nothing is registered, nothing is said."""
    code = plain_region(area)
    for level in (9, 6, 4):
        if len(code) <= level and level > 4:
            continue
        around = lookups.regions_like(conn, code[:level], SIBLINGS_MAX)
        if code in around:
            return True, ()
        same = {one: name for one, name in around.items() if len(one) == len(code)}
        if same:
            from difflib import get_close_matches  # rare, and not small

            like = get_close_matches(code, same, NEAR_MAX, _ALIKE)
            return False, tuple((one, same[one]) for one in like)
        if code[:level] in around:
            return True, ()
    return (None, ()) if not lookups.regions_like(conn, "", 1) else (False, ())
