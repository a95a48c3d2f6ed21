"""Protobuf bytes as core words. What no reader could take is ``Invalid`` (``word.malformed``);
unknown fields are ignored, as proto3 wants."""

from __future__ import annotations

from typing import Any

from hub.envelope import ATTACHMENTS_MAX
from node.core.facts import (
    LIMIT_COUNT_MAX,
    NOTHING_WANTED,
    AssignmentId,
    CaseId,
    Category,
    Facts,
    Limits,
    NodeId,
    Origin,
    Photo,
    PhotoRole,
    Place,
    RequestId,
    TimeUnit,
    Wanted,
)
from node.core.words import (
    ClosedVerdict,
    Decision,
    Directive,
    DirectiveAct,
    DoneReport,
    Order,
    Press,
    ProgressReport,
    RecalledReport,
    ReplyReport,
    Report,
    ReportAct,
    RequestReport,
    Resume,
    ReworkVerdict,
    SignedReport,
    SubmittedReport,
    Supervise,
    Told,
    Withdraw,
)
from node.edge.codec.entries import cut_trace, entry_of
from node.edge.codec.values import (
    DETAILS_MAX,
    KIND_IN,
    ORDINAL_MAX,
    OUTCOME_IN,
    SHEET_BYTES_MAX,
    SHEET_VERSION_MAX,
    bound,
    digest_of,
    generation_of,
    instant_of,
    malformed,
    name_of,
    names_of,
    text_id,
    text_of,
    time_of,
)
from node.service.ports import StockSheet, Trace
from node.v1 import words_pb2 as pb

UNITS = frozenset(unit.value for unit in TimeUnit)


def read_order(body: bytes) -> Order:
    message = pb.Order.FromString(body)
    return Order(
        case_id=CaseId(text_id(message.case_id)),
        assignment_id=AssignmentId(text_id(message.assignment_id)),
        generation=generation_of(message.generation),
        limits=read_limits(message.limits),
        facts=read_facts(message.facts),
        text=text_of(message.text),
    )


def read_directive(body: bytes) -> Directive:
    message = pb.Directive.FromString(body)
    which = message.WhichOneof("act")
    act: DirectiveAct
    match which:
        case "withdraw":
            act = Withdraw(reason=text_of(message.withdraw.reason))
        case "press":
            act = Press()
        case "supervise":
            act = Supervise(
                supervision_id=text_id(message.supervise.supervision_id),
                reply_by=instant_of(message.supervise.reply_by_us),
                kind=name_of(message.supervise.kind) or "important",
            )
        case "decision":
            inner = message.decision
            act = Decision(
                request_id=RequestId(text_id(inner.request_id)),
                granted=inner.granted,
                decider=name_of(inner.decider),
                limits=read_limits(inner.limits) if inner.HasField("limits") else None,
                until=time_of(inner.until_us),
                lead=name_of(inner.lead),
                assistants=names_of(inner.assistants),
                problem_id=name_of(inner.problem_id),
            )
        case "verdict" if message.verdict.kind == pb.Verdict.KIND_REWORK:
            act = ReworkVerdict(
                next_generation=generation_of(message.verdict.next_generation),
                limits=read_limits(message.verdict.limits),
            )
        case "verdict" if message.verdict.kind == pb.Verdict.KIND_CLOSED:
            act = ClosedVerdict()
        case "resume":
            act = Resume(
                request_id=RequestId(text_id(message.resume.request_id)),
                limits=read_limits(message.resume.limits),
                how=name_of(message.resume.how),
            )
        case "told":
            outcome = OUTCOME_IN.get(message.told.outcome)
            if outcome is None:
                raise malformed(f"an outcome of unknown kind {message.told.outcome}")
            act = Told(
                outcome=outcome,
                case_no=name_of(message.told.case_no),
                reason_code=name_of(message.told.reason_code),
                by=name_of(message.told.by),
            )
        case _:
            raise malformed(f"a directive without an act we know ({which})")
    return Directive(
        case_id=CaseId(text_id(message.case_id)),
        assignment_id=AssignmentId(text_id(message.assignment_id)),
        generation=generation_of(message.generation),
        act=act,
        text=text_of(message.text),
    )


