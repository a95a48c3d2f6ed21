"""Verbs before filing, beside a case, and after its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import Case
from node.core.context import Context
from node.core.decide.guards import Events, Make, in_words
from node.core.errors import Invalid
from node.core.facts import NOTHING_WANTED, Category, Facts, Outcome, Photo
from node.core.flagging import collector_of, picture_flags, report_flags
from node.core.flags import FlagKind
from node.core.reasons import DECLINE, NOT_ACCEPT
from node.core.sources import Source, details_of, hold_to, photos_of
from node.core.spot import Spot
from node.core.standards import Condition, check_condition, check_listed, day_of, key_of

ASSIST: Final = "assist"
"""The one role of a part so far: it helps, the lead answers."""
SCORES: Final = range(1, 6)
"""Steps of satisfaction, 1 = very unhappy."""
TOLD: Final = ("delivered", "failed")
AHEAD_MAX: Final = timedelta(minutes=5)
"""How far a device's clock may run before ours; a report from beyond was not made yet."""


def open_case(case: Case | None, command: cmd.OpenCase, ctx: Context) -> Events:  # noqa: ARG001
    category = _named(classed(command.category), ctx)
    in_words(command.place.area, of="place.area")
    in_words(command.case_no, of="case_no")
    details, source = command.source_details, None
    if ctx.sources is not None:
        source = ctx.sources.get(command.source)
        rule = ctx.sources.of_class(category)
        details = _with_beat(source, details_of(source, details, rule.details), command.spot)
        hold_to(source, rule, category, details, command.photos)
    reporter = command.reporter
    if reporter is not None and reporter.wants_reply and not reporter.reachable:
        raise Invalid(
            "whoever wants a reply leaves a phone", code="intake.contact", field="reporter.phone"
        )
    facts = Facts(
        case_no=command.case_no,
        filing_node=ctx.node,
        category=category,
        place=command.place,
        text=in_words(command.text, of="text"),
        source=command.source,
        reported_at=_reported(command.reported_at, ctx),
        urgent=command.urgent,
        photos=command.photos,
        component=command.component,
        source_details=details,
        borders=_borders(command.spot),
    )
    return (
        ev.CaseOpened(
            at=ctx.now,
            case_id=command.case_id,
            facts=facts,
            contact=reporter is not None and reporter.reachable,
            wants_reply=reporter is not None and reporter.wants_reply,
            flags=report_flags(facts, command.spot, command.taken, source, ctx),
            taken=command.taken,
        ),
    )


def _borders(spot: Spot | None) -> tuple[str, ...]:
    """The divisions that may be responsible, where there are several: whoever is handed the case
    sees them too."""
    near = spot.divisions if spot is not None else ()
    return tuple(f"{code} {name}".strip() for code, name in near) if len(near) > 1 else ()


def _with_beat(
    source: Source, details: tuple[tuple[str, str], ...], spot: Spot | None
) -> tuple[tuple[str, str], ...]:
    """A patrol report carries its beat: where it names none, the one that its point lies in."""
    here = spot.beats if spot is not None else None
    if not source.beat or here is None or len(here) != 1 or source.beat in dict(details):
        return details
    order = [one.key for one in source.details]
    whole = (*details, (source.beat, here[0]))
    return tuple(sorted(whole, key=lambda one: (
        order.index(one[0]) if one[0] in order else len(order))))


def classed(category: Category) -> Category:
    """``category``, which must name a kind, a code and the standard it comes from."""
    if category.kind not in ("component", "matter"):
        raise Invalid("a category is a component or a matter", field="category.kind", why="kind")
    in_words(category.code, of="category.code")
    in_words(category.standard_ref, of="category.standard_ref")
    return category


def _named(category: Category, ctx: Context) -> Category:
    """``category`` by the name of its class, if whoever reports left the name out: letters to the
    reporter and every list name the class, and a bare code tells a citizen nothing."""
    if category.name or ctx.catalog is None:
        return category
    entry = ctx.catalog.entry(key_of(category), day_of(ctx.now))
    return category if entry is None else replace(category, name=entry.name)


def _reported(at: datetime | None, ctx: Context) -> datetime:
    if at is None:
        return ctx.said_at or ctx.now
    oldest = ctx.reported_age_max
    if at > ctx.now + AHEAD_MAX or (oldest is not None and at < ctx.now - oldest):
        raise Invalid(
            f"{at.isoformat()} is no time at which this can have been reported",
            code="intake.reported_at",
            field="reported_at",
            given=at.isoformat(),
        )
    return at


def _accept(case: Case, command: cmd.Accept, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.CaseAccepted(at=ctx.now, text=command.text),)


