"""Links as their pages show them: from the views of the use cases, with everything said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from node.edge.console.frame import moment
from node.edge.console.links import words
from node.edge.console.work.rows import short, spanned
from node.service.federation import OTHER, PAPERS_SOON_DAYS, SELF, FederationView, NodeView
from node.service.findings import trouble
from node.service.link_views import LinkView, ParkedItem, RoundView, WordView
from node.service.phrases import Phrase
from node.service.queries import AMBER_AFTER_S
from node.service.views import Finding, Level

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One node of the tree. ``state``: ok, warn, bad or idle; "" = nothing is known here.
    ``said`` is the sentence of why, ``remedy`` what to do about it."""

    node: str
    name: str
    depth: int
    place: str
    path: str
    state: str
    state_said: str
    said: str
    remedy: str
    oldest: str
    offset: str
    papers: str
    papers_late: bool
    proto: str
    parked: int
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One scope of the last comparison."""

    scope: str
    at: str
    state: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One parked word in a list."""

    position: str
    kind: str
    why: str
    waits: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact: a name, a value, and how it looks (a class of badges, "" = plain)."""

    name: str
    value: str
    look: str = ""


def branches(visit: Visit, view: FederationView) -> list[Branch]:
    """The tree, neighbours with their state."""
    return [_branch(visit, one, view) for one in view.nodes]


def _branch(visit: Visit, one: NodeView, view: FederationView) -> Branch:
    link, say = one.link, visit.say
    state, said = light(visit, link) if link is not None else ("", "")
    remedy = ""
    if link is not None:
        remedy = remedy_of(visit, link)
    if one.revoked_from is not None:
        state, said = "idle", say("密钥已作废")
    elif one.place == SELF:
        state, said = "ok", say("在此")
    papers, late = days_left(visit, one.papers_end)
    proto = view.proto if one.place == SELF else link.peer_proto if link is not None else 0
    return Branch(
        node=one.node, name=one.name, depth=min(one.depth, 8), place=say(words.PLACES[one.place]),
        path=f"/console/links/{link.link}" if link is not None else "",
        state=state, state_said=said,
        said=_why(visit, one), remedy=remedy,
        oldest=seconds(visit, link.oldest_undelivered_s) if link is not None else "",
        offset=offset(visit, link), papers=papers, papers_late=late,
        proto=str(proto) if proto else "",
        parked=link.parked if link is not None else 0, ended=one.revoked_from is not None,
    )


def _why(visit: Visit, one: NodeView) -> str:
    say = visit.say
    if one.revoked_from is not None:
        return say("自 %(at)s 起不再是成员", at=moment(one.revoked_from))
    if one.link is not None:
        unlisted = "" if one.listed else " " + say("（名册尚未列入）")
        return one.link.sentence.say(visit.language) + unlisted
    if one.place == OTHER:
        return say("不与本节点相连，状态由其上级掌握")
    return ""


def light(visit: Visit, link: LinkView) -> tuple[str, str]:
    """How a link looks, and its state in a word."""
    say = visit.say
    level, _ = trouble(link)
    if link.paused:
        return "warn", say("已暂停")
    if link.state not in ("UP", "DOWN"):
        return ("idle" if link.state == "RETIRED" else "bad"), say(words.STATES[link.state])
    if not link.connected:
        return ("idle", say("尚未连接")) if link.last_contact is None else ("bad", say("中断"))
    if level is Level.OK:
        return "ok", say("连接正常")
    return ("bad" if level is Level.ALARM else "warn"), say("有积压") if (
        not link.parked and not link.reached and not link.quarantined) else say("有待处理")


def remedy_of(visit: Visit, link: LinkView) -> str:
    """What to do about it: where a button of the page does, that is said."""
    return _here(visit, trouble(link)[1])


def _here(visit: Visit, remedy: Phrase) -> str:
    here = words.REMEDIES.get(remedy.key)
    return visit.say(here) if here is not None else remedy.say(visit.language)


def days_left(visit: Visit, ends: datetime | None) -> tuple[str, bool]:
    """Days until a certificate ends, and whether somebody should look."""
    if ends is None:
        return "", False
    days = (ends - datetime.now(UTC)).days
    if days < 0:
        return visit.say("已过期"), True
    return visit.say("%(days)s 天", days=days), days <= PAPERS_SOON_DAYS


def seconds(visit: Visit, lasted: float | None) -> str:
    """A span of seconds in words; "" = there is none."""
    if lasted is None:
        return ""
    if lasted < 60:
        return visit.say("%(n)s 秒", n=int(lasted))
    return spanned(visit, int(lasted // 60))


def offset(visit: Visit, link: LinkView | None) -> str:
    """How far the neighbour's clock is ahead of ours."""
    if link is None or link.clock_offset_s is None:
        return ""
    ahead = round(link.clock_offset_s, 1) or 0.0  # never -0.0
    return visit.say("%(n)s 秒", n=f"{ahead:+.1f}" if ahead else "0.0")


