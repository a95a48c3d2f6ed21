"""One town, one browser and people who have logged in, for all files of this folder.

A process drives one browser: whoever needs another node opens its pages in this one. It ends with
this folder: while it is open no other test of the process can run an event loop of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.people import browser, log_in, opened
from tests.browser.town import Town, build


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = build(tmp_path_factory.mktemp("town"))
    try:
        yield made
    finally:
        made.node.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture(scope="package")
def states(town: Town, chromium: Browser) -> dict[str, Any]:
    """Cookies of people who have logged in, by login."""
    found: dict[str, Any] = {}
    for login in ("liu.yang", "zhang.jun", "wang.li"):
        page = opened(chromium, town.node.url)
        log_in(page, login)
        found[login] = page.context.storage_state()
        page.context.close()
    return found


@pytest.fixture
def desk(town: Town, chromium: Browser, states: dict[str, Any]) -> Iterator[Any]:
    """Opens pages of somebody who is logged in."""
    made: list[Page] = []

    def open_one(login: str = "liu.yang", **how: Any) -> Page:
        page = opened(chromium, town.node.url, state=states[login], **how)
        made.append(page)
        return page

    yield open_one
    for page in made:
        page.context.close()
