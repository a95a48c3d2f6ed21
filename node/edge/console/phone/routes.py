"""What the phone fetches: the page, the worker that keeps it, the manifest, the pack, the tasks.

Reports, looks on site, photos and tracks go to the API itself, under keys that the phone made.
"""

from __future__ import annotations

import asyncio
import json
from functools import cache
from hashlib import sha256
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from node.edge.console import statics
from node.edge.console.cases.photos import kinds
from node.edge.console.visit import HEADERS, Here, PageRoute

PATH: Final = "/console/phone"
router = APIRouter(prefix=PATH, include_in_schema=False, route_class=PageRoute)
WORKER: Final = "phone/worker.js"
FOLDER: Final = "phone/"
KEPT: Final = ("tokens.css", "base.css", "icon.svg")
"""Files of the whole console that the page needs besides those of its own folder."""
ICONS: Final = (("phone/icon-192.png", "192x192"), ("phone/icon-512.png", "512x512"))


@router.get("", operation_id="openCase")
async def page(visit: Here) -> Response:
    """The page, the same for everybody: it is kept on the phone."""
    return visit.part(
        "phone/page.html", office=visit.desk.name, node=visit.desk.node,
        photos=kinds(visit))


@router.get("/in", operation_id="whoAmI")
async def come_in(visit: Here) -> Response:
    """Where the page sends somebody whose session is over: the gate shows the login first."""
    return visit.goes(PATH)


@router.get("/worker.js", operation_id="whoAmI")
async def worker(visit: Here) -> Response:
    """The worker, with the names of the files it keeps: other bytes after every upgrade."""
    del visit
    return Response(worker_text(), media_type="text/javascript; charset=utf-8", headers={
        **HEADERS, "Service-Worker-Allowed": PATH})


@cache
def worker_text() -> str:
    """The worker's file with the edition and the addresses of what it keeps before it."""
    names = (*KEPT, *sorted(one for one in statics.names()
                            if one.startswith(FOLDER) and one != WORKER))
    kept = json.dumps([statics.url(one) for one in names], indent=1)
    source = statics.names()[WORKER].read_text(encoding="utf-8")
    return f'const EDITION = "{statics.version()}";\nconst FILES = {kept};\n{source}'


@router.get("/app.webmanifest", operation_id="whoAmI")
async def manifest(visit: Here) -> Response:
    """What the phone calls it when it is put on the first screen."""
    say = visit.say
    return Response(json.dumps({
        "id": PATH, "start_url": PATH, "scope": "/", "display": "standalone",
        "orientation": "portrait", "lang": visit.language,
        "name": f"{visit.desk.name} {say('城管通')}", "short_name": say("城管通"),
        "description": say("上报、核实、核查；没有网络时先存在手机上"),
        "background_color": "#0b5cad", "theme_color": "#0b5cad",
        "icons": [
            *({"src": statics.url(name), "sizes": size, "type": "image/png",
               "purpose": "any maskable"} for name, size in ICONS),
            {"src": statics.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        ],
    }, ensure_ascii=False), media_type="application/manifest+json", headers=dict(HEADERS))


@router.get("/pack", operation_id="listComponents")
async def pack(visit: Here) -> Response:
    """What is taken along; 304 where the phone has it already."""
    found = await visit.desk.packs.of(visit.caller.name)
    body, etag = await asyncio.to_thread(_packed, found)
    headers = {**HEADERS, "ETag": etag}
    if visit.request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _packed(found: dict[str, Any]) -> tuple[bytes, str]:
    """The bytes, and the tag by which a phone knows them again."""
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
    return body, f'"{sha256(body).hexdigest()[:32]}"'


@router.get("/tasks", operation_id="listCases")
async def tasks(visit: Here) -> Response:
    """Whom the office sent where: the open looks on site of whoever asks."""
    found = await visit.desk.packs.tasks(visit.caller.name, visit.caller.person.scope)
    return JSONResponse(found, headers=dict(HEADERS))
