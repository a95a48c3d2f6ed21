"""One town, one browser and people who have logged in, for all files of this folder.

A process drives one browser: whoever needs another node opens its pages in this one. It ends with
this folder: while it is open no other test of the process can run an event loop of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.people import browser, seats, state_of
from tests.browser.town import PEOPLE, Town, build


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
    return {login: state_of(chromium, town.node.url, login) for login, *_ in PEOPLE}


@pytest.fixture
def desk(town: Town, chromium: Browser, states: dict[str, Any]) -> Iterator[Any]:
    """Opens pages of somebody who is logged in."""
    with seats(chromium, town.node.url, states, "liu.yang") as open_one:
        yield open_one
