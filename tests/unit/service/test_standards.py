"""The room of standards: drafts, approval by another, days, what the core is given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.seal import Ed25519Key, Ed25519Signer, PublicKey
from hub.store.writer import GroupWriter
from node.core.codes import GB_2013, GB_2026, ClassKey, Layout
from node.core.errors import Invalid, NotPermitted, WrongStatus
from node.core.facts import Category, Facts, NodeId, Place
from node.core.standards import Catalog, check_condition, check_listed
from node.main.shipped import install_shipped
from node.service.imports.conditions import CONDITIONS
from node.service.imports.crosswalk import CROSSWALK
from node.service.standards.desk import Standards
from node.service.standards.editing import Editing, Hand
from node.service.standards.lookup import condition_lookup
from node.service.standards.views import AreaClassRow, ClassRow, NewClass
from node.service.views import FilingCondition
from node.store.repository import NodeStore
from node.store.schema import migrate
from tests.audits import AUDIT

T = TypeVar("T")
STORE = NodeStore()
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SHOP = {"kind": "matter", "code": "09005"}


class Holder:
    catalog: Catalog | None = None


class Room:
    """A node's standards over a real database, with a clock of its own."""

    def __init__(self, url: str) -> None:
        self.now = NOW
        self.holder = Holder()
        self.writer = GroupWriter(url, clock=lambda: self.us() * 1000)
        self.writer.start()
        self.desk = self.standards()

    def standards(self, **keys: Any) -> Standards:
        return Standards(node="420200", store=STORE, writer=self.writer, audit=AUDIT,
                         holder=self.holder, now_us=self.us, rows_max=500, **keys)

    def us(self) -> int:
        return int(self.now.timestamp() * 1_000_000)

    def ship(self) -> int:
        count = self.writer.run(lambda tx: install_shipped(STORE, tx))
        ask(self.desk.reload())
        return count

    def install(self, *rows: FilingCondition) -> Any:
        hand = Hand(actor="installer", basis="installed")
        result = self.writer.run(lambda tx: Editing(STORE, tx, hand).put_conditions(rows))
        ask(self.desk.reload())
        return result

    @property
    def catalog(self) -> Catalog:
        assert self.holder.catalog is not None
        return self.holder.catalog

    def edition(self, version: int, ref: str = GB_2026) -> dict[str, Any]:
        [found] = [one for one in ask(self.desk.editions())
                   if (one["standard_ref"], one["version"]) == (ref, version)]
        return found


def test_the_same_content_again_is_recognised_and_leaves_no_draft(room: Room) -> None:
    room.ship()
    room.install(condition(), condition(2))
    editions = len(ask(room.desk.editions()))

    again = ask(room.desk.import_conditions([condition(), condition(2)], actor="王"))
    assert (again.added, again.replaced, len(ask(room.desk.editions()))) == (0, 0, editions)
    assert "没有新内容" in again.notes[0].say("zh")

    drafted = ask(room.desk.import_conditions([condition(3)], actor="王"))
    same = ask(room.desk.import_conditions([condition(3)], actor="王"))
    assert (drafted.added, same.added, same.replaced) == (1, 0, 0)
    assert "草稿第" in same.notes[0].say("zh")
    assert "无变化" in same.notes[0].say("zh")
    assert len(ask(room.desk.editions())) == editions + 1


def test_a_dimension_that_no_condition_asks_for_is_refused_with_those_that_are(room: Room) -> None:
    room.ship()
    room.install(condition(dimension="zone", area_class="A"), condition(2))
    rows = [AreaClassRow(dimension=one, area="420203001", area_class="A")
            for one in ("area", "zone", "zones")]

    with pytest.raises(Invalid) as refused:
        ask(room.desk.import_area_classes(rows, actor="王"))

    told = refused.value.detail
    assert (refused.value.code, told["row"], told["given"]) == ("standard.dimension", "3", "zones")
    assert told["known"] == "area, zone"
    assert ask(room.desk.area_classes()) == []
    assert ask(room.desk.import_area_classes(rows[:2], actor="王")).added == 2


@pytest.fixture
def room(database_url: str) -> Iterator[Room]:
    room = Room(database_url)
    yield room
    room.writer.stop()


