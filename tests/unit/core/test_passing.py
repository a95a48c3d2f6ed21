"""A street passes a report up, and one outcome comes of it whatever crosses."""

from __future__ import annotations

from typing import Any

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core import words as w
from node.core.capability import Capability
from node.core.case import Case, CaseStatus
from node.core.errors import NoRoute, NotPermitted, WrongStatus
from node.core.facts import CaseId, Outcome, PhotoRole
from node.core.hear import passing
from node.core.reporter import Reporter
from tests.intake_data import photo
from tests.town import Office, Sent, Town, node, register

STREET, CITY = ("S", "C"), ("C", "S")
STREET_RIGHTS = frozenset({Capability.INTAKE})


def two(**fields: Any) -> tuple[Town, Office, Office]:
    """A city and a street that registers but does not file, with one report at the street."""
    town = Town()
    city, street = town.office("C"), town.office("S", "C", capabilities=STREET_RIGHTS)
    register(street, "walk", file=False, source="video", photos=(photo(PhotoRole.NEAR),),
             source_details=(("camera", "K-12"),), **fields)
    return town, city, street


def submit(town: Town, street: Office, as_case: str = "up") -> None:
    street.do(cmd.PassUpCase, "walk", as_case=CaseId(as_case), text="请市中心受理")


def test_a_street_that_may_not_file_passes_its_report_up_and_hears_how_it_goes() -> None:
    town, city, street = two()
    with pytest.raises(NotPermitted):
        street.do(cmd.File, "walk")
    submit(town, street)
    town.settle()
    taken, ours = city.cases["up"], street.cases["walk"]
    assert taken.facts is not None
    assert ours.facts is not None
    assert CaseStatus.REPORTED is taken.status
    assert ("C", "video", (("camera", "K-12"),)) == (
        taken.facts.filing_node, taken.facts.source, taken.facts.source_details)
    assert ours.facts.photos == taken.facts.photos
    assert ours.facts.reported_at == taken.facts.reported_at
    origin = taken.facts.origin
    assert origin is not None
    assert ("S", "walk", ours.facts.case_no, "S") == (
        origin.node, origin.case_id, origin.case_no, origin.registered_by)
    assert ours.facts.case_no != taken.facts.case_no
    assert "请市中心受理" == taken.opened_why
    said = []
    for verb, fields in (
        (cmd.Accept, {}), (cmd.File, {}),
        (cmd.Dispatch, {"to": node("S"), "limits": town.limits(24)}),
    ):
        city.do(verb, "up", **fields)
        town.settle()
        said.append(outcome(street))
    assert [Outcome.ACCEPTED, Outcome.FILED, Outcome.FILED] == said
    assert taken.facts.case_no == street.cases["walk"].passing.case_no  # type: ignore[union-attr]
    held = street.cases["up"]
    assert CaseStatus.HELD is held.status
    assert origin == held.facts.origin  # type: ignore[union-attr]
    street.do(cmd.FeedBack, "up", result="已修复")
    town.settle()
    city.do(cmd.PassCheck, "up", text="现场完好")
    city.do(cmd.Close, "up", text="处置到位")
    town.settle()
    ended = street.cases["walk"]
    assert (CaseStatus.CLOSED, Outcome.CLOSED, "处置到位", "C") == (
        ended.status, outcome(street), ended.passing.words,  # type: ignore[union-attr]
        ended.passing.said_by)  # type: ignore[union-attr]
    town.check_at_rest()


def outcome(office: Office) -> Outcome | None:
    passing_up = office.cases["walk"].passing
    assert passing_up is not None
    return passing_up.outcome


@pytest.mark.parametrize(("verb", "status"), [
    (cmd.NotAccept, CaseStatus.NOT_ACCEPTED), (cmd.Decline, CaseStatus.NOT_FILED),
])
def test_the_reason_of_a_refusal_comes_back_down_and_the_reporter_is_told_by_the_street(
    verb: Any, status: CaseStatus
) -> None:
    caller = Reporter(name="张三", phone="13800000000", wants_reply=True)
    town, city, street = two(reporter=caller)
    submit(town, street)
    town.settle()
    assert not city.cases["up"].contact, "who reported it stays at the street"
    city.do(verb, "up", reason="不属城市管理范围", reason_code="out_of_scope")
    town.settle()
    ours = street.cases["walk"]
    assert (status, "不属城市管理范围", "out_of_scope") == (
        ours.status, ours.passing.words, ours.passing.reason_code)  # type: ignore[union-attr]
    (told,) = [tell for case_id, tell in street.told if case_id == "walk"]
    assert (status.value, "不属城市管理范围") == (told.kind.value, told.text)


def test_a_report_that_is_asked_back_before_anybody_filed_it_is_the_streets_again() -> None:
    town, city, street = two()
    street.do(cmd.Accept, "walk")
    submit(town, street)
    town.settle()
    city.do(cmd.StartVerify, "up", collector="C-1")
    street.do(cmd.RecallCase, "walk", text="已当场处理")
    with pytest.raises(WrongStatus, match="asked back already"):
        street.do(cmd.RecallCase, "walk", text="再次撤回")
    town.settle()
    assert CaseStatus.NOT_ACCEPTED is city.cases["up"].status
    assert not city.work, "nobody has to look any more"
    assert CaseStatus.PENDING_FILING is street.cases["walk"].status
    submit(town, street, "again")
    town.settle()
    assert CaseStatus.REPORTED is city.cases["again"].status
    town.check_at_rest()


