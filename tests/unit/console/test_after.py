"""What is said on the page that follows an act."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import TypeAdapter

from node.edge.console.after import Said, What, done, notice

VISIT: Any = SimpleNamespace(
    goes=lambda path: path, say=lambda text, **values: text % values if values else text)


@pytest.mark.parametrize("what", ["", "420203", "读不出" * 4_000])
def test_what_an_act_came_to_is_said_however_long_a_units_system_made_it(what: str) -> None:
    query = parse_qs(urlsplit(done(VISIT, "/console/adapters/a", "reheard", what)).query,
                     keep_blank_values=True)
    given = [query[name][0] for name in ("said", "what")]
    for shape, one in zip((Said, What), given, strict=True):
        assert TypeAdapter(shape).validate_python(one) == one
    told = notice(VISIT, {"reheard": "重读：%(what)s"}, *given)
    assert told.startswith("重读：")
    assert what.startswith(told.removeprefix("重读："))


def test_of_an_act_that_the_room_does_not_know_nothing_is_said() -> None:
    assert notice(VISIT, {"paused": "已暂停"}, "forged", "任意文字") == ""
