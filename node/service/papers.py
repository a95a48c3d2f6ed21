"""Papers of a case for people who work with paper: the work slip (工作任务单) that goes from
supervision to command, and the whole case (案卷) on one sheet for the file.

Each is a document of plain texts, in Chinese as the forms of the trade are; a page is drawn from
it at the edge. Nothing of the reporter is in them: they are read from the case and its journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from node.service.case_words import (
    ENDS,
    KINDS,
    PHOTOS,
    PUBLIC,
    RANKS,
    REQUESTS,
    STATUSES,
    UNITS,
)
from node.service.dossiers import Dossiers
from node.service.handlers import Handlers
from node.service.instants import minute_in, to_minute, to_time
from node.service.paper_words import said, step
from node.service.queries import Queries
from node.service.surroundings import Surroundings

PHOTO_BYTES_MAX: Final = 1 << 20
"""A photo up to this size is laid into the paper; of a larger one the address stands there."""
PHOTOS_BYTES_MAX: Final = 12 << 20
"""Bytes of all photos of one paper: what a browser prints and a mail still carries."""
PHOTOS_MAX: Final = 60
"""Photos of one paper."""

WHO: Final = ("by", "decider", "reviewer", "approver", "asker")
"""Fields of an event that name a person."""

Entry = Mapping[str, Any]

_SECTIONS: Final[Mapping[str, str]] = {
    "CaseOpened": "上报", "OrderTaken": "上报", "VerifyDone": "核实", "AssigneeDone": "处置",
    "DutyDone": "处置", "CaseSelfHandled": "处置", "LateResultAdopted": "处置",
    "ReportLate": "迟到反馈", "AssigneeAsked": "申请", "RequestRaised": "申请",
    "CheckPassed": "核查", "CheckFailed": "核查", "ProxyRepairRecorded": "代整治",
}
"""Which step a photo belongs to, by the entry that brought it."""


class PhotoFinder(Protocol):
    """Where the bytes of a photo lie and of what type they are; None = not here."""

    def __call__(self, digest: str, /) -> Awaitable[tuple[Path, str] | None]: ...


class Names(Protocol):
    """Names of people of this office by their logins; whoever has no account is not among them."""

    def __call__(self, logins: Collection[str], /) -> Awaitable[Mapping[str, str]]: ...


class AreaNames(Protocol):
    """Names of the divisions of a code, from the largest to the smallest."""

    def __call__(self, code: str, /) -> Awaitable[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo of a paper. ``data`` b"" = it is too large, or its bytes are not here: ``why``."""

    section: str
    label: str
    caption: str
    digest: str
    media_type: str = ""
    data: bytes = b""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper: plain texts under the names that its page asks for."""

    name: str
    case_no: str
    texts: Mapping[str, Any]
    pictures: tuple[Picture, ...] = ()


class Papers:
    """Papers of cases."""

    def __init__(
        self, *, queries: Queries, dossiers: Dossiers, around: Surroundings, photo: PhotoFinder,
        area_names: AreaNames, handlers: Handlers, names: Names, now_us: Callable[[], int],
    ) -> None:
        self._queries, self._dossiers, self._around = queries, dossiers, around
        self._photo, self._area_names = photo, area_names
        self._handlers, self._names = handlers, names
        self._now_us = now_us

    async def slip(self, case_id: str) -> Paper:
        """The work slip: what has to be dispatched, where, under which condition and limit.
        ``UnknownCase``."""
        case, entries = await self._read(case_id)
        proposal = await self._queries.propose(case_id)
        texts = await self._head(case, entries)
        if case["assignments"]:
            last = case["assignments"][-1]
            texts["to"] = self._named(last["assignee"])
            texts["to_why"] = f"{minute_in(last['assigned_at'])} 派遣"
        elif case["status"] in ("reported", "verifying", "pending_filing", "pending_dispatch"):
            # no way into the unit, or several units, is for the command centre to see
            texts["to"] = proposal.unit or "、".join(proposal.units)
            texts["to_why"] = proposal.sentence.say("zh")
        if not texts["limit"] and proposal.handling is not None:
            texts["limit"] = f"{proposal.handling.value}{UNITS[proposal.handling.unit]}"
        return Paper(
            name="slip", case_no=texts["case_no"], texts=texts,
            pictures=await self._pictures(
                one for one in _photos(entries) if one.section == "上报"),
        )

    async def file(self, case_id: str) -> Paper:
        """The whole case up to now. ``UnknownCase``; ``Invalid`` (``dossier.too_long``)."""
        case, entries = await self._read(case_id)
        evidence = await self._dossiers.list(case_id, case["version"])
        texts = await self._head(case, entries)
        texts |= {
            "assignments": [self._assignment(one) for one in case["assignments"]],
            "requests": self._requests(entries),
            "checks": [self._check(one) for one in entries
                       if one["event_type"] in ("CheckPassed", "CheckFailed")],
            "ends": [self._end(one) for one in entries if one["own"] and (
                one["event_type"] in ENDS)],
            "steps": [self._step(one) for one in entries],
            "counts": _counts(case),
            "version": case["version"], "evidence": evidence.digest,
            "evidence_count": len(evidence.lines),
        }
        return Paper(
            name="file", case_no=texts["case_no"], texts=texts,
            pictures=await self._pictures(_photos(entries)),
        )

    # --- parts --------------------------------------------------------------------------------

    async def _read(self, case_id: str) -> tuple[Mapping[str, Any], list[Entry]]:
        case = await self._queries.case(case_id)
        timeline = await self._queries.timeline(case_id)
        return case, await self._signed(timeline["entries"])

    async def _signed(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries with the names of this office's people, where the record has their logins:
        a paper is read by whoever knows neither."""
        own = [one for one in entries if one["own"]]
        names = {**await self._names({
            who for one in own for who in (one["actor"], *(
                one["event"][key] for key in WHO if one["event"].get(key)))}), **PUBLIC}

        def of(entry: Entry) -> Entry:
            event = entry["event"]
            said = {key: names.get(event[key], event[key]) for key in WHO if event.get(key)}
            return {**entry, "actor": names.get(entry["actor"], entry["actor"]),
                    "event": {**event, **said}}

        return [of(one) if one["own"] else one for one in entries]

    async def _head(self, case: Mapping[str, Any], entries: Iterable[Entry]) -> dict[str, Any]:
        facts = case["facts"] or {}
        place, category = facts.get("place", {}), facts.get("category", {})
        filed = _last(entries, "CaseFiled")
        filing = filed["event"] if filed is not None else {}
        source = self._around.sources.rows.get(facts["source"]) if (
            facts and self._around.sources is not None) else None
        details = dict(facts.get("source_details", {}))
        last = case["assignments"][-1] if case["assignments"] else case["duty"] or {}
        limits = last.get("limits", {})
        count, unit = limits.get("count") or filing.get("limit_count", 0), (
            limits.get("unit") or filing.get("limit_unit", ""))
        lon, lat = place.get("lon"), place.get("lat")
        return {
            "office": self._around.name, "node": self._around.node,
            "case_no": case["case_no"], "case_id": case["case_id"],
            "status": STATUSES.get(case["status"], case["status"]),
            "urgent": bool(facts.get("urgent")), "printed_at": to_minute(to_time(self._now_us())),
            "source": source.zh if source is not None else facts.get("source", ""),
            "details": [(_label(source, key), value) for key, value in details.items() if value],
            "kind": KINDS.get(category.get("kind", ""), ""), "class_name": category.get("name", ""),
            "class_code": category.get("code", ""), "standard": category.get("standard_ref", ""),
            "condition_no": filing.get("condition_no") or category.get("condition_no") or "",
            "condition": filing.get("filing", ""), "closing": filing.get("closing", ""),
            "limit": f"{count}{UNITS[unit]}" if count and unit in UNITS else "",
            "finish_by": minute_in(limits.get("finish_by")),
            "area": await self._area_names(place.get("area", "")),
            "area_code": place.get("area", ""), "address": place.get("address", ""),
            "grid": place.get("grid", ""),
            "point": f"{lon:.6f}, {lat:.6f}" if lon is not None and lat is not None else "",
            "component": facts.get("component", ""), "text": facts.get("text", ""),
            "reported_at": minute_in(facts.get("reported_at")),
            "opened_at": minute_in(case["opened_at"]),
            "accepted_at": minute_in(_at(_last(entries, "CaseAccepted"))),
            "filed_at": minute_in(_at(filed)),
            "filed_by": filed["actor"] if filed is not None else "",
            "filed_text": filing.get("text", ""),
            "to": "", "to_why": "",
            **await self._whence(case, entries),
        }

    async def _whence(
        self, case: Mapping[str, Any], entries: Iterable[Entry]
    ) -> dict[str, str]:
        """From which office it came, by its name and number there, and who handles it here."""
        duty, origin = case["duty"], (case["facts"] or {}).get("origin")
        handler = (await self._handlers.of(case))["handler"]
        return {
            "assignor": self._named(duty["assignor"]) if duty else "",
            "taken_at": minute_in(_at(_last(
                [one for one in entries if one["own"]], "OrderTaken"))) if duty else "",
            "origin": "" if not origin else
            f"{self._node(origin['node'])}（该单位编号 {origin['case_no']}）",
            "handler": handler.name if handler is not None and not handler.over else "",
            "handler_note": handler.note if handler is not None and not handler.over else "",
        }

    def _assignment(self, one: Mapping[str, Any]) -> dict[str, str]:
        limits, result = one["limits"], one["result"] or {}
        count, unit = limits.get("count"), limits.get("unit")
        late = "超期" if one["finish_overdue"] else ""
        ended = RANKS[one["ended"]] if one["ended"] else RANKS[one["rank"]]
        return {
            "to": self._named(one["assignee"]), "text": one["text"],
            "assigned_at": minute_in(one["assigned_at"]), "signed_at": minute_in(one["signed_at"]),
            "limit": f"{count}{UNITS[unit]}" if count and unit in UNITS else "",
            "finish_by": minute_in(limits["finish_by"]),
            "done_at": minute_in(result.get("said_at")), "result": result.get("result", ""),
            "ended": "，".join(filter(None, (ended, late))), "ended_at": minute_in(one["ended_at"]),
        }

    def _requests(self, entries: Iterable[Entry]) -> list[dict[str, Any]]:
        """Every request once, however many offices wrote it down, with what became of it."""
        found: dict[str, dict[str, Any]] = {}
        for entry in entries:
            event, kind = entry["event"], entry["event_type"]
            ident = event.get("request_id", "")
            if kind in ("AssigneeAsked", "RequestRaised"):
                one = found.setdefault(ident, {
                    "kind": REQUESTS.get(event["kind"], event["kind"]), "asker": event["asker"],
                    "reason": self._reason(event), "by": "",
                    "asked_at": minute_in(event.get("said_at") or entry["occurred_at"]),
                    "wanted": minute_in(event.get("wanted_until")), "steps": [], "answer": "待审批",
                })
                if kind == "RequestRaised":
                    one["by"] = self._node(entry["node"])
            elif ident in found and kind == "RequestReviewed":
                found[ident]["steps"].append(self._decided(entry, "初审同意"))
            elif ident in found and kind == "RequestDecided":
                answer = "同意" if event["granted"] else "不同意"
                found[ident]["answer"] = answer
                found[ident]["steps"].append(self._decided(entry, answer))
            elif ident in found and kind == "RequestAnswered" and (
                found[ident]["answer"] == "待审批"
            ):
                found[ident]["answer"] = "同意" if event["granted"] else "不同意"
                found[ident]["steps"].append(self._decided(entry, found[ident]["answer"]))
        return list(found.values())

    def _reason(self, event: Mapping[str, Any]) -> str:
        """The reason by its name, and what was written beside it."""
        code, ladders = event["reason_code"], self._around.ladders
        listed = ladders.reasons.find(event["kind"], code) if ladders is not None else None
        return "：".join(filter(None, (listed.zh if listed is not None else code, event["text"])))

    def _decided(self, entry: Entry, answer: str) -> str:
        event = entry["event"]
        until = event.get("until") or (event.get("limits") or {}).get("finish_by")
        who = event.get("reviewer") or event.get("decider") or entry["actor"]
        return "　".join(filter(None, (
            minute_in(entry["occurred_at"]), self._node(entry["node"]), self._named(who), answer,
            event.get("text", ""), f"至 {minute_in(until)}" if until else "",
        )))

    def _check(self, entry: Entry) -> dict[str, str]:
        event = entry["event"]
        return {
            "at": minute_in(entry["occurred_at"]), "by": event.get("by") or entry["actor"],
            "result": "通过" if entry["event_type"] == "CheckPassed" else "未通过",
            "text": event.get("text", ""), "office": self._node(entry["node"]),
        }

    def _end(self, entry: Entry) -> dict[str, str]:
        event = entry["event"]
        return {
            "what": step(entry), "at": minute_in(entry["occurred_at"]),
            "by": self._named(event.get("by") or event.get("decider") or entry["actor"]),
            "text": said(entry, self._named, minute_in),
        }

    def _step(self, entry: Entry) -> dict[str, str]:
        return {
            "at": minute_in(entry["occurred_at"]), "office": self._node(entry["node"]),
            "step": step(entry), "actor": self._named(entry["actor"]),
            "text": said(entry, self._named, minute_in),
        }

    async def _pictures(self, wanted: Iterable[Picture]) -> tuple[Picture, ...]:
        taken: list[Picture] = []
        room = PHOTOS_BYTES_MAX
        for one in list(wanted)[:PHOTOS_MAX]:
            found = await self._photo(one.digest)
            if found is None:
                taken.append(_without(one, "照片尚未传到本节点"))
                continue
            path, media_type = found
            data = await asyncio.to_thread(_read_at_most, path, min(PHOTO_BYTES_MAX, room))
            if not data:
                taken.append(_without(one, "照片过大，未嵌入"))
                continue
            room -= len(data)
            taken.append(Picture(
                section=one.section, label=one.label, caption=one.caption, digest=one.digest,
                media_type=media_type, data=data))
        return tuple(taken)

    def _node(self, node: str) -> str:
        return self._named(f"node:{node}")

    def _named(self, who: str) -> str:
        return self._around.called(who) if who else ""