def _not_accept(case: Case, command: cmd.NotAccept, ctx: Context) -> Events:
    original(case, command.duplicate_of, ctx)
    listed_reason(NOT_ACCEPT, command.reason_code, command.reason, ctx)
    return (
        ev.CaseNotAccepted(
            at=ctx.now,
            reason=in_words(command.reason, of="reason"),
            reason_code=command.reason_code,
            duplicate_of=command.duplicate_of,
        ),
    )


def listed_reason(verb: str, code: str, text: str, ctx: Context) -> None:
    """``Invalid`` (``reason.unknown``, ``reason.text``) for a code that our lists do not have."""
    if ctx.sources is not None:
        ctx.sources.reasons.check(verb, code, text)


def original(case: Case, named: str, ctx: Context) -> None:
    """``named`` ("" = none) must be another case here that goes on by itself: what is a duplicate
    follows a case, never another duplicate. Raises ``Invalid`` (``intake.duplicate_of``)."""
    if not named or ctx.others is None:
        return
    found = ctx.others.get(named)
    why = ""
    if found is None:
        why = "there is no such case here"
    elif found.case_id == case.case_id:
        why = "a case is no duplicate of itself"
    elif found.duplicate_of:
        why = f"that is a duplicate itself, of {found.duplicate_of}"
    if why:
        raise Invalid(
            f"it cannot be a duplicate of {named}: {why}",
            code="intake.duplicate_of",
            field="duplicate_of",
            given=named,
        )


def _start_verify(case: Case, command: cmd.StartVerify, ctx: Context) -> Events:  # noqa: ARG001
    return (
        ev.VerifyStarted(
            at=ctx.now,
            collector=in_words(command.collector, of="collector"),
            text=command.text,
            due_by=due(command.due_by, ctx),
        ),
    )


def due(by: datetime | None, ctx: Context) -> datetime | None:
    """When a task is due, which must lie ahead; None = no limit."""
    if by is not None and by <= ctx.now:
        raise Invalid(
            "a task is due in the future", code="intake.due_by", field="due_by",
            given=by.isoformat(),
        )
    return by


def _record_verify(case: Case, command: cmd.RecordVerify, ctx: Context) -> Events:
    text = command.text if command.found else in_words(command.text, of="text")
    sent = case.task.collector if case.task is not None else ""
    return (
        ev.VerifyDone(
            at=ctx.now,
            found=command.found,
            text=text,
            photos=command.photos,
            collector=command.collector or sent,
        ),
        *doubted(case, command.photos, ctx, collector=command.collector or sent),
    )


def doubted(
    case: Case, photos: tuple[Photo, ...], ctx: Context, *, collector: str = ""
) -> Events:
    """Doubts about pictures that come with a later act, () = there are none."""
    if case.facts is None:
        return ()
    known = {one.ref for one in case.flags}
    found = picture_flags(photos, case.facts, ctx, collector=collector)
    new = tuple(one for one in found if one.ref not in known)
    return (ev.CaseFlagged(at=ctx.now, flags=new),) if new else ()


def _self_handle(case: Case, command: cmd.SelfHandle, ctx: Context) -> Events:
    facts = case.facts
    assert facts is not None, "an own case is known"
    source = ctx.sources.rows.get(facts.source) if ctx.sources is not None else None
    if source is not None:
        photos_of(source, command.photos, source.handled)
    hands = collector_of(source, facts) or command.actor
    return (
        ev.CaseSelfHandled(
            at=ctx.now,
            result=in_words(command.result, of="result"),
            photos=command.photos,
            by=hands,
        ),
        *doubted(case, command.photos, ctx, collector=collector_of(source, facts)),
    )


def _settle_doubt(case: Case, command: cmd.SettleDoubt, ctx: Context) -> Events:
    doubt = next(one for one in case.flags if one.ref == command.ref and one.waits)
    return (
        ev.DoubtSettled(
            at=ctx.now,
            ref=doubt.ref,
            confirmed=command.confirmed,
            decider=command.actor,
            text=in_words(command.text, of="text"),
            collector=doubt.collector,
        ),
    )


def file(case: Case, command: cmd.File, ctx: Context) -> Events:
    facts = case.facts
    assert facts is not None, "an own case is known"
    category = facts.category
    if command.category is not None:
        category = _named(classed(command.category), ctx)
    listed = check_listed(
        ctx.catalog, category, at=ctx.now, reason=command.out_of_list_reason
    )
    outside = _outside(case, command)
    number = command.condition_no or category.condition_no
    met: Condition | None = None
    if number or ctx.condition_required:
        area = facts.place.area
        met = check_condition(ctx.catalog, category, number, area=area, at=ctx.now)
    anew = replace(category, condition_no=number)
    limit = met.limit if met is not None else None
    return (
        ev.CaseFiled(
            at=ctx.now,
            text=command.text,
            condition_no=number,
            category=anew if anew != facts.category else None,
            catalog_version=listed.version,
            out_of_list_reason=listed.reason,
            outside_reason=outside,
            filing=met.filing if met is not None else "",
            closing=met.closing if met is not None else "",
            limit_count=limit.value if limit is not None else 0,
            limit_unit=limit.unit.value if limit is not None else "",
            wanted=ctx.feedback.wanted(anew) if ctx.feedback is not None else NOTHING_WANTED,
        ),
    )