def ask(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def fresh_database(folder: Path) -> str:
    """Another node's database."""
    url = f"sqlite:///{folder / 'other.db'}"
    migrate(url)
    return url


def condition(number: int = 1, count: int | None = 4, **more: Any) -> FilingCondition:
    return FilingCondition(**{
        "standard_ref": GB_2026, **SHOP, "condition_no": number, "name": "店外经营",
        "filing": "出店摆卖", "closing": "收回店内", "limit_text": f"{count}小时",
        "limit_count": count, "limit_unit": "work_hour", **more})


def category(**changes: Any) -> Category:
    return Category(**{"standard_ref": GB_2026, **SHOP, "name": "店外经营", "condition_no": 1,
                       **changes})


def facts(area: str = "420203", grid: str = "", **changes: Any) -> Facts:
    return Facts(case_no="1", filing_node=NodeId("420200"), category=category(**changes),
                 place=Place(area=area, address="x", grid=grid), text="t", source="s",
                 reported_at=NOW)


def test_a_fresh_node_has_the_list_of_2026_in_force_and_the_older_ones_for_reading(
    room: Room,
) -> None:
    assert room.ship() == 4
    assert room.ship() == 0

    standing = {one["standard_ref"]: one["standing"] for one in ask(room.desk.editions())}
    assert standing == {GB_2026: "active", GB_2013: "superseded", "CJ/T 214-2007": "superseded"}
    page = ask(room.desk.classes(GB_2026, limit=500))
    minor = {(row["kind"], row["code"]) for row in page.items if len(row["code"]) == 5}
    assert len(minor) == 403
    assert len(room.edition(1)["digest"]) == 64
    assert "不得称为正式文本" in room.edition(1)["source"]
    assert check_listed(room.catalog, category(), at=NOW).version == f"{GB_2026}@1"
    with pytest.raises(Invalid):
        check_listed(room.catalog, category(standard_ref=GB_2013, code="0405"), at=NOW)


def test_two_nodes_with_the_same_list_have_the_same_digest(
    room: Room, tmp_path: Path
) -> None:
    other = Room(fresh_database(tmp_path))
    room.ship()
    other.ship()
    assert room.edition(1)["digest"] == other.edition(1)["digest"]

    other.install(condition())
    assert other.edition(2)["digest"] != room.edition(1)["digest"]
    other.writer.stop()


def test_an_import_waits_in_a_draft_until_another_person_approves_it(room: Room) -> None:
    room.ship()
    result = ask(room.desk.import_conditions([condition()], actor="王"))
    ask(room.desk.import_conditions([condition(2)], actor="李"))

    assert (result.added, "草稿第 2 版" in result.notes[0].say("zh")) == (1, True)
    assert check_condition(room.catalog, category(), 1, area="420203", at=NOW) is None
    for author in ("王", "李"):
        with pytest.raises(NotPermitted) as refused:
            ask(room.desk.approve(GB_2026, 2, effective_from=None, actor=author))
        assert refused.value.code == "standard.own_draft"
    done = ask(room.desk.approve(GB_2026, 2, effective_from=None, actor="张"))

    assert (done["standing"], done["approved_by"]) == ("active", "张")
    assert done["authors"] == ["王", "李"]
    found = check_condition(room.catalog, category(), 2, area="420203", at=NOW)
    assert found is not None
    assert found.closing == "收回店内"
    assert room.edition(1)["standing"] == "superseded"
    with pytest.raises(WrongStatus):
        ask(room.desk.discard(GB_2026, 2, actor="王"))


def test_an_edition_takes_effect_on_its_day_without_anybody_doing_anything(room: Room) -> None:
    room.ship()
    ask(room.desk.import_conditions([condition()], actor="王"))
    day = TODAY + timedelta(days=10)
    ask(room.desk.approve(GB_2026, 2, effective_from=day, actor="张"))

    assert room.edition(2)["standing"] == "approved"
    assert check_listed(room.catalog, category(), at=NOW).version == f"{GB_2026}@1"
    room.now = NOW + timedelta(days=10)
    assert check_listed(room.catalog, category(), at=room.now).version == f"{GB_2026}@2"
    assert check_condition(room.catalog, category(), 1, area="420203", at=room.now) is not None
    assert room.edition(2)["standing"] == "active"


def test_an_old_case_is_read_under_the_edition_it_was_filed_under(room: Room) -> None:
    room.ship()
    look = condition_lookup(STORE)
    room.install(condition(count=4))
    room.install(condition(count=8))

    def limit(version: str) -> Any:
        return room.writer.run_read(lambda conn: look(conn, facts(), TODAY, version))

    for version, hours in [(f"{GB_2026}@2", 4), (f"{GB_2026}@3", 8), ("", 8)]:
        assert limit(version).limit.value == hours, version
    assert limit(f"{GB_2026}@1") is None


def test_limits_differ_by_class_of_area_in_the_catalogue_and_in_the_look_up(room: Room) -> None:
    room.ship()
    room.install(condition(count=2, dimension="zone", area_class="A"), condition(count=8))
    result = ask(room.desk.import_area_classes(
        [AreaClassRow(dimension="zone", area="420203001", area_class="A")], actor="王"))

    assert result.added == 1
    look = condition_lookup(STORE)
    for area, grid, hours in [("420203001", "", 2), ("420203", "420203001002003", 2),
                              ("420203002", "", 8)]:
        found = room.writer.run_read(
            lambda conn, at=(area, grid): look(conn, facts(*at), TODAY, ""))
        assert found is not None
        assert found.limit is not None
        assert found.limit.value == hours, area
        filed = check_condition(room.catalog, category(), 1, area=grid or area, at=NOW)
        assert filed == found


def test_a_local_class_is_added_at_run_time_from_the_top_with_limit_and_unit(room: Room) -> None:
    room.ship()
    new = NewClass(standard_ref="GB/T47678.5—2026", kind="matter", major="10", name="供水管道破裂",
                   filing="管道破裂漏水", closing="修复通水", limit_text="2紧急工作时",
                   handling_unit="自来水公司", incident=True)

    added = ask(room.desk.add_class(new, actor="王"))
    second = ask(room.desk.add_class(new, actor="王"))

    assert (added["standard_ref"], added["code"], second["code"]) == (GB_2026, "10999", "10998")
    ask(room.desk.approve(GB_2026, added["version"], effective_from=None, actor="张"))
    listed = check_listed(room.catalog, category(code="10999"), at=NOW)
    assert listed.entry is not None
    assert (listed.entry.origin, listed.entry.incident) == ("local", True)
    found = check_condition(room.catalog, category(code="10999"), 1, area="420203", at=NOW)
    assert found is not None
    assert found.limit is not None
    assert (found.limit.value, str(found.limit.unit)) == (2, "urgent_hour")
    whole = ask(room.desk.one_class(GB_2026, "matter", "10999"))
    assert (whole["major_name"], whole["handling_unit"]) == ("其他事项类", "自来水公司")


def test_a_local_class_with_a_taken_number_or_an_unreadable_limit_is_refused(room: Room) -> None:
    room.ship()
    for change, code in [
        ({"code": "10001"}, "codes.taken"), ({"limit_text": "尽快"}, "codes.limit"),
        ({"code": "1099"}, "codes.class"), ({"standard_ref": "X"}, "standard.unregistered"),
    ]:
        new = NewClass(**{"standard_ref": GB_2026, "kind": "matter", "major": "10", "name": "x",
                          "filing": "y", **change})
        with pytest.raises(Invalid) as refused:
            ask(room.desk.add_class(new, actor="王"))
        assert refused.value.code == code
    # What was refused left no draft behind.
    assert {one["standing"] for one in ask(room.desk.editions())} == {"active", "superseded"}


def test_a_sheet_with_local_classes_adds_them_and_says_so(room: Room) -> None:
    room.ship()
    row = condition(code="09999", name="占道便民点")

    result = ask(room.desk.import_conditions([row], actor="王"))

    assert any("1 个类" in note.say("zh") for note in result.notes)
    found = ask(room.desk.one_class(GB_2026, "matter", "09999", version=2))
    assert (found["origin"], found["name"]) == ("local", "占道便民点")
    with pytest.raises(Invalid) as refused:
        ask(room.desk.import_conditions([condition(code="09998", name="")], actor="王"))
    assert refused.value.code == "table.invalid"


def test_what_is_installed_at_the_machine_counts_at_once_and_twice_adds_nothing(
    room: Room,
) -> None:
    room.ship()
    first, again = room.install(condition()), room.install(condition())

    assert (first.added, again.added, again.replaced) == (1, 0, 1)
    assert "即日生效" in first.notes[-1].say("zh")
    assert "无变化" in again.notes[-1].say("zh")
    assert (room.edition(2)["standing"], room.edition(2)["basis"]) == ("active", "installed")
    assert len(ask(room.desk.conditions()).items) == 1


def test_an_own_standard_is_registered_with_its_digits(room: Room) -> None:
    layout = Layout(standard_ref="DB42/T 1-2026", minor=2, sequence=5)
    own = ClassRow(standard_ref="DB42/T 1-2026", kind="matter", code="0199", name="地方事件")
    with pytest.raises(Invalid) as refused:
        ask(room.desk.import_classes([own], actor="王"))
    assert refused.value.code == "standard.unregistered"

    ask(room.desk.register(layout, source="市规", actor="王"))
    ask(room.desk.import_classes([own], actor="王"))
    ask(room.desk.approve("DB42/T 1-2026", 1, effective_from=None, actor="张"))

    found = check_listed(
        room.catalog, category(standard_ref="DB42/T 1-2026", code="0199"), at=NOW)
    assert found.entry is not None
    edition = room.catalog.edition("DB42/T 1-2026", TODAY)
    assert edition is not None
    assert edition.layout == layout
    with pytest.raises(Invalid):
        ask(room.desk.register(layout, source="", actor="王"))
    with pytest.raises(Invalid):
        ask(room.desk.import_classes([ClassRow(
            standard_ref="DB42/T 1-2026", kind="matter", code="01999", name="x")], actor="王"))


def test_a_node_that_changes_over_later_keeps_the_older_standard_in_force(room: Room) -> None:
    room.ship()
    start = room.edition(1, GB_2013)["effective_from"]
    assert start is None

    ask(room.desk.activate(GB_2013, 1, effective_from=None, effective_to=None, actor="张"))

    assert check_listed(
        room.catalog, category(standard_ref=GB_2013, code="0405"), at=NOW).entry is not None
    assert check_listed(room.catalog, category(), at=NOW).entry is not None


def test_an_approved_edition_travels_as_a_document_and_is_active_below_on_its_day(
    room: Room, tmp_path: Path
) -> None:
    below = Room(fresh_database(tmp_path))
    room.ship()
    below.ship()
    ask(room.desk.import_conditions([condition(evidence="处置后照片")], actor="王"))
    with pytest.raises(WrongStatus):
        ask(room.desk.export(GB_2026, 2))
    day = TODAY + timedelta(days=3)
    approved = ask(room.desk.approve(GB_2026, 2, effective_from=day, actor="张"))
    document = json.loads(json.dumps(ask(room.desk.export(GB_2026, 2)), default=str))

    taken = ask(below.desk.take_over(document, actor="陈"))
    again = ask(below.desk.take_over(document, actor="陈"))

    assert taken == again
    assert (taken["digest"], taken["standing"], taken["approved_by"]) == (
        approved["digest"], "approved", "张")
    assert (taken["published_by"], taken["published_version"]) == ("420200", 2)
    below.now = NOW + timedelta(days=3)
    found = check_condition(below.catalog, category(), 1, area="420203", at=below.now)
    assert found is not None
    assert found.evidence == ("处置后照片",)
    for change, code in [({"digest": "0" * 64}, "bundle.digest"), ({"format": 9}, "bundle.format"),
                         ({"classes": [{}]}, "bundle.malformed"), ({"conditions": []},
                                                                   "bundle.digest")]:
        with pytest.raises(Invalid) as refused:
            ask(below.desk.take_over({**document, **change}, actor="陈"))
        assert refused.value.code == code
    below.writer.stop()


class KnownKeys:
    """One signer that is known, as a roster would say it."""

    def __init__(self, node: str, signer: Ed25519Signer, since_us: int) -> None:
        self.node, self.signer, self.since_us = node, signer, since_us

    def public(self, key_id: str, node: str, at_us: int) -> PublicKey | None:
        known = (key_id, node) == (self.signer.key_id, self.node) and at_us >= self.since_us
        return Ed25519Key.of(self.signer.private.public_key().public_bytes_raw()) if known else None


def test_a_document_is_signed_by_who_hands_it_out_and_checked_where_the_signer_is_known(
    room: Room, tmp_path: Path
) -> None:
    below = Room(fresh_database(tmp_path))
    room.ship()
    signer = Ed25519Signer(key_id="k1", private=Ed25519PrivateKey.generate())
    room.desk = room.standards(seal=signer)
    below.desk = below.standards(keys=KnownKeys("420200", signer, room.us()))
    document = json.loads(json.dumps(ask(room.desk.export(GB_2026)), indent=1))
    plain = {name: value for name, value in document.items() if name != "signature"}

    taken = ask(below.desk.take_over(document, actor="陈"))

    assert (taken["signature"], taken["signed_by"]) == ("holds", "420200")
    assert ask(below.desk.take_over(plain, actor="陈"))["signature"] == "none"
    stranger = {**document["signature"], "signed_by": "420100"}
    told = ask(below.desk.take_over({**plain, "signature": stranger}, actor="陈"))
    assert (told["signature"], told["signed_by"]) == ("unknown", "420100")
    earlier = {**document["signature"], "signed_at": "2026-11-20T08:59:59+00:00"}
    for change, code in [
        ({"approved_by": "李"}, "bundle.signature"),
        ({"effective_from": "2026-12-01"}, "bundle.signature"),
        ({"signature": {**document["signature"], "value": "00" * 64}}, "bundle.signature"),
        ({"signature": {"signed_by": "420200"}}, "bundle.malformed"),
        ({"signature": {**document["signature"], "signed_at": "2026-11-20T09:00:00"}},
         "bundle.malformed"),
    ]:
        with pytest.raises(Invalid) as refused:
            ask(below.desk.take_over({**document, **change}, actor="陈"))
        assert refused.value.code == code, change
    before = ask(below.desk.take_over({**plain, "signature": earlier}, actor="陈"))
    assert before["signature"] == "unknown", "a key says nothing of the time before it"
    below.writer.stop()


def test_the_crosswalk_answers_from_both_ends_and_keeps_older_decisions(room: Room) -> None:
    room.ship()
    old = ask(room.desk.crossed(GB_2013, "matter", "0508"))
    new = ask(room.desk.one_class(GB_2026, "matter", "10002"))

    assert [one["new"]["code"] for one in old["became"]] == ["10002"]
    assert [one["old"]["code"] for one in new["came_from"]] == ["0508"]
    assert ask(room.desk.crossed(GB_2013, "matter", "0405"))["proposed"]["code"] == "09005"

    head = "old_standard,old_kind,old_code,verdict,new_standard,new_kind,new_code\n"
    line = f"{GB_2013},事件,508,moved,{GB_2026},事项,"
    _, parsed = CROSSWALK.parse((head + line + "10002\n" + line + "01002\n").encode())
    first = ask(room.desk.import_crosswalk(parsed.rows, actor="王"))
    again = ask(room.desk.import_crosswalk(parsed.rows, actor="王"))

    assert (first.added, again.added, again.replaced) == (2, 0, 2)
    both = ask(room.desk.crossed(GB_2013, "matter", "0508"))["became"]
    assert [(one["new"]["code"], one["version"]) for one in both] == [("01002", 2), ("10002", 2)]
    kept = ask(room.desk.crosswalk(limit=500)).items
    assert [row["version"] for row in kept if row["old_code"] == "0508"
            and row["old_kind"] == "matter"] == [1, 2, 2]


def test_classes_are_searched_by_name_and_by_the_beginning_of_the_code(room: Room) -> None:
    room.ship()
    by_name = ask(room.desk.classes(GB_2026, kind="matter", text="店外"))
    by_code = ask(room.desk.classes(GB_2026, text="1000"))

    assert [row["code"] for row in by_name.items] == ["09005"]
    assert [row["code"] for row in by_code.items] == ["10001", "10002"]
    page = ask(room.desk.classes(GB_2026, limit=3))
    assert (len(page.items), page.next) == (3, "3")
    with pytest.raises(Invalid) as refused:
        ask(room.desk.classes("X"))
    assert refused.value.code == "standard.unknown"
    with pytest.raises(Invalid):
        ask(room.desk.one_class(GB_2026, "matter", "09007"))


def test_a_node_without_lists_checks_nothing(room: Room) -> None:
    ask(room.desk.reload())

    assert room.holder.catalog is None


def test_shipped_lists_leave_what_was_imported_before_in_force(room: Room) -> None:
    room.install(condition(code="09999", name="占道便民点"))

    assert room.ship() == 4

    key = ClassKey(standard_ref=GB_2026, kind="matter", code="09999")
    assert room.catalog.entry(key, TODAY) is not None
    assert len(room.catalog.conditions(key, TODAY)) == 1
    assert check_listed(room.catalog, category(), at=NOW).version == f"{GB_2026}@2"


def test_an_older_list_that_a_node_still_uses_is_not_ended_by_shipping_it(room: Room) -> None:
    room.install(condition(standard_ref=GB_2013, code="0405"))

    room.ship()

    assert check_listed(
        room.catalog, category(standard_ref=GB_2013, code="0405"), at=NOW).entry is not None


def test_handbooks_print_what_is_in_force_with_edition_and_date(room: Room) -> None:
    room.ship()
    room.install(
        condition(closing="收回|店内\n不再外摆", handling_unit="城管中队", evidence="处置后照片"),
        condition(2, 8, valid_to=TODAY - timedelta(days=1)),
        condition(code="09999", name="占道便民点", limit_text="", closing="撤离"))

    watch = ask(room.desk.handbook("supervision", GB_2026, office="黄石市"))
    handle = ask(room.desk.handbook("handling", GB_2026, office="黄石市"))

    assert watch.startswith("# 黄石市 监督手册\n")
    assert "GB/T 47678.5-2026 第 2 版，自 2026-11-20 起施行" in handle
    assert "印于 2026-11-20" in handle
    assert room.edition(2)["digest"][:16] in watch
    assert "| 09005 | 店外经营 | 1 |  | 出店摆卖 | 处置后照片 |" in watch
    assert "| 09005 | 店外经营 | 1 |  | 4小时 | 收回／店内 不再外摆 | 城管中队 |  |" in handle
    assert "| 09999 | 占道便民点（地方） | 1 |  | 4工作时 | 撤离 |  |  |" in handle
    assert "8小时" not in handle
    assert handle.count("| 09006 |") == 1
    assert "## 管理事项 09 街面秩序类" in handle


def test_the_nine_columns_of_a_city_become_conditions(room: Room) -> None:
    room.ship()
    sheet = (
        "大类代码,大类名称,小类代码,小类名称,处置单位,主管部门,立案条件,结案条件,处置时限\n"
        "9,街面秩序类,5,店外经营,城管中队,城管局,出店摆卖,收回店内,2紧急工作时\n"
        ",,,,,,占用盲道,,4小时\n"
        ",,6,乱设摊点,,,占道设摊,清走,尽快\n"
    )
    _, parsed = CONDITIONS.parse(
        sheet.encode(), given={"standard_ref": "gb/t 47678.5-2026", "kind": "事项"})

    assert parsed.faults == ()
    assert [(row.code, row.condition_no, row.handling_unit, row.closing, row.limit_text)
            for row in parsed.rows] == [
        ("09005", 1, "城管中队", "收回店内", "2紧急工作时"),
        ("09005", 2, "城管中队", "收回店内", "4小时"), ("09006", 1, "城管中队", "清走", "尽快")]
    assert [(one.row, one.column) for one in parsed.warnings] == [(4, "limit_text")]
    assert (parsed.rows[2].limit_assumed, parsed.rows[2].limit_count) == (True, None)
    sent_on = [row for piece, _ in parsed.pieces(1)
               for row in CONDITIONS.parse(piece.encode())[1].rows]
    assert sent_on == list(parsed.rows)
    ask(room.desk.import_conditions(parsed.rows, actor="王"))
    assert len(ask(room.desk.conditions(GB_2026, version=2)).items) == 3
