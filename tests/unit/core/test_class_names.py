"""Classes are found by name, code and initials in pinyin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core.class_names import find, initials
from node.core.codes import ClassKey
from node.core.standards import ClassEntry

STANDARD = "GB/T 47678.5-2026"


def entry(code: str, name: str) -> ClassEntry:
    return ClassEntry(key=ClassKey(standard_ref=STANDARD, kind="component", code=code), name=name)


LISTED = [entry("01001", "供水井盖"), entry("01004", "雨水箅子"), entry("01005", "电力井盖"),
          entry("01037", "路灯"), entry("06010", "暴露垃圾"), entry("06013", "道路破损"),
          entry("05001", "井")]


def names(text: str, limit: int = 10) -> list[str]:
    return [one.name for one in find(LISTED, text, limit)]


@pytest.mark.parametrize(("name", "letters"), [
    ("供水井盖", "gsjg"), ("暴露垃圾", "bllj"), ("阿", "a"), ("座", "z"), ("（道路）破损", "dlps"),
    ("LED路灯3号", "led" "ld3h"), ("", ""),
])
def test_a_sign_has_the_letter_under_which_the_first_level_lists_it(
    name: str, letters: str
) -> None:
    assert initials(name) == letters


def test_a_sign_of_the_second_level_stands_for_any_letter() -> None:
    assert initials("雨水箅子") == "ys?z"
    assert names("ysbz") == names("ysgz") == ["雨水箅子"]


def test_the_whole_name_stands_first_then_how_it_begins_then_what_is_inside() -> None:
    assert names("井") == ["井", "供水井盖", "电力井盖"]
    assert names("01001") == ["供水井盖"]
    assert names("010")[0] == "路灯", "of equal ones the shorter name"
    assert names("jg") == ["供水井盖", "电力井盖"]
    assert names("DLPS") == ["道路破损"]
    assert names("井", limit=2) == ["井", "供水井盖"]


def test_nothing_is_found_by_nothing_or_by_what_is_nowhere() -> None:
    assert names("") == names("  ") == names("xyz") == names("树") == []


@given(st.text(max_size=30))
def test_any_text_has_initials_no_longer_than_itself(text: str) -> None:
    found = initials(text)
    assert len(found) <= max(len(text.lower()), len(text) * 3)
    assert all(one == "?" or one.isalnum() for one in found)
