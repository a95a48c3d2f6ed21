"""The session in a browser's cookie, and what keeps other sites from using it.

``SameSite=Strict``: the browser sends it only with calls that begin on a page of this node, so a
link in a mail shows the login first, and a form on a strange site comes without it. Writes are held
to two more: the ``Origin`` that the browser names is ours, and the call carries a token that only a
page of this session knows. ``HttpOnly`` keeps it from scripts, ``Secure`` from plain HTTP.
"""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from node.service.people.sessions import Visitor, csrf_of
from node.settings import Settings

CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
_PLAIN, _SECURE = "wanmi_session", "__Host-wanmi_session"


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach this node by TLS."""
    return urlsplit(settings.http.public_url).scheme == "https"


def session_of(request: HTTPConnection, settings: Settings) -> str:
    """The id in the cookie, "" = none."""
    return request.cookies.get(_SECURE if is_secure(settings) else _PLAIN, "")


def keep(answer: Response, session_id: str, settings: Settings) -> None:
    """Put the id into the cookie. It ends with the browser; how long it is good for, the node
    says."""
    secure = is_secure(settings)
    answer.set_cookie(
        _SECURE if secure else _PLAIN, session_id, path="/", secure=secure, httponly=True,
        samesite="strict")


def drop(answer: Response, settings: Settings) -> None:
    """Take it away."""
    secure = is_secure(settings)
    answer.delete_cookie(
        _SECURE if secure else _PLAIN, path="/", secure=secure, httponly=True, samesite="strict")


def is_ours(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the page that a write came from is of this node. A browser names it with every
    write; without a name it is nobody's."""
    origin = request.headers.get("origin", "")
    if not origin or origin == "null":
        return False
    asked, mine = urlsplit(origin), urlsplit(own_url(request, settings))
    return (asked.scheme, asked.netloc.lower()) == (mine.scheme, mine.netloc.lower())


def own_url(request: HTTPConnection, settings: Settings) -> str:
    """How browsers reach this node: as it is told, or as this call came."""
    return settings.http.public_url.rstrip("/") or f"http://{request.headers.get('host', '')}"


def is_meant(session_id: str, said: str) -> bool:
    """Whether the token of a form or a header belongs to this session."""
    return secrets.compare_digest(csrf_of(session_id).encode(), said.encode())


def address_of(request: HTTPConnection, settings: Settings) -> str:
    """Where a call comes from: what the reverse proxy says, where one is trusted to; else the
    connection's address."""
    header = settings.public.address_header
    address = request.headers.get(header, "") if header else ""
    if not address and request.client is not None:
        address = request.client.host
    return address


def visitor_of(request: HTTPConnection, settings: Settings) -> Visitor:
    """The same, with what the browser calls itself; without signs that cannot be kept."""
    return Visitor(
        address=_printable(address_of(request, settings)),
        agent=_printable(request.headers.get("user-agent", "")),
    )


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