def read_report(body: bytes) -> Report | Trace:
    message = pb.Report.FromString(body)
    which = message.WhichOneof("act")
    act: ReportAct
    match which:
        case "trace":
            return Trace(entry=entry_of(message.trace), raw=cut_trace(body))
        case "signed":
            act = SignedReport(unit_reference=name_of(message.signed.unit_reference))
        case "progress":
            act = ProgressReport()
        case "done":
            act = DoneReport(
                result=text_of(message.done.result),
                photos=read_photos(message.done.photos),
                closing=text_of(message.done.closing),
            )
        case "request":
            inner = message.request
            kind = KIND_IN.get(inner.kind)
            if kind is None:
                raise malformed(f"a request of unknown kind {inner.kind}")
            act = RequestReport(
                request_id=RequestId(text_id(inner.request_id)),
                kind=kind,
                reason_code=name_of(inner.reason_code),
                asker=name_of(inner.asker),
                wanted_until=time_of(inner.wanted_until_us),
                photos=read_photos(inner.photos),
                ordinal=min(inner.ordinal, ORDINAL_MAX) or 1,
                level=name_of(inner.level),
                size=name_of(inner.size),
                problem_id=name_of(inner.problem_id),
                rule=name_of(inner.rule),
            )
        case "reply":
            act = ReplyReport(supervision_id=text_id(message.reply.supervision_id))
        case "submitted":
            act = SubmittedReport(facts=read_facts(message.submitted.facts))
        case "recalled":
            act = RecalledReport()
        case _:
            raise malformed("a report without an act we know")
    return Report(
        case_id=CaseId(text_id(message.case_id)),
        assignment_id=AssignmentId(text_id(message.assignment_id)),
        generation=generation_of(message.generation),
        act=act,
        text=text_of(message.text),
    )


def read_stock(body: bytes) -> StockSheet:
    message = pb.StockSheet.FromString(body)
    bound(1 <= message.version <= SHEET_VERSION_MAX, "version", "is no number of a sheet")
    bound(len(message.document) <= SHEET_BYTES_MAX, "document", "is larger than a sheet may be")
    return StockSheet(
        node=name_of(message.node),
        period=name_of(message.period),
        version=message.version,
        document=message.document,
    )


def read_facts(message: pb.Facts) -> Facts:
    category, place = message.category, message.place
    has_point, given = bool(place.crs), bool(place.original_crs)
    return Facts(
        case_no=name_of(message.case_no),
        filing_node=NodeId(name_of(message.filing_node)),
        category=Category(
            standard_ref=name_of(category.standard_ref),
            kind=name_of(category.kind),
            code=name_of(category.code),
            name=name_of(category.name),
            condition_no=category.condition_no,
        ),
        place=Place(
            area=name_of(place.area),
            address=name_of(place.address),
            lon=place.lon if has_point else None,
            lat=place.lat if has_point else None,
            **({"crs": name_of(place.crs)} if has_point else {}),
            grid=name_of(place.grid),
            original_x=place.original_x if given else None,
            original_y=place.original_y if given else None,
            original_crs=name_of(place.original_crs),
        ),
        text=text_of(message.text),
        source=name_of(message.source),
        reported_at=instant_of(message.reported_at_us),
        urgent=message.urgent,
        photos=read_photos(message.photos),
        component=name_of(message.component),
        source_details=read_details(message.source_details),
        part_of=name_of(message.part_of),
        part_role=name_of(message.part_role),
        reopens=name_of(message.reopens),
        closing=text_of(message.closing),
        wanted=read_wanted(message.wanted) if message.HasField("wanted") else NOTHING_WANTED,
        origin=read_origin(message.origin) if message.HasField("origin") else None,
        borders=names_of(message.borders),
    )


def read_origin(message: pb.Origin) -> Origin:
    return Origin(
        node=NodeId(name_of(message.node)),
        case_id=CaseId(text_id(message.case_id)),
        case_no=name_of(message.case_no),
        registered_by=NodeId(name_of(message.registered_by)),
    )


def read_wanted(message: pb.Wanted) -> Wanted:
    """A role that only a newer office knows asks for nothing here: that office looks itself."""
    bound(len(message.photos) <= len(PhotoRole), "wanted", f"more than {len(PhotoRole)} roles")
    known = {role.value for role in PhotoRole}
    return Wanted(
        photos=tuple(PhotoRole(one) for one in message.photos if one in known),
        closing=message.closing,
    )


def read_details(messages: Any) -> tuple[tuple[str, str], ...]:
    if not messages:
        return ()
    bound(len(messages) <= DETAILS_MAX, "source_details", f"more than {DETAILS_MAX}")
    return tuple((name_of(one.key), name_of(one.value)) for one in messages)


def read_photos(messages: Any) -> tuple[Photo, ...]:
    if not messages:
        return ()
    bound(len(messages) <= ATTACHMENTS_MAX, "photos", f"more than {ATTACHMENTS_MAX}")
    return tuple(
        Photo(
            digest=digest_of(photo.digest).hex(),
            size=photo.size,
            media_type=name_of(photo.media_type),
            role=PhotoRole(photo.role),
            caption=name_of(photo.caption),
        )
        for photo in messages
    )


def read_limits(message: pb.Limits) -> Limits:
    bound(message.count <= LIMIT_COUNT_MAX, "limits.count", "is out of range")
    return Limits(
        sign_by=time_of(message.sign_by_us),
        finish_by=time_of(message.finish_by_us),
        calendar=name_of(message.calendar),
        starts_at=time_of(message.starts_at_us),
        warn_at=time_of(message.warn_at_us),
        count=message.count,
        # A unit of the future is no reason to lose the order: the instants say when it is due.
        unit=TimeUnit(message.unit) if message.unit in UNITS else None,
    )
