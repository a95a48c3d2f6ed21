"""Intake over a real store: reporters kept apart, notices, duplicates, parts, follow-up codes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from hub.errors import Overloaded
from node.core import commands as cmd
from node.core.errors import Invalid, Refused, UnknownCase, WrongStatus
from node.core.facts import Address, CaseId, Category, Photo, PhotoRole, Place
from node.core.reporter import Reporter
from node.main.profiles import notices_named, sources_named
from node.service.kin import Kin
from node.service.notices import Herald, Notices
from node.service.profile import IntakeRules
from node.service.public import TRIES_MAX, TRIES_S, PublicPage
from node.service.reporters import Reporters
from node.service.sources import NoticesFile, SourcesFile
from node.service.views import Reply
from node.store.intake import IntakeStore
from tests.audits import AUDIT, said
from tests.unit.service.world import CITY, STANDARD, STREET, TestOffice, World

T = TypeVar("T")
CALLER = Reporter(name="张三", phone="+86 138-0000-0000", wants_reply=True, channel="sms")
CATEGORY = Category(standard_ref=STANDARD, kind="component", code="01001", name="供水井盖")
LON, LAT = 115.04, 30.2
METRE = 1 / 111_195


def ask(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


@dataclass
class Desk:
    """A city's intake desk."""

    world: World
    office: TestOffice
    kin: Kin
    reporters: Reporters
    notices: Notices
    public: PublicPage

    def do(self, make: type[cmd.Command], case_id: str, **fields: Any) -> Reply:
        return self.office.do(make(**self.world.head(case_id), **fields))  # type: ignore[arg-type]

    def open(self, source: str = "hotline", *, metres: float = 0, **fields: Any) -> Reply:
        return self.do(
            cmd.OpenCase, self.world.fresh(), case_no="", category=CATEGORY,
            place=Place(area=STREET, address="湖滨大道 1 号", lon=LON, lat=LAT + metres * METRE),
            text="井盖破损", source=source, **fields,
        )

    def close(self, case_id: str, **fields: Any) -> None:
        self.do(cmd.SelfHandle, case_id, result="已扶正井盖", **fields)
        self.do(cmd.Close, case_id, text="已恢复")

    def pending(self, **which: Any) -> list[Any]:
        return list(ask(self.notices.list(**{"state": "pending", **which})).items)

    def raw(self) -> str:
        """Everything the database says outside of ``cases.private``."""
        def read(conn: Any) -> str:
            found = []
            for table in ("journal", "outbox", "notice", "change", "work_item", "command",
                          "audit_log"):
                found += [str(tuple(bytes(cell).decode(errors="replace")
                                    if isinstance(cell, bytes | memoryview) else cell
                                    for cell in row))
                          for row in conn.execute(text(f"SELECT * FROM {table}"))]
            found += [str(row) for row in conn.execute(text(
                "SELECT case_id, case_no, address, status FROM cases"))]
            found += [bytes(row[0]).decode() for row in conn.execute(text(
                "SELECT state FROM cases"))]
            return "\n".join(found)

        return self.office.writer.run_read(read)


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    world = World()
    office = world.open(CITY, database_url)
    rows, home = IntakeStore(), Path("/nowhere")
    reporters = Reporters(
        store=office.store, rows=rows, writer=office.writer, now_us=lambda: world.now_us,
        key=b"k" * 32, audit=AUDIT,
    )
    office.surroundings.sources = sources_named("sources", home=home)
    office.desk.reporters = reporters
    office.desk.herald = Herald(
        rows=rows, texts=notices_named("notices", home=home),
        sources=office.surroundings.sources, ids=world.ids, office="黄石市中心",
    )
    rules = IntakeRules()
    yield Desk(
        world=world, office=office, reporters=reporters,
        kin=Kin(rows=rows, writer=office.writer, now_us=lambda: world.now_us,
                similarity=rules.similarity),
        notices=Notices(rows=rows, writer=office.writer, handler=office.handler,
                        now_us=lambda: world.now_us, rows_max=100),
        public=PublicPage(store=office.store, rows=rows, writer=office.writer,
                          handler=office.handler, reporters=reporters, rules=rules,
                          now_us=lambda: world.now_us),
    )
    world.close()


