"""What a citizen opens: the first page, the report, following it, rating it, published tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from hub.errors import FabricError
from node.core.errors import Refused, UnknownCase
from node.edge.console.public import form
from node.edge.console.public.visit import PublicRoute, PublicVisit, There
from node.edge.console.work.rows import short
from node.edge.http.desk import After
from node.edge.http.problems import on_screen, said_in
from node.edge.http.routes.evaluation import CSP
from node.edge.http.status import row_of
from node.edge.sheets import MEDIA_TYPES
from node.service.case_words import STATUSES

router = APIRouter(prefix="/public", include_in_schema=False, route_class=PublicRoute)
RESULTS: Final = 20
"""Published tables on one page."""
FORMATS: Final = ("html", "xlsx", "csv")
NUMBER_CHARS_MAX: Final = 64
CODE_CHARS_MAX: Final = 32
TEXT_CHARS_MAX: Final = 4_000


@router.get("")
async def home(visit: There) -> Response:
    visit.opened(reports=True, evaluation=True)
    return visit.page("public/home.html")


# --- reporting ------------------------------------------------------------------------------------


async def _form(
    visit: PublicVisit, *, wrong: str = "", status: int = 200, given: FormData | None = None,
) -> Response:
    kept = form.kept(given) if given is not None else {}
    source = form.source_of(visit)
    personal = {one["name"]: one["keep_days"] for one in visit.desk.privacy.table()["fields"]}
    return visit.page(
        "public/report.html", status=status, wrong=wrong, kept=kept,
        groups=form.grouped(form.choices(visit)), areas=await form.areas_of(visit),
        details=form.details_of(visit, kept.get("category", "")),
        photos=len(source.photos) if source is not None else 0,
        key=visit.desk.fresh_id(), keep_days=personal["reporter.phone"],
    )


@router.get("/report")
async def show_form(visit: There) -> Response:
    visit.opened(reports=True)
    return await _form(visit)


@router.post("/report")
async def report(visit: There) -> Response:
    """Take it, and show number and code this once. Whoever posts too often is refused before a
    byte of the form is read."""
    visit.opened(reports=True)
    visit.desk.posting.ready(visit.address)
    rules = visit.settings.public
    fields = await visit.request.form(
        max_files=rules.photos_max + 1, max_fields=form.FIELDS_MAX, max_part_size=64 * 1024)
    source = form.source_of(visit)
    if source is None:
        raise HTTPException(503, "no source of this office is open to the public")
    try:
        found = await form.report_of(visit, fields, source)
        reply = await visit.desk.posting.post(
            found.command, found.fingerprint, address=visit.address, pictures=found.pictures)
    except form.Turned as turned:
        return await _form(visit, wrong=str(turned), status=422, given=fields)
    except ValidationError as error:
        fields_wrong = visit.say("、").join(form.mistakes(visit, error))
        wrong = visit.say("填写有误：%(fields)s", fields=fields_wrong)
        return await _form(visit, wrong=wrong, status=422, given=fields)
    except (Refused, FabricError) as error:
        return await _form(visit, wrong=on_screen(said_in(error, visit.language)),
                           status=int(row_of(error)[1].status), given=fields)
    return visit.page("public/receipt.html", status=201, number=reply.case_no, code=reply.follow_up)


# --- following ------------------------------------------------------------------------------------


ANEW: Final = {
    "asked": "您对结果不满意，已提请决定是否重新办理", "granted": "已决定重新办理",
    "refused": "经审核，不再重新办理",
}
"""What becomes of a case whose reporter is not content."""


def _given(fields: FormData) -> tuple[str, str]:
    return (str(fields.get("number", "")).strip()[:NUMBER_CHARS_MAX],
            str(fields.get("code", "")).strip()[:CODE_CHARS_MAX])


async def _followed(visit: PublicVisit, number: str, code: str, said: str = "") -> Response:
    found = dict(await visit.desk.public.look(number, code))
    return visit.page("public/case.html", case=_case(visit, found), number=number, code=code,
                      said=said)


def _case(visit: PublicVisit, found: dict[str, Any]) -> dict[str, Any]:
    """As it is read: what the profile hides is not there."""
    say = visit.say
    rows = [
        (say("问题"), found.get("name")), (say("网格"), found.get("grid")),
        (say("受理时间"), short(found.get("opened_at"))),
        (say("最近更新"), short(found.get("updated_at"))), (say("处理结果"), found.get("result")),
        (say("重新办理"), say(ANEW[found["anew"]]) if found["anew"] else ""),
    ]
    return {
        "state": say(STATUSES.get(found["status"], found["status"])) if "status" in found else "",
        "rows": [(name, value) for name, value in rows if value],
        "photo": bool(found.get("photo")), "may_rate": found["may_rate"],
    }


@router.get("/follow")
async def show_follow(visit: There) -> Response:
    visit.opened(reports=True)
    return visit.page("public/follow.html", wrong="", number="")


@router.post("/follow")
async def follow(visit: There) -> Response:
    """By a form, not by an address: a code in an address stays in the browser for all to see."""
    visit.opened(reports=True)
    number, code = _given(await visit.request.form(max_files=0, max_fields=4))
    try:
        return await _followed(visit, number, code)
    except (UnknownCase, FabricError) as error:
        return visit.page("public/follow.html", wrong=on_screen(said_in(error, visit.language)),
                          number=number, status=int(row_of(error)[1].status))


@router.post("/follow/rate")
async def rate(visit: There) -> Response:
    visit.opened(reports=True)
    fields = await visit.request.form(max_files=0, max_fields=6)
    number, code = _given(fields)
    score = str(fields.get("score", ""))
    if score not in {"1", "2", "3", "4", "5"}:
        return await _followed(visit, number, code, visit.say("请选择满意程度"))
    await visit.desk.public.rate(
        number, code, score=int(score), text=str(fields.get("text", "")).strip()[:TEXT_CHARS_MAX],
        command_id=visit.desk.fresh_id())
    return await _followed(visit, number, code, visit.say("感谢您的评价"))


# --- published tables -----------------------------------------------------------------------------


@router.get("/results")
async def results(visit: There, after: After = "") -> Response:
    visit.opened(evaluation=True)
    page = await visit.desk.publications.publications(after, RESULTS, open_only=True)
    return visit.page(
        "public/results.html", more=page.next, formats=FORMATS[1:],
        rows=[{"id": one["publication_id"], "title": _title(visit, one), "period": one["period"],
               "at": short(one["published_at"])} for one in page.items])


def _title(visit: PublicVisit, one: Mapping[str, Any]) -> str:
    try:
        rules = visit.desk.evaluation.definitions.named(one["definition"]).definition
    except Refused:  # rules that this node does not have any more; the file speaks for itself
        return str(one["subject"])
    subject = rules.subjects.get(one["subject"])
    if subject is None:
        return str(one["subject"])
    return subject.en if visit.language == "en" else subject.zh


@router.get("/results/{publication_id}.{format_}")
async def result(
    publication_id: UUID, visit: There,
    format_: Annotated[str, Path(pattern="^(html|xlsx|csv)$")],
) -> Response:
    """One file, byte for byte as it was published."""
    visit.opened(evaluation=True)
    found = await visit.desk.publications.file(str(publication_id), format_, open_only=True)
    shown = "inline" if format_ == "html" else "attachment"
    return Response(found.data, media_type=MEDIA_TYPES[format_], headers={
        "Content-Disposition": f'{shown}; filename="{publication_id}.{format_}"',
        "Content-Security-Policy": CSP, "Cache-Control": "public, max-age=3600"})
