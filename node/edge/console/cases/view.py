"""A case as its page shows it: from the document and the timeline of the use cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from node.core.approvals import role_for
from node.core.calendar import BEIJING
from node.core.facts import PhotoRole
from node.edge.console.frame import moment
from node.edge.console.work.rows import LIGHTS, short, source_called, spanned
from node.service.case_words import KINDS, PHOTOS, POSITIONS, PUBLIC, REQUESTS, STATUSES, UNITS
from node.service.instants import minute_in
from node.service.link_views import LinkView
from node.service.paper_words import said, step

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
WAITING: Final = {
    "queued": "自 %(since)s 起排队等待发往%(who)s",
    "sent": "自 %(since)s 起已发往%(who)s，对方尚未确认",
}
"""How far a word to another office has come."""
EFFECTS: Final = {
    "return": ("该承办单位的时限到此为止，改派后重新起算", "照常计时"),
    "extension": ("自原期限起顺延一个原时限", "照常计时"),
    "suspension": ("自提出时起停表，到期自动恢复", "照常计时"),
    "void": ("终止", "终止"),
    "appeal": ("不变，认定成立后该次超期免责", "不变"),
    "dispute": ("照常计时，争议用时单列", "照常计时"),
    "coordination": ("照常计时", "照常计时"),
}
"""What a grant does to the handling clock and to the overall one (docs/requests.md, docs/clocks.md;
``node.core.stopwatch`` counts it)."""
LEFT: Final = frozenset({"voided", "not_accepted", "not_filed"})
"""Ends before the last stage."""
_WORKING: Final = frozenset({"work_hour", "work_day"})
AFTERWARDS: Final = frozenset({PhotoRole.AFTER, PhotoRole.PUBLIC})
"""Photos that show the result."""
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
    """One entry of the record. ``worked``: working time since the entry before, "" = none;
    ``sealed``: it came from below, and its maker's signature held."""

    at: str
    whole: str
    office: str
    who: str
    step: str
    words: str
    worked: str
    own: bool
    sealed: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One open request. ``step``, ``overall``: what a grant does to the two clocks; ``ends``: the
    deadline then, "" = it moves none; ``agreed``: who took the steps before; ``ours``: it waits
    for this office, else for the one above."""

    request_id: str
    kind: str
    who: str
    reason: str
    text: str
    at: str
    until: str
    nth: int
    ours: bool
    step: str
    overall: str
    ends: str
    agreed: str
    turn: str
    decides: bool
    passes: bool
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One photo. ``here``: its bytes have come; they follow the word that names it."""

    digest: str
    title: str
    caption: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How far our words to one neighbour have come."""

    who: str
    state: str
    said: str
    detail: str
    moves: bool
    """Whether it is on its way, so that the page asks again."""


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
    if not minutes:
        return visit.say("%(hours)s 工作时", hours=hours)
    return visit.say("%(hours)s 工作时 %(minutes)s 分", hours=hours, minutes=minutes)


def stops(visit: Visit, document: Mapping[str, Any]) -> list[Stop]:
    """The stages of this office's city, and where the case is; none for what left the way: it did
    not come through those before its end."""
    if document["status"] in LEFT:
        return []
    stages = visit.desk.queries.stages
    stage = document["stage"]
    here = stage["position"] if stage is not None else 0
    english = visit.language == "en"
    return [
        Stop(title=one.en if english else one.zh,
             state="done" if at < here else "here" if at == here else "ahead")
        for at, one in enumerate(stages, start=1)
    ]


async def moments(visit: Visit, timeline: Mapping[str, Any]) -> list[Moment]:
    """The record of all tiers, newest first; people of this office by their names."""
    entries = timeline["entries"]
    names = await visit.desk.people.accounts.named(
        {one["actor"] for one in entries if one["own"]})
    return [_moment(visit, one, names) for one in reversed(entries)]


def _moment(visit: Visit, entry: Mapping[str, Any], names: Mapping[str, str]) -> Moment:
    say, minutes = visit.say, entry["worked_minutes"]
    who = names.get(entry["actor"], entry["who"]) if entry["own"] else entry["who"]
    who = say(PUBLIC[who]) if who in PUBLIC else who
    return Moment(
        at=_second(entry["occurred_at"]), whole=entry["occurred_at"], office=entry["office"],
        who=who if who != entry["office"] else "", step=step(entry, say),
        words=said(entry, visit.desk.queries.called, minute_in, say),
        worked=worked(visit, minutes) if minutes else "",
        own=entry["own"], sealed=entry["verified"] and not entry["own"], late=entry["late"],
    )


def deliveries(
    visit: Visit, document: Mapping[str, Any], links: Sequence[LinkView]
) -> list[Delivery]:
    """Delivery of this case's words, per neighbour, with what stands in the way: a link that is
    down. ``links`` () = this process does not hold them."""
    by_peer = {f"node:{one.peer}": one for one in links}
    found = []
    for one in document["bonds"]:
        state, words = DELIVERY.get(one["state"], ("idle", one["state"]))
        who = visit.desk.queries.called(one["neighbour"])
        found.append(Delivery(
            who=who, state=state, said=visit.say(words), moves=one["state"] in WAITING,
            detail=_waits(visit, one, who, by_peer.get(one["neighbour"]))))
    return found


def kept_here(
    visit: Visit, document: Mapping[str, Any], links: Sequence[LinkView]
) -> str:
    """Said with what was just done: words of this case that a link which is down keeps here; "" =
    none are."""
    down = {f"node:{one.peer}" for one in links if not one.connected and not one.retired}
    kept = [visit.desk.queries.called(one["neighbour"]) for one in document["bonds"]
            if one["neighbour"] in down and one["state"] in WAITING]
    if not kept:
        return ""
    return visit.say("已存本单位，链路恢复后自动送往%(who)s", who=visit.say("、").join(kept))


def _waits(
    visit: Visit, bond: Mapping[str, Any], who: str, link: LinkView | None
) -> str:
    say = visit.say
    pattern = WAITING.get(bond["state"], "") if bond["neighbour"].startswith("node:") else ""
    if not pattern or bond["since"] is None:
        return "" if bond["state"] == "delivered" else str(bond["sentence"].say(visit.language))
    told = say(pattern, who=who, since=moment(datetime.fromisoformat(bond["since"])))
    if link is None or link.connected:
        return told
    if link.retired:
        return told + say("，对方已停用，不会再收到")
    if link.paused:
        return told + say("，链路已由人暂停")
    if link.last_contact is None:
        return told + say("，链路尚未接通")
    return told + say("，链路 %(since)s 起中断", since=moment(link.last_contact))


async def asked(
    visit: Visit, document: Mapping[str, Any], offered: Sequence[str]
) -> list[Asking]:
    """Open requests, those that wait for us first; people of this office by their names."""
    names = await visit.desk.people.accounts.named({
        who for one in document["requests"] for who in (
            *(each["reviewer"] for each in one["reviews"]),
            *([one["asker"]] if one["direction"] == "out" else []))})
    found = [_asking(visit, one, offered, names) for one in document["requests"]]
    return sorted(found, key=lambda one: not one.ours)


def _asking(
    visit: Visit, one: Mapping[str, Any], offered: Sequence[str], names: Mapping[str, str]
) -> Asking:
    say, english = visit.say, visit.language == "en"
    turn = one["turn"]
    ours = one["direction"] == "in"
    effects = EFFECTS.get(one["kind"])
    return Asking(
        request_id=one["request_id"], kind=say(REQUESTS.get(one["kind"], one["kind"])),
        who=visit.desk.queries.called(one["neighbour"]) if ours
        else names.get(one["asker"], one["asker"]),
        reason=one["reason_en" if english else "reason_zh"] or one["reason_code"],
        text=one["text"], at=short(one["asked_at"]), until=short(one["wanted_until"]),
        nth=one["ordinal"], ours=ours,
        step=say(effects[0]) if effects else "", overall=say(effects[1]) if effects else "",
        ends=_ends(visit, one),
        agreed=say("、").join(_agreed(visit, each, names) for each in one["reviews"]),
        turn=say("第 %(step)s 步（共 %(of)s 步），由%(roles)s审批",
                 step=turn["step"], of=turn["of"],
                 roles=say("或").join(say(POSITIONS.get(role, role)) for role in turn["roles"]))
        if turn else "",
        decides=ours and "request-decision" in offered and (turn is None or _theirs(visit, turn)),
        passes=ours and "pass-up" in offered,
        photos=tuple(photo["digest"] for photo in one["photos"]),
    )


def _agreed(visit: Visit, one: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return visit.say(
        "%(role)s %(who)s 已同意（%(at)s）", at=short(one["at"]),
        who=names.get(one["reviewer"], one["reviewer"]),
        role=visit.say(POSITIONS.get(one["role"], one["role"])))


def _theirs(visit: Visit, turn: Mapping[str, Any]) -> bool:
    """Is it this person who takes the step that comes next?"""
    return visit.caller.name not in turn["but"] and bool(
        role_for(visit.caller.roles, tuple(turn["roles"])))


def _ends(visit: Visit, one: Mapping[str, Any]) -> str:
    if not one["would_end"]:
        return ""
    then, now = short(one["would_end"]), short(one["deadline"])
    return visit.say("%(then)s（原为 %(now)s）", then=then, now=now) if now else then


async def sides(
    visit: Visit, document: Mapping[str, Any]
) -> list[tuple[str, list[Picture]]]:
    """Photos before and after, for two columns."""
    before: list[Picture] = []
    after: list[Picture] = []
    here = await visit.desk.album.here(one["digest"] for one in document["photos"])
    for one in document["photos"]:
        side = after if one["role"] in AFTERWARDS else before
        side.append(Picture(
            digest=one["digest"], title=visit.say(PHOTOS.get(one["role"], one["role"])),
            caption=one["caption"], here=one["digest"] in here))
    if not before and not after:
        return []
    return [(visit.say("处置前"), before), (visit.say("处置后"), after)]


def kin(visit: Visit, document: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Cases that belong to this one, by what they are to it."""
    say = visit.say
    found = (
        (say("重复于"), [document.get("goes_on_as") or document.get("duplicate_of")]),
        (say("并入本案的重复上报"), document.get("duplicates") or ()),
        (say("主办案卷"), [document.get("lead")]), (say("协办案卷"), document.get("parts") or ()),
        (say("原案（重办）"), [document.get("reopens")]),
        (say("重办为"), [document.get("reopened_as")]),
    )
    return [(title, kept) for title, cases in found if (kept := [
        {**one, "state": say(STATUSES.get(one["status"], one["status"]))} for one in cases if one])]


