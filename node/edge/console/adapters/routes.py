"""Adapters: how each stands, trying one, its jobs, and what nobody could read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from node.core.masks import masked_numbers
from node.edge.console.adapters import words
from node.edge.console.after import Said, What, done, notice
from node.edge.console.asked import given
from node.edge.console.frame import moment
from node.edge.console.links.view import seconds, size
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.desk import AdapterPath, ItemPath
from node.edge.http.problems import BadCall
from node.edge.http.status import CODES
from node.service.adapter_sentences import said
from node.service.adapter_views import AdapterQuarantined, AdapterView, OpenJob

if TYPE_CHECKING:
    from node.edge.adapter_host import AdapterHost
    from node.edge.adapter_runner import Standing

router = APIRouter(prefix="/console/adapters", include_in_schema=False, route_class=PageRoute)
FORMS = "human"
"""The kind that has no mapping."""
SHOWN_CHARS = 4_000
"""Of something unreadable; the whole of it is in the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One adapter. ``state``: ok, warn, bad or idle."""

    adapter: str
    name: str
    kind: str
    mapped: bool
    state: str
    state_said: str
    detail: str
    since: str
    heard: str
    can: str
    sentence: str
    waiting: int
    oldest: str
    unknown: int
    parked: int
    rejected: int
    quarantined: int


def _host(visit: Visit) -> AdapterHost | None:
    host: AdapterHost | None = visit.request.app.state.adapters
    return host


def _shown(visit: Visit, one: AdapterView, standing: Standing | None) -> Shown:
    say = visit.say
    if standing is None:
        state, word = "idle", say("未运行")
    elif not standing.up:
        state, word = "bad", say("不通")
    elif one.parked or one.unknown or one.quarantined:
        state, word = "warn", say("有待处理")
    else:
        state, word = "ok", say("运行正常")
    return Shown(
        adapter=one.adapter, name=standing.name if standing is not None else one.adapter,
        kind=say(words.TYPES.get(standing.kind, standing.kind)) if standing is not None else "",
        mapped=standing is not None and standing.kind != FORMS, state=state, state_said=word,
        detail=said(standing.detail, visit.language)
        if standing is not None and not standing.up else "",
        since=_time(standing.since if standing is not None else None),
        heard=_time(standing.heard_at if standing is not None else None),
        can=say("、").join(say(words.CAN.get(word, word)) for word in standing.can)
        if standing is not None else "",
        sentence=one.sentence.say(visit.language), waiting=one.waiting,
        oldest=seconds(visit, one.oldest_waiting_s), unknown=one.unknown, parked=one.parked,
        rejected=one.rejected, quarantined=one.quarantined,
    )


def _time(at: datetime | None) -> str:
    return moment(at) if at is not None else ""


async def _all(visit: Visit) -> list[Shown]:
    host = _host(visit)
    standings = {one.id: one for one in host.standings()} if host is not None else {}
    views = {one.adapter: one for one in await visit.desk.adapters()}
    return [_shown(visit, one, standings.get(name)) for name, one in sorted(views.items())]


async def _one(visit: Visit, adapter: str) -> Shown:
    for one in await _all(visit):
        if one.adapter == adapter:
            return one
    raise BadCall("http.not_found", f"there is no adapter {adapter} at this node")


@router.get("", operation_id="listAdapters")
async def every(visit: Here) -> Response:
    """How each stands; to a script, the part that moves."""
    shown: dict[str, Any] = {"adapters": await _all(visit), "tries": visit.may("probeAdapter")}
    if visit.is_fragment:
        return visit.part("adapters/rows.html", **shown)
    return await visit.page("adapters/list.html", **shown)


@router.post("/{adapter}/probe", operation_id="probeAdapter")
async def probe(adapter: AdapterPath, visit: Here) -> Response:
    """Reach the unit's system, change nothing."""
    host = _host(visit)
    health = await host.probe(adapter) if host is not None else None
    if health is None:
        raise BadCall("http.not_found", f"there is no adapter {adapter} at this node")
    shown: dict[str, Any] = {
        "adapter": adapter, "ok": health.ok, "detail": said(health.detail, visit.language)}
    if visit.is_fragment:
        return visit.part("adapters/probed.html", **shown)
    return await visit.page("adapters/probed_page.html", **shown)


