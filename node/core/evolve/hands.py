"""Fold whose hands did the work and whose judged it: supervision and handling are separate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node.core import events as ev
from node.core.case import HANDS_KEPT_MAX, Case
from node.core.evolve.coordination import Fold
from node.core.evolve.copying import but_case

_SIDES: Final[Mapping[type[ev.Event], str]] = {
    ev.DutyProgressed: "handlers",
    ev.DutyDone: "handlers",
    ev.CaseSelfHandled: "handlers",
    ev.CheckStarted: "checkers",
    ev.CheckPassed: "checkers",
    ev.CheckFailed: "checkers",
    ev.CaseClosed: "checkers",
}


def noting(folds: Mapping[type[ev.Event], Fold]) -> Mapping[type[ev.Event], Fold]:
    """``folds`` of the events that somebody's hands are in, with the hands noted."""

    def noted(side: str, usual: Fold) -> Fold:
        def fold(case: Case, event: Any) -> Case:
            after = usual(case, event)
            hands: tuple[str, ...] = getattr(after, side)
            if not event.by or event.by in hands:
                return after
            return but_case(after, **{side: (*hands, event.by)[-HANDS_KEPT_MAX:]})

        return fold

    return {of: noted(_SIDES[of], usual) for of, usual in folds.items() if of in _SIDES}
