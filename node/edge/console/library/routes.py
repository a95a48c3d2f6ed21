"""The problem library as it stands: the list, how much lies with whom, the habits of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from node.core.calendar import BEIJING
from node.edge.console.evaluation.asked import Link
from node.edge.console.visit import Here, PageRoute, Visit
from node.edge.console.work.rows import short
from node.edge.http.desk import After
from node.edge.http.routes.ledger import SUMS_GREATEST, SUMS_SUMMED, Area, Group
from node.service.case_words import EVENTS, STATUSES
from node.service.ledger import by_group
from node.service.unit_kinds import unit_kinds

PATH: Final = "/console/library"
API: Final = "/api/v1/ledger"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 50
WHYS: Final = {"suspended": "挂账", "overdue": "长期超期"}
DAYS: Final = (7, 30, 90, 365)
"""Lengths of time that habits are looked at for."""
OVERS: Final = {"returns": "回退过多", "unsigned": "逾时未签收过多", "late": "超期过多"}
"""Thresholds that somebody reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of the library is looked at."""

    area: str
    group: str

    @property
    def query(self) -> dict[str, str]:
        """The same as an address has it."""
        given = {"area": self.area, "group": self.group}
        return {name: value for name, value in given.items() if value}

    def at(self, path: str = "", **more: str) -> str:
        """A page of this room with the same filters."""
        query = urlencode({**self.query, **{k: v for k, v in more.items() if v}})
        return f"{PATH}{path}?{query}" if query else f"{PATH}{path}"


def tabs(visit: Visit, which: Filters, here: str) -> list[Link]:
    """The pages of this room that are this person's."""
    pages = (
        ("", visit.say("清单"), "listLedger"), ("/summary", visit.say("按承办汇总"), "sumLedger"),
        ("/habits", visit.say("推诿拖延"), "listHabits"),
        ("/sheets", visit.say("定期报表"), "countStock"),
        ("/below", visit.say("下级报送"), "listStockBelow"),
    )
    return [Link(title=title, path=which.at(path), here=path == here)
            for path, title, operation in pages if visit.may(operation)]


def frame(visit: Visit, which: Filters, here: str) -> dict[str, Any]:
    """What stands above every page."""
    english = visit.language == "en"
    return {
        "tabs": tabs(visit, which, here), "which": which,
        "groups": [(key, pair[english]) for key, pair in unit_kinds().groups.items()],
    }


def group_called(visit: Visit, key: str) -> str:
    """A group of units in words."""
    pair = unit_kinds().groups.get(key)
    return pair[visit.language == "en"] if pair is not None else key


@router.get("", operation_id="listLedger")
async def rows(visit: Here, area: Area = "", group: Group = "", after: After = "") -> Response:
    """The list, oldest case first; to a script that asks for more, the rows that follow."""
    which = Filters(area=area, group=group)
    page = await visit.desk.ledger.rows(area=area, group=group, after=after, limit=ROWS)
    values: dict[str, Any] = {
        "rows": [_row(visit, one) for one in page.items],
        "more": which.at(after=page.next) if page.next else ""}
    if visit.is_fragment:
        return visit.part("library/rows.html", **values)
    return await visit.page(
        "library/list.html", **values, **frame(visit, which, ""),
        file=f"{API}/export?{urlencode(which.query)}")


def _row(visit: Visit, one: Mapping[str, Any]) -> dict[str, Any]:
    say, called = visit.say, visit.desk.queries.called
    last = one["last"] or {}
    return {
        **one, "why_said": say(WHYS[one["why"]]), "since": short(one["since"]),
        "until": short(one["until"]), "state": say(STATUSES.get(one["status"], one["status"])),
        "holder": called(one["holder"]) if one["holder"] else "",
        "finish_by": short(one["finish_by"]),
        "last_said": say(EVENTS.get(last.get("event_type", ""), "")) if last else "",
        "last_at": short(last.get("at")), "owed": one["owed"],
    }


@router.get("/summary", operation_id="sumLedger")
async def summary(visit: Here, area: Area = "", group: Group = "") -> Response:
    """How much lies with whom now, group by group."""
    which = Filters(area=area, group=group)
    held = await visit.desk.ledger.summary(area=area, group=group)
    sums = by_group(held, summed=SUMS_SUMMED, greatest=SUMS_GREATEST)
    called = visit.desk.queries.called
    blocks = [
        (group_called(visit, key), total,
         [{**line, "name": called(line["holder"]) if line["holder"] else visit.say("本单位")}
          for line in held if line["group"] == key])
        for key, total in sums]
    return await visit.page(
        "library/summary.html", **frame(visit, which, "/summary"), blocks=blocks,
        most=max((one["suspended"] + one["overdue"] for one in held), default=1) or 1,
        file=f"{API}/summary/export?{urlencode(which.query)}")


@router.get("/habits", operation_id="listHabits")
async def habits(
    visit: Here, area: Area = "", group: Group = "",
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> Response:
    """Returns, unsigned orders and lateness per unit and person in the days up to now."""
    which = Filters(area=area, group=group)
    now = datetime.now(BEIJING)
    # From a midnight on, so that the figures of one day stay what they are.
    since = datetime.combine(now.date() - timedelta(days=days - 1), time(), tzinfo=BEIJING)
    found = await visit.desk.ledger.habits(since, now, group=group)
    called, say = visit.desk.queries.called, visit.say
    units = [
        {**one, "name": called(one["unit"]), "group": group_called(visit, one["group"]),
         "over": [say(OVERS.get(name, name)) for name in one["over"]],
         "people": [{**person, "over": [say(OVERS.get(name, name)) for name in person["over"]]}
                    for person in one["people"]]}
        for one in found]
    query = urlencode({**({"group": group} if group else {}), "since": since.isoformat(),
                       "until": now.replace(microsecond=0).isoformat()})
    return await visit.page(
        "library/habits.html", **frame(visit, which, "/habits"), units=units,
        file=f"{API}/habits/export?{query}",
        lengths=[Link(title=say("近 %(days)s 天", days=one), here=one == days,
                      path=which.at("/habits", days=str(one))) for one in DAYS])
