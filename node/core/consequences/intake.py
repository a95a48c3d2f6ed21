"""What follows before filing, beside a case, and after its end."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from node.core import events as ev
from node.core.case import Case, Stage, is_over, is_part
from node.core.consequences.saying import Effects, Follow, case_over
from node.core.effects import EndKind, OpenAnother, OpenWork, PartWaits, SettleWork, Tell, WorkKind
from node.core.facts import CaseId

_ENDS: Final = {
    Stage.CLOSED: EndKind.CLOSED,
    Stage.NOT_ACCEPTED: EndKind.NOT_ACCEPTED,
    Stage.NOT_FILED: EndKind.NOT_FILED,
    Stage.VOIDED: EndKind.VOIDED,
}


def ended(before: Case | None, event: ev.Event, after: Case) -> Effects:
    """Whichever event it was: nobody need look any more, or an own case came to its end and who
    waits for it is told."""
    stage = after.stage
    if stage is None or before is None or before.stage is stage:
        return ()
    effects: Effects = ()
    if before.task is not None and after.task is None:
        looked = WorkKind.VERIFY if before.stage is Stage.VERIFYING else WorkKind.CHECK
        effects = (SettleWork(kind=looked),)
    kind = _ENDS.get(stage)
    if kind is None:
        return effects
    words = getattr(event, "reason", "") or getattr(event, "text", "")
    if not isinstance(event, ev.CaseClosed | ev.CaseVoided):
        # what was put right at once and failed its check may be supervised and never filed
        effects = (*effects, *case_over(before, after))
    return (*effects, Tell(kind=kind, text=words, duplicate_of=after.duplicate_of))


def parts(before: Case | None, event: ev.Event, after: Case) -> Effects:  # noqa: ARG001
    """The end of a case reaches the cases that assist it, and those assist nobody silently; the end
    of a part is the end of what it waited for."""
    part = is_part(after)
    if before is None or not (part or after.parts):
        return ()
    over = is_over(after)
    if over is is_over(before):
        return ()
    settled = (SettleWork(kind=WorkKind.LEAD_OVER),) if part and over else ()
    return (*settled, *(PartWaits(part_id=one, waits=over) for one in after.parts))


def _flagged(
    before: Case | None,  # noqa: ARG001
    event: ev.CaseOpened | ev.CaseFlagged,
    after: Case,  # noqa: ARG001
) -> Effects:
    return tuple(
        OpenWork(kind=WorkKind.DOUBT, ref=one.ref, detail=f"{one.kind} {one.value('digest')}")
        for one in event.flags
        if one.waits
    )


def _doubt_settled(before: Case | None, event: ev.DoubtSettled, after: Case) -> Effects:  # noqa: ARG001
    return (SettleWork(kind=WorkKind.DOUBT, ref=event.ref),)


def _verify_started(before: Case | None, event: ev.VerifyStarted, after: Case) -> Effects:  # noqa: ARG001
    return (OpenWork(kind=WorkKind.VERIFY, ref="", detail=event.collector),)


def _check_started(before: Case | None, event: ev.CheckStarted, after: Case) -> Effects:  # noqa: ARG001
    return (OpenWork(kind=WorkKind.CHECK, ref="", detail=event.collector),)


def _part_opened(before: Case | None, event: ev.PartOpened, after: Case) -> Effects:  # noqa: ARG001
    lead = after.facts
    assert lead is not None, "a tombstone leads nobody"
    facts = replace(
        lead,
        case_no="",
        category=event.category or lead.category,
        text=event.text,
        reported_at=event.at,
        part_of=after.case_id,
        part_role=event.role,
        reopens="",
    )
    return (
        OpenAnother(
            case_id=event.part_id,
            facts=facts,
            filed=event.text,
            condition=after.condition if event.category is None else None,
        ),
    )


def _reopen_asked(before: Case | None, event: ev.ReopenAsked, after: Case) -> Effects:  # noqa: ARG001
    return (OpenWork(kind=WorkKind.REOPEN, ref="", detail=event.text),)


def _reopen_decided(before: Case | None, event: ev.ReopenDecided, after: Case) -> Effects:  # noqa: ARG001
    settled = SettleWork(kind=WorkKind.REOPEN)
    if not event.granted:
        return (settled, Tell(kind=EndKind.KEPT_CLOSED, text=event.text))
    old = after.facts
    assert old is not None, "an own case is known"
    asked = after.reopening.text if after.reopening is not None else ""
    # what was reported is carried whole; why it is taken up again is said beside it
    # a part comes back as a case of its own: the lead knows its parts, and this is none of them
    facts = replace(old, case_no="", reported_at=event.at, reopens=after.case_id, part_of="",
                    part_role="")
    return (
        settled,
        OpenAnother(
            case_id=CaseId(event.new_case_id),
            facts=facts,
            text="；".join(one for one in (asked, event.text) if one),
            contact=after.contact,
            wants_reply=after.wants_reply,
        ),
        Tell(kind=EndKind.REOPENED, text=event.text),
    )


FOLLOW: Final[Follow] = {
    ev.CaseOpened: _flagged,
    ev.CaseFlagged: _flagged,
    ev.DoubtSettled: _doubt_settled,
    ev.VerifyStarted: _verify_started,
    ev.CheckStarted: _check_started,
    ev.PartOpened: _part_opened,
    ev.ReopenAsked: _reopen_asked,
    ev.ReopenDecided: _reopen_decided,
}
