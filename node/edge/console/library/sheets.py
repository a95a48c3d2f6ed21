"""Sheets of the problem library by day, week or month: counted, published, received from below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from node.core.errors import Invalid
from node.core.periods import Period, Span, before, behind, last_finished, read_period
from node.edge.console.evaluation.asked import SPANS, Link, when
from node.edge.console.library.routes import PATH, WHYS, Filters, frame
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import short
from node.edge.http.desk import After
from node.edge.http.routes.stock import NAMED
from node.service.stock.document import COUNTS, REST
from node.service.stock.room import BY_ITSELF

router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
API: Final = "/api/v1/ledger/sheets"
LENGTHS: Final = (Span.DAY, Span.WEEK, Span.MONTH)
HEADS: Final = {
    "opening": "期初", "came": "本期新增", "resolved": "本期消除", "closing": "期末"}
WAYS: Final = {"handled": "处置完毕", "resumed": "恢复计时", "moved": "时限调整",
               "ended": "案卷了结"}
STATES: Final = {
    "received": ("ok", "已报"), "awaited": ("idle", "待报"), "missing": ("bad", "未报")}
ROWS: Final = 50

PeriodIn = Annotated[str, Query(max_length=10, pattern=NAMED)]


def _period(period: str) -> Period:
    return read_period(period) if period else last_finished(Span.WEEK, datetime.now(UTC))


def _steps(visit: Visit, period: Period, path: str) -> dict[str, Any]:
    """The finished periods beside this one, and the other lengths."""
    now = datetime.now(UTC)

    def to(one: Period) -> str:
        return f"{PATH}{path}?period={one.name}"

    later = behind(period)
    return {
        "period": period, "when": when(visit, period), "before": to(before(period)),
        "behind": to(later) if later.ends <= now else "",
        "spans": [Link(title=visit.say(SPANS[one]), here=one is period.span,
                       path=to(last_finished(one, now))) for one in LENGTHS],
    }


@router.get("/sheets", operation_id="countStock")
async def sheet(
    visit: Here, period: PeriodIn = "",
    node: Annotated[str, Query(pattern=r"^[0-9A-Z]{0,64}$")] = "", made: str = "",
) -> Response:
    """The sheet of a finished period: as it was published here or below, else as it is counted."""
    chosen, which = _period(period), Filters(area="", group="")
    published: Mapping[str, Any] | None = None
    try:
        published = await visit.desk.stock.sheet(chosen.name, node=node)
        document = published["document"]
    except Invalid as error:
        if error.code != "stock.unknown" or node:
            raise
        document = await visit.desk.stock.count(chosen.name)
    files = f"{API}/count?period={chosen.name}&" if published is None else (
        f"{API}/{chosen.name}?node={node}&")
    return await visit.page(
        "library/sheet.html", **frame(visit, which, "/sheets"), **_steps(visit, chosen, "/sheets"),
        document=document, blocks=_blocks(visit, document), published=published,
        drawn=_drawn(visit, published) if published else "", made=bool(made),
        longest=[{**one, "why": visit.say(WHYS[one["why"]]), "since": short(one["since"]),
                  "holder": visit.desk.queries.called(one["holder"]) if one["holder"] else ""}
                 for one in document["longest"]],
        heads=[visit.say(HEADS[one]) for one in COUNTS],
        ways=[(visit.say(WAYS.get(way, way)), count)
              for way, count in document["ways_out"].items()],
        total=[document["total"][one] for one in COUNTS], whose=node,
        files=[(visit.say("Excel 工作簿"), f"{files}format=xlsx"),
               (visit.say("CSV 文本"), f"{files}format=csv")],
        publishes=visit.may("publishStock") and not node)


def _drawn(visit: Visit, sheet: Mapping[str, Any]) -> str:
    by = visit.say("定期自动发布") if sheet["drawn_by"] == BY_ITSELF else sheet["drawn_by"]
    return visit.say("第 %(version)s 版，%(at)s 发布 %(by)s", version=sheet["version"],
                     at=short(sheet["drawn_at"]), by=by).strip()


def _blocks(
    visit: Visit, document: Mapping[str, Any]
) -> list[tuple[str, list[tuple[str, list[int]]]]]:
    """By why, by reason, by holder: each line as its four counts."""
    say, called = visit.say, visit.desk.queries.called

    def lines(name: str, title: Any) -> list[tuple[str, list[int]]]:
        return [(title(one["key"]) if one["key"] != REST else say("其他"),
                 [one[count] for count in COUNTS]) for one in document[name]]

    return [
        (say("按类别"), lines("by_why", lambda key: say(WHYS.get(str(key), str(key))))),
        (say("按原因"), lines("by_reason", lambda key: key or say("（超期，无挂账原因）"))),
        (say("按承办"), lines("by_holder", lambda key: called(key) if key else say("本单位"))),
    ]


@router.post("/publish", operation_id="publishStock")
async def publish(visit: Here) -> Response:
    """Publish the sheet and send it up."""
    fields = await form_of(visit.request)
    made = await visit.desk.stock.publish(
        str(fields.get("period", ""))[:10], actor=visit.caller.name)
    return visit.goes(f"{PATH}/sheets?period={made['period']}&made=1")


@router.get("/below", operation_id="listStockBelow")
async def below(visit: Here, period: PeriodIn = "") -> Response:
    """Who of the offices below has sent the sheet of a period, and who has not."""
    chosen, which = _period(period), Filters(area="", group="")
    told = await visit.desk.stock.below(chosen.name)
    lines = [
        {**one, "light": STATES[one["state"]][0], "said": visit.say(STATES[one["state"]][1]),
         "received": short(one["received_at"]),
         "counts": [one["total"][name] for name in COUNTS] if one["total"] else [],
         "path": f"{PATH}/sheets?period={chosen.name}&node={one['node']}"
         if one["state"] == "received" else ""}
        for one in told["lines"]]
    return await visit.page(
        "library/below.html", **frame(visit, which, "/below"), **_steps(visit, chosen, "/below"),
        lines=lines, expected=told["expected"], due=short(told["due_at"]),
        late=short(told["late_from"]), heads=[visit.say(HEADS[one]) for one in COUNTS])


@router.get("/sheets/all", operation_id="listStockSheets")
async def all_sheets(visit: Here, after: After = "") -> Response:
    """Every published sheet, ours and those from below, newest period first."""
    page = await visit.desk.stock.sheets(after=after, limit=ROWS)
    rows = [
        {**one, "name": visit.desk.queries.called(f"node:{one['node']}"),
         "drawn": short(one["drawn_at"]), "received": short(one["received_at"]),
         "path": f"{PATH}/sheets?period={one['period']}" + (
             "" if one["own"] else f"&node={one['node']}")}
        for one in page.items]
    values: dict[str, Any] = {
        "rows": rows, "more": f"{PATH}/sheets/all?after={page.next}" if page.next else ""}
    if visit.is_fragment:
        return visit.part("library/sheet_rows.html", **values)
    return await visit.page(
        "library/sheet_list.html", **values,
        **frame(visit, Filters(area="", group=""), "/sheets"))
