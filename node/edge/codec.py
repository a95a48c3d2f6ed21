"""The only translator between core words and protobuf bytes.

Both ways enforce the same limits, so that a word this node can say, every node can read. What
cannot be read raises ``Invalid`` with code ``word.malformed``; unknown fields are ignored, as
proto3 wants. The journal entry inside a trace is never serialised again: its bytes are cut out of
the body as they came, because every tier compares their digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from google.protobuf.message import DecodeError

from hub.envelope import ATTACHMENTS_MAX, BODY_BYTES_MAX
from node.core.errors import Invalid
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
    Outcome,
    Photo,
    PhotoRole,
    Place,
    RequestId,
    RequestKind,
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
    Word,
)
from node.service.ports import Entry, StockSheet, Trace
from node.v1 import words_pb2 as pb

ORDER, DIRECTIVE, REPORT = "node.v1.Order", "node.v1.Directive", "node.v1.Report"
STOCK = "node.v1.StockSheet"
TYPES: Mapping[str, int] = MappingProxyType({ORDER: 1, DIRECTIVE: 3, REPORT: 2, STOCK: 1})
"""The highest revision of each type that this node reads. A word is said in the lowest revision in
which nobody may misread it, so that an older neighbour is kept from as little as possible."""
_REV_OF_RESUME = 2
_REV_OF_TOLD = 3
_REV_OF_PASSING_UP = 2

TEXT_CHARS_MAX = 8_000
"""Free text of a word: a screenful several times over; longer papers are attachments."""
NAME_CHARS_MAX = 500
"""Codes, names, addresses, references: what fits a line or two of a form."""
DETAILS_MAX = 32
"""Fields that a source of reports may bring along."""
NAMES_MAX = 32
"""Bodies named together in one word, such as those that assist."""
GENERATION_MAX = 2**32 - 1
"""uint32 on the wire."""
ORDINAL_MAX = 99
"""The how-manieth of its kind a request may call itself; the assignor counts for itself."""
SHEET_BYTES_MAX = 96 * 1024
"""JSON of one published sheet; leaves room for the envelope around it."""
SHEET_VERSION_MAX = 2**31 - 1
EVENT_BYTES_MAX = 96 * 1024
"""JSON of one journal event; leaves room for the entry and the report around it."""
TIME_US_MAX = 253_402_300_799_000_000
"""31 December 9999: the last instant a datetime can hold, in microseconds."""
_ID_BYTES = 16
_UNITS = frozenset(unit.value for unit in TimeUnit)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TRACE_TAG = (10 << 3) | 2
"""Field 10 of Report, length-delimited: where the entry's own bytes stand."""


class WordCodec:
    """``node.service.ports.Codec`` over ``node/v1/words.proto``. Stateless."""

    def types(self) -> Mapping[str, int]:
        """Readable types with their schema revision, as said in every Hello."""
        return TYPES

    def say(self, word: Word) -> tuple[str, int, bytes]:
        """Type, schema revision and body. ``Invalid`` if a value exceeds a limit."""
        rev = 1
        if isinstance(word, Report):
            type_, body = REPORT, _say_report(word).SerializeToString()
            if isinstance(word.act, SubmittedReport | RecalledReport):
                rev = _REV_OF_PASSING_UP
        elif isinstance(word, Order):
            type_, body = ORDER, _say_order(word).SerializeToString()
        else:
            type_, body = DIRECTIVE, _say_directive(word).SerializeToString()
            if isinstance(word.act, Resume):
                rev = _REV_OF_RESUME
            elif isinstance(word.act, Told):
                rev = _REV_OF_TOLD
        _bound(len(body) <= BODY_BYTES_MAX, "body", "is larger than a word may be")
        return type_, rev, body

    def say_stock(self, sheet: StockSheet) -> tuple[str, int, bytes]:
        """Type, schema revision and body. ``Invalid`` if a value exceeds a limit."""
        _bound(len(sheet.document) <= SHEET_BYTES_MAX, "document", "is larger than a sheet may be")
        body = pb.StockSheet(
            node=_name(sheet.node),
            period=_name(sheet.period),
            version=sheet.version,
            document=sheet.document,
        ).SerializeToString()
        return STOCK, 1, body

    def read(self, type_: str, body: bytes) -> Word | Trace | StockSheet:
        """The word in ``body``."""
        reader = _READERS.get(type_)
        if reader is None:
            raise _malformed(f"no reader for type {type_!r}")
        try:
            return reader(body)
        except (DecodeError, UnicodeDecodeError) as err:
            raise _malformed(f"{type_} does not parse") from err
        except (ValueError, OverflowError) as err:
            raise _malformed(f"{type_}: {err}") from err

    def say_entry(self, entry: Entry) -> bytes:
        """The bytes of a journal entry."""
        _bound(len(entry.event) <= EVENT_BYTES_MAX, "event", "is larger than an entry may carry")
        return pb.JournalEntry(
            node=entry.node,
            case_id=_raw(entry.case_id),
            branch=entry.branch,
            version=entry.version,
            generation=entry.generation,
            occurred_at_us=entry.occurred_at_us,
            hlc=entry.hlc,
            actor=entry.actor,
            cause=_raw(entry.cause) if entry.cause else b"",
            part=entry.part,
            event_type=entry.event_type,
            event=entry.event,
        ).SerializeToString(deterministic=True)

    def read_entry(self, raw: bytes) -> Entry:
        """The entry in those bytes."""
        try:
            message = pb.JournalEntry.FromString(raw)
        except (DecodeError, UnicodeDecodeError) as err:
            raise _malformed("a journal entry does not parse") from err
        return _read_entry(message)

    def say_trace(self, entry: Entry, raw: bytes) -> tuple[str, int, bytes]:
        """A report whose field ``trace`` is exactly ``raw``."""
        frame = pb.Report(
            case_id=_raw(entry.case_id), generation=min(entry.generation, GENERATION_MAX)
        ).SerializeToString()
        body = b"".join((frame, bytes((_TRACE_TAG,)), _varint(len(raw)), raw))
        _bound(len(body) <= BODY_BYTES_MAX, "body", "is larger than a word may be")
        return REPORT, 1, body


