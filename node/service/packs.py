"""``office.packs``: what a collector's phone takes along, to work where there is no network
(离线数据包): the ground of the beat, what may be reported and how, and the tasks on site.

Everything in it is what the same person is told by the other rooms; it is put together here because
a phone asks for it in one piece and keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from node.core.errors import Invalid
from node.core.grids import GridKind
from node.core.roles import Scope
from node.core.sources import Sources
from node.service.collectors import Collectors
from node.service.instants import to_time
from node.service.places.ports import Box
from node.service.places.room import Places
from node.service.standards.desk import Standards
from node.service.views import CaseFilter, Page

COMPONENTS_MAX: Final = 4_000
"""Components of one pack: some forty unit grids of a dense town; about 400 kB."""
GRIDS_MAX: Final = 400
"""Unit grids of one pack, with their outlines."""
TASKS_MAX: Final = 50
"""Tasks that one phone takes along: a day on foot holds fewer."""
BORDER_DEG: Final = 0.0005
"""How far around the beat its components are taken along: some 50 m, the other side of the road."""
UNCLAIMED, UNCLAIMED_MAX = "checking", 100
"""The status in which a look may be sent to nobody by name (a look before filing never is), and how
many cases in it are gone through for those on a beat."""
KINDS: Final[Mapping[str, str]] = {"verifying": "verify", "checking": "check"}
"""Which task waits in which status."""


class Cases(Protocol):
    """What it asks of cases (``node.service.queries``)."""

    async def cases(self, which: CaseFilter, after: str, limit: int) -> Page: ...

    async def case(self, case_id: str) -> Mapping[str, Any]: ...


class Packs:
    """Packs of one office. ``keep``: how long an answer is kept for a repeated command; ``area``:
    the division that is named where nothing says a nearer one."""

    def __init__(
        self, *, collectors: Callable[[], Collectors], places: Places, standards: Standards,
        cases: Cases, sources: Sources | None, area: str, keep: timedelta, age_max: timedelta,
        now_us: Callable[[], int],
    ) -> None:
        self._collectors = collectors
        self._places = places
        self._standards = standards
        self._cases = cases
        self._sources = sources
        self._area = area
        self._keep = keep
        self._age_max = age_max
        self._now_us = now_us

    async def of(self, number: str) -> dict[str, Any]:
        """The pack of somebody, JSON-ready::

            collector  null (not in the register) | {collector name team firm beat}
            shifts     [ {beat begins_at ends_at} ]      those not over yet
            beat       null | {code name outline}
            grids      [ {code name area outline} ]       unit grids of the beat
            components [ [code name standard_ref type_code lon lat] ]    whole(bool): all of them
            classes    as ``Standards.listed``            class_rules: what classes ask for besides
            source     null | the source through which patrols report
            area keep_h age_h
        """
        collector = await self._registered(number)
        beat = await self._beat(collector)
        box = _around(beat["box"]) if beat is not None and beat["box"] is not None else None
        grids = await self._grids(beat, box)
        if box is None and grids:
            box = _around(_box_of(grids))
        found = [] if box is None else await self._places.within(
            "components", box, limit=COMPONENTS_MAX)
        sources = self._sources
        source = next((one for one in sources.rows.values() if one.collector),
                      None) if sources is not None else None
        return {
            "collector": collector and {
                name: collector[name] for name in ("collector", "name", "team", "firm", "beat")},
            "shifts": _ahead(collector["shifts"], self._now()) if collector else [],
            "beat": beat and {name: beat[name] for name in ("code", "name", "outline")},
            "grids": grids,
            "components": [_component(one) for one in found],
            "whole": len(found) < COMPONENTS_MAX,
            "classes": self._standards.listed(),
            "class_rules": [asdict(one) for one in sources.classes] if sources is not None else [],
            "source": asdict(source) if source is not None else None,
            "area": self._area,
            "keep_h": self._keep / timedelta(hours=1),
            "age_h": self._age_max / timedelta(hours=1),
        }

    async def tasks(self, number: str, scope: Scope) -> list[dict[str, Any]]:
        """What somebody was sent to look at, then what was sent to nobody by name and lies on their
        beat (``own`` false): as much of each case as is needed on site."""
        page = await self._cases.cases(CaseFilter(task_for=number, scope=scope), "", TASKS_MAX)
        found = [await self._cases.case(one["case_id"]) for one in page.items]
        beat = await self._beat(await self._registered(number))
        if beat is not None and beat["units"]:
            found += await self._unclaimed(frozenset(beat["units"]), scope)
        return [_task(one, own=at < len(page.items)) for at, one in enumerate(found)
                if one["status"] in KINDS][:TASKS_MAX]

    async def _unclaimed(
        self, grids: frozenset[str], scope: Scope
    ) -> list[Mapping[str, Any]]:
        page = await self._cases.cases(
            CaseFilter(status=UNCLAIMED, scope=scope), "", UNCLAIMED_MAX)
        free = [await self._cases.case(one["case_id"])
                for one in page.items if not one["task_for"]]
        return [one for one in free if one["facts"]["place"]["grid"] in grids]

    async def _registered(self, number: str) -> Mapping[str, Any] | None:
        try:
            return await self._collectors().one(number)
        except Invalid as error:
            if error.code != "collector.unknown":
                raise
            return None

    async def _beat(self, collector: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if collector is None:
            return None
        ahead = _ahead(collector["shifts"], self._now())
        code = ahead[0]["beat"] if ahead else collector["beat"]
        if not code:
            return None
        try:
            return await self._places.grid(GridKind.BEAT, code)
        except Invalid as error:
            if error.code != "place.unknown":
                raise
            return {"code": code, "name": "", "outline": None, "box": None, "units": []}

    async def _grids(
        self, beat: Mapping[str, Any] | None, box: Box | None
    ) -> list[dict[str, Any]]:
        if beat is None:
            return []
        if beat["units"]:
            rows = await self._places.some_grids(GridKind.UNIT, beat["units"][:GRIDS_MAX])
            return [{name: row[name] for name in ("code", "name", "area", "outline")}
                    for row in rows if not row["void"]]
        found = [] if box is None else await self._places.within("grids", box, limit=GRIDS_MAX)
        return [{"code": one["id"], "name": one["properties"]["name"],
                 "area": one["properties"]["area"], "outline": one["geometry"]} for one in found]

    def _now(self) -> datetime:
        return to_time(self._now_us())


def _ahead(shifts: Sequence[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    return [
        {name: one[name] for name in ("beat", "begins_at", "ends_at")} for one in shifts
        if datetime.fromisoformat(one["ends_at"]) > now
    ]


def _around(box: Sequence[float]) -> Box:
    west, south, east, north = box
    return west - BORDER_DEG, south - BORDER_DEG, east + BORDER_DEG, north + BORDER_DEG


def _box_of(grids: Sequence[Mapping[str, Any]]) -> Box:
    points = [point for one in grids for point in _points(one["outline"]["coordinates"])]
    lons, lats = [one[0] for one in points], [one[1] for one in points]
    return min(lons), min(lats), max(lons), max(lats)


def _points(coordinates: Sequence[Any]) -> list[Sequence[float]]:
    if isinstance(coordinates[0], int | float):
        return [coordinates]
    return [point for part in coordinates for point in _points(part)]


def _component(feature: Mapping[str, Any]) -> list[Any]:
    of = feature["properties"]
    return [of["code"], of["name"], of["standard_ref"], of["type_code"], of["lon"], of["lat"]]


def _task(document: Mapping[str, Any], *, own: bool) -> dict[str, Any]:
    facts = document["facts"]
    task = document.get("task") or {}
    return {
        "case_id": document["case_id"], "case_no": document["case_no"],
        "version": document["version"], "kind": KINDS[document["status"]], "own": own,
        "name": facts["category"]["name"] or facts["category"]["code"],
        "address": facts["place"]["address"], "lon": facts["place"]["lon"],
        "lat": facts["place"]["lat"], "component": facts["component"], "text": facts["text"],
        "urgent": facts["urgent"], "due_by": task.get("due_by"), "sent_at": task.get("sent_at"),
        "order": task.get("text", ""), "closing": facts["closing"],
        "result": (document["result"] or {}).get("result", ""),
        "photos": [{"digest": one["digest"], "role": one["role"]} for one in document["photos"]],
    }
