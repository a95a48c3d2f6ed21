"""Languages, single mistakes and what a problem never shows."""

from __future__ import annotations

import pytest

from node.edge.http.problems import fault_of, language


@pytest.mark.parametrize(("header", "expected"), [
    ("", "zh-CN"),
    ("en", "en"),
    ("en-GB,zh;q=0.5", "en"),
    ("zh-TW, en;q=0.9", "zh-CN"),
    ("fr, en;q=0.2", "en"),
    ("fr", "zh-CN"),
    ("en;q=broken", "zh-CN"),
    ("en;q=0", "zh-CN"),
    ("*", "zh-CN"),
])
def test_the_preferred_language_is_taken_and_chinese_is_the_default(
    header: str, expected: str
) -> None:
    assert expected == language(header)


def test_a_mistake_in_the_body_is_a_json_pointer_without_the_input() -> None:
    fault = fault_of({"loc": ("body", "place", "area"), "type": "missing", "msg": "Field required",
                      "input": "secret"})

    assert fault.pointer == "/place/area"
    assert "secret" not in fault.model_dump_json()


def test_a_mistake_elsewhere_names_where_it_lies() -> None:
    assert fault_of({"loc": ("query", "limit"), "type": "t", "msg": "m"}).pointer == "query/limit"