# --- saying ---------------------------------------------------------------------------------------


def _say_order(word: Order) -> pb.Order:
    return pb.Order(
        case_id=_raw(word.case_id),
        assignment_id=_raw(word.assignment_id),
        generation=word.generation,
        limits=_say_limits(word.limits),
        facts=_say_facts(word.facts),
        text=_text(word.text),
    )


def _say_directive(word: Directive) -> pb.Directive:
    message = pb.Directive(
        case_id=_raw(word.case_id),
        assignment_id=_raw(word.assignment_id),
        generation=word.generation,
        text=_text(word.text),
    )
    act = word.act
    match act:
        case Withdraw():
            message.withdraw.reason = _text(act.reason)
        case Press():
            message.press.SetInParent()
        case Supervise():
            message.supervise.supervision_id = _raw(act.supervision_id)
            message.supervise.reply_by_us = _us(act.reply_by)
            message.supervise.kind = _name(act.kind)
        case Decision():
            message.decision.CopyFrom(
                pb.Decision(
                    request_id=_raw(act.request_id),
                    granted=act.granted,
                    limits=None if act.limits is None else _say_limits(act.limits),
                    until_us=_us(act.until),
                    decider=_name(act.decider),
                    lead=_name(act.lead),
                    assistants=_names(act.assistants),
                    problem_id=_name(act.problem_id),
                )
            )
        case ReworkVerdict():
            message.verdict.CopyFrom(
                pb.Verdict(
                    kind=pb.Verdict.KIND_REWORK,
                    next_generation=act.next_generation,
                    limits=_say_limits(act.limits),
                )
            )
        case ClosedVerdict():
            message.verdict.kind = pb.Verdict.KIND_CLOSED
        case Resume():
            message.resume.CopyFrom(
                pb.Resume(
                    request_id=_raw(act.request_id),
                    limits=_say_limits(act.limits),
                    how=_name(act.how),
                )
            )
        case Told():
            message.told.CopyFrom(
                pb.Told(
                    outcome=_OUTCOME_OUT[act.outcome],
                    case_no=_name(act.case_no),
                    reason_code=_name(act.reason_code),
                    by=_name(act.by),
                )
            )
    return message


