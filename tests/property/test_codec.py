"""Every word that can be said is read back equal; whatever else arrives is refused by name."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.core import words as w
from node.core.errors import Invalid
from node.core.facts import (
    Category,
    Facts,
    Limits,
    Origin,
    Outcome,
    Photo,
    PhotoRole,
    Place,
    RequestKind,
    TimeUnit,
)
from node.edge.codec import DIRECTIVE, ORDER, REPORT, STOCK, WordCodec
from node.edge.codec.values import TEXT_CHARS_MAX
from node.service.ports import Entry, StockSheet, Trace
from node.v1 import words_pb2 as pb

CODEC = WordCodec()
ids = st.integers(0, 2**128 - 1).map(lambda n: str(UUID(int=n)))
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
instants = st.datetimes(
    datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC)
)
perhaps = st.none() | instants
generations = st.integers(1, 2**32 - 1)
limits = st.builds(
    Limits, sign_by=perhaps, finish_by=perhaps, calendar=texts, starts_at=perhaps, warn_at=perhaps,
    count=st.integers(0, 999_999), unit=st.none() | st.sampled_from(TimeUnit),
)
degrees = st.floats(-180, 180)
places = st.one_of(
    st.builds(
        Place, area=texts, address=texts, lon=degrees, lat=degrees,
        crs=st.sampled_from(["CGCS2000", "GCJ02"]), grid=texts,
    ),
    st.builds(
        Place, area=texts, address=texts, lon=degrees, lat=degrees, grid=texts,
        original_x=st.floats(-1e8, 1e8), original_y=st.floats(-1e8, 1e8),
        original_crs=st.sampled_from(["BD09", "EPSG:4547"]),
    ),
    st.builds(Place, area=texts, address=texts, grid=texts),
)
photos = st.lists(
    st.builds(
        Photo, digest=st.binary(min_size=32, max_size=32).map(bytes.hex),
        size=st.integers(0, 2**40), media_type=texts,
        role=st.sampled_from(PhotoRole), caption=texts,
    ),
    max_size=3,
).map(tuple)
facts = st.builds(
    Facts, case_no=texts, filing_node=texts,
    category=st.builds(
        Category, standard_ref=texts, kind=texts, code=texts, name=texts,
        condition_no=st.integers(0, 2**31),
    ),
    place=places, text=texts, source=texts, reported_at=instants, urgent=st.booleans(),
    photos=photos, component=texts,
    source_details=st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
    part_of=texts, part_role=texts, reopens=texts,
    origin=st.none() | st.builds(
        Origin, node=texts, case_id=ids, case_no=texts, registered_by=texts
    ),
)
acts_down = st.one_of(
    st.builds(w.Withdraw, reason=texts),
    st.builds(w.Press),
    st.builds(
        w.Supervise, supervision_id=ids, reply_by=instants,
        kind=st.sampled_from(["overdue", "leader", "important"]),
    ),
    st.builds(
        w.Decision, request_id=ids, granted=st.booleans(), decider=texts,
        limits=st.none() | limits, until=perhaps, lead=texts,
        assistants=st.lists(texts, max_size=3).map(tuple),
    ),
    st.builds(w.ReworkVerdict, next_generation=generations, limits=limits),
    st.builds(w.ClosedVerdict),
    st.builds(w.Resume, request_id=ids, limits=limits, how=texts),
    st.builds(
        w.Told, outcome=st.sampled_from(Outcome), case_no=texts, reason_code=texts, by=texts
    ),
)
acts_up = st.one_of(
    st.builds(w.SignedReport, unit_reference=texts),
    st.builds(w.ProgressReport),
    st.builds(w.DoneReport, result=texts, photos=photos),
    st.builds(
        w.RequestReport, request_id=ids, kind=st.sampled_from(RequestKind), reason_code=texts,
        asker=texts, wanted_until=perhaps, photos=photos, ordinal=st.integers(1, 99),
        level=texts, size=texts,
    ),
    st.builds(w.ReplyReport, supervision_id=ids),
    st.builds(w.SubmittedReport, facts=facts),
    st.builds(w.RecalledReport),
)
head = {"case_id": ids, "assignment_id": ids, "generation": generations, "text": texts}
words = st.one_of(
    st.builds(w.Order, **head, limits=limits, facts=facts),
    st.builds(w.Directive, **head, act=acts_down),
    st.builds(w.Report, **head, act=acts_up),
)
entries = st.builds(
    Entry, node=texts, case_id=ids, branch=st.integers(0, 2**40), version=st.integers(1, 2**40),
    generation=st.integers(0, 2**32 - 1), occurred_at_us=st.integers(0, 2**52),
    hlc=st.integers(0, 2**62), actor=texts, cause=ids, part=st.integers(0, 1000),
    event_type=texts, event=st.binary(max_size=200),
)


def refusal(type_: str, body: bytes) -> str:
    """The code under which a body is refused; "" if it is read. Anything else raises."""
    try:
        CODEC.read(type_, body)
    except Invalid as refused:
        return refused.code
    return ""


@given(words)
def test_a_word_is_read_as_it_was_said(word: w.Word) -> None:
    type_, rev, body = CODEC.say(word)
    assert 1 <= rev <= CODEC.types()[type_]
    assert word == CODEC.read(type_, body)


@given(entries)
def test_a_trace_keeps_the_very_bytes_of_its_entry(entry: Entry) -> None:
    raw = CODEC.say_entry(entry)
    assert entry == CODEC.read_entry(raw)
    type_, _, body = CODEC.say_trace(entry, raw)
    assert Trace(entry=entry, raw=raw) == CODEC.read(type_, body)


@given(entries)
def test_a_trace_survives_a_maker_who_writes_fields_in_another_order(entry: Entry) -> None:
    raw = CODEC.say_entry(entry)
    odd = raw + b"\x98\x06\x01"  # a field of the future behind the known ones
    type_, _, body = CODEC.say_trace(entry, odd)
    read = CODEC.read(type_, body)
    assert isinstance(read, Trace)
    assert odd == read.raw


@settings(max_examples=300)
@given(st.sampled_from([ORDER, DIRECTIVE, REPORT]), st.binary(max_size=300))
def test_noise_is_refused_by_name_and_never_crashes(type_: str, body: bytes) -> None:
    assert refusal(type_, body) in ("", "word.malformed")


@given(words, st.data())
def test_a_cut_word_is_refused_or_read(word: w.Word, data: st.DataObject) -> None:
    type_, _, body = CODEC.say(word)
    cut = body[: data.draw(st.integers(0, len(body)))]
    assert refusal(type_, cut) in ("", "word.malformed")


def test_limits_hold_both_ways() -> None:
    word = w.Report(
        case_id=str(UUID(int=1)), assignment_id=str(UUID(int=2)), generation=1,
        act=w.ProgressReport(), text="好" * (TEXT_CHARS_MAX + 1),
    )
    with pytest.raises(Invalid, match="text"):
        CODEC.say(word)
    body = pb.Report(
        case_id=bytes(16), assignment_id=bytes(16), generation=1, progress=pb.Progress(),
        text="好" * (TEXT_CHARS_MAX + 1),
    ).SerializeToString()
    with pytest.raises(Invalid, match="text"):
        CODEC.read(REPORT, body)


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        (REPORT, pb.Report(case_id=bytes(16), assignment_id=bytes(16), generation=1)),
        (DIRECTIVE, pb.Directive(case_id=bytes(16), assignment_id=bytes(16), generation=1)),
        (
            DIRECTIVE,
            pb.Directive(
                case_id=bytes(16), assignment_id=bytes(16), generation=1, verdict=pb.Verdict()
            ),
        ),
        (
            REPORT,
            pb.Report(case_id=bytes(15), assignment_id=bytes(16), progress=pb.Progress()),
        ),
        (
            REPORT,
            pb.Report(case_id=bytes(16), assignment_id=bytes(16), progress=pb.Progress()),
        ),
    ],
    ids=["no act up", "no act down", "no verdict", "short id", "no generation"],
)
def test_a_word_without_its_parts_is_refused(type_: str, body: pb.Report | pb.Directive) -> None:
    with pytest.raises(Invalid) as refused:
        CODEC.read(type_, body.SerializeToString())
    assert "word.malformed" == refused.value.code


def test_two_traces_in_one_report_are_refused() -> None:
    entry = Entry(
        node="420203", case_id=str(UUID(int=1)), branch=0, version=1, generation=1,
        occurred_at_us=1, hlc=1, actor="a", cause=str(UUID(int=3)), part=0,
        event_type="Assigned", event=b"{}",
    )
    raw = CODEC.say_entry(entry)
    type_, _, body = CODEC.say_trace(entry, raw)
    doubled = body + body[body.index(raw) - 2 :]
    with pytest.raises(Invalid):
        CODEC.read(type_, doubled)


@given(
    node=st.text("0123456789ABC", min_size=2, max_size=12),
    period=st.sampled_from(("2026-11-25", "2026-W48", "2026-11")),
    version=st.integers(1, 2**31 - 1), document=st.binary(max_size=2_000),
)
def test_a_sheet_comes_back_as_it_was_said(
    node: str, period: str, version: int, document: bytes
) -> None:
    sheet = StockSheet(node=node, period=period, version=version, document=document)
    type_, rev, body = CODEC.say_stock(sheet)
    assert (STOCK, 1) == (type_, rev)
    assert sheet == CODEC.read(type_, body)


@pytest.mark.parametrize("body", [
    pb.StockSheet(node="420203", period="2026-11", version=0),
    pb.StockSheet(node="420203", period="2026-11", version=2**31),
    pb.StockSheet(node="4" * 501, period="2026-11", version=1),
    pb.StockSheet(node="420203", period="2026-11", version=1, document=bytes(96 * 1024 + 1)),
])
def test_a_sheet_beyond_its_bounds_is_refused(body: pb.StockSheet) -> None:
    with pytest.raises(Invalid):
        CODEC.read(STOCK, body.SerializeToString())
