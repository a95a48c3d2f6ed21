"""Publishing a sheet, and what was published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from node.core.capability import Capability
from node.edge.console.evaluation.asked import API, PATH, asked
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import short
from node.edge.http.desk import After
from node.edge.sheets import MEDIA_TYPES
from node.service.evaluation.publishing import BY_ITSELF

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 50


def may_publish(visit: Visit) -> bool:
    """Whether this person is offered it, at an office that evaluates."""
    return visit.may("publishSheet") and Capability.EVALUATE in visit.desk.queries.capabilities


@router.get("/published", operation_id="listPublications")
async def published(
    visit: Here, after: After = "", made: Annotated[str, Query(max_length=36)] = "",
) -> Response:
    """What was published, newest first."""
    page = await visit.desk.publications.publications(after, ROWS)
    names = await visit.desk.people.accounts.named({one["published_by"] for one in page.items})
    rows = [_row(visit, one, names) for one in page.items]
    values: dict[str, Any] = {
        "rows": rows, "more": f"{PATH}/published?after={page.next}" if page.next else ""}
    if visit.is_fragment:
        return visit.part("evaluation/published_rows.html", **values)
    return await visit.page("evaluation/published.html", **values, made=made)


def _row(
    visit: Visit, one: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    subjects = visit.desk.evaluation.definitions.all()
    found = next((version.definition.subjects[one["subject"]] for version in reversed(subjects)
                  if one["subject"] in version.definition.subjects), None)
    name = one["subject"] if found is None else found.en if visit.language == "en" else found.zh
    path = f"{API}/publications/{one['publication_id']}"
    return {
        **one, "name": name, "at": short(one["published_at"]),
        "by": visit.say("定期自动发布") if one["published_by"] == BY_ITSELF else
        names.get(one["published_by"], one["published_by"]),
        "files": [(kind.upper(), f"{path}/{kind}") for kind in MEDIA_TYPES],
    }


@router.post("/publish", operation_id="publishSheet")
async def publish(visit: Here) -> Response:
    """Keep the sheet as published, under our signature."""
    fields = await form_of(visit.request)

    def text(name: str) -> str:
        return str(fields.get(name, ""))[:64]

    one = asked(visit, subject=text("subject"), period=text("period"), version=text("version"),
                area=text("area"), group=text("group"))
    made = await visit.desk.publications.publish(
        one.ask, open_to_all=text("open") == "true", actor=visit.caller.name)
    return visit.goes(f"{PATH}/published?made={made['publication_id']}")
