"""Class codes, identities and crosswalk: three generations that must never be mixed up."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

import node
from node.core.codes import (
    CJ_2007,
    GB_2013,
    GB_2026,
    LAYOUTS,
    ClassKey,
    Layout,
    check_class,
    is_fault_of,
    is_in_local_range,
    joined_class,
    matter_code,
    next_local,
    padded_class,
    padded_major,
    read_component,
    read_matter,
    read_monitored,
)
from node.core.crosswalk import (
    AIMED,
    Crossing,
    Crosswalk,
    Verdict,
    check_crossing,
    disagrees,
    propose,
    propose_by_name,
)
from node.core.errors import Invalid

NEW, OLD, OLDEST = LAYOUTS[GB_2026], LAYOUTS[GB_2013], LAYOUTS[CJ_2007]
ODD = Layout(standard_ref="local 6+2+3+5", minor=3, sequence=5)
SHIPPED = Path(node.__file__).parent / "standards"


def rows_of(name: str) -> list[Mapping[str, str]]:
    with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(standard: str, kind: str, code: str) -> ClassKey:
    return ClassKey(standard_ref=standard, kind=kind, code=code)


def test_the_same_digits_are_cut_only_as_their_standard_says() -> None:
    text = "3205080101000001"

    plain, odd = read_component(OLD, text), read_component(ODD, text)

    assert (plain.region, plain.code, plain.sequence) == ("320508", "0101", "000001")
    assert (odd.region, odd.code, odd.sequence) == ("320508", "01010", "00001")
    assert str(plain) == str(odd) == text
    assert plain.class_key != odd.class_key


@pytest.mark.parametrize(("layout", "text"), [
    (NEW, "3205080101000001"), (OLD, "32050801001000001"), (OLD, "320508010100000"),
    (OLD, "3205080101000000"), (OLD, "3205080001000001"), (OLD, "32050801０1000001"),
    (NEW, "42020301000000001"),
])
def test_an_identity_that_does_not_fit_is_not_tried_otherwise(layout: Layout, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_component(layout, text)
    assert refused.value.code in {"codes.identity", "codes.class"}


def test_identities_have_17_and_16_digits_and_matter_codes_11_and_10() -> None:
    assert str(read_component(NEW, "42020301001000017")) == "42020301001000017"
    assert [(one.instance_digits, one.matter_digits) for one in (NEW, OLD, OLDEST)] == [
        (17, 11), (16, 10), (16, 10)]
    matter = read_matter(NEW, "42020306010")
    assert (matter.region, matter.code, matter.class_key.kind) == ("420203", "06010", "matter")
    assert str(matter_code(OLD, region="420203", code="0405")) == "4202030405"
    assert read_monitored(NEW, "420203010203000001") == ("420203", "01", "02", "03", "000001")
    with pytest.raises(Invalid, match="no codes of monitored"):
        read_monitored(OLD, "420203010203000001")


def test_zeros_that_a_spreadsheet_lost_come_back_by_the_width_of_the_standard() -> None:
    assert [padded_class(OLD, code) for code in ("101", "0101", "1205")] == ["0101", "0101", "1205"]
    assert padded_class(NEW, "1001") == "01001"
    assert (joined_class(OLD, "1", "1"), joined_class(NEW, "1", "1")) == ("0101", "01001")
    assert padded_major(NEW, "6") == "06"
    for layout, code in [(OLD, "01001"), (NEW, "a1"), (OLD, "0100"), (OLD, "0001"), (OLD, "")]:
        with pytest.raises(Invalid):
            padded_class(layout, code)
    with pytest.raises(Invalid, match="digits for major"):
        joined_class(OLD, "1", "001")


def test_local_codes_come_from_the_top_and_never_touch_national_ones() -> None:
    national = {row["code"] for row in rows_of("gbt47678_5_2026.csv")
                if row["kind"] == "matter" and len(row["code"]) == 5}

    assert next_local(NEW, "10", national=national, taken=()) == "10999"
    assert next_local(NEW, "10", national=national, taken={"10999", "10998"}) == "10997"
    full = {f"10{n:03}" for n in range(80, 1000)}
    with pytest.raises(Invalid) as refused:
        next_local(NEW, "10", national=national, taken=full)
    assert refused.value.code == "codes.no_room"
    assert is_in_local_range(NEW, "10080")
    assert not is_in_local_range(NEW, "10079")


def test_where_the_standard_names_no_border_a_local_code_stays_above_the_national_ones() -> None:
    taken = {f"01{n}" for n in range(81, 100)}

    assert next_local(OLD, "1", national={"0160", "0279"}, taken=taken) == "0180"
    with pytest.raises(Invalid):
        next_local(OLD, "1", national={"0180"}, taken=taken)
    assert not is_in_local_range(OLD, "0199")


def test_the_rule_from_2013_to_2026_proposes_and_no_more() -> None:
    cases = {
        ("component", "0101"): "01001", ("component", "0219"): "02019",
        ("matter", "0128"): "06028", ("matter", "0307"): "08007", ("matter", "0405"): "09005",
        ("matter", "0501"): None, ("matter", "0602"): None,
    }

    for (kind, code), expected in cases.items():
        found = propose(key(GB_2013, kind, code))
        assert (found.code if found else None) == expected, (kind, code)
    assert propose(key(CJ_2007, "matter", "0405")) is None
    assert propose(key(GB_2013, "component", "0504"), existing={}) is None


def test_names_are_all_there_is_from_the_oldest_generation() -> None:
    targets = {key(GB_2013, "matter", "0405"): "店外经营", key(GB_2013, "matter", "0504"):
               "热力管道破裂", key(GB_2013, "component", "0405"): "热力管道破裂"}

    assert propose_by_name("热力管道破裂", "matter", targets) == (key(GB_2013, "matter", "0504"),)


def test_0405_means_two_things_in_two_generations() -> None:
    [shop] = [row for row in rows_of("gbt30428_2_2013.csv")
              if (row["kind"], row["code"]) == ("matter", "0405")]
    majors = {(row["kind"], row["code"]): row["name"] for row in rows_of("cjt214_2007.csv")}

    assert shop["name"] == "店外经营"
    assert "突发事件" in majors["matter", "04"]
    assert key(GB_2013, "matter", "0405") != key(CJ_2007, "matter", "0405")


def test_the_shipped_list_of_2026_has_153_components_and_250_matters_and_its_gaps() -> None:
    rows = [row for row in rows_of("gbt47678_5_2026.csv") if len(row["code"]) == 5]
    triples = {(row["kind"], row["code"]) for row in rows}

    assert Counter(row["kind"] for row in rows) == {"component": 153, "matter": 250}
    assert len(triples) == 403
    for kind, gaps in {"component": "01016 05001 05004 05005 05006 05007 05008",
                       "matter": "06031 07005 09007"}.items():
        assert not triples & {(kind, gap) for gap in gaps.split()}
    majors = Counter((row["kind"], row["code"][:2]) for row in rows)
    assert [majors["component", f"{n:02}"] for n in range(1, 6)] == [76, 44, 16, 14, 3]
    assert [majors["matter", f"{n:02}"] for n in range(6, 11)] == [51, 7, 16, 21, 2]
    for row in rows:
        check_class(NEW, row["code"])
        assert not is_in_local_range(NEW, row["code"])
    components = {row["code"] for row in rows if row["kind"] == "component"}
    assert components == {row["code"] for row in rows
                          if row["kind"] == "matter" and row["code"][:2] <= "05"}


def test_the_shipped_list_of_2013_is_national_and_the_crosswalk_covers_it() -> None:
    old = {key(GB_2013, row["kind"], row["code"]) for row in rows_of("gbt30428_2_2013.csv")
           if len(row["code"]) == 4}
    new = {key(GB_2026, row["kind"], row["code"]) for row in rows_of("gbt47678_5_2026.csv")}
    rows = [crossing(row) for row in rows_of("crosswalk_2013_2026.csv")]

    assert len(old) == 132
    assert {row.old for row in rows} == old
    for row in rows:
        check_crossing(row)
        assert disagrees(row) is None
        assert row.new is None or row.new in new
    assert Counter(row.verdict for row in rows) == {
        Verdict.SAME: 97, Verdict.RENAMED: 16, Verdict.MOVED: 6, Verdict.DROPPED: 10,
        Verdict.REVIEW: 3}


def crossing(row: Mapping[str, str]) -> Crossing:
    new = key(row["new_standard"], row["new_kind"], row["new_code"]) if row["new_code"] else None
    return Crossing(old=key(row["old_standard"], row["old_kind"], row["old_code"]), new=new,
                    verdict=Verdict(row["verdict"]))


def test_the_newest_decision_about_a_class_holds_as_a_whole() -> None:
    a, b = key(GB_2013, "matter", "0180"), key(GB_2013, "matter", "0128")
    x, y = key(GB_2026, "matter", "10002"), key(GB_2026, "matter", "06028")
    walk = Crosswalk([
        Crossing(old=a, new=x, verdict=Verdict.MOVED),
        Crossing(old=a, new=y, verdict=Verdict.MOVED),
        Crossing(old=b, new=y, verdict=Verdict.REVIEW),
        Crossing(old=b, new=x, verdict=Verdict.MOVED, version=2),
    ])

    assert walk.counted_as(a) == (x, y)
    assert [row.verdict for row in walk.of(b)] == [Verdict.MOVED]
    assert {row.old for row in walk.into(x)} == {a, b}
    assert walk.counted_as(x) == (x,)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_and_its_target_agree(verdict: Verdict) -> None:
    old, new = key(GB_2013, "matter", "0501"), key(GB_2026, "matter", "10999")

    aimed = Crossing(old=old, new=new, verdict=verdict)
    aimless = Crossing(old=old, new=None, verdict=verdict)

    for row, sound in ((aimed, verdict in AIMED or verdict is Verdict.REVIEW),
                       (aimless, verdict not in AIMED)):
        if sound:
            check_crossing(row)
        else:
            with pytest.raises(Invalid):
                check_crossing(row)


def test_a_row_that_says_same_against_the_rule_is_pointed_out() -> None:
    row = Crossing(old=key(GB_2013, "matter", "0405"), new=key(GB_2026, "matter", "09006"),
                   verdict=Verdict.SAME)

    assert disagrees(row) == key(GB_2026, "matter", "09005")


def test_a_component_of_2026_has_its_fault_under_the_same_digits_and_older_ones_have_none() -> None:
    def named(file: str, kind: str) -> dict[str, str]:
        return {row["code"]: row["name"] for row in rows_of(file)
                if row["kind"] == kind and len(row["code"]) > NEW.major}

    components, matters = (named("gbt47678_5_2026.csv", kind) for kind in ("component", "matter"))
    lacking = [code for code, name in components.items()
               if not is_fault_of(name, matters.get(code, ""))]
    assert [] == lacking
    components, matters = (named("gbt30428_2_2013.csv", kind) for kind in ("component", "matter"))
    assert [] == [code for code, name in components.items()
                  if is_fault_of(name, matters.get(code, ""))]
    assert not is_fault_of("", "供水井盖异常")
