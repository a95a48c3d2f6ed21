"""What the pages say, and in which language: the Chinese sentence is the key, English is looked up.

Catalogues are gettext ``.po`` files, one per room and language (``words/<room>.en.po``), read as
they are: no compiled file has to be kept fresh, and two people who add a page touch two files.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.requests import Request

from node.edge.http.problems import language as preferred

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"
LANGUAGE_COOKIE: Final = "wanmi_lang"
_COOKIE: Final = {"en": ENGLISH, "zh": CHINESE}


def language_of(request: Request) -> str:
    """``zh-CN`` or ``en``: what was chosen on a page, else what the browser prefers."""
    chosen = _COOKIE.get(request.cookies.get(LANGUAGE_COOKIE, ""))
    return chosen or preferred(request.headers.get("accept-language", ""))


@cache
def catalogue() -> Mapping[str, str]:
    """Every Chinese text of the pages with its English."""
    import polib

    found: dict[str, str] = {}
    for path in sorted(files("node.edge.console").joinpath("words").iterdir(),
                       key=lambda one: one.name):
        if path.name.endswith(".en.po"):
            for entry in polib.pofile(path.read_text(encoding="utf-8")):
                found[entry.msgid] = entry.msgstr
    return found


class Speech:
    """Says texts in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._found: Mapping[str, str] = catalogue() if language == ENGLISH else {}

    def __call__(self, text: str, /, **values: object) -> str:
        """The text, its ``%(name)s`` filled in. A text that no catalogue has is said in Chinese:
        names that come from a city's own data have no English."""
        said = self._found.get(text) or text
        return said % values if values else said
