"""A citizen's form: what it asks for, and the report that it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from node.core.codes import Kind
from node.core.commands import OpenCase
from node.core.errors import Invalid
from node.core.facts import CaseId, Category, CommandId
from node.core.regions import check_region
from node.core.sources import Detail, Source
from node.edge.console.asked import given
from node.edge.http.asking_intake import PublicReportIn
from node.edge.http.repeats import NAMESPACE

if TYPE_CHECKING:
    from node.edge.console.public.visit import PublicVisit

FIELDS_MAX: Final = 40
"""Fields of the form: those below, and what a class asks for besides."""
PREFERRED: Final = str(PublicReportIn.model_fields["source"].default)
CRS: Final = "WGS84"
"""What a browser's position is in."""
CALLED: Final = {
    "text": "说明", "address": "地址或参照物", "area": "所在区域", "lon": "位置", "lat": "位置",
    "name": "怎么称呼您", "phone": "电话", "category": "是什么问题", "": "其他内容",
}
"""What the form calls its fields; "" = any other."""
KEPT: Final = ("text", "address", "area", "category", "lon", "lat", "name", "phone", "consent")
"""What is shown again when the form is refused."""


class Turned(Exception):
    """A form that is refused before it means a report; the text is for whoever filled it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One class that may be chosen, under its group."""

    key: str
    name: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the form means."""

    command: OpenCase
    fingerprint: bytes
    pictures: tuple[bytes, ...]


def choices(visit: PublicVisit) -> list[Choice]:
    """Classes by group. A component is left out where its faults have a class of their own."""
    found = [
        Choice(key="|".join((one["standard_ref"], one["kind"], one["code"])), name=one["name"],
               group=one["major_name"])
        for one in visit.desk.standards.listed() if not one["fault"]
    ]
    return sorted(found, key=lambda one: (one.key.split("|")[1] != Kind.MATTER, one.key))


def grouped(rows: Sequence[Choice]) -> list[tuple[str, list[Choice]]]:
    """The same, group by group, in their order."""
    found: dict[str, list[Choice]] = {}
    for one in rows:
        found.setdefault(one.group, []).append(one)
    return list(found.items())


def source_of(visit: PublicVisit) -> Source | None:
    """The source through which the page reports: one of the public's that asks for nothing which a
    citizen does not know."""
    fit = [one for one in visit.desk.sources()["sources"]
           if one.public and not any(detail.required for detail in one.details)]
    return next((one for one in fit if one.code == PREFERRED), fit[0] if fit else None)


def details_of(visit: PublicVisit, category: str) -> Sequence[Detail]:
    """What a chosen class asks for besides."""
    standard_ref, kind, code = _parts(category)
    asked = Category(standard_ref=standard_ref, kind=kind, code=code, name="")
    return visit.desk.queries.asks("", asked)[1].details


async def report_of(visit: PublicVisit, fields: FormData, source: Source) -> Report:
    """The report that a form means. ``Turned`` with what is missing; ``ValidationError`` for texts
    that are none; ``Invalid`` for a point that is none."""
    say = visit.say
    text = given(fields, "text")
    category = next(
        (one for one in choices(visit) if one.key == given(fields, "category")), None)
    if fields.get("consent") != "yes":
        raise Turned(say("请先阅读并同意个人信息处理说明"))
    if category is None:
        raise Turned(say("请选择是什么问题"))
    if not text:
        raise Turned(say("请填写说明"))
    if not given(fields, "address"):
        raise Turned(say("请填写地址或参照物"))
    pictures = await _pictures(visit, fields)
    if len(pictures) < len(source.photos):
        raise Turned(say("请至少上传 %(n)s 张照片", n=len(source.photos)))
    place: dict[str, Any] = {"address": given(fields, "address"), "area": given(fields, "area")}
    if given(fields, "lon") and given(fields, "lat"):
        place |= {"lon": given(fields, "lon"), "lat": given(fields, "lat"), "crs": CRS}
    phone = given(fields, "phone")
    standard_ref, kind, code = _parts(category.key)
    body = PublicReportIn.model_validate({
        "category": {"standard_ref": standard_ref, "kind": kind, "code": code,
                     "name": category.name},
        "place": place, "text": text, "source": source.code,
        "details": {one.key: given(fields, f"detail.{one.key}")
                    for one in details_of(visit, category.key)
                    if given(fields, f"detail.{one.key}")},
        "reporter": {"name": given(fields, "name"), "phone": phone, "wants_reply": bool(phone)}
        if phone or given(fields, "name") else None,
    })
    if body.place.lon is not None and body.place.lat is not None:
        there = await visit.desk.places.locate(body.place.lon, body.place.lat, CRS)
        if there.area:
            body = body.model_copy(update={
                "place": body.place.model_copy(update={"area": there.area})})
    return Report(
        command=OpenCase(
            command_id=_command_id(visit, given(fields, "key")), actor="",
            case_id=CaseId(visit.desk.fresh_id()), case_no="", category=body.category.value(),
            place=body.place.value(), text=body.text, source=body.source,
            source_details=tuple(body.details.items()),
            reporter=body.reporter.value() if body.reporter is not None else None,
        ),
        fingerprint=_fingerprint(body, pictures), pictures=pictures,
    )


def kept(fields: FormData) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: value for name, value in fields.items()
            if isinstance(value, str) and (name in KEPT or name.startswith("detail."))}


def mistakes(visit: PublicVisit, error: ValidationError) -> list[str]:
    """Which fields of the form are wrong, as the form calls them."""
    names = [str(one["loc"][-1]) for one in error.errors() if one["loc"]]
    return list(dict.fromkeys(visit.say(CALLED.get(one, CALLED[""])) for one in names))


async def areas_of(visit: PublicVisit) -> Mapping[str, str]:
    """Divisions that may be named where the browser tells no position: this office and those
    below it."""
    where = await visit.desk.directory()
    called = visit.desk.queries.called
    return {where["node"]: where["name"],
            **{one: called(f"node:{one}") for one in where["children"] if is_division(one)}}


def is_division(node: str) -> bool:
    """Is the id of an office the code of a division? Units have ids of their own, and no ground
    that a citizen would name."""
    try:
        check_region(node, pseudo=True)
    except Invalid:
        return False
    return True


def _parts(category: str) -> tuple[str, str, str]:
    standard_ref, _, rest = category.partition("|")
    kind, _, code = rest.partition("|")
    return standard_ref, kind, code


async def _pictures(visit: PublicVisit, fields: FormData) -> tuple[bytes, ...]:
    rules, found = visit.settings.public, []
    for one in fields.getlist("photos"):
        if not isinstance(one, UploadFile) or not one.filename:
            continue
        data = await one.read(rules.photo_bytes_max + 1)
        if len(data) > rules.photo_bytes_max:
            raise Turned(visit.say(
                "照片“%(name)s”太大，每张最多 %(most)s MB", name=one.filename[:40],
                most=rules.photo_bytes_max // 1024 ** 2))
        if data:
            found.append(data)
    if len(found) > rules.photos_max:
        raise Turned(visit.say("最多上传 %(n)s 张照片", n=rules.photos_max))
    return tuple(found)


def _command_id(visit: PublicVisit, key: str) -> CommandId:
    """A form that is sent twice means one report; the node made the key of the form."""
    try:
        return CommandId(str(uuid5(NAMESPACE, f"public/{UUID(key)}")))
    except ValueError:
        return CommandId(visit.desk.fresh_id())


def _fingerprint(body: PublicReportIn, pictures: Sequence[bytes]) -> bytes:
    digest = sha256(body.model_dump_json().encode())
    for one in pictures:
        digest.update(sha256(one).digest())
    return digest.digest()
