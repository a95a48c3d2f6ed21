"""The pictures of docs/console.md: every page has its own, in both languages and themes."""

from __future__ import annotations

import re

from node.edge.console.rooms import ROOMS
from tests.browser.demo_pictures import DEMO
from tests.browser.running_pictures import RUNNING
from tests.browser.screenshots import IMAGES, PAGE, kept

KEPT_BYTES_MAX = 8 * 1024 * 1024


def test_every_page_is_shown_and_all_pictures_together_are_small() -> None:
    files = {look.name(shot) for shot in (*DEMO, *RUNNING) for look in kept(shot)}
    shown = set(re.findall(r'src="images/console/([^"]+)"', PAGE.read_text(encoding="utf-8")))
    assert shown == files
    assert files == {one.name for one in IMAGES.iterdir()}
    assert sum(one.stat().st_size for one in IMAGES.iterdir()) <= KEPT_BYTES_MAX


def test_every_room_has_a_picture() -> None:
    seen = {shot.path.partition("?")[0].partition("#")[0] for shot in (*DEMO, *RUNNING)}
    assert {room.path for room in ROOMS} - seen == set()
