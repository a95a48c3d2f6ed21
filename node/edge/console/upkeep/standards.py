"""Editions of standards: where each stands, what a draft changes, approving, putting in force; one
class with its conditions and what became of it in other generations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from node.core.calendar import BEIJING
from node.edge.console.asked import asked, given
from node.edge.console.upkeep import cells, shown
from node.edge.console.upkeep.sections import EDITIONS, PATH, TABLES, tabs
from node.edge.console.upkeep.tables import may
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.problems import BadCall
from node.edge.http.standards import AddClassIn, EditionIn
from node.service.instants import to_minute
from node.service.standards.views import NewClass

if TYPE_CHECKING:
    from starlette.datastructures import FormData

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)

STANDINGS: Final = {
    "draft": "草稿", "approved": "待生效", "active": "现行", "superseded": "已被取代",
}
LOOKS: Final = {"draft": "warn", "approved": "accent", "active": "ok", "superseded": ""}
BASES: Final = {"person": "", "shipped": "随程序提供", "installed": "在机器上装入"}
Ref = Annotated[str, Query(min_length=1, max_length=200)]
Version = Annotated[int, Query(ge=0, le=10**6)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionShown:
    """One edition. ``offers``: what this person may do with it."""

    standard_ref: str
    version: int
    standing: str
    look: str
    days: str
    origin: str
    authors: str
    approved: str
    path: str
    offers: tuple[str, ...]
    own: bool


@router.get("/standards", operation_id="listStandards")
async def editions(visit: Here) -> Response:
    """Every edition of every standard."""
    found = [_edition(visit, one) for one in await visit.desk.standards.editions()]
    return await visit.page(
        "upkeep/standards.html", tabs=tabs(visit), section=EDITIONS,
        editions=sorted(found, key=lambda one: (one.standard_ref, -one.version)),
        adds=may(visit, "addClass"))


def _edition(visit: Visit, one: Mapping[str, Any]) -> EditionShown:
    say, standing = visit.say, str(one["standing"])
    begins, ends = one["effective_from"], one["effective_to"]
    offers = []
    if standing == "draft":
        offers = [word for word, operation in (
            ("approve", "approveStandard"), ("discard", "discardStandard"))
            if may(visit, operation)]
    elif standing in {"superseded", "approved", "active"} and may(visit, "activateStandard"):
        offers = ["activate"]
    return EditionShown(
        standard_ref=one["standard_ref"], version=one["version"], standing=say(STANDINGS[standing]),
        look=LOOKS[standing],
        days=" – ".join((begins.isoformat() if begins else say("一向"),
                         ends.isoformat() if ends else "")).removesuffix(" – ")
        if standing != "draft" else "",
        origin=say(BASES[one["basis"]]) if BASES.get(one["basis"]) else one["source"],
        authors=say("、").join(one["authors"]),
        approved=" ".join(str(part) for part in (
            one["approved_by"], to_minute(one["approved_at"]) if one["approved_at"] else "",
        ) if part),
        path=f"{PATH}/standards/edition?" + urlencode(
            {"standard_ref": one["standard_ref"], "version": one["version"]}),
        offers=tuple(offers), own=visit.caller.name in one["authors"],
    )


@router.get("/standards/edition", operation_id="listStandards")
async def edition(visit: Here, standard_ref: Ref, version: Version) -> Response:
    """One edition: what it changes against the one in force, and what can be done with it."""
    known = await visit.desk.standards.editions()
    one = next((one for one in known
                if (one["standard_ref"], one["version"]) == (standard_ref, version)), None)
    if one is None:
        raise BadCall("http.not_found", f"there is no version {version} of {standard_ref[:40]}")
    preview = await visit.desk.upkeep.editions.against_force(standard_ref, version)
    return await visit.page(
        "upkeep/edition.html", tabs=tabs(visit), section=EDITIONS, edition=_edition(visit, one),
        today=_today(), sum=shown.sum_of(visit, preview.counts),
        changes=shown.changes(visit, preview.changes),
        more=max(0, len(preview.changes) - shown.CHANGES_SHOWN))


@router.post("/standards/{word}", operation_id="listStandards")
async def act(word: str, visit: Here) -> Response:
    """Approve, discard or put in force."""
    operation = {"approve": "approveStandard", "discard": "discardStandard",
                 "activate": "activateStandard", "class": "addClass"}.get(word, "")
    if not operation:
        raise BadCall("http.not_found", "there is no such act")
    await visit.admit(operation)
    fields, standards = await form_of(visit.request), visit.desk.standards
    if word == "class":
        return await _added(visit, fields)
    body = asked(EditionIn, {name: given(fields, name) for name in ("standard_ref", "version")})
    ref, version = body.standard_ref, body.version
    actor, begins = visit.caller.name, _date(visit, fields, "effective_from")
    if word == "approve":
        await standards.approve(ref, version, effective_from=begins, actor=actor)
    elif word == "discard":
        await standards.discard(ref, version, actor=actor)
    else:
        await standards.activate(ref, version, effective_from=begins, effective_to=_date(
            visit, fields, "effective_to"), actor=actor)
    return visit.goes(EDITIONS.path)


async def _added(visit: Visit, fields: FormData) -> Response:
    """A local class into the draft; its page follows."""
    data = {one: given(fields, one) for one in (
        "standard_ref", "kind", "major", "name", "filing", "closing", "limit_text",
        "handling_unit")}
    for one in ("standard_ref", "kind", "major", "name", "filing"):
        if not data[one]:
            raise BadCall("request.invalid", visit.say(
                "请填写%(field)s", field=visit.say(cells.LABELS.get(one, "大类"))))
    body = asked(AddClassIn, {**data, "incident": given(fields, "incident") == "yes"})
    made = await visit.desk.standards.add_class(
        NewClass(**body.model_dump()), actor=visit.caller.name)
    return visit.goes(f"{PATH}/class?" + urlencode(
        {one: made[one] for one in ("standard_ref", "kind", "code", "version")}))


@router.get("/standards/class", operation_id="addClass")
async def new_class(visit: Here) -> Response:
    """The form of a local class."""
    await visit.admit("addClass")
    known = await visit.desk.standards.editions()
    return await visit.page(
        "upkeep/new_class.html", tabs=tabs(visit), section=EDITIONS,
        refs=list(dict.fromkeys(
            one["standard_ref"] for one in known if one["standing"] == "active")))


@router.get("/class", operation_id="getClass")
async def one_class(
    visit: Here, standard_ref: Ref, kind: Annotated[str, Query(max_length=20)],
    code: Annotated[str, Query(min_length=1, max_length=20)], version: Version = 0,
) -> Response:
    """A class with its conditions, limits and both directions of the crosswalk."""
    found = await visit.desk.standards.one_class(standard_ref, kind, code, version=version)
    fields = [(cells.label(visit, name), cells.cell(visit, name, found[name]))
              for name in cells.LABELS if name in found and name != "name"]
    return await visit.page(
        "upkeep/class.html", tabs=tabs(visit, TABLES["classes"].path), section=EDITIONS,
        name=found["name"], code=code, version=found["version"],
        fields=[one for one in fields if one[1]],
        conditions=[[(cells.label(visit, name), cells.cell(visit, name, one[name]))
                     for name in ("condition_no", "filing", "closing", "evidence", "area_class",
                                  "limit_text") if one[name]] for one in found["conditions"]],
        became=[_crossed(visit, one, "new") for one in found["became"]],
        came=[_crossed(visit, one, "old") for one in found["came_from"]],
        proposed=_class(visit, found["proposed"]) if found["proposed"] else "")


def _crossed(visit: Visit, one: Mapping[str, Any], side: str) -> tuple[str, str, str]:
    """Verdict, the class on the other side, note."""
    word = visit.say(cells.WORDS.get(one["verdict"], one["verdict"]))
    return word, _class(visit, one[side]) if one[side] else "", one["note"]


def _class(visit: Visit, key: Mapping[str, Any]) -> str:
    kind = visit.say(cells.WORDS.get(key["kind"], key["kind"]))
    return f"{key['standard_ref']} {kind} {key['code']}"


def _date(visit: Visit, fields: FormData, name: str) -> date | None:
    written = given(fields, name)
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise BadCall("request.invalid", visit.say("日期写成 2027-01-01")) from error


def _today() -> str:
    return datetime.now(BEIJING).date().isoformat()
