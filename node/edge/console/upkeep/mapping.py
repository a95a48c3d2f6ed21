"""The mapping of an adapter: read, edited, looked through, tried on the unit's system, taken; and
an earlier one put back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from node.edge.adapter_mappings import Tried, exchange, looked_through, mapping_text, mark_of, tried
from node.edge.console.upkeep.difference import difference
from node.edge.console.visit import Here, PageRoute, Visit, form_of
from node.edge.http.desk import AdapterPath
from node.edge.http.problems import BadCall
from node.service.adapter_sentences import placed, said
from node.service.instants import to_minute

if TYPE_CHECKING:
    from node.edge.adapter_host import AdapterHost

router = APIRouter(
    prefix="/console/adapters/{adapter}/mapping", include_in_schema=False, route_class=PageRoute)

Version = Annotated[int, Query(ge=-1, le=10**6)]


def _host(visit: Visit) -> AdapterHost:
    host: AdapterHost | None = visit.request.app.state.adapters
    if host is None:
        raise BadCall("http.not_found", "this process runs no adapters")
    return host


@router.get("", operation_id="getAdapterMapping")
async def editor(
    adapter: AdapterPath, visit: Here, version: Version = -1, taken: Version = -1,
) -> Response:
    """The text that holds, or that of an earlier version, to be edited."""
    now = await mapping_text(_host(visit), adapter)
    text = now
    if version >= 0:
        found = await visit.desk.upkeep.mappings.text(adapter, version)
        if found is None:
            raise BadCall("http.not_found", f"{adapter} has no version {version}")
        text = found
    return await _shown(visit, adapter, now, text, version=version, taken=taken)


@router.post("/try", operation_id="tryAdapterMapping")
async def attempt(adapter: AdapterPath, visit: Here) -> Response:
    """Look the text through, and ask the unit's system if it is sound."""
    fields, host = await form_of(visit.request), _host(visit)
    text = _text(fields.get("text"))
    found = (Tried(problems=await looked_through(host, adapter, text))
             if fields.get("word") == "lint" else await tried(host, adapter, text))
    return await _shown(visit, adapter, await mapping_text(host, adapter), text, tried=found,
                        asked=fields.get("word") != "lint")


@router.post("", operation_id="putAdapterMapping")
async def take(adapter: AdapterPath, visit: Here) -> Response:
    """Take the text; the adapter is loaded anew."""
    fields = await form_of(visit.request)
    number = await exchange(
        _host(visit), visit.desk.upkeep.mappings, adapter, _text(fields.get("text")),
        seen=str(fields.get("seen", "")), actor=visit.caller.name)
    return visit.goes(f"/console/adapters/{adapter}/mapping?taken={number}")


async def _shown(
    visit: Visit, adapter: str, now: str, text: str, *, version: int = -1,
    tried: Tried | None = None, asked: bool = False, taken: int = -1,
) -> Response:
    versions = await visit.desk.upkeep.mappings.versions(adapter)
    standing = next((one for one in _host(visit).standings() if one.id == adapter), None)
    values: dict[str, Any] = {
        "notice": visit.say("第 %(number)s 版已启用，适配器已重新加载", number=taken)
        if any(one.number == taken for one in versions) else "",
        "detail": said(tried.detail, visit.language) if tried else "",
        "adapter": adapter, "text": text, "seen": mark_of(now), "same": text == now,
        "version": version, "tried": tried, "asked": asked, "empty": not now,
        "problems": [placed(one, visit.language) for one in tried.problems] if tried else [],
        "lines": await asyncio.to_thread(difference, now, text),
        "standing": (standing.name, standing.up, said(standing.detail, visit.language))
        if standing else None,
        "versions": [(one.number, to_minute(one.at), one.actor) for one in versions],
    }
    return await visit.page("upkeep/mapping.html", **values)


def _text(given: object) -> str:
    """What a text area sends, with the line ends of a file."""
    text = given if isinstance(given, str) else ""
    lines = text.replace("\r\n", "\n").rstrip("\n")
    return lines + "\n" if lines else ""