# --- the reporter


def test_name_and_phone_are_beside_the_case_and_nowhere_else(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    desk.close(case.case_id)
    for secret in ("张三", "138-0000-0000", "13800000000"):
        assert secret not in desk.raw()
    found = ask(desk.reporters.read(case.case_id, purpose="回访", actor="clerk"))
    assert found == CALLER


def test_looking_at_a_reporter_takes_a_purpose_and_is_recorded(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    with pytest.raises(Invalid):
        ask(desk.reporters.read(case.case_id, purpose=" ", actor="clerk"))
    with pytest.raises(UnknownCase):
        ask(desk.reporters.read(desk.world.fresh(), purpose="回访", actor="clerk"))
    ask(desk.reporters.read(case.case_id, purpose="回访", actor="clerk"))
    ask(desk.reporters.find("13800000000", purpose="来电查询", actor="clerk"))
    assert [
        ("GetReporter", "clerk", f"case:{case.case_id}", "回访"),
        ("FindByPhone", "clerk", "", "来电查询"),
    ] == said(desk.office.writer)


@pytest.mark.parametrize("phone", ["13800000000", "0086 138 0000 0000", "(138)0000-0000"])
def test_a_caller_is_found_however_the_phone_is_written(desk: Desk, phone: str) -> None:
    first = desk.open(reporter=CALLER)
    desk.open(reporter=replace(CALLER, phone="13911111111"))
    desk.world.pass_time(minutes=5)
    second = desk.open(reporter=CALLER)
    found = ask(desk.reporters.find(phone, purpose="来电查询", actor="clerk"))
    assert [second.case_no, first.case_no] == [one.case_no for one in found]
    with pytest.raises(Invalid):
        ask(desk.reporters.find("12", purpose="来电查询", actor="clerk"))


def test_the_answer_to_whoever_left_a_contact_carries_a_code_and_repeats_it(desk: Desk) -> None:
    command = cmd.OpenCase(
        **desk.world.head(desk.world.fresh()), case_no="", category=CATEGORY,  # type: ignore[arg-type]
        place=Place(area=STREET, address="x"), text="t", source="hotline", reporter=CALLER,
    )
    first, again = desk.office.do(command), desk.office.do(command)
    assert 8 == len(first.follow_up)
    assert (first.follow_up, True) == (again.follow_up, again.repeated)
    assert "" == desk.open().follow_up


# --- notices


def test_the_end_of_a_report_is_told_to_whoever_wants_to_hear_it(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    desk.open(reporter=replace(CALLER, wants_reply=False))
    assert not desk.pending()
    desk.close(case.case_id)
    (told,) = desk.pending()
    assert ("reporter", "sms", "closed", case.case_no) == (
        told["recipient"], told["channel"], told["kind"], told["case_no"])
    assert "已恢复" in told["text"]
    assert "黄石市中心" in told["text"]


def test_who_is_not_taken_is_told_why(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    desk.do(cmd.NotAccept, case.case_id, reason="不属于城市管理范围")
    (told,) = desk.pending(case_id=case.case_id)
    assert "not_accepted" == told["kind"]
    assert "不属于城市管理范围" in told["text"]


def test_the_result_goes_back_to_the_body_under_its_own_number(desk: Desk) -> None:
    case = desk.open("transfer", source_details=(
        ("ordering_body", "市信访局"), ("ordering_no", "黄信〔2026〕17号")))
    desk.close(case.case_id)
    (told,) = desk.pending()
    assert ("市信访局", "黄信〔2026〕17号", "letter") == (
        told["recipient"], told["reference"], told["channel"])
    assert "黄信〔2026〕17号" in told["text"]
    assert "已办结" in told["text"]


def test_a_collector_hears_of_what_was_not_taken_but_not_of_every_closing(desk: Desk) -> None:
    photos = tuple(
        Photo(digest=f"{n}" * 64, size=9, media_type="image/jpeg", role=role)
        for n, role in enumerate((PhotoRole.NEAR, PhotoRole.FAR)))
    mine = {"source_details": (("collector", "C-17"),), "photos": photos}
    done, declined = desk.open("collector", **mine), desk.open("collector", **mine)
    proof = tuple(
        Photo(digest=f"{n}" * 64, size=9, media_type="image/jpeg", role=role)
        for n, role in enumerate((PhotoRole.BEFORE, PhotoRole.AFTER), 2))
    desk.close(done.case_id, photos=proof)
    desk.do(cmd.Decline, declined.case_id, reason="未达立案条件")
    (told,) = desk.pending()
    assert ("C-17", "not_filed") == (told["recipient"], told["kind"])


def test_telling_is_written_down_once_and_a_failure_may_be_tried_again(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    desk.close(case.case_id)
    (told,) = desk.pending()

    def record(outcome: str, command_id: str) -> Any:
        return ask(desk.notices.record(
            told["id"], outcome=outcome, note="三次无人接听", actor="clerk",
            command_id=command_id))

    assert "failed" == record("failed", "one").state
    again = record("delivered", "two")
    assert ("delivered", "clerk") == (again.state, again.told_by)
    assert "delivered" == record("delivered", "two").state, "a repeat says the same"
    with pytest.raises(WrongStatus):
        record("delivered", "three")
    with pytest.raises(Refused):
        ask(desk.notices.record(
            desk.world.fresh(), outcome="delivered", actor="clerk", command_id="four"))
    kinds = desk.office.writer.run_read(lambda conn: [row[0] for row in conn.execute(text(
        "SELECT event_type FROM journal WHERE event_type = 'ReporterTold'"))])
    assert 2 == len(kinds)
    assert not desk.pending()


def test_notices_come_in_pages(desk: Desk) -> None:
    for _ in range(5):
        desk.do(cmd.NotAccept, desk.open(reporter=CALLER).case_id, reason="撤销")
        desk.world.pass_time(seconds=1)
    seen: list[str] = []
    after = ""
    while True:
        page = ask(desk.notices.list(state="pending", after=after, limit=2))
        seen += [one["case_no"] for one in page.items]
        after = page.next
        if not after:
            break
    assert sorted(seen) == seen
    assert 5 == len(set(seen))
    with pytest.raises(Invalid):
        ask(desk.notices.list(after="nonsense"))


# --- duplicates and parts


def test_a_duplicate_s_reporter_hears_of_the_original_and_then_its_end(desk: Desk) -> None:
    first = desk.open()
    second = desk.open(reporter=CALLER)
    third = desk.open(reporter=CALLER)
    desk.do(cmd.NotAccept, third.case_id, reason="重复", duplicate_of=second.case_id)
    desk.do(cmd.NotAccept, second.case_id, reason="重复", duplicate_of=first.case_id)
    merged = desk.pending()
    assert {"merged"} == {one["kind"] for one in merged}
    assert any(first.case_no in one["text"] for one in merged)
    desk.close(first.case_id)
    ended = [one for one in desk.pending() if one["kind"] == "merged_ended"]
    assert {second.case_no, third.case_no} == {one["case_no"] for one in ended}
    assert all("已恢复" in one["text"] for one in ended)


def test_who_was_merged_into_what_was_merged_later_sees_how_the_last_one_stands(
    desk: Desk,
) -> None:
    first, second = desk.open(), desk.open()
    third = desk.open(reporter=CALLER)
    desk.do(cmd.NotAccept, third.case_id, reason="重复", duplicate_of=second.case_id)
    desk.do(cmd.NotAccept, second.case_id, reason="重复", duplicate_of=first.case_id)
    document = _document(desk, third)
    assert second.case_no == document["duplicate_of"]["case_no"]
    assert (first.case_no, "reported") == (
        document["goes_on_as"]["case_no"], document["goes_on_as"]["status"])
    assert document["goes_on_as"]["case_id"] == first.case_id
    assert "reported" == ask(desk.public.look(third.case_no, third.follow_up))["status"]
    desk.close(first.case_id)
    shown = ask(desk.public.look(third.case_no, third.follow_up))
    assert ("closed", "已扶正井盖", False) == (shown["status"], shown["result"], shown["may_rate"])
    assert third.case_no == shown["case_no"]


def test_no_chain_of_duplicates_leads_back(desk: Desk) -> None:
    first, second, third = desk.open(), desk.open(), desk.open()
    desk.do(cmd.NotAccept, second.case_id, reason="重复", duplicate_of=first.case_id)
    desk.do(cmd.NotAccept, third.case_id, reason="重复", duplicate_of=first.case_id)
    for back in (second, third, first):
        with pytest.raises(Invalid) as refused:
            desk.do(cmd.NotAccept, first.case_id, reason="重复", duplicate_of=back.case_id)
        assert "intake.duplicate_of" == refused.value.code


def test_a_merge_into_what_is_solved_is_told_to_whoever_followed_it(desk: Desk) -> None:
    first, second = desk.open(), desk.open()
    third = desk.open(reporter=CALLER)
    desk.do(cmd.NotAccept, third.case_id, reason="重复", duplicate_of=second.case_id)
    desk.close(first.case_id)
    desk.do(cmd.NotAccept, second.case_id, reason="重复", duplicate_of=first.case_id)
    (ended,) = [one for one in desk.pending() if one["kind"] == "merged_ended"]
    assert (third.case_no, True) == (ended["case_no"], "已扶正井盖" in ended["text"])


@pytest.mark.parametrize("part_over", [False, True])
def test_a_part_whose_lead_is_voided_waits_for_a_person(desk: Desk, part_over: bool) -> None:
    lead = desk.open("superior", source_details=(("ordering_body", "市政府办公室"),))
    desk.do(cmd.File, lead.case_id)
    part = desk.do(cmd.OpenPart, lead.case_id, part_id=CaseId(desk.world.fresh()),
                   text="协助围挡")
    if part_over:
        desk.do(cmd.ForceClose, part.opened_id, text="不再需要")
    desk.do(cmd.VoidCase, lead.case_id, reason="重复", reason_code="duplicate")
    rows = desk.office.writer.run_read(
        lambda conn: desk.office.store.work_items(conn, limit=100))
    waits = [(row["case_id"], row["kind"], row["detail"]) for row in rows]
    assert waits == ([] if part_over else [(part.opened_id, "lead_over", lead.case_no)])
    if not part_over:
        desk.do(cmd.VoidCase, part.opened_id, reason="主案作废", reason_code="duplicate")
        assert not desk.office.work()


def test_who_reports_what_is_solved_already_hears_how(desk: Desk) -> None:
    first = desk.open()
    desk.close(first.case_id)
    late = desk.open(reporter=CALLER)
    desk.do(cmd.NotAccept, late.case_id, reason="重复", duplicate_of=first.case_id)
    (told,) = desk.pending()
    assert "merged_ended" == told["kind"]
    assert "已扶正井盖" in told["text"]


def test_a_document_names_what_stands_beside_the_case(desk: Desk) -> None:
    first, second = desk.open(), desk.open(metres=20)
    document = _document(desk, first)
    assert [second.case_no] == [one["case_no"] for one in document["similar"]]
    desk.do(cmd.NotAccept, second.case_id, reason="重复", duplicate_of=first.case_id)
    assert [second.case_no] == [one["case_no"] for one in _document(desk, first)["duplicates"]]
    assert first.case_no == _document(desk, second)["duplicate_of"]["case_no"]
    lead = desk.open("superior", source_details=(("ordering_body", "市政府办公室"),))
    desk.do(cmd.File, lead.case_id)
    part = desk.do(cmd.OpenPart, lead.case_id, part_id=CaseId(desk.world.fresh()),
                   text="协助围挡")
    assert part.opened_no
    (named,) = _document(desk, lead)["parts"]
    assert (part.opened_id, "pending_dispatch") == (named["case_id"], named["status"])
    beside = desk.office.writer.run_read(lambda conn: desk.kin.of(
        conn, _case(desk, part.opened_id), opened_us=desk.world.now_us))
    assert lead.case_no == beside["lead"]["case_no"]


def test_what_is_taken_up_again_has_the_same_caller_and_its_own_number(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    desk.close(case.case_id)
    desk.do(cmd.GiveSatisfaction, case.case_id, score=1, text="第二天又坏了")
    decided = desk.do(cmd.DecideReopen, case.case_id, granted=True,
                      new_case_id=desk.world.fresh())
    assert decided.opened_no not in ("", case.case_no)
    assert CALLER == ask(desk.reporters.read(decided.opened_id, purpose="回访", actor="clerk"))
    found = ask(desk.reporters.find(CALLER.phone, purpose="回访", actor="clerk"))
    assert {case.case_id, decided.opened_id} == {one.case_id for one in found}
    (told,) = [one for one in desk.pending() if one["kind"] == "reopened"]
    assert decided.opened_no in told["text"]


def test_an_id_that_is_taken_opens_nothing_anew(desk: Desk) -> None:
    lead = desk.open("superior", source_details=(("ordering_body", "市政府办公室"),))
    other = desk.open()
    desk.do(cmd.File, lead.case_id)
    with pytest.raises(Invalid):
        desk.do(cmd.OpenPart, lead.case_id, part_id=CaseId(other.case_id), text="协助围挡")


def _case(desk: Desk, case_id: str) -> Any:
    case = desk.office.case(case_id)
    assert case is not None
    return case


def _document(desk: Desk, reply: Reply) -> dict[str, Any]:
    case = _case(desk, reply.case_id)
    return desk.office.writer.run_read(
        lambda conn: desk.kin.of(conn, case, opened_us=desk.world.now_us))


# --- similar reports


@pytest.mark.parametrize(
    ("metres", "hours", "near"), [(49, 0, True), (51, 0, False), (10, 23, True), (10, 25, False)])
def test_similar_is_near_in_place_and_time(
    desk: Desk, metres: float, hours: float, near: bool
) -> None:
    desk.open(metres=metres)
    desk.world.pass_time(hours=hours)
    found = ask(desk.kin.similar(Place(area="", address="", lon=LON, lat=LAT), CATEGORY))
    assert near == bool(found)


def test_similar_is_of_the_same_class_alone_whatever_its_state(desk: Desk) -> None:
    case = desk.open()
    desk.close(case.case_id)
    here = Place(area="", address="", lon=LON, lat=LAT)
    assert [case.case_id] == [one.case_id for one in ask(desk.kin.similar(here, CATEGORY))]
    for other in (replace(CATEGORY, kind="matter"), replace(CATEGORY, code="01002"),
                  replace(CATEGORY, standard_ref="GB/T 30428.2-2013")):
        assert not ask(desk.kin.similar(here, other))
    assert not ask(desk.kin.similar(Place(area="", address=""), CATEGORY))


# --- the public page


def test_number_and_code_show_how_it_stands_and_never_who_reported_it(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    shown = ask(desk.public.look(case.case_no, case.follow_up.lower()))
    assert ("reported", "供水井盖", False) == (shown["status"], shown["name"], shown["may_rate"])
    assert "张三" not in str(shown)
    desk.close(case.case_id)
    shown = ask(desk.public.look(case.case_no, case.follow_up))
    assert ("closed", "已扶正井盖", True) == (shown["status"], shown["result"], shown["may_rate"])
    ask(desk.public.rate(case.case_no, case.follow_up, score=5, text="很快", command_id="r"))
    assert not ask(desk.public.look(case.case_no, case.follow_up))["may_rate"]


def test_a_wrong_code_opens_nothing_and_many_close_the_number_for_a_while(desk: Desk) -> None:
    case = desk.open(reporter=CALLER)
    for _ in range(TRIES_MAX):
        with pytest.raises(UnknownCase):
            ask(desk.public.look(case.case_no, "00000000"))
    with pytest.raises(Overloaded):
        ask(desk.public.look(case.case_no, case.follow_up))
    desk.world.pass_time(seconds=TRIES_S + 1)
    assert ask(desk.public.look(case.case_no, case.follow_up))["status"] == "reported"


def test_only_a_photo_marked_for_the_public_is_shown(desk: Desk) -> None:
    case = desk.open("superior", source_details=(("ordering_body", "市政府办公室"),),
                     reporter=CALLER)
    desk.do(cmd.SelfHandle, case.case_id, result="已扶正")
    assert ask(desk.public.photo(case.case_no, case.follow_up)) is None
    desk.do(cmd.StartCheck, case.case_id)
    shown, hidden = (
        Photo(digest=mark * 64, size=9, media_type="image/jpeg", role=role)
        for mark, role in (("a", PhotoRole.PUBLIC), ("b", PhotoRole.REFERENCE)))
    desk.do(cmd.PassCheck, case.case_id, photos=(shown, hidden))
    assert shown.digest == ask(desk.public.photo(case.case_no, case.follow_up))


# --- the files


def test_the_shipped_files_are_sound_and_name_every_channel_of_the_trade() -> None:
    sources = sources_named("sources", home=Path("/nowhere"))
    assert {"collector", "camera", "hotline", "hotline_12345", "media", "transfer", "superior",
            "leader", "website", "app", "upper", "sensor"} == set(sources.rows)
    texts = notices_named("notices", home=Path("/nowhere"))
    assert texts.say("closed", case_no="1", name="井盖", address="路", text="好", office="市")


@pytest.mark.parametrize("changes", [
    {"result_to": "nobody"}, {"verify": "perhaps"}, {"colour": "red"}, {"code": "Big"},
    {"details": [{"key": "a", "zh": "甲", "en": "a"}, {"key": "a", "zh": "乙", "en": "b"}]},
])
def test_a_file_of_sources_with_a_mistake_is_refused(changes: dict[str, Any]) -> None:
    row = {"code": "media", "zh": "媒体", "en": "media", "verify": "none", "group": "media"}
    SourcesFile.model_validate({"version": "1", "source": [row]})
    with pytest.raises(ValueError, match="SourcesFile"):
        SourcesFile.model_validate({"version": "1", "source": [{**row, **changes}]})


@pytest.mark.parametrize("changes", [
    {"standard_ref": ""}, {"kind": "smell"}, {"photos": ["selfie"]}, {"colour": "red"},
    {"details": [{"key": "a", "zh": "甲", "en": "a"}, {"key": "a", "zh": "乙", "en": "b"}]},
])
def test_what_a_class_asks_for_is_read_or_refused(changes: dict[str, Any]) -> None:
    source = {"code": "media", "zh": "媒体", "en": "media", "verify": "none", "group": "media"}
    row = {"standard_ref": "GB/T 47678.5-2026", "kind": "component", "code": "01",
           "photos": ["near"]}
    [rule] = SourcesFile.model_validate(
        {"version": "1", "source": [source], "type": [row]}).value().classes
    assert (rule.code, rule.photos) == ("01", (PhotoRole.NEAR,))
    with pytest.raises(ValueError, match="SourcesFile"):
        SourcesFile.model_validate(
            {"version": "1", "source": [source], "type": [{**row, **changes}]})


def test_a_text_that_names_the_reporter_is_no_text() -> None:
    with pytest.raises(ValueError, match="reporter"):
        NoticesFile.model_validate(
            {"version": "1", "text": {"closed": "{reporter}"}, "end": {}})


def test_a_dispatched_case_is_told_like_any(desk: Desk) -> None:
    case = desk.open("media", source_details=(("outlet", "东楚晚报"), ("link", "A3版")))
    desk.do(cmd.File, case.case_id)
    desk.world.dispatch(desk.office, case.case_id, str(Address.parse("node:420203")))
    assert not desk.pending()
    assert timedelta(hours=24) == IntakeRules().similarity.window
