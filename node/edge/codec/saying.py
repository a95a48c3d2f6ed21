"""Core words as protobuf messages."""

from __future__ import annotations

from hub.envelope import ATTACHMENTS_MAX
from node.core.facts import (
    LIMIT_COUNT_MAX,
    NOTHING_WANTED,
    Facts,
    Limits,
    Origin,
    Photo,
    Wanted,
)
from node.core.words import (
    ClosedVerdict,
    Decision,
    Directive,
    DoneReport,
    Order,
    Press,
    ProgressReport,
    RecalledReport,
    ReplyReport,
    Report,
    RequestReport,
    Resume,
    ReworkVerdict,
    SignedReport,
    SubmittedReport,
    Supervise,
    Told,
    Withdraw,
)
from node.edge.codec.values import (
    DETAILS_MAX,
    KIND_OUT,
    ORDINAL_MAX,
    OUTCOME_OUT,
    bound,
    digest_of,
    name_of,
    names_of,
    raw_id,
    text_of,
    us_of,
)
from node.v1 import words_pb2 as pb


def say_order(word: Order) -> pb.Order:
    return pb.Order(
        case_id=raw_id(word.case_id),
        assignment_id=raw_id(word.assignment_id),
        generation=word.generation,
        limits=say_limits(word.limits),
        facts=say_facts(word.facts),
        text=text_of(word.text),
    )


def say_directive(word: Directive) -> pb.Directive:
    message = pb.Directive(
        case_id=raw_id(word.case_id),
        assignment_id=raw_id(word.assignment_id),
        generation=word.generation,
        text=text_of(word.text),
    )
    act = word.act
    match act:
        case Withdraw():
            message.withdraw.reason = text_of(act.reason)
        case Press():
            message.press.SetInParent()
        case Supervise():
            message.supervise.supervision_id = raw_id(act.supervision_id)
            message.supervise.reply_by_us = us_of(act.reply_by)
            message.supervise.kind = name_of(act.kind)
        case Decision():
            message.decision.CopyFrom(
                pb.Decision(
                    request_id=raw_id(act.request_id),
                    granted=act.granted,
                    limits=None if act.limits is None else say_limits(act.limits),
                    until_us=us_of(act.until),
                    decider=name_of(act.decider),
                    lead=name_of(act.lead),
                    assistants=names_of(act.assistants),
                    problem_id=name_of(act.problem_id),
                )
            )
        case ReworkVerdict():
            message.verdict.CopyFrom(
                pb.Verdict(
                    kind=pb.Verdict.KIND_REWORK,
                    next_generation=act.next_generation,
                    limits=say_limits(act.limits),
                )
            )
        case ClosedVerdict():
            message.verdict.kind = pb.Verdict.KIND_CLOSED
        case Resume():
            message.resume.CopyFrom(
                pb.Resume(
                    request_id=raw_id(act.request_id),
                    limits=say_limits(act.limits),
                    how=name_of(act.how),
                )
            )
        case Told():
            message.told.CopyFrom(
                pb.Told(
                    outcome=OUTCOME_OUT[act.outcome],
                    case_no=name_of(act.case_no),
                    reason_code=name_of(act.reason_code),
                    by=name_of(act.by),
                )
            )
    return message


def say_report(word: Report) -> pb.Report:
    message = pb.Report(
        case_id=raw_id(word.case_id),
        assignment_id=raw_id(word.assignment_id),
        generation=word.generation,
        text=text_of(word.text),
    )
    act = word.act
    match act:
        case SignedReport():
            message.signed.SetInParent()
            message.signed.unit_reference = name_of(act.unit_reference)
        case ProgressReport():
            message.progress.SetInParent()
        case DoneReport():
            message.done.SetInParent()
            message.done.result = text_of(act.result)
            message.done.photos.extend(say_photos(act.photos))
            message.done.closing = text_of(act.closing)
        case RequestReport():
            message.request.CopyFrom(
                pb.Request(
                    request_id=raw_id(act.request_id),
                    kind=KIND_OUT[act.kind],
                    reason_code=name_of(act.reason_code),
                    asker=name_of(act.asker),
                    wanted_until_us=us_of(act.wanted_until),
                    photos=say_photos(act.photos),
                    ordinal=min(act.ordinal, ORDINAL_MAX),
                    level=name_of(act.level),
                    size=name_of(act.size),
                    problem_id=name_of(act.problem_id),
                    rule=name_of(act.rule),
                )
            )
        case ReplyReport():
            message.reply.supervision_id = raw_id(act.supervision_id)
        case SubmittedReport():
            message.submitted.facts.CopyFrom(say_facts(act.facts))
        case RecalledReport():
            message.recalled.SetInParent()
    return message