def facts(
    visit: Visit, document: Mapping[str, Any], where: str = ""
) -> list[tuple[str, str]]:
    """What was reported, as pairs; what is not known is left out. ``where``: what the division is
    called, where it is known."""
    given = document["facts"] or {}
    category, place = given.get("category") or {}, given.get("place") or {}
    say = visit.say
    details = given.get("source_details") or {}
    source, named = _source(visit, given.get("source", ""))
    pairs = [
        (say("问题描述"), given.get("text", "")),
        (say("分类"), say("%(name)s（%(id)s）", name=category.get("name") or "",
                        id=category.get("code", ""))
            + f" {say(KINDS.get(category.get('kind', ''), ''))}" if category else ""),
        (say("地址"), place.get("address", "")),
        (say("区域"), where or place.get("area", "")),
        (say("单元网格"), place.get("grid", "")),
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
    source, _ = visit.desk.queries.asks(code, None)
    return source_called(visit, code), {
        one.key: one.en if english else one.zh for one in (source.details if source else ())}


def head(visit: Visit, document: Mapping[str, Any]) -> dict[str, Any]:
    """The head line of the page."""
    say = visit.say
    return {
        "state": say(STATUSES.get(document["status"], document["status"])),
        "light": document["light"], "light_said": say(LIGHTS[document["light"]]),
        # An office that handed it on counts a rework on either side.
        "reworks": (document["duty"] or document)["rework_count"],
    }


def told(visit: Visit, document: Mapping[str, Any]) -> tuple[str, str] | None:
    """What the office above wrote with what is to be done here, under its title; None = nothing,
    or it is done."""
    duty = document["duty"]
    if duty is None or document["status"] != "held" or not duty["text"]:
        return None
    say = visit.say
    return say("返工要求") if duty["rework_count"] else say("交办说明"), duty["text"]


def _second(written: str) -> str:
    return datetime.fromisoformat(written).astimezone(BEIJING).strftime("%m-%d %H:%M:%S")
