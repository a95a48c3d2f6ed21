"""Pages of the evaluation: a sheet, one line, a run of periods, what a figure means, its cases."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from node.core.calendar import BEIJING
from node.core.errors import Invalid
from node.edge.console.evaluation import behind
from node.edge.console.evaluation.asked import (
    PATH,
    Asked,
    Asks,
    KeyIn,
    beside,
    shown_tab,
    spans,
    subjects,
    when,
)
from node.edge.console.evaluation.figures import Figures
from node.edge.console.evaluation.meaning import meaning_of
from node.edge.console.evaluation.publishing import may_publish
from node.edge.console.evaluation.runs import chart_of, length
from node.edge.console.evaluation.waiting import waiting
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.rows import short
from node.edge.http.desk import After
from node.service.evaluation.boards import RUN, Board
from node.service.evaluation.jobs import Working
from node.service.unit_kinds import unit_kinds

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)

PATIENCE_S: Final = 0.8
"""How long a page waits for its figures before it shows how far they are."""
PageIn = Annotated[int, Query(ge=1, le=1_000)]
FigureIn = Annotated[str, Query(pattern=r"^[a-z][a-z_0-9]{0,63}@[a-z][a-z_0-9]{0,63}\*?$")]
NameIn = Annotated[str, Query(max_length=130)]


def _about(visit: Visit, one: Asked) -> dict[str, Any]:
    """The head of every page."""
    english = visit.language == "en"
    return {
        "asked": one, "subject": one.subject.en if english else one.subject.zh,
        "when": when(visit, one.period), "version": one.definition.version,
    }


@router.get("", operation_id="getSheet")
async def sheet(visit: Here, one: Asks, page: PageIn = 1) -> Response:
    """The sheet of a subject and period; to a script, its figures or how far they are."""
    board = await visit.desk.boards.board(one.ask, patience_s=PATIENCE_S)
    values = {**_about(visit, one), **_board(visit, one, board, page)}
    if visit.is_fragment:
        return visit.part("evaluation/board.html", **values)
    tabs = subjects(visit, one)
    names = unit_kinds().groups if one.subject.peers else {}
    english = visit.language == "en"
    return await visit.page(
        "evaluation/page.html", **values, beside=beside(visit, one), spans=spans(visit, one),
        tabs=tabs, choices=shown_tab(tabs), publishes=may_publish(visit),
        over=one.period.ends <= datetime.now(BEIJING),
        groups=[(key, pair[english]) for key, pair in names.items()],
        files=[(title, one.file(kind), one.file(kind, for_all=True)) for kind, title in (
            ("xlsx", visit.say("Excel 工作簿")), ("csv", visit.say("CSV 文本")),
            ("html", visit.say("网页（可打印）")))],
    )


def _board(visit: Visit, one: Asked, board: Board | Working, page: int) -> dict[str, Any]:
    if isinstance(board, Working):
        return {"waiting": waiting(visit, board, one.at(page=str(page)))}
    table = Figures(visit, one, board).table(page)
    return {
        "waiting": None, "table": table, "as_of": short(table.as_of),
        "run": one.at("/run"), "laps": one.at("/laps"),
        "pages": [(at, one.at(page=str(at))) for at in (table.page - 1, table.page + 1)
                  if 1 <= at <= table.pages],
    }


@router.get("/line", operation_id="getSheet")
async def line(visit: Here, one: Asks, key: KeyIn) -> Response:
    """One line: its rates, what its score is made of, how it went."""
    board = await visit.desk.boards.board(one.ask, patience_s=PATIENCE_S)
    values: dict[str, Any] = {
        **_about(visit, one), "back": one.at(), "title": await _whose(visit, one, key)}
    if isinstance(board, Working):
        values["waiting"] = waiting(visit, board, one.at("/line", key=key))
    else:
        values |= _line(visit, one, board, key)
    if visit.is_fragment:
        return visit.part("evaluation/line_body.html", **values)
    return await visit.page("evaluation/line.html", **values)


def _line(visit: Visit, one: Asked, board: Board, key: list[str]) -> dict[str, Any]:
    found = next((row for row in board.sheet["lines"] if row["key"] == key), None)
    figures = Figures(visit, one, board)
    return {
        "waiting": None, "run": one.at("/run", key=key),
        "row": figures.row(found) if found is not None else None,
        "table": figures.table(1),
        "parts": figures.parts(found) if found is not None else [],
    }


@router.get("/run", operation_id="getSheet")
async def run(visit: Here, one: Asks, key: KeyIn = []) -> Response:  # noqa: B006
    """The periods up to this one as a chart."""
    points = await visit.desk.boards.run(
        one.ask, key=key, periods=length(one, RUN), patience_s=PATIENCE_S)
    values: dict[str, Any] = {**_about(visit, one), "back": one.at(), "waiting": None}
    if isinstance(points, Working):
        values["waiting"] = waiting(visit, points, one.at("/run", key=key))
    else:
        values["chart"] = chart_of(visit, one, points, one=bool(key))
    if visit.is_fragment:
        return visit.part("evaluation/run.html", **values)
    return await visit.page("evaluation/run_page.html", **values)


@router.get("/meaning", operation_id="getIndicators")
async def meaning(
    visit: Here, one: Asks, of: Annotated[str, Query(max_length=20)], name: NameIn = "",
) -> Response:
    """What a figure means: a dialog, or a page of its own."""
    values = {**_about(visit, one), "meaning": meaning_of(visit, one, of, name), "back": one.at()}
    if visit.is_fragment:
        return visit.part("evaluation/meaning.html", **values)
    return await visit.page("evaluation/meaning_page.html", **values)


@router.get("/cases", operation_id="listEvaluatedCases")
async def cases(
    visit: Here, one: Asks, figure: FigureIn, *, key: KeyIn = [],  # noqa: B006
    rate: NameIn = "", after: After = "",
) -> Response:
    """The cases behind a figure; to a script that asks for more, the rows that follow."""
    named = behind.named(figure)
    desk = visit.desk.evaluation
    which: dict[str, Any] = {
        "key": key, "counter": named.counter, "window": named.window,
        "attributed": named.attributed}
    page = await desk.cases(one.ask, **which, after=after, limit=behind.ROWS)
    values: dict[str, Any] = {
        "rows": await behind.shown(visit, page.items),
        "more": one.at(
            "/cases", key=key, figure=figure, rate=rate, after=page.next) if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("evaluation/cases_rows.html", **values)
    counter = one.definition.counters.get(named.counter)
    if counter is None:
        raise Invalid(f"there is no figure {figure}", code="evaluation.figure")
    window = one.definition.windows[named.window]
    english = visit.language == "en"
    return await visit.page(
        "evaluation/cases.html", **_about(visit, one), **values, back=one.at(),
        total=await desk.how_many(one.ask, **which), whose=await _whose(visit, one, key),
        figure=counter.en if english else counter.zh, window=window.en if english else window.zh,
        tabs=behind.tabs(visit, one, rate=rate, figure=figure, key=key),
        meaning=one.at("/meaning", of="count", name=figure))


async def _whose(visit: Visit, one: Asked, key: list[str]) -> str:
    """How a line is called."""
    (parts,) = await visit.desk.evaluation.called(one.ask, [key])
    return " ".join(parts) or visit.say("合计")


@router.get("/laps", operation_id="getLaps")
async def laps(visit: Here, one: Asks) -> Response:
    """How long it took from step to step."""
    from node.edge.console.evaluation.laps import table_of

    values: dict[str, Any] = {
        **_about(visit, one), "back": one.at(), "laps": await table_of(visit, one)}
    if visit.is_fragment:
        return visit.part("evaluation/laps.html", **values)
    return await visit.page("evaluation/laps_page.html", **values)
