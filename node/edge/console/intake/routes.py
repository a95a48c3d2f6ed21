"""The intake desk: one form, and what it looks up while somebody types."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.core.datum import Datum
from node.core.errors import Invalid
from node.core.facts import Place
from node.edge.console.cases.acting import offers_of
from node.edge.console.intake.asks import DEFAULT, asks, sources
from node.edge.console.intake.taking import ROLES, category_of, take
from node.edge.console.map.view import picker
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import short, spanned
from node.edge.http.asked import CLEAN
from node.service.case_words import KINDS, PHOTOS, STATUSES, VERBS

PATH: Final = "/console/intake"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
HITS: Final = 8
"""Classes and places offered while somebody types: what is seen at once."""
PROJECTIONS: Final = ("EPSG:4547", "EPSG:4548", "EPSG:4549")
"""Projected systems that a desk is offered; the API takes more."""
Typed = Annotated[str, CLEAN, Query(max_length=100)]
Number = Annotated[str, Query(max_length=40)]


@router.get("", operation_id="openCase")
async def desk(
    visit: Here, source: Typed = "", done: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The form, empty; above it what was registered just now."""
    say, offered = visit.say, sources(visit)
    known = [code for code, _ in offered]
    chosen = source if source in known else DEFAULT if DEFAULT in known else (*known, "")[0]
    where = await visit.desk.directory()
    return await visit.page(
        "intake/desk.html", sources=offered, source=chosen,
        asks=asks(visit, chosen, None, {}), key=visit.desk.fresh_id(),
        areas=[(one, visit.desk.queries.called(f"node:{one}"))
               for one in (where["node"], *where["children"]) if one.isdecimal()],
        roles=[(role.value, say(PHOTOS[role.value])) for role in ROLES],
        systems=[one.value for one in Datum] + list(PROJECTIONS),
        map=await picker(visit, pick="#i-lon #i-lat", crs="#i-crs", follow="spot-picked",
                         pins="#similar [data-lon]"),
        done=await _done(visit, str(done)) if done is not None else None,
    )


async def _done(visit: Visit, case_id: str) -> dict[str, Any]:
    """What was registered, and what this person may do with it now."""
    await visit.admit("getCase", case_id)
    document = await visit.desk.case(case_id)
    early = ("accept", "start-verify", "verify", "not-accept")
    facts = document["facts"] or {}
    return {
        "case_id": case_id, "case_no": document["case_no"],
        "what": facts.get("category", {}).get("name", ""),
        "where": facts.get("place", {}).get("address", ""),
        "original": document["goes_on_as"] or document["duplicate_of"],
        "state": visit.say(STATUSES.get(document["status"], document["status"])),
        "offers": [one for one in offers_of(visit, document) if one.word in early],
    }


@router.post("", operation_id="openCase")
async def register(visit: Here) -> Response:
    """Take the report and go on with an empty form."""
    case_id = await take(visit, await form_of(visit.request))
    return visit.goes(f"{PATH}?done={case_id}")


@router.get("/asks", operation_id="listSources")
async def asked(visit: Here, source: Typed = "") -> Response:
    """The fields of a source and a class; what was typed into them stays."""
    given = dict(visit.request.query_params)
    return visit.part("intake/asks.html", asks=asks(visit, source, category_of(given), given))


@router.get("/classes", operation_id="listClasses")
async def classes(visit: Here, typed: Annotated[str, CLEAN, Query(
    alias="class", max_length=100)] = "") -> Response:
    """Classes that fit what is typed."""
    found = visit.desk.standards.named(typed, limit=HITS)
    return visit.part("intake/classes.html", typed=typed, found=[
        {"name": one.name, "code": one.key.code, "major": one.major_name,
         "kind": visit.say(KINDS[one.key.kind]),
         "sets": {"standard_ref": one.key.standard_ref, "kind": one.key.kind,
                  "code": one.key.code, "class_name": one.name}}
        for one in found])


@router.get("/places", operation_id="searchPlaces")
async def places(visit: Here, address: Typed = "") -> Response:
    """Points that fit an address (地理编码)."""
    hits = await visit.desk.places.search(address, limit=HITS) if address.strip() else []
    layers = {"address": visit.say("地址"), "component": visit.say("部件"),
              "grid": visit.say("网格")}
    return visit.part("intake/places.html", typed=address, found=[
        {"text": one.text, "layer": layers.get(one.layer, one.layer), "code": one.code,
         "sets": {"lon": f"{one.lon:.6f}", "lat": f"{one.lat:.6f}", "crs": Datum.CGCS2000.value,
                  **({"component": one.code} if one.layer == "component" else {})}}
        for one in hits if one.lon is not None and one.lat is not None])


@router.get("/spot", operation_id="locatePoint")
async def spot(
    visit: Here, lon: Number = "", lat: Number = "", crs: Typed = "CGCS2000",
) -> Response:
    """What lies at the point: grid, divisions, whether it is covered."""
    point = _point(lon, lat)
    if point is None:
        return visit.part("intake/spot.html", found=None, wrong="")
    try:
        found = await visit.desk.places.locate(*point, crs)
    except Invalid:
        return visit.part("intake/spot.html", found=None, wrong=visit.say("坐标有误，请核对坐标系"))
    return visit.part("intake/spot.html", found=found, wrong="", sets={
        "area": found.divisions[0].code if found.divisions else ""})


@router.get("/similar", operation_id="listSimilar")
async def similar(
    visit: Here, lon: Number = "", lat: Number = "", crs: Typed = "CGCS2000",
) -> Response:
    """Reports of the class nearby, nearest first."""
    category, point = category_of(visit.request.query_params), _point(lon, lat)
    if category is None or point is None:
        return visit.part("intake/similar.html", asked=False, found=[])
    try:
        place = await visit.desk.places.settle(Place(
            area="", address="", original_x=point[0], original_y=point[1], original_crs=crs))
    except Invalid:
        return visit.part("intake/similar.html", asked=False, found=[])
    rules = visit.desk.kin.similarity
    return visit.part(
        "intake/similar.html", asked=True, radius=round(rules.radius_m),
        window=spanned(visit, int(rules.window.total_seconds() // 60)),
        found=[
            {"case_id": one.case_id, "case_no": one.case_no, "address": one.address,
             "metres": round(one.distance_m), "opened": short(one.opened_at.isoformat()),
             "state": visit.say(STATUSES.get(one.status, one.status)),
             "original": one.duplicate_of or one.case_id, "lon": one.lon, "lat": one.lat}
            for one in await visit.desk.kin.similar(place, category)],
        refuses=visit.say(VERBS["not-accept"]) if visit.may("notAcceptCase") else "")


def _point(lon: str, lat: str) -> tuple[float, float] | None:
    try:
        return float(lon), float(lat)
    except ValueError:
        return None