def _say_report(word: Report) -> pb.Report:
    message = pb.Report(
        case_id=_raw(word.case_id),
        assignment_id=_raw(word.assignment_id),
        generation=word.generation,
        text=_text(word.text),
    )
    act = word.act
    match act:
        case SignedReport():
            message.signed.SetInParent()
            message.signed.unit_reference = _name(act.unit_reference)
        case ProgressReport():
            message.progress.SetInParent()
        case DoneReport():
            message.done.SetInParent()
            message.done.result = _text(act.result)
            message.done.photos.extend(_say_photos(act.photos))
            message.done.closing = _text(act.closing)
        case RequestReport():
            message.request.CopyFrom(
                pb.Request(
                    request_id=_raw(act.request_id),
                    kind=_KIND_OUT[act.kind],
                    reason_code=_name(act.reason_code),
                    asker=_name(act.asker),
                    wanted_until_us=_us(act.wanted_until),
                    photos=_say_photos(act.photos),
                    ordinal=min(act.ordinal, ORDINAL_MAX),
                    level=_name(act.level),
                    size=_name(act.size),
                    problem_id=_name(act.problem_id),
                    rule=_name(act.rule),
                )
            )
        case ReplyReport():
            message.reply.supervision_id = _raw(act.supervision_id)
        case SubmittedReport():
            message.submitted.facts.CopyFrom(_say_facts(act.facts))
        case RecalledReport():
            message.recalled.SetInParent()
    return message


def _say_facts(facts: Facts) -> pb.Facts:
    category, place = facts.category, facts.place
    has_point = place.lon is not None and place.lat is not None
    given = bool(place.original_crs)
    return pb.Facts(
        case_no=_name(facts.case_no),
        filing_node=_name(facts.filing_node),
        category=pb.Category(
            standard_ref=_name(category.standard_ref),
            kind=_name(category.kind),
            code=_name(category.code),
            name=_name(category.name),
            condition_no=category.condition_no,
        ),
        place=pb.Place(
            area=_name(place.area),
            address=_name(place.address),
            lon=place.lon if has_point else None,
            lat=place.lat if has_point else None,
            crs=_name(place.crs) if has_point else "",
            grid=_name(place.grid),
            original_x=place.original_x if given else None,
            original_y=place.original_y if given else None,
            original_crs=_name(place.original_crs),
        ),
        text=_text(facts.text),
        urgent=facts.urgent,
        source=_name(facts.source),
        reported_at_us=_us(facts.reported_at),
        photos=_say_photos(facts.photos),
        component=_name(facts.component),
        source_details=_say_details(facts.source_details),
        part_of=_name(facts.part_of),
        part_role=_name(facts.part_role),
        reopens=_name(facts.reopens),
        closing=_text(facts.closing),
        wanted=_say_wanted(facts.wanted),
        origin=_say_origin(facts.origin),
        borders=_names(facts.borders),
    )


def _say_origin(origin: Origin | None) -> pb.Origin | None:
    if origin is None:
        return None
    return pb.Origin(
        node=_name(origin.node),
        case_id=_raw(origin.case_id),
        case_no=_name(origin.case_no),
        registered_by=_name(origin.registered_by),
    )


def _say_wanted(wanted: Wanted) -> pb.Wanted | None:
    if wanted == NOTHING_WANTED:
        return None
    return pb.Wanted(photos=[role.value for role in wanted.photos], closing=wanted.closing)


def _say_details(details: tuple[tuple[str, str], ...]) -> list[pb.Detail]:
    _bound(len(details) <= DETAILS_MAX, "source_details", f"more than {DETAILS_MAX}")
    return [pb.Detail(key=_name(key), value=_name(value)) for key, value in details]


def _say_photos(photos: tuple[Photo, ...]) -> list[pb.Photo]:
    _bound(len(photos) <= ATTACHMENTS_MAX, "photos", f"more than {ATTACHMENTS_MAX}")
    return [
        pb.Photo(
            digest=_digest(bytes.fromhex(photo.digest)),
            size=photo.size,
            media_type=_name(photo.media_type),
            role=photo.role.value,
            caption=_name(photo.caption),
        )
        for photo in photos
    ]


def _say_limits(limits: Limits) -> pb.Limits:
    _bound(0 <= limits.count <= LIMIT_COUNT_MAX, "limits.count", "is out of range")
    return pb.Limits(
        sign_by_us=_us(limits.sign_by),
        finish_by_us=_us(limits.finish_by),
        calendar=_name(limits.calendar),
        starts_at_us=_us(limits.starts_at),
        warn_at_us=_us(limits.warn_at),
        count=limits.count,
        unit=limits.unit or "",
    )


# --- reading --------------------------------------------------------------------------------------


def _read_order(body: bytes) -> Order:
    message = pb.Order.FromString(body)
    return Order(
        case_id=CaseId(_id(message.case_id)),
        assignment_id=AssignmentId(_id(message.assignment_id)),
        generation=_generation(message.generation),
        limits=_read_limits(message.limits),
        facts=_read_facts(message.facts),
        text=_text(message.text),
    )


