"""What is odd about a report and its pictures, found from what the machine is told.

Nothing here refuses: a report that was made is taken, and what a clerk has to know about it is
written down with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from node.core.codes import ClassKey
from node.core.context import Context
from node.core.facts import Facts, Photo, PhotoRole
from node.core.flags import Flag, FlagKind
from node.core.regions import DIVISION_DIGITS, plain_region
from node.core.similar import distance_m
from node.core.sources import Source
from node.core.spot import Spot, Taken
from node.core.standards import Catalog, day_of, key_of

NEAREST: Final = 3
"""How many proposals stand beside something unknown: a line, not a list."""
REF_DIGITS: Final = 12
"""Digits of a picture's digest that name a doubt within its case: what a person can type."""
_ALIKE: Final = 0.5
"""From which likeness (0 to 1) on something is proposed."""


def collector_of(source: Source | None, facts: Facts) -> str:
    """Who reports on patrol, by the detail that the source's data names; "" = nobody does."""
    if source is None or not source.collector:
        return ""
    return dict(facts.source_details).get(source.collector, "")


def report_flags(
    facts: Facts, spot: Spot | None, taken: Iterable[Taken], source: Source | None, ctx: Context
) -> tuple[Flag, ...]:
    """Everything that a new report is marked with."""
    return (
        *_listed(facts, ctx.catalog, ctx.now),
        *(_where(facts, spot, source) if spot is not None else ()),
        *picture_flags(
            facts.photos, facts, ctx, taken=taken, collector=collector_of(source, facts)
        ),
    )


def _listed(facts: Facts, catalog: Catalog | None, now: datetime) -> tuple[Flag, ...]:
    if catalog is None:
        return ()
    day, key = day_of(now), key_of(facts.category)
    if catalog.entry(key, day) is not None:
        return ()
    known = [one.standard_ref for one in catalog.standards(day)]
    if key.standard_ref not in known:
        near = _like(key.standard_ref, known) or known[:NEAREST]
        return (_flag(FlagKind.STANDARD_UNKNOWN, given=key.standard_ref, near="、".join(near)),)
    near = _classes_like(catalog, key, facts.category.name, day)
    return (_flag(FlagKind.CLASS_UNLISTED, given=str(key), near="、".join(near)),)


def _classes_like(catalog: Catalog, key: ClassKey, name: str, day: date) -> list[str]:
    """Classes of the same standard with a code or a name like the given one, the likest first."""
    entries = catalog.classes(key.standard_ref, key.kind, day)
    by_code = {one.key.code: one for one in entries}
    by_name = {one.name: one for one in entries}
    found = [by_name[one] for one in _like(name, by_name)]
    found += [by_code[one] for one in _like(key.code, by_code)]
    return [f"{one.key.code} {one.name}" for one in dict.fromkeys(found)][:NEAREST]


def _where(facts: Facts, spot: Spot, source: Source | None) -> Iterable[Flag]:
    if spot.area_known is False:
        near = "、".join(f"{code} {name}".strip() for code, name in spot.area_near[:NEAREST])
        yield _flag(FlagKind.DIVISION_UNKNOWN, given=facts.place.area, near=near)
    if spot.covered is False:
        yield _flag(FlagKind.OUTSIDE_COVERAGE)
    if _contradicted(facts.place.area, spot):
        here = " ".join(filter(None, spot.area))
        yield _flag(
            FlagKind.AREA_CONTRADICTED, given=facts.place.area, grid=spot.grid, division=here
        )
    details = dict(facts.source_details)
    beat = details.get(source.beat, "") if source is not None and source.beat else ""
    if beat and spot.beats is not None and beat not in spot.beats:
        yield _flag(
            FlagKind.OUTSIDE_BEAT,
            collector=collector_of(source, facts),
            beat=beat,
            here="、".join(spot.beats),
        )
    if len(spot.divisions) > 1:
        yield _flag(
            FlagKind.BOUNDARY,
            codes=",".join(code for code, _ in spot.divisions),
            divisions="、".join(f"{code} {name}".strip() for code, name in spot.divisions),
        )


def _contradicted(area: str, spot: Spot) -> bool:
    """Does the grid of the point lie in another division than the one that is named? Where a
    border is so near that either may be meant, nothing is contradicted."""
    given, here = plain_region(area), plain_region(spot.area[0])
    if not given or not here or given.startswith(here) or here.startswith(given):
        return False
    division = given[:DIVISION_DIGITS]
    return division == here[:DIVISION_DIGITS] or division not in dict(spot.divisions)


def picture_flags(
    photos: Iterable[Photo],
    facts: Facts,
    ctx: Context,
    *,
    taken: Iterable[Taken] = (),
    collector: str = "",
) -> tuple[Flag, ...]:
    """Doubts about pictures: a time or a place at which they cannot have been taken for this
    report, or that they belong to another case already. A copy made for the public is none."""
    told = {one.digest: one for one in taken}
    found: list[Flag] = []
    for photo in {one.digest: one for one in photos if one.role is not PhotoRole.PUBLIC}.values():
        one = told.get(photo.digest)
        if one is not None:
            found += _impossible(one, facts, ctx, collector)
        other = _elsewhere(photo.digest, facts, ctx.pictured)
        if other:
            found.append(
                _doubt(FlagKind.PHOTO_REPEATED, photo.digest, collector, other=other)
            )
    return tuple(found)


def _impossible(one: Taken, facts: Facts, ctx: Context, collector: str) -> Iterable[Flag]:
    rules = ctx.pictures
    if one.at is not None:
        ahead = one.at - facts.reported_at
        early = rules.age_h and -ahead > timedelta(hours=rules.age_h)
        late = rules.ahead_min and ahead > timedelta(minutes=rules.ahead_min)
        if early or late:
            yield _doubt(FlagKind.PHOTO_TIME, one.digest, collector, at=one.at.isoformat())
    place = facts.place
    if rules.metres and None not in (one.lon, one.lat, place.lon, place.lat):
        assert one.lon is not None and one.lat is not None  # noqa: PT018
        assert place.lon is not None and place.lat is not None  # noqa: PT018
        metres = distance_m(one.lon, one.lat, place.lon, place.lat)
        if metres > rules.metres:
            yield _doubt(FlagKind.PHOTO_PLACE, one.digest, collector, metres=str(round(metres)))


def _elsewhere(
    digest: str, facts: Facts, pictured: Mapping[str, tuple[str, str]] | None
) -> str:
    """The number of the other case that the picture belongs to. A case that assists or takes up
    another has that one's pictures by right."""
    if pictured is None or digest not in pictured:
        return ""
    case_id, case_no = pictured[digest]
    return "" if case_id in (facts.part_of, facts.reopens) else case_no


def _flag(kind: FlagKind, *, collector: str = "", **values: str) -> Flag:
    return Flag(kind=kind, ref=kind.value, collector=collector, values=tuple(values.items()))


def _doubt(kind: FlagKind, digest: str, collector: str, **values: str) -> Flag:
    return Flag(
        kind=kind,
        ref=f"{kind}/{digest[:REF_DIGITS]}",
        collector=collector,
        values=(("digest", digest), *values.items()),
    )


def _like(word: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # rarely asked, and not small

    return get_close_matches(word, list(known), NEAREST, _ALIKE)
