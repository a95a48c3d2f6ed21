"""The mapping and its linter: total both ways, nothing guessed."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import MappingError, UnitAct, UnitUnreadable, WorkOrder
from adapters.mapping import (
    TEXT_MAX,
    Times,
    value_at,
)
from adapters.mapping_file import load_mapping
from adapters.simulation import BEIJING

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 6, 30, 16, 5, tzinfo=UTC)


def raw(kind: str = "rest") -> dict[str, Any]:
    return tomllib.loads((files("adapters") / kind / "example-mapping.toml").read_text("utf-8"))


def an_order(**changes: Any) -> WorkOrder:
    fields: dict[str, Any] = {
        "key": "a/1", "case_id": "c", "case_no": "2026-1", "generation": 1,
        "standard_ref": "GB/T 30428.2-2013", "kind": "component", "code": "0103",
        "code_name": "路灯", "area": "420203", "address": "黄石大道", "lon": 115.0, "lat": 30.2,
        "text": "不亮", "urgent": True, "finish_by": NOW,
    }  # fmt: skip
    return WorkOrder(**{**fields, **changes})


def record(**changes: Any) -> dict[str, Any]:
    fields = {
        "eventId": "E9", "extNo": "a/1", "orderNo": "DL-1", "status": 40, "remark": "修好",
        "time": "2026-07-01 00:05:00", "reason": "", "photos": [],
    }  # fmt: skip
    return {**fields, **changes}


@pytest.mark.parametrize("kind", ["rest", "file_drop"])
def test_example_mappings_pass_the_linter(kind: str) -> None:
    mapped = load_mapping(raw(kind))
    assert set(UnitAct) == set(mapped.status_in.values())


@pytest.mark.parametrize(
    "path", sorted((ROOT / "deploy").glob("**/mapping.toml")), ids=lambda path: path.parent.name
)
def test_mappings_of_the_worked_example_pass_the_linter(path: Path) -> None:
    load_mapping(tomllib.loads(path.read_text("utf-8")))


def drop_status(table: dict[str, Any]) -> None:
    table["status"]["in"]["done"] = []


def drop_out(table: dict[str, Any]) -> None:
    del table["status"]["out"]["withdraw"]


def undeclared(table: dict[str, Any]) -> None:
    table["status"]["declared"].append("55")


def foreign(table: dict[str, Any]) -> None:
    table["status"]["in"]["none"].append("66")


def twice(table: dict[str, Any]) -> None:
    table["status"]["in"]["signed"].append("40")


def out_twice(table: dict[str, Any]) -> None:
    table["status"]["out"]["withdraw"] = "NEW"


def code_twice(table: dict[str, Any]) -> None:
    table["codes"]["category"]["0105"] = "CABLE"


def unknown_field(table: dict[str, Any]) -> None:
    table["out"]["x"] = {"field": "colour"}


def two_sources(table: dict[str, Any]) -> None:
    table["out"]["x"] = {"field": "text", "const": "y"}


def no_key_out(table: dict[str, Any]) -> None:
    del table["out"]["extNo"]


def no_key_in(table: dict[str, Any]) -> None:
    del table["in"]["key"]


def no_zone(table: dict[str, Any]) -> None:
    del table["times"]["zone"]


def bad_zone(table: dict[str, Any]) -> None:
    table["times"]["zone"] = "Huangshi/Xisaishan"


def no_codes(table: dict[str, Any]) -> None:
    table["out"]["type"]["codes"] = "nowhere"


def typo(table: dict[str, Any]) -> None:
    table["in"]["text"]["pth"] = "remark"


def strange_act(table: dict[str, Any]) -> None:
    table["status"]["in"]["finished"] = ["41"]


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (drop_status, "'40' is declared but means nothing"),
        (drop_status, "status.absent.done: no status says it"),
        (drop_out, "status.out.withdraw: missing"),
        (undeclared, "'55' is declared but means nothing"),
        (foreign, "'66' is mapped but not declared"),
        (twice, "'40' means both"),
        (out_twice, "'NEW' stands for two acts"),
        (code_twice, "'CABLE' stands for '0104' and '0105'"),
        (unknown_field, "out.x: we have no field 'colour'"),
        (two_sources, "out.x: exactly one of field, template, const"),
        (no_key_out, "no field carries our key"),
        (no_key_in, "in.key: required"),
        (no_zone, "times.zone: say which zone"),
        (bad_zone, "is no zone name"),
        (no_codes, "there is no codes.nowhere"),
        (typo, "in.text: unknown word 'pth'"),
        (strange_act, "status.in.finished: we have no such act"),
    ],
)
def test_linter_names_what_is_wrong(spoil: Callable[[dict[str, Any]], None], sentence: str) -> None:
    table = raw()
    spoil(table)
    with pytest.raises(MappingError) as caught:
        load_mapping(table)
    assert any(sentence in problem for problem in caught.value.problems), caught.value.problems


def test_linter_rejects_a_status_that_an_introspection_found() -> None:
    with pytest.raises(MappingError, match="'50' is declared but means nothing"):
        load_mapping(raw(), declared=["50"])


def test_an_absent_act_needs_a_sentence() -> None:
    table = raw()
    table["status"]["in"]["progress"] = []
    table["status"]["declared"].remove("30")
    with pytest.raises(MappingError, match=r"status.absent.progress"):
        load_mapping(table)
    table["status"]["absent"] = {"progress": "系统只有接收和办结两个状态"}
    assert UnitAct.PROGRESS not in load_mapping(table).status_in.values()


def test_an_order_goes_out_in_their_words() -> None:
    document = load_mapping(raw()).document(an_order(), act="submit", now=NOW)
    assert document == {
        "extNo": "a/1", "caseNo": "2026-1", "title": "[2026-1] 路灯", "type": "LIGHT",
        "address": "黄石大道", "lon": 115.0, "lat": 30.2, "content": "不亮", "urgent": "1",
        "deadline": "2026-07-01 00:05:00", "action": "NEW", "source": "数字城管",
    }  # fmt: skip


def test_dots_make_a_nested_document_and_optional_fields_vanish() -> None:
    table = raw()
    table["out"] = {
        "task.ids.ext": {"field": "key"},
        "task.lon": {"field": "lon", "optional": True},
    }
    document = load_mapping(table).document(an_order(lon=None), act="submit", now=NOW)
    assert document == {"task": {"ids": {"ext": "a/1"}}}


def test_a_code_without_a_row_is_not_guessed() -> None:
    table = raw()
    del table["codes"]["category"]["*"]
    with pytest.raises(UnitUnreadable, match=r"'0999' is not in codes.category"):
        load_mapping(table).document(an_order(code="0999"), act="submit", now=NOW)


def test_an_event_comes_in_in_our_words() -> None:
    event = load_mapping(raw()).read(record()).event
    assert event.act is UnitAct.DONE
    assert (event.event_id, event.key, event.unit_reference) == ("E9", "a/1", "DL-1")
    assert event.order.startswith("2026-06-30T16:05:00.000000+00:00")


@pytest.mark.parametrize(("said", "met"), [("Y", True), ("N", False), ("", False)])
def test_a_unit_says_that_the_closing_condition_is_met(said: str, met: bool) -> None:
    table = raw()
    table["codes"]["ticked"] = {"yes": "Y", "no": "N"}
    table["in"]["closing_met"] = {"path": "accepted", "codes": "ticked"}
    table["out"]["goal"] = {"field": "closing", "optional": True}
    mapped = load_mapping(table)
    heard = mapped.read(record(accepted=said))
    assert met is heard.event.closing_met is heard.with_photos(()).closing_met
    told = mapped.document(an_order(closing="路灯亮"), act="submit", now=NOW)
    assert "路灯亮" == told["goal"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": 77}, "status '77' is not in the mapping"),
        ({"status": None}, "status: nothing at status"),
        ({"extNo": ""}, "key: nothing at extNo"),
        ({"time": "gestern"}, "order: 'gestern' is no time"),
        ({"remark": {"a": 1}}, "text: a structure where text was expected"),
        ({"photos": {"a": 1}}, "photos: neither a list nor text"),
        ({"photos": [{"name": "x"}]}, "photos: an item without content"),
        ({"photos": [{"content": "eA=="}] * 17}, "photos: 17 of them"),
        # No database takes NUL, no encoder half a surrogate: one such event would stop the poll.
        ({"remark": "a\x00b"}, "text: characters that no text may hold"),
        ({"remark": "half \ud83d"}, "text: characters that no text may hold"),
        ({"eventId": "E\x00"}, "event_id: characters that no text may hold"),
        ({"photos": [{"content": "eA==", "type": "\ud83d"}]}, "photos: characters that no text"),
        ({"extNo": "x" * 201}, "key: longer than 200"),
        ({"orderNo": "x" * 201}, "unit_reference: longer than 200"),
    ],
)
def test_the_unforeseen_is_unreadable(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnitUnreadable, match=sentence):
        load_mapping(raw()).read(record(**change))


def test_one_bad_record_leaves_the_others_and_doubles_count_once() -> None:
    heard, unread = load_mapping(raw()).read_all(
        [record(), record(eventId="E10", status=99999), record(), "nonsense"], source="test"
    )
    assert [one.event.event_id for one in heard] == ["E9"]
    assert [one.source for one in unread] == ["test", "test"]
    assert b"99999" in unread[0].evidence


def test_half_a_character_is_kept_as_evidence_and_the_others_are_heard() -> None:
    heard, unread = load_mapping(raw()).read_all(
        [record(remark="half \ud83d"), record(eventId="E10")], source="test"
    )
    assert [one.event.event_id for one in heard] == ["E10"]
    assert b"\\ud83d" in unread[0].evidence
    unread[0].detail.encode()
    with pytest.raises(UnitUnreadable):
        load_mapping(raw()).reread(unread[0].evidence)


def test_what_was_quarantined_is_read_again_with_a_better_table() -> None:
    _, (kept,) = load_mapping(raw()).read_all([record(status="77")], source="test")
    table = raw()
    table["status"]["declared"].append("77")
    table["status"]["in"]["progress"] = [*table["status"]["in"]["progress"], "77"]
    assert UnitAct.PROGRESS is load_mapping(table).reread(kept.evidence).event.act
    for cut in (b"", kept.evidence[:-1], b"[" * 100_000, b"\xff"):
        with pytest.raises(UnitUnreadable):
            load_mapping(table).reread(cut)


def test_a_long_event_id_becomes_a_short_one_that_is_as_good() -> None:
    ids = {load_mapping(raw()).read(record(eventId="E" * 5_000 + end)).event.event_id
           for end in ("1", "2", "1")}
    assert 2 == len(ids)
    assert all(len(one) <= 200 for one in ids)


def test_without_event_ids_what_was_said_is_the_id() -> None:
    table = raw()
    del table["in"]["event_id"]
    mapped = load_mapping(table)
    one, same, other = (mapped.read(record(remark=text)).event for text in ("甲", "甲", "乙"))
    assert one.event_id == same.event_id != other.event_id


def test_events_ten_and_nine_of_one_second_sort_as_numbers() -> None:
    mapped = load_mapping(raw())
    nine, ten = (mapped.read(record(eventId=f"E{n}")).event for n in (9, 10))
    assert nine.order < ten.order


def test_a_transcript_is_cut_visibly() -> None:
    event = load_mapping(raw()).read(record(remark="长" * 9_999)).event
    assert len(event.text) == TEXT_MAX
    assert event.text.endswith("…")


@pytest.mark.parametrize("form", ["iso", "unix", "unix_ms", "%Y-%m-%d %H:%M:%S"])
@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)))
def test_an_instant_survives_the_round_trip(form: str, when: datetime) -> None:
    instant = when.replace(microsecond=0, tzinfo=UTC)
    times = Times(zone=BEIJING, form=form)
    assert times.read(times.write(instant)) == instant


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists) | st.dictionaries(
    st.text(), st.text() | st.integers() | st.none()), st.text(max_size=20))  # fmt: skip
def test_any_path_into_anything_is_a_value_or_nothing(tree: object, path: str) -> None:
    value_at(tree, path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(record())), JSON) | JSON)
def test_any_json_is_read_or_unreadable(said: object) -> None:
    changes = said if isinstance(said, dict) else {}
    try:
        heard = load_mapping(raw()).read({**record(), **changes} if changes else said)
    except UnitUnreadable as err:
        str(err).encode()
        return
    json.dumps(asdict(heard.event), ensure_ascii=False, default=str).encode()