@dataclass(slots=True)
class _Seen:
    """Photos by digest, in the order in which the journal brought them."""

    found: dict[str, Picture] = field(default_factory=dict)

    def add(self, section: str, photo: Mapping[str, Any]) -> None:
        self.found.setdefault(photo["digest"], Picture(
            section=section, label=PHOTOS.get(photo["role"], photo["role"]),
            caption=photo.get("caption", ""), digest=photo["digest"]))


def _photos(entries: Iterable[Entry]) -> list[Picture]:
    seen = _Seen()
    for entry in entries:
        section = _SECTIONS.get(entry["event_type"], "其他")
        event = entry["event"]
        for photo in (*(event.get("facts") or {}).get("photos", ()), *event.get("photos", ())):
            seen.add(section, photo)
    return list(seen.found.values())


def _without(one: Picture, why: str) -> Picture:
    return Picture(section=one.section, label=one.label, caption=one.caption, digest=one.digest,
                   why=why)


def _read_at_most(path: Path, most: int) -> bytes:
    """The file, or b"" if it is longer."""
    if path.stat().st_size > most:
        return b""
    return path.read_bytes()


def _last(entries: Iterable[Entry], event_type: str) -> Entry | None:
    return next((one for one in reversed(list(entries)) if one["event_type"] == event_type), None)


def _at(entry: Entry | None) -> str:
    return str(entry["occurred_at"]) if entry is not None else ""


def _label(source: Any, key: str) -> str:
    found = source.detail(key) if source is not None else None
    return found.zh if found is not None else key


def _counts(case: Mapping[str, Any]) -> list[tuple[str, int]]:
    named = (("返工", "rework_count"), ("回退", "return_count"), ("延期", "extension_count"),
             ("挂账", "suspension_count"), ("催办", "press_count"), ("申诉", "appeal_count"))
    return [(name, case[key]) for name, key in named if case[key]]


