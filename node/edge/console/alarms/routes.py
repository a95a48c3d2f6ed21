"""The duty desk's calls for help: who calls stands first on every page of those on duty; where they
are is read, and logged, by whoever opens the call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Response

from node.core.alarms import AlarmState
from node.core.calendar import BEIJING
from node.edge.console.asked import asked, given
from node.edge.console.map.view import PATH as MAP
from node.edge.console.map.view import SmallMap, words
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.console.work.rows import short, spanned
from node.edge.http.desk import After
from node.edge.http.routes.alarms import SettleAlarmIn
from node.edge.http.routes.alarms import settle as settled_by

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH: Final = "/console/alarms"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
ROWS: Final = 30
STATES: Final = {"raised": "无人接警", "taken": "已接警", "settled": "已办结"}
LIGHTS: Final = {"raised": "bad", "taken": "warn", "settled": "ok"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call for help. ``waited``: how long nobody has taken it, "" = somebody has; ``path``: the
    page that tells where."""

    path: str
    who: str
    kind: str
    state: str
    light: str
    at: str
    waited: str
    taken: str
    settled: str
    open: bool
    raised: bool


def _named(visit: Visit, choices: Sequence[Any], code: str) -> str:
    found = next((one for one in choices if one.code == code), None)
    return code if found is None else found.en if visit.language == "en" else found.zh


def _call(visit: Visit, one: Mapping[str, Any], names: Mapping[str, str]) -> Call:
    say, choices = visit.say, visit.desk.alarms.choices()
    state, who = one["state"], one["collector"]

    def by(login: str, at: datetime | None) -> str:
        return f"{names.get(login, login)} {short(at.isoformat())}" if at is not None else ""

    minutes = int((datetime.now(BEIJING) - one["received_at"]).total_seconds() // 60)
    settled = by(one["settled_by"], one["settled_at"])
    return Call(
        path=f"{PATH}/{one['id']}",
        who=say("%(name)s（%(number)s）", name=names[who], number=who) if who in names else who,
        kind=_named(visit, choices["kinds"], one["kind"]), state=say(STATES[state]),
        light=LIGHTS[state], at=short(one["at"].isoformat()),
        waited=spanned(visit, minutes) if state == AlarmState.RAISED and minutes > 0 else "",
        taken=by(one["taken_by"], one["taken_at"]),
        settled=f"{_named(visit, choices['outcomes'], one['outcome'])} {settled}".strip()
        if settled else "",
        open=state != AlarmState.SETTLED, raised=state == AlarmState.RAISED)


async def _names(visit: Visit, calls: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """Of collectors and of whoever looked after them, where they have accounts here."""
    return await visit.desk.people.accounts.named({
        one[key] for one in calls for key in ("collector", "taken_by", "settled_by") if one[key]})


@router.get("", operation_id="takeAlarm")
async def listed(
    visit: Here, settled: Annotated[bool, Query()] = False, after: After = "",
) -> Response:
    """Calls that are open, or those that ended; to a script, the list as it stands now."""
    await visit.admit("listAlarms")
    page = await visit.desk.alarms.list(settled=settled, after=after, limit=ROWS)
    names = await _names(visit, page.items)
    values: dict[str, Any] = {
        "calls": [_call(visit, one, names) for one in page.items], "settled": settled,
        "here": f"{PATH}?settled=true" if settled else PATH,
        "more": f"{PATH}?{urlencode({'settled': str(settled).lower(), 'after': page.next})}"
        if page.next else "",
    }
    if visit.is_fragment:
        return visit.part("alarms/calls.html", **values)
    return await visit.page(
        "alarms/list.html", **values,
        tabs=[(PATH, visit.say("未办结"), not settled),
              (f"{PATH}?settled=true", visit.say("已办结"), settled)])


@router.get("/{alarm_id}", operation_id="getAlarm")
async def call(alarm_id: UUID, visit: Here) -> Response:
    """One call with its place; that it was looked at is in the audit log."""
    one = await visit.desk.alarms.one(
        str(alarm_id), actor=visit.caller.name, roles=visit.caller.roles)
    choices = visit.desk.alarms.choices()
    lon, lat = one["lon"], one["lat"]
    return await visit.page(
        "alarms/call.html", call=_call(visit, one, await _names(visit, [one])), one=one,
        received=short(one["received_at"].isoformat()),
        place=f"{lon:.6f}, {lat:.6f}" if lon is not None else "",
        error=round(one["accuracy_m"]) if one["accuracy_m"] is not None else None,
        map=SmallMap(
            id="alarm", title=visit.say("报警位置"), words=words(visit), lon=lon, lat=lat,
            full=f"{MAP}#16/{lat:.6f}/{lon:.6f}") if lon is not None else None,
        mine=one["taken_by"] == visit.caller.name,
        outcomes=[(each.code, each.en if visit.language == "en" else each.zh)
                  for each in choices["outcomes"]])


@router.post("/{alarm_id}/take", operation_id="takeAlarm")
async def take(alarm_id: UUID, visit: Here) -> Response:
    """Look after it, or in the place of whoever does."""
    fields = await form_of(visit.request)
    await visit.desk.alarms.take(
        str(alarm_id), actor=visit.caller.name, roles=visit.caller.roles,
        over=given(fields, "over") == "yes")
    return visit.goes(f"{PATH}/{alarm_id}")


@router.post("/{alarm_id}/settle", operation_id="settleAlarm")
async def settle(alarm_id: UUID, visit: Here) -> Response:
    """Say what was done, as over the API."""
    fields = await form_of(visit.request)
    body = asked(SettleAlarmIn, {
        name: given(fields, name) for name in ("outcome", "report", "reference")})
    await settled_by(alarm_id=alarm_id, body=body, desk=visit.desk, caller=visit.caller)
    return visit.goes(f"{PATH}/{alarm_id}")
