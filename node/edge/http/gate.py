"""The gate every call passes: a request id, the token, security headers, one line of log.

It is middleware, not a dependency of routes, so that no route can forget it and no body is read
for a stranger. Protected is whatever lies under ``/api/``, and ``/metrics``; pages of the console
are for whoever is logged in, and everybody else is shown the login. The pages that have keys of
their own (one-time forms, webhooks) are mounted outside.

Never logged: query strings, bodies, tokens.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import quote

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from node.core.accounts import AccountState
from node.core.passes import refusal
from node.core.roles import Person
from node.edge.http import ceilings, cookies
from node.edge.http.problems import BadCall, failure
from node.service.audit import PRESENT, Presence
from node.service.office import Office
from node.service.people.sessions import SessionView, Stage
from node.service.phrases import phrase
from node.service.views import TokenView
from node.settings import Settings

log = structlog.get_logger(__name__)

TOKEN_CHARS_MAX: Final = 256
"""Longer than any token we make; a cheap stop before anything is hashed."""

HUNG_UP: Final = 499
"""What the log and the metrics say of a caller that was gone before its body had arrived."""

QUIET: Final = frozenset({"/healthz", "/ownerz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: logged at debug, so that people's calls can be found."""

CONSOLE: Final = "/console"
"""Below it are pages for people."""
STATIC: Final = CONSOLE + "/static/"
"""What pages are made of: the same for everybody, and for the login too."""
PAGE_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
"""What a browser's pages and forms say."""
LOGIN: Final = "/account/login"
WANTED_COOKIE: Final = "wanmi_wanted"
"""Which page somebody came for who has to log in first."""
WANTED_S, WANTED_CHARS_MAX = 900, 1_000

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Sent unless a route says otherwise: an API answer is data, never a page to be framed."""


class HttpMetrics:
    """What is counted of HTTP. Labels are route templates, so ids never become label values."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.calls = Counter(
            "node_http_calls", "HTTP calls by route and status", ["route", "status"],
            registry=registry)
        self.seconds = Histogram(
            "node_http_seconds", "Time to the first byte of an answer", ["route"],
            registry=registry)


class Right(StrEnum):
    """What a token may do; each includes the one before."""

    READ = "read"
    OPERATE = "operate"
    ADMIN = "admin"


