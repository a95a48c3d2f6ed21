"""What follows from what happens to what we hold for our assignor."""

from __future__ import annotations

from typing import Final

from node.core import events as ev
from node.core import words as w
from node.core.case import Case
from node.core.consequences.saying import (
    Effects,
    Follow,
    answered,
    case_over,
    settle_confirm,
    up,
)
from node.core.effects import SettleWork, WorkKind


def _order_taken(before: Case | None, event: ev.OrderTaken, after: Case) -> Effects:  # noqa: ARG001
    """An answer that was owed under the order before is owed no more: whoever gave that order has
    it on their own desk and asks anew."""
    owed = before.supervisions if before is not None else ()
    return tuple(
        effect for one in owed if not one.replied for effect in answered(one.supervision_id)
    )


def _duty_signed(before: Case | None, event: ev.DutySigned, after: Case) -> Effects:  # noqa: ARG001
    return (up(after, w.SignedReport(unit_reference=event.unit_reference), event.text),)


def _duty_progressed(before: Case | None, event: ev.DutyProgressed, after: Case) -> Effects:  # noqa: ARG001
    return (up(after, w.ProgressReport(), event.text),)


def _duty_done(before: Case | None, event: ev.DutyDone, after: Case) -> Effects:
    said = up(after, w.DoneReport(
        result=event.result, photos=event.photos, closing=event.closing), event.text)
    assert before is not None, "only what is held can be done"
    settled = (SettleWork(kind=WorkKind.ROUTE),) if before.unrouted else ()
    if before.live is None:
        return (said, *settled)
    # what its assignee still asks after done is an appeal: that waits on
    return (said, *settled, *settle_confirm(before.live))


def _request_raised(before: Case | None, event: ev.RequestRaised, after: Case) -> Effects:  # noqa: ARG001
    request = w.RequestReport(
        request_id=event.request_id,
        kind=event.kind,
        reason_code=event.reason_code,
        asker=event.asker,
        wanted_until=event.wanted_until,
        photos=event.photos,
        ordinal=event.ordinal,
    )
    return (up(after, request, event.text),)


def _duty_ended(before: Case | None, event: ev.DutyEnded, after: Case) -> Effects:  # noqa: ARG001
    return case_over(before, after)


def _duty_buried(before: Case | None, event: ev.DutyBuried, after: Case) -> Effects:  # noqa: ARG001
    return case_over(before, after)


FOLLOW: Final[Follow] = {
    ev.OrderTaken: _order_taken,
    ev.DutySigned: _duty_signed,
    ev.DutyProgressed: _duty_progressed,
    ev.DutyDone: _duty_done,
    ev.RequestRaised: _request_raised,
    ev.DutyEnded: _duty_ended,
    ev.DutyBuried: _duty_buried,
}
