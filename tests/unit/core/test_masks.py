"""What a mask shows of a name and a phone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.core.masks import HIDDEN, masked_name, masked_numbers, masked_phone


@pytest.mark.parametrize(("name", "phone", "masks"), [
    ("王小明", "13812345678", ("王**", "138****5678")),
    ("王五", "+86 138-1234-5678", ("王*", "861******5678")),
    ("欧阳 女士", "0714-6251234", ("欧**", "071****1234")),
    ("李", "12319", ("李", "***19")),
    ("张三", "6250000", ("张*", "*****00")),
    ("张三", "123", ("张*", "***")),
    ("", "", ("", "")),
])
def test_a_mask_leaves_what_tells_two_callers_apart(
    name: str, phone: str, masks: tuple[str, str]
) -> None:
    assert (masked_name(name), masked_phone(phone)) == masks


@given(st.text(max_size=20), st.text(alphabet="0123456789+- ", max_size=24))
def test_a_mask_never_shows_the_whole(name: str, phone: str) -> None:
    assert len(masked_name(name).rstrip(HIDDEN)) <= 1
    digits = sum(char.isdigit() for char in phone)
    shown = sum(char.isdigit() for char in masked_phone(phone))
    assert shown <= max(0, digits - 1)
    assert shown <= 7


def test_long_numbers_in_a_text_are_masked_and_short_ones_are_not() -> None:
    assert masked_numbers("联系 13800001234，门牌12号") == "联系 138****1234，门牌12号"
    assert masked_numbers("电话 0714-6251234 转 12") == "电话 071****1234 转 12"
    assert masked_numbers("2026-11-26 09:00:00 报") == "2026-11-26 09:00:00 报"
    assert masked_numbers("身份证 420203199001011234") == "身份证 420***********1234"