def facts(visit: Visit, link: LinkView, node: NodeView | None) -> list[Line]:
    """What there is to know of a link, in numbers."""
    say = visit.say
    papers, late = days_left(visit, node.papers_end if node is not None else None)
    found = [
        Line(name=say("通道"), value=link.carrier or "—"),
        Line(name=say("最近联系"),
             value=moment(link.last_contact) if link.last_contact is not None else say("从未")),
        Line(name=say("待发"), value=str(link.drafts)),
        Line(name=say("已发未确认"), value=str(link.unacked)),
        Line(name=say("最早一条已等"), value=seconds(visit, link.oldest_undelivered_s) or "—",
             look="warn" if (link.oldest_undelivered_s or 0) > AMBER_AFTER_S else ""),
        Line(name=say("对方待发"), value=str(link.peer_backlog)),
        Line(name=say("对方还可接收"), value=say("%(n)s 条", n=link.credit)),
        Line(name=say("时钟偏差"), value=offset(visit, link) or "—"),
        Line(name=say("证书剩余"), value=papers or "—", look="bad" if late else ""),
        Line(name=say("协议版本"), value=str(link.peer_proto) if link.peer_proto else "—"),
        Line(name=say("对方名册"),
             value=say("第 %(n)s 号", n=link.peer_roster) if link.peer_roster else "—"),
        Line(name=say("今日收报文"), value=size(link.words_today_bytes)),
        Line(name=say("今日收照片"), value=size(link.photos_today_bytes)),
        Line(name=say("挂起占用"), value=size(link.parked_bytes)),
    ]
    if link.reached:
        reached = say("、").join(say(words.BOUNDS[one]) for one in link.reached)
        found.append(Line(name=say("已达配额"), value=reached, look="bad"))
    return found


def size(count: int) -> str:
    """Bytes as a person reads them."""
    if count >= MIB:
        return f"{count / MIB:.1f} MiB"
    return f"{count / 1024:.0f} KiB" if count >= 1024 else f"{count} B"


def compared(visit: Visit, rounds: Sequence[RoundView]) -> list[Compared]:
    """How the last comparisons went."""
    return [_compared(visit, one) for one in rounds]


def _compared(visit: Visit, one: RoundView) -> Compared:
    say = visit.say
    scope = say(words.SCOPES.get(one.scope, one.scope))
    if one.error:
        return Compared(scope=scope, at=moment(one.at), state="warn",
                        said=say("没有完成（%(why)s）", why=one.error))
    return Compared(
        scope=scope, at=moment(one.at),
        state="ok" if not one.missing and not one.surplus and not one.differ else "warn",
        said=counted(visit, one))


def counted(visit: Visit, one: Any) -> str:
    """What one comparison found, in one sentence."""
    say = visit.say
    if not one.missing and not one.surplus and not one.differ:
        return say("两端一致") if not one.pending else say("两端一致，%(n)s 条在途", n=one.pending)
    return say("补发 %(missing)s 条，多出 %(surplus)s 条，不同 %(differ)s 条",
               missing=one.missing, surplus=one.surplus, differ=one.differ)