def _outside(case: Case, command: cmd.File) -> str:
    """Why it is filed although it lies outside the coverage, or not in the division that is named;
    "" = neither is so."""
    marked = {one.kind: one for one in case.flags}
    reason = command.outside_reason.strip()
    if FlagKind.OUTSIDE_COVERAGE in marked:
        if not reason:
            raise Invalid(
                "the place lies outside the coverage of the method: say why the case is to be "
                "filed all the same",
                code="intake.outside",
                field="outside_reason",
            )
        return reason
    contradicted = marked.get(FlagKind.AREA_CONTRADICTED)
    if contradicted is None:
        return ""
    if not reason:
        raise Invalid(
            "the division that is named is not the one in which the point lies: say why the case "
            "is to be filed all the same",
            code="intake.area",
            field="outside_reason",
            **dict(contradicted.values),
        )
    return reason


def decline(case: Case, command: cmd.Decline, ctx: Context) -> Events:
    original(case, command.duplicate_of, ctx)
    listed_reason(DECLINE, command.reason_code, command.reason, ctx)
    return (
        ev.CaseDeclined(
            at=ctx.now,
            reason=in_words(command.reason, of="reason"),
            reason_code=command.reason_code,
            duplicate_of=command.duplicate_of,
        ),
    )


def _open_part(case: Case, command: cmd.OpenPart, ctx: Context) -> Events:  # noqa: ARG001
    in_words(command.part_id, of="part_id")
    if ctx.others is not None and command.part_id in ctx.others:
        raise Invalid(
            "a part is a case of its own, with a fresh id", field="part_id", why="fresh_part"
        )
    return (
        ev.PartOpened(
            at=ctx.now,
            part_id=command.part_id,
            role=ASSIST,
            text=in_words(command.text, of="text"),
            category=classed(command.category) if command.category is not None else None,
        ),
    )


def _give_satisfaction(case: Case, command: cmd.GiveSatisfaction, ctx: Context) -> Events:
    if command.score not in SCORES:
        raise Invalid("satisfaction is a number from 1 to 5", code="intake.score", field="score")
    given = ev.SatisfactionGiven(
        at=ctx.now, score=command.score, text=command.text, channel=command.channel
    )
    above = case.passing is not None and case.passing.outcome is Outcome.CLOSED
    if command.score > ctx.reopen_score_max or case.reopening is not None or above:
        return (given,)
    return (given, ev.ReopenAsked(at=ctx.now, text=command.text))


def _ask_reopen(case: Case, command: cmd.AskReopen, ctx: Context) -> Events:  # noqa: ARG001
    return (ev.ReopenAsked(at=ctx.now, text=in_words(command.text, of="text")),)


def _decide_reopen(case: Case, command: cmd.DecideReopen, ctx: Context) -> Events:  # noqa: ARG001
    if command.granted:
        in_words(command.new_case_id, of="new_case_id")
        if ctx.others is not None and command.new_case_id in ctx.others:
            raise Invalid(
                "what goes on is a new case, with a fresh id", field="new_case_id", why="fresh_case"
            )
        text = command.text
    else:
        text = in_words(command.text, of="text")
    return (
        ev.ReopenDecided(
            at=ctx.now,
            granted=command.granted,
            decider=command.actor,
            text=text,
            new_case_id=command.new_case_id if command.granted else "",
        ),
    )


def _tell_reporter(case: Case, command: cmd.TellReporter, ctx: Context) -> Events:  # noqa: ARG001
    if command.outcome not in TOLD:
        raise Invalid("a notice was delivered or it failed", field="outcome", why="notice")
    return (
        ev.ReporterTold(
            at=ctx.now,
            notice_id=in_words(command.notice_id, of="notice_id"),
            channel=in_words(command.channel, of="channel"),
            outcome=command.outcome,
        ),
    )


MAKE: Final[Make] = {
    cmd.OpenCase: open_case,
    cmd.Accept: _accept,
    cmd.NotAccept: _not_accept,
    cmd.StartVerify: _start_verify,
    cmd.RecordVerify: _record_verify,
    cmd.SelfHandle: _self_handle,
    cmd.SettleDoubt: _settle_doubt,
    cmd.File: file,
    cmd.Decline: decline,
    cmd.OpenPart: _open_part,
    cmd.GiveSatisfaction: _give_satisfaction,
    cmd.AskReopen: _ask_reopen,
    cmd.DecideReopen: _decide_reopen,
    cmd.TellReporter: _tell_reporter,
}
