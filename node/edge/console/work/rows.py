"""Rows of the work list as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from node.core.calendar import BEIJING
from node.service.case_lists import ASKING, OWN, UNSIGNED
from node.service.case_words import KINDS, STATUSES

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

LIGHTS = {"green": "正常", "yellow": "临期", "red": "超期", "grey": "不计时"}
"""Lights in words."""
STANDINGS = {UNSIGNED: "待签收", ASKING: "申请待批"}
"""What is to be done with a duty that is held, where the page was asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case of the list. ``left`` is what remains until the limit, or how late it is."""

    case_id: str
    case_no: str
    version: int
    status: str
    state: str
    light: str
    light_said: str
    urgent: bool
    name: str
    kind: str
    address: str
    area: str
    assignee: str
    handler: str
    origin: str
    finish_by: str
    left: str
    opened: str
    source: str
    updated: str


def row_of(visit: Visit, item: Mapping[str, Any]) -> Row:
    """A row from an item of the use case."""
    say, called = visit.say, visit.desk.queries.called
    finish_by = item["finish_by"] or ""
    origin = item["origin"]
    state = STANDINGS.get(item.get("standing", ""), STATUSES.get(item["status"], item["status"]))
    return Row(
        case_id=item["case_id"], case_no=item["case_no"], version=item["version"],
        status=item["status"], state=say(state),
        light=item["light"], light_said=say(LIGHTS[item["light"]]),
        urgent=item["urgent"], name=item["name"] or item["code"],
        kind=say(KINDS.get(item["kind"], item["kind"])), address=item["address"],
        area=item["area"], assignee=called(item["assignee"]) if item["assignee"] else "",
        handler=item.get("handler") or "",
        origin=say("本级") if origin == OWN else called(origin),
        finish_by=short(finish_by),
        left=left(visit, finish_by) if item["light"] in ("green", "yellow", "red") else "",
        opened=short(item["opened_at"]), source=source_called(visit, item["source"]),
        updated=short(item["updated_at"]),
    )


def source_called(visit: Visit, code: str) -> str:
    """What the city calls a source."""
    source, _ = visit.desk.queries.asks(code, None)
    if source is None:
        return code
    return source.en if visit.language == "en" else source.zh


def short(written: str | None) -> str:
    """An instant to the minute in Beijing time, without the year where it is this one."""
    if not written:
        return ""
    local = datetime.fromisoformat(written).astimezone(BEIJING)
    this_year = local.year == datetime.now(BEIJING).year
    return local.strftime("%m-%d %H:%M" if this_year else "%Y-%m-%d %H:%M")


def left(visit: Visit, finish_by: str) -> str:
    """How long until the limit by the clock on the wall, or since."""
    if not finish_by:
        return ""
    minutes = int((datetime.fromisoformat(finish_by) - datetime.now(BEIJING)).total_seconds() // 60)
    span = spanned(visit, abs(minutes))
    return visit.say("剩 %(span)s", span=span) if minutes >= 0 else visit.say(
        "超 %(span)s", span=span)


def spanned(visit: Visit, minutes: int) -> str:
    """So many minutes in the largest two units that fit."""
    days, rest = divmod(minutes, 1_440)
    hours, minutes = divmod(rest, 60)
    if days and not hours:
        return visit.say("%(days)s 天", days=days)
    if days:
        return visit.say("%(days)s 天 %(hours)s 时", days=days, hours=hours)
    if hours and not minutes:
        return visit.say("%(hours)s 小时", hours=hours)
    if hours:
        return visit.say("%(hours)s 时 %(minutes)s 分", hours=hours, minutes=minutes)
    return visit.say("%(minutes)s 分", minutes=minutes)
