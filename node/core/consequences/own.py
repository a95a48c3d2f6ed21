"""What follows from what happens to an own case."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core.case import Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    case_over,
    settle_proofread,
)


def _case_closed(before: Case | None, event: ev.CaseClosed, after: Case) -> Effects:  # noqa: ARG001
    return case_over(before, after)


def _check_passed(before: Case | None, event: ev.CheckPassed, after: Case) -> Effects:  # noqa: ARG001
    assert before is not None, "only a known case is checked"
    return settle_proofread(before.live) if before.live is not None else ()


FOLLOW: Final[Follow] = {
    ev.CaseClosed: _case_closed,
    ev.CheckPassed: _check_passed,
}
