"""From the fields of the page to the body of the API, and what was registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response
from starlette.datastructures import FormData, UploadFile

from node.core.facts import Category, PhotoRole
from node.edge.console.asked import asked, given
from node.edge.console.cases.acting import chosen_class, do, instant
from node.edge.console.cases.photos import stored
from node.edge.console.intake.asks import DETAIL
from node.edge.http.asking_intake import OpenIn
from node.edge.http.repeats import fingerprint, keyed
from node.edge.http.routes.cases import open_case

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

ROLES: Final = (PhotoRole.NEAR, PhotoRole.FAR, PhotoRole.REFERENCE)
"""What photos of a report show, one field each."""
DUPLICATE: Final = "duplicate"
"""Why a report is not taken that repeats another."""


def category_of(given: Mapping[str, Any]) -> Category | None:
    """The class that was chosen; None = none yet."""
    standard, kind, code = (
        str(given.get(name, "")) for name in ("standard_ref", "kind", "code"))
    if not (standard and kind and code):
        return None
    return Category(
        standard_ref=standard, kind=kind, code=code, name=str(given.get("class_name", "")))


async def take(visit: Visit, fields: FormData) -> str:
    """Register a report; its case. One that repeats another is refused at once in its favour, so
    that whoever reported it hears of the end. Raises what the API would answer."""
    body = asked(OpenIn, await _data(visit, fields))
    key = str(fields.get("key", ""))[:80] or visit.desk.fresh_id()
    sent = fingerprint("POST", "cases", "", body.model_dump_json().encode())
    reply: Any = await open_case(
        body=body, desk=visit.desk, caller=visit.caller, key=keyed(visit.caller, key, sent),
        response=Response(), tongue=visit.language)
    case_id = str(reply["case_id"])
    if original := str(fields.get("duplicate_of", "")):
        refusal = FormData([
            ("duplicate_of", original), ("reason_code", DUPLICATE),
            ("reason", visit.say("重复上报，并入此前案卷办理"))])
        await do(visit, case_id, "not-accept", refusal, key=f"{key}.duplicate")
    return case_id


async def _data(visit: Visit, fields: FormData) -> dict[str, Any]:
    def text(name: str) -> str:
        return given(fields, name)

    data: dict[str, Any] = {
        "place": _place(text), "text": text("text"),
        "source": text("source"),
        "urgent": text("urgent") == "yes", "component": text("component"),
        "details": {
            name.removeprefix(DETAIL): value.strip() for name, value in fields.items()
            if name.startswith(DETAIL) and isinstance(value, str) and value.strip()},
        "photos": await _photos(visit, fields),
    }
    if category := chosen_class(visit, fields):
        data["category"] = category
    reporter = {
        name: value for name in ("name", "phone") if (value := text(f"reporter.{name}"))}
    if reporter:
        data["reporter"] = {**reporter, "wants_reply": text("reporter.wants_reply") == "yes"}
    if text("reported_at"):
        data["reported_at"] = instant(text("reported_at"))
    return data


def _place(text: Any) -> dict[str, Any]:
    place: dict[str, Any] = {"area": text("area"), "address": text("address")}
    first, second = _number(text("lon")), _number(text("lat"))
    if first is None and second is None:
        return place
    crs = text("crs") or "CGCS2000"
    # Metres of a projection are told apart from degrees by the system that was named.
    names = ("x", "y") if crs.startswith("EPSG:") else ("lon", "lat")
    return {**place, "crs": crs, **{
        name: value for name, value in zip(names, (first, second), strict=True)
        if value is not None}}


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text  # what it is not, the model says


async def _photos(visit: Visit, fields: FormData) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for role in ROLES:
        files = [one for one in fields.getlist(f"photo.{role.value}")
                 if isinstance(one, UploadFile) and one.filename]
        found += await stored(visit, files, role.value)
    return found
