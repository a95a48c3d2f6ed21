"""What follows from what happens to an own case."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core.case import Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    case_over,
)


def _case_closed(before: Case | None, event: ev.CaseClosed, after: Case) -> Effects:  # noqa: ARG001
    return case_over(before, after)


FOLLOW: Final[Follow] = {
    ev.CaseClosed: _case_closed,
}
