"""What is odd about a report: marked at once, never refused; doubts are settled by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node.core import commands as cmd
from node.core import events as ev
from node.core.case import CaseStatus
from node.core.errors import Invalid, Refused, WrongStatus
from node.core.facts import Photo, PhotoRole, Place, RequestId, RequestKind
from node.core.flags import Flag, FlagKind
from node.core.reasons import Reason, Reasons
from node.core.sources import Sources
from node.core.spot import Spot, Taken
from node.service.approvals import read_approvals
from tests.intake_data import CONDITIONS, PATROL, SOURCES, catalog, photo
from tests.town import CATEGORY, PLACE, T0, Office, Town, limits, node

ROOT = Path(__file__).parents[3]
POINT = replace(PLACE, lon=115.04, lat=30.2)
BEATEN = Sources(version="test", rows={**SOURCES.rows, "collector": replace(
    PATROL, collector="collector", beat="beat",
    handled=(PhotoRole.BEFORE, PhotoRole.AFTER))})
MINE = (("collector", "C-17"), ("beat", "B-3"))
NEAR, FAR = photo(PhotoRole.NEAR), photo(PhotoRole.FAR)


def _city(**fields: Any) -> Office:
    town = Town()
    city = town.office("C", **{"sources": BEATEN, **fields})
    town.office("D", "C")
    return city


def _open(city: Office, case_id: str = "case", **fields: Any) -> tuple[Flag, ...]:
    given = {"category": CATEGORY, "place": POINT, "source": "collector",
             "source_details": MINE, "photos": (NEAR, FAR), **fields}
    return city.do(cmd.OpenCase, case_id, case_no=case_id, text="井盖缺失", **given).flags


def _kinds(flags: tuple[Flag, ...]) -> set[FlagKind]:
    return {one.kind for one in flags}


def _code(act: Any) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def test_a_report_outside_the_coverage_is_marked_and_filed_for_a_stated_reason_alone() -> None:
    city = _city()
    assert {FlagKind.OUTSIDE_COVERAGE} == _kinds(_open(city, spot=Spot(covered=False)))
    assert "intake.outside" == _code(lambda: city.do(cmd.File))
    assert "intake.outside" == _code(lambda: city.do(cmd.File, outside_reason="  "))
    filed = city.do(cmd.File, outside_reason="城乡结合部，市民集中反映")
    assert CaseStatus.PENDING_DISPATCH is filed.status
    (noted,) = [one for one in city.journal["case"] if isinstance(one, ev.CaseFiled)]
    assert "城乡结合部，市民集中反映" == noted.outside_reason
    assert () == _open(city, "inside", spot=Spot(covered=True))
    assert () == _open(city, "unknown", spot=Spot(covered=None))
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File, "inside").status


XISAI = ("420203001", "澄月街道")


@pytest.mark.parametrize(("area", "spot", "marked"), [
    ("420202", Spot(grid="42020300100211", area=XISAI, divisions=(("420203", ""),)), True),
    ("420203", Spot(grid="42020300100211", area=XISAI), False),
    ("420200", Spot(grid="42020300100211", area=XISAI), False),
    ("420203001002", Spot(grid="42020300100211", area=XISAI), False),
    ("420203002", Spot(grid="42020300100211", area=XISAI, divisions=(("420203", ""),)), True),
    ("420202", Spot(grid="42020300100211", area=XISAI,
                    divisions=(("420203", ""), ("420202", ""))), False),
    ("420202", Spot(), False),
])
def test_a_division_that_its_own_point_contradicts_is_marked_unless_a_border_is_near(
    area: str, spot: Spot, marked: bool
) -> None:
    flags = _open(_city(), place=replace(POINT, area=area), spot=spot)
    assert marked == (FlagKind.AREA_CONTRADICTED in _kinds(flags))


def test_a_report_with_a_contradicted_division_is_filed_for_a_stated_reason_alone() -> None:
    city = _city()
    spot = Spot(grid="42020300100211", area=XISAI)
    (flag,) = _open(city, place=replace(POINT, area="420202"), spot=spot)
    assert ("420202", "420203001 澄月街道") == (flag.value("given"), flag.value("division"))
    assert "intake.area" == _code(lambda: city.do(cmd.File))
    filed = city.do(cmd.File, outside_reason="网格边界待调整")
    assert CaseStatus.PENDING_DISPATCH is filed.status


def test_a_patrol_report_outside_the_own_beat_is_marked_never_refused() -> None:
    city = _city()
    (flag,) = _open(city, spot=Spot(beats=("B-4",)))
    assert (FlagKind.OUTSIDE_BEAT, "C-17", "B-3", "B-4") == (
        flag.kind, flag.collector, flag.value("beat"), flag.value("here"))
    assert {FlagKind.OUTSIDE_BEAT} == _kinds(_open(city, "nowhere", spot=Spot(beats=())))
    assert () == _open(city, "own", spot=Spot(beats=("B-3", "B-4")))
    assert () == _open(city, "undrawn", spot=Spot(beats=None))
    assert CaseStatus.PENDING_DISPATCH is city.do(cmd.File).status


def test_a_patrol_report_without_a_beat_carries_the_one_of_its_point() -> None:
    city = _city()
    assert () == _open(city, source_details=MINE[:1], spot=Spot(beats=("B-9",)))
    facts = city.cases["case"].facts
    assert facts is not None
    assert (("collector", "C-17"), ("beat", "B-9")) == facts.source_details


def test_an_unknown_class_standard_or_division_is_said_at_registration_with_what_is_near() -> None:
    city = _city(catalog=catalog(*CONDITIONS))
    wrong = replace(CATEGORY, code="01002", name="供水井盖")
    (unlisted,) = _open(city, category=wrong)
    assert FlagKind.CLASS_UNLISTED is unlisted.kind
    assert "01001 供水井盖异常" == unlisted.value("near")
    (unknown,) = _open(city, "two", category=replace(CATEGORY, standard_ref="GB/T 47678.5-2016"))
    assert (FlagKind.STANDARD_UNKNOWN, CATEGORY.standard_ref) == (
        unknown.kind, unknown.value("near"))
    (division,) = _open(city, "three", spot=Spot(
        area_known=False, area_near=(("420203", "西塞山区"),)))
    assert (FlagKind.DIVISION_UNKNOWN, "420203 西塞山区") == (
        division.kind, division.value("near"))
    assert () == _open(city, "four", spot=Spot(area_known=True))


def test_a_point_near_a_border_names_both_divisions() -> None:
    (flag,) = _open(_city(), spot=Spot(divisions=(("420203", "西塞山区"), ("420202", "黄石港区"))))
    assert (FlagKind.BOUNDARY, "420203,420202") == (flag.kind, flag.value("codes"))


@pytest.mark.parametrize(("hours", "doubted"), [(-25, True), (-23, False), (0, False), (1, True)])
def test_a_picture_of_another_time_is_doubted(hours: int, *, doubted: bool) -> None:
    city = _city()
    flags = _open(city, reported_at=T0, taken=(
        Taken(digest=NEAR.digest, at=T0 + timedelta(hours=hours)),))
    assert doubted is bool(flags)
    assert (("case", "doubt", flags[0].ref) in city.work) if flags else not city.work


@pytest.mark.parametrize(("metres", "doubted"), [(190, False), (230, True)])
def test_a_picture_of_another_place_is_doubted(metres: int, *, doubted: bool) -> None:
    taken = Taken(digest=FAR.digest, lon=115.04, lat=30.2 + metres / 111_195)
    assert ({FlagKind.PHOTO_PLACE} if doubted else set()) == _kinds(_open(_city(), taken=(taken,)))
    nowhere = Place(area=PLACE.area, address=PLACE.address)
    assert () == _open(_city(), place=nowhere, taken=(taken,)), "a report without a point"


def test_a_picture_of_another_case_is_doubted_and_a_confirmed_one_is_the_collector_s() -> None:
    city = _city()
    city.pictured = {NEAR.digest: ("elsewhere", "C202611200099")}
    (flag,) = _open(city)
    assert (FlagKind.PHOTO_REPEATED, "C-17", "C202611200099") == (
        flag.kind, flag.collector, flag.value("other"))
    with pytest.raises(Invalid):
        city.do(cmd.SettleDoubt, ref=flag.ref, confirmed=True, text=" ")
    with pytest.raises(WrongStatus):
        city.do(cmd.SettleDoubt, ref="photo_time/nothing", confirmed=True, text="核对")
    after = city.do(cmd.SettleDoubt, ref=flag.ref, confirmed=True, text="与前案同一张")
    assert [(True, "somebody")] == [(one.confirmed, one.decider) for one in after.flags]
    assert not city.work
    settled = city.journal["case"][-1]
    assert isinstance(settled, ev.DoubtSettled)
    assert ("C-17", True) == (settled.collector, settled.confirmed)
    with pytest.raises(WrongStatus):
        city.do(cmd.SettleDoubt, ref=flag.ref, confirmed=False, text="再看")


def test_pictures_of_a_later_look_are_doubted_once_and_a_copy_for_the_public_is_none() -> None:
    city = _city()
    copied = Photo(digest="c" * 64, size=7, media_type="image/jpeg", role=PhotoRole.REFERENCE)
    shown = replace(copied, digest="d" * 64, role=PhotoRole.PUBLIC)
    city.pictured = {one.digest: ("elsewhere", "99") for one in (copied, shown)}
    _open(city, source="hotline", source_details=(), photos=())
    for _ in range(2):
        city.do(cmd.StartVerify, collector="C-18")
        city.do(cmd.RecordVerify, found=True, photos=(copied, shown))
    (flag,) = city.cases["case"].flags
    assert (FlagKind.PHOTO_REPEATED, "C-18") == (flag.kind, flag.collector)


def test_what_a_collector_puts_right_is_proven_and_is_the_work_of_the_collector_s_hands() -> None:
    city = _city()
    _open(city)
    assert "intake.photo_missing" == _code(lambda: city.do(cmd.SelfHandle, result="已扶正"))
    proof = (replace(NEAR, digest="e" * 64, role=PhotoRole.BEFORE),
             replace(NEAR, digest="f" * 64, role=PhotoRole.AFTER))
    handled = city.do(cmd.SelfHandle, result="已扶正", photos=proof, actor="operator")
    assert ("C-17",) == handled.handlers
    _open(city, "call", source="hotline", source_details=(), photos=())
    assert ("operator",) == city.do(
        cmd.SelfHandle, "call", result="已扶正", actor="operator").handlers


def test_a_reason_is_one_of_its_list_and_other_takes_words() -> None:
    listed = Reasons(rows=(
        Reason(verb="not_accept", code="duplicate", zh="重复", en="duplicate"),
        Reason(verb="not_accept", code="other", zh="其他", en="other", needs_text=True),
    ))
    city = _city(sources=replace(BEATEN, reasons=listed))
    _open(city)
    with pytest.raises(Invalid) as unknown:
        city.do(cmd.NotAccept, reason="看错", reason_code="mood")
    assert ("reason.unknown", "duplicate 重复、other 其他") == (
        unknown.value.code, unknown.value.detail["known_zh"])
    with pytest.raises(Invalid) as silent:
        listed.check("not_accept", "other", " ")
    assert "reason.text" == silent.value.code
    listed.check("decline", "anything", "")
    assert CaseStatus.NOT_ACCEPTED is city.do(
        cmd.NotAccept, reason="同一问题", reason_code="duplicate").status


def test_reasons_of_requests_are_held_to_the_list_of_their_kind() -> None:
    shipped = read_approvals(ROOT / "node" / "approvals" / "standard.toml")
    town = Town(ladders=shipped)
    city, district = town.office("C"), town.office("D", "C")
    _open(city)
    city.do(cmd.File)
    city.do(cmd.Dispatch, to=node("D"), limits=limits())
    town.settle()

    def ask(code: str) -> Any:
        return district.do(
            cmd.AskRequest, request_id=RequestId("r"), kind=RequestKind.RETURN,
            reason_code=code, text="不在辖区")

    assert "reason.unknown" == _code(lambda: ask("weather"))
    assert "reason.unknown" == _code(lambda: district.do(
        cmd.RaiseDispute, dispute_id=RequestId("d"), reason_code="mood", text="不归我管"))
    assert ask("not_ours").duty is not None
