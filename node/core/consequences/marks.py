"""What follows from marks."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    answered,
    down,
    live_before,
    settle_climb,
    up,
)
from node.core.effects import (
    OpenWork,
    SetTimer,
    TimerKind,
    WorkKind,
)
from node.core.facts import AddressKind, Rank


def _pressed(before: Case | None, event: ev.Pressed, after: Case) -> Effects:  # noqa: ARG001
    live = after.live
    if live is None or live.rank is Rank.DONE:
        return ()
    return (down(after, live, live.generation, w.Press(), event.text),)


def _supervised(before: Case | None, event: ev.Supervised, after: Case) -> Effects:  # noqa: ARG001
    owed: Effects = (
        SetTimer(kind=TimerKind.REPLY_BY, ref=event.supervision_id, due_at=event.reply_by),
        OpenWork(kind=WorkKind.REPLY, ref=event.supervision_id, detail=event.text),
    )
    live = after.live
    if live is None:
        return owed
    act = w.Supervise(
        supervision_id=event.supervision_id, reply_by=event.reply_by, kind=event.kind
    )
    return (down(after, live, live.generation, act, event.text), *owed)


def _supervision_answered(
    before: Case | None,  # noqa: ARG001
    event: ev.SupervisionAnswered,
    after: Case,
) -> Effects:
    if after.duty is None:
        return answered(event.supervision_id)  # we owed it to ourselves
    reply = w.ReplyReport(supervision_id=event.supervision_id)
    return (up(after, reply, event.text), *answered(event.supervision_id))


def _overdue(before: Case | None, event: ev.Overdue, after: Case) -> Effects:  # noqa: ARG001
    item = f"{event.kind}/{event.ref}"
    unsigned = event.kind == TimerKind.SIGN_BY
    kind = WorkKind.PRESS if unsigned else WorkKind.OVERDUE
    return (OpenWork(kind=kind, ref=item, detail=event.due_at.isoformat()),)


def _order_climbed(before: Case | None, event: ev.OrderClimbed, after: Case) -> Effects:
    old, live = live_before(before), after.live
    assert live is not None, "only what is handed over climbs"
    item = OpenWork(
        kind=WorkKind.CLIMB, ref=live.climb_ref, detail=f"{event.post} {event.name}".strip())
    said: Effects = ()
    if live.to.kind is AddressKind.NODE:
        # a unit's own system has no word for it; whoever reads our desk calls them
        said = (down(after, live, live.generation, w.Press(), event.text),)
    following: Effects = ()
    if event.next_at is not None:
        ref = f"{live.round_ref}/{event.step + 1}"
        following = (SetTimer(kind=TimerKind.CLIMB, ref=ref, due_at=event.next_at),)
    return (*settle_climb(old), item, *said, *following)


FOLLOW: Final[Follow] = {
    ev.Pressed: _pressed,
    ev.Supervised: _supervised,
    ev.SupervisionAnswered: _supervision_answered,
    ev.Overdue: _overdue,
    ev.OrderClimbed: _order_climbed,
}