def _read_directive(body: bytes) -> Directive:
    message = pb.Directive.FromString(body)
    which = message.WhichOneof("act")
    act: DirectiveAct
    match which:
        case "withdraw":
            act = Withdraw(reason=_text(message.withdraw.reason))
        case "press":
            act = Press()
        case "supervise":
            act = Supervise(
                supervision_id=_id(message.supervise.supervision_id),
                reply_by=_instant(message.supervise.reply_by_us),
                kind=_name(message.supervise.kind) or "important",
            )
        case "decision":
            inner = message.decision
            act = Decision(
                request_id=RequestId(_id(inner.request_id)),
                granted=inner.granted,
                decider=_name(inner.decider),
                limits=_read_limits(inner.limits) if inner.HasField("limits") else None,
                until=_time(inner.until_us),
                lead=_name(inner.lead),
                assistants=_names(inner.assistants),
                problem_id=_name(inner.problem_id),
            )
        case "verdict" if message.verdict.kind == pb.Verdict.KIND_REWORK:
            act = ReworkVerdict(
                next_generation=_generation(message.verdict.next_generation),
                limits=_read_limits(message.verdict.limits),
            )
        case "verdict" if message.verdict.kind == pb.Verdict.KIND_CLOSED:
            act = ClosedVerdict()
        case "resume":
            act = Resume(
                request_id=RequestId(_id(message.resume.request_id)),
                limits=_read_limits(message.resume.limits),
                how=_name(message.resume.how),
            )
        case "told":
            outcome = _OUTCOME_IN.get(message.told.outcome)
            if outcome is None:
                raise _malformed(f"an outcome of unknown kind {message.told.outcome}")
            act = Told(
                outcome=outcome,
                case_no=_name(message.told.case_no),
                reason_code=_name(message.told.reason_code),
                by=_name(message.told.by),
            )
        case _:
            raise _malformed(f"a directive without an act we know ({which})")
    return Directive(
        case_id=CaseId(_id(message.case_id)),
        assignment_id=AssignmentId(_id(message.assignment_id)),
        generation=_generation(message.generation),
        act=act,
        text=_text(message.text),
    )


def _read_report(body: bytes) -> Report | Trace:
    message = pb.Report.FromString(body)
    which = message.WhichOneof("act")
    act: ReportAct
    match which:
        case "trace":
            return Trace(entry=_read_entry(message.trace), raw=_cut_trace(body))
        case "signed":
            act = SignedReport(unit_reference=_name(message.signed.unit_reference))
        case "progress":
            act = ProgressReport()
        case "done":
            act = DoneReport(
                result=_text(message.done.result),
                photos=_read_photos(message.done.photos),
                closing=_text(message.done.closing),
            )
        case "request":
            inner = message.request
            kind = _KIND_IN.get(inner.kind)
            if kind is None:
                raise _malformed(f"a request of unknown kind {inner.kind}")
            act = RequestReport(
                request_id=RequestId(_id(inner.request_id)),
                kind=kind,
                reason_code=_name(inner.reason_code),
                asker=_name(inner.asker),
                wanted_until=_time(inner.wanted_until_us),
                photos=_read_photos(inner.photos),
                ordinal=min(inner.ordinal, ORDINAL_MAX) or 1,
                level=_name(inner.level),
                size=_name(inner.size),
                problem_id=_name(inner.problem_id),
                rule=_name(inner.rule),
            )
        case "reply":
            act = ReplyReport(supervision_id=_id(message.reply.supervision_id))
        case "submitted":
            act = SubmittedReport(facts=_read_facts(message.submitted.facts))
        case "recalled":
            act = RecalledReport()
        case _:
            raise _malformed("a report without an act we know")
    return Report(
        case_id=CaseId(_id(message.case_id)),
        assignment_id=AssignmentId(_id(message.assignment_id)),
        generation=_generation(message.generation),
        act=act,
        text=_text(message.text),
    )


def _read_stock(body: bytes) -> StockSheet:
    message = pb.StockSheet.FromString(body)
    _bound(1 <= message.version <= SHEET_VERSION_MAX, "version", "is no number of a sheet")
    _bound(len(message.document) <= SHEET_BYTES_MAX, "document", "is larger than a sheet may be")
    return StockSheet(
        node=_name(message.node),
        period=_name(message.period),
        version=message.version,
        document=message.document,
    )