_RANK: Final = {Right.READ: 0, Right.OPERATE: 1, Right.ADMIN: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and in which ``roles`` they decide requests. ``key`` is a digest of the token or
    of the session: it separates the idempotency keys of two callers without being a secret itself.
    ``person`` is what the rule of access is asked with; ``session`` None = came by the token of
    this name."""

    name: str
    scope: Right
    key: bytes
    person: Person
    roles: frozenset[str] = frozenset()
    session: SessionView | None = None
    token: str = ""


class Gate:
    """ASGI middleware, outermost."""

    def __init__(
        self, app: ASGIApp, *, office: Office, settings: Settings, metrics: HttpMetrics,
    ) -> None:
        self._app = app
        self._office = office
        self._settings = settings
        self._metrics = metrics
        self._metrics_open = settings.http.metrics_open and _loopback(settings.http.host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = self._office.fresh_id()
        began = time.perf_counter()
        status = 0

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = state["request_id"]
                self._metrics.seconds.labels(_route(scope)).observe(
                    time.perf_counter() - began)
            await send(message)

        try:
            if self._protected(scope["path"]):
                self._came(scope, await self._caller(Request(scope)))
            elif is_console(scope["path"]):
                visitor = await self._visitor(Request(scope))
                if visitor is None:
                    await self._to_login(Request(scope))(scope, receive, dressed)
                    return
                self._came(scope, visitor)
            await self._app(scope, receive, dressed)
        except ClientDisconnect:
            status = HUNG_UP  # nobody is there to be answered; what was committed stays
        except Exception as error:
            if status:
                raise  # half an answer is out; the server can only cut the connection
            await failure(Request(scope), error)(scope, receive, dressed)
        finally:
            route = _route(scope)
            self._metrics.calls.labels(route, str(status)).inc()
            caller = state.get("caller")
            say = log.debug if route in QUIET else log.info
            say(
                "http.call", method=scope["method"], route=route, status=status,
                ms=round((time.perf_counter() - began) * 1000, 1),
                request_id=state["request_id"], caller=caller.name if caller else "",
            )

    def _protected(self, path: str) -> bool:
        if path == "/metrics":
            return not self._metrics_open
        return path == "/api" or path.startswith("/api/")

    def _came(self, scope: Scope, caller: Caller) -> None:
        scope["state"]["caller"] = caller
        # For the audit log: whatever is written for this call says who and from where.
        PRESENT.set(Presence(
            actor=caller.name, roles=caller.roles,
            origin=cookies.address_of(Request(scope), self._settings)))

    async def _visitor(self, request: Request) -> Caller | None:
        """Whoever is logged in, of a page of the console; None = nobody. Whether a write is meant
        is asked by the page's route, for a form without a script carries its token inside."""
        session_id = cookies.session_of(request, self._settings)
        session = await self._office.people.sessions.find(session_id) if session_id else None
        if session is None or session.stage is not Stage.FULL:
            return None
        return self._in_session(session)

    def _to_login(self, request: Request) -> Response:
        """The login, and then the page that was asked for. A script is told that nobody is logged
        in and no more: it would follow a redirect and put the login where a part of its page
        belongs, and what is typed on that page must not be lost."""
        if request.method not in PAGE_METHODS:
            return Response(status_code=405, headers={"Allow": ", ".join(sorted(PAGE_METHODS))})
        if request.headers.get("hx-request") or request.headers.get(
                "accept", "").startswith("text/event-stream"):
            return Response(status_code=401)
        answer = RedirectResponse(LOGIN, status_code=303)
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        # A page that somebody came for, not what a page of theirs fetches (tiles, photos).
        page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        if page and len(wanted) <= WANTED_CHARS_MAX:
            answer.set_cookie(
                WANTED_COOKIE, quote(wanted, safe="/?&="), max_age=WANTED_S, path="/account",
                secure=cookies.is_secure(self._settings), httponly=True, samesite="strict")
        return answer

    async def _caller(self, request: Request) -> Caller:
        given = request.headers.get("authorization", "")
        session_id = cookies.session_of(request, self._settings)
        if not given and session_id:
            return await self._by_session(request, session_id)
        scheme, _, token = given.partition(" ")
        token = token.strip()
        if not scheme or scheme.lower() != "bearer" or not token:
            raise BadCall("auth.missing", "expected a header Authorization: Bearer <token>")
        if len(token) > TOKEN_CHARS_MAX or not token.isascii():
            raise BadCall("auth.invalid", "this is no token of this node")
        view = await self._office.verify_token(token)
        if view is None:
            raise BadCall("auth.invalid", "this is no token of this node, or it was revoked")
        if view.locked_at is not None:
            raise BadCall("auth.locked", "its device was reported lost")
        address = cookies.address_of(request, self._settings)
        code = refusal(view.terms, datetime.now(UTC), address)
        if code:
            raise BadCall(code, f"this token is not good any more, or not from {address}")
        if view.account and view.account_state != AccountState.ACTIVE:
            raise BadCall("auth.account", f"the account {view.account} is {view.account_state}")
        return self._bearer(view, hashlib.sha256(b"wanmi/caller/" + token.encode()).digest())

    def _bearer(self, view: TokenView, key: bytes) -> Caller:
        """Whoever holds a token. One of an account speaks as its owner, with no more than the
        owner has now, so that supervision and handling stay different hands."""
        terms, roles, scope = view.terms, frozenset(view.roles), Right(view.scope)
        if view.account:
            held = frozenset(view.account_roles)
            roles = held & roles if roles else held
        if terms.by_roles:
            ceiling = Right(self._office.access.book.ceiling(roles).value)
            scope = min(scope, ceiling, key=_RANK.__getitem__)
        name = view.account or view.name
        return Caller(
            name=name, scope=scope, key=key, roles=roles, token=view.name,
            person=Person(
                name=name, roles=roles, scope=terms.scope, by_roles=terms.by_roles,
                acts=frozenset(terms.acts) or None,
            ),
        )

    async def _by_session(self, request: Request, session_id: str) -> Caller:
        """Whoever is logged in. A write has to come from a page of ours (``auth.origin``) that
        knows the session's own token (``auth.csrf``)."""
        people = self._office.people
        session = await people.sessions.find(session_id)
        if session is None or session.stage is not Stage.FULL:
            raise BadCall("auth.session", "nobody is logged in with this cookie")
        if request.method not in cookies.SAFE:
            if not cookies.is_ours(request, self._settings):
                raise BadCall("auth.origin", "this call does not come from a page of this node")
            if not cookies.is_meant(session_id, request.headers.get(cookies.CSRF_HEADER, "")):
                raise BadCall("auth.csrf", f"expected the session's token in {cookies.CSRF_HEADER}")
        return self._in_session(session)

    def _in_session(self, session: SessionView) -> Caller:
        people = self._office.people
        return Caller(
            name=session.login, scope=Right(people.book.ceiling(session.roles).value),
            key=hashlib.sha256(b"wanmi/caller/" + session.account.encode()).digest(),
            roles=session.roles, session=session,
            person=Person(name=session.login, roles=session.roles, scope=session.scope),
        )


def is_console(path: str) -> bool:
    """Whether this is a page of the console."""
    return (path == CONSOLE or path.startswith(CONSOLE + "/")) and not path.startswith(STATIC)


def _route(scope: Scope) -> str:
    """The route's template, so that ids do not become label values."""
    route = scope.get("route")
    return getattr(route, "path", "") or "unmatched"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


_bearer = HTTPBearer(
    auto_error=False, scheme_name="token",
    description="The token that `wanmi init` or `wanmi token create` printed once.",
)


async def caller_of(
    request: Request,
    _token: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """The caller whom the gate let in; the bearer parameter only documents the scheme."""
    caller: Any = request.scope["state"]["caller"]
    assert isinstance(caller, Caller)
    return caller


async def admitted(request: Request) -> None:
    """Ask whether whoever calls may do this, to this case, and whether their ceiling is high
    enough; stands before every route. What lies outside of the gate has no caller, and keys of its
    own."""
    caller = request.scope.get("state", {}).get("caller")
    if caller is None:
        return
    office: Office = request.app.state.office
    operation = getattr(request.scope.get("route"), "operation_id", "") or ""
    await office.access.admit(
        caller.person, operation, str(request.path_params.get("case_id", "")))
    if request.method not in cookies.SAFE or operation in ceilings.LOOKS:
        at_least(caller, needed(operation))


def needed(operation: str) -> Right:
    """The least that whoever does an operation may do."""
    if operation in ceilings.ADMIN:
        return Right.ADMIN
    return Right.OPERATE if operation in ceilings.OPERATE else Right.READ


def at_least(caller: Caller, right: Right) -> Caller:
    """The caller, if they have this right. Raises ``BadCall`` ``auth.scope``."""
    if _RANK[caller.scope] < _RANK[right]:
        raise BadCall(
            "auth.scope", f"this needs scope {right}, the token has {caller.scope}",
            words=phrase("scope.small", needed=right, held=caller.scope),
        )
    return caller


def _at_least(right: Right) -> Any:
    async def check(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        return at_least(caller, right)

    return Depends(check)


Reader = Annotated[Caller, _at_least(Right.READ)]
Operator = Annotated[Caller, _at_least(Right.OPERATE)]
Admin = Annotated[Caller, _at_least(Right.ADMIN)]
