"""The lights of the frame tell of links that somebody waits for, and of no others."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from node.edge.console.frame import lights
from node.service.findings import trouble
from node.service.link_views import LinkView
from node.service.phrases import phrase
from node.service.views import Level

VISIT = cast("Any", SimpleNamespace(language="zh", say=lambda text, **given: text % given))


def link(peer: str, *, state: str = "UP", connected: bool = True) -> LinkView:
    return LinkView(
        link=f"420200-{peer}", peer=peer, peer_is="CHILD", state=state, reason="",
        sentence=phrase("link.well"), connected=connected,
        last_contact=datetime(2026, 3, 2, tzinfo=UTC))


def test_a_child_that_was_retired_is_not_missed() -> None:
    gone = link("420203", state="RETIRED", connected=False)

    assert lights(VISIT, [gone]) == ()
    (light,) = lights(VISIT, [link("420202"), gone])
    assert (light.state, light.text) == ("ok", "下级连接 1/1")
    level, remedy = trouble(gone)
    assert (level, bool(remedy)) == (Level.OK, False)


def test_a_child_that_is_cut_off_is_missed() -> None:
    cut = link("420203", connected=False)

    (light,) = lights(VISIT, [link("420202"), cut])
    assert (light.state, light.text) == ("warn", "下级连接 1/2")
    assert trouble(cut)[0] is Level.WARN
