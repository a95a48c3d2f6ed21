"""What pages are made of: style, scripts, icons, the vendored libraries.

The address names the version of everything together, so a browser keeps a file for ever and asks
for another one after an upgrade. Files are read once, packed once, and served from memory.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from node.edge.http.gate import STATIC

router = APIRouter(prefix="/console/static", include_in_schema=False)
PACKED: Final = frozenset({".css", ".js", ".mjs", ".svg", ".webmanifest", ".json"})
TYPES: Final = {".js": "text/javascript; charset=utf-8",
                ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
                ".webmanifest": "application/manifest+json"}

WORKER_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'")
"""A worker is held by the policy of its own file: that of the map asks this node for tiles."""


def _walk(folder: Traversable, before: str = "") -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for one in folder.iterdir():
        if one.is_dir():
            found.update(_walk(one, f"{before}{one.name}/"))
        elif not one.name.endswith((".py", ".md", ".txt")):
            found[before + one.name] = one
    return found


@cache
def names() -> dict[str, Traversable]:
    """Every file that is served, by its name below the folder."""
    return _walk(files("node.edge.console").joinpath("static"))


@cache
def version() -> str:
    """A digest of all of them."""
    digest = sha256()
    for name, path in sorted(names().items()):
        digest.update(name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def url(name: str) -> str:
    """Where a page finds a file."""
    assert name in names(), f"there is no static file {name}"
    return f"{STATIC}{version()}/{name}"


@cache
def _body(name: str, *, packed: bool) -> bytes:
    data = names()[name].read_bytes()
    return gzip.compress(data, 9, mtime=0) if packed else data


@router.get("/{edition}/{name:path}")
async def static(edition: str, name: str, request: Request) -> Response:
    """A file. Any version gives the present one: a page from before an upgrade still works."""
    del edition
    if name not in names():
        raise HTTPException(404)
    ending = "." + name.rpartition(".")[2]
    packed = ending in PACKED and "gzip" in request.headers.get("accept-encoding", "")
    kind = TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    if ending == ".mjs":
        headers["Content-Security-Policy"] = WORKER_POLICY
    return Response(_body(name, packed=packed), media_type=kind, headers=headers)
