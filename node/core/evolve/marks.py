"""Fold marks, and what is noted only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from node.core import events as ev
from node.core.case import (
    SUPERVISIONS_KEPT_MAX,
    Case,
    Supervision,
)
from node.core.climbing import Climbed
from node.core.evolve.copying import (
    but_live,
    changed,
    live_of,
    replied,
)


def _noted(case: Case, event: ev.Event) -> Case:
    return changed(case, event)


def _pressed(case: Case, event: ev.Pressed) -> Case:
    return changed(case, event, press_count=case.press_count + 1, press_text=event.text)


def _supervised(case: Case, event: ev.Supervised) -> Case:
    one = Supervision(
        supervision_id=event.supervision_id,
        reply_by=event.reply_by,
        text=event.text,
        kind=event.kind,
    )
    return changed(case, event, supervisions=_kept((*case.supervisions, one)))


def _kept(all_of_them: tuple[Supervision, ...]) -> tuple[Supervision, ...]:
    """The newest ones; what is answered goes first, so that no answer owed is forgotten."""
    over = len(all_of_them) - SUPERVISIONS_KEPT_MAX
    if over <= 0:
        return all_of_them
    answered = [one.supervision_id for one in all_of_them if one.replied][:over]
    rest = tuple(one for one in all_of_them if one.supervision_id not in answered)
    return rest[-SUPERVISIONS_KEPT_MAX:]


def _supervision_answered(case: Case, event: ev.SupervisionAnswered) -> Case:
    return changed(case, event, supervisions=replied(case, event.supervision_id, event.text))


def _overdue(case: Case, event: ev.Overdue) -> Case:
    if event.kind == "reply_by":
        marked = tuple(
            replace(one, overdue=True) if one.supervision_id == event.ref else one
            for one in case.supervisions
        )
        return changed(case, event, supervisions=marked)
    mark = {"sign_overdue": True} if event.kind == "sign_by" else {"finish_overdue": True}
    return changed(case, event, live=but_live(live_of(case), **mark))


def _order_climbed(case: Case, event: ev.OrderClimbed) -> Case:
    climbed = Climbed(step=event.step, post=event.post, name=event.name, since=event.at,
                      next_at=event.next_at)
    return changed(case, event, live=but_live(live_of(case), climbed=climbed))


APPLY: Final[Mapping[type[ev.Event], Callable[[Case, Any], Case]]] = {
    ev.ReportStale: _noted,
    ev.WordLate: _noted,
    ev.Pressed: _pressed,
    ev.Supervised: _supervised,
    ev.SupervisionAnswered: _supervision_answered,
    ev.Overdue: _overdue,
    ev.OrderClimbed: _order_climbed,
}