_READERS: Mapping[str, Callable[[bytes], Word | Trace | StockSheet]] = MappingProxyType(
    {ORDER: _read_order, DIRECTIVE: _read_directive, REPORT: _read_report, STOCK: _read_stock}
)


def _read_facts(message: pb.Facts) -> Facts:
    category, place = message.category, message.place
    has_point, given = bool(place.crs), bool(place.original_crs)
    return Facts(
        case_no=_name(message.case_no),
        filing_node=NodeId(_name(message.filing_node)),
        category=Category(
            standard_ref=_name(category.standard_ref),
            kind=_name(category.kind),
            code=_name(category.code),
            name=_name(category.name),
            condition_no=category.condition_no,
        ),
        place=Place(
            area=_name(place.area),
            address=_name(place.address),
            lon=place.lon if has_point else None,
            lat=place.lat if has_point else None,
            **({"crs": _name(place.crs)} if has_point else {}),
            grid=_name(place.grid),
            original_x=place.original_x if given else None,
            original_y=place.original_y if given else None,
            original_crs=_name(place.original_crs),
        ),
        text=_text(message.text),
        source=_name(message.source),
        reported_at=_instant(message.reported_at_us),
        urgent=message.urgent,
        photos=_read_photos(message.photos),
        component=_name(message.component),
        source_details=_read_details(message.source_details),
        part_of=_name(message.part_of),
        part_role=_name(message.part_role),
        reopens=_name(message.reopens),
        closing=_text(message.closing),
        wanted=_read_wanted(message.wanted) if message.HasField("wanted") else NOTHING_WANTED,
        origin=_read_origin(message.origin) if message.HasField("origin") else None,
        borders=_names(message.borders),
    )


def _read_origin(message: pb.Origin) -> Origin:
    return Origin(
        node=NodeId(_name(message.node)),
        case_id=CaseId(_id(message.case_id)),
        case_no=_name(message.case_no),
        registered_by=NodeId(_name(message.registered_by)),
    )


def _read_wanted(message: pb.Wanted) -> Wanted:
    """A role that only a newer office knows asks for nothing here: that office looks itself."""
    _bound(len(message.photos) <= len(PhotoRole), "wanted", f"more than {len(PhotoRole)} roles")
    known = {role.value for role in PhotoRole}
    return Wanted(
        photos=tuple(PhotoRole(one) for one in message.photos if one in known),
        closing=message.closing,
    )


def _read_details(messages: Any) -> tuple[tuple[str, str], ...]:
    if not messages:
        return ()
    _bound(len(messages) <= DETAILS_MAX, "source_details", f"more than {DETAILS_MAX}")
    return tuple((_name(one.key), _name(one.value)) for one in messages)


def _read_photos(messages: Any) -> tuple[Photo, ...]:
    if not messages:
        return ()
    _bound(len(messages) <= ATTACHMENTS_MAX, "photos", f"more than {ATTACHMENTS_MAX}")
    return tuple(
        Photo(
            digest=_digest(photo.digest).hex(),
            size=photo.size,
            media_type=_name(photo.media_type),
            role=PhotoRole(photo.role),
            caption=_name(photo.caption),
        )
        for photo in messages
    )


def _read_limits(message: pb.Limits) -> Limits:
    _bound(message.count <= LIMIT_COUNT_MAX, "limits.count", "is out of range")
    return Limits(
        sign_by=_time(message.sign_by_us),
        finish_by=_time(message.finish_by_us),
        calendar=_name(message.calendar),
        starts_at=_time(message.starts_at_us),
        warn_at=_time(message.warn_at_us),
        count=message.count,
        # A unit of the future is no reason to lose the order: the instants say when it is due.
        unit=TimeUnit(message.unit) if message.unit in _UNITS else None,
    )


def _read_entry(message: pb.JournalEntry) -> Entry:
    if not 1 <= message.version <= 2**63 - 1 or message.branch > 2**63 - 1:
        raise _malformed("a journal entry with a version or branch out of range")
    _bound(len(message.event) <= EVENT_BYTES_MAX, "event", "is larger than an entry may carry")
    return Entry(
        node=_name(message.node),
        case_id=_id(message.case_id),
        branch=message.branch,
        version=message.version,
        generation=message.generation,
        occurred_at_us=message.occurred_at_us,
        hlc=message.hlc & (2**63 - 1),
        actor=_name(message.actor),
        cause=_id(message.cause) if message.cause else "",
        part=message.part,
        event_type=_name(message.event_type),
        event=message.event,
    )


