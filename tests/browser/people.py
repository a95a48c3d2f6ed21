"""People at browsers: a page that is logged in, and what is noticed on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.town import CHROMIUM, PASSWORD
from tests.pictures import jpeg

DESK, PHONE = (1280, 800), (360, 740)
SHIFTS = (
    "window.moved = 0; new PerformanceObserver(list => { for (const one of list.getEntries())"
    " if (!one.hadRecentInput) window.moved += one.value; })"
    ".observe({type: 'layout-shift', buffered: true})")
"""Script of a page before all others: sums in ``window.moved`` what moved by itself."""


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window; nothing is downloaded."""
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=[
            # Maps are drawn without a graphics card.
            "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
            "--lang=zh-CN"])
        try:
            yield found
        finally:
            found.close()


def opened(
    at: Browser, url: str, *, size: tuple[int, int] = DESK, scripts: bool = True,
    state: Any = None, theme: str = "light", language: str = "zh",
) -> Page:
    """A page of a fresh browser of its own. What the page's script or policy complains of is kept
    in ``page.complaints``."""
    context = at.new_context(
        base_url=url, viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts,
        locale={"zh": "zh-CN", "en": "en-GB"}[language], timezone_id="Asia/Shanghai",
        storage_state=state, color_scheme="dark" if theme == "dark" else "light",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(
        f"{said.text} {said.location['url']}") if said.type in {"error", "warning"} else None)
    page.complaints = complaints  # type: ignore[attr-defined]
    return page


def log_in(page: Page, login: str, password: str = PASSWORD) -> None:
    """Through the login page, to the console."""
    page.goto("/console")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/console/**")


def state_of(at: Browser, url: str, login: str, password: str = PASSWORD) -> Any:
    """Cookies of somebody who has logged in."""
    page = opened(at, url)
    log_in(page, login, password)
    state = page.context.storage_state()
    page.context.close()
    return state


@contextmanager
def seats(
    at: Browser, url: str, states: Mapping[str, Any], first: str
) -> Iterator[Callable[..., Page]]:
    """Opens pages of people who are logged in, of ``first`` unless another is named; they are
    closed with the block."""
    made: list[Page] = []

    def open_one(login: str = first, **how: Any) -> Page:
        made.append(opened(at, url, state=states[login], **how))
        return made[-1]

    try:
        yield open_one
    finally:
        for page in made:
            page.context.close()


def photo(name: str) -> Any:
    """A picture for a field of files."""
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(name.encode())}
