"""How the pages look and speak: theme and language, kept in cookies of this browser."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Response

from node.edge.console.speech import LANGUAGE_COOKIE
from node.edge.console.visit import THEME_COOKIE, THEMES, Here, PageRoute, form_of
from node.edge.http import cookies
from node.edge.http.gate import is_console

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)
YEAR_S: Final = 365 * 86_400


@router.post("/look", operation_id="whoAmI")
async def look(visit: Here) -> Response:
    """Choose a theme or a language, and come back to the page that was shown."""
    fields = await form_of(visit.request)
    back = str(fields.get("back", ""))
    answer = visit.goes(back if is_console(back.partition("?")[0]) else "/console")
    for cookie, field, choices in (
        (THEME_COOKIE, "theme", THEMES), (LANGUAGE_COOKIE, "language", ("zh", "en")),
    ):
        chosen = str(fields.get(field, ""))
        if chosen in choices:
            answer.set_cookie(
                cookie, chosen, max_age=YEAR_S, path="/", httponly=True, samesite="lax",
                secure=cookies.is_secure(visit.settings))
    return answer
