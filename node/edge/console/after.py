"""After an act: the page that follows says what was done, by words of its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Response

if TYPE_CHECKING:
    from node.edge.console.visit import Visit

WHAT_CHARS_MAX: Final = 300
"""Of what an act was done to, or came to; the rest of a longer text is left away."""
Said = Annotated[str, Query(alias="said", max_length=20)]
What = Annotated[str, Query(alias="what", max_length=WHAT_CHARS_MAX)]


def done(visit: Visit, path: str, said: str, what: str = "") -> Response:
    """Back to a page that says what was done. ``said``: a key of the texts of the room."""
    return visit.goes(f"{path}?{urlencode({'said': said, 'what': what[:WHAT_CHARS_MAX]})}")


def notice(visit: Visit, texts: Mapping[str, str], said: str, what: str) -> str:
    """What is said of the act before; "" = none."""
    text = texts.get(said, "")
    return visit.say(text, what=what) if text else ""