def test_what_was_filed_while_the_street_asked_for_it_back_stays_filed() -> None:
    town, city, street = two()
    submit(town, street)
    town.settle()
    city.do(cmd.File, "up")
    street.do(cmd.RecallCase, "walk", text="已当场处理")
    town.settle()
    assert CaseStatus.PENDING_DISPATCH is city.cases["up"].status
    assert (CaseStatus.PASSED_UP, Outcome.FILED) == (street.cases["walk"].status, outcome(street))
    with pytest.raises(WrongStatus, match="filed it already"):
        street.do(cmd.RecallCase, "walk", text="再次撤回")
    assert isinstance(city.journal["up"][-1], ev.ReportStale)
    town.check_at_rest()


def test_old_news_and_old_words_move_nothing() -> None:
    town, city, street = two()
    submit(town, street)
    town.settle()
    city.do(cmd.NotAccept, "up", reason="重复")
    town.settle()
    before = street.cases["walk"].status, city.cases["up"].status
    for index in range(len(town.told)):
        town.replay(index)
    town.settle()
    assert before == (street.cases["walk"].status, city.cases["up"].status)
    assert not city.parked
    assert not street.parked


def test_a_middle_office_passes_it_further_up_and_every_answer_comes_all_the_way_down() -> None:
    town = Town()
    city = town.office("C")
    district = town.office("D", "C", capabilities=STREET_RIGHTS)
    street = town.office("S", "D", capabilities=STREET_RIGHTS)
    register(street, "walk", file=False)
    street.do(cmd.PassUpCase, "walk", as_case=CaseId("middle"))
    town.settle()
    district.do(cmd.PassUpCase, "middle", as_case=CaseId("top"))
    town.settle()
    origin = city.cases["top"].facts.origin  # type: ignore[union-attr]
    assert ("D", "S") == (origin.node, origin.registered_by)  # type: ignore[union-attr]
    city.do(cmd.File, "top")
    town.settle()
    number = city.cases["top"].facts.case_no  # type: ignore[union-attr]
    for office, name in ((district, "middle"), (street, "walk")):
        known = office.cases[name].passing
        assert known is not None
        assert (Outcome.FILED, number, "C") == (known.outcome, known.case_no, known.said_by)
    city.do(cmd.VoidCase, "top", reason="不属实")
    town.settle()
    assert {CaseStatus.VOIDED} == {
        city.cases["top"].status, district.cases["middle"].status, street.cases["walk"].status}
    town.check_at_rest()


def test_a_street_asks_back_through_a_middle_office() -> None:
    town = Town()
    city = town.office("C")
    district = town.office("D", "C")
    street = town.office("S", "D", capabilities=STREET_RIGHTS)
    register(street, "walk", file=False)
    street.do(cmd.PassUpCase, "walk", as_case=CaseId("middle"))
    town.settle()
    district.do(cmd.PassUpCase, "middle", as_case=CaseId("top"))
    district.do(cmd.RecallCase, "middle", text="本区自办")
    street.do(cmd.RecallCase, "walk", text="已处理")
    town.settle()
    assert [CaseStatus.NOT_ACCEPTED, CaseStatus.NOT_ACCEPTED, CaseStatus.REPORTED] == [
        city.cases["top"].status, district.cases["middle"].status, street.cases["walk"].status]
    town.check_at_rest()


def test_a_root_has_nobody_to_pass_a_report_up_to() -> None:
    town = Town()
    city = town.office("C")
    register(city, "walk", file=False)
    with pytest.raises(NoRoute, match="no office above"):
        city.do(cmd.PassUpCase, "walk", as_case=CaseId("up"))


def test_only_the_office_that_registered_it_submits_and_recalls() -> None:
    town, city, street = two()
    other = town.office("S2", "C")
    submit(town, street)
    (sent,) = town.lanes[STREET]
    assert other.id != street.id
    heard = city.take(Sent(word=sent.word, cause="stranger", overtake=False), node("S2"))
    assert heard is not None
    assert "word.not_yours" == heard.code
    town.settle()
    word = w.Report(case_id=CaseId("up"), assignment_id="up",  # type: ignore[arg-type]
                    generation=1, act=w.RecalledReport(), text="不是我的")
    heard = city.take(Sent(word=word, cause="stranger-2", overtake=False), node("S2"))
    assert heard is not None
    assert "word.not_yours" == heard.code
    assert CaseStatus.REPORTED is city.cases["up"].status


def test_an_office_that_registers_nothing_lets_the_word_wait() -> None:
    town, city, street = two()
    city.capabilities = frozenset({Capability.FILE})
    submit(town, street)
    town.settle()
    assert [passing.NO_INTAKE] == [code for _, code in city.parked]


def test_what_takes_a_closed_case_up_again_speaks_to_nobody_below() -> None:
    town, city, street = two()
    submit(town, street)
    town.settle()
    city.do(cmd.File, "up")
    city.do(cmd.ForceClose, "up", text="会议决定")
    town.settle()
    with pytest.raises(WrongStatus) as refusal:
        street.do(cmd.AskReopen, "walk", text="又坏了")
    assert "intake.closed_above" == refusal.value.code
    city.do(cmd.AskReopen, "up", text="又坏了")
    city.do(cmd.DecideReopen, "up", granted=True, new_case_id="anew")
    assert not town.busy()
    again: Case = city.cases["anew"]
    assert again.facts is not None
    assert again.facts.origin is not None