def say_facts(facts: Facts) -> pb.Facts:
    category, place = facts.category, facts.place
    has_point = place.lon is not None and place.lat is not None
    given = bool(place.original_crs)
    return pb.Facts(
        case_no=name_of(facts.case_no),
        filing_node=name_of(facts.filing_node),
        category=pb.Category(
            standard_ref=name_of(category.standard_ref),
            kind=name_of(category.kind),
            code=name_of(category.code),
            name=name_of(category.name),
            condition_no=category.condition_no,
        ),
        place=pb.Place(
            area=name_of(place.area),
            address=name_of(place.address),
            lon=place.lon if has_point else None,
            lat=place.lat if has_point else None,
            crs=name_of(place.crs) if has_point else "",
            grid=name_of(place.grid),
            original_x=place.original_x if given else None,
            original_y=place.original_y if given else None,
            original_crs=name_of(place.original_crs),
        ),
        text=text_of(facts.text),
        urgent=facts.urgent,
        source=name_of(facts.source),
        reported_at_us=us_of(facts.reported_at),
        photos=say_photos(facts.photos),
        component=name_of(facts.component),
        source_details=say_details(facts.source_details),
        part_of=name_of(facts.part_of),
        part_role=name_of(facts.part_role),
        reopens=name_of(facts.reopens),
        closing=text_of(facts.closing),
        wanted=say_wanted(facts.wanted),
        origin=say_origin(facts.origin),
        borders=names_of(facts.borders),
    )


def say_origin(origin: Origin | None) -> pb.Origin | None:
    if origin is None:
        return None
    return pb.Origin(
        node=name_of(origin.node),
        case_id=raw_id(origin.case_id),
        case_no=name_of(origin.case_no),
        registered_by=name_of(origin.registered_by),
    )


def say_wanted(wanted: Wanted) -> pb.Wanted | None:
    if wanted == NOTHING_WANTED:
        return None
    return pb.Wanted(photos=[role.value for role in wanted.photos], closing=wanted.closing)


def say_details(details: tuple[tuple[str, str], ...]) -> list[pb.Detail]:
    bound(len(details) <= DETAILS_MAX, "source_details", f"more than {DETAILS_MAX}")
    return [pb.Detail(key=name_of(key), value=name_of(value)) for key, value in details]


def say_photos(photos: tuple[Photo, ...]) -> list[pb.Photo]:
    bound(len(photos) <= ATTACHMENTS_MAX, "photos", f"more than {ATTACHMENTS_MAX}")
    return [
        pb.Photo(
            digest=digest_of(bytes.fromhex(photo.digest)),
            size=photo.size,
            media_type=name_of(photo.media_type),
            role=photo.role.value,
            caption=name_of(photo.caption),
        )
        for photo in photos
    ]


def say_limits(limits: Limits) -> pb.Limits:
    bound(0 <= limits.count <= LIMIT_COUNT_MAX, "limits.count", "is out of range")
    return pb.Limits(
        sign_by_us=us_of(limits.sign_by),
        finish_by_us=us_of(limits.finish_by),
        calendar=name_of(limits.calendar),
        starts_at_us=us_of(limits.starts_at),
        warn_at_us=us_of(limits.warn_at),
        count=limits.count,
        unit=limits.unit or "",
    )