def _cut_trace(body: bytes) -> bytes:
    """The bytes of field ``trace``, exactly as they stand in the body (the last one, as a proto3
    reader takes it). A body that sends the field twice would be merged by a reader and is no
    longer one entry: refused."""
    at, end, found = 0, len(body), b""
    while at < end:
        tag, at = _take_varint(body, at)
        wire = tag & 7
        if wire == 2:
            size, at = _take_varint(body, at)
            if tag == _TRACE_TAG:
                if found:
                    raise _malformed("a report with two traces")
                found = body[at : at + size]
            at += size
        elif wire == 0:
            _, at = _take_varint(body, at)
        elif wire == 1:
            at += 8
        elif wire == 5:
            at += 4
        else:
            raise _malformed("a report with groups")
    return found


def _take_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


# --- values ---------------------------------------------------------------------------------------

_KIND_OUT = {
    RequestKind.RETURN: pb.Request.KIND_RETURN,
    RequestKind.EXTENSION: pb.Request.KIND_EXTENSION,
    RequestKind.SUSPENSION: pb.Request.KIND_SUSPENSION,
    RequestKind.VOID: pb.Request.KIND_VOID,
    RequestKind.APPEAL: pb.Request.KIND_APPEAL,
    RequestKind.DISPUTE: pb.Request.KIND_DISPUTE,
    RequestKind.COORDINATION: pb.Request.KIND_COORDINATION,
}
_OUTCOME_OUT = {
    Outcome.REGISTERED: pb.Told.OUTCOME_REGISTERED,
    Outcome.ACCEPTED: pb.Told.OUTCOME_ACCEPTED,
    Outcome.FILED: pb.Told.OUTCOME_FILED,
    Outcome.TAKEN_BACK: pb.Told.OUTCOME_TAKEN_BACK,
    Outcome.NOT_ACCEPTED: pb.Told.OUTCOME_NOT_ACCEPTED,
    Outcome.NOT_FILED: pb.Told.OUTCOME_NOT_FILED,
    Outcome.CLOSED: pb.Told.OUTCOME_CLOSED,
    Outcome.VOIDED: pb.Told.OUTCOME_VOIDED,
}
_OUTCOME_IN: Mapping[int, Outcome] = {number: one for one, number in _OUTCOME_OUT.items()}
_KIND_IN: Mapping[int, RequestKind] = {number: kind for kind, number in _KIND_OUT.items()}


def _malformed(why: str) -> Invalid:
    return Invalid(f"this word cannot be read: {why}", code="word.malformed")


def _bound(holds: bool, field: str, why: str) -> None:
    if not holds:
        raise _malformed(f"{field} {why}")


def _raw(text: str) -> bytes:
    raw = bytes.fromhex(text.replace("-", ""))
    if len(raw) != _ID_BYTES:
        raise _malformed("an id has not 16 bytes")
    return raw


def _id(raw: bytes) -> str:
    if len(raw) != _ID_BYTES:
        raise _malformed("an id has not 16 bytes")
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _digest(raw: bytes) -> bytes:
    _bound(len(raw) == 32, "a photo's digest", "has not 32 bytes")
    return raw


def _generation(value: int) -> int:
    if not 1 <= value <= GENERATION_MAX:
        raise _malformed("generation is not between 1 and 2^32-1")
    return value


def _text(value: str) -> str:
    if len(value) > TEXT_CHARS_MAX:
        raise _malformed(f"text has more than {TEXT_CHARS_MAX} characters")
    return value


def _name(value: str) -> str:
    if len(value) > NAME_CHARS_MAX:
        raise _malformed(f"a field has more than {NAME_CHARS_MAX} characters")
    return value


def _names(values: Iterable[str]) -> tuple[str, ...]:
    names = tuple(_name(value) for value in values)
    _bound(len(names) <= NAMES_MAX, "names", f"more than {NAMES_MAX}")
    return names


def _us(instant: datetime | None) -> int:
    return 0 if instant is None else (instant - _EPOCH) // _MICROSECOND


def _time(us: int) -> datetime | None:
    return None if us == 0 else _instant(us)


def _instant(us: int) -> datetime:
    if not 0 <= us <= TIME_US_MAX:
        raise _malformed("a time lies outside the years 1970 to 9999")
    return _EPOCH + timedelta(microseconds=us)