# --- one of them ----------------------------------------------------------------------------------


def _job(visit: Visit, one: OpenJob) -> dict[str, Any]:
    say = visit.say
    return {
        "key": one.key, "case_id": one.case_id,
        "wish": say(words.WISHES.get(one.wish, one.wish)), "parked": one.state == "parked",
        "outcome": say(words.OUTCOMES.get(one.outcome, one.outcome)), "tries": one.tries,
        "made": moment(one.created_at), "next": _time(one.next_try_at),
    }


def _titled(visit: Visit, code: str) -> str:
    """Why something was not taken: the title of a refusal, or our word for it."""
    if code in words.CODES:
        return visit.say(words.CODES[code])
    row = CODES.get(code)
    return code if row is None else row.en if visit.language == "en" else row.zh


def _kept(visit: Visit, one: AdapterQuarantined) -> dict[str, Any]:
    text = one.evidence.decode("utf-8", errors="replace")
    return {
        "id": one.id, "source": visit.say(words.SOURCES.get(one.source, one.source)),
        "code": _titled(visit, one.code), "detail": said(one.detail, visit.language),
        "at": moment(one.at), "size": size(len(one.evidence)),
        "text": masked_numbers(text[:SHOWN_CHARS]), "cut": len(text) > SHOWN_CHARS,
    }


@router.get("/{adapter}", operation_id="listAdapters")
async def one(
    adapter: AdapterPath, visit: Here, told: Said = "", what: What = "",
) -> Response:
    """One adapter with its jobs and what nobody could read."""
    desk, found = visit.desk, await _one(visit, adapter)
    jobs = await desk.adapter_jobs(adapter) if visit.may("listAdapterJobs") else None
    kept = await desk.adapter_quarantined(adapter) if visit.may("listAdapterQuarantine") else None
    return await visit.page(
        "adapters/adapter.html", one=found,
        jobs=None if jobs is None else [_job(visit, job) for job in jobs],
        kept=None if kept is None else [_kept(visit, item) for item in kept],
        maps=visit.may("getAdapterMapping") and found.mapped,
        tries=visit.may("probeAdapter"), resumes=visit.may("resumeAdapterJob"),
        settles=visit.may("settleAdapterQuarantine"), replays=visit.may("replayAdapterQuarantine"),
        notice=notice(visit, words.SAID, told, what))


@router.post("/{adapter}/jobs/resume", operation_id="resumeAdapterJob")
async def resume(adapter: AdapterPath, visit: Here) -> Response:
    """Try a parked job again now."""
    key = given(await form_of(visit.request), "key")
    if not await visit.desk.resume_job(adapter, key, actor=visit.caller.name):
        raise BadCall("http.not_found", f"{adapter} has no parked job {key}")
    return done(visit, f"/console/adapters/{adapter}", "resumed", key)


@router.post("/{adapter}/quarantine/{item}/settle", operation_id="settleAdapterQuarantine")
async def settle(adapter: AdapterPath, item: ItemPath, visit: Here) -> Response:
    """Tick it off."""
    if not any(one.id == item for one in await visit.desk.adapter_quarantined(adapter)):
        raise BadCall("http.not_found", f"{adapter} has no unsettled item {item}")
    await visit.desk.settle_quarantined(item, actor=visit.caller.name)
    return done(visit, f"/console/adapters/{adapter}", "settled", str(item))


@router.post("/{adapter}/quarantine/{item}/replay", operation_id="replayAdapterQuarantine")
async def replay(adapter: AdapterPath, item: ItemPath, visit: Here) -> Response:
    """Read it again, after a mapping was mended."""
    host = _host(visit)
    became = await host.replay(adapter, item, actor=visit.caller.name) if host else None
    if became is None:
        raise BadCall("http.not_found", f"{adapter} has no unsettled item {item}")
    say, heard = visit.say, became.heard
    what = say("重读 %(item)s：生效 %(applied)s 条，迟到 %(late)s 条，已有 %(repeated)s 条",
               item=item, applied=heard.applied, late=heard.late, repeated=heard.repeated)
    if not became.settled:
        what = say("重读 %(item)s：仍然读不出（%(why)s）", item=item,
                   why=said(became.detail, visit.language))
    return done(visit, f"/console/adapters/{adapter}", "reheard", what)
