"""A case as its page shows it: from the document and the timeline of the use cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from node.core.calendar import BEIJING
from node.edge.console.work.rows import LIGHTS, short, spanned
from node.service.case_words import KINDS, PHOTOS, STATUSES, UNITS

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

CLOCKS: Final = {"step": "环节时限", "handling": "处置时限", "overall": "全程用时"}
POSTS: Final = {
    "accept": "受理", "verify": "核实", "file": "立案", "dispatch": "派遣", "sign": "签收",
    "check": "核查", "close": "结案", "review": "审批", "handle": "处置",
}
DELIVERY: Final = {
    "delivered": ("ok", "已送达"), "accepted": ("ok", "对方已接收"),
    "sent": ("warn", "已发出未确认"),
    "queued": ("warn", "待发送"), "unknown": ("warn", "结果未知"), "rejected": ("bad", "对方拒收"),
    "parked": ("bad", "待人工处理"),
}
_WORKING: Final = frozenset({"work_hour", "work_day"})
CLOCKS_SHOWN: Final = 20
"""Clocks of a case that are shown, those that run first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One clock as a bar; ``share`` is the used part of the limit in percent, 100 at most."""

    title: str
    who: str
    light: str
    light_said: str
    share: int
    said: str
    limit: str
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stage of the way; ``state``: done, here, ahead."""

    title: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One entry of the record."""

    at: str
    office: str
    who: str
    step: str
    words: str
    own: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far our words to one neighbour have come."""

    who: str
    state: str
    said: str
    detail: str


def bars(visit: Visit, document: Mapping[str, Any]) -> list[Bar]:
    """The clocks: running ones first, then the newest."""
    clocks = sorted(
        document["clocks"],
        key=lambda one: (one["ended_at"] is not None, one["kind"] != "overall"))
    return [_bar(visit, one) for one in clocks[:CLOCKS_SHOWN]]


def _bar(visit: Visit, clock: Mapping[str, Any]) -> Bar:
    say = visit.say
    title = say(CLOCKS.get(clock["kind"], clock["kind"]))
    if clock["post"]:
        title = f"{title} · {say(POSTS.get(clock['post'], clock['post']))}"
    used, left = clock["used_minutes"], clock["left_minutes"]
    share = 0
    works = clock["counts_in"] in _WORKING
    span = worked if works else spanned
    said = say("已用 %(span)s", span=span(visit, used))
    if left is not None:
        share = min(100, round(100 * used / max(1, used + left)))
        rest = say("剩 %(span)s", span=span(visit, left)) if left >= 0 else say(
            "超 %(span)s", span=span(visit, -left))
        said = f"{said} · {rest}" if clock["ended_at"] is None or left < 0 else said
    if clock["paused"]:
        said = f"{say('已暂停')} · {said}"
    limit = ""
    if clock["limit_count"]:
        limit = f"{clock['limit_count']} {say(UNITS.get(clock['limit_unit'], clock['limit_unit']))}"
    if clock["finish_by"]:
        until = say("至 %(at)s", at=short(clock["finish_by"]))
        limit = f"{limit} · {until}" if limit else until
    return Bar(
        title=title, who=visit.desk.queries.called(clock["to"]) if clock["to"] else "",
        light=clock["light"], light_said=say(LIGHTS[clock["light"]]), share=share, said=said,
        limit=limit, running=clock["ended_at"] is None,
    )


def worked(visit: Visit, minutes: int) -> str:
    """So many minutes of working time: never in days, for a day of work is no day of the clock."""
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return visit.say("%(minutes)s 分", minutes=minutes)
    return visit.say("%(hours)s 工作时 %(minutes)s 分", hours=hours, minutes=minutes)


def stops(visit: Visit, document: Mapping[str, Any]) -> list[Stop]:
    """The stages of this office's city, and where the case is."""
    stages = visit.desk.queries.stages
    stage = document["stage"]
    here = stage["position"] if stage is not None else 0
    english = visit.language == "en"
    return [
        Stop(title=one.en if english else one.zh,
             state="done" if at < here else "here" if at == here else "ahead")
        for at, one in enumerate(stages, start=1)
    ]


def moments(timeline: Mapping[str, Any]) -> list[Moment]:
    """The record, newest first."""
    return [
        Moment(
            at=_second(one["occurred_at"]), office=one["office"], who=one["who"],
            step=one["step"], words=one["words"], own=one["own"], late=one["late"],
        )
        for one in reversed(timeline["entries"])
    ]


def deliveries(visit: Visit, document: Mapping[str, Any]) -> list[Delivery]:
    """Delivery of this case's words, per neighbour."""
    found = []
    for one in document["bonds"]:
        state, said = DELIVERY.get(one["state"], ("idle", one["state"]))
        found.append(Delivery(
            who=visit.desk.queries.called(one["neighbour"]), state=state, said=visit.say(said),
            detail=one["sentence"].say(visit.language)))
    return found


def facts(visit: Visit, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was reported, as pairs; what is not known is left out."""
    given = document["facts"] or {}
    category, place = given.get("category") or {}, given.get("place") or {}
    say = visit.say
    details = given.get("source_details") or {}
    source, named = _source(visit, given.get("source", ""))
    pairs = [
        (say("问题描述"), given.get("text", "")),
        (say("分类"), f"{category.get('name') or ''}（{category.get('code', '')}）"
            f" {say(KINDS.get(category.get('kind', ''), ''))}" if category else ""),
        (say("地址"), place.get("address", "")),
        (say("区域"), f"{place.get('area', '')} {place.get('grid', '')}".strip()),
        (say("来源"), source),
        (say("部件标识码"), given.get("component", "")),
        (say("登记时间"), short(document["opened_at"])),
        (say("结案条件"), given.get("closing", "")),
        *((named.get(key, key), str(value)) for key, value in details.items()),
    ]
    return [(title, value) for title, value in pairs if value and value.strip("（） ")]


def _source(visit: Visit, code: str) -> tuple[str, dict[str, str]]:
    """What the city calls a source, and the details that it asks for."""
    english = visit.language == "en"
    for one in visit.desk.sources()["sources"]:
        if one.code == code:
            return (one.en if english else one.zh), {
                detail.key: detail.en if english else detail.zh for detail in one.details}
    return code, {}


def head(visit: Visit, document: Mapping[str, Any]) -> dict[str, Any]:
    """The head line of the page."""
    say = visit.say
    return {
        "state": say(STATUSES.get(document["status"], document["status"])),
        "light": document["light"], "light_said": say(LIGHTS[document["light"]]),
        "photos": [(one["digest"], say(PHOTOS.get(one["role"], one["role"])), one["caption"])
                   for one in document["photos"]],
    }


def _second(written: str) -> str:
    return datetime.fromisoformat(written).astimezone(BEIJING).strftime("%m-%d %H:%M:%S")
