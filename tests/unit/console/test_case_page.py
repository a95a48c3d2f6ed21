"""What stands out on the page of a case: the next step, and what the office above wrote."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from node.edge.console.cases.acting import LEADING
from node.edge.console.cases.view import told

VISIT = cast("Any", SimpleNamespace(say=lambda text: text))


def document(status: str, text: str, reworks: int) -> dict[str, Any]:
    return {"status": status, "rework_count": 2 * reworks,
            "duty": {"text": text, "rework_count": reworks}}


@pytest.mark.parametrize(("case", "shown"), [
    (document("held", "请先围挡", 0), ("交办说明", "请先围挡")),
    (document("held", "仍有残留砂石", 1), ("返工要求", "仍有残留砂石")),
    (document("held", "", 1), None),
    (document("done", "仍有残留砂石", 1), None),
    ({"status": "checking", "rework_count": 1, "duty": None}, None),
])
def test_whoever_works_reads_what_the_office_above_wrote(
    case: dict[str, Any], shown: tuple[str, str] | None
) -> None:
    assert told(VISIT, case) == shown


@pytest.mark.parametrize(("offered", "first"), [
    (("start-check", "close"), "close"), (("feed-back", "sign"), "sign"),
    (("feed-back", "reply"), "reply"), (("start-check", "check"), "start-check"),
])
def test_of_two_steps_the_one_that_comes_next_stands_out(
    offered: tuple[str, ...], first: str
) -> None:
    assert min(offered, key=LEADING.index) == first