def waiting(visit: Visit, items: Sequence[ParkedItem]) -> list[Waiting]:
    """Parked words as a list shows them."""
    return [
        Waiting(
            position=one.position, kind=kind_of(visit, one.type),
            why=one.sentence.say(visit.language),
            waits=visit.say(words.WAITS[one.waits_for]), since=short(one.received_at.isoformat()))
        for one in items
    ]


def kind_of(visit: Visit, type_: str) -> str:
    """The type of a word in a word."""
    return visit.say(words.TYPES.get(type_, type_))


def header(visit: Visit, word: WordView, names: Mapping[str, str]) -> list[Line]:
    """Who said a parked word, when, and how it came. ``names`` of nodes, by their ids."""
    say = visit.say
    item = word.item
    kind = str(word.said.get("kind", ""))
    what = say(words.WORDS[kind]) if kind in words.WORDS else kind_of(visit, item.type)
    found = [
        Line(name=say("报文"), value=what),
        Line(name=say("发自"), value=_named(word.origin, names)),
        Line(name=say("发往"), value=_named(word.dest, names)),
        Line(name=say("发生时间"), value=short(word.occurred_at.isoformat())),
        Line(name=say("收到时间"), value=short(item.received_at.isoformat())),
        Line(name=say("位置"), value=item.position),
        Line(name=say("原因代码"), value=item.code),
        Line(name=say("类型"), value=f"{item.type} r{word.schema_rev}"),
        Line(name=say("大小"), value=size(word.size)),
        Line(name=say("签名密钥"), value=say("、").join(word.sealed_by)),
    ]
    if word.attachments:
        found.append(Line(name=say("附件"), value=say("%(n)s 个", n=word.attachments)))
    if word.relayed:
        found.append(Line(name=say("转发"), value=say("由对方转来，原件出自发送节点")))
    return found


def _named(node: str, names: Mapping[str, str]) -> str:
    name = names.get(node, "")
    return f"{name} {node}".strip() if name != node else node


def contents(visit: Visit, said: Mapping[str, Any], before: str = "") -> Iterator[Line]:
    """What a word says, one line for each value."""
    say = visit.say
    for name, value in said.items():
        if name == "kind" and not before:
            continue
        title = say(words.FIELDS.get(name, name))
        title = f"{before} · {title}" if before else title
        if isinstance(value, Mapping):
            yield from contents(visit, value, title)
        elif isinstance(value, list):
            if any(isinstance(one, Mapping) for one in value):
                for at, one in enumerate(value, 1):
                    yield from contents(visit, one, f"{title} {at}")
            else:
                yield Line(name=title, value=say("、").join(str(one) for one in value))
        elif isinstance(value, bool):
            yield Line(name=title, value=say("是") if value else say("否"))
        else:
            yield Line(name=title, value=str(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One finding of the doctor."""

    state: str
    level: str
    subject: str
    about: str
    path: str
    sentence: str
    remedy: str


def findings(
    visit: Visit, found: Sequence[Finding], names: Mapping[str, str] = MappingProxyType({}),
) -> list[Said]:
    """What the doctor says, worst first. ``names`` of neighbours by their link, of adapters by
    their id."""
    return [
        Said(state=words.LEVELS[one.level][0], level=visit.say(words.LEVELS[one.level][1]),
             subject=one.subject, about=_about(visit, one.subject, names),
             path=_leads(one.subject), sentence=one.sentence.say(visit.language),
             remedy=_here(visit, one.remedy))
        for one in found
    ]


def _about(visit: Visit, subject: str, names: Mapping[str, str]) -> str:
    """A neighbour or an adapter by its name; "" = the sentence says itself what it is about."""
    kind, _, which = subject.partition(" ")
    if not which:
        return ""
    if kind in words.LEADS and which in names:
        return names[which]
    return f"{visit.say(words.SUBJECTS.get(kind, kind))} {names.get(which, which)}"


def _leads(subject: str) -> str:
    """The page where more is said of it; "" = none."""
    kind, _, which = subject.partition(" ")
    return f"{words.LEADS[kind]}/{which}" if which and kind in words.LEADS else ""
