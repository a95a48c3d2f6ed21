"""Pages of one's own account: logging in, the second factor, passwords, sessions (``/account/…``).

They lie outside of the API's gate, for whoever comes here has nothing to show yet; each step asks
for the session of its stage. Every page is whole by itself: no script, nothing from outside. A
refused form is shown again with the reason, and what was typed but the passwords.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from hub.errors import FabricError
from node.core.errors import Refused
from node.core.roles import Scope
from node.edge.account_words import word
from node.edge.http import cookies
from node.edge.http.desk import Desk, Set
from node.edge.http.problems import language as preferred
from node.edge.http.problems import said_in
from node.edge.http.status import row_of
from node.service.instants import to_minute
from node.service.office import Office
from node.service.people.login import Came
from node.service.people.sessions import SessionView, Stage, csrf_of
from node.settings import Settings

if TYPE_CHECKING:
    from jinja2 import Template

LANGUAGE_COOKIE: Final = "wanmi_lang"
_YEAR_S: Final = 365 * 86_400
_HEADERS: Final = {
    "Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex",
}
"""Other sites learn nothing. Our own must: under ``no-referrer`` a browser sends the forms of these
pages with ``Origin: null`` (Fetch standard), and none of them could be told from a strange one."""
_NEXT: Final = {
    Stage.FACTOR: "/account/factor", Stage.ENROL: "/account/enrol",
    Stage.CHANGE: "/account/password", Stage.FULL: "/account/me",
}
"""Where somebody goes on who has come so far."""
LOGIN: Final = "/account/login"
AWAY_COOKIE: Final = "wanmi_away"
"""What is remembered while somebody logs in elsewhere, sealed."""


class Elsewhere(Exception):
    """The visitor is sent to another page; never leaves this module."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class PageRoute(APIRoute):
    """A route whose visitor may belong on another page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guided(request: Request) -> Response:
            try:
                return await handle(request)
            except Elsewhere as there:
                return RedirectResponse(there.path, status_code=303, headers=dict(_HEADERS))

        return guided


router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute)


class Turned(Exception):
    """A form that is refused before anybody is asked, by a key of the words."""


class Visit:
    """One call of these pages: who, from where, in which language."""

    def __init__(self, request: Request, desk: Desk, settings: Set) -> None:
        self.request = request
        self.desk: Office = desk
        self.settings: Settings = settings
        asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
        self.language = (
            {"en": "en", "zh": "zh-CN"}.get(asked)
            or preferred(request.headers.get("accept-language", ""))
        )
        self.session_id = cookies.session_of(request, settings)
        self.visitor = cookies.visitor_of(request, settings)

    async def session(self, *stages: Stage) -> SessionView:
        """Whose call it is, at one of these stages; else they go where they belong."""
        session = await self.desk.people.sessions.find(self.session_id)
        if session is None:
            raise Elsewhere(f"{LOGIN}?said=ended" if self.session_id else LOGIN)
        if session.stage not in stages:
            raise Elsewhere(_NEXT[session.stage])
        return session

    async def form(self, *, own: bool = True) -> FormData:
        """What was sent; ``own``: by a page of this session."""
        if not cookies.is_ours(self.request, self.settings):
            raise Turned("no.origin")
        fields = await self.request.form(max_files=0, max_fields=10)
        if own and not cookies.is_meant(
                self.session_id, str(fields.get(cookies.CSRF_FIELD, ""))):
            raise Turned("no.csrf")
        return fields

    def why(self, error: Exception) -> str:
        """A refusal as a sentence."""
        if isinstance(error, Turned):
            return word(str(error), self.language)
        assert isinstance(error, Refused | FabricError)
        return said_in(error, self.language)

    def page(
        self, page: str, *, title: str = "", status: int = 200, refused: Exception | None = None,
        session_id: str = "", **values: Any,
    ) -> HTMLResponse:
        """A page, with what was wrong."""
        if refused is not None:
            status = 400 if isinstance(refused, Turned) else int(row_of(refused)[1].status)
        nonce = secrets.token_urlsafe(12)
        known = session_id or self.session_id
        federated = self.desk.people.federated
        body = _template().render({
            "page": page, "title": title or page, "nonce": nonce, "language": self.language,
            "office": self.desk.name, "t": partial(word, language=self.language),
            "csrf": csrf_of(known) if known else "", "wide": page == "me", "kept": "",
            "kept_name": "", "notice": "", "leaving": "",
            "elsewhere": federated.title if federated is not None else "",
            "least": self.desk.people.rules.password.length_min,
            "error": self.why(refused) if refused is not None else "", **values,
        })
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        answer = HTMLResponse(body, status_code=status, headers={
            **_HEADERS, "Content-Security-Policy": policy, "Content-Language": self.language})
        self._remember(answer)
        return answer

    def goes(self, path: str) -> Response:
        """On to another page."""
        answer = RedirectResponse(path, status_code=303, headers=dict(_HEADERS))
        self._remember(answer)
        return answer

    def came(self, came: Came) -> Response:
        """On, under a new id."""
        answer = self.goes(_NEXT[came.stage])
        cookies.keep(answer, came.session_id, self.settings)
        return answer

    def _remember(self, answer: Response) -> None:
        if self.request.query_params.get("lang") in {"en", "zh"}:
            answer.set_cookie(
                LANGUAGE_COOKIE, self.request.query_params["lang"], max_age=_YEAR_S,
                path="/account", secure=cookies.is_secure(self.settings), httponly=True,
                samesite="lax")


Here = Annotated[Visit, Depends(Visit)]
_REFUSED = (Refused, FabricError, Turned)


@cache
def _template() -> Template:
    # Loaded for the first visitor: most processes of a street never show a page.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("node.edge", "pages"), autoescape=True, undefined=StrictUndefined,
    ).get_template("account.html")


@router.get("")
async def root(visit: Here) -> Response:
    return visit.goes("/account/me")


# --- coming in ------------------------------------------------------------------------------------


@router.get("/login")
async def show_login(visit: Here) -> Response:
    said = visit.request.query_params.get("said", "")
    notice = word(f"login.{said}", visit.language) if said in {"ended", "left"} else ""
    leaving = ""
    if said == "left" and visit.desk.people.federated is not None:
        leaving = await visit.desk.people.federated.leaving()
    return visit.page("login", notice=notice, leaving=leaving)


@router.post("/login")
async def log_in(visit: Here) -> Response:
    login = ""
    try:
        fields = await visit.form(own=False)
        login = str(fields.get("login", ""))
        came = await visit.desk.people.login.enter(
            login, str(fields.get("password", "")), visit.visitor)
    except _REFUSED as refused:
        return visit.page("login", refused=refused, kept=login[:40])
    return visit.came(came)


# --- by a login service elsewhere -----------------------------------------------------------------


def _back(visit: Visit) -> str:
    return f"{cookies.own_url(visit.request, visit.settings)}/account/oidc/back"


@router.get("/oidc")
async def depart(visit: Here) -> Response:
    federated = visit.desk.people.federated
    if federated is None:
        return visit.goes(LOGIN)
    try:
        there = await federated.depart(_back(visit))
    except _REFUSED as refused:
        return visit.page("login", refused=refused)
    answer = RedirectResponse(there.url, status_code=303, headers=dict(_HEADERS))
    # Lax: the browser comes back from another site, and then this has to be with it.
    answer.set_cookie(
        AWAY_COOKIE, there.kept, max_age=600, path="/account/oidc", httponly=True,
        secure=cookies.is_secure(visit.settings), samesite="lax")
    return answer


@router.get("/oidc/back")
async def arrive(visit: Here) -> Response:
    federated, query = visit.desk.people.federated, visit.request.query_params
    if federated is None:
        return visit.goes(LOGIN)
    try:
        came = await federated.arrive(
            kept=visit.request.cookies.get(AWAY_COOKIE, ""), state=query.get("state", ""),
            code=query.get("code", "")[:2_000], redirect_uri=_back(visit), visitor=visit.visitor)
    except _REFUSED as refused:
        answer: Response = visit.page("login", refused=refused)
    else:
        # No redirect: on a way that began on another site the strict cookie would stay behind.
        answer = visit.page("came", title="login", onward=_NEXT[came.stage])
        cookies.keep(answer, came.session_id, visit.settings)
    answer.delete_cookie(AWAY_COOKIE, path="/account/oidc")
    return answer


@router.get("/factor")
async def show_factor(visit: Here) -> Response:
    await visit.session(Stage.FACTOR)
    return visit.page("factor")


@router.post("/factor")
async def factor(visit: Here) -> Response:
    session = await visit.session(Stage.FACTOR)
    try:
        fields = await visit.form()
        came = await visit.desk.people.login.second(
            session, str(fields.get("code", ""))[:20], visit.visitor)
    except _REFUSED as refused:
        return visit.page("factor", refused=refused)
    return visit.came(came)


async def _enrolling(visit: Visit, refused: Exception | None = None) -> Response:
    from markupsafe import Markup

    from node.service.people.factors import picture

    session = await visit.session(Stage.ENROL, Stage.FULL)
    try:
        uri, secret = await visit.desk.people.login.offer(session)
    except Refused:
        return visit.goes(_NEXT[session.stage])
    spaced = " ".join(secret[at:at + 4] for at in range(0, len(secret), 4))
    due = word("enrol.due", visit.language) if session.stage is Stage.ENROL else ""
    return visit.page(
        "enrol", refused=refused, secret=spaced, notice=due,
        picture=Markup(picture(uri)))  # noqa: S704 - made here, of no foreign text but its squares


@router.get("/enrol")
async def show_enrol(visit: Here) -> Response:
    return await _enrolling(visit)


@router.post("/enrol")
async def enrol(visit: Here) -> Response:
    session = await visit.session(Stage.ENROL, Stage.FULL)
    try:
        fields = await visit.form()
        came, codes = await visit.desk.people.login.enrol(
            session, str(fields.get("code", ""))[:20], visit.visitor)
    except _REFUSED as refused:
        return await _enrolling(visit, refused)
    answer = visit.page("codes", codes=codes, session_id=came.session_id)
    cookies.keep(answer, came.session_id, visit.settings)
    return answer


# --- passwords ------------------------------------------------------------------------------------


def _twice(fields: FormData) -> str:
    new = str(fields.get("new", ""))
    if new != str(fields.get("again", "")):
        raise Turned("password.differ")
    return new


@router.get("/setup/{token}")
async def show_setup(token: str, visit: Here) -> Response:
    try:
        opened = await visit.desk.people.accounts.opened(token)
    except Refused:
        return visit.page("gone", title="setup", refused=Turned("no.link"))
    return visit.page(
        "setup", title="setup" if opened.login else "setup.first", token=token, opened=opened)


@router.post("/setup/{token}")
async def set_up(token: str, visit: Here) -> Response:
    accounts = visit.desk.people.accounts
    try:
        opened = await accounts.opened(token)
    except Refused:
        return visit.page("gone", title="setup", refused=Turned("no.link"))
    login = name = ""
    try:
        fields = await visit.form(own=False)
        login, name = str(fields.get("login", "")), str(fields.get("name", ""))
        came = await accounts.set_up(
            token, _twice(fields), visit.visitor, login=login, name=name)
    except _REFUSED as refused:
        return visit.page(
            "setup", title="setup" if opened.login else "setup.first", refused=refused,
            token=token, opened=opened, kept=login[:40], kept_name=name[:60])
    return visit.came(came)


@router.get("/password")
async def show_password(visit: Here) -> Response:
    me = await visit.session(Stage.CHANGE, Stage.FULL)
    due = word("password.due", visit.language) if me.stage is Stage.CHANGE else ""
    return visit.page("password", me=me, notice=due)


@router.post("/password")
async def password(visit: Here) -> Response:
    me = await visit.session(Stage.CHANGE, Stage.FULL)
    try:
        fields = await visit.form()
        came = await visit.desk.people.login.change(
            me, str(fields.get("old", "")), _twice(fields), visit.visitor)
    except _REFUSED as refused:
        return visit.page("password", refused=refused, me=me)
    answer = visit.goes("/account/me?said=changed")
    cookies.keep(answer, came.session_id, visit.settings)
    return answer


# --- one's own sessions ---------------------------------------------------------------------------


@router.get("/me")
async def me(visit: Here) -> Response:
    session = await visit.session(Stage.FULL)
    people = visit.desk.people
    changed = visit.request.query_params.get("said") == "changed"
    held = [people.book.roles[one] for one in sorted(session.roles) if one in people.book.roles]
    english = visit.language == "en"
    return visit.page(
        "me", me=session, factor=session.second_factor,
        roles=word("and", visit.language).join(
            one.title_en if english else one.title for one in held),
        scope=_scope(session.scope, visit.language),
        notice=word("me.changed", visit.language) if changed else "",
        sessions=[
            {
                "handle": one.handle, "own": one.own, "address": one.address, "agent": one.agent,
                "made": to_minute(one.made_at), "seen": to_minute(one.seen_at),
            }
            for one in await people.sessions.list(session.account, own=session.key)
        ],
    )


def _scope(scope: Scope, language: str) -> str:
    parts: Mapping[str, tuple[str, ...]] = {
        "area": scope.areas, "class": scope.codes, "unit": scope.units}
    between = word("and", language)
    return between.join(
        word(key, language, which=between.join(which)) for key, which in parts.items() if which)


@router.post("/sessions")
async def end_sessions(visit: Here) -> Response:
    """End the one that is named, else all but this one."""
    session = await visit.session(Stage.FULL)
    try:
        fields = await visit.form()
    except Turned:
        return visit.goes("/account/me")
    await visit.desk.people.login.end_others(
        session, visit.visitor, handle=str(fields.get("handle", ""))[:36])
    return visit.goes("/account/me")


@router.post("/leave")
async def leave(visit: Here) -> Response:
    session = await visit.session(*Stage)
    try:
        await visit.form()
    except Turned:
        return visit.goes("/account/me")
    await visit.desk.people.login.leave(session, visit.visitor)
    answer = visit.goes(f"{LOGIN}?said=left")
    cookies.drop(answer, visit.settings)
    return answer
