"""Before filing: what a source asks for, verifying, taking or not, filing under a condition."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core.capability import Capability
from node.core.case import CaseStatus
from node.core.effects import EndKind
from node.core.errors import Invalid, NotPermitted, Refused, WrongStatus
from node.core.facts import PhotoRole
from node.core.reporter import Reporter
from node.core.sources import ClassRule, Detail
from tests.intake_data import CONDITIONS, SOURCES, catalog, photo
from tests.town import CATEGORY, PLACE, T0, Office, Town, adapter, limits, node

BOTH = (photo(PhotoRole.NEAR), photo(PhotoRole.FAR))


def _office(**fields: Any) -> Office:
    town = Town()
    city = town.office("C", sources=SOURCES, **fields)
    town.office("D", "C")
    town.system("A", "C")
    return city


def _open(city: Office, source: str = "hotline", case_id: str = "case", **fields: Any) -> None:
    city.do(
        cmd.OpenCase, case_id, case_no=case_id, category=CATEGORY, place=PLACE, text="井盖缺失",
        source=source, **fields,
    )


def _code(act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_a_patrol_report_needs_its_collector_and_photos_from_near_and_far() -> None:
    city = _office()
    with pytest.raises(Invalid) as missing:
        _open(city, "collector")
    assert ("intake.detail_missing", "both") == (missing.value.code, missing.value.why)
    named = {"field": "collector", "lacks_zh": "“采集员”（collector）", "roles": "near, far",
             "fields": "collector, photos"}
    assert named.items() <= missing.value.detail.items()
    mine = (("collector", "C-17"),)
    near = BOTH[:1]
    assert "intake.photo_missing" == _code(
        lambda: _open(city, "collector", source_details=mine, photos=near))
    _open(city, "collector", source_details=mine, photos=BOTH)
    assert city.cases["case"].facts is not None
    assert mine == city.cases["case"].facts.source_details


def test_a_class_asks_for_fields_and_photos_besides_its_source() -> None:
    """The major class wants a view from near, the minor one the owner's mark; a field that one of
    them requires is required."""
    mark = Detail(key="owner_mark", zh="权属标识", en="owner's mark", required=False)
    rules = (
        ClassRule(standard_ref=CATEGORY.standard_ref, kind=CATEGORY.kind, code=CATEGORY.code[:2],
                  photos=(PhotoRole.NEAR,), details=(mark,)),
        ClassRule(standard_ref=CATEGORY.standard_ref, kind=CATEGORY.kind, code=CATEGORY.code,
                  details=(replace(mark, required=True),)),
        ClassRule(standard_ref=CATEGORY.standard_ref, kind="component", photos=(PhotoRole.FAR,)),
    )
    city = _office()
    city.sources = replace(SOURCES, classes=rules)
    marked = (("owner_mark", "电信"),)

    with pytest.raises(Invalid) as lacking:
        _open(city, "hotline", photos=BOTH[:1])
    assert lacking.value.code == "intake.class_detail_missing"
    assert lacking.value.detail["lacks_zh"] == "“权属标识”（owner_mark）"
    with pytest.raises(Invalid) as bare:
        _open(city, "hotline", source_details=marked)
    assert bare.value.code == "intake.class_photo_missing"
    assert (bare.value.detail["roles"], bare.value.detail["name"]) == ("near", CATEGORY.name)
    assert not city.cases, "nothing is stored of a report that misses something"
    _open(city, "hotline", source_details=marked, photos=BOTH[:1])
    assert city.cases["case"].facts is not None
    assert city.cases["case"].facts.source_details == marked
    other = replace(CATEGORY, code="99001")
    city.do(cmd.OpenCase, "other", case_no="other", category=other, place=PLACE, text="店外经营",
            source="hotline")


def test_an_unknown_source_and_a_foreign_detail_are_refused() -> None:
    city = _office()
    assert "intake.source" == _code(lambda: _open(city, "rumour"))
    assert "intake.detail" == _code(
        lambda: _open(city, "hotline", source_details=(("outlet", "晚报"),)))
    twice = (("outlet", "晚报"), ("outlet", "日报"), ("link", "a"))
    assert "intake.detail" == _code(lambda: _open(city, "media", source_details=twice))


def test_details_are_kept_in_the_order_of_the_source_without_blanks() -> None:
    city = _office()
    _open(city, "media", source_details=(("link", " https://a "), ("outlet", "晚报")))
    facts = city.cases["case"].facts
    assert facts is not None
    assert (("outlet", "晚报"), ("link", "https://a")) == facts.source_details


def test_a_public_report_is_verified_before_it_is_taken_or_filed() -> None:
    city = _office()
    _open(city)
    assert "intake.unverified" == _code(lambda: city.do(cmd.Accept))
    assert "intake.unverified" == _code(lambda: city.do(cmd.File))
    assert CaseStatus.VERIFYING is city.do(cmd.StartVerify, collector="C-17").status
    assert ("case", "verify", "") in city.work
    with pytest.raises(WrongStatus):
        city.do(cmd.File)
    found = city.do(cmd.RecordVerify, found=True, photos=BOTH)
    assert CaseStatus.PENDING_FILING is found.status
    assert found.verified is True
    assert not city.work
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File).status
    done = [one for one in city.journal["case"] if isinstance(one, ev.VerifyDone)]
    assert ["C-17"] == [one.collector for one in done]


def test_what_nobody_finds_is_not_taken_and_the_reporter_is_owed_the_words() -> None:
    city = _office()
    _open(city)
    city.do(cmd.StartVerify, collector="C-17", due_by=T0 + timedelta(hours=2))
    with pytest.raises(Invalid):
        city.do(cmd.RecordVerify, found=False)
    assert CaseStatus.NOT_ACCEPTED is city.do(
        cmd.RecordVerify, found=False, text="现场未见").status
    ((case_id, told),) = city.told
    assert ("case", EndKind.NOT_ACCEPTED, "现场未见") == (case_id, told.kind, told.text)
    with pytest.raises(WrongStatus):
        city.do(cmd.StartVerify, collector="C-18")


def test_another_collector_may_be_sent_while_one_is_looking() -> None:
    city = _office()
    _open(city)
    city.do(cmd.StartVerify, collector="C-17")
    again = city.do(cmd.StartVerify, collector="C-18")
    assert again.task is not None
    assert "C-18" == again.task.collector
    assert {("case", "verify", "")} == city.work
    city.do(cmd.NotAccept, reason="撤销举报", reason_code="withdrawn")
    assert not city.work
    assert city.cases["case"].task is None


def test_a_task_is_due_in_the_future() -> None:
    city = _office()
    _open(city)
    assert "intake.due_by" == _code(
        lambda: city.do(cmd.StartVerify, collector="C-17", due_by=T0 - timedelta(hours=1)))


def test_a_patrol_report_is_filed_at_once_or_taken_first() -> None:
    city = _office()
    mine = (("collector", "C-17"),)
    _open(city, "collector", source_details=mine, photos=BOTH)
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File).status
    _open(city, "collector", "two", source_details=mine, photos=BOTH)
    assert CaseStatus.PENDING_FILING is city.do(cmd.Accept, "two", text="属实").status
    assert CaseStatus.NOT_FILED is city.do(cmd.Decline, "two", reason="未达立案条件").status


def _reported(city: Office, case_id: str = "case") -> None:
    _open(city, "media", case_id, source_details=(("outlet", "晚报"), ("link", "a")))


def test_filing_takes_a_condition_where_the_class_has_any() -> None:
    city = _office(catalog=catalog(*CONDITIONS))
    _reported(city)
    assert "condition.missing" == _code(lambda: city.do(cmd.File))
    assert "condition.unknown" == _code(lambda: city.do(cmd.File, condition_no=3))
    filed = city.do(cmd.File, condition_no=2)
    assert filed.condition is not None
    assert filed.facts is not None
    assert 2 == filed.facts.category.condition_no
    event = city.journal["case"][-1]
    assert isinstance(event, ev.CaseFiled)
    assert ("更换或修复", 4, "work_hour", "GB/T 47678.5-2026@3") == (
        event.closing, event.limit_count, event.limit_unit, event.catalog_version)
    assert ("破损", "更换或修复", 4) == (
        filed.condition.filing, filed.condition.closing, filed.condition.limit_count)


def test_a_class_without_conditions_is_filed_without_one() -> None:
    city = _office(catalog=catalog())
    _reported(city)
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File).status
    assert city.cases["case"].condition is None


def test_a_class_outside_the_list_is_filed_for_a_stated_reason_alone() -> None:
    city = _office(catalog=catalog())
    _reported(city)
    other = replace(CATEGORY, code="99999", name="其他")
    assert "category.out_of_list" == _code(lambda: city.do(cmd.File, category=other))
    city.do(cmd.File, category=other, out_of_list_reason="市领导指定纳入")
    event = city.journal["case"][-1]
    assert isinstance(event, ev.CaseFiled)
    assert "市领导指定纳入" == event.out_of_list_reason


def test_filing_may_class_it_anew_and_the_journal_says_so() -> None:
    city = _office()
    _open(city, "media", source_details=(("outlet", "晚报"), ("link", "a")))
    other = replace(CATEGORY, code="01002", name="污水井盖异常")
    filed = city.do(cmd.File, category=other, condition_no=1)
    assert filed.facts is not None
    assert replace(other, condition_no=1) == filed.facts.category
    _open(city, "media", "two", source_details=(("outlet", "晚报"), ("link", "a")))
    with pytest.raises(Invalid):
        city.do(cmd.File, "two", category=replace(CATEGORY, kind="thing"))


def test_a_duplicate_names_another_case_that_goes_on_by_itself() -> None:
    city = _office()
    for case_id in ("one", "two", "three"):
        _open(city, case_id=case_id)
    merge = {"reason": "重复上报", "reason_code": "duplicate"}
    for named in ("two", "nobody"):
        assert "intake.duplicate_of" == _code(
            lambda named=named: city.do(cmd.NotAccept, "two", duplicate_of=named, **merge))
    two = city.do(cmd.NotAccept, "two", duplicate_of="one", **merge)
    assert "one" == two.duplicate_of
    assert "one" == city.told[-1][1].duplicate_of
    assert "intake.duplicate_of" == _code(
        lambda: city.do(cmd.Decline, "three", duplicate_of="two", **merge))
    assert "one" == city.do(cmd.Decline, "three", duplicate_of="one", **merge).duplicate_of


def test_what_the_collector_put_right_waits_for_closing_without_a_dispatch() -> None:
    city = _office()
    _open(city)
    handled = city.do(cmd.SelfHandle, result="已扶正井盖", photos=BOTH)
    assert CaseStatus.PENDING_CLOSE is handled.status
    assert handled.result is not None
    assert "已扶正井盖" == handled.result.result
    assert CaseStatus.CLOSED is city.do(cmd.Close, text="自行处置").status


def test_a_look_at_self_handled_work_that_fails_sends_it_to_filing() -> None:
    city = _office()
    _open(city)
    city.do(cmd.SelfHandle, result="已扶正井盖")
    city.do(cmd.StartCheck, collector="C-17")
    assert ("case", "check", "") in city.work
    failed = city.do(cmd.FailCheck, text="仍然松动", limits=limits())
    assert CaseStatus.PENDING_FILING is failed.status
    assert failed.self_handled is None
    assert not city.work


def test_a_check_task_names_its_collector_and_goes_when_the_result_goes() -> None:
    city = _office()
    _open(city, "media", source_details=(("outlet", "晚报"), ("link", "a")))
    city.do(cmd.File)
    city.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    city.town.settle()
    city.town.systems["A"].choose("case", 3)
    city.town.settle()
    checking = city.do(cmd.StartCheck, collector="C-17", due_by=T0 + timedelta(hours=4))
    assert checking.task is not None
    assert ("C-17", T0 + timedelta(hours=4)) == (checking.task.collector, checking.task.due_by)
    back = city.do(cmd.WithdrawAssignment, reason="派错")
    assert back.task is None
    assert ("case", "check", "") not in city.work


def test_an_offline_report_keeps_its_own_time_within_reason() -> None:
    city = _office()
    seen = T0 - timedelta(hours=5)
    _open(city, reported_at=seen)
    assert city.cases["case"].facts is not None
    assert seen == city.cases["case"].facts.reported_at
    for at in (T0 - timedelta(days=4), T0 + timedelta(hours=1)):
        assert "intake.reported_at" == _code(
            lambda at=at: _open(city, case_id="two", reported_at=at))


def test_the_reporter_is_in_no_fact_and_no_event() -> None:
    city = _office()
    who = Reporter(name="张三", phone="13800000000", wants_reply=True, channel="phone")
    _open(city, reporter=who)
    case = city.cases["case"]
    assert (True, True) == (case.contact, case.wants_reply)
    for told in (repr(case), repr(city.journal["case"]), repr(who)):
        assert "张三" not in told
        assert "13800000000" not in told
    assert "intake.contact" == _code(
        lambda: _open(city, case_id="two", reporter=Reporter(name="张三", wants_reply=True)))


def test_intake_needs_its_capability() -> None:
    city = _office(capabilities=frozenset())
    with pytest.raises(NotPermitted):
        _open(city)


def test_a_street_helps_along_a_district_s_case_and_ends_its_own_part() -> None:
    town = Town()
    city = town.office("C")
    street = town.office("S", "C", capabilities=frozenset({Capability.DISPATCH}))
    town.system("A", "S")
    town.system("B", "S")
    _open(city, "x")
    city.do(cmd.File)
    city.do(cmd.Dispatch, to=node("S"), limits=limits())
    town.settle()
    street.do(cmd.Dispatch, to=adapter("A"), limits=limits())
    lead = street.do(cmd.OpenPart, part_id="part", text="围挡警示")
    assert ("part",) == lead.parts
    part = street.cases["part"]
    assert part.facts is not None
    assert ("S", "C") == (part.facts.filing_node, lead.facts.filing_node)  # type: ignore[union-attr]
    assert (CaseStatus.PENDING_DISPATCH, "case", "assist", "围挡警示") == (
        part.status, part.facts.part_of, part.facts.part_role, part.facts.text)
    street.do(cmd.Dispatch, "part", to=adapter("B"), limits=limits())
    town.settle()
    town.systems["B"].choose("part", 3)
    town.settle()
    assert CaseStatus.HELD is street.cases["case"].status, "a part's feedback ends no leg"
    street.do(cmd.PassCheck, "part")
    street.do(cmd.Close, "part", text="已围挡")
    town.systems["A"].choose("case", 3)
    town.settle()
    assert CaseStatus.DONE is street.cases["case"].status
    with pytest.raises(WrongStatus):
        street.do(cmd.OpenPart, "part", part_id="deeper", text="再协办")


def test_a_part_has_no_parts() -> None:
    city = _office()
    _open(city, "media", source_details=(("outlet", "晚报"), ("link", "a")))
    city.do(cmd.File)
    city.do(cmd.OpenPart, part_id="part", text="围挡警示")
    with pytest.raises(Invalid):
        city.do(cmd.OpenPart, "part", part_id="deeper", text="再协办")
    with pytest.raises(Invalid):
        city.do(cmd.OpenPart, part_id="part", text="同一编号")


def _closed(city: Office, **fields: Any) -> None:
    _open(city, **fields)
    city.do(cmd.SelfHandle, result="已扶正井盖")
    city.do(cmd.Close, text="已恢复")


def test_satisfaction_is_asked_once_of_those_who_left_a_contact() -> None:
    city = _office()
    _closed(city)
    assert "intake.no_contact" == _code(lambda: city.do(cmd.GiveSatisfaction, score=5))
    who = Reporter(name="张三", phone="13800000000")
    city = _office()
    _closed(city, reporter=who)
    assert "intake.score" == _code(lambda: city.do(cmd.GiveSatisfaction, score=6))
    rated = city.do(cmd.GiveSatisfaction, score=4, text="快", channel="phone")
    assert rated.satisfaction is not None
    assert (CaseStatus.CLOSED, 4) == (rated.status, rated.satisfaction.score)
    assert rated.reopening is None
    assert "intake.rated" == _code(lambda: city.do(cmd.GiveSatisfaction, score=5))


def test_a_part_that_is_taken_up_again_is_a_case_of_its_own() -> None:
    """Its lead may have ended long ago, and knows only the parts that it opened."""
    city = _office()
    _closed(city, reporter=Reporter(name="张三", phone="13800000000", wants_reply=True))
    closed = city.cases["case"]
    assert closed.facts is not None
    city.cases["case"] = replace(
        closed, facts=replace(closed.facts, part_of="lead", part_role="assist"))
    city.do(cmd.AskReopen, text="又坏了")
    city.do(cmd.DecideReopen, granted=True, new_case_id="again")
    facts = city.cases["again"].facts
    assert facts is not None
    assert ("case", "", "") == (facts.reopens, facts.part_of, facts.part_role)


def test_an_unhappy_reporter_raises_a_decision_and_a_new_case_goes_on() -> None:
    city = _office()
    _closed(city, reporter=Reporter(name="张三", phone="13800000000", wants_reply=True))
    city.do(cmd.GiveSatisfaction, score=1, text="第二天又坏了", channel="phone")
    assert ("case", "reopen", "") in city.work
    with pytest.raises(WrongStatus):
        city.do(cmd.AskReopen, text="再办")
    old = city.do(cmd.DecideReopen, granted=True, new_case_id="again")
    new = city.cases["again"]
    assert not city.work
    assert (CaseStatus.CLOSED, CaseStatus.REPORTED) == (old.status, new.status)
    assert new.facts is not None
    assert ("case", "井盖缺失") == (new.facts.reopens, new.facts.text)
    assert "第二天又坏了" == city.journal["again"][0].text
    assert (True, True) == (new.contact, new.wants_reply)
    assert old.reopening is not None
    assert "again" == old.reopening.new_case_id
    assert [EndKind.CLOSED, EndKind.REOPENED] == [told.kind for _, told in city.told]
    with pytest.raises(WrongStatus):
        city.do(cmd.AskReopen, text="再办")


def test_a_refused_reopening_says_why_and_may_be_asked_again() -> None:
    city = _office()
    _closed(city)
    with pytest.raises(WrongStatus):
        city.do(cmd.DecideReopen, granted=False, text="已复核")
    city.do(cmd.AskReopen, text="又坏了")
    with pytest.raises(Invalid):
        city.do(cmd.DecideReopen, granted=False)
    city.do(cmd.DecideReopen, granted=False, text="已复核，现场完好")
    assert EndKind.KEPT_CLOSED is city.told[-1][1].kind
    city.do(cmd.AskReopen, text="真的又坏了")
    assert ("case", "reopen", "") in city.work


def test_nothing_is_put_right_at_once_where_nobody_could_close_it() -> None:
    city = _office()
    _open(city)
    city.capabilities = frozenset({Capability.INTAKE, Capability.DISPATCH, Capability.OBSERVE})
    with pytest.raises(NotPermitted) as refused:
        city.do(cmd.SelfHandle, result="已扶正")
    assert "no_close" == refused.value.why
    city.do(cmd.NotAccept, reason="转市中心受理")


def test_telling_the_reporter_moves_nothing_and_is_journalled() -> None:
    city = _office()
    _closed(city)
    before = city.cases["case"]
    with pytest.raises(Invalid):
        city.do(cmd.TellReporter, notice_id="n", channel="sms", outcome="perhaps")
    after = city.do(cmd.TellReporter, notice_id="n", channel="sms", outcome="delivered")
    assert before.status is after.status
    assert isinstance(city.journal["case"][-1], ev.ReporterTold)


def test_a_class_reported_by_its_code_alone_is_named_as_the_catalogue_names_it() -> None:
    city = _office(catalog=catalog())
    bare = replace(CATEGORY, name="")
    city.do(cmd.OpenCase, "case", case_no="case", category=bare, place=PLACE, text="井盖缺失",
            source="hotline")
    unknown = replace(CATEGORY, code="99999", name="")
    city.do(cmd.OpenCase, "two", case_no="two", category=unknown, place=PLACE, text="井盖缺失",
            source="hotline")
    facts, other = city.cases["case"].facts, city.cases["two"].facts
    assert facts is not None
    assert other is not None
    assert (CATEGORY.name, "") == (facts.category.name, other.category.name)
