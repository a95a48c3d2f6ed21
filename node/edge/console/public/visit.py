"""One call of a citizen's page: its language, its look, and what went wrong said as a page."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from node.edge.console.speech import LANGUAGE_COOKIE, Speech, language_of
from node.edge.console.visit import HEADERS, THEMES, pages, speak
from node.edge.http.cookies import address_of, is_secure
from node.edge.http.desk import Desk, Set
from node.edge.http.problems import BadCall, told
from node.service.office import Office
from node.settings import Settings

YEAR_S: Final = 365 * 86_400
ADDRESS_CHARS_MAX: Final = 64
_LANGUAGES: Final = ("zh", "en")


class PublicRoute(APIRoute):
    """A route that anybody may call."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            speak(request)
            try:
                return await handle(request)
            except ClientDisconnect:
                raise
            except Exception as error:  # noqa: BLE001 - said as a page; a bug is logged there
                problem = await told(request, error)
                visit = PublicVisit(request, request.app.state.office, request.app.state.settings)
                return visit.page("public/failure.html", status=problem.status, problem=problem)

        return answered


class PublicVisit:
    """What a route needs besides its own parameters."""

    def __init__(self, request: Request, desk: Desk, settings: Set) -> None:
        self.request = request
        self.desk: Office = desk
        self.settings: Settings = settings
        asked = request.query_params.get("lang", "")
        self.language = {"zh": "zh-CN", "en": "en"}.get(asked) or language_of(request)
        self.say = Speech(self.language)

    @property
    def address(self) -> str:
        """Where the call comes from, as it is counted."""
        return address_of(self.request, self.settings)[:ADDRESS_CHARS_MAX]

    def opened(self, *, reports: bool = False, evaluation: bool = False) -> None:
        """Refuse what the office has not opened, as if it were not there (``http.not_found``)."""
        rules = self.settings.public
        if not ((reports and rules.reports) or (evaluation and rules.evaluation)):
            raise BadCall("http.not_found", self.say("本单位没有开放此页面"))

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page."""
        body = pages().get_template(template).render({
            "_": self.say, "language": self.language, "theme": THEMES[0],
            "office": self.desk.name, "rules": self.settings.public,
            "path": self.request.url.path, **values,
        })
        answer = HTMLResponse(body, status_code=status, headers={
            **HEADERS, "Referrer-Policy": "no-referrer", "Content-Language": self.language,
            "Vary": "Cookie, Accept-Language"})
        asked = self.request.query_params.get("lang", "")
        if asked in _LANGUAGES:
            answer.set_cookie(
                LANGUAGE_COOKIE, asked, max_age=YEAR_S, path="/", httponly=True, samesite="lax",
                secure=is_secure(self.settings))
        return answer


There = Annotated[PublicVisit, Depends(PublicVisit)]
