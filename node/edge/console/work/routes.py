"""The work list: a page of rows by filters, one row that changed, exports, the same for many."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from hub.errors import FabricError
from node.core.case import CaseStatus
from node.core.errors import Refused, UnknownCase
from node.edge.console.cases.acting import BATCH, USUAL, do, titles
from node.edge.console.look import YEAR_S
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.chips import ORIGINS, WAITS, chips, set_filters
from node.edge.console.work.columns import COLUMNS, COOKIE, heads, shown
from node.edge.console.work.queues import PATH, all_queues
from node.edge.console.work.rows import LIGHTS, row_of
from node.edge.http import cookies
from node.edge.http.desk import After
from node.edge.http.problems import on_screen, said_in
from node.edge.http.routes.cases import Filtered, Sort, csv_rows
from node.service.case_words import STATUSES
from node.service.views import CaseFilter, Page

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS = 50
"""Rows of one page: a screen and a half, so that paging is rare and a page is small."""
BATCH_MAX = 200
"""Cases of one batch."""


async def _listed(visit: Visit, which: CaseFilter, after: str, sort: str) -> dict[str, Any]:
    desk = visit.desk
    page = await desk.queries.standing(
        await desk.handlers.beside(await desk.cases(which, after, ROWS, sort)))
    filters = set_filters(visit)
    asked = {**filters, "sort": sort} if sort else filters
    return {
        "rows": [row_of(visit, item) for item in page.items],
        "columns": [one.name for one in shown(visit)],
        "query": urlencode(filters),
        "more": f"{PATH}?{urlencode({**asked, 'after': page.next})}" if page.next else "",
    }


@router.get("", operation_id="listCases")
async def work(
    visit: Here, which: Filtered, after: After = "", sort: Sort = "",
    queue: Annotated[str, Query()] = "",
) -> Response:
    """The list; to a script that asks for more, the rows that follow."""
    listed = await _listed(visit, which, after, sort)
    if visit.is_fragment:
        return visit.part("work/rows.html", **listed)
    named = next((one for one in all_queues() if one.name == queue), None)
    say, filters = visit.say, set_filters(visit)
    asked = {"queue": queue, **filters} if queue else filters
    return await visit.page(
        "work/list.html", **listed, after=after, chips=chips(visit), filters=filters, sort=sort,
        heads=heads(visit, PATH, asked, sort),
        choosable=[(one.name, say(one.title), one.fixed, one in shown(visit)) for one in COLUMNS],
        title=say(named.title) if named is not None else say("案卷列表"), queue=queue,
        statuses=[(one.value, say(STATUSES[one.value])) for one in CaseStatus
                  if one.value in STATUSES],
        lights=[(key, say(word)) for key, word in LIGHTS.items()],
        waits=[(key, say(word)) for key, word in WAITS.items()],
        origins=[(key, say(word)) for key, word in ORIGINS.items()],
        batch=titles(visit, BATCH) if visit.caller.scope != "read" else [],
        person=visit.caller.name, usual=USUAL.get(filters.get("status", ""), ""),
        exports=visit.may("exportCases"), key=visit.desk.fresh_id(),
    )


@router.get("/row/{case_id}", operation_id="getCase")
async def row(case_id: UUID, visit: Here, which: Filtered) -> Response:
    """One row as it stands now; what no longer belongs to the list is shown so, and stays until
    the list is asked for again, so that nothing moves under the hand."""
    found = await visit.desk.queries.listed(str(case_id), which)
    if found is None:
        raise UnknownCase(f"there is no case {case_id} here", case_id=str(case_id))
    item, fits = found
    (item,) = (await visit.desk.queries.standing(Page(items=(item,), next=""))).items
    return visit.part(
        "work/row.html", row=row_of(visit, item), moved=not fits,
        query=urlencode(set_filters(visit)), columns=[one.name for one in shown(visit)])


@router.post("/columns", operation_id="listCases")
async def columns(visit: Here) -> Response:
    """Choose columns; this browser keeps them."""
    fields = await form_of(visit.request)
    back = str(fields.get("back", ""))
    answer = visit.goes(back if back.startswith(PATH) else PATH)
    chosen = {str(one) for one in fields.getlist("column")}
    answer.set_cookie(
        COOKIE, ".".join(one.name for one in COLUMNS if one.fixed or one.name in chosen),
        max_age=YEAR_S, path="/", httponly=True, samesite="lax",
        secure=cookies.is_secure(visit.settings))
    return answer


@router.get(".csv", operation_id="exportCases")
async def table(visit: Here, which: Filtered) -> Response:
    """The list as a table, with the rights of whoever asks."""
    return StreamingResponse(
        csv_rows(visit.desk, which, chinese=visit.language == "zh-CN"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="cases.csv"'})


@router.get(".xlsx", operation_id="exportCases")
async def workbook(visit: Here, which: Filtered) -> Response:
    """The same as a workbook."""
    from node.edge.console.work.workbook import XLSX_TYPE, workbook

    data = await workbook(visit.desk, which, chinese=visit.language == "zh-CN")
    return Response(data, media_type=XLSX_TYPE, headers={
        "Content-Disposition": 'attachment; filename="cases.xlsx"'})


@router.post("/batch", operation_id="listCases")
async def batch(visit: Here) -> Response:
    """One verb on many cases, each asked for by itself: what is refused is said, the rest is
    done."""
    fields = await form_of(visit.request)
    verb = str(fields.get("verb", ""))
    chosen = list(dict.fromkeys(str(one) for one in fields.getlist("case")))[:BATCH_MAX]
    sent = str(fields.get("key", ""))[:60]
    done, refused = 0, []
    for case_id in chosen:
        try:
            await do(visit, case_id, verb, fields, key=f"{sent}.{case_id}")
            done += 1
        except (Refused, FabricError) as error:
            refused.append((case_id, on_screen(said_in(error, visit.language))))
    values: dict[str, Any] = {
        "verb": dict(titles(visit, BATCH)).get(verb, verb), "done": done, "refused": refused,
        "key": visit.desk.fresh_id(), "undo": "",
        "back": str(fields.get("back", "")) if str(fields.get("back", "")).startswith(PATH)
        else PATH,
    }
    if visit.is_fragment:
        return visit.part("work/batched.html", **values)
    return await visit.page("work/batch_done.html", **values)
