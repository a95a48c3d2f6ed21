"""One call of a page: who, in which language and look, and how an answer is made.

Whoever comes here is logged in; the gate has seen to that. Every route of the console is a
``PageRoute``: it asks whether a write is meant, and says failures as a page or, to htmx, as a
message on the page that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from node.edge.console import statics
from node.edge.console.speech import Speech, language_of
from node.edge.http import cookies
from node.edge.http.desk import Desk, Set
from node.edge.http.gate import Caller, Reader, at_least, needed
from node.edge.http.limits import PHOTOS_MAX
from node.edge.http.problems import BadCall, told
from node.service.office import Office
from node.service.people.sessions import csrf_of
from node.settings import Settings

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self' blob:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from outside: what text of a case is written into a page stays text."""

HEADERS: Final = {
    "Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Content-Security-Policy": POLICY,
    # As the account pages: a form must show its origin to us.
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, HX-Request",
}
THEME_COOKIE: Final = "wanmi_theme"
THEMES: Final = ("auto", "light", "dark")
FIELDS_MAX: Final = 200
"""Fields of one form."""


def with_tiles(origins: Sequence[str]) -> str:
    """The policy of a page: pictures of the services that the settings name for maps too, and
    nothing else of them."""
    policy = POLICY
    for source in ("img-src 'self'", "connect-src 'self'"):
        policy = policy.replace(source, " ".join((source, *origins)))
    return policy


class PageRoute(APIRoute):
    """A route of the console."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            speak(request)
            _leave_out_what_is_empty(request)
            try:
                await _is_meant(request)
                return await handle(request)
            except ClientDisconnect:
                raise
            except Exception as error:  # noqa: BLE001 - said as a page; a bug is logged there
                return await _failed(request, error)

        return answered


def speak(request: Request) -> None:
    """The language that was chosen on a page counts for everything that is said in this call."""
    headers = [one for one in request.scope["headers"] if one[0] != b"accept-language"]
    tongue = language_of(request)
    request.scope["headers"] = [*headers, (b"accept-language", tongue.encode())]
    # Starlette keeps the headers it has read.
    request.__dict__.pop("_headers", None)


def _leave_out_what_is_empty(request: Request) -> None:
    """An empty field of a form is no filter, and a form without a script sends it all the same."""
    given = parse_qsl(request.scope["query_string"].decode("latin-1"))
    request.scope["query_string"] = urlencode(given).encode("latin-1")
    for read in ("_query_params", "_url"):
        request.__dict__.pop(read, None)


async def _is_meant(request: Request) -> None:
    """A write comes from a page of ours that knows its session's token: in the header of a script,
    or in the form itself."""
    if request.method in cookies.SAFE:
        return
    settings: Settings = request.app.state.settings
    if not cookies.is_ours(request, settings):
        raise BadCall("auth.origin", "this call does not come from a page of this node")
    said = request.headers.get(cookies.CSRF_HEADER, "")
    if not said:
        said = str((await form_of(request)).get(cookies.CSRF_FIELD, ""))
    if not cookies.is_meant(cookies.session_of(request, settings), said):
        raise BadCall("auth.csrf", "this form does not carry the token of its session")


async def form_of(request: Request) -> FormData:
    """What was sent, with files."""
    return await request.form(max_files=PHOTOS_MAX, max_fields=FIELDS_MAX)


@cache
def pages() -> Environment:
    """The templates of all rooms."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("node.edge.console", "pages"), autoescape=True,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    made.globals["static"] = statics.url
    return made


class Visit:
    """One call: what a route needs besides its own parameters."""

    def __init__(self, request: Request, desk: Desk, settings: Set, caller: Reader) -> None:
        self.request = request
        self.desk: Office = desk
        self.settings: Settings = settings
        self.caller: Caller = caller
        self.language = language_of(request)
        self.say = Speech(self.language)
        theme = request.cookies.get(THEME_COOKIE, "")
        self.theme = theme if theme in THEMES else THEMES[0]
        self.csrf = csrf_of(cookies.session_of(request, settings))

    @property
    def knows_links(self) -> bool:
        """Whether this process holds the links: of several only the owner does, and another one
        would call every link cut."""
        beside = self.request.app.state.beside
        return beside is None or beside.role == "owner"

    @property
    def is_fragment(self) -> bool:
        """Whether a script asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def seen(self) -> SplitResult:
        """The page that this person looks at: for a script, the one that asks for its part."""
        own = urlsplit(str(self.request.url))
        asking = self.request.headers.get("hx-current-url", "") if self.is_fragment else ""
        try:
            return urlsplit(asking) if asking else own
        except ValueError:
            return own

    @property
    def here(self) -> str:
        """The address of this page, with its query."""
        query = self.request.url.query
        return self.request.url.path + (f"?{query}" if query else "")

    def may(self, operation: str) -> bool:
        """Whether this person is offered an operation of the API."""
        return self.desk.access.opens(self.caller.person, operation)

    async def admit(self, operation: str, case_id: str = "") -> None:
        """Refuse what the API would refuse them: for an operation beside the one that the route
        names, or for a form that is not even shown to whoever may not send it."""
        await self.desk.access.admit(self.caller.person, operation, case_id)
        at_least(self.caller, needed(operation))

    def part(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """A part of a page."""
        return HTMLResponse(
            self._rendered(template, values), status_code=status, headers={
                **HEADERS, "Content-Security-Policy": with_tiles(self.settings.map.origins),
                "Content-Language": self.language, **(headers or {})})

    async def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page in its frame."""
        from node.edge.console.frame import frame_of

        return self.part(template, status=status, frame=await frame_of(self), **values)

    def goes(self, path: str) -> Response:
        """On to another page."""
        if self.is_fragment:
            return Response(status_code=204, headers={**HEADERS, "HX-Redirect": path})
        return RedirectResponse(path, status_code=303, headers=dict(HEADERS))

    def _rendered(self, template: str, values: Mapping[str, Any]) -> str:
        return pages().get_template(template).render({
            "_": self.say, "language": self.language, "theme": self.theme, "csrf": self.csrf,
            "here": self.here, **values,
        })


Here = Annotated[Visit, Depends(Visit)]


async def _failed(request: Request, error: Exception) -> Response:
    """What went wrong, as a page or as a message."""
    problem = await told(request, error)
    visit = Visit(
        request, request.app.state.office, request.app.state.settings,
        request.scope["state"]["caller"])
    from node.edge.console.failures import said  # its words come from rooms that come from here

    failed = said(visit, problem)
    if visit.is_fragment:
        return visit.part(
            "parts/failure.html", status=failed.status, problem=failed,
            headers={"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})
    return await visit.page("failure.html", status=failed.status, problem=failed)
