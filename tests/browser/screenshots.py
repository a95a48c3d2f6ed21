"""``make screenshots``: the pictures of docs/console.md, of the demo's federation and of a node
with something wrong. With a folder as argument every page is taken in both sizes and both themes,
to be looked at; page names behind it take only these."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.demo_pictures import DEMO, shown_demo
from tests.browser.gallery import write
from tests.browser.people import DESK, PHONE, browser, opened
from tests.browser.running_pictures import RUNNING, shown_running
from tests.browser.shots import Place, Shot

ROOT = Path(__file__).resolve().parents[2]
IMAGES, PAGE = ROOT / "docs" / "images" / "console", ROOT / "docs" / "console.md"
COLOURS = 96
"""Of a kept picture: pages have few, and a picture of many is three times as large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a page is shown."""

    language: str
    theme: str
    size: tuple[int, int]

    def name(self, shot: Shot) -> str:
        """The file of a page in this look."""
        return f"{shot.name}-{self.language}-{self.theme}-{self.size[0]}.png"


def kept(shot: Shot) -> Sequence[Look]:
    """What the docs show of a page."""
    size = PHONE if shot.phone else DESK
    return (Look(language="zh", theme="light", size=size),
            Look(language="en", theme="dark", size=size))


def every(_shot: Shot) -> Sequence[Look]:
    """What there is to look at."""
    return tuple(Look(language="zh", theme=theme, size=size)
                 for size, theme in product((DESK, PHONE), ("light", "dark")))


def take(at: Browser, places: dict[str, Place], shots: Sequence[Shot], looks: Any,
         target: Path) -> None:
    """Every shot in its looks, one browser context after the other."""
    wanted = sorted({(look.language, look.theme, look.size, shot.place)
                     for shot in shots for look in looks(shot)})
    for language, theme, size, name in wanted:
        place, look = places[name], Look(language=language, theme=theme, size=size)
        with _opened(at, place, look) as page:
            for shot in shots:
                if shot.place == name and look in looks(shot):
                    _take(page, place, shot, target / look.name(shot))


@contextmanager
def _opened(at: Browser, place: Place, look: Look) -> Iterator[Page]:
    page = opened(at, place.url, size=look.size, theme=look.theme, state=place.state,
                  language=look.language)
    try:
        yield page
    finally:
        page.context.close()


def _take(page: Page, place: Place, shot: Shot, file: Path) -> None:
    page.goto(shot.path.format(**place.names))
    page.wait_for_timeout(shot.wait_ms)
    page.screenshot(path=file)
    with Image.open(file) as picture:
        small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(file, optimize=True)


def main(target: Path, looks: Any, only: Collection[str] = ()) -> None:
    """Take them; ``only`` empty = all, else pages by their name."""
    target.mkdir(parents=True, exist_ok=True)
    for shots, shown in ((DEMO, shown_demo), (RUNNING, shown_running)):
        wanted = [shot for shot in shots if not only or shot.name in only]
        if wanted:
            with tempfile.TemporaryDirectory() as folder, browser() as at, \
                    shown(Path(folder), at) as places:
                take(at, places, wanted, looks, target)


if __name__ == "__main__":
    if sys.argv[1:]:
        main(Path(sys.argv[1]), every, sys.argv[2:])
    else:
        main(IMAGES, kept)
        write(PAGE, [(shot, [look.name(shot) for look in kept(shot)])
                     for shot in (*DEMO, *RUNNING)])
