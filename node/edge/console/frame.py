"""The frame around every page: which office, who, which rooms, how the links are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from node.core.alarms import AlarmState
from node.core.calendar import BEIJING
from node.edge.console.rooms import ROOMS, Room
from node.service.instants import to_time, to_us
from node.service.link_views import LinkView
from node.service.queries import COUNT_MAX

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

PARENT: Final = "PARENT"
ALARMS: Final = "/console/alarms"
CALLS_MAX: Final = 50
"""Open calls for help that are counted: one is too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """How a link is, or all links of a kind, or that somebody calls for help: ``state`` is ok,
    warn, bad or idle; ``path``: where one looks after it."""

    state: str
    text: str
    detail: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the side. ``count`` None = nothing is counted there."""

    path: str
    title: str
    key: str
    here: bool
    count: int | None = None
    shown: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything around a page. ``person``: the login. ``now`` is Beijing time, ``clock`` the same
    as an instant; ``searches``: whether there is a list of cases to search in."""

    office: str
    node: str
    person: str
    name: str
    roles: str
    rooms: tuple[Entry, ...]
    queues: tuple[Entry, ...]
    lights: tuple[Light, ...]
    now: str
    clock: str
    searches: bool


def rooms_of(visit: Visit) -> list[Room]:
    """The rooms of this person at this office."""
    held = visit.desk.queries.capabilities
    return [
        room for room in ROOMS
        if visit.may(room.operation) and (room.capability is None or room.capability in held)
    ]


def tabs(visit: Visit, pages: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """Pages of a room that are this person's: address, title, whether it is this one. ``pages``:
    title and operation by address."""
    return [
        (path, visit.say(title), path == visit.request.url.path)
        for path, (title, operation) in pages.items() if visit.may(operation)
    ]


async def frame_of(visit: Visit) -> Frame:
    """The frame of this call."""
    from node.edge.console.work.queues import counted, queues_of

    desk, say = visit.desk, visit.say
    path = visit.seen.path
    rooms = rooms_of(visit)
    queues: tuple[Entry, ...] = ()
    if any(room.counted for room in rooms):
        queues = await counted(visit, queues_of(visit))
    book, english = desk.access.book, visit.language == "en"
    held = [book.roles[one] for one in sorted(visit.caller.roles) if one in book.roles]
    now = to_time(to_us(datetime.now(BEIJING)))
    session = visit.caller.session
    return Frame(
        office=desk.name, node=desk.node, person=visit.caller.name,
        name=session.name if session is not None else visit.caller.name,
        roles=say("、").join(one.title_en if english else one.title for one in held),
        rooms=tuple(
            Entry(path=room.path, title=say(room.title), key=room.key,
                  here=path == room.path or path.startswith(room.path + "/"))
            for room in rooms
        ),
        queues=queues,
        lights=(
            *await _calls(visit),
            *(lights(visit, await desk.links()) if visit.knows_links else (
                Light(state="idle", text=say("连接状态由主进程掌握")),)),
        ),
        now=now.astimezone(BEIJING).strftime("%H:%M"),
        clock=now.isoformat(),
        searches=visit.may("listCases"),
    )


async def _calls(visit: Visit) -> tuple[Light, ...]:
    """That somebody calls for help, for those who look after it."""
    if not visit.may("takeAlarm"):
        return ()
    states = [one["state"] for one in (await visit.desk.alarms.list(limit=CALLS_MAX)).items]
    waiting = states.count(AlarmState.RAISED)
    if waiting:
        text = visit.say("%(n)s 件采集员报警无人接警", n=waiting)
        return (Light(state="bad", text=text, path=ALARMS),)
    if states:
        text = visit.say("%(n)s 件采集员报警未办结", n=len(states))
        return (Light(state="warn", text=text, path=ALARMS),)
    return ()


def lights(visit: Visit, links: Sequence[LinkView]) -> tuple[Light, ...]:
    """One light for the office above, one for all below; none where there is nobody."""
    above = [one for one in links if one.peer_is == PARENT]
    below = [one for one in links if one.peer_is != PARENT and not one.retired]
    found = [_above(visit, one) for one in above]
    if below:
        found.append(_below(visit, below))
    return tuple(found)


def _above(visit: Visit, link: LinkView) -> Light:
    say, said = visit.say, link.sentence.say(visit.language)
    if link.paused:
        return Light(state="warn", text=say("上级连接已暂停"), detail=said)
    if link.connected:
        return Light(state="ok", text=say("上级连接正常"), detail=said)
    if link.last_contact is None:
        return Light(state="idle", text=say("上级尚未连接"), detail=said)
    text, waits = say("上级自 %(since)s 中断", since=moment(link.last_contact)), _waits(link)
    return Light(
        state="bad", text=text + (say("，待送 %(n)s 条", n=waits) if waits else ""),
        detail=said + "\n" + say("照常办理即可：已办的都存在本单位，恢复后自动送上"))


def _waits(link: LinkView) -> int:
    """Words of ours that have not arrived there."""
    return link.drafts + link.unacked


def _below(visit: Visit, links: Sequence[LinkView]) -> Light:
    up = sum(one.connected for one in links)
    text = visit.say("下级连接 %(up)s/%(all)s", up=up, all=len(links))
    lost = [one.sentence.say(visit.language) for one in links if not one.connected]
    never = all(one.last_contact is None for one in links)
    state = "ok" if up == len(links) else "idle" if never else "bad" if not up else "warn"
    return Light(state=state, text=text, detail="\n".join(lost))


def moment(instant: datetime) -> str:
    """The time of day, with the day where it is not today; Beijing time."""
    local, today = instant.astimezone(BEIJING), datetime.now(BEIJING).date()
    return local.strftime("%H:%M" if local.date() == today else "%m-%d %H:%M")


def shown(count: int) -> str:
    """A count as the side writes it."""
    return f"{count - 1}+" if count >= COUNT_MAX else str(count)
